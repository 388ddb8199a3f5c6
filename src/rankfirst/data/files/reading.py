"""How label cells are read: the options that all files of one run share."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, TypedDict

from rankfirst.data.files.texts import label_key
from rankfirst.errors import DataError

NONE: Final = "none"  # one label per cell, whatever it contains
LISTS: Final = "list"  # cells that are written as lists hold several labels, the others one
_WORDS: Final = {NONE: "", "tab": "\t", "space": " ", "newline": "\n"}


class CellOptions(TypedDict, total=False):
    """The options as a user gives them."""

    separator: str | None  # between the labels of a cell; "none", "list", "tab" or "newline"; None: found in the cells
    label_names: str | Sequence[str] | None  # of positions or class ids: `a,b,c`, a list, or a file
    empty_is_none: bool
    keep_case: bool


@dataclass(frozen=True)
class Reading:
    """The options, and what is known of the labels before the file is read."""

    separator: str | None = None  # between the labels of a cell; None: found in the cells; "": none
    label_names: tuple[str, ...] = ()  # of the positions of 0/1 vectors, or of class ids counted from 0
    empty_is_none: bool = False  # a row without labels has none of the classes, rather than being unannotated
    keep_case: bool = False  # names that differ by case are different labels
    vectors: bool = True  # lists of 0 and 1 may be vectors
    multi_label: bool | None = None  # of the rows that these join; None: found in the cells
    classes: tuple[str, ...] = ()  # known classes; rows may carry others

    @classmethod
    def of(cls, options: Mapping[str, Any], multi_label: bool | None = None, classes: Sequence[str] = ()) -> "Reading":
        """From the options of a run, of which others are ignored. Raises: DataError if a file of names is unusable."""
        known = {each.name for each in fields(cls)} - {"multi_label", "classes", "vectors"}
        given = {name: value for name, value in options.items() if name in known and value is not None}
        if isinstance(given.get("label_names"), str):
            given["label_names"] = _names(given["label_names"])
        if "separator" in given:
            given["separator"] = _WORDS.get(given["separator"], given["separator"])
        return cls(**given | {"multi_label": multi_label, "classes": tuple(classes)})

    def key(self, name: str) -> str:
        """Equal for two spellings of one label."""
        return label_key(name, self.keep_case)


def _names(value: str) -> tuple[str, ...]:
    """`a,b,c`, or the lines or the JSON list of a file."""
    path = Path(value)
    try:
        is_file = path.is_file()
    except OSError:  # a list of names may be too long for a path
        is_file = False
    names = _in_file(path) if is_file else re.split("[,，]", value)
    cleaned = tuple(" ".join(str(name).split()) for name in names)
    keys = {label_key(name) for name in cleaned}
    if len(cleaned) < 2 or len(keys) < len(cleaned) or "" in keys:
        raise DataError("data.label_names", value=value[:60], found=len(cleaned))
    return cleaned


def _in_file(path: Path) -> Sequence[Any]:
    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError("data.unreadable_file", path=str(path), reason=type(error).__name__) from None
    try:
        listed = json.loads(content)
    except ValueError:
        listed = None
    if isinstance(listed, dict):  # `id2label` or `label2id` of a model's config.json
        by_id = {str(key): value for key, value in listed.items()}
        if not all(key.isdigit() for key in by_id):
            by_id = {str(value): key for key, value in listed.items()}
        return [by_id[key] for key in sorted(by_id, key=lambda key: (len(key), key))]
    return listed if isinstance(listed, list) else [line for line in content.splitlines() if line.strip()]
