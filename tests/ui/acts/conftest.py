"""A folder with a run and a file of rows, and a page that acts over it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.ui.conftest import acting, write

ROWS = "text,label\n" + "".join(f"where is parcel {n},delivery\ni want money {n} back,refund\n" for n in range(20))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "rows.csv").write_text(ROWS, encoding="utf-8")
    write(tmp_path / "first")
    return tmp_path


@pytest.fixture
def page(place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The page; commands stay in its queue."""
    monkeypatch.setattr("rankfirst.ui.acts.jobs.Queue.wake", lambda queue: None)
    yield acting(place)
