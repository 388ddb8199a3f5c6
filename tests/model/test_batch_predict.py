"""Answers for files: every row once, in order, in bounded memory, whole or not at all."""

import csv
import datetime
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rankfirst.errors import DataError, OptionError, RunError
from rankfirst.model import batch_predict
from rankfirst.model.batch_predict import predict_file
from rankfirst.model.classifier import Reading
from tests import runs


class Stub:
    """Answers by the first letter: a, b, or unsure."""

    classes, multi_label = ("a", "b"), False

    def read(self, texts: Sequence[str]) -> Any:
        told = [[0.9, 0.1] if t[:1] == "a" else [0.2, 0.8] if t[:1] == "b" else [0.5, 0.5] for t in texts]
        p = np.array(told).reshape(-1, 2)
        return Reading(p, p, None)

    def answers(self, read: Any, abstain: bool = False) -> list[Any]:
        p = read.probabilities
        return [None if abstain and row.max() < 0.6 else self.classes[int(row.argmax())] for row in p]


class Several(Stub):
    multi_label = True

    def answers(self, read: Any, abstain: bool = False) -> list[Any]:
        return [[c for c, s in zip(self.classes, row, strict=True) if s >= 0.5] for row in read.probabilities]


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ROWS = [("1", "apple, red"), ("2", 'bear "big"'), ("3", ""), ("4", "alt, über\nzwei Zeilen")]


def write(path: Path, rows: Sequence[tuple[str, str]] = ROWS) -> Path:
    """The rows in the format of the suffix."""
    if path.suffix in (".csv", ".tsv"):
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter="," if path.suffix == ".csv" else "\t")
            writer.writerows([("id", "text"), *rows])
    elif path.suffix == ".parquet":
        numbers, texts = [int(n) % 1000 for n, _ in rows], [t for _, t in rows]
        pq.write_table(
            pa.table({"id": pa.array(numbers, pa.int16()), "text": texts}), path, row_group_size=len(rows) // 2
        )
    else:
        told = [{"id": n, "text": t} for n, t in rows]
        lists = path.suffix == ".json"
        path.write_text(json.dumps(told) if lists else "".join(json.dumps(r) + "\n" for r in told), encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def _small_chunks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_predict, "ROWS", 3)


@pytest.mark.parametrize("source", ["csv", "tsv", "jsonl", "json", "parquet"])
@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_every_row_keeps_its_columns_and_gets_an_answer(source: str, kind: str, tmp_path: Path) -> None:
    out = tmp_path / f"out.{kind}"
    told = predict_file(Stub(), write(tmp_path / f"in.{source}"), out)
    assert (told.rows, told.abstained, told.bad) == (4, 1, 0)
    if kind == "csv":
        rows: list[dict[str, Any]] = [
            {**r, "abstained": r["abstained"] == "true", "confidence": float(r["confidence"])} for r in read_csv(out)
        ]
    elif kind == "jsonl":
        rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    else:
        rows = pq.read_table(out).to_pylist()
    assert [(str(r["id"]), r["text"]) for r in rows] == ROWS
    assert [r["label"] for r in rows] == ["a", "b", "a", "a"]
    assert [r["abstained"] for r in rows] == [False, False, True, False]
    assert [r["confidence"] for r in rows] == [0.9, 0.8, 0.5, 0.9]
    assert not list(tmp_path.glob("*.part")) and not list(tmp_path.glob("*.bad.csv"))


def test_parquet_keeps_the_types_of_its_columns(tmp_path: Path) -> None:
    predict_file(Stub(), write(tmp_path / "in.parquet"), tmp_path / "out.parquet", probabilities=True)
    schema = pq.read_schema(tmp_path / "out.parquet")
    assert schema.names == ["id", "text", "label", "confidence", "abstained", "p:a", "p:b"]
    assert (schema.field("id").type, schema.field("abstained").type) == (pa.int16(), pa.bool_())


def test_a_date_is_written_as_one_not_as_json(tmp_path: Path) -> None:
    source, out = tmp_path / "x.parquet", tmp_path / "out.csv"
    table = {"text": ["a b"], "at": [datetime.date(2026, 11, 25)], "tags": [["x", "y"]]}
    pq.write_table(pa.table(table), source)
    predict_file(Stub(), source, out)
    with out.open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["at"], json.loads(row["tags"])) == ("2026-11-25", ["x", "y"])


def test_asked_to_abstain_it_leaves_the_label_out(tmp_path: Path) -> None:
    predict_file(Stub(), write(tmp_path / "in.csv"), tmp_path / "out.csv", abstain=True)
    assert [r["label"] for r in read_csv(tmp_path / "out.csv")] == ["a", "b", "", "a"]


def test_a_column_of_the_file_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text('{"text": "apple", "label": "mine", "n": [1, 2]}\n', encoding="utf-8")
    predict_file(Stub(), path, tmp_path / "out.csv", probabilities=True)
    assert read_csv(tmp_path / "out.csv") == [
        {"text": "apple", "label": "mine", "n": "[1, 2]", "predicted_label": "a", "confidence": "0.9",
         "abstained": "false", "p:a": "0.9", "p:b": "0.1"}
    ]  # fmt: skip


def test_several_labels_are_a_list_where_there_are_lists(tmp_path: Path) -> None:
    source = write(tmp_path / "in.csv", [("1", "apple"), ("2", "x")])
    predict_file(Several(), source, tmp_path / "out.csv")
    predict_file(Several(), source, tmp_path / "out.parquet")
    assert [r["label"] for r in read_csv(tmp_path / "out.csv")] == ["a", "a|b"]
    assert pq.read_table(tmp_path / "out.parquet")["label"].to_pylist() == [["a"], ["a", "b"]]


def test_rows_that_cannot_be_read_are_named_by_line(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text("id,text\n1,apple\n2,bear,too,many\n3\n\n4,bee\n", encoding="utf-8")
    told = predict_file(Stub(), path, tmp_path / "out.csv", lang="zh")
    assert (told.rows, told.bad, told.lines) == (2, 2, [3, 4])
    assert [r["label"] for r in read_csv(tmp_path / "out.csv")] == ["a", "b"]
    listed = read_csv(tmp_path / "out.csv.bad.csv")
    assert [r["line"] for r in listed] == ["3", "4"] and "第 3 行" in listed[0]["reason"]
    predict_file(Stub(), write(tmp_path / "good.csv"), tmp_path / "out.csv", overwrite=True)
    assert not list(tmp_path.glob("*.bad.csv"))  # of an earlier file


def test_lines_that_are_no_json_and_texts_that_are_none_are_named(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    lines = ['{"text": "apple"}', "{", '{"text": {"x": 1}}', '{"id": 1, "text": "bear"}', "[1]", '{"id": 2}']
    path.write_text("\n".join(lines), encoding="utf-8")
    told = predict_file(Stub(), path, tmp_path / "out.jsonl")
    assert told.lines == [2, 3, 5]
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [r.get("text") for r in rows] == ["apple", "bear", None] and "id" not in rows[0]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("text,id\n", "predict.no_rows"),
        ("text\n", "predict.no_rows"),
        ("", "data.empty_file"),
        ("text,id\na,b,c\n", "data.ragged_row"),
        ('text,id\na,b\n"open,c\nd,e\n', "data.open_quote"),
        ("id,n\na,b\n", "data.no_text_column"),
        ("text\na\0b\n", "data.nul_byte"),
        ("text,text\na,b\n", "data.duplicate_column"),
    ],
)
def test_a_file_that_cannot_be_answered_leaves_nothing(content: str, code: str, tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError) as refused:
        predict_file(Stub(), path, tmp_path / "out.csv")
    assert refused.value.code == code and "label" not in str(refused.value)
    assert not list(tmp_path.glob("out*"))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_other_encodings_are_read(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text("text,备注\na我的卡丢了,一\nb什么时候到账,二\n", encoding=encoding)
    told = predict_file(Stub(), path, tmp_path / "out.csv")
    assert [r["备注"] for r in read_csv(tmp_path / "out.csv")] == ["一", "二"]
    assert bool(told.notes) == (encoding != "utf-8-sig")


def test_bytes_of_no_encoding_are_refused_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_bytes(b"text,id\nfine,1\n\xff\xfa\xfb,2\n")
    with pytest.raises(DataError) as refused:
        predict_file(Stub(), path, tmp_path / "out.csv")
    assert refused.value.code.startswith("data.encoding") and refused.value.fields["line"] == 3


def test_outputs_that_cannot_be_meant_are_refused(tmp_path: Path) -> None:
    source, there = write(tmp_path / "in.csv"), tmp_path / "there.csv"
    there.write_text("mine", encoding="utf-8")
    (tmp_path / "link.csv").symlink_to(source)
    (tmp_path / "folder.csv").mkdir()
    for out, code, force in [(source, "over_input", True), (tmp_path / "link.csv", "over_input", True),
                             (there, "exists", False), (tmp_path / "folder.csv", "exists", True),
                             (tmp_path / "out.xlsx", "bad_out", True),
                             (tmp_path / "no" / "out.csv", "no_folder", True)]:  # fmt: skip
        with pytest.raises(OptionError) as refused:
            predict_file(Stub(), source, out, overwrite=force)
        assert refused.value.code == f"predict.{code}"
    assert there.read_text(encoding="utf-8") == "mine" and read_csv(source)[0]["text"] == "apple, red"
    predict_file(Stub(), source, there, overwrite=True)
    assert read_csv(there)[0]["label"] == "a"


def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    (tmp_path / "out.csv.part").symlink_to("/dev/full")
    with pytest.raises(RunError, match="cannot be written"):
        predict_file(Stub(), write(tmp_path / "in.csv"), tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


class Torn(Stub):
    asked = 0

    def read(self, texts: Sequence[str]) -> Any:
        self.asked += 1
        if self.asked > 1:
            raise KeyboardInterrupt
        return super().read(texts)


def test_a_stop_half_way_leaves_the_old_answers(tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    predict_file(Stub(), write(tmp_path / "in.csv"), out)
    before = out.read_bytes()
    with pytest.raises(KeyboardInterrupt):
        predict_file(Torn(), write(tmp_path / "in.csv"), out, overwrite=True)
    assert out.read_bytes() == before and not list(tmp_path.glob("*.part"))


BOUNDED = """
import sys
from pathlib import Path
from rankfirst.measure.memory import peak_bytes
from rankfirst.model.batch_predict import predict_file
from tests.model.test_batch_predict import Stub
source, out = map(Path, sys.argv[1:])
told = predict_file(Stub(), source.with_stem("small"), out.with_stem("warm"))
before = peak_bytes()
told = predict_file(Stub(), source, out)
print(told.rows, (peak_bytes() - before) / 2**20)
"""


@pytest.mark.slow
@pytest.mark.parametrize(("source", "kind"), [("csv", "jsonl"), ("parquet", "parquet"), ("jsonl", "csv")])
def test_memory_does_not_grow_with_the_file(source: str, kind: str, tmp_path: Path) -> None:
    rows = [(str(i), f"apple {i} " + "x" * 200) for i in range(300_000)]
    big, out = write(tmp_path / f"in.{source}", rows), tmp_path / f"out.{kind}"
    write(tmp_path / f"small.{source}", rows[:6000])
    assert big.stat().st_size > 60e6 or source == "parquet"
    done = subprocess.run([sys.executable, "-c", BOUNDED, str(big), str(out)], capture_output=True, text=True,
                          env=runs.environment(), check=True)  # fmt: skip
    answered, grown = done.stdout.split()
    assert int(answered) == 300_000
    assert float(grown) < 40  # MiB; the file's rows as Python objects are over 150


@pytest.mark.parametrize("kind", [pa.list_(pa.float64()), pa.duration("s"), pa.map_(pa.string(), pa.int64())], ids=str)
def test_a_parquet_file_without_one_text_to_read_is_one_line(kind: Any, tmp_path: Path) -> None:
    cells = {"list": [[1.0]], "map": [[("k", 1)]]}.get(str(kind).partition("<")[0], [1])
    pq.write_table(pa.table({"text": pa.array(cells * 4, kind), "n": [1] * 4}), tmp_path / "in.parquet")
    with pytest.raises(DataError) as refused:
        predict_file(Stub(), tmp_path / "in.parquet", tmp_path / "out.parquet")
    assert refused.value.code == "data.text_not_text"


def test_a_date_that_python_cannot_hold_is_one_line(tmp_path: Path) -> None:
    late = pa.array([2**62] * 2, pa.timestamp("ns"))
    pq.write_table(pa.table({"text": late}), tmp_path / "in.parquet")
    with pytest.raises(DataError) as refused:
        predict_file(Stub(), tmp_path / "in.parquet", tmp_path / "out.csv")
    assert refused.value.code == "data.bad_column"


def test_a_model_of_several_columns_reads_them_from_any_file(tmp_path: Path) -> None:
    class Echo:
        classes, multi_label, text = ("a", "b"), False, "subject,body"

        def read(self, texts: Any) -> Any:
            self.seen = list(texts)
            return type("Read", (), {"probabilities": np.full((len(texts), 2), 0.5)})()

        def answers(self, read: Any, abstain: bool = False) -> list[Any]:
            return ["a"] * len(read.probabilities)

    def answered(header: str, row: str, text: str | None = None) -> list[str]:
        path, model = tmp_path / "rows.csv", Echo()
        path.write_text(f"{header}\n{row}\n", encoding="utf-8")
        list(batch_predict.answer(model, path, text))
        return model.seen

    assert answered("body,id,Subject", "lost card,1,help") == ["help ␞ lost card"]
    assert answered("text,body", "help,lost card") == ["help"]  # the file lacks one of them
    assert answered("body,id,Subject", "lost card,1,help", "body") == ["lost card"]
    assert answered("title,note,Subject", "lost card,1,help", "title,note") == ["lost card ␞ 1"]
