"""Names that text columns and label columns commonly have, in English and Chinese; docs/columns.md is rendered from it.

A name counts whatever its case, width, spaces, hyphens and underscores: `Intent-Name` is `intent_name`.
"""

import re
import unicodedata
from typing import Final

Ranks = tuple[tuple[str, ...], ...]  # groups of names, the surest first

TEXT_NAMES: Final[Ranks] = (
    ("text", "texts", "文本"),
    ("sentence", "utterance", "query", "content", "message", "review", "body", "comment", "question", "document",
     "description", "feedback", "statement", "tweet", "post", "input", "transcript", "complaint", "sms", "email", "msg",
     "text_content", "comment_text", "review_text", "message_text", "review_body", "message_body", "email_body",
     "user_input", "user_query", "user_message",
     "内容", "文本内容", "问题", "用户问题", "问句", "句子", "语句", "评论", "评论内容", "正文", "消息", "留言", "话术",
     "原文", "反馈", "描述", "短信", "对话", "投诉内容", "工单内容", "用户输入"),
    ("title", "subject", "headline", "summary", "article", "passage", "paragraph", "snippet", "prompt", "narrative",
     "conversation", "dialogue", "caption", "note", "标题", "摘要", "文章", "新闻", "段落", "备注"),
)  # fmt: skip

LABEL_NAMES: Final[Ranks] = (
    ("label", "labels", "标签"),
    ("intent", "intents", "category", "categories", "class", "classes", "target", "targets", "topic", "topics",
     "sentiment", "emotion", "tag", "tags", "intention", "polarity", "intent_name", "label_name", "class_name",
     "category_name", "topic_name", "label_text",
     "意图", "类别", "分类", "类目", "类别标签", "标签名", "标签名称", "意图名称", "类别名称", "分类名称", "情感",
     "情感标签", "主题", "话题", "标注", "标注结果"),
    ("type", "rating", "stars", "score", "department", "queue", "domain", "scenario", "genre", "annotation",
     "ground_truth", "y_true", "y", "类型", "种类", "评分", "星级", "部门"),
)  # fmt: skip

# Names that imply several labels per row.
PLURAL_NAMES: Final = frozenset({"labels", "intents", "categories", "tags"})

# Compound names: `gold_label`, `label_id`, `ticket_type`, `一级分类`; `ticket_text`, `text_clean`, `问题描述`.
_LABEL_WORDS: Final = frozenset("label intent category class target topic sentiment tag emotion".split())
_LABEL_LAST: Final = frozenset("label intent class".split())  # `product_category` may be a side column
_LABEL_PARTS: Final = frozenset("name names id ids idx index code text str string value no num".split())
_LABEL_ENDS: Final = ("标签", "类别", "分类", "类目", "意图")
_WEAK_WORDS: Final = _LABEL_WORDS | frozenset("type department queue".split())
_WEAK_ENDS: Final = ("类型", "部门")
_TEXT_WORDS: Final = frozenset(
    "text sentence utterance query content message review body comment question description feedback".split()
)
_TEXT_KINDS: Final = frozenset("clean cleaned raw original orig full plain processed normalized".split())
_TEXT_ENDS: Final = ("文本", "内容", "正文", "评论", "描述", "留言")

# A 0/1 column with such a name describes the row rather than naming a class.
_FLAG_STARTS: Final = (
    "is_",
    "has_",
    "was_",
    "were_",
    "can_",
    "should_",
    "did_",
    "needs_",
    "是否",
    "有无",
    "已",
    "是不是",
)
_FLAG_WORDS: Final = frozenset(
    "urgent urgency vip processed duplicated duplicate resolved mobile deleted archived read unread seen closed open "
    "opened answered replied active inactive paid unpaid new verified premium subscribed subscriber escalated flagged "
    "flag starred anonymous valid invalid checked reviewed done public private internal external train test val "
    "validation holdout selected enabled disabled visible hidden locked edited forwarded handled assigned completed "
    "priority important returning churned member employee automated bot attachment attachments "
    "加急 紧急 重复 处理 已处理 已读 会员 有效 完成 置顶 匿名 删除".split()
)
_INDEX_WORDS: Final = frozenset(
    "id ids idx index row rowid no num number uuid guid key 编号 序号 行号 索引 工单号".split()
)

# A column with such a name says where a row comes from.
_ORIGIN_WORDS: Final = frozenset(
    "split fold partition subset lang language locale date time timestamp datetime created updated author user "
    "username annotator url link at by 日期 时间 语言 用户 链接 标注人".split()
)

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_APART = re.compile(r"[\W_]+")


def folded(name: str) -> str:
    """The name in lower case with its words joined by underscores: `Intent Name`, `intentName` -> intent_name."""
    plain = unicodedata.normalize("NFKC", name).strip()
    return _APART.sub("_", _CAMEL.sub("_", plain)).strip("_").casefold()


def text_rank(name: str) -> int | None:
    """How surely a column of this name holds the texts, from 0, the surest; None: the name does not say so."""
    known = _rank(name, TEXT_NAMES)
    if known is not None or label_rank(name) in (0, 1) or is_flag(name):
        return known
    first, *rest = folded(name).split("_")
    if rest and (rest[-1] in _TEXT_WORDS or (first in _TEXT_WORDS and set(rest) <= _TEXT_KINDS)):
        return 1
    return 1 if first.endswith(_TEXT_ENDS) else None


def label_rank(name: str) -> int | None:
    """The same for the labels."""
    known = _rank(name, LABEL_NAMES)
    if known is not None or is_flag(name):
        return known
    first, *rest = folded(name).split("_")
    if rest and (rest[-1] in _LABEL_LAST or (first in _LABEL_WORDS and set(rest) <= _LABEL_PARTS)):
        return 1
    if first.endswith(_LABEL_ENDS):
        return 1
    return 2 if first.endswith(_WEAK_ENDS) or (rest and rest[-1] in _WEAK_WORDS) else None


def is_plural(name: str) -> bool:
    """Whether the name implies several labels per row."""
    return folded(name) in PLURAL_NAMES


def is_flag(name: str) -> bool:
    """Whether the name is that of a yes-or-no fact about the row, such as `is_urgent` or `vip`."""
    key = folded(name)
    return key.startswith(_FLAG_STARTS) or key in _FLAG_WORDS


def is_index(name: str) -> bool:
    """Whether the name is that of a row's number: `id`, `ticket_id`, `Unnamed: 0`."""
    key = folded(name)
    return not key or key.startswith("unnamed") or key.split("_")[-1] in _INDEX_WORDS


def is_origin(name: str) -> bool:
    """Whether the name is that of a date, a person, a language or a split: `created_at`, `annotator`."""
    return folded(name).split("_")[-1] in _ORIGIN_WORDS


def _rank(name: str, ranks: Ranks) -> int | None:
    key = folded(name)
    singular = key.removesuffix("s")  # `reviews`, `comments`
    return next((rank for rank, names in enumerate(ranks) if key in names or singular in names), None)
