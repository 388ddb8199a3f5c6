"""Abstaining, costs and F-beta from the command to the delivered model, on a tiny random encoder."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rankfirst import LoraClassifier, api, policy
from rankfirst.errors import OptionError, RankfirstError, RunError
from rankfirst.measure import abstain_scores
from rankfirst.model.classifier import Reading, load
from rankfirst.records import Shipping
from tests import runs
from tests.engine import tiny

pytestmark = pytest.mark.usefixtures("short_trainings")

FOREIGN = [f"{a} {b} {i}" for i in range(6) for a in ("who", "why", "moon") for b in ("are you", "sings")]


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return runs.write_rows(tmp_path_factory.mktemp("rows"), rows=120)


# Held out, so that the delivered model reads the validation rows as the run measured them.
FROZEN: dict[str, Any] = {"budget": "0.001s", "hold_out": True}
LORA: dict[str, Any] = {"always_lora": True, "hold_out": True} | runs.pinned()


def deliver(rows: Path, base: Path, out: Path, score: str, ship: str = "frozen", **options: Any) -> api.Result:
    """A run whose choice is `score`, whatever the tiny encoder makes of the strangers."""
    with pytest.MonkeyPatch.context() as patch:
        choose = abstain_scores.choose
        patch.setattr(abstain_scores, "choose", lambda *a: (score, choose(*a)[1]))
        if "budget" in options:  # no LoRA: the rung that the test is about, whatever scores better on these rows
            patch.setattr(policy, "ship", lambda *a, **k: Shipping(ship, f"ship.{ship}_only", {"f1": 0.5}))
        return api.fit(rows, out, base_model=str(base), oos=FOREIGN, **options)


@pytest.fixture(
    scope="module",
    params=["energy", "mahalanobis", *(pytest.param(score, marks=pytest.mark.slow) for score in ("max_prob", "knn"))],
)
def finished(request: pytest.FixtureRequest, base: Path, rows: Path, tmp_path_factory: Any) -> api.Result:
    how = LORA if request.param in ("mahalanobis", "max_prob") else FROZEN
    return deliver(rows, base, tmp_path_factory.mktemp("decide") / "run", request.param, coverage=0.8, **how)


def test_the_delivered_model_abstains_as_the_run_measured(finished: api.Result, rows: Path) -> None:
    from rankfirst.data import load_dataset

    model, told = load(finished.folder), finished.summary["calibration"]["abstain"]
    assert (told["asked"], told["outside"]) == (0.8, len(FOREIGN))
    assert [t["score"] for t in told["trials"]] == list(abstain_scores.SCORES)
    read = model.read(load_dataset(rows).val.texts)
    left = model.abstains(read)
    assert read.states is not None or told["score"] not in abstain_scores.BY_STATES
    assert 1 - left.mean() == pytest.approx(told["coverage"]) and told["coverage"] >= 0.8
    answers = model.answers(read, abstain=True)
    assert [a is None for a in answers] == left.tolist() and any(left)
    assert model.answers(read[2:5], abstain=True) == answers[2:5]
    assert (finished.folder / "model" / abstain_scores.FILE).exists() == (told["score"] in abstain_scores.BY_STATES)
    assert model.answers(model.read([]), abstain=True) == []


def test_choice_and_table_are_told_everywhere(finished: api.Result) -> None:
    told = finished.summary["calibration"]["abstain"]
    page = (finished.folder / "report.html").read_text(encoding="utf-8")
    card = (finished.folder / "model" / "README.md").read_text(encoding="utf-8")
    chosen = next(t for t in told["trials"] if t["score"] == told["score"])
    assert "(chosen): AUROC" in page and "（选用）" in page and f"{chosen['auroc']:.3f}" in page
    assert f"{len(FOREIGN) // 2} out-of-scope texts" in card and f"{chosen['auroc']:.3f}" in card
    assert finished.summary["outside"] is None  # there are none that nothing was chosen by


def test_a_repeated_command_changes_nothing(base: Path, rows: Path, tmp_path: Path) -> None:
    first = deliver(rows, base, tmp_path / "run", "knn", **FROZEN)
    path = tmp_path / "run" / "model" / abstain_scores.FILE
    before = path.read_bytes()
    path.unlink()
    again = deliver(rows, base, tmp_path / "run", "knn", **FROZEN)
    assert again.summary == first.summary and path.read_bytes() == before
    with pytest.raises(RunError, match="outside"):
        api.fit(rows, tmp_path / "run", base_model=str(base), **FROZEN)


def test_without_strangers_the_score_is_taken_unmeasured(base: Path, rows: Path, tmp_path: Path) -> None:
    told = api.fit(rows, tmp_path / "run", base_model=str(base), **FROZEN).summary["calibration"]["abstain"]
    assert told["trials"] == [] and told["outside"] == 0 and told["asked"] == 0.95 and told["coverage"] >= 0.95
    card = (tmp_path / "run" / "model" / "README.md").read_text(encoding="utf-8")
    assert "was not measured" in card
    command = next(e for e in runs.events(tmp_path / "run") if e["kind"] == "run")["payload"]["command"]
    assert "--oos" not in command and "--coverage" not in command


def test_rows_labelled_as_no_class_are_judged_at_the_end(base: Path, tmp_path: Path) -> None:
    rows = runs.write_rows(tmp_path, rows=120)
    with rows.open("a", encoding="utf-8") as file:
        file.writelines(f"{text},oos\n" for text in FOREIGN)
    done = api.fit(rows, tmp_path / "run", base_model=str(base), oos_label="oos", **FROZEN)
    assert "oos" not in load(done.folder).classes
    outside = done.summary["outside"]
    assert outside["rows"] == round(0.15 * len(FOREIGN)) and 0 <= outside["recall"] <= 1
    assert f"{outside['auroc']:.3f}" in (done.folder / "model" / "README.md").read_text(encoding="utf-8")
    words = (done.folder / "journal.jsonl").read_text(encoding="utf-8")
    assert "--oos-label oos" in words and not any(text in words for text in FOREIGN)


def test_a_delivery_of_n_grams_carries_scores_by_logits(base: Path, tmp_path: Path) -> None:
    rows = runs.write_rows(tmp_path, rows=90)
    done = deliver(rows, base, tmp_path / "run", "energy", ship="tfidf", **FROZEN)
    assert [t["score"] for t in done.summary["calibration"]["abstain"]["trials"]] == list(abstain_scores.BY_LOGITS)
    model = load(done.folder)
    assert model.abstains(model.read(["send card", "moon"])).shape == (2,)


def test_a_damaged_reference_is_one_line(base: Path, rows: Path, tmp_path: Path) -> None:
    deliver(rows, base, tmp_path / "run", "knn", **FROZEN)
    (tmp_path / "run" / "model" / abstain_scores.FILE).write_bytes(b"no tensors")
    with pytest.raises(RunError):
        load(tmp_path / "run").predict(["send card"], abstain=True)


@pytest.mark.slow
def test_exported_graphs_abstain_alike(finished: api.Result) -> None:
    pytest.importorskip("onnxscript", reason="exporting needs the extra onnx (pip install -e '.[dev]')")
    from rankfirst.model import export as exporting

    told = exporting.export(finished.folder, ["onnx"])
    by_states = finished.summary["calibration"]["abstain"]["score"] in abstain_scores.BY_STATES
    states = by_states or finished.summary["verdict"] == "frozen"  # which gives them whatever the score
    assert told[-1].abstains == (1.0 if states else None) and told[-1].passed
    texts = ["send my card", "who are you", "cash limit please", "moon sings"]
    ours, theirs = load(finished.folder), load(finished.folder, "onnx")
    assert (ours.abstains(ours.read(texts)) == theirs.abstains(theirs.read(texts))).all()
    far = exporting.Checked("onnx", 1.0, 0.0, 1e-3, 1.0, 100, abstains=0.9)
    assert not far.passed and exporting.Checked("int8", 1.0, 0.3, None, 0.99, 100, abstains=0.97).passed
    if by_states:  # a graph from before the states were needed: the largest probability, at its own threshold
        theirs = load(finished.folder, "onnx")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("rankfirst.model.onnx.Runtime.pools", False)
            read = theirs.read(texts)
            fallback = theirs.calibration.abstain.fallback  # type: ignore[union-attr]
            assert read.states is None
            assert (theirs.abstains(read) == (read.probabilities.max(axis=1) < fallback)).all()


def costs_of(folder: Path) -> Path:
    path = folder / "costs.csv"
    path.write_text("true,predicted,cost\ncard,send,20\ncard,limit,20\n", encoding="utf-8")
    return path


def test_costs_move_answers_and_are_told(base: Path, rows: Path, tmp_path: Path) -> None:
    done = api.fit(rows, tmp_path / "run", base_model=str(base), costs=costs_of(tmp_path), abstain_cost=0.4, **FROZEN)
    fitted, spent = done.summary["calibration"], done.summary["mistakes"]
    assert fitted["costs"]["cells"] == [[0, 1, 20.0], [0, 2, 20.0]] and fitted["cost_after"] <= fitted["cost_before"]
    assert spent["val"]["given"] == pytest.approx(fitted["cost_after"])
    assert set(spent["test"]) == {"likeliest", "given", "with_abstaining", "answered"}
    model = load(done.folder)
    p = np.array([[0.08, 0.46, 0.46], [0.001, 0.009, 0.99]])
    assert model.answers(p) == ["card", "send"]
    assert model.abstains(p).tolist()[0] is True  # 0.92 expected, a person costs 0.4
    page = (done.folder / "report.html").read_text(encoding="utf-8")
    assert "mean cost per row, test" in page and "每行平均代价" in page
    command = next(e for e in runs.events(done.folder) if e["kind"] == "run")["payload"]["command"]
    assert f"--costs {tmp_path / 'costs.csv'}" in command and "--abstain-cost 0.4" in command


def test_beta_of_several_labels_is_kept_and_told(base: Path, tmp_path: Path) -> None:
    rows = runs.write_rows(tmp_path, rows=120, multi_label=True)
    done = api.fit(rows, tmp_path / "run", base_model=str(base), beta=3.0, oos=FOREIGN, **FROZEN)
    fitted = done.summary["calibration"]
    assert fitted["beta"] == 3.0 and fitted["fbeta_after"] >= fitted["fbeta_before"]
    model = load(done.folder)
    assert isinstance(model.answers(model.read(["send card"]))[0], list)


@pytest.mark.parametrize(
    ("multi", "options", "code"),
    [
        (False, {"beta": 2.0}, "option.beta_single"),
        (True, {"abstain_cost": 1.0}, "option.costs_multi"),
        (False, {"coverage": 0.2}, "option.bad_number"),
        (False, {"abstain_cost": -1.0}, "option.bad_number"),
        (False, {"costs": {("send", "nobody"): 2.0}}, "costs.unknown"),
        (False, {"oos": FOREIGN, "oos_label": "send"}, "option.oos_twice"),
        (False, {"oos": ["one", "two"]}, "data.few_outside"),
    ],
)
def test_wishes_that_cannot_be_meant_write_nothing(multi: bool, options: Any, code: str, base: Path,
                                                   tmp_path: Path) -> None:  # fmt: skip
    rows = runs.write_rows(tmp_path, rows=60, multi_label=multi)
    with pytest.raises(RankfirstError) as refused:
        api.fit(rows, tmp_path / "run", base_model=str(base), **options)
    assert refused.value.code == code and not (tmp_path / "run").exists()


def test_the_estimator_takes_strangers_and_costs_in_its_own_labels(base: Path) -> None:
    made = tiny.dataset(train=120)
    texts, y = [f"{t} {i}" for i, t in enumerate(made.train.texts)], [row[0] + 10 for row in made.train.labels]
    model = LoraClassifier(base_model=str(base), budget="0.001s", oos=FOREIGN, costs={(10, 11): 9.0, (10, 12): 9.0})
    model.fit(texts, y)
    assert model.result_["calibration"]["costs"]["cells"] == [[0, 1, 9.0], [0, 2, 9.0]]
    assert model.abstains(texts[:5]).shape == (5,)
    with pytest.raises(RankfirstError, match="99"):
        LoraClassifier(base_model=str(base), costs={(99, 11): 2.0}).fit(texts, y)


def test_readings_are_of_old_models_too(finished: api.Result, tmp_path: Path) -> None:
    facts = json.loads((finished.folder / "model" / "decision.json").read_text())
    del facts["manifest"]
    old = {k: v for k, v in facts["calibration"].items() if k not in ("beta", "costs")}
    old["abstain"] = {"is": "Abstain", "threshold": 0.6, "coverage": 0.9, "accuracy_kept": 0.9, "accuracy_all": 0.8}
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "decision.json").write_text(json.dumps(facts | {"calibration": old}), encoding="utf-8")
    model, p = load(tmp_path), np.array([[0.5, 0.3, 0.2], [0.7, 0.2, 0.1]])
    assert model.answers(Reading(p, np.log(p), None), abstain=True)[0] is None
    assert model.abstains(p).tolist() == [True, False]


def test_an_option_error_names_both_ways(base: Path, rows: Path, tmp_path: Path) -> None:
    with pytest.raises(OptionError) as refused:
        api.fit(rows, tmp_path / "run", base_model=str(base), beta=2.0)
    assert "--costs" in str(refused.value)
