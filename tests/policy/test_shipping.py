"""Is LoRA needed? Decided against the noise floor."""

import pytest

from rankfirst.policy import ship
from rankfirst.records import Rung, Scores

TRUTH = tuple((i % 2,) for i in range(400))


def rung(name: str, wrong: range, loss: float, rare: float = 0.0) -> Rung:
    """Wrong on some rows; `rare` moves the reported macro-F1 only."""
    predicted = tuple((1 - i % 2,) if i in wrong else (i % 2,) for i in range(400))
    right = 1 - len(wrong) / 400
    losses = tuple(loss + 0.01 * (i % 3) for i in range(400))
    return Rung(name, Scores(right + rare, right, right, {}, loss), 1.0, 1.0, {}, losses, predicted)


TFIDF, FROZEN = rung("tfidf", range(120), 0.9), rung("frozen", range(80), 0.5)


@pytest.mark.parametrize(
    ("lora", "forced", "shipped", "code"),
    [
        pytest.param(rung("lora", range(20), 0.2), False, "lora", "ship.lora", id="clear-gain"),
        pytest.param(rung("lora", range(79), 0.5), False, "frozen", "ship.frozen", id="inside-the-noise"),
        pytest.param(rung("lora", range(79), 0.2), False, "lora", "ship.lora_small", id="small-but-real"),
        pytest.param(rung("lora", range(79), 0.5), True, "lora", "ship.forced", id="insisted"),
        pytest.param(rung("lora", range(80), 0.4), True, "lora", "ship.forced_same", id="insisted-on-the-start"),
        pytest.param(rung("lora", range(80), 0.4), False, "frozen", "ship.frozen_same", id="no-epoch-beat-the-start"),
        pytest.param(rung("lora", range(160), 0.9), False, "frozen", "ship.frozen_worse", id="worse"),
        pytest.param(None, False, "frozen", "ship.frozen_only", id="no-lora"),
    ],
)
def test_ship(lora: Rung | None, forced: bool, shipped: str, code: str) -> None:
    decision = ship(TRUTH, 2, TFIDF, FROZEN, lora, forced)
    assert (decision.ship, decision.code) == (shipped, code)


def test_exact_match_speaks_where_a_rare_class_drowns_macro_f1() -> None:
    truth = tuple((0, 2) if i == 0 else (i % 2,) for i in range(400))
    base = tuple((0, 2) if i == 0 else (1 - i % 2,) if i < 60 else (i % 2,) for i in range(400))
    lora = tuple((0,) if i == 0 else (1 - i % 2,) if i < 20 else (i % 2,) for i in range(400))
    rungs = [
        Rung("x", Scores(0.9, 0.9, 0.9, {}, loss), 1.0, 1.0, {}, (loss,) * 399 + (loss + 0.01,), predicted)
        for loss, predicted in ((0.9, base), (0.5, base), (0.2, lora))
    ]
    assert ship(truth, 3, rungs[0], rungs[1], rungs[2], False).code == "ship.lora_exact"
