"""Bodies that would take long to parse are refused before they are parsed, and no request that is allowed is."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("fastapi", reason="serving needs the extra serve (pip install -e '.[dev]')")
pytest.importorskip("prometheus_client", reason="serving needs the extra serve (pip install -e '.[dev]')")
from starlette.testclient import TestClient

from rankfirst.server import limits
from rankfirst.server.app import create
from rankfirst.server.limits import plausible
from rankfirst.server.reload import Holder
from rankfirst.server.schema import MOST_CHARS, MOST_TEXTS
from tests.server.test_server import Model

MARKS = st.text(alphabet='"\\,[]{}: \n\tab字', max_size=40)


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(st.one_of(MARKS, st.text(max_size=20)), min_size=1, max_size=MOST_TEXTS),
       escaped=st.booleans(), indent=st.sampled_from([None, 1]))  # fmt: skip
def test_every_request_that_is_allowed_is_plausible(texts: list[str], escaped: bool, indent: int | None) -> None:
    asked = {"texts": texts, "top_k": 1000, "abstain": True}
    assert plausible(json.dumps(asked, ensure_ascii=escaped, indent=indent).encode(errors="replace"))


@pytest.mark.parametrize("text", ['"' * MOST_CHARS, "\\" * MOST_CHARS, '\\"' * (MOST_CHARS // 2), "," * MOST_CHARS])
def test_the_most_texts_of_marks_alone_are_plausible(text: str) -> None:
    assert plausible(json.dumps({"texts": [text] * MOST_TEXTS, "top_k": 3, "abstain": False}).encode())


LARGE = {
    "keys": b'{"texts":["a"],' + b",".join(b'"k%d":1' % n for n in range(330_000)) + b"}",
    "keys that end in backslashes": b'{"texts":["a"],' + b",".join(b'"k%d\\\\":1' % n for n in range(250_000)) + b"}",
    "numbers": b'{"texts":[' + b"1," * 1_900_000 + b"1]}",
    "lists": b'{"texts":[' + b"[]," * 1_200_000 + b"[]]}",
    "objects": b'{"texts":[' + b"{}," * 1_200_000 + b"{}]}",
    "texts": b'{"texts":[' + b'"",' * 1_200_000 + b'""]}',
    "depth": b"[" * 3_900_000,
}


@pytest.fixture
def holder(tmp_path: Path) -> Holder:
    mark = tmp_path / "run" / "model" / "decision.json"
    mark.parent.mkdir(parents=True)
    mark.write_text("{}")
    return Holder(Model, mark)


def test_a_document_of_too_many_parts_is_refused_in_a_moment(holder: Holder) -> None:
    with TestClient(create(holder)) as client:
        for name, body in LARGE.items():
            began = time.process_time()
            told = client.post("/v1/classify", content=body)
            assert told.status_code == 422 and "256 texts" in told.json()["detail"][0]["msg"], name
            assert time.process_time() - began < 0.3, name  # parsed, keys take 1.6 s and lists 1.4 s
        assert client.post("/v1/classify", json={"texts": ["a"]}).status_code == 200


def test_bodies_beyond_what_the_server_holds_are_503(holder: Holder, monkeypatch: pytest.MonkeyPatch) -> None:
    with TestClient(create(holder)) as client:
        monkeypatch.setattr(limits, "MOST_HELD", 1000)
        told = client.post("/v1/classify", json={"texts": ["a" * 2000]})
        assert told.status_code == 503 and told.headers["retry-after"] == "1"
        for _ in range(3):  # what was refused or answered is held no longer
            assert client.post("/v1/classify", json={"texts": ["a" * 600]}).status_code == 200
