"""rankfirst's own rules as an entry. They read an atlas, so the cases are looked up there by their ids."""

from functools import cache

from benchmarks.advice.build import case_id
from benchmarks.advice.cases import Start
from benchmarks.atlas import judge, replay, store
from benchmarks.atlas.store import Atlas
from rankfirst.records import Recipe


@cache
def _known() -> dict[str, tuple[Atlas, Recipe]]:
    atlases = [store.load(name) for name in store.names()]
    return {case_id(atlas, recipe): (atlas, recipe) for atlas in atlases for recipe in atlas.grid}


def policy(start: Start) -> str | None:
    """The rules with their experiments, each arm a probe that is bought."""
    return _played(start, experiment=True)


def reading_only(start: Start) -> str | None:
    """The same tables without experiments."""
    return _played(start, experiment=False)


def _played(start: Start, experiment: bool) -> str | None:
    answer = replay.advise(*_known()[start.id], experiment=experiment)
    start.pay(answer.runs)
    return answer.move if answer.move in (None, *judge.MOVES) else judge.NOTHING


ADVISERS = (policy, reading_only)
