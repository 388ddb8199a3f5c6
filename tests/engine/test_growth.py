"""Function-preserving growth: B·A is unchanged when the rank rises."""

import torch

from rankfirst.engine.checkpoint import grow


def test_growing_the_rank_keeps_the_update() -> None:
    a, b = torch.randn(4, 6), torch.randn(5, 4)
    wide_a, wide_b = grow(a, torch.randn(16, 6), is_b=False), grow(b, torch.randn(5, 16), is_b=True)
    assert torch.allclose(wide_b @ wide_a, b @ a, atol=1e-6)
