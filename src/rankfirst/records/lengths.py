"""How long the training texts are for the base model."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Lengths:
    """Tokens a training text, special tokens and prefix included, and what became of the long ones."""

    max_tokens: int
    most: int  # positions of the base model
    windows: bool  # a longer text is read in several windows
    p50: int
    p95: int
    p99: int
    longest: int
    over: float  # share of texts longer than max_tokens
    cut: float  # share of texts that are not read whole: the same without windows
    suggested: int = 0  # a max_tokens that cuts few texts, or as few as this base can; 0: none is better
    suggested_cut: float = 0.0  # share of texts it would cut
    suggested_cost: float = 1.0  # tokens an epoch would read then, over now
    at_limit: bool = False  # many are cut, and still would be, because the base model reads no more
