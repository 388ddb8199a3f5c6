"""THE RUNGS BELOW LORA: majority, n-grams, frozen encoder. scikit-learn only. Features are passed in; no LoRA."""

from rankfirst.baselines.folds import subsample
from rankfirst.baselines.frozen import FrozenFit, fit_frozen, refit_frozen, refit_start
from rankfirst.baselines.learning_curve import learning_curve, tfidf_learning_curve
from rankfirst.baselines.linear_head import LinearHead
from rankfirst.baselines.majority import majority
from rankfirst.baselines.prefix_choice import PrefixChoice, choose_prefix, prefix_rows
from rankfirst.baselines.rung import Fit
from rankfirst.baselines.tfidf import TfidfFit, fit_tfidf, refit_tfidf
from rankfirst.baselines.tfidf_folds import tfidf_out_of_fold
from rankfirst.baselines.tfidf_model import TfidfModel
from rankfirst.baselines.trained import trained

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
    "refit_frozen",
    "refit_start",
    "refit_tfidf",
    "subsample",
    "tfidf_learning_curve",
    "tfidf_out_of_fold",
    "trained",
]
