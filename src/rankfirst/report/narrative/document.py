"""A document independent of its format: sections of blocks, each with the journal lines it is based on.

Text, Markdown, HTML and Word are rendered from the same blocks.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from rankfirst.report.phrases import Both, both, joined, same


@dataclass(frozen=True)
class Para:
    """A paragraph, or one point of a list."""

    words: Both
    lines: tuple[int, ...] = ()  # of the journal, from 1
    point: bool = False


@dataclass(frozen=True)
class Table:
    """Rows as long as the head."""

    head: tuple[Both, ...]
    rows: tuple[tuple[Both, ...], ...]
    lines: tuple[int, ...] = ()


@dataclass(frozen=True)
class Code:
    """A command to copy."""

    text: str
    lines: tuple[int, ...] = ()


Block = Para | Table | Code


@dataclass(frozen=True)
class Section:
    """A heading and its blocks."""

    title: Both
    blocks: tuple[Block, ...]
    level: int = 1  # 1 or 2


@dataclass(frozen=True)
class Document:
    """The whole document; the frame of an HTML page shows `dataset` and `subtitle`."""

    dataset: str
    title: Both
    subtitle: Both
    sections: tuple[Section, ...]
    notices: tuple[Both, ...] = field(default_factory=tuple)  # before everything else: synthetic, unfinished


def words(code: str, /, **numbers: object) -> Both:
    """A sentence of words.account, without its prefix."""
    return both(f"account.{code}", numbers)


def para(*sentences: Both, lines: Sequence[int] = (), point: bool = False) -> Para:
    """A paragraph of sentences; empty ones are left out."""
    shown = [sentence for sentence in sentences if sentence.en]
    return Para(joined(shown, " ", ""), ordered(lines), point)


def point(*sentences: Both, lines: Sequence[int] = ()) -> Para:
    """A point of a list."""
    return para(*sentences, lines=lines, point=True)


def ended(sentence: Both) -> Both:
    """A sentence, with a full stop added if it lacks one."""
    return Both(sentence.en if sentence.en.endswith((".", "!", "?")) else f"{sentence.en}.",
                sentence.zh if sentence.zh.endswith(("。", "！", "？")) else f"{sentence.zh}。")  # fmt: skip


def ordered(lines: Sequence[int]) -> tuple[int, ...]:
    """Every line once, in the order of the journal."""
    return tuple(sorted(set(lines)))


def grouped(blocks: Sequence[Block], write: Callable[[Block], str]) -> list[str]:
    """Each block as `write` renders it; the points of a list are on neighbouring lines of one text."""
    lists = groupby(blocks, lambda block: isinstance(block, Para) and block.point)
    return [text for point, some in lists for text in (["\n".join(map(write, some))] if point else map(write, some))]


def cited(lines: Sequence[int]) -> Both:
    """A citation such as "[journal 12, 15]"; "" without lines."""
    if not lines:
        return same("")
    return Both(words("cite", lines=_spans(lines, ", ")).en, words("cite", lines=_spans(lines, "、")).zh)


def _spans(lines: Sequence[int], comma: str) -> str:
    """12, 15–18: three or more in a row as a span."""
    runs: list[list[int]] = []
    for line in ordered(lines):
        if runs and line == runs[-1][-1] + 1:
            runs[-1].append(line)
        else:
            runs.append([line])
    spans = [f"{run[0]}–{run[-1]}" if len(run) > 2 else comma.join(map(str, run)) for run in runs]
    return comma.join(spans)
