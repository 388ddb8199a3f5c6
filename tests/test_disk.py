"""A full disk and folders that may not be written to: one clear line, and the repeated command goes on."""

import builtins
import contextlib
import errno
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from safetensors import SafetensorError

from rankfirst.cli import main as cli
from rankfirst.run.journal import Journal
from tests import runs


class Disk:
    """Everything written below `folder` is counted; from the `room`-th write on there is no room left."""

    def __init__(self, folder: Path, room: float = float("inf")) -> None:
        self.folder, self.room, self.writes = str(folder), room, 0

    def take(self) -> None:
        self.writes += 1
        if self.writes > self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def holds(self, path: Any) -> bool:
        return isinstance(path, str | os.PathLike) and str(path).startswith(self.folder)


class Handle:
    """A file that asks the disk before it writes."""

    def __init__(self, file: Any, disk: Disk) -> None:
        self._file, self._disk = file, disk

    def write(self, what: Any) -> Any:
        self._disk.take()
        return self._file.write(what)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> "Handle":
        return self

    def __exit__(self, *raised: object) -> None:
        self._file.close()

    def __iter__(self) -> Any:
        return iter(self._file)


@contextlib.contextmanager
def on(disk: Disk) -> Iterator[None]:
    """Python's files and those of safetensors go through `disk`."""
    from safetensors import numpy as of_numpy
    from safetensors import torch as of_torch

    opened, serialized = io.open, of_torch.serialize_file

    def open_(path: Any, mode: str = "r", *more: Any, **named: Any) -> Any:
        file = opened(path, mode, *more, **named)
        return Handle(file, disk) if set(mode) & set("wax+") and disk.holds(path) else file

    def serialize(tensors: Any, path: Any, *more: Any, **named: Any) -> Any:
        if disk.holds(path):
            try:
                disk.take()
            except OSError as error:
                raise SafetensorError(f"I/O error: No space left on device (os error {error.errno})") from None
        return serialized(tensors, path, *more, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(io, "open", open_)
        patch.setattr(builtins, "open", open_)
        patch.setattr(of_torch, "serialize_file", serialize)
        patch.setattr(of_numpy, "serialize_file", serialize)
        yield


def run(*words: str) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["rankfirst", *words])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
    return int(stopped.value.code or 0)


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The one line on stderr."""
    capsys.readouterr()
    assert run(*words) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert len(said) == 1 and said[0].startswith("rankfirst: ") and "internal error in rankfirst" not in said[0], said
    return said[0]


def model_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted((folder / "model").rglob("*"))
        if path.is_file() and path.name not in ("check.json", "manifest.json")  # result.json tells seconds
    }


@pytest.fixture(scope="module", autouse=True)
def one_pace() -> Iterator[None]:
    """Which float type is the faster is measured, and a busy machine may find another one for the repeated run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rankfirst.engine.training.pace.LEAST_DTYPE_GAIN", float("inf"))
        yield


@pytest.fixture(scope="module")
def place(lora_run: Path) -> Path:
    """Rows, a base and a finished run on them."""
    return lora_run.parent


def fit(place: Path, out: Path) -> list[str]:
    return ["fit", str(place / "rows.csv"), "-o", str(out), "--base-model", str(place / "base"), "--always-lora",
            "--quiet"]  # fmt: skip


@pytest.fixture(scope="module")
def counted(place: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """An undisturbed fit, and how often it writes."""
    disk = Disk(tmp_path_factory.mktemp("counted") / "run")
    with on(disk):
        assert run(*fit(place, Path(disk.folder))) == 0
    assert disk.writes > 40
    return Path(disk.folder), disk.writes


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.0, 0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.97])
def test_a_disk_that_fills_up_under_fit(
    place: Path, counted: tuple[Path, int], share: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, (undisturbed, writes) = tmp_path / "run", counted
    with on(Disk(out, int(share * writes))):
        assert "no space left" in refused(capsys, *fit(place, out)).lower()
    assert run(*fit(place, out)) == 0
    assert model_of(out) == model_of(undisturbed)
    assert not [path for pattern in ("*.tmp", "*.part", ".*.part") for path in out.rglob(pattern)]


@pytest.mark.slow
@pytest.mark.parametrize("room", [0, 1, 2, 3])
def test_a_disk_that_fills_up_under_continue(
    place: Path, room: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = tmp_path / "more.csv"
    more.write_text("text,label\n" + "".join(f"please send {i} cash,send\n" for i in range(12)), encoding="utf-8")
    words = ["continue", str(place / "run"), str(more), "-o", str(tmp_path / "new"), "--quiet"]
    with on(Disk(tmp_path / "new", room)):
        assert "no space left" in refused(capsys, *words).lower()
    if room == 3:
        assert run(*words) == 0 and (tmp_path / "new" / "result.json").is_file()


@pytest.mark.parametrize("room", [0, 1, 3, 5])
def test_a_disk_that_fills_up_under_export(
    place: Path, room: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    shutil.copytree(place / "run", out)
    words = ["export", str(out), "--to", "merged"]
    with on(Disk(out, room)):
        assert "no space left" in refused(capsys, *words).lower()
    assert run("predict", str(out), str(place / "rows.csv"), "-o", str(tmp_path / "answers.csv")) == 0  # as before
    if room == 5:
        assert run(*words) == 0


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
@pytest.mark.parametrize("room", [0, 1, 20])
def test_a_disk_that_fills_up_under_predict(
    place: Path, suffix: str, room: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["predict", str(place / "run"), str(place / "rows.csv"), "-o", str(tmp_path / f"answers.{suffix}")]
    with on(Disk(tmp_path, room)):
        assert "no space left" in refused(capsys, *words).lower()
    assert not list(tmp_path.glob("answers*"))
    assert run(*words) == 0


def test_a_torn_line_of_the_journal_is_no_line(tmp_path: Path) -> None:
    """The disk takes half of a line and no more: what follows, in this process or another, begins a line of its own."""
    told = Journal(tmp_path / "journal.jsonl")
    told.remember("a", "", lambda: 1)
    with (tmp_path / "journal.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"n": 2, "kin')
    again = Journal(tmp_path / "journal.jsonl")
    again.remember("b", "", lambda: 2)
    assert set(Journal(tmp_path / "journal.jsonl").events) == {("a", ""), ("b", "")}


@pytest.fixture
def sealed(place: Path, tmp_path: Path) -> Iterator[Path]:
    """A finished run in a folder that nobody may write to; root may write everywhere but to a disk mounted so."""
    folder = tmp_path / "sealed"
    folder.mkdir()
    if os.geteuid() == 0:
        if shutil.which("mount") is None or subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(folder)]).returncode:
            pytest.skip("root may write everywhere, and no disk can be mounted here")
        try:
            shutil.copytree(place / "run", folder / "run")
            subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
            yield folder / "run"
        finally:
            subprocess.run(["umount", "-l", str(folder)], check=True)
        return
    shutil.copytree(place / "run", folder / "run")
    for path in [*(folder / "run").rglob("*"), folder / "run", folder]:
        path.chmod(0o500 if path.is_dir() else 0o400)
    yield folder / "run"
    for path in [folder, folder / "run", *(folder / "run").rglob("*")]:
        path.chmod(0o700 if path.is_dir() else 0o600)


def test_a_run_that_may_only_be_read(place: Path, sealed: Path, tmp_path: Path, capsys: Any) -> None:
    """What reads goes on; what writes there says in one line that it cannot."""
    rows, run_ = str(place / "rows.csv"), str(sealed)
    assert run("explain", run_) == 0 and run("gate", run_, "--min-macro-f1", "0") == 0
    assert run("predict", run_, rows, "-o", str(tmp_path / "answers.csv")) == 0
    assert run("proposal", run_, "-o", str(tmp_path / "plan.md")) == 0
    for words in (
        ["report", run_], ["export", run_, "--to", "merged"], fit(place, sealed), fit(place, sealed.parent / "new"),
        ["predict", run_, rows, "-o", str(sealed / "answers.csv")],
        ["continue", run_, rows, "-o", str(sealed.parent / "new")],
        ["assess", rows, "--no-encoder", "-o", str(sealed.parent / "assessment")],
    ):  # fmt: skip
        assert sealed.parent.name in refused(capsys, *words)


@pytest.mark.slow
def test_no_home_no_cache_and_nowhere_for_temporary_files(place: Path, tmp_path: Path) -> None:
    nowhere = {"HOME": "/proc/none", "HF_HOME": "/proc/none", "XDG_CACHE_HOME": "/proc/none", "TMPDIR": "/proc/none"}
    words = ["predict", str(place / "run"), str(place / "rows.csv"), "-o", str(tmp_path / "answers.csv")]
    done = subprocess.run([sys.executable, "-m", "rankfirst", *words], env=runs.environment() | nowhere, text=True,
                          capture_output=True, cwd=tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"answers.csv"}
