"""Explanations over HTTP: off unless allowed, bounded, and without a text of any row."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="serving needs the extra serve")
from fastapi.testclient import TestClient

from rankfirst.server.app import create
from rankfirst.server.schema import MOST_EXPLAINED, MOST_EXPLAINED_CHARS
from tests.server.test_reload import OLD, deliver, held


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with TestClient(create(held(deliver(tmp_path / "run", OLD)), explain=True)) as client:
        yield client


def ask(client: TestClient, texts: list[str], **more: Any) -> Any:
    return client.post("/v1/classify", json={"texts": texts, "explain": True, **more})


def test_the_word_that_decides_is_told(client: TestClient) -> None:
    answers = ask(client, ["my card", "卡 refund"]).json()["answers"]
    assert [answer["labels"] for answer in answers] == [["card"], ["refund"]]
    words = [answer["explanation"]["because"][0]["words"][0] for answer in answers]
    assert [word["text"] for word in words] == ["card", "refund"] and all(word["effect"] > 0.5 for word in words)
    assert all(answer["explanation"]["margin"]["abstained"] is False for answer in answers)


def test_without_the_field_answers_are_as_before(client: TestClient) -> None:
    plain = client.post("/v1/classify", json={"texts": ["my card"]}).json()["answers"][0]
    told = ask(client, ["my card"]).json()["answers"][0]
    assert "explanation" not in plain and {name: told[name] for name in plain} == plain


@pytest.mark.parametrize("texts", [["a"] * (MOST_EXPLAINED + 1), ["a" * (MOST_EXPLAINED_CHARS + 1)]])
def test_a_request_that_costs_too_much_is_422(client: TestClient, texts: list[str]) -> None:
    found = ask(client, texts)
    assert found.status_code == 422 and "a" * 20 not in found.text
    assert client.post("/v1/classify", json={"texts": texts}).status_code == 200


def test_it_is_off_unless_the_server_allows_it(tmp_path: Path) -> None:
    with TestClient(create(held(deliver(tmp_path / "run", OLD)))) as client:
        found = ask(client, ["my card"])
    assert found.status_code == 403 and "--explain" in found.text
