"""Read files into rows, split them, and analyse the data before anything is trained.

`load_dataset` reads files and `dataset_of` takes rows in memory; `profile` and the checks describe the data, and
`with_out_of_fold` adds what a frozen classifier's errors reveal about the labels. Tokenisation belongs to the engine;
no label is ever changed automatically.
"""

from rankfirst.data.checks.private import has_personal_data
from rankfirst.data.checks.scripts import main_language, script_of
from rankfirst.data.costs import costs_of, read_costs
from rankfirst.data.files.dates import day, split_by_date
from rankfirst.data.files.in_memory import dataset_of
from rankfirst.data.files.more_rows import Grown, with_more
from rankfirst.data.files.read import load_dataset, read_labelled, read_outside, read_texts
from rankfirst.data.files.reading import Reading
from rankfirst.data.files.second_file import read_newer
from rankfirst.data.quality.ambiguous_classes import pair_rows
from rankfirst.data.quality.complexity import judge_complexity
from rankfirst.data.quality.label_ceiling import data_ceiling
from rankfirst.data.quality.neighbours import Neighbours, neighbours_of
from rankfirst.data.quality.out_of_scope import usable_outside
from rankfirst.data.quality.profile import profile, with_out_of_fold, with_val_suspects
from rankfirst.data.quality.review_rows import few_examples
from rankfirst.data.quality.suspect_labels import suspicions
from rankfirst.data.shift.compare import Side, shift
from rankfirst.data.shift.sketch import FACTS as SKETCH
from rankfirst.data.shift.sketch import TENSORS as SKETCH_VECTORS
from rankfirst.data.shift.sketch import Sketch, choose_rows
from rankfirst.data.shift.sketch import estimated as estimated_rows
from rankfirst.data.shift.sketch_comparison import shift_from

__all__ = [
    "SKETCH",
    "SKETCH_VECTORS",
    "Grown",
    "Neighbours",
    "Reading",
    "Side",
    "Sketch",
    "choose_rows",
    "costs_of",
    "data_ceiling",
    "dataset_of",
    "day",
    "estimated_rows",
    "few_examples",
    "has_personal_data",
    "judge_complexity",
    "load_dataset",
    "main_language",
    "neighbours_of",
    "pair_rows",
    "profile",
    "read_costs",
    "read_labelled",
    "read_newer",
    "read_outside",
    "read_texts",
    "script_of",
    "shift",
    "shift_from",
    "split_by_date",
    "suspicions",
    "usable_outside",
    "with_more",
    "with_out_of_fold",
    "with_val_suspects",
]
