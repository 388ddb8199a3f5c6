"""Hostile data files, made from a small sound one."""

import io
import json
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from benchmarks.hostile import noise

TOPICS: Final = {"card": "my card {n} is lost", "limit": "raise my limit to {n}", "send": "send {n} please"}
CELL: Final = st.text(st.characters(exclude_categories=()), max_size=20) | st.sampled_from(
    [
        "",
        " ",
        "0",
        "1",
        "nan",
        "None",
        "a|b",
        "|",
        "=1+1",
        "\u202e",
        "x" * 3000,
        "\ud800",
        "\x00",
        '"',
        "\r",
        "\n",
        "[]",
        "[1]",
    ]
)
JSONISH: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | CELL,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(CELL, inner, max_size=4),
    max_leaves=8,
)
RECORDS: Final = st.lists(
    st.dictionaries(st.sampled_from(["text", "label", "labels", "date", ""]), JSONISH, max_size=4) | JSONISH,
    max_size=12,
)
TABLES: Final = st.lists(st.lists(CELL, max_size=5), max_size=12)


def drawn(strategy: st.SearchStrategy[Any], count: int) -> list[Any]:
    """So many examples, the same ones every time."""
    found: list[Any] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def take(value: Any) -> None:
        found.append(value)

    take()
    return (found * (1 + count // max(1, len(found))))[:count]


def rows(count: int = 45) -> list[dict[str, str]]:
    """Sound rows of three classes."""
    names = list(TOPICS)
    return [{"text": TOPICS[names[n % 3]].format(n=n), "label": names[n % 3]} for n in range(count)]


def csv_bytes(count: int = 45) -> bytes:
    """The same as CSV."""
    return "".join(["text,label\n", *(f"{r['text']},{r['label']}\n" for r in rows(count))]).encode()


def jsonl_bytes(count: int = 45) -> bytes:
    """As JSON Lines."""
    return "".join(json.dumps(row) + "\n" for row in rows(count)).encode()


def spoiled_csv(rng: random.Random, folder: Path) -> Path:
    """A delimited file with spoiled bytes, or one that is a zip, or of another format than it says."""
    path = folder / f"rows.{rng.choice(('csv', 'csv', 'tsv', 'tab'))}"
    raw = csv_bytes()
    if rng.random() < 0.1:
        raw = rng.choice(
            (zipped(b"0" * 2_000_000), jsonl_bytes(), b"\x1f\x8b\x08" + rng.randbytes(50), parquet_bytes())
        )
    else:
        raw = noise.spoiled(rng, raw)
    path.write_bytes(raw)
    return path


def table_csv(table: list[list[str]], rng: random.Random, folder: Path) -> Path:
    """Cells of any kind, quoted or not, with or without a header."""
    mark, quote = rng.choice(",\t;|"), rng.choice(('"', '"', ""))
    head = rng.choice((["text", "label"], ["text", "label", "text"], ["", ""], ["label"], ["text", "a", "b", "c"]))
    body = table + [[r["text"], r["label"]] for r in rows(rng.choice((0, 9, 45)))]
    rng.shuffle(body)
    lines = [mark.join(f"{quote}{cell}{quote}" for cell in line) for line in [head, *body]]
    path = folder / f"rows.{rng.choice(('csv', 'tsv'))}"
    path.write_bytes(rng.choice(("\n", "\r\n", "\r")).join(lines).encode("utf-8", "surrogatepass"))
    return path


def records_json(records: list[Any], rng: random.Random, folder: Path) -> Path:
    """JSON or JSON Lines with values of any kind among sound rows."""
    mixed: list[Any] = [*records, *rows(rng.choice((0, 9, 45)))]
    rng.shuffle(mixed)
    if rng.random() < 0.3:
        path, raw = folder / "rows.json", noise.written(mixed if rng.random() < 0.8 else {"rows": mixed})
    else:
        path, raw = folder / "rows.jsonl", b"\n".join(noise.written(record) for record in mixed)
    path.write_bytes(noise.spoiled(rng, raw) if rng.random() < 0.3 else raw)
    return path


def parquet_bytes(table: pa.Table | None = None) -> bytes:
    """As Parquet."""
    file = io.BytesIO()
    pq.write_table(table or pa.Table.from_pylist(rows()), file)
    return file.getvalue()


def odd_table(rng: random.Random) -> pa.Table:
    """Columns of types nobody classifies."""
    n = 9
    kinds: list[Callable[[], pa.Array]] = [
        lambda: pa.array([None] * n),
        lambda: pa.array([b"\xff\x00"] * n),
        lambda: pa.array([{"a": 1}] * n),
        lambda: pa.array([[["x"]]] * n),
        lambda: pa.array(range(n)),
        lambda: pa.array([float("nan"), float("inf"), *[0.5] * (n - 2)]),
        lambda: pa.array(["a", "b", None] * 3).dictionary_encode(),
        lambda: pa.array([2**62] * n, pa.timestamp("ns")),
        lambda: pa.array([2**31 - 1] * n, pa.date32()),
        lambda: pa.array([[("k", 1)]] * n, pa.map_(pa.string(), pa.int64())),
        lambda: pa.array([True, False, None] * 3),
        lambda: pa.array(["x" * 5000, "", "\x00"] * 3),
        lambda: pa.array([1] * n, pa.duration("s")),
        lambda: pa.array([[1.0, None]] * n),
    ]
    names = rng.choice(
        (["text", "label"], ["text", "labels"], ["text", "a", "b"], ["x", "y"], ["text", "text"], ["", "label"])
    )
    made = pa.Table.from_arrays([rng.choice(kinds)() for _ in names], names=names)
    if rng.random() < 0.4:
        feature = noise.spoiled_value(
            rng, {"info": {"features": {"label": {"_type": "ClassLabel", "names": ["a", "b"]}}}}
        )
        made = made.replace_schema_metadata({b"huggingface": noise.written(feature)})
    return made


def spoiled_parquet(rng: random.Random, folder: Path) -> Path:
    """Odd types, or spoiled bytes."""
    path = folder / "rows.parquet"
    raw = parquet_bytes(odd_table(rng) if rng.random() < 0.6 else None)
    path.write_bytes(raw if rng.random() < 0.5 else noise.spoiled(rng, raw))
    return path


def spoiled_folder(rng: random.Random, folder: Path) -> Path:
    """A folder as `datasets` saves one, with spoiled state, features or rows."""
    path = folder / "saved"
    path.mkdir()
    table = odd_table(rng) if rng.random() < 0.5 else pa.Table.from_pylist(rows())
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    raw = sink.getvalue()
    (path / "data-00000-of-00001.arrow").write_bytes(raw if rng.random() < 0.5 else noise.spoiled(rng, raw))
    state = {"_data_files": [{"filename": "data-00000-of-00001.arrow"}], "_split": "train"}
    info = {"features": {"text": {"_type": "Value"}, "label": {"_type": "ClassLabel", "names": ["a", "b", "c"]}}}
    for name, told in (("state.json", state), ("dataset_info.json", info)):
        (path / name).write_bytes(noise.spoiled_json(rng, json.dumps(told).encode()))
    return path


def zipped(content: bytes, name: str = "../../evil.csv") -> bytes:
    """A zip that unpacks to far more than it is, into somebody else's folder."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, content)
    return file.getvalue()


def any_rows(rng: random.Random, folder: Path) -> Path:
    """A spoiled file of some kind."""
    return rng.choice((spoiled_csv, spoiled_parquet, spoiled_folder))(rng, folder)
