"""Colloquial fillers and chat spellings: harmless to a pretrained encoder if production texts have them too."""

import re
from typing import Final

import numpy as np

from rankfirst.data.checks.levels import level
from rankfirst.data.quality.characters import Script
from rankfirst.data.quality.facts import Facts, example_rows
from rankfirst.records import Check

# Share of training rows. Never a warning: fillers are how people talk (assumption).
FILLERS_NOTE: Final = 0.10

_ENGLISH: Final = frozenset(
    "um umm uh uhh uhm erm hmm hm mmm eh huh yo heya ya yea yeah yep yup nah nope pls plz plss thx thnx tnx u ur gonna "
    "wanna gotta gimme lemme dunno kinda sorta lotta cuz coz bcoz tho lol lmao rofl omg wtf btw idk imo imho fyi tbh "
    "okey okie".split()
)
# 额, 那个 and 亲 are also ordinary words ("余额", "那个景点", "亲子"): they count only next to a pause.
_PAUSE, _STOP = "(?:^|[，。,、！!？?… ])", "(?:[，。,、！!？?～~… ]|$)"
_CHINESE = re.compile(
    f"[呃嗯唔噢喔]|哈哈|嘻嘻|呵呵|那个那个|这个这个|就是说"
    f"|{_PAUSE}(?:额+|那个|这个|就是|然后)(?:[，,、… ]|$|\\.\\.)"
    f"|{_PAUSE}(?:亲|亲们|喂|哎|唉|哎呀|诶|欸|嘿|哈|哈喽|哈啰){_STOP}"
    f"|[了吗的吧啊嘛]哈{_STOP}|[好的呀吧]亲{_STOP}"
)


def check(facts: Facts) -> Check:
    """Texts with a filler or a chat spelling."""
    texts = facts.dataset.train.texts
    flags = facts.wording.hits(_ENGLISH) > 0
    for row in np.flatnonzero(facts.characters.count(Script.IDEOGRAPH) > 0):
        flags[row] |= bool(_CHINESE.search(texts[row]))
    share = float(flags.mean())
    numbers = {"fillers": int(flags.sum()), "share": share}
    return Check("data.check.fillers", level(share, FILLERS_NOTE, 1.0), numbers, example_rows(flags))
