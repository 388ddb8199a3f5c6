"""What a training prints, and the table in a model card."""

from pathlib import Path

import pytest

from rankfirst.advice import Look, advise
from rankfirst.advice.logs import read
from rankfirst.errors import DataError
from tests.advice import posted as p

ROWS = p.history(
    p.decay(1.1, 0.3), p.linear(2e-4), p.scores((0.6, 0.5, 0.45), (0.7, 0.8, 0.82)), grad_norm=p.constant(1.5)
)


def bar(at: int, of: int) -> str:
    return f"{100 * at // of:3d}%|###       | {at}/{of} [00:{at % 60:02d}<01:38,  1.93it/s]"


def printed(texts: bool = False, bars: bool = True, until: int = 600) -> str:
    """The terminal of a Trainer: version 5 prints its numbers as texts; each evaluation has a bar of its own."""
    parts = ["Some weights of BertForSequenceClassification were not initialized", "{'config': {'lr': 1}}"]
    for row in ROWS:
        if row["step"] > until:
            break
        told = {k: f"{v:.4g}" if texts else v for k, v in row.items() if k != "step"}
        parts += [bar(at, 25) for at in (9, 25)] if bars and "eval_loss" in row else []
        parts.append(f"{bar(row['step'] - 1, 600)}\r{told}" if bars else f"{told}")
        parts += [bar(row["step"], 600)] if bars else []
    parts += ["{'train_runtime': 99.0, 'train_loss': 0.5, 'epoch': 3.0}"] if until == 600 else []
    return "\n".join(parts)


def kept(folder: Path, text: str, name: str = "train.log") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("texts", [False, True])
def test_the_dictionaries_of_the_trainer_are_read_among_progress_bars(texts: bool, tmp_path: Path) -> None:
    log = read(kept(tmp_path, printed(texts)))
    assert (log.format, len(log.points), log.last_step, log.setup.planned_steps) == ("console", 60, 600, 600)
    assert [p.step for p in log.points] == list(range(10, 601, 10))
    assert [(e.step, e.loss, e.f1) for e in log.evaluations] == [(200, 0.6, 0.7), (400, 0.5, 0.8), (600, 0.45, 0.82)]
    assert (log.recipe.lr, log.epochs) == (2e-4, 3.0)


def test_without_bars_epochs_are_enough(tmp_path: Path) -> None:
    log = read(kept(tmp_path, printed(bars=False), "nohup.out"))
    assert (len(log.points), len(log.evaluations), log.counts_steps, log.epochs) == (60, 3, False, 3.0)
    assert log.recipe.lr == 2e-4


def test_a_bar_says_that_the_run_was_cut_short(tmp_path: Path) -> None:
    (run,) = advise([kept(tmp_path, printed(until=240))]).runs
    assert run.look is Look.CUT_SHORT


def test_rows_without_a_bar_between_them_are_at_equal_distances(tmp_path: Path) -> None:
    rows = [f"{{'loss': {1 - at / 10}, 'epoch': {at / 10}}}" for at in range(1, 6)]
    rows.insert(2, "{'eval_loss': 0.8, 'epoch': 0.2}")
    log = read(kept(tmp_path, "\n".join([*rows, bar(50, 100), "{'loss': 0.4, 'epoch': 0.6}", bar(60, 100)])))
    assert [point.step for point in log.points] == [10, 20, 30, 40, 50, 60]
    assert [e.step for e in log.evaluations] == [20] and log.setup.planned_steps == 100


@pytest.mark.parametrize("value", ["nan", "'nan'", "np.float64(nan)", "tensor(nan)"])
def test_a_loss_that_is_no_number_is_read_as_such(value: str, tmp_path: Path) -> None:
    text = "{'loss': 1.1, 'epoch': 0.1}\n" + f"{{'loss': {value}, 'epoch': 0.2}}\n" * 3
    assert read(kept(tmp_path, text)).broken_at is not None


PRINTED = {
    "keras": "Epoch {e}/3\n100/100 [=====] - 5s 50ms/step - loss: {loss} - accuracy: 0.6 - val_loss: {val}"
    " - val_accuracy: {acc}\n",
    "one-line": "Epoch: {e}, Train Loss: {loss}, Val Loss: {val}, Val Acc: {acc}\n",
    "equals": "INFO 2024-11-24 epoch={e} train_loss={loss} val_loss={val} val_acc={acc}\n",
    "brackets": "[epoch {e}/3] loss: {loss} | dev loss: {val} | dev accuracy: {acc}\n",
}


@pytest.mark.parametrize("name", PRINTED)
def test_lines_that_name_their_numbers_are_read(name: str, tmp_path: Path) -> None:
    values = [(1, 0.9, 0.8, 0.6), (2, 0.6, 0.7, 0.7), (3, 0.4, 0.75, 0.72)]
    text = "starting\n" + "".join(PRINTED[name].format(e=e, loss=a, val=b, acc=c) for e, a, b, c in values)
    log = read(kept(tmp_path, text, "output.txt"))
    assert [point.loss for point in log.points] == [0.9, 0.6, 0.4]
    assert [(e.epoch, e.loss, e.accuracy) for e in log.evaluations] == [(e, b, c) for e, _, b, c in values]


def test_a_folder_with_nothing_else_is_read_from_what_was_printed(tmp_path: Path) -> None:
    kept(tmp_path, "# no table\n", "README.md")
    kept(tmp_path, printed(), "nohup.out")
    assert read(tmp_path).format == "console"


def test_text_without_a_loss_is_refused_in_one_line(tmp_path: Path) -> None:
    for name, code in (("a.log", "logs.no_printed"), ("a.txt", "logs.unknown"), ("a.md", "logs.no_table")):
        with pytest.raises(DataError) as refused:
            read(kept(tmp_path, "some text\nno numbers\n", name))
        assert refused.value.code == code and "\n" not in refused.value.sentence("zh")


CARD = """---
library_name: peft
pipeline_tag: text-classification
---
# my-model
It achieves a loss of 0.45.

### Training hyperparameters
- learning_rate: 2e-05
- train_batch_size: 16
- num_epochs: 3

### Training results

| Training Loss | Epoch | Step | Validation Loss | Accuracy | F1     |
|:-------------:|:-----:|:----:|:---------------:|:--------:|:------:|
| No log        | 1.0   | 200  | 0.6             | 0.71     | 0.70   |
| 0.52          | 2.0   | 400  | 0.5             | 0.79     | 0.80   |
| 0.52          | 3.0   | 600  | 0.45            | 0.81     | 0.82   |

### Framework versions
- PEFT 0.10.0
"""


def test_the_table_of_a_model_card_is_read(tmp_path: Path) -> None:
    kept(tmp_path, CARD, "README.md")
    log = read(tmp_path)
    assert (log.format, log.recipe.lr, log.setup.planned_epochs, log.setup.task) == ("card", 2e-5, 3.0, "")
    assert [(e.step, e.loss, e.f1, e.accuracy) for e in log.evaluations][-1] == (600, 0.45, 0.82, 0.81)
    assert [(point.step, point.loss) for point in log.points] == [(400, 0.52)]


def test_the_history_of_keras_is_read(tmp_path: Path) -> None:
    text = '{"loss": [0.9, 0.6], "accuracy": [0.5, 0.7], "val_loss": [0.8, 0.7], "val_accuracy": [0.6, 0.65]}'
    log = read(kept(tmp_path, text, "history.json"))
    assert [point.loss for point in log.points] == [0.9, 0.6] and log.evaluations[-1].accuracy == 0.65
    csv = "epoch,accuracy,loss,val_accuracy,val_loss\n0,0.5,0.9,0.6,0.8\n1,0.7,0.6,0.65,0.7\n"
    log = read(kept(tmp_path, csv, "training.csv"))
    assert (log.epochs, [e.accuracy for e in log.evaluations]) == (2.0, [0.6, 0.65])


def test_lightning_logs_lr_in_rows_of_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "lightning_logs" / "version_0"
    folder.mkdir(parents=True)
    rows = "".join(
        f"{2e-4 * (1 - at / 1000)},{at},,,\n,{at},{at // 500},{1 - at / 2000},\n" for at in range(49, 1000, 50)
    )
    kept(folder, "lr-AdamW,step,epoch,train_loss_step,val_loss\n" + rows + ",999,1,,0.5\n", "metrics.csv")
    log = read(tmp_path)
    assert log.recipe.lr == 2e-4 and all(point.lr > 0 for point in log.points)
