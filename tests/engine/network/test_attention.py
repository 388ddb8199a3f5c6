"""Attention goes backward in float32 from bfloat16 on a CPU, deterministically on a GPU, else as torch does it."""

from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention as attend

from rankfirst.engine.network.attention import AttentionBackward, deterministic, for_base

CPU = torch.device("cpu")


def grown(dtype: torch.dtype, learns: bool = True) -> list[torch.Tensor]:
    drawn = torch.Generator().manual_seed(3)
    return [torch.randn(2, 2, 5, 4, generator=drawn).to(dtype).requires_grad_(learns) for _ in range(3)]


@pytest.mark.parametrize("masked", [False, True])
def test_gradients_are_those_of_float32(masked: bool) -> None:
    mask = torch.zeros(2, 1, 5, 5, dtype=torch.bfloat16).masked_fill_(torch.eye(5, dtype=torch.bool), -1e4)
    narrow, wide = grown(torch.bfloat16), [x.detach().float().requires_grad_() for x in grown(torch.bfloat16)]
    with AttentionBackward():
        answer = attend(*narrow, attn_mask=mask if masked else None, scale=0.5)
    exact = attend(*wide, attn_mask=mask.float() if masked else None, scale=0.5)
    assert answer.dtype is torch.bfloat16 and torch.equal(answer, exact.to(torch.bfloat16))
    answer.float().sum().backward()
    exact.sum().backward()
    for mine, theirs in zip(narrow, wide, strict=True):
        assert mine.grad is not None and torch.equal(mine.grad, theirs.grad.to(torch.bfloat16))


@pytest.mark.parametrize(("dtype", "learns"), [(torch.bfloat16, False), (torch.float32, True)])
def test_what_needs_no_backward_pass_or_no_other_type_is_left_alone(dtype: torch.dtype, learns: bool) -> None:
    inputs = grown(dtype, learns)
    plain = attend(*inputs)
    with AttentionBackward():
        assert torch.equal(attend(*inputs), plain)
        with torch.no_grad():
            assert torch.equal(attend(*inputs), attend(*(x.detach() for x in inputs)))


def test_a_narrow_base_on_a_cpu_needs_it_and_any_base_on_a_gpu() -> None:
    assert isinstance(for_base("bfloat16", CPU), AttentionBackward)
    assert not isinstance(for_base("float32", CPU), AttentionBackward)
    assert isinstance(for_base("float32", torch.device("cuda")), AttentionBackward)


class Recorded(torch.autograd.Function):
    """Stands for a fused kernel: records whether torch would let it choose a nondeterministic algorithm."""

    seen: ClassVar[list[bool]] = []

    @staticmethod
    def forward(ctx: Any, *inputs: torch.Tensor) -> torch.Tensor:
        Recorded.seen.append(torch.is_deterministic_algorithms_warn_only_enabled())
        return inputs[0] + inputs[1] + inputs[2]

    @staticmethod
    def backward(ctx: Any, g: torch.Tensor) -> tuple[torch.Tensor, ...]:
        Recorded.seen.append(torch.is_deterministic_algorithms_warn_only_enabled())
        return g, g, g


@pytest.fixture
def lenient() -> Iterator[None]:
    """As the engine sets it."""
    before = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    torch.use_deterministic_algorithms(True, warn_only=True)
    yield
    torch.use_deterministic_algorithms(before[0], warn_only=before[1])


def test_on_a_gpu_its_kernels_alone_must_be_deterministic(lenient: None) -> None:
    """torch's fused kernels sum in a fixed order only where operations that cannot are errors."""
    Recorded.seen.clear()
    inputs, around = grown(torch.float32), []
    for each in inputs:
        each.register_hook(lambda g: around.append(torch.is_deterministic_algorithms_warn_only_enabled()))
    out = deterministic(Recorded.apply, *inputs)
    assert torch.is_deterministic_algorithms_warn_only_enabled()
    out.sum().backward()
    assert Recorded.seen == [False, False] and around == [True] * 3
    assert all(torch.equal(each.grad, torch.ones_like(each)) for each in inputs)


def test_what_a_failed_backward_pass_leaves_is_undone(lenient: None) -> None:
    torch.use_deterministic_algorithms(True, warn_only=False)
    with for_base("float32", torch.device("cuda")):
        assert torch.is_deterministic_algorithms_warn_only_enabled()
