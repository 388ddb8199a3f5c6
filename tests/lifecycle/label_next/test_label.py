"""`rankfirst label` on delivered runs: nothing labelled or repeated is offered, the file is whole."""

import csv
import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rankfirst import api, data, label_next
from rankfirst.cli.main import app
from rankfirst.data.files.texts import text_key
from rankfirst.errors import DataError, OptionError, RunError
from rankfirst.lifecycle.continue_training import parent_run
from rankfirst.model.classifier import load
from tests import runs
from tests.engine import tiny


def write_pool(folder: Path, rows: int = 60, extra: tuple[str, ...] = (), name: str = "pool.csv") -> Path:
    made = tiny.dataset(train=rows, noise=0.1)
    path = folder / name
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["ticket", "text"])
        texts = [*(f"{text} p{i}" for i, text in enumerate(made.train.texts)), *extra]
        writer.writerows([f"T{i}", text] for i, text in enumerate(texts))
    return path


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_what_is_labelled_or_repeated_is_not_offered(lora_run: Path, rows: Path, tmp_path: Path) -> None:
    own = data.load_dataset(rows)
    again = (own.train.texts[0].upper(), own.val.texts[0], own.test.texts[0] if own.test else "")
    pool = write_pool(tmp_path, 30, (*again, "send my card 3", "Send  my card 3", ""))
    found = label_next(lora_run, pool, 100)
    assert len(found.rows) == found.looked == 31
    assert found.left_out == {"empty": 1, "labelled": 0, "trained": 3, "repeated": 1}
    known = {text_key(text) for split in (own.train, own.val, own.test) if split for text in split.texts}
    assert not known & {text_key(row.text) for row in found.rows}
    model = load(lora_run)
    assert [row.answer for row in found.rows] == [(label,) for label in model.predict([r.text for r in found.rows])]


def test_the_file_keeps_the_pools_columns_and_says_why(lora_run: Path, tmp_path: Path) -> None:
    pool = write_pool(tmp_path)
    found = label_next(lora_run, pool, 12, out=tmp_path / "next.csv", lang="zh")
    told = read(tmp_path / "next.csv")
    assert list(told[0]) == ["ticket", "text", "label", "prediction", "confidence", "runner_up", "why", "new_group"]
    assert len(told) == 12 and found.column == "label" and {row["label"] for row in told} == {""}
    tickets = {row["ticket"]: row["text"] for row in read(pool)}
    assert all(tickets[row["ticket"]] == row["text"] for row in told)
    assert all(row["why"] and row["prediction"] in found.classes for row in told)
    assert not list(tmp_path.glob(".*"))  # nothing half written


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet", ".tsv", ".json"])
def test_other_formats_read_back(lora_run: Path, tmp_path: Path, suffix: str) -> None:
    found = label_next(lora_run, write_pool(tmp_path), 5, out=tmp_path / f"next{suffix}")
    texts, column = data.read_texts(tmp_path / f"next{suffix}")
    assert list(texts) == [row.text for row in found.rows] and column == "text"


def test_rows_in_python(lora_run: Path, tmp_path: Path) -> None:
    texts = [row["text"] for row in read(write_pool(tmp_path))]
    pools = (texts, {"text": texts, "id": list(range(len(texts)))}, [{"text": text} for text in texts])
    chosen = [[row.text for row in label_next(lora_run, pool, 8).rows] for pool in pools]
    assert (
        chosen[0] == chosen[1] == chosen[2] == [row.text for row in label_next(lora_run, tmp_path / "pool.csv", 8).rows]
    )
    label_next(lora_run, pools[1], 8, out=tmp_path / "next.parquet")
    assert list(data.read_texts(tmp_path / "next.parquet")[0]) == chosen[0]


def test_labels_come_back_from_label_studio_and_argilla(lora_run: Path, tmp_path: Path) -> None:
    pool, parent = write_pool(tmp_path), parent_run.read(lora_run)
    before = parent_run.rows(parent, parent.files)
    for tool in ("label-studio", "argilla", "doccano"):
        out = tmp_path / (f"next.{tool}.jsonl" if tool == "doccano" else f"next.{tool}.json")
        found = label_next(lora_run, pool, 20, out=out)
        text = out.read_text(encoding="utf-8")
        told = [json.loads(line) for line in text.splitlines()] if tool == "doccano" else json.loads(text)
        for n, row in enumerate(told):
            answer, name = found.classes[n % 2], "label"
            if tool == "label-studio":
                assert row["predictions"][0]["result"][0]["value"]["choices"] == list(found.rows[n].answer)
                result = row["predictions"][0]["result"][0] | {"value": {"choices": [answer]}}
                row["annotations"] = [{"result": [result]}]
            elif tool == "argilla":
                row["responses"] = {name: [{"value": answer, "user_id": "u"}]}
            else:
                row |= {"id": n, name: [answer]}
        text = "\n".join(map(json.dumps, told)) if tool == "doccano" else json.dumps(told)
        out.write_text(text, encoding="utf-8")
        grown = data.with_more(before, out, seed=parent.seed)
        assert sum(grown.added.values()) == 20 and not grown.new_classes, tool
    assert (tmp_path / "next.label-studio.xml").is_file()


def test_the_gain_has_an_interval_or_a_reason(lora_run: Path, tmp_path: Path) -> None:
    pool = write_pool(tmp_path)
    gain = label_next(lora_run, pool, 10).gain
    assert gain is not None and gain.low < gain.points < gain.high and gain.model == "frozen"
    assert gain.train_rows == load(lora_run).facts["trained_on"]["rows"] and len(gain.curve) == 3
    more = label_next(lora_run, pool, 40).gain
    assert more is not None and abs(more.points) > abs(gain.points)


def test_without_the_training_file_it_says_so(lora_run: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(lora_run, tmp_path / "run", ignore=shutil.ignore_patterns("work")))
    journal = run / "journal.jsonl"
    journal.write_text(journal.read_text().replace("rows.csv", "gone.csv"))
    found = label_next(run, write_pool(tmp_path), 10)
    assert [code for code, _ in found.notes] == ["label.note.no_train"]
    assert found.gain is not None  # from the stored vectors
    for kept in ("reference.json", "reference.safetensors", "manifest.json"):  # as an older version delivered it
        (run / "model" / kept).unlink(missing_ok=True)
    decision = run / "model" / "decision.json"
    told = json.loads(decision.read_text(encoding="utf-8"))
    del told["manifest"]
    decision.write_text(json.dumps(told), encoding="utf-8")
    found = label_next(run, write_pool(tmp_path), 10)
    assert found.gain is None and found.why_no_gain == "label.no_gain.rows" and len(found.rows) == 10


def test_labelled_rows_of_a_pool_stay_out(lora_run: Path, tmp_path: Path) -> None:
    pool = tmp_path / "half.jsonl"
    made = [{"text": f"send my card {i}", "label": "card" if i < 4 else "parcel" if i < 6 else None} for i in range(20)]
    pool.write_text("\n".join(map(json.dumps, made)), encoding="utf-8")
    found = label_next(lora_run, pool, 50)
    assert found.left_out["labelled"] == 6 and len(found.rows) == 14
    pool.write_text("\n".join(json.dumps(row | {"label": "card"}) for row in made), encoding="utf-8")
    with pytest.raises(DataError, match="20 have a label"):
        label_next(lora_run, pool)


def test_refusals_are_one_line_and_write_nothing(lora_run: Path, tmp_path: Path) -> None:
    pool = write_pool(tmp_path)
    before = pool.read_bytes()
    with pytest.raises(OptionError, match="never overwritten"):
        label_next(lora_run, pool, out=pool, overwrite=True)
    (tmp_path / "next.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(OptionError, match="exists already"):
        label_next(lora_run, pool, out=tmp_path / "next.csv")
    with pytest.raises(OptionError, match="at least one"):
        label_next(lora_run, pool, 0)
    with pytest.raises(OptionError):
        label_next(lora_run, pool, out=tmp_path / "next.docx")
    with pytest.raises(RunError):
        label_next(tmp_path, pool)
    assert pool.read_bytes() == before and (tmp_path / "next.csv").read_text(encoding="utf-8") == "mine"
    assert len(label_next(lora_run, pool, 3, out=tmp_path / "next.csv", overwrite=True).rows) == 3


def test_the_rows_come_back_with_continue(lora_run: Path, tmp_path: Path) -> None:
    found = label_next(lora_run, write_pool(tmp_path), 20, out=tmp_path / "next.csv")
    told = read(tmp_path / "next.csv")
    for row in told[:12]:
        row[found.column] = "limit"
    with (tmp_path / "next.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(told[0]))
        writer.writeheader()
        writer.writerows(told)
    parent = parent_run.read(lora_run)
    grown = data.with_more(parent_run.rows(parent, parent.files), tmp_path / "next.csv", seed=parent.seed)
    assert sum(grown.added.values()) == 12
    assert ("data.note.more_unlabelled", (("file", "next.csv"), ("rows", "8"))) in grown.dataset.notes


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_command_says_what_to_do_next(lora_run: Path, tmp_path: Path, lang: str) -> None:
    words = ["label", str(lora_run), str(write_pool(tmp_path)), "-o", str(tmp_path / "next.csv"), "--rows", "7"]
    done = CliRunner().invoke(app, [*words, "--lang", lang])
    assert done.exit_code == 0, done.output
    assert f"rankfirst continue {lora_run}" in done.output and "95%" in done.output and "7" in done.output
    done = CliRunner().invoke(app, [*words, "--overwrite", "--json"])
    assert len(json.loads(done.output)["rows"]) == 7


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["frozen", "tfidf"])
@pytest.mark.parametrize("multi", [False, True], ids=["single", "multi"])
def test_other_deliveries(base: Path, tmp_path: Path, kind: str, multi: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    from rankfirst import policy
    from rankfirst.records import Shipping

    monkeypatch.setattr(policy, "ship", lambda *a, **k: Shipping(kind, "ship.frozen_only", {"f1": 0.5}))
    train = runs.write_rows(tmp_path, rows=160, multi_label=multi)
    run = api.fit(train, tmp_path / "run", base_model=str(base), budget="0.001s").folder
    found = label_next(run, write_pool(tmp_path, 200), 20, out=tmp_path / "next.csv")
    assert len(found.rows) == 20 and found.gain is not None and found.gain.model == kind
    assert found.column == ("labels" if multi else "label")
    assert all(row.why and (row.answer or multi) for row in found.rows)
