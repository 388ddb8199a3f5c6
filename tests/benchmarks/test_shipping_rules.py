"""The rules that are compared, on models that are plainly better, plainly worse, or ahead without proof."""

from dataclasses import replace

import numpy as np
import pytest
from benchmarks.shipping_rules import RULES, Offer

from rankfirst.records import Rung, Scores

TRUTH = tuple((i % 2,) for i in range(200))


def offer(wrong: range, loss: float) -> Offer:
    def rung(name: str, wrong: range, loss: float) -> Rung:
        said = tuple((1 - i % 2,) if i in wrong else row for i, row in enumerate(TRUTH))
        losses = tuple(np.random.default_rng(len(wrong)).normal(loss, 0.3, len(TRUTH)).tolist())
        return Rung(name, Scores(0.8, 0.8, 0.8, {}, loss), 1.0, 1.0, {}, losses, said)

    return Offer("x", TRUTH, 2, rung("frozen", range(40), 0.5), rung("lora", wrong, loss), 0.0)


@pytest.mark.parametrize(
    ("given", "shipping"),
    [
        pytest.param(offer(range(5), 0.2), set(RULES) - {"never"}, id="better"),
        pytest.param(offer(range(80), 0.9), {"always"}, id="worse"),
        pytest.param(offer(range(39), 0.45), {"always", "better", "balanced"}, id="ahead"),
    ],
)
def test_what_each_rule_ships(given: Offer, shipping: set[str]) -> None:
    assert {name for name, decide in RULES.items() if decide(given)} == shipping


def test_without_log_losses_macro_f1_stands_alone() -> None:
    given = offer(range(40), 0.2)
    assert not RULES["macro-F1"](given)
    assert RULES["macro-F1"](replace(given, lora=replace(given.lora, val_predicted=TRUTH)))
