"""File names that are not UTF-8: rows in such files are read, and a name to write to is refused before anything is."""

import gzip
import os
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from rankfirst import data
from rankfirst.cli.main import app
from rankfirst.errors import OptionError
from rankfirst.model.batch_predict import check_out
from rankfirst.model.classifier import load
from rankfirst.run.folder import open_run
from rankfirst.run.journal import Journal
from tests.model import deliveries

BAD = os.fsdecode(b"caf\xe9-\xff")
ROWS = deliveries.KEPT / "single" / "rows.csv"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    try:
        Path(BAD).touch()
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    Path(BAD).unlink()
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [
        ("predict", "run", str(ROWS), "-o", f"{BAD}.csv"),
        ("predict", "run", str(ROWS), "-o", f"{BAD}.parquet"),
        ("assess", str(ROWS), "--no-encoder", "-o", BAD),
        ("assess", str(ROWS), "--no-encoder", "--fix", f"{BAD}.csv"),
        ("drift", "run", str(ROWS), "-o", BAD),
        ("label", "run", str(ROWS), "-o", f"{BAD}.csv"),
        ("proposal", "run", "-o", f"{BAD}.md"),
        ("fit", str(ROWS), "-o", BAD),
        ("fit", str(ROWS), "-o", f"{BAD}/run"),
        ("demo", "-o", BAD),
        ("predict", BAD, str(ROWS)),
    ],
)
def test_a_name_to_write_to_is_refused_before_anything_is_written(here: Path, words: tuple[str, ...]) -> None:
    deliveries.new(here)
    if words[1] == BAD:
        shutil.copytree("run", BAD)
    before = sorted(os.listdir())
    refused = CliRunner().invoke(app, list(words)).exception
    assert isinstance(refused, OptionError) and refused.code == "option.bad_name"
    assert "caf\\udce9-\\udcff" in refused.sentence("zh") and sorted(os.listdir()) == before


def test_so_it_is_from_python(here: Path) -> None:
    for call in (lambda: open_run(here / BAD).__enter__(), lambda: check_out(ROWS, here / f"{BAD}.csv", False),
                 lambda: load(here / BAD)):  # fmt: skip
        with pytest.raises(OptionError, match="UTF-8 name"):
            call()
    assert not os.listdir()


def test_rows_of_such_a_file_are_read(here: Path) -> None:
    shutil.copy(ROWS, f"{BAD}.csv")
    Path(f"{BAD}.csv.gz").write_bytes(gzip.compress(ROWS.read_bytes()))
    with pa.CompressedOutputStream("plain.csv.zst", "zstd") as file:
        file.write(ROWS.read_bytes())
    Path("plain.csv.zst").rename(f"{BAD}.csv.zst")
    expected = data.load_dataset(ROWS)
    table = {"text": list(expected.train.texts), "label": [expected.classes[row[0]] for row in expected.train.labels]}
    pq.write_table(pa.table(table), "plain.parquet")
    Path("plain.parquet").rename(f"{BAD}.parquet")
    for suffix in (".csv", ".csv.gz", ".csv.zst"):
        assert data.load_dataset(Path(f"{BAD}{suffix}")).fingerprint == expected.fingerprint
    assert data.load_dataset(Path(f"{BAD}.parquet")).classes == expected.classes
    deliveries.new(here)
    said = CliRunner().invoke(app, ["predict", "run", f"{BAD}.csv", "-o", "out.csv"])
    assert said.exit_code == 0 and Path("out.csv").is_file()


def test_the_journal_keeps_such_a_name(here: Path) -> None:
    with open_run(here / "run") as journal:
        journal.remember("run", "", lambda: {"command": f"rankfirst fit {BAD}.csv"})
    assert Journal(here / "run" / "journal.jsonl").events["run", ""] == {"command": f"rankfirst fit {BAD}.csv"}
