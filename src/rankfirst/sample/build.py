"""Generate the rows: labels, splits, dates and planted problems, from one seeded generator."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Final, Literal

from rankfirst.messages import Lang
from rankfirst.sample.bank import BANKS, COMPANIONS, CONFUSABLE, Bank
from rankfirst.sample.compose import Clause, message
from rankfirst.sample.mix import MESSY, Mix
from rankfirst.sample.noise import register, typo

SplitName = Literal["train", "val", "test"]
SPLITS: Final[tuple[SplitName, ...]] = ("train", "val", "test")

MIN_ROWS: Final = MESSY.least

_DAYS_BEFORE, _DAYS_AFTER = 150, 20


@dataclass(frozen=True, slots=True)
class Row:
    """One synthetic message. `planted` lists its problems: typo, ellipsis, conflict, duplicate, campaign,
    settled, two_intents.

    A duplicate marks the later copy; a conflict marks both rows, since neither label is reliable.
    """

    text: str
    labels: tuple[str, ...]
    date: str
    planted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """A row and its split; val and test rows may use phrasings that do not occur in train."""

    row: Row
    split: SplitName


def generate(lang: Lang, rows: int = 1600, seed: int = 0, multi: bool = True, mix: Mix = MESSY) -> list[Row]:
    """Generate `rows` synthetic messages sorted by date; deterministic in the arguments.

    Without `multi` every row has one label, whatever the mix.
    Raises: ValueError for an unknown language or fewer rows than `mix.least`.
    """
    return [placed.row for placed in placed_rows(lang, rows, seed, multi, mix)]


def placed_rows(lang: Lang, rows: int, seed: int, multi: bool, mix: Mix = MESSY) -> list[Placed]:
    """The rows of `generate`, each with its split."""
    if lang not in BANKS:
        raise ValueError(f"no phrase bank for language {lang!r}; there are: {', '.join(BANKS)}")
    if rows < mix.least:
        raise ValueError(f"a sample needs at least {mix.least} rows to hold every intent, asked for {rows}")
    # A string seed is hashed with SHA-512 by `random`, so it does not depend on the interpreter's hash seed.
    rng = Random(f"rankfirst sample {lang} {rows} {seed} {multi}")
    mix = mix if multi else replace(mix, several=0.0)
    copies = _copy_splits(rng, rows, mix)
    writer = _Writer(rng, BANKS[lang], mix)
    base = [writer.row(plan) for plan in _plans(rng, rows, copies, mix, writer.bank)]
    placed = _with_copies(rng, base, copies, writer.last_day, mix)
    rng.shuffle(placed)
    return sorted(placed, key=lambda one: one.row.date)


@dataclass(frozen=True, slots=True)
class _Plan:
    """A row before its text is written."""

    labels: tuple[str, ...]
    split: SplitName
    campaign: bool = False


@dataclass(frozen=True, slots=True)
class _Copies:
    """The splits of the planted copies, distributed like all rows, so that a few leak from train into val and test."""

    duplicates: tuple[SplitName, ...]
    conflicts: tuple[SplitName, ...]


def _copy_splits(rng: Random, rows: int, mix: Mix) -> _Copies:
    """Choose a split for each planted copy."""
    weights = (1 - mix.val - mix.test, mix.val, mix.test)
    return _Copies(
        duplicates=tuple(rng.choices(SPLITS, weights, k=round(rows * mix.duplicates))),
        conflicts=tuple(rng.choices(SPLITS, weights, k=round(rows * mix.conflicts))),
    )


def _plans(rng: Random, rows: int, copies: _Copies, mix: Mix, bank: Bank) -> list[_Plan]:
    """Labels of all rows except copies: the tail first, then the campaign, one row per intent, and the rest."""
    val, test = round(rows * mix.val), round(rows * mix.test)
    sizes: dict[SplitName, int] = {"train": rows - val - test, "val": val, "test": test}
    # Half of the campaign comes too late to be in the training rows.
    late: dict[SplitName, float] = {"train": 0.5, "val": 0.25, "test": 0.25}
    advertised = tuple(intent for intent in bank.campaign if intent in mix.intents)
    plans: list[_Plan] = []
    for split in SPLITS:
        room = sizes[split] - copies.duplicates.count(split) - copies.conflicts.count(split)
        campaign = round(rows * mix.campaign * late[split])
        news = [rng.choice(advertised) for _ in range(campaign)]
        usual = [*_tail(split, mix), *mix.common]
        usual += rng.choices(mix.common, _weights(len(mix.common)), k=room - campaign - len(usual))
        plans += [_Plan(_labels(rng, intent, mix), split, campaign=True) for intent in news]
        plans += [_Plan(_labels(rng, intent, mix), split) for intent in usual]
    return plans


def _tail(split: SplitName, mix: Mix) -> list[str]:
    """The tail intents of one split with their row counts: at least one row in each of val and test."""
    intents: list[str] = []
    for intent, total in mix.rare.items():
        aside = max(1, round(total * mix.val))
        intents += [intent] * (aside if split != "train" else total - 2 * aside)
    return intents


def _weights(intents: int) -> list[float]:
    """Slowly decreasing frequencies, so that frequent intents also differ in size."""
    return [1 / (rank + 4) ** 0.6 for rank in range(intents)]


def _labels(rng: Random, intent: str, mix: Mix) -> tuple[str, ...]:
    """`intent`, and in some rows one or two more, usually intents that occur together."""
    labels = [intent]
    count = 1
    if mix.several and rng.random() < mix.several:
        count = 3 if rng.random() < mix.third else 2
    related = [other for other in COMPANIONS[intent] if other in mix.intents] or mix.common
    while len(labels) < count:
        other = rng.choice(related if rng.random() < mix.related else mix.common)
        if other not in labels:
            labels.append(other)
    return tuple(labels)


class _Writer:
    """Writes the texts of plans. Remembers them, so that exact duplicates exist only where planted."""

    def __init__(self, rng: Random, bank: Bank, mix: Mix) -> None:
        self._rng = rng
        self.bank = bank
        self._mix = mix
        phrases = bank.framed(bank.asked_frames) if mix.framed else bank.phrases
        self._phrases = {intent: _shortest(some, mix.phrases) for intent, some in phrases.items()}
        self._matters = bank.framed(bank.settled_frames) if mix.framed else bank.settled
        self._seen: set[str] = set()
        self._held = {
            phrase
            for group in (self._phrases, bank.follow_ups, bank.campaign)
            for phrases in group.values()
            for phrase in rng.sample(phrases, round(len(phrases) * mix.held_out))
        }
        start = date.fromisoformat(bank.campaign_start)
        self._first_news = start
        self._first_day = start - timedelta(days=_DAYS_BEFORE)
        self.last_day = start + timedelta(days=_DAYS_AFTER - 1)

    def row(self, plan: _Plan) -> Placed:
        """The row of `plan`, with a text that no other row has."""
        for attempt in range(60):
            # Short phrases have few variants: later attempts add more small talk.
            text, planted = self._text(plan, self._mix.chatty + attempt / 20)
            key = "".join(char for char in text.casefold() if char.isalnum())
            if key not in self._seen:
                break
        else:
            raise RuntimeError(f"the phrase bank is too small for this many rows of {plan.labels}")
        self._seen.add(key)
        first = self._first_news if plan.campaign else self._first_day
        day = first + timedelta(days=self._rng.randrange((self.last_day - first).days + 1))
        labels = tuple(sorted(plan.labels))
        return Placed(Row(text, labels, day.isoformat(), tuple(sorted(planted))), plan.split)

    def _text(self, plan: _Plan, chatty: float) -> tuple[str, set[str]]:
        """A message for `plan` and its planted problems."""
        clauses = self._clauses(plan)
        planted = {"two_intents"} if len(plan.labels) > 1 else set()
        planted |= {"campaign"} if plan.campaign else set()
        planted |= {"ellipsis"} if any(clause.elliptical for clause in clauses) else set()
        settled = self._settled(plan)
        planted |= {"settled"} if settled else set()
        text = message(self._rng, self.bank, clauses, plan.labels, chatty, settled, self._mix.nested)
        if self._rng.random() < self._mix.typos:
            slipped = typo(self._rng, text, self.bank)
            planted |= {"typo"} if slipped != text else set()
            text = slipped
        return register(self._rng, text, self.bank), planted

    def _clauses(self, plan: _Plan) -> list[Clause]:
        """One clause per label; the campaign is in the first, ellipsis in the last."""
        clauses = []
        for position, intent in enumerate(plan.labels):
            if plan.campaign and position == 0:
                clauses.append(Clause(self._phrase(self.bank.campaign[intent], plan.split), elliptical=False))
                continue
            alone = self._mix.ellipsis_alone if len(plan.labels) == 1 else 0.0
            elliptical = self._rng.random() < (self._mix.ellipsis_second if position else alone)
            group = self.bank.follow_ups if elliptical else self._phrases
            clauses.append(Clause(self._phrase(group[intent], plan.split), elliptical))
        return clauses

    def _settled(self, plan: _Plan) -> str:
        """In some rows, a phrase that names an intent of the sample which the row does not ask for; else ""."""
        if not self._mix.settled or self._rng.random() >= self._mix.settled:
            return ""
        others = [intent for intent in self._matters if intent in self._mix.intents and intent not in plan.labels]
        return self._rng.choice(self._matters[self._rng.choice(others)])

    def _phrase(self, phrases: Sequence[str], split: SplitName) -> str:
        """A phrasing used in train; in val and test sometimes one that train never uses."""
        unseen = split != "train" and self._rng.random() < self._mix.unseen
        return self._rng.choice([phrase for phrase in phrases if (phrase in self._held) == unseen])


def _shortest(phrases: Sequence[str], most: int | None) -> tuple[str, ...]:
    """The shortest of the phrases, in their order; all without a limit."""
    kept = {*sorted(phrases, key=len)[:most]}
    return tuple(phrase for phrase in phrases if phrase in kept)


def _with_copies(rng: Random, base: Sequence[Placed], copies: _Copies, last_day: date, mix: Mix) -> list[Placed]:
    """`base` plus the planted copies of some of its train rows."""
    placed = list(base)
    # Tail intents are not copied: their row counts are fixed.
    common = [at for at, one in enumerate(base) if one.split == "train" and not set(one.row.labels) & set(mix.rare)]
    rng.shuffle(common)
    disputed = [at for at in common if _other_labels(rng, base[at].row, mix) != base[at].row.labels]
    for at, split in zip(disputed, copies.conflicts, strict=False):
        source = replace(base[at].row, planted=_marked(base[at].row, "conflict"))
        placed[at] = replace(base[at], row=source)
        twin = replace(source, labels=_other_labels(rng, source, mix), date=_later(rng, source.date, last_day, 20))
        placed.append(Placed(twin, split))
    used = set(disputed[: len(copies.conflicts)])
    repeated: Iterable[int] = (at for at in common if at not in used)
    for at, split in zip(repeated, copies.duplicates, strict=False):
        source = base[at].row
        later = _later(rng, source.date, last_day, 3)
        placed.append(Placed(replace(source, date=later, planted=_marked(source, "duplicate")), split))
    return placed


def _other_labels(rng: Random, row: Row, mix: Mix) -> tuple[str, ...]:
    """A second annotator's labels: the confusable intent, or one of several. Unchanged if there is neither.

    An intent whose twin the mix lacks is mistaken for any other.
    """
    if len(row.labels) > 1:
        return (rng.choice(row.labels),)
    intent = row.labels[0]
    twin = CONFUSABLE.get(intent, intent)
    return (twin if twin in mix.intents else rng.choice([other for other in mix.intents if other != intent]),)


def _marked(row: Row, trouble: str) -> tuple[str, ...]:
    """The row's problems plus one more."""
    return tuple(sorted({*row.planted, trouble}))


def _later(rng: Random, day: str, last_day: date, at_most: int) -> str:
    """A day up to `at_most` days after `day`, within the sample's period."""
    return min(date.fromisoformat(day) + timedelta(days=rng.randrange(at_most + 1)), last_day).isoformat()
