"""Every format, as its tool writes it, ends in the same record."""

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from rankfirst.advice.logs import FORMATS, read
from rankfirst.messages import sentences
from tests.advice.logs import written as w

ROWS = w.history(w.SETTLED, w.GOOD)


def wandb(folder: Path, rows: w.Rows) -> Path:
    """Its own step counts log calls; the trainer's is train/global_step."""
    named = [
        {f"{'eval' if 'eval_loss' in r else 'train'}/{k.removeprefix('eval_')}": v for k, v in r.items() if k != "step"}
        | {"_step": at, "_runtime": 3.0 * at, "_timestamp": 1.7e9, "train/global_step": r["step"]}
        for at, r in enumerate(rows)
    ]
    return w.jsonl(folder / "wandb-history.jsonl", named)


def table(folder: Path, rows: w.Rows) -> Path:
    keys = ("step", "epoch", "loss", "learning_rate", "grad_norm", "eval_loss", "eval_macro_f1")
    told = [[row.get(key, "") for key in keys] for row in rows if "train_runtime" not in row]
    return w.csv(folder / "log.csv", ",".join(keys), told)


WRITERS: dict[str, Callable[[Path, w.Rows], Path]] = {
    "trainer_state": w.trainer_state,
    "tensorboard": w.tensorboard,
    "ms_swift": w.ms_swift,
    "mlflow": w.mlflow,
    "wandb": wandb,
    "csv": table,
    "jsonl": lambda folder, rows: w.jsonl(folder / "mine.jsonl", rows),
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_the_same_run(name: str, tmp_path: Path) -> None:
    log = read(WRITERS[name](tmp_path / "run", ROWS))
    assert log.format == name
    assert [p.step for p in log.points] == list(range(10, 310, 10))
    assert [p.loss for p in log.points] == pytest.approx(w.SETTLED)
    assert log.points[4].epoch == pytest.approx(0.5)
    assert log.points[0].grad_norm == pytest.approx(1.5)
    assert [e.loss for e in log.evaluations] == pytest.approx([0.9, 0.7, 0.68])
    assert [e.f1 for e in log.evaluations] == pytest.approx([0.80, 0.86, 0.87])
    assert (log.recipe.lr, log.epochs, log.macro_f1) == (pytest.approx(2e-4), pytest.approx(3.0), True)
    assert (log.broken_at, log.repeated, log.healed) == (None, 0, 0)


def test_llama_factory_logs_no_gradient_and_no_f1(tmp_path: Path) -> None:
    log = read(w.llama_factory(tmp_path, ROWS))
    assert (log.format, len(log.points), log.last_step) == ("llama_factory", 30, 300)
    assert [e.loss for e in log.evaluations] == [0.9, 0.7, 0.68]
    assert log.recipe.lr == 2e-4


def test_llama_factory_once_wrote_nulls(tmp_path: Path) -> None:
    shared = {"total_steps": 300, "predict_loss": None, "reward": None, "accuracy": None, "percentage": 1.0}
    rows = [
        {"current_steps": 10, "loss": 0.7, "eval_loss": None, "learning_rate": 1e-4, "epoch": 0.1} | shared,
        {"current_steps": 10, "loss": None, "eval_loss": 0.9, "learning_rate": None, "epoch": 0.1} | shared,
    ]
    log = read(w.jsonl(tmp_path / "trainer_log.jsonl", rows))
    assert (len(log.points), len(log.evaluations)) == (1, 1)
    assert log.evaluations[0].loss == 0.9


def test_tensors_of_tensorflow_are_scalars_too(tmp_path: Path) -> None:
    simple, tensor = (read(w.tensorboard(tmp_path / str(kind), ROWS, kind)) for kind in (False, True))
    assert simple.points == tensor.points
    assert simple.evaluations == tensor.evaluations


def test_a_chart_of_weights_and_biases_names_the_run_before_the_key(tmp_path: Path) -> None:
    header = '"Step","lively-fog-7 - train/loss","lively-fog-7 - train/loss__MIN","lively-fog-7 - train/loss__MAX"'
    log = read(w.csv(tmp_path / "chart.csv", header, [(10, 0.9, 0.9, 0.9), (20, 0.8, 0.8, 0.8)]))
    assert [(p.step, p.loss) for p in log.points] == [(10, 0.9), (20, 0.8)]


def test_lightning_logs_training_and_validation_in_separate_rows(tmp_path: Path) -> None:
    rows = [(0, 9, 0.9, "", 1e-4), (0, 10, "", 0.8, ""), (1, 19, 0.5, "", 1e-4), (1, 20, "", 0.7, "")]
    w.csv(tmp_path / "version_0" / "metrics.csv", "epoch,step,train_loss,val_loss,lr-AdamW", rows)
    log = read(tmp_path / "version_0")
    assert [e.loss for e in log.evaluations] == [0.8, 0.7]
    assert log.epochs == 2.0  # counted from 0
    assert log.recipe.lr == 1e-4


@pytest.mark.parametrize("delimiter", ["\t", ";"])
def test_other_delimiters_are_detected(delimiter: str, tmp_path: Path) -> None:
    path = tmp_path / "log.tsv"
    path.write_text(f"\ufeffStep{delimiter}Train Loss\n1{delimiter}0.5\n", encoding="utf-8")
    assert read(path).points[0].loss == 0.5


def test_the_newest_state_of_a_checkpoint_or_output_folder_is_used(tmp_path: Path) -> None:
    w.trainer_state(tmp_path / "out" / "checkpoint-90", ROWS[:10])
    newest = w.trainer_state(tmp_path / "out" / "checkpoint-300", ROWS)
    assert read(tmp_path / "out") == read(newest) == read(newest.parent)
    whole = w.trainer_state(tmp_path / "out", ROWS)
    assert read(tmp_path / "out").name == read(whole).name == "out/trainer_state.json"


def test_a_list_of_rows_is_a_log(tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    path.write_text(json.dumps(ROWS), encoding="utf-8")
    assert len(read(path).points) == 30


def test_an_incomplete_last_line_is_a_run_in_progress(tmp_path: Path) -> None:
    path = w.jsonl(tmp_path / "log.jsonl", ROWS)
    path.write_text(path.read_text(encoding="utf-8")[:-40], encoding="utf-8")
    assert len(read(path).points) == 30
    events = w.tensorboard(tmp_path, ROWS)
    events.write_bytes(events.read_bytes()[:-10])
    assert len(read(events).points) == 30


def test_a_resumed_run_of_tensorboard_is_two_files(tmp_path: Path) -> None:
    w.tensorboard(tmp_path, [{"loss": 1.0, "step": 10}, {"loss": 0.9, "step": 20}])
    (tmp_path / "events.out.tfevents.1700000000.host.123.0").rename(tmp_path / "events.out.tfevents.1600000000.a")
    w.tensorboard(tmp_path, [{"loss": 0.8, "step": 20}, {"loss": 0.7, "step": 30}])
    assert [p.loss for p in read(tmp_path).points] == pytest.approx([1.0, 0.8, 0.7])


def test_a_log_of_the_real_trainer_is_read(tmp_path: Path) -> None:
    from transformers import TrainerState

    state = TrainerState(epoch=3.0, global_step=300, max_steps=300, log_history=ROWS)
    state.save_to_json(str(tmp_path / "trainer_state.json"))
    assert len(read(tmp_path).points) == 30


def test_every_format_has_a_name() -> None:
    assert {f"logs.format.{f.name}" for f in FORMATS} <= sentences().keys()
    assert {f.name for f in FORMATS} == {*WRITERS, "llama_factory", "card", "console"}


def test_points_are_sorted_by_step(tmp_path: Path) -> None:
    log = read(w.csv(tmp_path / "log.csv", "step,loss", [(30, 1.0), (10, 3.0), (20, 2.0)]))
    assert all(a.step < b.step for a, b in pairwise(log.points))
