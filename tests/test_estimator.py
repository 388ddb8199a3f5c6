"""The scikit-learn classifier: its contract, its labels, its pickles.

scikit-learn's own checks pass tables of numbers, and skip an estimator whose tags say that it takes texts. Here they
run on `Numbers`, which writes each row of numbers as words and is the estimator otherwise; `EXPECTED` lists the checks
that cannot apply, each with the reason. Except in the slow tests `fit` is n-grams alone.
"""

import copy
import json
import pickle
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import parametrize_with_checks

from rankfirst import Classifier, DataError, RunError, api
from rankfirst.baselines import fit_tfidf
from rankfirst.estimator import LoraClassifier
from rankfirst.records import Calibration, Dataset, to_json
from tests.engine import tiny

TEXTS = [f"{word} number {i}" for word in ("card", "loan", "transfer") for i in range(20)]
LABELS = np.repeat([7, 3, 11], 20)  # as names they sort 11, 3, 7
TABLE = np.array([[i % 2, int(i < 20), 0, int(i % 3 == 0)] for i in range(60)])  # nothing in column 2
SETS = [[("odd", "card", "never", "third")[c] for c in np.flatnonzero(row)] for row in TABLE]


class Calls(list[dict[str, Any]]):
    """What `api.fit` was asked."""


@pytest.fixture(autouse=True)
def calls(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Calls:
    """`api.fit` without a base model: n-grams, delivered as a run delivers them."""
    made = Calls()

    def fit(train: Dataset, out: Path, **options: Any) -> api.Result:
        made.append({"train": train, "out": out, **options})
        model = fit_tfidf(train, (), options["seed"]).model
        model.save(out / "model")
        plain = Calibration("tfidf", 1.0, 0.0, 0.0, None, 0, False, 0.0, 0.0, None)
        facts = {"kind": "tfidf", "multi_label": train.multi_label, "classes": list(train.classes),
                 "calibration": to_json(plain)}  # fmt: skip
        (out / "model" / "decision.json").write_text(json.dumps(facts), "utf-8")
        if options["listen"]:
            options["listen"]("refusal", "lr", {"code": "nonsense", "numbers": {}})
        return api.Result(out, {"verdict": "tfidf"})

    if not request.node.get_closest_marker("slow"):
        monkeypatch.setattr(api, "fit", fit)
    return made


class Numbers(LoraClassifier):
    """The estimator behind scikit-learn's checks: a row of numbers becomes a text of words."""

    def fit(self, X: Any, y: Any) -> "Numbers":
        table = np.asarray(X)
        self._width = table.shape[-1] if table.ndim else None
        super().fit(self.written(X), y)
        return self

    def predict(self, X: Any) -> Any:
        return super().predict(self.written(X))

    def predict_proba(self, X: Any) -> Any:
        return super().predict_proba(self.written(X))

    def written(self, X: Any) -> Any:
        """A word a column, telling its number to a half; what is no table of numbers is left as it is."""
        table = np.asarray(X)
        if table.ndim != 2 or table.dtype.kind not in "biuf":
            return X
        if table.shape[1] != getattr(self, "_width", table.shape[1]):
            raise ValueError(f"{table.shape[1]} columns")
        return [" ".join(f"{chr(97 + i % 26)}{np.rint(2 * v):g}" for i, v in enumerate(row)) for row in table]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = tags.input_tags.one_d_array = False
        tags.input_tags.two_d_array = True
        return tags


# What cannot apply to one-dimensional texts, and why.
EXPECTED = {
    "check_n_features_in": "texts have no columns to count",
    "check_n_features_in_after_fitting": "texts have no columns to count",
    "check_fit1d": "wants one-dimensional X refused; it is the only X there is",
    "check_fit2d_predict1d": "wants one-dimensional X refused; it is the only X there is",
    "check_dtype_object": "wants an object table of numbers accepted; a table is refused whatever it holds",
    "check_complex_data": "wants words about complex numbers; the refusal speaks of the label instead",
    "check_estimators_nan_inf": "texts hold no NaN; a missing text counts as an empty one",
    "check_estimators_empty_data_messages": "wants '0 features' said; no columns are no text, and that is said",
    "check_requires_y_none": "y=None is refused, in rankfirst's own words",
}


@parametrize_with_checks([Numbers()], expected_failed_checks=lambda estimator: EXPECTED)
@pytest.mark.filterwarnings("ignore")
def test_scikit_learns_own_checks(estimator: Any, check: Any) -> None:
    check(estimator)


def fitted(X: Any = TEXTS, y: Any = LABELS, **options: Any) -> LoraClassifier:
    return LoraClassifier(**options).fit(X, y)


def test_importing_the_estimator_loads_no_torch() -> None:
    code = (
        "import sys; from rankfirst import LoraClassifier; LoraClassifier().get_params();"
        "assert not {'torch', 'transformers', 'peft'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_tags_say_texts_in_and_several_labels_out() -> None:
    tags, read = get_tags(LoraClassifier()), get_tags(LoraClassifier()).input_tags
    assert is_classifier(LoraClassifier())
    assert (read.string, read.one_d_array, read.two_d_array, read.sparse) == (True, True, False, False)
    assert (tags.classifier_tags.multi_label, tags.non_deterministic, tags.requires_fit) == (True, False, True)


def test_parameters_reach_the_run(calls: Calls, tmp_path: Path) -> None:
    given = {"base_model": "base", "budget": "1m", "knobs": ("rank=4",), "force": True, "always_lora": True,
             "prefix": "query: ", "max_tokens": 32, "windows": True, "head": "zero", "head_lr": 1e-3,
             "class_weights": "sqrt", "focal": 2.0, "logit_adjustment": 0.5, "label_smoothing": 0.1,
             "memory": "4GiB", "base_bits": 4}  # fmt: skip
    model = fitted(out=tmp_path / "kept", random_state=np.int64(5), **given)
    call = calls[0]
    assert call.items() >= {**given, "seed": 5, "listen": None, "out": tmp_path / "kept"}.items()
    assert model.run_ == tmp_path / "kept"
    assert (model.verdict_, model.result_["verdict"], model.multilabel_) == ("tfidf", "tfidf", False)


def test_one_knob_may_be_a_string(calls: Calls) -> None:
    fitted(knobs="rank=4")
    assert calls[0]["knobs"] == "rank=4"


def test_random_states_draw_seeds(calls: Calls) -> None:
    for state in (np.random.RandomState(0), np.random.RandomState(0), None, None):
        fitted(random_state=state)
    first, again, *drawn = (call["seed"] for call in calls)
    assert first == again
    assert len({first, *drawn}) == 3


def test_validation_rows_are_used_as_they_are(calls: Calls) -> None:
    LoraClassifier().fit(TEXTS, LABELS, X_val=TEXTS[:2] + TEXTS[-2:], y_val=[7, 7, 11, 11])
    made: Dataset = calls[0]["train"]
    assert (len(made.train), made.val.texts) == (60, (*TEXTS[:2], *TEXTS[-2:]))


@pytest.mark.parametrize(
    ("y", "classes"),
    [
        pytest.param(LABELS, [3, 7, 11], id="int"),
        pytest.param(LABELS.astype(np.int16), [3, 7, 11], id="int16"),
        pytest.param(LABELS.tolist(), [3, 7, 11], id="list"),
        pytest.param(LABELS.astype(float), [3.0, 7.0, 11.0], id="float"),
        pytest.param(LABELS > 5, [False, True], id="bool"),
        pytest.param(LABELS.astype(str), ["11", "3", "7"], id="str"),
        pytest.param(LABELS.astype(str).astype(object), ["11", "3", "7"], id="object"),
    ],
)
def test_answers_are_the_labels_that_came(y: Any, classes: list[Any]) -> None:
    model = fitted(y=y)
    assert model.classes_.tolist() == classes
    assert model.classes_.dtype == np.unique(np.asarray(y)).dtype
    found, p = model.predict(TEXTS), model.predict_proba(TEXTS)
    assert found.tolist() == np.asarray(y).tolist()
    assert model.classes_[p.argmax(axis=1)].tolist() == found.tolist()
    assert p.sum(axis=1) == pytest.approx(1)
    assert model.score(TEXTS, y) == 1


def test_a_table_is_answered_by_a_table() -> None:
    model = fitted(y=TABLE)
    found, p = model.predict(TEXTS), model.predict_proba(TEXTS)
    assert (model.multilabel_, model.classes_.tolist()) == (True, [0, 1, 2, 3])
    assert (found.shape, found.dtype, p.shape) == (TABLE.shape, int, TABLE.shape)
    assert np.array_equal(found, p >= 0.5)
    assert np.array_equal(found[:, 1], TABLE[:, 1])
    assert not p[:, 2].any()
    assert 0 <= model.score(TEXTS, TABLE) <= 1


def test_a_frame_and_a_series_are_welcome() -> None:
    pandas = pytest.importorskip("pandas")
    names = ["odd", "card", "never", "third"]
    model = fitted(pandas.Series(TEXTS, index=range(9, 69)), pandas.DataFrame(TABLE, columns=names))
    assert model.classes_.tolist() == names
    assert np.array_equal(model.predict(pandas.Series(TEXTS)), fitted(y=TABLE).predict(TEXTS))


def test_lists_are_answered_by_tuples() -> None:
    model = fitted(y=SETS)
    table = fitted(y=TABLE[:, [1, 0, 3]])  # the columns in the order of the names
    found = model.predict(TEXTS)
    assert model.classes_.tolist() == ["card", "odd", "third"]
    assert found == [tuple(model.classes_[np.flatnonzero(row)].tolist()) for row in table.predict(TEXTS)]
    assert all(type(name) is str for row in found for name in row)
    assert model.score(TEXTS, SETS) == table.score(TEXTS, TABLE[:, [1, 0, 3]])
    assert model.score(TEXTS, found) == 1


def test_no_texts_are_no_answers() -> None:
    assert fitted().predict([]).shape == (0,)
    assert fitted().predict_proba([]).shape == (0, 3)
    assert fitted(y=TABLE).predict([]).shape == (0, 4)
    assert fitted(y=SETS).predict([]) == []


@pytest.mark.parametrize("method", ["predict", "predict_proba", "score"])
def test_unfitted(method: str) -> None:
    more = [LABELS] if method == "score" else []
    with pytest.raises(NotFittedError):
        getattr(LoraClassifier(), method)(TEXTS, *more)


def test_bad_rows_are_an_error_of_both_houses() -> None:
    for kind in (DataError, ValueError):
        with pytest.raises(kind, match="60 texts and 59 labels"):
            fitted(y=LABELS[1:])
        with pytest.raises(kind, match="one-dimensional"):
            fitted().predict(np.zeros((3, 2)))
    with pytest.raises(DataError, match="without their labels") as caught:
        LoraClassifier().fit(TEXTS, LABELS, X_val=TEXTS)
    assert caught.value.code == "data.memory.half_val"


def test_repairs_are_warned_of_and_an_ordinary_fit_is_quiet() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fitted()
    with pytest.warns(UserWarning, match="merged into the more frequent one: CARD → card") as caught:
        model = fitted(y=["CARD", *(text.split()[0] for text in TEXTS[1:])])
    assert caught[0].filename == __file__
    assert model.classes_.tolist() == ["card", "loan", "transfer"]


def test_verbose_tells_every_step(capsys: pytest.CaptureFixture[str]) -> None:
    fitted()
    assert not capsys.readouterr().out
    fitted(verbose=1)
    assert capsys.readouterr().out.count("\n") == 1


def test_the_temporary_folder_lasts_as_long_as_the_estimator() -> None:
    model = fitted()
    first = model.run_
    assert (first / "model").is_dir()
    model.fit(TEXTS, LABELS)
    assert not first.exists()
    last = model.run_
    del model
    assert not last.parent.exists()


def test_a_failed_fit_leaves_the_last_one(monkeypatch: pytest.MonkeyPatch) -> None:
    model = fitted()

    def fail(*given: Any, **options: Any) -> None:
        raise RunError("run.in_use", path="x")

    monkeypatch.setattr(api, "fit", fail)
    with pytest.raises(RunError):
        model.fit(TEXTS, LABELS > 5)
    assert model.predict(TEXTS).tolist() == LABELS.tolist()


@pytest.mark.parametrize("y", [LABELS, TABLE, SETS], ids=["single", "table", "lists"])
@pytest.mark.parametrize(
    "copied",
    [
        pytest.param(lambda m, path: pickle.loads(pickle.dumps(m)), id="pickle"),
        pytest.param(lambda m, path: copy.deepcopy(m), id="deepcopy"),
        pytest.param(lambda m, path: joblib.load(joblib.dump(m, path / "model.joblib")[0]), id="joblib"),
    ],
)
def test_copies_answer_alike_and_outlive_the_first(y: Any, copied: Any, tmp_path: Path) -> None:
    model = fitted(y=y, out=tmp_path / "run")
    p, found, run = model.predict_proba(TEXTS), model.predict(TEXTS), model.run_
    other = copied(model, tmp_path)
    for path in sorted(run.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    assert np.array_equal(other.predict_proba(TEXTS), p)
    assert np.array_equal(np.array(other.predict(TEXTS), dtype=object), np.array(found, dtype=object))
    assert other.get_params() == model.get_params()
    assert other.run_ != run
    assert isinstance(Classifier(other.run_ / "model"), Classifier)
    with pytest.raises(RunError):
        pickle.dumps(model)  # its files are gone, and a pickle without them would be good for nothing


def test_a_pickle_holds_no_weights_but_the_files() -> None:
    model = fitted()
    state = model.__getstate__()
    files = state.pop("_files")
    assert files == {p.name: p.read_bytes() for p in (model.run_ / "model").iterdir()}
    plain = (str, int, bool, float, dict, tuple, type(None), np.ndarray, type(model._form))
    assert all(isinstance(value, plain) for value in state.values())
    assert str(model.run_) not in repr(state)


@pytest.mark.parametrize("name", ["../out.txt", "/tmp/out.txt", "a/../../out.txt", "..\\out.txt"])
def test_a_pickle_writes_nowhere_else(name: str) -> None:
    state = fitted().__getstate__()
    state["_files"] = {name: b""}
    with pytest.raises(RunError):
        LoraClassifier().__setstate__(state)


def test_unfitted_copies() -> None:
    model = LoraClassifier(knobs=["rank=4"], max_tokens=9)
    for other in (clone(model), copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert other.get_params() == model.get_params()
        assert vars(other).keys() == vars(model).keys()
    assert vars(clone(fitted())).keys() == vars(LoraClassifier()).keys()


def test_searches_and_pipelines(calls: Calls) -> None:
    rows = np.array(TEXTS, dtype=object)
    assert cross_val_score(LoraClassifier(), rows, LABELS, cv=3).tolist() == [1, 1, 1]
    search = GridSearchCV(LoraClassifier(), {"knobs": [("rank=4",), ("rank=8",)]}, cv=2, scoring="neg_log_loss")
    search.fit(TEXTS, LABELS)
    assert {call["knobs"] for call in calls[3:]} == {("rank=4",), ("rank=8",)}
    assert search.best_estimator_.predict(TEXTS[:1]).tolist() == [7]
    pipe = make_pipeline(FunctionTransformer(lambda texts: [text.upper() for text in texts]), LoraClassifier())
    assert pipe.set_params(loraclassifier__max_tokens=9).fit(TEXTS, LABELS).score(TEXTS, LABELS) == 1
    assert (calls[-1]["max_tokens"], calls[-1]["train"].train.texts[0]) == (9, "CARD NUMBER 0")
    assert pickle.loads(pickle.dumps(pipe[-1])).predict(["LOAN"]).tolist() == [3]


def test_several_labels_in_searches() -> None:
    assert len(cross_val_score(LoraClassifier(), TEXTS, TABLE, cv=2, scoring="f1_micro")) == 2
    found = cross_val_predict(LoraClassifier(), np.array(TEXTS), TABLE, cv=2)
    assert found.shape == TABLE.shape


def tiny_rows(multi_label: bool) -> tuple[list[str], Any]:
    """Some 120 of the tiny rows; a number in each, because equal texts are kept on one side."""
    made = tiny.dataset(train=120, multi_label=multi_label, noise=0.1).train
    texts = [f"{text} {i}" for i, text in enumerate(made.texts)]
    if not multi_label:
        return texts, np.array([10 * (2 - row[0]) for row in made.labels])
    return texts, np.array([[int(c in row) for c in range(3)] for row in made.labels])


@pytest.fixture
def base(tmp_path: Path) -> str:
    return str(tiny.write_base(tmp_path / "base", "bert"))


@pytest.mark.slow
@pytest.mark.parametrize("multi_label", [False, True], ids=["single", "table"])
def test_a_whole_fit(base: str, multi_label: bool) -> None:
    import torch

    torch.set_num_threads(1)
    texts, y = tiny_rows(multi_label)
    model = fitted(texts, y, base_model=base, always_lora=True, max_tokens=32)
    found, p = model.predict(texts), model.predict_proba(texts)
    assert (model.verdict_, model.multilabel_) == ("lora", multi_label)
    assert model.result_["test"] is None
    assert (model.run_ / "report.html").is_file()
    assert not (model.run_ / "work").exists()
    assert found.shape == y.shape
    assert (p.shape, model.classes_.tolist()) == ((120, 3), [0, 1, 2] if multi_label else [0, 10, 20])
    assert model.score(texts, y) > (y == 0).mean() / 2
    other = pickle.loads(pickle.dumps(model))
    assert np.allclose(other.predict_proba(texts), p)
    assert np.array_equal(other.predict(texts), found)
