"""The fast forward equals PEFT's, values and gradients, with and without dropout."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from rankfirst.engine.base_models.sources import resolve
from rankfirst.engine.network.lora import Dropout, LowRank
from rankfirst.engine.network.model import TextModel
from tests.engine import tiny


def tensors(*shapes: Sequence[int]) -> list[Tensor]:
    random = torch.Generator().manual_seed(3)
    return [torch.randn(*s, generator=random, dtype=torch.float64, requires_grad=True) for s in shapes]


@pytest.mark.parametrize("dropped", [False, True])
@pytest.mark.parametrize("with_bias", [False, True])
def test_gradients_are_those_of_the_plain_formula(dropped: bool, with_bias: bool) -> None:
    x, w, b, bias = tensors((6, 5), (4, 5), (4, 2), (4,))
    (a,) = tensors((2, 5))
    mask = (torch.arange(30).view(6, 5) % 4 > 0) / 0.75 if dropped else None
    y = LowRank.apply(x, w, bias if with_bias else None, a, b, mask, 0.5)
    inner = x if mask is None else x * mask
    plain = nn.functional.linear(x, w, bias if with_bias else None) + inner @ a.T @ b.T * 0.5
    torch.testing.assert_close(y, plain)
    weight = torch.arange(24.0, dtype=torch.float64).view(6, 4)
    ours = torch.autograd.grad((y * weight).sum(), (x, a, b))
    theirs = torch.autograd.grad((plain * weight).sum(), (x, a, b))
    torch.testing.assert_close(ours, theirs)


def test_low_precision_states_get_full_precision_gradients() -> None:
    x, w, a, b = (t.detach().float() for t in tensors((3, 5), (4, 5), (2, 5), (4, 2)))
    a.requires_grad_()
    y = LowRank.apply(x.bfloat16(), w.bfloat16(), None, a, b, None, 1.0)
    y.sum().backward()
    assert y.dtype == torch.bfloat16 and a.grad is not None and a.grad.dtype == torch.float32


@pytest.mark.parametrize("kind", ["bert", "gpt2"])
def test_a_quickened_model_answers_as_peft_does(kind: str, tmp_path: Path) -> None:
    model = TextModel(resolve(str(tiny.write_base(tmp_path, kind))), torch.device("cpu"))
    model.attach(tiny.recipe(dropout=0.0))
    for name, p in model.adapter().items():
        nn.init.normal_(p, std=0.3, generator=torch.Generator().manual_seed(len(name)))
    ids, mask = model.pad([[6, 7, 8], [9, 5]])
    fast = model.hidden_states(ids, mask)
    for module in model._adapted():
        del module.forward  # PEFT's own again
    torch.testing.assert_close(fast, model.hidden_states(ids, mask), rtol=1e-5, atol=1e-5)


def test_dropout_keeps_the_mean_and_is_off_when_not_training() -> None:
    drop = Dropout(0.5)
    drop.pool, drop.random = torch.tensor([0.0, 2.0]).repeat(500), torch.Generator()
    x = torch.ones(300)
    drop.train()
    assert drop(x).mean() == pytest.approx(1.0)
    drop.eval()
    assert drop.mask(x) is None and drop(x) is x


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_dropout_draws_the_same_factors_in_the_type_of_the_base(dtype: str, tmp_path: Path) -> None:
    model = TextModel(resolve(str(tiny.write_base(tmp_path, "bert"))), torch.device("cpu"))
    model.narrow(dtype)
    model.attach(tiny.recipe(dropout=0.05))
    model.train_mode(True, seed=3)
    drop = model._adapted()[0].lora_dropout["default"]
    wanted, x = getattr(torch, dtype), torch.ones(7, 16, dtype=getattr(torch, dtype))
    assert drop.pool is not None and drop.pool.dtype == wanted
    drop.random.manual_seed(1)
    own = drop.mask(x)
    drop.pool, _ = Dropout.draw(0.05), drop.random.manual_seed(1)
    assert own.dtype == wanted and torch.equal(own, drop.mask(x))
