"""One training step is the one of plain transformers + PEFT: the same loss and the same gradient of every matrix."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from rankfirst.engine.base_models.sources import resolve
from rankfirst.engine.local import LocalEngine
from rankfirst.engine.training.frozen_prefix import replaced_below
from rankfirst.engine.training.loop import Loop
from rankfirst.records import ALL_ROLES, Recipe, Sites
from tests.engine import tiny

ROWS = [3, 0, 7, 12, 5]  # texts of several lengths
RECIPE = tiny.recipe(sites=Sites(ALL_ROLES, 3), rank=3, scaling=0.7, dropout=0.0)
CLOSE = 1e-5  # relative, of the loss and of each gradient as a whole

Tensors = dict[str, Tensor]


def engine(tmp_path: Path, kind: str, multi_label: bool = False) -> LocalEngine:
    """An engine on a random base of this family; the base has dropout, which would show if it were on."""
    source = resolve(str(tiny.write_base(tmp_path / "base", kind)))
    return tiny.engine(source, tmp_path / "work", tiny.dataset(multi_label=multi_label))


def shaken(made: LocalEngine, recipe: Recipe, pooling: str) -> Loop:
    """A loop whose B is not zero, so that A has a gradient as well."""
    made.model.pooling = pooling
    loop = Loop(made.corpus, recipe, None, made.heads[recipe.head])
    random = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for name, p in made.model.adapter().items():
            if ".lora_B." in name:
                p.normal_(0, 0.1, generator=random)
    if loop.depth:
        made.corpus.fill("train", loop.depth, ROWS)
    made.model.train_mode(True)
    return loop


def gradients_of(parameters: Mapping[str, nn.Parameter]) -> Tensors:
    """Every one of them; none may be absent or zero."""
    found = {name: p.grad.clone() for name, p in parameters.items() if p.grad is not None}
    assert found.keys() == parameters.keys() and all(g.norm() > 0 for g in found.values())
    return found


def our_step(loop: Loop, pieces: Sequence[list[int]] = (ROWS,)) -> tuple[float, Tensors]:
    """Mean loss and gradients."""
    with replaced_below(loop.model.stack, loop.depth, loop.corpus.tuple_blocks) as replay:
        loss = sum(loop._backward(piece, len(ROWS), replay) for piece in pieces)
    return loss, gradients_of(loop.model.trainable())


def plain_step(made: LocalEngine, recipe: Recipe, pooling: str, weights: Tensors) -> tuple[float, Tensors]:
    """The same step with nothing of rankfirst: only the texts and the weights are given."""
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModel, AutoTokenizer

    base, data = made.source.folder, made.dataset
    config = LoraConfig(
        r=recipe.rank,
        lora_alpha=recipe.scaling * recipe.rank,
        lora_dropout=0.0,
        target_modules=sorted({name.partition(".lora_")[0] for name in weights if ".lora_" in name}),
        fan_in_fan_out=made.model.encoder.config.model_type == "gpt2",
    )
    model = get_peft_model(AutoModel.from_pretrained(base, dtype=torch.float32), config).eval()
    own = dict(model.named_parameters())
    head = nn.Linear(made.model.hidden, len(data.classes))
    trained = {n: own[f"base_model.model.{n}"] for n in weights if not n.startswith("head.")}
    trained |= {"head.weight": head.weight, "head.bias": head.bias}
    assert {id(p) for p in own.values() if p.requires_grad} <= {id(p) for p in trained.values()}  # no site is left out
    with torch.no_grad():
        for name, p in trained.items():
            p.copy_(weights[name])

    tokenizer = AutoTokenizer.from_pretrained(base)
    batch = tokenizer([data.train.texts[r] for r in ROWS], padding=True, padding_side="right", return_tensors="pt")
    ids, mask = batch["input_ids"], batch["attention_mask"]
    states = model(input_ids=ids, attention_mask=mask).last_hidden_state
    if pooling == "mean":
        pooled = torch.stack([s[m.bool()].mean(0) for s, m in zip(states, mask, strict=True)])
    else:
        pooled = torch.stack([s[int(m.sum()) - 1] for s, m in zip(states, mask, strict=True)])
    loss = plain_loss(head(pooled), [data.train.labels[r] for r in ROWS], data.multi_label)
    loss.backward()
    return float(loss.detach()), gradients_of(trained)


def plain_loss(logits: Tensor, labels: list[tuple[int, ...]], multi_label: bool) -> Tensor:
    if not multi_label:
        return nn.CrossEntropyLoss()(logits, torch.tensor([row[0] for row in labels]))
    targets = torch.tensor([[float(c in row) for c in range(logits.shape[1])] for row in labels])
    return nn.BCEWithLogitsLoss(reduction="sum")(logits, targets) / len(labels)


def same(step: tuple[float, Tensors], other: tuple[float, Tensors]) -> None:
    assert step[0] == pytest.approx(other[0], rel=CLOSE)
    assert step[1].keys() == other[1].keys()
    assert {n for n, g in other[1].items() if (step[1][n] - g).norm() > CLOSE * g.norm()} == set()


def compare(made: LocalEngine, recipe: Recipe, pooling: str) -> None:
    loop = shaken(made, recipe, pooling)
    weights = {name: p.detach().clone() for name, p in made.model.trainable().items()}
    same(our_step(loop), plain_step(made, recipe, pooling, weights))


CASES = [("bert", "mean"), ("distilbert", "mean"), ("modernbert", "mean"), ("gpt2", "last"), ("qwen2", "last")]


@pytest.mark.parametrize(("kind", "pooling"), CASES)
@pytest.mark.parametrize("sites", [Sites(ALL_ROLES, 3), Sites(ALL_ROLES, 1), tiny.FFN_ON_TOP], ids=str)
def test_a_step_is_that_of_plain_peft(tmp_path: Path, kind: str, pooling: str, sites: Sites) -> None:
    """With one block adapted ours replays two frozen blocks, and the plain one runs them."""
    compare(engine(tmp_path, kind), RECIPE.with_(sites=sites), pooling)


def test_so_it_is_with_several_labels_a_row(tmp_path: Path) -> None:
    """Binary cross-entropy, summed over labels and averaged over rows."""
    compare(engine(tmp_path, "bert", multi_label=True), RECIPE, "mean")


def test_a_batch_cut_into_pieces_is_the_whole_batch(tmp_path: Path) -> None:
    made = engine(tmp_path, "bert")
    whole = our_step(shaken(made, RECIPE, "mean"))
    same(our_step(shaken(made, RECIPE, "mean"), (ROWS[:2], ROWS[2:4], ROWS[4:])), whole)
