"""Texts of no class: rows that are labelled so, or texts of their own."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from rankfirst.data.rows import Rows
from rankfirst.data.table import Note, note, shown
from rankfirst.data.texts import text_key
from rankfirst.errors import DataError
from rankfirst.measure.scope import LEAST_OUTSIDE
from rankfirst.records import Dataset

HELD_OUT: Final = 0.15  # share that goes with the test rows where these are held out too


def usable(texts: Sequence[str], dataset: Dataset, path: str) -> tuple[str, ...]:
    """Texts of no class, each once and none that is a row of the data.

    Raises: DataError when there are too few of them to choose by.
    """
    splits = [split for split in (dataset.train, dataset.val, dataset.test) if split is not None]
    known = {text_key(text) for split in splits for text in split.texts}
    kept = _distinct(texts, known)
    if len(kept) < LEAST_OUTSIDE:
        raise DataError("data.few_outside", path=path, found=len(kept), needed=LEAST_OUTSIDE)
    return kept


def without_outside(
    rows: Mapping[str, Rows], label: str | None, path: str, seed: int
) -> tuple[dict[str, Rows], tuple[str, ...], tuple[str, ...], list[Note]]:
    """The rows of every split without those labelled as of no class, and their texts: to choose by, and for the end.

    Args: label: None: all rows have a class.
    Raises: DataError when no row, or too few rows, carry the label, or one carries it beside others.
    """
    if label is None:
        return dict(rows), (), (), []
    inside, found = dict[str, Rows](), dict[str, list[str]]()
    for split, part in rows.items():
        mixed = next((part.lines[i] for i, names in enumerate(part.names) if label in names and len(names) > 1), None)
        if mixed is not None:
            raise DataError("data.outside_and_more", path=path, line=mixed, label=shown(label))
        own = [label in names for names in part.names]
        inside[split] = part.where([not flag for flag in own])
        found[split] = [text for text, flag in zip(part.texts, own, strict=True) if flag]
    last = _distinct(found.get("test", []), set())
    apart = {text_key(text) for text in last}
    known = _distinct([*found["train"], *found.get("val", [])], apart)
    if "test" not in rows:
        order = np.random.default_rng(seed).permutation(len(known))
        held = set(order[: round(HELD_OUT * len(known))].tolist())
        last = tuple(text for i, text in enumerate(known) if i in held)
        known = tuple(text for i, text in enumerate(known) if i not in held)
    if len(known) < LEAST_OUTSIDE:
        raise DataError("data.few_outside_rows", path=path, label=shown(label), found=len(known), needed=LEAST_OUTSIDE)
    return inside, known, last, [note("data.note.outside", label=shown(label), rows=len(known), test=len(last))]


def _distinct(texts: Sequence[str], without: set[str]) -> tuple[str, ...]:
    kept: dict[str, str] = {}
    for text in texts:
        key = text_key(text)
        if text and key not in without:
            kept.setdefault(key, text)
    return tuple(kept.values())
