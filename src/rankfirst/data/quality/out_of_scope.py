"""Out-of-scope texts: rows with an out-of-scope label, or a file of their own."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from rankfirst.data.files.dropped_rows import Rows
from rankfirst.data.files.table import Note, note, shown
from rankfirst.data.files.texts import text_key
from rankfirst.errors import DataError
from rankfirst.measure.abstain_scores import LEAST_OUTSIDE
from rankfirst.records import Dataset

HELD_OUT: Final = 0.15  # share that is held out along with the test rows, if these are held out too


def usable_outside(texts: Sequence[str], dataset: Dataset, path: str) -> tuple[str, ...]:
    """Distinct out-of-scope texts that are not rows of the data.

    Raises: DataError if there are too few of them to choose a score by.
    """
    splits = [split for split in (dataset.train, dataset.val, dataset.test) if split is not None]
    row_keys = {text_key(text) for split in splits for text in split.texts}
    kept = _distinct(texts, row_keys)
    if len(kept) < LEAST_OUTSIDE:
        raise DataError("data.few_outside", path=path, found=len(kept), needed=LEAST_OUTSIDE)
    return kept


def without_outside(
    rows: Mapping[str, Rows], label: str | None, path: str, seed: int
) -> tuple[dict[str, Rows], tuple[str, ...], tuple[str, ...], list[Note]]:
    """Separate the out-of-scope rows of every split.

    Args: label: of out-of-scope rows; None: there are none.
    Returns: the in-scope rows by split, the out-of-scope texts to choose by, those for the final evaluation, notes.
    Raises: DataError if no row, or too few rows, carry the label, or if one carries it along with others.
    """
    if label is None:
        return dict(rows), (), (), []
    inside, outside_texts = dict[str, Rows](), dict[str, list[str]]()
    for split, part in rows.items():
        mixed = next((part.lines[i] for i, names in enumerate(part.names) if label in names and len(names) > 1), None)
        if mixed is not None:
            raise DataError("data.outside_and_more", path=path, line=mixed, label=shown(label))
        flags = [label in names for names in part.names]
        inside[split] = part.where([not flag for flag in flags])
        outside_texts[split] = [text for text, flag in zip(part.texts, flags, strict=True) if flag]
    held_out = _distinct(outside_texts.get("test", []), set())
    held_out_keys = {text_key(text) for text in held_out}
    for_choice = _distinct([*outside_texts["train"], *outside_texts.get("val", [])], held_out_keys)
    if "test" not in rows:
        order = np.random.default_rng(seed).permutation(len(for_choice))
        held = set(order[: round(HELD_OUT * len(for_choice))].tolist())
        held_out = tuple(text for i, text in enumerate(for_choice) if i in held)
        for_choice = tuple(text for i, text in enumerate(for_choice) if i not in held)
    if len(for_choice) < LEAST_OUTSIDE:
        raise DataError(
            "data.few_outside_rows", path=path, label=shown(label), found=len(for_choice), needed=LEAST_OUTSIDE
        )
    return (
        inside,
        for_choice,
        held_out,
        [note("data.note.outside", label=shown(label), rows=len(for_choice), test=len(held_out))],
    )


def _distinct(texts: Sequence[str], without: set[str]) -> tuple[str, ...]:
    kept: dict[str, str] = {}
    for text in texts:
        key = text_key(text)
        if text and key not in without:
            kept.setdefault(key, text)
    return tuple(kept.values())
