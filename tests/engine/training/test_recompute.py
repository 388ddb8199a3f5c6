"""Blocks that are computed twice train as those whose activations are kept."""

from pathlib import Path

import pytest
import torch

from rankfirst.engine.base_models.sources import resolve
from rankfirst.engine.training.footprint import Planner, Room
from rankfirst.engine.training.recompute import recomputed
from rankfirst.engine.training.tensor_memory import LiveBytes
from rankfirst.records import Curve, Health
from tests.engine import tiny

KINDS = ("bert", "albert", "gpt2", "modernbert", "qwen2")  # a shared block, a fused projection, a decoder among them


def curve(kind: str, folder: Path, monkeypatch: pytest.MonkeyPatch, again: bool) -> Curve:
    base = folder / kind
    if not base.exists():
        tiny.write_base(base, kind)
    monkeypatch.setattr(Planner, "room", lambda planner, recipe: Room(recompute=again))
    engine = tiny.engine(resolve(str(base)), folder / f"{kind}-{again}")
    return engine.probe(tiny.recipe(dropout=0.2), 2)


@pytest.mark.parametrize("kind", KINDS)
def test_losses_are_the_same_to_the_last_bit(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, again = (curve(kind, tmp_path, monkeypatch, again) for again in (False, True))
    assert again.health is Health.FINE
    assert again.train_loss == kept.train_loss
    assert again.grad_norm == kept.grad_norm
    assert again.val_log_loss == kept.val_log_loss


def test_less_is_held_and_the_blocks_are_as_before() -> None:
    blocks = torch.nn.ModuleList(torch.nn.Sequential(*(torch.nn.Linear(8, 8) for _ in range(6))) for _ in range(4))
    before = [dict(block.__dict__) for block in blocks]

    def peak() -> int:
        with LiveBytes(blocks.parameters()) as live:
            x = torch.ones(64, 8)
            for block in blocks:
                x = block(x)
            x.sum().backward()
        for p in blocks.parameters():
            p.grad = None
        return live.peak

    kept = peak()
    with recomputed(blocks):
        assert peak() < 0.7 * kept
    assert [dict(block.__dict__).keys() for block in blocks] == [b.keys() for b in before]
    assert peak() == kept
