"""Entries to begin from, a few lines each. `python -m benchmarks.advice score benchmarks.advice.baselines:NAME`"""

import math
import random
import statistics
from zlib import crc32

from benchmarks.advice.cases import NOTHING, Facts, Start, World


def nothing(start: Start) -> str | None:
    """Leave everything as it is."""
    return NOTHING


def by_chance(start: Start) -> str | None:
    """Any move that there is."""
    return random.Random(crc32(start.id.encode())).choice(sorted(start.moves))


def raise_lr(start: Start) -> str | None:
    return "lr+"


def raise_rank(start: Start) -> str | None:
    return "rank+"


def widen(start: Start) -> str | None:
    """Adapters at more layers or matrices."""
    return "sites+"


def gap(start: Start) -> str | None:
    """What many do by hand: diverged or overfitted, less; still wrong on training rows, more."""
    last = start.probe["evaluations"][-1]
    if start.probe["diverged"]:
        return "lr-"
    if last["train_macro_f1"] - last["val_macro_f1"] > 0.1:
        return "rank-" if "rank-" in start.moves else "sites-"
    return NOTHING if last["train_macro_f1"] > 0.95 else "lr+"


def probe_all(start: Start) -> str | None:
    """Buy a probe of every move, and go where the validation loss is least."""
    return min(start.moves, key=lambda move: _loss(start.probe if move == NOTHING else start.look(move)))


def probe_all_paired(start: Start) -> str | None:
    """The same, but only for a difference of two standard errors on the same rows."""
    best = probe_all(start)
    here, there = start.probe["val_row_loss"], start.look(best or NOTHING)["val_row_loss"]
    if best == NOTHING or start.probe["diverged"]:
        return best
    gains = [a - b for a, b in zip(here, there, strict=True)]
    error = statistics.stdev(gains) / math.sqrt(len(gains))
    return best if statistics.mean(gains) > 2 * error else NOTHING


def _loss(probe: Facts) -> float:
    return math.inf if probe["diverged"] else statistics.mean(probe["val_row_loss"])


def default(world: World) -> str:
    """A search that searches nothing."""
    return world.default


def random_8(world: World) -> str:
    """Eight recipes by chance, trained to their end; the best on validation."""
    chosen = random.Random(0).sample(sorted(world.recipes), 8)
    return max(chosen, key=lambda id: float(world.full(id)["val_macro_f1"]))


def everything(world: World) -> str:
    """All recipes trained to their end; the best on validation."""
    return max(world.recipes, key=lambda id: float(world.full(id)["val_macro_f1"]))


SEARCHES = (default, random_8, everything)
ADVISERS = (nothing, by_chance, raise_lr, raise_rank, widen, gap, probe_all, probe_all_paired)
