"""Runs in folders, from the report's synthetic journal, and the application over them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rankfirst import messages
from rankfirst.report import Event
from tests.report import journal_example as example
from tests.report.sentences import SENTENCES

HOSTILE = "</script><img src=x onerror=alert(1)><script>alert(1)</script>\" onload='x"
COMMAND = "rankfirst fit shop.csv -o RUN"
Told = list[tuple[str, str, dict[str, Any]]]


@pytest.fixture(autouse=True)
def stand_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    for code, told in SENTENCES.items():
        monkeypatch.setitem(messages._ALL, code, told)


def text(n: int, kind: str, key: str, payload: Any) -> str:
    """One line of a journal."""
    at = f"2026-11-24T05:{n:02}:00+00:00"
    return json.dumps({"n": n, "at": at, "seconds": 3.0 * n, "kind": kind, "key": key, "payload": payload}) + "\n"


def write(folder: Path, told: Told | None = None, torn: str = "") -> Path:
    """A run's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    given = enumerate(told if told is not None else example.told(), 1)
    journal = folder / "journal.jsonl"
    journal.write_text("".join(text(n, *event) for n, event in given) + torn, encoding="utf-8")
    return folder


def events(told: Told) -> list[Event]:
    """The same, read."""
    return [Event(*event, at="2026-11-24T05:00:00+00:00", line=n) for n, event in enumerate(told, 1)]


def unfinished(told: Told | None = None, upto: str = "verdict") -> Told:
    """A run up to its verdict, without it."""
    given = told or example.told()
    return given[: next(n for n, event in enumerate(given) if event[0] == upto)]


def changed(told: Told, kind: str, **more: Any) -> Told:
    """The same events with some fields of one kind replaced."""
    return [(k, key, {**payload, **more} if k == kind else payload) for k, key, payload in told]


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """A finished run, one that was cut off, a damaged one, and a folder that is none."""
    write(tmp_path / "shop" / "first")
    write(tmp_path / "shop" / "second", unfinished())
    write(tmp_path / "broken", [("run", "", {})])
    journal = tmp_path / "broken" / "journal.jsonl"
    journal.write_text("{\n" + journal.read_text(), encoding="utf-8")
    (tmp_path / "notes").mkdir()
    return tmp_path


@pytest.fixture
def client(runs: Path) -> Iterator[Any]:
    """The application behind its guard, as a browser on this machine meets it."""
    yield client_of(runs)


def acting(*roots: Path, load: Any = None, **options: Any) -> Any:
    """A client of a page that acts, with the session and the token of its forms; nobody works on its queue."""
    pytest.importorskip("python_multipart", reason="the page needs its extra (pip install -e '.[ui]')")
    from rankfirst.ui.acts.site import Acts

    client = client_of(*roots, acts=Acts(load or (lambda run: None)), **options)
    found = re.search(r'name="csrf" value="(\w+)"', client.get("/new").text)
    assert found is not None
    client.csrf = found[1]
    return client


def post(client: Any, address: str, files: Any = None, **fields: Any) -> Any:
    """Send a form of this session; redirects are not followed."""
    data = {"csrf": client.csrf} | fields
    return client.post(address, data=data, files=files, follow_redirects=False)


def client_of(*roots: Path, token: str | None = None, **options: Any) -> Any:
    pytest.importorskip("fastapi", reason="the page needs its extra (pip install -e '.[ui]')")
    testing = pytest.importorskip("starlette.testclient", reason="needs starlette's test client (pip install httpx)")
    from rankfirst.ui.access import Guard
    from rankfirst.ui.app import create

    return testing.TestClient(
        Guard(create(roots, **options), token, acts=options.get("acts") is not None),
        base_url="http://127.0.0.1:8770",
        raise_server_exceptions=False,
    )


def ids(client: Any) -> dict[str, str]:
    """name -> id"""
    return {run["name"]: run["id"] for run in client.get("/api/runs").json()["runs"]}
