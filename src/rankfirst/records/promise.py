"""What a delivered model promises, the rule by which it keeps it, and the rows that showed it."""

from dataclasses import dataclass, field

from rankfirst.records.codec import SPARSE


@dataclass(frozen=True)
class Clause:
    """One figure that is promised."""

    kind: str  # "recall": rows of the class have it in their answer set; "precision": answers that are given are right
    name: str  # a class; "" for all answers together (precision)
    least: float  # the promised share
    rows: int  # distinct texts it was shown on: rows of the class, or rows that are answered
    kept: int  # of these, rows on which it holds
    low: float  # exact lower limit of the share at the level at which this clause was tested

    @property
    def share(self) -> float:
        """The share of rows on which it held; NaN without rows."""
        return self.kept / self.rows if self.rows else float("nan")


@dataclass(frozen=True)
class Promise:
    """All clauses hold together with `confidence`, on rows that resemble those it was shown on."""

    confidence: float
    clauses: tuple[Clause, ...]
    level: float  # a label is given if its probability of being right is at least this
    ratio: float | None  # a class with promised recall joins the answer set from this share of the leading probability
    rows: int  # distinct texts, none of which the model was trained or calibrated on
    answered: float  # share of them that get a label; the others are left to a person, with their answer set
    source: str = "test"  # "test": test rows of the run; "file": labelled rows of another file
    file: str = ""  # its name
    checked: bool = True  # False: the training rows were not at hand, so rows of it may hold texts of theirs
    backend: str = "torch"  # whose answers showed it; "tfidf": n-grams, which answer the same with every backend
    graph: str = field(default="", metadata=SPARSE)  # SHA-256 of the exported files that gave these answers
    others: tuple["Promise", ...] = field(default=(), metadata=SPARSE)  # for other backends, each with its own rule
    unshown: tuple[str, ...] = field(default=(), metadata=SPARSE)  # exported formats whose answers do not show it

    @property
    def wanted(self) -> tuple[str, ...]:
        """Classes whose recall is promised."""
        return tuple(clause.name for clause in self.clauses if clause.kind == "recall")
