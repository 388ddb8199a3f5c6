"""Traditional next to simplified Chinese: one word then has two spellings, each learned from fewer rows."""

from typing import Final

from rankfirst.data.checks.levels import level
from rankfirst.data.quality.characters import Mark
from rankfirst.data.quality.facts import Facts, example_rows
from rankfirst.records import Check, Level

# Share of the rarer variant among rows that show either (assumption). Using one variant only is fine.
RARER_NOTE: Final = 0.01
RARER_WARN: Final = 0.10
# Rows of the rarer variant below which it may be a quotation or a name (assumption).
RARER_ROWS: Final = 10


def check(facts: Facts) -> Check:
    """Texts with characters that occur only in traditional, or only in simplified Chinese."""
    traditional = facts.characters.has(Mark.TRADITIONAL)
    simplified = facts.characters.has(Mark.SIMPLIFIED)
    numbers = {
        "traditional": int(traditional.sum()),
        "traditional_share": float(traditional.mean()),
        "simplified": int(simplified.sum()),
        "simplified_share": float(simplified.mean()),
        "both": int((traditional & simplified).sum()),
    }
    rarer = traditional if traditional.sum() <= simplified.sum() else simplified
    share = float(rarer.sum()) / max(1, int((traditional | simplified).sum()))
    verdict = level(share, RARER_NOTE, RARER_WARN) if rarer.sum() >= RARER_ROWS else Level.OK
    return Check("data.check.variants", verdict, numbers, example_rows(rarer))
