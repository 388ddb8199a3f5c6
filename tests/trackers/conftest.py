"""A real run on tiny rows, told to a fake tracker while it happened."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from rankfirst import api
from tests import runs
from tests.trackers.fake import Fake, install


@dataclass
class Tracked:
    folder: Path
    rows: Path
    base: Path
    fake: Fake
    heard: list[tuple[str, str]]  # what `listen` was told


@pytest.fixture(scope="session")
def tracked(base: Path, rows: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tracked]:
    folder, fake, heard = tmp_path_factory.mktemp("tracked") / "run", Fake(), []
    with pytest.MonkeyPatch.context() as patch, runs.short_trainings():
        name = install(patch, fake)
        api.fit(rows, folder, base_model=str(base), always_lora=True, track=[name],
                listen=lambda kind, key, payload: heard.append((kind, key)))  # fmt: skip
    yield Tracked(folder, rows, base, fake, heard)


@pytest.fixture
def run(tracked: Tracked, tmp_path: Path) -> Path:
    """A copy of that run that no tracker knows yet."""
    folder = tmp_path / "a run"
    shutil.copytree(tracked.folder, folder, ignore=shutil.ignore_patterns("trackers", "work", ".lock"))
    return folder


def cut(folder: Path, out: Path, lines: int) -> Path:
    """A run as it stood after its first events."""
    out.mkdir()
    told = (folder / "journal.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (out / "journal.jsonl").write_text("".join(told[:lines]), encoding="utf-8")
    return out
