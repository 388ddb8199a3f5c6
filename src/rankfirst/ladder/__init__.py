"""THE RUNGS BELOW LORA: majority, n-grams, frozen encoder. scikit-learn only. Not for: features (handed in), LoRA."""

from rankfirst.ladder.folds import subsample
from rankfirst.ladder.frozen import FrozenFit, fit_frozen
from rankfirst.ladder.head import LinearHead
from rankfirst.ladder.learning import learning_curve
from rankfirst.ladder.majority import majority
from rankfirst.ladder.prefix import PrefixChoice, choose_prefix, prefix_rows
from rankfirst.ladder.rungs import Fit
from rankfirst.ladder.tfidf import TfidfFit, fit_tfidf
from rankfirst.ladder.tfidf_folds import tfidf_out_of_fold
from rankfirst.ladder.tfidf_model import TfidfModel
from rankfirst.ladder.trained import trained

__all__ = [
    "Fit",
    "FrozenFit",
    "LinearHead",
    "PrefixChoice",
    "TfidfFit",
    "TfidfModel",
    "choose_prefix",
    "fit_frozen",
    "fit_tfidf",
    "learning_curve",
    "majority",
    "prefix_rows",
    "subsample",
    "tfidf_out_of_fold",
    "trained",
]
