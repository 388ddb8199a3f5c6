"""Compose clauses into a message: fill slots from a shared context, join two or three clauses, add small talk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from rankfirst.sample.bank import Bank

_FINAL_MARKS = ".?!。？！"
_LINKED = ("{a", "{b")  # how joins begin that do not announce or number what they join
_OPENER, _ASIDE, _CLOSER = 0.35, 0.25, 0.25


@dataclass(frozen=True, slots=True)
class Clause:
    """The part of a message for one intent; `elliptical` if it depends on the context."""

    phrase: str
    elliptical: bool


def context(rng: Random, bank: Bank) -> dict[str, str]:
    """Values for every slot, one set per message, so that all clauses refer to the same order and article."""
    values = {slot: rng.choice(choices) for slot, choices in bank.slots.items()}
    return values | {"order": f"#{rng.randrange(100_000, 1_000_000)}"}


def message(
    rng: Random, bank: Bank, clauses: Sequence[Clause], labels: Sequence[str], chatty: float = 1.0, settled: str = "",
    nested: bool = True,
) -> str:  # fmt: skip
    """Join the clauses, with random opener, aside and closer (`chatty` scales their probabilities).

    Args:
        settled: a phrase on a matter that is not asked about, put before or after the clauses.
        nested: three clauses may give a list within a list.
    """
    values = context(rng, bank)
    joins = bank.joins if nested or len(clauses) < 3 else tuple(join for join in bank.joins if join[:2] in _LINKED)
    text = _joined(rng, bank, clauses, values, joins)
    if settled:
        text = _beside(rng, bank, text, settled.format_map(values))
    if rng.random() < _ASIDE * chatty:
        text = _with_aside(rng, bank, text, labels, values)
    if rng.random() < _OPENER * chatty:
        opener = rng.choice(bank.openers)
        text = _glue(bank, opener, text if opener[-1] in _FINAL_MARKS else lower_first(text, bank))
    if rng.random() < _CLOSER * chatty:
        text = _glue(bank, _ended(text, bank), rng.choice(bank.closers))
    return text


def lower_first(text: str, bank: Bank) -> str:
    """`text` with a lower-case first letter, unless English requires a capital ("I", a weekday, a town, a size)."""
    first = text.split(" ", 1)[0].rstrip(",.?!")
    fixed = {*bank.slots["day"], *bank.slots["city"], *bank.slots["size"], "I", "Black", "PDF"}
    if first.split("'")[0] in fixed:
        return text
    return text[:1].lower() + text[1:]


def _joined(rng: Random, bank: Bank, clauses: Sequence[Clause], values: Mapping[str, str], joins: Sequence[str]) -> str:
    """Join all clauses; complete ones first, in random order, because an elliptical one needs a predecessor."""
    whole = [clause for clause in clauses if not clause.elliptical]
    rng.shuffle(whole)
    first, *rest = [*whole, *(clause for clause in clauses if clause.elliptical)]
    text = first.phrase.format_map(values)
    for clause in rest:
        second = clause.phrase.format_map(values)
        text = rng.choice(bank.follow_up_joins if clause.elliptical else joins).format(
            a=_ended(text, bank), a_=text.rstrip(_FINAL_MARKS), b=second, b_=lower_first(second, bank)
        )
    return text


def _with_aside(rng: Random, bank: Bank, text: str, labels: Sequence[str], values: Mapping[str, str]) -> str:
    """`text` with a context sentence before or after it that contradicts no label."""
    fitting = [aside.text for aside in bank.asides if not set(aside.never_with) & set(labels)]
    return _beside(rng, bank, text, rng.choice(fitting).format_map(values))


def _beside(rng: Random, bank: Bank, text: str, sentence: str) -> str:
    """`text` with another sentence before or after it."""
    if rng.random() < 0.5:
        return _glue(bank, _ended(sentence, bank), text)
    return _glue(bank, _ended(text, bank), sentence)


def _ended(text: str, bank: Bank) -> str:
    """`text` with a final punctuation mark, so that another sentence can follow."""
    if text[-1] in _FINAL_MARKS:
        return text
    return text + ("." if bank.lang == "en" else "。")


def _glue(bank: Bank, first: str, second: str) -> str:
    """Join two sentences; Chinese uses no space."""
    return f"{first} {second}" if bank.lang == "en" else first + second
