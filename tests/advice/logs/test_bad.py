"""What is no training log gets one clear line, never a traceback; nothing is ever unpickled, no text is told."""

import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rankfirst.advice.logs import read, text
from rankfirst.errors import DataError, RankfirstError
from rankfirst.messages import LANGS
from tests.advice.logs import written as w

SECRET = "my private text"
Maker = Callable[[Path], Path]


def holding(name: str, data: bytes | str) -> Maker:
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(data.encode("utf-8") if isinstance(data, str) else data)
        return path

    return make


class Trap:
    """Unpickling it would raise."""

    def __reduce__(self) -> tuple[object, ...]:
        return exec, ("raise SystemExit(99)",)


def events_with_a_flipped_bit(folder: Path) -> Path:
    path = w.tensorboard(folder, w.history())
    data = bytearray(path.read_bytes())
    data[-20] ^= 1
    path.write_bytes(bytes(data))
    return path


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "log.jsonl")
    return folder / "log.jsonl"


def two_runs(folder: Path) -> Path:
    w.tensorboard(folder / "runs" / "a", w.history())
    w.tensorboard(folder / "runs" / "b", w.history())
    return folder


BAD = {
    "missing": (lambda folder: folder / "nope.json", "logs.missing"),
    "empty": (holding("trainer_state.json", ""), "logs.empty"),
    "empty-folder": (lambda folder: folder, "logs.no_log"),
    "cut-off": (holding("trainer_state.json", '{"log_history": [{"loss": 1'), "logs.bad_json"),
    "no-history": (holding("trainer_state.json", '{"epoch": 1}'), "logs.no_history"),
    "history-of-text": (holding("trainer_state.json", f'{{"log_history": ["{SECRET}"]}}'), "logs.no_rows"),
    "nested": (holding("trainer_state.json", "[" * 100_000), "logs.bad_json"),
    "pickle": (holding("log", pickle.dumps({"loss": Trap()})), "logs.pickle"),
    "training-args": (holding("training_args.bin", b"PK\x03\x04..."), "logs.pickle"),
    "by-its-name": (holding("log.pkl", "loss\n1\n"), "logs.pickle"),
    "binary": (holding("log.csv", bytes(range(256)) * 9), "logs.binary"),
    "late-binary": (holding("log.csv", b"step,loss\n" + b"1,2\n" * 30_000 + b"\0\0"), "logs.binary"),
    "latin-1": (holding("log.csv", "step,loss,Prüfung\n1,2,3\n".encode("latin-1")), "logs.not_utf8"),
    "utf-16": (holding("log.csv", "step,loss\n1,2\n".encode("utf-16-le")), "logs.binary"),
    "prose": (holding("log.txt", f"{SECRET}\nand more\n"), "logs.unknown"),
    "no-loss-column": (holding("log.csv", f"when,{SECRET}\n1,2\n"), "logs.no_columns"),
    "no-loss": (holding("log.csv", "step,lr\n1,2\n"), "logs.no_loss"),
    "header-only": (holding("log.csv", "step,loss\n"), "logs.no_rows"),
    "chart-of-two-runs": (holding("log.csv", "Step,a - train/loss,b - train/loss\n1,2,3\n"), "logs.several_runs"),
    "lines-of-text": (holding("log.jsonl", f'{{"text": "{SECRET}"}}\n'), "logs.no_loss"),
    "broken-lines": (holding("log.jsonl", "{oops\n{again\n"), "logs.bad_json"),
    "wandb": (holding("run-1.wandb", b":W&B\xbe\xe1\x00"), "logs.wandb_binary"),
    "damaged-events": (events_with_a_flipped_bit, "logs.bad_events"),
    "pipe": (pipe, "logs.no_file"),
    "two-runs": (two_runs, "logs.several"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_gets_one_line(case: str, tmp_path: Path) -> None:
    make, code = BAD[case]
    with pytest.raises(DataError) as refused:
        read(make(tmp_path))
    assert refused.value.code == code
    for lang in LANGS:
        said = refused.value.sentence(lang)
        assert "\n" not in said and SECRET not in said and str(tmp_path) not in said


def test_a_folder_with_an_offline_run_says_how_to_export_it(tmp_path: Path) -> None:
    folder = tmp_path / "offline-run-1"
    folder.mkdir()
    holding("run-1.wandb", b":W&B\xbe\xe1\x00")(folder)
    with pytest.raises(DataError, match="wandb sync"):
        read(folder)


@pytest.mark.parametrize("name", ["MOST_BYTES_STREAMED", "MOST_BYTES_WHOLE"])
def test_a_huge_file_is_refused_before_it_is_read(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, name, 100)
    with pytest.raises(DataError) as refused:
        read(w.trainer_state(tmp_path, w.history()))
    assert refused.value.code == "logs.too_large"


def junk(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    try:
        log = read(path)
    except RankfirstError as error:
        assert "\n" not in error.sentence("zh")
    else:
        assert log.points or log.evaluations or log.broken_at is not None


NAMES = (
    "log",
    "log.csv",
    "log.jsonl",
    "trainer_state.json",
    "trainer_log.jsonl",
    "logging.jsonl",
    "log.log",
    "README.md",
)
KEYS = ("step", "loss", "eval_loss", "epoch", "lr", "eval_f1", "log_history", "text", "global_step/max_steps")
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUICK
@given(name=st.sampled_from(NAMES), data=st.binary(max_size=300))
def test_junk_is_never_a_traceback(name: str, data: bytes, tmp_path: Path) -> None:
    junk(tmp_path / name, data)


@QUICK
@given(data=st.binary(max_size=200), cut=st.integers(0, 400))
def test_junk_after_an_event_file_header_is_never_a_traceback(data: bytes, cut: int, tmp_path: Path) -> None:
    whole = w.tensorboard(tmp_path, w.history()[:3]).read_bytes()
    junk(tmp_path / "events.out.tfevents.1", whole[:cut] + data)


VALUES = st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), st.text(max_size=9), st.just("10/100"),
                   st.lists(st.integers(), max_size=2))  # fmt: skip
ROW = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=6)


@QUICK
@given(rows=st.lists(ROW, max_size=9), name=st.sampled_from(NAMES[2:]))
def test_rows_of_anything_are_never_a_traceback(rows: list[dict[str, object]], name: str, tmp_path: Path) -> None:
    whole = json.dumps({"log_history": rows}) if name.endswith(".json") else "\n".join(map(json.dumps, rows))
    junk(tmp_path / name, whole.encode())
