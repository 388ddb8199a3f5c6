"""The callback beside a real Trainer with PEFT: what it collects, what it says, and that it changes nothing."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from rankfirst import OptionError, RankFirstCallback
from rankfirst.engine.network import sites
from rankfirst.engine.trainer_watch import adapter
from rankfirst.engine.trainer_watch.callback import Collector
from rankfirst.records import ATTENTION_QV, FFN, Change, Health, Role, Sites
from tests.engine import tiny

QV = ["query", "value"]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.write_base(tmp_path_factory.mktemp("bert"), "bert")


def rows(split: Any, tokenizer: Any, multi: bool) -> list[dict[str, Any]]:
    encoded = [dict(tokenizer(text)) for text in split.texts]
    for row, labels in zip(encoded, split.labels, strict=True):
        row["labels"] = [float(c in labels) for c in range(3)] if multi else labels[0]
    return encoded


def made(base: Path, multi: bool = False, **lora: Any) -> Any:
    from peft import LoraConfig, TaskType, get_peft_model
    from transformers import AutoModelForSequenceClassification

    torch.manual_seed(0)
    problem = "multi_label_classification" if multi else None
    model = AutoModelForSequenceClassification.from_pretrained(base, num_labels=3, problem_type=problem)
    asked = {"r": 4, "lora_alpha": 8, "lora_dropout": 0.05, "target_modules": QV} | lora
    return get_peft_model(model, LoraConfig(task_type=TaskType.SEQ_CLS, **asked))


def trainer(base: Path, out: Path, callbacks: Sequence[Any] = (), multi: bool = False, model: Any = None,
            trainer_class: Any = None, **options: Any) -> Any:  # fmt: skip
    """Two epochs of 12 steps on the tiny rows, evaluated once an epoch."""
    from transformers import AutoTokenizer, DataCollatorWithPadding, Trainer, TrainingArguments

    tokenizer = AutoTokenizer.from_pretrained(base)
    data = tiny.dataset(96, 30, multi_label=multi)
    usual = {"num_train_epochs": 2, "per_device_train_batch_size": 8, "learning_rate": 8e-4, "eval_strategy": "epoch"}
    usual |= {"report_to": [], "use_cpu": True, "save_strategy": "no", "disable_tqdm": True, "logging_steps": 4}
    return (trainer_class or Trainer)(
        model=made(base, multi) if model is None else model,
        args=TrainingArguments(str(out), **(usual | options)),
        train_dataset=rows(data.train, tokenizer, multi),
        eval_dataset=rows(data.val, tokenizer, multi),
        data_collator=DataCollatorWithPadding(tokenizer),
        callbacks=list(callbacks),
    )


def heard(**options: Any) -> tuple[RankFirstCallback, list[str]]:
    """A callback and the lines it will have said."""
    lines: list[str] = []
    return RankFirstCallback(write=lines.append, **options), lines


@pytest.mark.parametrize("multi", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["single", "multi"])
def test_the_curve_is_that_of_our_engine(base: Path, tmp_path: Path, multi: bool) -> None:
    callback, lines = heard()
    run = trainer(base, tmp_path, [callback], multi)
    run.train()
    curve = callback.curve
    assert curve is not None and curve.health is Health.FINE
    assert curve.steps == tuple(range(1, 25)) and len(curve.train_loss) == 24 and curve.epochs == 2.0
    assert [e.step for e in curve.evaluations] == [0, 12, 24] and curve.train_seen == 64
    logged = [entry for entry in run.state.log_history if "eval_loss" in entry]
    for entry, evaluation in zip(logged, curve.evaluations[1:], strict=True):
        per_row = 3 if multi else 1  # transformers takes the mean over labels, we the sum
        assert evaluation.val_loss == pytest.approx(per_row * entry["eval_loss"], rel=1e-4)
    losses = [entry["loss"] for entry in run.state.log_history if "loss" in entry]
    ours = [sum(curve.train_loss[i : i + 4]) / 4 / (3 if multi else 1) for i in range(0, 24, 4)]
    assert ours == pytest.approx(losses, rel=1e-4)
    assert [math.isfinite(norm) for norm in curve.grad_norm] == [step % 4 == 0 for step in curve.steps]
    assert len(curve.end_predicted) == len(curve.end_log_loss) == 30 and len(curve.last.recall) == 3
    assert all(math.isfinite(e.train_loss + e.train_macro_f1) for e in curve.evaluations)
    assert curve.update_norm > 0 and curve.adapter_parameters == 3 * 2 * 4 * 32
    recipe = curve.recipe
    assert (recipe.rank, recipe.scaling, recipe.lr, recipe.dropout, recipe.batch_size) == (4, 2.0, 8e-4, 0.05, 8)
    assert recipe.sites == Sites(ATTENTION_QV, 3)
    assert callback.lines == tuple(lines) and lines[0].startswith("rankfirst on this run: rank 4")


@pytest.mark.slow
def test_the_start_is_the_untrained_model(base: Path, tmp_path: Path) -> None:
    first, second = heard()[0], heard()[0]
    trainer(base, tmp_path, [first]).train()
    trainer(base, tmp_path, [second], eval_on_start=True).train()
    assert first.curve is not None and second.curve is not None
    assert first.curve.start == second.curve.start
    assert [e.step for e in second.curve.evaluations] == [0, 12, 24]


def test_the_training_is_not_changed(base: Path, tmp_path: Path) -> None:
    models = []
    for callbacks in ([], [heard()[0]]):
        run = trainer(base, tmp_path, callbacks)
        run.train()
        models.append(run.model)
        assert not run.model._forward_hooks
    left, right = (model.state_dict() for model in models)
    assert left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


@pytest.mark.slow
def test_without_evaluation_it_gives_no_verdict(base: Path, tmp_path: Path) -> None:
    callback, lines = heard()
    trainer(base, tmp_path, [callback], eval_strategy="no", num_train_epochs=3).train()
    assert callback.curve is not None and not callback.curve.evaluations and len(callback.curve.steps) == 36
    assert callback.decision is None and any("No verdict" in line for line in lines)


@pytest.mark.parametrize("lang", ["en", pytest.param("zh", marks=pytest.mark.slow)])
def test_nan_is_numerics(base: Path, tmp_path: Path, lang: str) -> None:
    callback, lines = heard(lang=lang)
    trainer(base, tmp_path, [callback], learning_rate=1e30, max_grad_norm=0.0).train()
    assert callback.curve is not None and callback.curve.health is Health.DIVERGED
    assert callback.decision is not None and callback.decision.rule_id == "numerics"
    assert isinstance(callback.decision.move, Change) and "max_grad_norm=0.3" in "\n".join(lines)


@pytest.mark.slow
def test_a_loss_that_rises_sends_lr_down_first(base: Path, tmp_path: Path) -> None:
    callback, lines = heard()
    trainer(base, tmp_path, [callback], learning_rate=30.0).train()
    assert callback.curve is not None and callback.curve.health is Health.FINE
    assert callback.decision is None and any("lr 3e1 → 4e-4" in line for line in lines)


@pytest.mark.slow
def test_it_speaks_chinese(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANKFIRST_LANG", "zh")
    by_environment, by_argument = heard(), heard(lang="zh")
    for callback, _ in (by_environment, by_argument):
        trainer(base, tmp_path, [callback]).train()
    assert by_environment[1] == by_argument[1] and by_argument[1][0].startswith("rankfirst 对本次训练的诊断：")
    with pytest.raises(OptionError):
        RankFirstCallback(lang="fr")


@pytest.mark.slow
def test_it_speaks_after_each_evaluation_when_asked(base: Path, tmp_path: Path) -> None:
    lines = heard(every_evaluation=True)
    trainer(base, tmp_path, [lines[0]]).train()
    assert sum(line.startswith("rankfirst on this run") for line in lines[1]) == 2


@pytest.mark.slow
def test_it_prints_by_default_and_can_be_used_again(base: Path, tmp_path: Path, capsys: Any) -> None:
    callback = RankFirstCallback()
    run = trainer(base, tmp_path, [callback])
    run.train()
    first = callback.curve
    run.evaluate()  # after the training: not part of it
    assert callback.curve is first
    run.train()
    assert callback.curve is not None and len(callback.curve.evaluations) == 3
    assert capsys.readouterr().out.count("rankfirst on this run") == 2


def loss_of_their_own(outputs: Any, labels: Any, num_items_in_batch: Any = None) -> Any:
    return torch.nn.functional.cross_entropy(outputs.logits, labels)


@pytest.mark.slow
@pytest.mark.parametrize("way", [{"label_smoothing_factor": 0.1}, {"compute_loss_func": loss_of_their_own}])
def test_labels_the_hook_does_not_see(base: Path, tmp_path: Path, way: dict[str, Any]) -> None:
    callback = heard()[0]
    run = trainer(base, tmp_path, [callback], **{k: v for k, v in way.items() if k != "compute_loss_func"})
    run.compute_loss_func = way.get("compute_loss_func")
    run.train()
    assert callback.curve is not None and [e.step for e in callback.curve.evaluations] == [0, 12, 24]
    assert callback.curve.steps == (4, 8, 12, 16, 20, 24)  # as the Trainer logs them


@pytest.mark.slow
def test_of_several_evaluation_sets_the_first_counts(base: Path, tmp_path: Path) -> None:
    callback = heard()[0]
    run = trainer(base, tmp_path, [callback])
    run.eval_dataset = {"one": run.eval_dataset, "two": run.eval_dataset[:7]}
    run.train()
    assert callback.curve is not None and len(callback.curve.evaluations) == 3
    assert len(callback.curve.end_predicted) == 30


@pytest.mark.slow
def test_accumulated_gradients_are_one_step(base: Path, tmp_path: Path) -> None:
    callback = heard()[0]
    trainer(base, tmp_path, [callback], gradient_accumulation_steps=2).train()
    assert callback.curve is not None and callback.curve.steps == tuple(range(1, 13))
    assert callback.curve.recipe.batch_size == 16 and callback.curve.steps_per_epoch == 6


@pytest.mark.slow
def test_rows_that_cannot_be_picked_leave_no_verdict(base: Path, tmp_path: Path) -> None:
    class Stream(torch.utils.data.IterableDataset):  # type: ignore[type-arg]
        def __init__(self, rows: list[Any]) -> None:
            self.rows = rows

        def __iter__(self) -> Any:
            return iter(self.rows)

    callback, lines = heard()
    run = trainer(base, tmp_path, [callback], max_steps=36)
    run.train_dataset = Stream(run.train_dataset)
    run.train()
    assert callback.curve is not None and math.isnan(callback.curve.last.train_loss)
    assert callback.decision is None and "read one by one" in lines[-1]


def without_adapter(base: Path) -> Any:
    from transformers import AutoModelForSequenceClassification

    return AutoModelForSequenceClassification.from_pretrained(base, num_labels=3)


def test_without_an_adapter_it_says_so_once(base: Path, tmp_path: Path) -> None:
    callback, lines = heard()
    trainer(base, tmp_path, [callback], model=without_adapter(base)).train()
    assert len(lines) == 1 and "no LoRA adapter" in lines[0] and callback.curve is None


@pytest.mark.parametrize(
    "where", ["hook", *(pytest.param(at, marks=pytest.mark.slow) for at in ("conclude", "begin", "evaluate", "write"))]
)
def test_nothing_reaches_the_training(base: Path, tmp_path: Path, monkeypatch: Any, where: str) -> None:
    def fail(*args: Any, **given: Any) -> Any:
        raise RuntimeError("secret text of the user")

    callback, lines = heard()
    names = {"hook": "passes.summed_loss", "begin": "adapter.read", "evaluate": "history.judge"}
    if where == "conclude":
        monkeypatch.setattr(callback, "conclude", fail)
    elif where == "write":
        callback.write = fail
    else:
        monkeypatch.setattr(f"rankfirst.engine.trainer_watch.{names[where]}", fail)
    run = trainer(base, tmp_path, [callback])
    run.train()
    assert run.state.global_step == 24 and not run.model._forward_hooks
    assert len(lines) == (where != "write") and not any("secret" in line for line in lines)
    assert all("RuntimeError" in line for line in lines)


@pytest.mark.parametrize("kind", tiny.kinds(["bert", "distilbert", "modernbert", "gpt2", "qwen2", "deberta-v2"]))
@pytest.mark.parametrize(
    "asked",
    [
        Sites(ATTENTION_QV, 3),
        Sites(ATTENTION_QV, 1),
        Sites((*ATTENTION_QV, *FFN), 2),
        Sites(tuple(Role), 3),
        Sites((*ATTENTION_QV, *FFN), 1, ATTENTION_QV),
    ],
    ids=str,
)
def test_sites_are_read_back(tmp_path: Path, kind: str, asked: Sites) -> None:
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModel

    model = AutoModel.from_pretrained(tiny.write_base(tmp_path, kind))
    shapes, weights = sites.shapes(sites.blocks(model)[1][0]), sum(p.numel() for p in model.parameters())
    targets = sites.target_modules(model, asked)
    found = adapter.read(get_peft_model(model, LoraConfig(r=2, target_modules=targets)))
    facts = found.facts(90, 9)
    assert found.exact and found.sites == asked and set(found.layers) == set(targets)
    assert facts.shapes == shapes and facts.layers == 3 and 0 < facts.layer_parameters < weights
    assert facts.adapter_parameters(2, asked) == found.parameters()


@pytest.mark.parametrize(
    ("lora", "found"),
    [
        ({"layers_to_transform": [0]}, Sites(ATTENTION_QV, 3)),
        ({"target_modules": ["layer.2.attention.self.query", "layer.1.attention.self.value"]}, Sites(ATTENTION_QV, 2)),
        ({"target_modules": ["query", "value", "word_embeddings"]}, Sites(ATTENTION_QV, 3)),
        ({"rank_pattern": {"layer.2.attention.self.query": 8}}, Sites(ATTENTION_QV, 3)),
    ],
)
def test_other_sites_are_read_roughly_and_said(base: Path, lora: dict[str, Any], found: Sites) -> None:
    model = made(base, **lora)
    read = adapter.read(model)
    assert (read.sites, read.exact) == (found, False)


def test_rank_stabilised_scaling_is_read_as_it_acts(base: Path) -> None:
    from transformers import TrainingArguments

    args = TrainingArguments(max_grad_norm=0.3, adam_epsilon=1e-6, use_cpu=True)
    recipe = adapter.read(made(base, use_rslora=True)).recipe(args)
    assert recipe.scaling == 4.0 and recipe.safe_numerics


def test_the_model_is_left_as_it_was(base: Path) -> None:
    model = made(base)
    names = [name for name, _ in model.named_modules()]
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    adapter.read(model)
    assert [name for name, _ in model.named_modules()] == names
    assert all(torch.equal(before[name], p) for name, p in model.named_parameters())


def test_a_collector_must_conclude() -> None:
    silent: Callable[[str], None] = lambda line: None  # noqa: E731
    with pytest.raises(NotImplementedError):
        Collector("en", write=silent).conclude(np.nan)  # type: ignore[arg-type]
