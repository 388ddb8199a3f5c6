"""How a cell of text writes several labels: as a list of Python, JSON, numpy or SQL, or joined by a separator."""

import ast
import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

Items = tuple[object, ...]

# The separators that are looked for, the likeliest first. A bar or a semicolon is seldom part of a name, a comma often.
SEPARATORS: Final = ("|", ";", "；", "\n", "\t", "、", ",", "，")
_DOUBTFUL: Final = (",", "，", "、")
# They may separate, but are part of most names that contain them: the user is asked.
_ASKED: Final = ("/", "+", "&", "#", "@", "~", "^", "$", "\\", " ")
# Share of the joined cells. Others may hold a label that occurs nowhere else (assumption).
_MOSTLY: Final = 0.8
_HALF: Final = 0.5  # the same for a bar or a semicolon
_LITERAL: Final = 100_000  # characters of a cell that is parsed as a Python literal
# Joined cells whose parts all occur alone, from which the user is asked: phrases share words more often.
_LEAST: Final = {" ": 3}

_QUOTED: Final = r'"(?:[^"\\]|\\.)*"|' + r"'(?:[^'\\]|\\.)*'"
_SCALAR: Final = re.compile(rf"(?:np|numpy)\.\w+\((?P<inner>{_QUOTED}|[^()'\"]*)\)")
_ITEM: Final = re.compile(rf"(?P<quoted>{_QUOTED})|(?P<bare>[^,'\"\[\]{{}}]+)")
_CALL: Final = re.compile(
    r"(?:np\.|numpy\.|torch\.)?(?:array|tensor|frozenset|set|list|tuple)\((?P<inner>.*)\)", re.DOTALL
)
_DTYPE: Final = re.compile(r",\s*(?:dtype|device|requires_grad)\s*=\s*[\w.:'\"<>|]+\s*$")
_NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_DECIMAL: Final = re.compile(r"\d+[,，]\d+")
_PAIRS: Final = {"[": "]", "{": "}", "(": ")"}
_CONSTANTS: Final = {"None": None, "null": None, "nan": None, "NaN": None, "True": True, "true": True, "False": False,
                     "false": False}  # fmt: skip
_TAGS: Final = re.compile(r"(?:<[^<>]+>)+")
_DIGITS: Final = re.compile(r"[01](?:[/_-][01])+")
_WEIGHT: Final = r"[^,;|:=]+[:=]\s*(?:[01]?\.\d+|[01]|\d{1,3}%)"
_WEIGHTED: Final = re.compile(rf"{_WEIGHT}(?:\s*[,;|]\s*{_WEIGHT})*")
_VECTOR: Final = re.compile(r"[^\s,;|、，；]+(?:\s*[,;|、，；]\s*[^\s,;|、，；]+|\s+[^\s,;|、，；]+)+")


def listed_items(cell: str) -> Items | None:
    """The items of a cell that is written as a list, set, tuple or array; None for any other text."""
    text = cell.strip()
    while (call := _CALL.fullmatch(text)) is not None:
        text = _DTYPE.sub("", _DTYPE.sub("", call["inner"])).strip()
        if not text:
            return ()
    if len(text) > 1 and text[0] in "'\"" and text[0] == text[-1]:  # items without brackets
        bare = _items(text)
        return bare if bare is not None and len(bare) > 1 and "," in text else None
    if _TAGS.fullmatch(text):
        return tuple(re.findall(r"<([^<>]+)>", text))
    if len(text) < 2 or _PAIRS.get(text[0]) != text[-1]:
        return None
    items = _items(_SCALAR.sub(lambda found: found["inner"], text[1:-1]))
    if items is None or text[0] == "[":
        return items
    if text[0] == "{":  # `{a: 1}` is an object
        return None if any(isinstance(item, str) and ":" in item and item in text for item in items) else items
    # `(other)` is a name in brackets.
    plain = any(isinstance(item, str) for item in items) and not re.match(r"\(\s*['\"]", text)
    return None if plain or ("," not in text and len(items) < 2) else items


def _items(body: str) -> Items | None:
    """The items between the brackets, separated by commas; quoted texts and numbers by spaces too, as numpy does."""
    found: list[object] = []
    spaced, commas, position, expects, words = False, 0, 0, True, False
    while position < len(body):
        if body[position].isspace():
            position += 1
        elif body[position] == ",":
            if expects:
                return None
            commas, expects, position = commas + 1, True, position + 1
        else:
            match = _ITEM.match(body, position)
            if match is None:
                return None
            spaced = spaced or not expects
            values = (_unquoted(match["quoted"]),) if match["quoted"] else _bare(match["bare"])
            if values is None or (match["quoted"] and match.end() < len(body) and body[match.end()] not in ", \t\r\n"):
                return None
            spaced = spaced or len(values) > 1
            words = words or (match["bare"] is not None and any(isinstance(value, str) for value in values))
            found, expects, position = [*found, *values], False, match.end()
    return None if spaced and (commas or words) else tuple(found)


def _bare(text: str) -> Items | None:
    """An item without quotes; several numbers if they are separated by spaces. None: an abbreviated array."""
    words = text.split()
    if "..." in words or "…" in words or "|" in text or ";" in text:
        return None
    if all(_NUMBER.fullmatch(word) or word in _CONSTANTS for word in words):
        return tuple(_CONSTANTS[word] if word in _CONSTANTS else _number(word) for word in words)
    return (text.strip(),)


def _number(word: str) -> int | float:
    return int(word) if re.fullmatch(r"[+-]?\d+", word) else float(word)


def _unquoted(text: str) -> str:
    if text[0] == '"':
        try:
            return str(json.loads(text))
        except ValueError:
            pass
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def json_object(cell: str) -> object | None:
    """The object, or list of objects, that a cell of text holds as JSON; None for any other text."""
    text = cell.strip()
    if not text.startswith(("{", "[{")):
        return None
    try:
        content: object = json.loads(text)
    except (ValueError, RecursionError):
        content = _python(text)
    if isinstance(content, dict):
        return content
    return content if isinstance(content, list) and all(isinstance(item, dict) for item in content) else None


def _python(text: str) -> object | None:
    try:
        return ast.literal_eval(text) if len(text) < _LITERAL else None
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return None


def vector_items(cell: str) -> Items | None:
    """The numbers of `0,1,0`, `0 1 0` or `True;False`; None for any other text."""
    if _DIGITS.fullmatch(cell.strip()):
        return tuple(map(int, re.findall("[01]", cell)))
    if _VECTOR.fullmatch(cell.strip()) is None:
        return None
    words = [word for word in re.split(r"[\s,;|、，；]+", cell.strip()) if word]
    known = all(_NUMBER.fullmatch(word) or word.casefold() in ("true", "false") for word in words)
    return tuple(word.casefold() == "true" if word[0] in "tTfF" else _number(word) for word in words) if known else None


def is_weighted(cell: str) -> bool:
    """Whether a cell gives each label a fraction, such as `a:0.7, b:0.3`."""
    return _WEIGHTED.fullmatch(cell.strip()) is not None


@dataclass(frozen=True)
class Joined:
    """What the distinct cells of a column say of a separator."""

    separator: str
    verdict: str  # "splits", "asks", "names" (it is part of names), "" (nothing to say)
    cells: Sequence[str] = ()  # distinct cells that it would split
    known: bool = False  # whether a part of them is a known label, or occurs elsewhere


def separators(cells: Counter[str], promised: bool, classes: Sequence[str], key: Callable[[str], str]) -> list[Joined]:
    """What each separator would do, of those that some cell contains.

    A separator splits if the parts of the cells it joins occur elsewhere: alone, or joined with other parts.

    Args:
        cells: distinct cells with their counts. promised: the column's name implies several labels per row.
        classes: known labels. key: equal for spellings of one label.
    """
    found = [_joined(separator, cells, promised, classes, key) for separator in (*SEPARATORS, *_ASKED)]
    return [each for each in found if each.verdict]


def parts_of(cell: str, separator: str) -> tuple[str, ...]:
    """The distinct labels of a cell, in order."""
    return tuple(dict.fromkeys(part for piece in cell.split(separator) if (part := " ".join(piece.split()))))


def _joined(separator: str, cells: Counter[str], promised: bool, classes: Sequence[str],
            key: Callable[[str], str]) -> Joined:  # fmt: skip
    joined = {cell: parts for cell in cells if len(parts := parts_of(cell, separator)) > 1}
    if not joined:
        return Joined(separator, "")
    alone = {key(cell) for cell in cells if cell not in joined} | {key(name) for name in classes}
    homes: Counter[str] = Counter(part for parts in joined.values() for part in {key(part) for part in parts})
    apart = [cell for cell, parts in joined.items() if all(key(part) in alone for part in parts)]
    known = [cell for cell, parts in joined.items() if all(key(p) in alone or homes[key(p)] > 1 for p in parts)]
    some = any(key(part) in alone or homes[key(part)] > 1 for parts in joined.values() for part in parts)
    if separator in _ASKED:
        asks = len(apart) >= max(_LEAST.get(separator, 1), _MOSTLY * len(joined))
        verdict = "asks" if asks else "names" if some and separator != " " else ""
        return Joined(separator, verdict, tuple(joined), some)
    doubtful = separator in _DOUBTFUL
    if doubtful and all(_DECIMAL.fullmatch(cell) for cell in joined):
        return Joined(separator, "asks", tuple(joined))
    enough = len(known) >= (_MOSTLY if doubtful else _HALF) * len(joined)
    if enough and (len(joined) > 1 or (apart and not doubtful)):
        verdict = "splits"
    elif promised and (some or not doubtful):
        verdict = "splits"
    else:
        verdict = "names" if doubtful and not some and not promised else "asks"
    return Joined(separator, verdict, tuple(sorted(joined, key=lambda cell: (-cells[cell], cell))), some)
