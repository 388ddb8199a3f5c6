"""Broken characters: text decoded with the wrong encoding, replacement marks, invisible and control characters."""

import re
from typing import Final

import numpy as np

from rankfirst.data.checks.levels import level, most_severe
from rankfirst.data.quality.characters import Mark
from rankfirst.data.quality.facts import Facts, example_rows
from rankfirst.records import Check

# Share of training rows with broken characters (assumption: decoding a file with the wrong encoding breaks most rows
# with non-ASCII characters; a few occur in any log).
BROKEN_NOTE: Final = 0.001
BROKEN_WARN: Final = 0.02
# Share of training rows with invisible characters, which tokenizers do see (assumption).
INVISIBLE_NOTE: Final = 0.005
INVISIBLE_WARN: Final = 0.10

# UTF-8 decoded as Latin-1 or Windows-1252: a letter of U+00C2-U+00EF before the image of its second byte. Guillemets,
# ordinals, degree sign and middle dot are excluded, since they follow letters in valid text too.
_AS_LATIN = re.compile("[\u00c2-\u00ef][\u0080-\u00a9\u00ac-\u00af\u00b1-\u00b4\u00b6\u00b8\u00b9\u00bc-\u00bf]|â€|ï¼")
# UTF-8 decoded as GBK, and the fill patterns of uninitialised memory.
_AS_GBK = re.compile(
    "锟斤|斤拷|烫烫烫|屯屯屯|[銆锛][\u3400-\u9fff\ue000-\uf8ff\u20ac]|鈥[\u3400-\u9fff]|鐨勯|浣犲|鎴戞|锘縰?"
)
_ESCAPES = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[nrt](?![A-Za-z]))")


def check(facts: Facts) -> Check:
    """Texts with broken characters, with literal escape sequences, and with invisible characters."""
    texts, characters = facts.dataset.train.texts, facts.characters
    broken = characters.has(Mark.BROKEN | Mark.CONTROL)
    escapes = np.zeros(len(texts), dtype=bool)
    for row in np.flatnonzero(characters.has(Mark.HIGH_LATIN)):
        broken[row] |= bool(_AS_LATIN.search(texts[row]))
    for row in np.flatnonzero(characters.has(Mark.GARBLE)):
        broken[row] |= bool(_AS_GBK.search(texts[row]))
    for row in np.flatnonzero(characters.has(Mark.BACKSLASH)):
        escapes[row] = bool(_ESCAPES.search(texts[row]))
    hidden = characters.has(Mark.INVISIBLE)
    bad = broken | escapes
    numbers = {
        "broken": int(broken.sum()),
        "escapes": int(escapes.sum()),
        "share": float(bad.mean()),
        "invisible": int(hidden.sum()),
        "invisible_share": float(hidden.mean()),
    }
    verdicts = (
        level(float(bad.mean()), BROKEN_NOTE, BROKEN_WARN),
        level(float(hidden.mean()), INVISIBLE_NOTE, INVISIBLE_WARN),
    )
    verdict = most_severe(*verdicts)
    return Check("data.check.garbled", verdict, numbers, example_rows(bad) or example_rows(hidden))
