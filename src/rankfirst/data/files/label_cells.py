"""Recognise how the cells of a label column are written, over all files of a data set at once."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from rankfirst.data.files.indicators import is_blank, zero_one
from rankfirst.data.files.notations import is_weighted, json_object, listed_items, parts_of, separators, vector_items
from rankfirst.data.files.reading import LISTS, Reading
from rankfirst.data.files.table import Note, listed, note, shown
from rankfirst.data.files.vectors import refuse_scores
from rankfirst.errors import DataError

T = TypeVar("T")
Cell = str | tuple[object, ...]  # one label, or the items of a list; "" and () are empty
Where = Mapping[str, object]  # path and column, for errors

# Keys under which annotation tools keep the labels of a row.
KEYS: Final = ("choices", "choice", "labels", "label")
_BRACKETS: Final = ("[]", "{}", "()")
_BITS: Final = re.compile("[01]{3,}")


@dataclass(frozen=True)
class Cells:
    """The cells of all files, one after another."""

    cells: Sequence[Cell]
    form: str = "plain"  # "plain", "lists", "objects", "vectors" or "joined"
    separator: str = ""  # if joined
    notes: tuple[Note, ...] = ()


def recognised(cells: Sequence[object], lines: Sequence[int], where: Where, promised: bool, how: Reading) -> Cells:
    """The cells, each as one label or as a list.

    Args: lines: of the cells, for errors. promised: the column's name implies several labels per row.
    Raises: DataError, one question, if only some cells are written as lists or joined by a separator.
    """
    own = [plain(cell) for cell in cells]
    if any(isinstance(cell, tuple | dict) for cell in own):
        return _objects(own, where) or _joined(_texts(own, lines, where), where, promised, how, "lists")
    texts = [cell.strip() if isinstance(cell, str) else "" for cell in own]
    written = how.separator in (None, LISTS) and any(texts)
    found = (
        (_json(texts, where) or _lists(texts, lines, where, how) or _vectors(texts, where, how)) if written else None
    )
    return found or _joined(_texts(own, lines, where), where, promised, how)


def plain(cell: Any) -> Any:
    """A cell as str, number, tuple, dict or None: values of numpy, pandas and polars become those of Python."""
    if cell is None or isinstance(cell, str | int | float | dict):
        return cell
    if isinstance(cell, list | tuple):
        return tuple(plain(item) for item in cell)
    if isinstance(cell, set | frozenset):
        return tuple(sorted((plain(item) for item in cell), key=str))
    if hasattr(cell, "tolist"):
        return plain(cell.tolist())
    if hasattr(cell, "to_list"):
        return plain(cell.to_list())
    return None if type(cell).__name__ in {"NAType", "NaTType"} else cell


def _objects(cells: Sequence[Any], where: Where) -> Cells | None:
    """Native objects, if every cell that is not empty is one that names its labels."""
    held = [cell for cell in cells if not is_blank(cell)]
    if not any(isinstance(cell, dict) or _is_dicts(cell) for cell in held):
        return None
    some = next(cell for cell in held if not isinstance(cell, str))
    found = _labels_in(cells, where, alone=any(isinstance(cell, str) for cell in held))
    return None if found is None else Cells(found, "objects", notes=(_note("objects", where, some),))


def _json(texts: Sequence[str], where: Where) -> Cells | None:
    """Texts that hold JSON objects; annotation tools write a single choice as plain text beside them."""
    parsed = _each(json_object, texts)
    if all(each is None for each in parsed):
        return None
    cells: list[Any] = [text if each is None else plain(each) for text, each in zip(texts, parsed, strict=True)]
    some = next(text for text, each in zip(texts, parsed, strict=True) if each is not None)
    alone = any(each is None and text for text, each in zip(texts, parsed, strict=True))
    found = _labels_in(cells, where, alone)
    if found is None and not alone:
        raise DataError("data.label_objects", cell=shown(some), **where)
    return None if found is None else Cells(found, "objects", notes=(_note("objects", where, some),))


def _labels_in(cells: Sequence[Any], where: Where, alone: bool) -> list[Cell] | None:
    """The labels that objects name under a well-known key, or as name -> 0 or 1. Raises: DataError for fractions."""
    held = [cell for cell in cells if isinstance(cell, dict)]
    if held and not alone and all(_is_numbers(cell) for cell in held) and not any(_is_dicts(cell) for cell in cells):
        refuse_scores([tuple(map(float, cell.values())) for cell in held if cell], where)
        if not all(zero_one(value) is not None for cell in held for value in cell.values()):
            return None
        names = [tuple(name for name, value in cell.items() if value) if cell else () for cell in cells]
        return list(names)
    found: list[Cell] = []
    for cell in cells:
        if isinstance(cell, str) or is_blank(cell) or cell == ():
            found.append(cell or ())
            continue
        parts = cell if _is_dicts(cell) else (cell,)
        labels = [_named(part) for part in parts]
        if any(part is None for part in labels):
            return None
        found.append(tuple(name for part in labels if part is not None for name in part))
    return found


def _named(cell: Any) -> tuple[object, ...] | None:
    if not isinstance(cell, dict):
        return None
    # With a number beside it, it is a span of the text, or a label with its score.
    if any(isinstance(each, int | float) and not str(key).endswith("id") for key, each in cell.items()):
        return None
    value = next((cell[key] for key in KEYS if key in cell), None)
    if isinstance(value, str):
        return (value,)
    words = isinstance(value, tuple | list) and all(isinstance(item, str) for item in value)
    return tuple(value) if words and value is not None else None


def _is_dicts(cell: Any) -> bool:
    return isinstance(cell, tuple) and bool(cell) and all(isinstance(item, dict) for item in cell)


def _is_numbers(cell: Mapping[Any, Any]) -> bool:
    return all(isinstance(value, int | float) for value in cell.values()) and all(isinstance(k, str) for k in cell)


def _lists(texts: Sequence[str], lines: Sequence[int], where: Where, how: Reading) -> Cells | None:
    """Texts that are written as lists. Raises: DataError if only some are."""
    found = _each(lambda text: listed_items(text) if text else (), texts)
    several = [i for i, items in enumerate(found) if items is not None and texts[i]]
    whole = [i for i, items in enumerate(found) if items is None]
    bare = [texts[i] for i in several if not set(texts[i]) & set(",'\"<0123456789")]
    spaced = any(isinstance(item, str) and " " in item for i in several for item in found[i] or ())
    if bare and len(bare) == len(several) and spaced:  # `[a b]`: one label or two
        whole, several = sorted([*whole, *several]), []
    _refuse_broken([texts[i] for i in whole], len(whole) + len(several), where, how)
    joins = how.separator == LISTS or how.multi_label is not None  # cells without brackets are one label each
    if not several or (whole and not joins and not any(_is_certain(texts[i], found[i]) for i in several)):
        return None
    if whole and not joins:
        raise DataError("data.ask.some_lists", lists=len(several), total=len(several) + len(whole),
                        line=lines[several[0]], cell=shown(texts[several[0]]), other=lines[whole[0]],
                        plain=shown(texts[whole[0]]), **where)  # fmt: skip
    cells = [text if items is None else items for text, items in zip(texts, found, strict=True)]
    return Cells(cells, "lists", notes=(_note("lists", where, texts[several[0]]),))


def _refuse_broken(whole: Sequence[str], total: int, where: Where, how: Reading) -> None:
    """Raises: DataError if most cells are in brackets but no lists: abbreviated by numpy, nested, or badly quoted."""
    broken = [text for text in whole if text[0] + text[-1] in _BRACKETS and len(text) > 1]
    if how.separator is None and 2 * len(broken) > total:
        raise DataError("data.ask.broken_lists", cell=shown(broken[0]), lists=len(broken), total=total, **where)


def _each(parse: Callable[[str], T], texts: Sequence[str]) -> list[T]:
    """(n,) the value of `parse` for each text; evaluated once for equal texts."""
    known = {text: parse(text) for text in set(texts)}
    return [known[text] for text in texts]


def _is_certain(text: str, items: Sequence[object] | None) -> bool:
    """Whether a text is a list beyond doubt; `[other]` may be a name."""
    return bool(items) and (len(items or ()) > 1 or any(mark in text for mark in "'\""))


def _vectors(texts: Sequence[str], where: Where, how: Reading) -> Cells | None:
    """Texts such as `0,1,0` or `0.2 0.8`, all of one length."""
    held = [text for text in texts if text]
    if all(is_weighted(text) for text in held) and any("." in text or "%" in text for text in held):
        raise DataError("data.soft_labels", example=shown(held[0]), **where)
    if all(_BITS.fullmatch(text) for text in held) and len({len(text) for text in held}) == 1 and len(set(held)) > 1:
        if not how.label_names:
            raise DataError("data.ask.bits", cell=held[0], length=len(held[0]), **where)
        return Cells([tuple(map(int, text)) for text in texts], "vectors")
    found = _each(lambda text: vector_items(text) if text else (), texts)
    rows = [row for row in found if row]
    if any(row is None for row in found) or len({len(row or ()) for row in rows}) != 1:
        return None
    numbers = [float(item) for row in rows for item in row or () if isinstance(item, int | float)]
    if not all(item in (0, 1) or item != int(item) for item in numbers):
        return None
    return Cells([row or () for row in found], "vectors")


def _texts(cells: Sequence[Any], lines: Sequence[int], where: Where) -> list[Any]:
    return ["" if is_blank(cell) else cell for cell in cells]


def _joined(cells: Sequence[Any], where: Where, promised: bool, how: Reading, form: str = "plain") -> Cells:
    """Texts that hold several labels joined by a separator, given or found. Raises: DataError if it is unclear."""
    if how.separator == LISTS or how.multi_label is False:
        return Cells(cells, form)
    if how.separator is not None:
        some = any(isinstance(cell, str) and how.separator and how.separator in cell for cell in cells)
        return _split(cells, how.separator, form) if some else Cells(cells, form)
    counts = Counter(cell.strip() for cell in cells if isinstance(cell, str) and cell.strip())
    known = [*how.classes, *_items(cells)]
    found = separators(counts, promised or how.multi_label is True, known, how.key)
    splits = [each for each in found if each.verdict == "splits"]
    asks = [each for each in found if each.verdict == "asks"]
    if how.multi_label:  # of known data: the first that joins a known label, or else none
        splits = [each for each in splits or asks if each.known][:1]
        asks = []
    if len(splits) > 1 or (asks and not splits):
        first, *_ = splits or asks
        raise DataError("data.separator_clash", label=shown(first.cells[0]), separator=_word(first.separator), **where)
    if not splits:
        names = next((each for each in found if each.verdict == "names"), None)
        notes = () if names is None else (note("data.note.whole_cells", column=where["column"],
                         separator=_word(names.separator), cells=listed(names.cells, 3)),)  # fmt: skip
        return Cells(cells, form, notes=notes)
    (chosen,) = splits
    remark = note("data.note.joined_cells", column=where["column"], separator=_word(chosen.separator),
                cells=len(chosen.cells), example=shown(chosen.cells[0]))  # fmt: skip
    return _split(cells, chosen.separator, form, remark)


def _split(cells: Sequence[Any], separator: str, form: str, *notes: Note) -> Cells:
    parts = [parts_of(cell, separator) if isinstance(cell, str) else cell for cell in cells]
    return Cells(parts, "joined" if form == "plain" else form, separator, notes)


def _items(cells: Iterable[Any]) -> list[str]:
    return [item for cell in cells if isinstance(cell, tuple) for item in cell if isinstance(item, str)]


def _word(separator: str) -> str:
    """A separator as the option takes it."""
    return {"\n": "newline", "\t": "tab", " ": "space"}.get(separator, separator)


def _note(form: str, where: Where, example: object) -> Note:
    return note(f"data.note.{form}_cells", column=where["column"], example=shown(example))
