"""Read files into rows, split them, and analyse the data before anything is trained.

`load_dataset` reads files and `dataset_of` takes rows in memory; `profile` and the checks describe the data, and
`with_out_of_fold` adds what a frozen classifier's errors reveal about the labels. Tokenisation belongs to the engine;
no label is ever changed automatically.
"""

from rankfirst.data.ambiguous import pair_rows
from rankfirst.data.ceiling import data_ceiling
from rankfirst.data.checks.private import has_personal_data
from rankfirst.data.checks.scripts import script_of
from rankfirst.data.complexity import judge_complexity
from rankfirst.data.costs import costs_of, read_costs
from rankfirst.data.dates import day, split_by_date
from rankfirst.data.foreign import usable_outside
from rankfirst.data.memory import dataset_of
from rankfirst.data.more import Grown, with_more
from rankfirst.data.neighbours import Neighbours, neighbours_of
from rankfirst.data.newer import read_newer
from rankfirst.data.profile import profile, with_out_of_fold
from rankfirst.data.read import load_dataset, read_labelled, read_outside, read_texts
from rankfirst.data.shift import Side, shift
from rankfirst.data.show import few_examples
from rankfirst.data.sketch import FACTS as SKETCH
from rankfirst.data.sketch import Sketch, choose_rows
from rankfirst.data.sketched import shift_from
from rankfirst.data.suspects import suspicions

__all__ = [
    "SKETCH",
    "Grown",
    "Neighbours",
    "Side",
    "Sketch",
    "choose_rows",
    "costs_of",
    "data_ceiling",
    "dataset_of",
    "day",
    "few_examples",
    "has_personal_data",
    "judge_complexity",
    "load_dataset",
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
]
