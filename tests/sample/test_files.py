"""The sample on disk: readable tables, honest notes, whole files."""

import csv
import json
from pathlib import Path

import pytest

from rankfirst.messages import LANGS, Lang
from rankfirst.sample import ACTS, generate, write_sample
from rankfirst.sample.__main__ import main


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize("lang", LANGS)
def test_files_hold_the_generated_rows(tmp_path: Path, lang: Lang) -> None:
    files = write_sample(tmp_path, lang, rows=500, seed=2)
    written = [row for path in (files.train, files.val, files.test) for row in table(path)]
    assert list(written[0]) == ["text", "labels", "date"]
    expected = sorted((row.text, "|".join(row.labels), row.date) for row in generate(lang, 500, seed=2))
    assert sorted((row["text"], row["labels"], row["date"]) for row in written) == expected


def test_planted_json_refers_to_the_rows(tmp_path: Path) -> None:
    files = write_sample(tmp_path, "en", rows=500)
    planted = json.loads(files.planted.read_text(encoding="utf-8"))
    assert planted["synthetic"] is True
    truth = {
        row.text: set(row.planted) for row in generate("en", 500) if not {"duplicate", "conflict"} & {*row.planted}
    }
    for split in ("train", "val", "test"):
        rows = table(tmp_path / f"{split}.csv")
        assert planted[split]
        for at, troubles in planted[split].items():
            assert truth.get(rows[int(at)]["text"], set(troubles)) <= set(troubles)


def test_single_has_a_label_column(tmp_path: Path) -> None:
    files = write_sample(tmp_path, "zh", rows=400, multi=False)
    assert all("|" not in row["label"] for row in table(files.train))


def test_the_note_says_synthetic_in_both_languages(tmp_path: Path) -> None:
    write_sample(tmp_path, "en", rows=400)
    note = (tmp_path / "README.txt").read_text(encoding="utf-8")
    assert "SYNTHETIC DATA" in note and "合成数据" in note


def test_rewriting_replaces_files_and_leaves_no_temporary_ones(tmp_path: Path) -> None:
    first = write_sample(tmp_path / "deep" / "er", "en", rows=400).train.read_bytes()
    again = write_sample(tmp_path / "deep" / "er", "en", rows=400).train.read_bytes()
    assert first == again
    names = sorted(path.name for path in (tmp_path / "deep" / "er").iterdir())
    assert names == ["README.txt", "planted.json", "test.csv", "train.csv", "val.csv"]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = write_sample(tmp_path, "en", rows=400)
    before = files.train.read_bytes()

    def broken(*_: object) -> Path:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(OSError, match="disk full"):
        write_sample(tmp_path, "en", rows=400, seed=9)
    assert files.train.read_bytes() == before
    assert not list(tmp_path.glob(".*"))


def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), "--lang", "zh", "--rows", "400", "--single"]) == 0
    assert "synthetic" in capsys.readouterr().out
    assert (tmp_path / "train.csv").exists()
    act = ACTS[0]
    assert main([str(tmp_path / "act"), "--act", act.name]) == 0
    assert f"{act.rows} rows" in capsys.readouterr().out
    files = write_sample(tmp_path / "demo", "en", act.rows, mix=act.mix)
    assert (tmp_path / "act" / "train.csv").read_text("utf-8") == files.train.read_text("utf-8")
    with pytest.raises(SystemExit) as refused:
        main([str(tmp_path), "--rows", "5"])
    assert refused.value.code == 2


def test_the_note_of_a_mix_lists_what_is_planted_there_and_nothing_else(tmp_path: Path) -> None:
    several, one = ACTS
    for act in (several, one):
        multi = act.mix.several > 0
        files = write_sample(tmp_path / act.name, "zh", act.rows, multi=multi, mix=act.mix)
        note = (tmp_path / act.name / "README.txt").read_text(encoding="utf-8")
        planted = json.loads(files.planted.read_text(encoding="utf-8"))
        troubles = [name for split in ("train", "val", "test") for names in planted[split].values() for name in names]
        assert files.counts == {name: troubles.count(name) for name in set(troubles)}
        assert all((f"  {name} " in note) == (name in files.counts) for name in ("settled", "typo", "campaign"))
        assert "6 to 15" not in note and "促销" not in note
    write_sample(tmp_path / "messy", "en", rows=400)
    note = (tmp_path / "messy" / "README.txt").read_text(encoding="utf-8")
    assert "only 6 to 15 rows" in note and "about 40% of the clauses" in note and "2025-11-17" in note
