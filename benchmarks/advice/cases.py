"""The cases: what an adviser sees of one training, what it may buy, and what a search may train.

Standard library only, and nothing of rankfirst, so that this folder can be used by itself.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

DATA: Final = Path(__file__).parent / "data"
HALVES: Final = ("open", "sealed")
NOTHING: Final = "none"
MOVES: Final = (NOTHING, "lr+", "lr-", "rank+", "rank-", "sites+", "sites-")
Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """One recipe on one set: a start, and where other starts' moves lead."""

    id: str
    half: str
    set: str  # a name that says nothing in the sealed half
    rows: Facts  # train, val, classes, multi_label, labels_a_row, frozen_val_macro_f1, tfidf_val_macro_f1
    recipe: Facts  # rank, scaling (alpha / rank), lr, dropout, batch_size, modules, top_layers
    probe: Facts  # epochs, work, train_loss, grad_norm, evaluations, diverged, val_row_loss
    full: Facts  # work, val_macro_f1, val_loss: of the training to its end
    moves: Mapping[str, str]  # move -> id of the case it leads to; NOTHING leads here


class Start:
    """A case as an adviser gets it. What it looks at beyond `probe` is paid for."""

    def __init__(self, case: Case, table: Mapping[str, Case]) -> None:
        self._case, self._table = case, table
        self._looked: set[str] = set()
        self._paid = 0.0
        self.id, self.set, self.rows, self.recipe, self.probe = case.id, case.set, case.rows, case.recipe, case.probe

    @property
    def moves(self) -> dict[str, Facts]:
        """Move -> the recipe that it leads to."""
        return {move: self._table[to].recipe for move, to in self._case.moves.items()}

    def look(self, move: str) -> Facts:
        """The probe of the recipe that a move leads to, in the form of `probe`."""
        self._looked.add(move)
        return self._table[self._case.moves[move]].probe

    @property
    def runs(self) -> float:
        """What was bought, in full trainings of this recipe. Raises: KeyError for a move that there is not."""
        bought = (self._table[self._case.moves[move]].probe["work"] for move in self._looked - {NOTHING})
        return self._paid + float(sum(bought) / self._case.full["work"])

    def pay(self, runs: float) -> None:
        """What an adviser bought elsewhere, in full trainings of this recipe."""
        self._paid += runs


class World:
    """A set as a search gets it: recipes by id, and trainings of them, all paid for."""

    def __init__(self, cases: Mapping[str, Case], default: str) -> None:
        self._cases, self.default, self.work = cases, default, 0.0
        self._bought: set[tuple[str, str]] = set()
        first = cases[default]
        self.rows = first.rows

    @property
    def recipes(self) -> dict[str, Facts]:
        return {id: case.recipe for id, case in self._cases.items()}

    def probe(self, id: str) -> Facts:
        """A short training: the form of `Case.probe`."""
        return self._buy(id, "probe")

    def full(self, id: str) -> Facts:
        """A training to its end: `val_macro_f1`, `val_loss`."""
        return self._buy(id, "full")

    @property
    def runs(self) -> float:
        """What was bought, in full trainings of the default recipe."""
        return float(self.work / self._cases[self.default].full["work"])

    def _buy(self, id: str, what: str) -> Facts:
        told: Facts = getattr(self._cases[id], what)
        if (id, what) not in self._bought:
            self._bought.add((id, what))
            self.work += told["work"]
        return told


@dataclass(frozen=True)
class Half:
    """The open or the sealed cases."""

    name: str
    cases: Mapping[str, Case]
    defaults: Mapping[str, str] = field(default_factory=dict)  # set -> id of the recipe that a search begins with

    def start(self, id: str) -> Start:
        return Start(self.cases[id], self.cases)

    @cached_property
    def sets(self) -> dict[str, dict[str, Case]]:
        found: dict[str, dict[str, Case]] = {}
        for id, case in self.cases.items():
            found.setdefault(case.set, {})[id] = case
        return found

    def world(self, name: str) -> World:
        return World(self.sets[name], self.defaults[name])


def load(half: str = "open", folder: Path = DATA) -> Half:
    """Read HALF.jsonl. Its first line names the defaults, every other line is a case."""
    lines = (folder / f"{half}.jsonl").read_text(encoding="utf-8").splitlines()
    cases = (Case(half=half, **json.loads(line)) for line in lines[1:])
    return Half(half, {case.id: case for case in cases}, json.loads(lines[0])["defaults"])
