"""What a user loses by the rule that decides between LoRA and the frozen encoder, on the runs of the atlas.

Usage: python -m benchmarks.shipping_rules    (writes results/shipping_rules.csv; a minute on one core)

Every run of the atlas is offered on some of its validation rows; its gain is the one on test rows. Regret is what the
model that ships scores below the better of the two, a mean over the sets of their runs' means. "proven" asks for a gain
beyond two standard errors, or for a log-loss that is lower beyond three; "macro-F1" knows no log-losses; the others are
the policy under each `--prefer`. Differences between runs of one set are not independent: all share the frozen model
and the rows.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from benchmarks.atlas import store
from benchmarks.tables import RESULTS
from rankfirst.policy import noise
from rankfirst.policy.shipping import REQUIREMENTS, ship
from rankfirst.records import Rung

SIZES: Final = (30, 60, 100, 200, 300, 400)  # validation rows
ALIKE: Final = 0.5  # points
Truth = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Offer:
    """A finished LoRA on some validation rows, and what it gains over the frozen model on the test rows."""

    name: str
    truth: Truth
    classes: int
    frozen: Rung
    lora: Rung
    gain: float  # points of test macro-F1


def proven(offer: Offer) -> bool:
    """The rule of version 0.1, whose intervals hold rows only."""
    gain, se = noise.paired_f1(offer.truth, offer.lora.val_predicted, offer.frozen.val_predicted, offer.classes)
    loss, loss_se = noise.paired_mean(offer.lora.val_log_loss, offer.frozen.val_log_loss)
    return gain > 2 * se or (gain > 0 and loss > 3 * loss_se)


def by_policy(offer: Offer, prefer: str = "balanced") -> bool:
    """The policy's own; a TF-IDF model that knows nothing leaves frozen as the baseline."""
    nothing = replace(offer.frozen, name="tfidf", val_log_loss=(), val_predicted=((),) * len(offer.truth))
    decided = ship(offer.truth, offer.classes, nothing, offer.frozen, offer.lora, False, prefer=prefer)
    return decided.ship == "lora"


def by_macro_f1(offer: Offer) -> bool:
    """The same without log-losses."""
    return by_policy(replace(offer, frozen=replace(offer.frozen, val_log_loss=())))


RULES: Final[dict[str, Callable[[Offer], bool]]] = {
    "never": lambda _: False,
    "always": lambda _: True,
    "proven": proven,
    "macro-F1": by_macro_f1,
    **{name: (lambda offer, name=name: by_policy(offer, name)) for name in REQUIREMENTS},
}


def offers(size: int) -> Iterator[Offer]:
    """Every run that ended, each on its own draw of validation rows."""
    rng = np.random.default_rng(size)
    for name in store.names():
        atlas = store.load(name)
        for ran in atlas.runs.values():
            if not ran.test or not ran.full.end_predicted:
                continue
            rows = rng.permutation(len(atlas.val))[:size]
            lora = replace(atlas.frozen, name="lora", val_predicted=ran.full.end_predicted,
                           val_log_loss=ran.full.end_log_loss)  # fmt: skip
            frozen, lora = (_on(rung, rows) for rung in (atlas.frozen, lora))
            gain = 100 * (atlas.score(ran.recipe) - atlas.score(None))
            yield Offer(name, tuple(atlas.val[row] for row in rows), atlas.classes, frozen, lora, gain)


def _on(rung: Rung, rows: npt.NDArray[np.intp]) -> Rung:
    return replace(
        rung,
        val_predicted=tuple(tuple(rung.val_predicted[row]) for row in rows),
        val_log_loss=tuple(rung.val_log_loss[row] for row in rows),
    )


def judged(size: int) -> Iterator[dict[str, object]]:
    """A line for each rule."""
    given = list(offers(size))
    gains, names = np.array([offer.gain for offer in given]), np.array([offer.name for offer in given])
    for rule, decide in RULES.items():
        shipped = np.array([decide(offer) for offer in given])
        regret = np.maximum(gains, 0) - np.where(shipped, gains, 0)
        of_sets = [regret[names == name] for name in sorted(set(names))]
        yield {
            "rows": size, "rule": rule, "runs": len(given), "ships": round(float(shipped.mean()), 3),
            "ships_of_gains": round(float(shipped[gains >= ALIKE].mean()), 3),
            "ships_of_losses": round(float(shipped[gains < 0].mean()), 3),
            "regret": round(float(np.mean([one.mean() for one in of_sets])), 3),
            "within_half": round(float(np.mean([(one <= ALIKE).mean() for one in of_sets])), 3),
        }  # fmt: skip


def main() -> None:
    with (RESULTS / "shipping_rules.csv").open("w", newline="", encoding="utf-8") as file:
        writer = None
        for size in SIZES:
            for row in judged(size):
                writer = writer or csv.DictWriter(file, list(row))
                if not file.tell():
                    writer.writeheader()
                writer.writerow(row)
                print(row, flush=True)


if __name__ == "__main__":
    main()
