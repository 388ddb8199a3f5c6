"""A question as people type it, "rank=32", "raise lr", "提高学习率", as a subject, a value and a direction."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from rankfirst.errors import OptionError
from rankfirst.options.field import options_of
from rankfirst.options.fit_options import FitOptions
from rankfirst.records import ALL_ROLES, ATTENTION_QV, QV_FFN, Role, Sites
from rankfirst.report.phrases import clean

# Subject -> what people call it. Of the names found in a text the longest counts.
NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "rank": ("rank", "r", "lora rank", "lora_r", "秩"),
    "sites": ("sites", "target modules", "target_modules", "modules", "layers", "ffn", "attention", "目标模块", "模块",
              "层数", "加层"),
    "lr": ("lr", "learning rate", "learning_rate", "learning-rate", "step size", "学习率", "步长"),
    "scaling": ("scaling", "a", "alpha", "lora_alpha", "lora alpha", "缩放", "缩放 a", "缩放系数"),
    "dropout": ("dropout", "regularise", "regularize", "丢弃率", "正则化"),
    "lora": ("lora", "adapter", "微调"),
    "full": ("full fine-tuning", "full finetuning", "full fine tuning", "full-fine-tuning", "full", "全量微调",
             "全参数微调", "全参微调", "全量"),
    "frozen": ("frozen", "frozen encoder", "linear probe", "冻结底座", "冻结", "冻结编码器"),
    "tfidf": ("tfidf", "tf-idf", "bag of words", "词袋"),
    "batch_size": ("batch size", "batch_size", "batch-size", "batch", "批大小", "批量"),
    "epochs": ("epochs", "epoch", "train longer", "longer training", "more epochs", "轮数", "训练轮数", "多训几轮"),
    "data": ("data", "more data", "more rows", "more labels", "rows", "数据", "更多数据", "加数据", "增加数据"),
    **{name: one.names for name, one in options_of(FitOptions).items() if one.called},
}  # fmt: skip
KNOBS: Final = ("rank", "sites", "lr", "scaling", "dropout")
_UP: Final = ("raise", "raising", "increase", "increasing", "higher", "up", "larger", "more", "bigger", "add", "deeper",
              "提高", "增大", "加大", "升高", "调大", "调高", "更大", "更高", "增加", "加", "升", "多")  # fmt: skip
_DOWN: Final = ("lower", "lowering", "decrease", "decreasing", "down", "smaller", "less", "fewer", "reduce", "reducing",
                "降低", "减小", "调小", "调低", "更小", "更低", "减少", "降", "减", "少")  # fmt: skip
_NUMBER: Final = re.compile(r"(?<![\w.])[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w.]*\w)")
# Longer names first: the first that a text holds counts.
_ROLES: Final = {"qv+ffn": QV_FFN, "q/v+ffn": QV_FFN, "q/v + ffn": QV_FFN, "qv": ATTENTION_QV, "q/v": ATTENTION_QV,
                 "ffn": QV_FFN, "all": ALL_ROLES, "全部": ALL_ROLES}  # fmt: skip
_ASKING: Final = re.compile(r"^(?:why not|why didn't (?:you|it)|为什么不|为何不)\s*", re.IGNORECASE)
_SETTING: Final = re.compile(r"([a-z/+]+)@(\d{1,3})(?:\+(\S+))?")
_DEPTH: Final = re.compile(r"(?:@|top\s*|顶部\s*)(\d{1,3})")


@dataclass(frozen=True)
class SitesQuery:
    """Target modules as far as they were named."""

    roles: tuple[Role, ...] | None
    top_layers: int | None
    everywhere: tuple[Role, ...] | None = None

    def of(self, sites: Sites) -> Sites:
        """These sites with what was named changed."""
        everywhere = sites.everywhere if self.everywhere is None else self.everywhere
        return Sites(self.roles or sites.roles, self.top_layers or sites.top_layers, everywhere)


@dataclass(frozen=True)
class Question:
    """`value` is a number of a knob, `SitesQuery`, a word, or None; `direction` +1 up, -1 down, 0 unspecified."""

    text: str  # as typed, for the heading
    subject: str  # a key of NAMES
    value: Any = None
    direction: int = 0
    alpha: bool = False  # the value is PEFT's lora_alpha, which is scaling x rank


def parse(text: str) -> Question:
    """Read a question.

    Raises: OptionError, one line that lists what can be asked, when no subject is named or a value cannot be read.
    """
    question = _ASKING.sub("", clean(text)).rstrip("?？ ")
    spoken = question.casefold()
    left, equals, right = spoken.partition("=")
    subject = _subject(left if equals else spoken)
    if subject is None:
        raise OptionError("account.bad_question", text=question, known=", ".join(NAMES))
    right = right.strip()
    if right in ("up", "down", "+", "-"):
        return Question(question, subject, None, 1 if right in ("up", "+") else -1)
    value = _value(subject, right if equals else spoken, bool(equals))
    if equals and (value is None or (subject == "rank" and value < 1)):
        raise OptionError("account.bad_value", text=question, knob=subject, value=clean(right))
    return Question(
        question, subject, value, 0 if equals else _direction(spoken), "alpha" in (left if equals else spoken)
    )


def _subject(text: str) -> str | None:
    found = [(len(name), subject) for subject, names in NAMES.items() for name in names if _says(text, name)]
    return max(found, key=lambda hit: hit[0])[1] if found else None


def _says(text: str, name: str) -> bool:
    """Whether a text contains a name: as a whole word in Latin script, anywhere in Chinese."""
    if not name.isascii():
        return name in text
    if len(name) == 1:  # "a" is an article too: only with a direction or a number beside it
        return [w for w in text.split() if w not in (*_UP, *_DOWN, "to", "the") and not _NUMBER.fullmatch(w)] == [name]
    return re.search(rf"(?<![a-z0-9_]){re.escape(name)}(?![a-z0-9_])", text) is not None


def _direction(text: str) -> int:
    up, down = (any(_says(text, word) for word in words) for words in (_UP, _DOWN))
    return up - down


def _value(subject: str, text: str, exact: bool) -> Any:
    """The value in a text; None without one."""
    if subject == "sites":
        return _sites(text)
    if subject in KNOBS or subject in ("seed", "epochs", "batch_size", "max_tokens"):
        found = _NUMBER.fullmatch(text) if exact else _NUMBER.search(text)
        value = float(found[0]) if found else math.nan
        return value if math.isfinite(value) and value >= 0 else None
    return text if exact and text else None


def _sites(text: str) -> SitesQuery | None:
    setting = _SETTING.search(text)
    if setting and setting[1] in _ROLES:  # as `--set` takes it
        top, everywhere = _ROLES[setting[1]], _ROLES.get(setting[3] or "", ())
        known = not setting[3] or set() < set(everywhere) < set(top)
        return SitesQuery(top, int(setting[2]), everywhere) if known else None
    depth = _DEPTH.search(text)
    roles = next((roles for name, roles in _ROLES.items() if _says(text, name)), None)
    return SitesQuery(roles, int(depth[1]) if depth else None) if depth or roles else None
