"""Very short and elliptical texts: a single word, or "what about that one", rarely states an intent."""

import re
from typing import Final

import numpy as np

from rankfirst.data.checks.levels import level
from rankfirst.data.quality.characters import Script
from rankfirst.data.quality.facts import Facts, example_rows
from rankfirst.records import Check

# Maximum words of an alphabetic text, or ideographs of a Chinese one, that count as very short.
SHORT_WORDS: Final = 1
SHORT_IDEOGRAPHS: Final = 2
# The same for elliptical texts: no pattern below is longer.
ELLIPTICAL_WORDS: Final = 7
ELLIPTICAL_IDEOGRAPHS: Final = 10
# Share of training rows, both kinds together (assumption).
SHORT_NOTE: Final = 0.02
SHORT_WARN: Final = 0.15

_UNITS = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+")
# Characters. No very short text is longer, except for one endless word; avoids splitting long texts.
_LOOK_AT = 40
_AROUND = " ,.?!;:…~，。？！；：、～\"'“”"

_WHICH = r"(?:(?:this|that|it|these|those|them|the (?:other|first|second|third|last|next|same))(?: ones?)?)"
_ENGLISH = re.compile(
    r"(?:(?:and|or|ok|okay|so|but|then|well|hmm) )*"
    rf"(?:(?:what|how) about {_WHICH}|{_WHICH}|what else|why(?: not)?|how so|tell me more|go on|me too"
    r"|(?:yes|no|ok|okay|sure|nope|yeah)(?: (?:please|thanks|thank you|it is|i do|it does))?"
    rf"|(?:do|try|repeat|cancel|change|remove|show me|give me|i want|i need) {_WHICH}(?: again)?"
    r"|same (?:here|again|thing)|not that(?: one)?|the same(?: again)?)(?: then| too| please)*"
)
_SUCH = (
    "(?:这|那|哪|另外?|其他|别的|第[一二三四五六七1-7]|上|下|前面|后面|刚才)(?:一|几)?"
    "(?:个|家|款|种|些|边|里|位|条|单|首|本)?的?"
)
_CHINESE = re.compile(
    f"(?:那|那么|然后|还有|就|要|我要|换|看看)?{_SUCH}"
    "(?:呢|吧|吗|啊|呀|怎么样|行吗|可以吗|怎么办|多少|多少钱|好不好|怎么弄)?"
    "|那?(?:为什么|为啥|怎么办|怎么样|怎么弄|咋办|然后|还有|还有别的|还有其他的?|继续|接着|再来一[个次首遍]"
    "|换一[个家首]|不是这个|多少|多少钱)[呢吗啊呀]?"
    "|(?:是的|好的|可以的?|不是的?|没有|行|对的?|不对|不行|不要|好吧|好呀|好啊|知道了|明白了|谢谢)[啊呀吧哦]?"
)


def check(facts: Facts) -> Check:
    """Share of very short training texts, and of longer ones that need the conversation to be understood."""
    texts, characters = facts.dataset.train.texts, facts.characters
    ideographs, words = characters.count(Script.IDEOGRAPH), facts.wording.lengths
    short, open_ended = np.zeros(len(texts), dtype=bool), np.zeros(len(texts), dtype=bool)
    for row in np.flatnonzero((ideographs <= ELLIPTICAL_IDEOGRAPHS) & (words <= ELLIPTICAL_WORDS)):
        if ideographs[row] <= SHORT_IDEOGRAPHS and words[row] <= SHORT_WORDS:
            short[row] = is_short(texts[row])
        open_ended[row] = not short[row] and is_elliptical(texts[row])
    either = short | open_ended
    share = float(either.mean())
    numbers = {"short": int(short.sum()), "elliptical": int(open_ended.sum()), "share": share}
    return Check("data.check.short_texts", level(share, SHORT_NOTE, SHORT_WARN), numbers, example_rows(either))


def is_short(text: str) -> bool:
    """At most one word, or two ideographs; punctuation and emoji do not count."""
    if len(text) > _LOOK_AT:
        return False
    units = _UNITS.findall(text)
    chinese = any("\u3400" <= unit[0] <= "\u9fff" for unit in units)
    return len(units) <= (SHORT_IDEOGRAPHS if chinese else SHORT_WORDS)


def is_elliptical(text: str) -> bool:
    """Meaningless without the previous turn: "that one?", "那个呢", "yes please"."""
    if len(text) > 2 * _LOOK_AT:
        return False
    bare = text.strip(_AROUND).lower()
    return bool(_ENGLISH.fullmatch(bare) or _CHINESE.fullmatch(bare))
