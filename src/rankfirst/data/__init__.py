"""THE DATA ROOM: files to rows, rows to splits, and what the rows say before anything is trained.

`load_dataset` reads files and `dataset_of` takes rows in memory; `profile` and the checks describe, `with_out_of_fold`
adds what a frozen classifier's mistakes reveal about the labels. Not for: tokens (the engine's), training, or changing
a label on its own.
"""

from rankfirst.data.checks.scripts import script_of
from rankfirst.data.memory import dataset_of
from rankfirst.data.profile import profile, with_out_of_fold
from rankfirst.data.read import load_dataset, read_texts

__all__ = ["dataset_of", "load_dataset", "profile", "read_texts", "script_of", "with_out_of_fold"]
