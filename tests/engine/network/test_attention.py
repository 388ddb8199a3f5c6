"""Attention in bfloat16 goes backward in float32 on a CPU, and is otherwise left alone."""

import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention as attend

from rankfirst.engine.network.attention import Float32Attention, for_base

CPU = torch.device("cpu")


def grown(dtype: torch.dtype, learns: bool = True) -> list[torch.Tensor]:
    drawn = torch.Generator().manual_seed(3)
    return [torch.randn(2, 2, 5, 4, generator=drawn).to(dtype).requires_grad_(learns) for _ in range(3)]


@pytest.mark.parametrize("masked", [False, True])
def test_gradients_are_those_of_float32(masked: bool) -> None:
    mask = torch.zeros(2, 1, 5, 5, dtype=torch.bfloat16).masked_fill_(torch.eye(5, dtype=torch.bool), -1e4)
    narrow, wide = grown(torch.bfloat16), [x.detach().float().requires_grad_() for x in grown(torch.bfloat16)]
    with Float32Attention():
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
    with Float32Attention():
        assert torch.equal(attend(*inputs), plain)
        with torch.no_grad():
            assert torch.equal(attend(*inputs), attend(*(x.detach() for x in inputs)))


def test_only_a_narrow_base_on_a_cpu_needs_it() -> None:
    assert isinstance(for_base("bfloat16", CPU), Float32Attention)
    assert not isinstance(for_base("float32", CPU), Float32Attention)
    assert not isinstance(for_base("bfloat16", torch.device("cuda")), Float32Attention)
