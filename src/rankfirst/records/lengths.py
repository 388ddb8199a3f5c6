"""How long the training texts are for the base model."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Lengths:
    """Tokens per training text, including special tokens and prefix, and how long texts are handled."""

    max_tokens: int
    most: int  # maximum input length of the base model
    windows: bool  # longer texts are read in several windows
    p50: int
    p95: int
    p99: int
    longest: int
    over: float  # share of texts longer than max_tokens
    cut: float  # share of texts that are not read in full; equals `over` without windows
    suggested: int = 0  # a max_tokens that truncates few texts, or as few as this base allows; 0: no change suggested
    suggested_cut: float = 0.0  # share of texts it would truncate
    suggested_cost: float = 1.0  # tokens per epoch at the suggestion / now
    at_limit: bool = False  # many texts are truncated at any limit, because the base model reads no more
