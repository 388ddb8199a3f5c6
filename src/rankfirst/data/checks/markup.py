"""Markup, web addresses, emoji and placeholders: remains of a template or a web page."""

import re
from typing import Final

import numpy as np

from rankfirst.data.checks.levels import level
from rankfirst.data.quality.characters import Mark
from rankfirst.data.quality.facts import Facts, example_rows
from rankfirst.measure.scores import Bools
from rankfirst.records import Check

# Share of training rows (assumption).
MARKUP_NOTE: Final = 0.01
MARKUP_WARN: Final = 0.20

_HTML = (
    "a|abbr|b|big|blockquote|body|br|button|center|code|dd|div|dl|dt|em|font|form|h[1-6]|head|hr|html|i|iframe|img|input|"
    "label|li|link|meta|ol|option|p|pre|s|script|section|small|span|strong|style|sub|sup|table|tbody|td|th|thead|tr|u|ul"
)
_ENTITY = r"&(?:amp|lt|gt|quot|apos|nbsp|[lr][sd]quo|hellip|#\d{1,6}|#x[0-9a-f]{1,5});"
_TAGS = re.compile(rf"</?(?:{_HTML})(?:\s[^<>]{{0,200}}|/)?>|<!--|{_ENTITY}", re.IGNORECASE)
_URLS = re.compile(r"https?:/{0,2}\w|(?<![a-z0-9])www\.\w", re.IGNORECASE)
_MARKDOWN = re.compile(
    r"\*\*[^*\n]{1,80}\*\*|^#{1,6} |```|\[[^\[\]\n]{1,80}\]\(\S{1,200}\)|(?:\|[^|]{1,40}){3,}\||`[^`]{1,40}`"
)
# {{name}}, ${name}, {order_id}, %(name)s, [ORDER_ID], 【姓名】 of upper-case or generic names, <name>.
_PLACEHOLDERS = re.compile(
    r"\{\{[^{}\n]{1,40}\}\}|\$\{\w{1,40}\}|\{[a-z_]\w{0,40}\}|%\(\w{1,40}\)s|\[[A-Z][A-Z0-9]*(?:[_ -][A-Z0-9]+)*\]"
    r"|[\[【<{](?:姓名|手机号?|电话|地址|订单号?|金额|日期|时间|城市|用户名?|链接|图片|表情|商品)[\]】>}]"
    r"|<(?!/)[A-Za-z][A-Za-z0-9]*(?:[_-][A-Za-z0-9]+)*>|__[A-Z][A-Z_]{1,40}__"
)


def check(facts: Facts) -> Check:
    """Share of texts with tags or entities, web addresses, emoji, placeholders, or Markdown."""
    texts, characters = facts.dataset.train.texts, facts.characters

    def search(pattern: re.Pattern[str], mark: Mark) -> Bools:
        flags = np.zeros(len(texts), dtype=bool)
        for row in np.flatnonzero(characters.has(mark)):
            flags[row] = bool(pattern.search(texts[row]))
        return flags

    tags = search(_TAGS, Mark.ANGLE)
    # A tag that is not HTML counts as a placeholder.
    places = search(_PLACEHOLDERS, Mark.ANGLE | Mark.BRACKET | Mark.MARKDOWN) & ~tags
    kinds = {
        "markup": tags,
        "urls": search(_URLS, Mark.SLASH),
        "emoji": characters.has(Mark.EMOJI),
        "placeholders": places,
        "markdown": search(_MARKDOWN, Mark.MARKDOWN),
    }
    touched = np.logical_or.reduce(list(kinds.values()))
    share = float(touched.mean())
    numbers = {name: int(flags.sum()) for name, flags in kinds.items()} | {"share": share}
    return Check("data.check.markup", level(share, MARKUP_NOTE, MARKUP_WARN), numbers, example_rows(touched))
