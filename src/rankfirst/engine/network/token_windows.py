"""Texts as token ids; one longer than the limit is truncated, or read in overlapping windows."""

import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, overload

from rankfirst.errors import OptionError

MOST_WINDOWS = 8  # per text, to bound its cost; of a longer text only evenly spaced windows are read
LEAST_ROOM = 2  # minimum tokens of the text in a window: the stride is half of it


@dataclass(frozen=True)
class Frame:
    """The tokens that the tokenizer and the instruction add around a text's own tokens, in every window."""

    head: tuple[int, ...]  # such as [CLS]
    lead: tuple[int, ...]  # the instruction
    tail: tuple[int, ...]  # such as [SEP]
    cuts_left: bool  # whether this tokenizer truncates on the left, keeping the end of a long text

    @staticmethod
    def of(tokenizer: Any, prefix: str) -> "Frame":
        """Derive the frame by tokenising one letter with and without special tokens."""
        bare = tokenizer("a", add_special_tokens=False)["input_ids"]
        whole = tokenizer("a")["input_ids"]
        places = range(len(whole) - len(bare) + 1)
        at = next((i for i in places if whole[i : i + len(bare)] == bare), len(whole))
        lead = tokenizer(prefix, add_special_tokens=False)["input_ids"] if prefix else ()
        left = getattr(tokenizer, "truncation_side", "right") == "left"
        return Frame(tuple(whole[:at]), tuple(lead), tuple(whole[at + len(bare) :]), left)

    def reach(self, limit: int, windows: bool) -> int:
        """Length in tokens of the longest text that is read whole."""
        around = len(self.head) + len(self.lead) + len(self.tail)
        return around + MOST_WINDOWS * (limit - around) if windows else limit

    def check(self, limit: int) -> None:
        """Raises: OptionError if a window has no room for text."""
        around = len(self.head) + len(self.lead) + len(self.tail)
        if limit - around < LEAST_ROOM:
            raise OptionError("option.narrow_window", limit=limit, around=around, least=around + LEAST_ROOM)

    def cut(self, ids: Sequence[int], limit: int, windows: bool) -> list[list[int]]:
        """The token ids of one text in pieces of at most `limit` tokens; one piece unless `windows`."""
        if len(ids) <= limit:
            return [list(ids)]
        own = ids[len(self.head) : len(ids) - len(self.tail)]
        room = max(0, limit - len(self.head) - len(self.tail))
        if not windows:
            kept = own[len(own) - room :] if self.cuts_left else own[:room]
            return [[*self.head, *kept, *self.tail]]
        # The instruction's last token may have been merged with the text's first one.
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(self.lead, own, strict=False)))
        lead, body, room = own[:same], own[same:], room - same
        return [[*self.head, *lead, *body[at : at + room], *self.tail] for at in starts(len(body), room)]


def starts(tokens: int, room: int) -> list[int]:
    """Start positions of the windows over `tokens` tokens: half a window apart, or evenly spread MOST_WINDOWS."""
    stride = max(1, room // 2)
    count = 1 + math.ceil(max(0, tokens - room) / stride)
    if count <= MOST_WINDOWS:
        return [i * stride for i in range(count)]
    return [round(i * (tokens - room) / (MOST_WINDOWS - 1)) for i in range(MOST_WINDOWS)]


class Ragged(Sequence[list[int]]):
    """Token ids of many windows in one array; as lists, a million short texts would take half a gigabyte."""

    def __init__(self) -> None:
        self.flat, self.starts = array("i"), array("q", [0])

    def append(self, row: Sequence[int]) -> None:
        """Append one window."""
        self.flat.extend(row)
        self.starts.append(len(self.flat))

    def extend(self, more: "Ragged") -> None:
        """Append the windows of another one."""
        before = len(self.flat)
        self.flat.extend(more.flat)
        self.starts.extend(before + start for start in more.starts[1:])

    def size(self, row: int) -> int:
        """Tokens of a window."""
        return self.starts[row + 1] - self.starts[row]

    def __len__(self) -> int:
        return len(self.starts) - 1

    @overload
    def __getitem__(self, at: int) -> list[int]: ...
    @overload
    def __getitem__(self, at: slice) -> list[list[int]]: ...
    def __getitem__(self, at: int | slice) -> list[int] | list[list[int]]:
        if isinstance(at, slice):
            return [self[row] for row in range(*at.indices(len(self)))]
        row = range(len(self))[at]  # supports negative indexes, and raises IndexError at the end
        return self.flat[self.starts[row] : self.starts[row + 1]].tolist()

    def __iter__(self) -> Iterator[list[int]]:
        return (self[row] for row in range(len(self)))


class Texts:
    """Token ids of texts, each in one or several windows."""

    def __init__(self, texts: Iterable[tuple[list[list[int]], int]], frame: Frame) -> None:
        """Args: texts: the windows of each text, and its length in tokens before truncation."""
        self.frame = frame
        self.windows = Ragged()
        self.first = array("q", [0])  # (n + 1,) number of each text's first window
        self.full = array("i")  # (n,) tokens before truncation
        self.lengths = array("i")  # (n,) tokens over all windows; tokens in two windows count twice
        for windows, full in texts:
            for window in windows:
                self.windows.append(window)
            self.first.append(len(self.windows))
            self.full.append(full)
            self.lengths.append(sum(map(len, windows)))

    def followed_by(self, more: "Texts") -> "Texts":
        """These texts and then the others, which have the same frame."""
        joined = Texts((), self.frame)
        for part in (self, more):
            before = len(joined.windows)
            joined.windows.extend(part.windows)
            joined.first.extend(before + first for first in part.first[1:])
            joined.full.extend(part.full)
            joined.lengths.extend(part.lengths)
        return joined

    def __len__(self) -> int:
        return len(self.full)

    def of(self, rows: Iterable[int]) -> list[int]:
        """Window indexes of these texts, text by text."""
        return [w for r in rows for w in range(self.first[r], self.first[r + 1])]

    def counts(self, rows: Iterable[int]) -> list[int]:
        """Number of windows of each of these texts."""
        return [self.first[r + 1] - self.first[r] for r in rows]

    def shapes(self, rows: Sequence[int]) -> tuple[list[int], list[int]]:
        """(tokens of the longest window, number of windows) of each of these texts, which determine batch sizes."""
        size = self.windows.size
        widths = [max(size(w) for w in range(self.first[r], self.first[r + 1])) for r in rows]
        return widths, self.counts(rows)
