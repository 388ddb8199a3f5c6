"""What a sample is mixed from: its intents, and the shares of planted problems."""

from dataclasses import dataclass
from typing import Final

from rankfirst.sample.bank import INTENTS, TAIL_ROWS


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """Intents of a sample and shares between 0 and 1, of all rows unless a comment says otherwise.

    The defaults are a messy shop with every intent: what tests and benchmarks use.
    """

    intents: tuple[str, ...] = INTENTS
    tail: bool = True  # the intents of TAIL_ROWS have as few rows as it says
    val: float = 0.15
    test: float = 0.15
    several: float = 0.36  # two or three intents
    third: float = 0.10  # three; of the rows with several
    related: float = 0.7  # a further intent is one that occurs together with the first; of the further intents
    typos: float = 0.15
    ellipsis_alone: float = 0.10  # of the rows with one intent
    ellipsis_second: float = 0.35  # of the further intents
    duplicates: float = 0.03
    conflicts: float = 0.02
    campaign: float = 0.08
    settled: float = 0.0  # mention another intent as settled
    framed: bool = False  # every clause is a matter in a frame: which one is asked about, no single word tells
    phrases: int | None = None  # of each intent, the shortest ones; None: all
    held_out: float = 0.25  # of the phrases: train never uses them
    unseen: float = 0.4  # of the clauses in val and test: worded by such a phrase
    chatty: float = 1.0  # factor on the frequency of openers, asides and closers
    nested: bool = True  # "1) a 2) b" may hold another such list, as three clauses allow

    @property
    def least(self) -> int:
        """Rows below which a split cannot contain every intent beside the tail and the campaign."""
        return round(2 * len(self.intents) / min(self.val, self.test))

    @property
    def rare(self) -> dict[str, int]:
        """Intents of the long tail -> number of their rows."""
        return {intent: rows for intent, rows in TAIL_ROWS.items() if self.tail and intent in self.intents}

    @property
    def common(self) -> tuple[str, ...]:
        """The other intents."""
        return tuple(intent for intent in self.intents if intent not in self.rare)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A sample of the demo. `name`: of its folder."""

    name: str
    mix: Mix
    rows: int


MESSY: Final = Mix()

# Matters that are asked about beside matters that are settled, in the same words: what a linear head on counted words
# or on pooled states cannot tell apart. Few rows, since a search trains on all of them some ten times.
SEVERAL: Final = Mix(
    intents=(
        "order_status",
        "cancel_order",
        "change_address",
        "damaged_item",
        "return_request",
        "refund_status",
        "invoice_request",
        "coupon_problem",
    ),
    tail=False,
    val=0.25,
    test=0.25,
    several=0.55,
    third=0.0,
    related=0.3,
    typos=0.05,
    ellipsis_second=0.0,
    ellipsis_alone=0.0,
    duplicates=0.015,
    conflicts=0.01,
    campaign=0.0,
    settled=0.9,
    framed=True,
    held_out=0.0,
    unseen=0.0,
    chatty=0.0,
    nested=False,
)

# One clear request in a message, worded as in training.
ONE: Final = Mix(
    intents=(
        "cancel_order",
        "change_address",
        "shipping_cost",
        "refund_status",
        "damaged_item",
        "invoice_request",
        "coupon_problem",
        "gift_card",
        "account_login",
        "loyalty_points",
    ),
    tail=False,
    val=0.2,
    test=0.2,
    several=0.0,
    typos=0.05,
    ellipsis_alone=0.0,
    duplicates=0.0,
    conflicts=0.0,
    campaign=0.0,
    phrases=9,
    held_out=0.0,
    unseen=0.0,
    chatty=0.0,
)

ACTS: Final = (Act(name="several-intents", mix=SEVERAL, rows=170), Act(name="one-intent", mix=ONE, rows=150))
