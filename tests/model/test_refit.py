"""The delivered model is trained on all labelled rows; everything measured on validation rows is of one that is not."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from rankfirst import api, baselines, data, policy, report
from rankfirst.baselines.cross_validation import fit_path
from rankfirst.baselines.frozen import C_PATH
from rankfirst.baselines.linear_head import Scaler
from rankfirst.baselines.prototypes import prototype_head
from rankfirst.data import load_dataset
from rankfirst.engine.base import Source
from rankfirst.measure import abstain_scores
from rankfirst.measure.predictions import Predictions
from rankfirst.measure.scores import accuracy, indicator, macro_f1
from rankfirst.model import refit
from rankfirst.model.classifier import load
from rankfirst.model.evaluation import Evaluator
from rankfirst.policy import experiments
from rankfirst.policy.final_training import trained_again
from rankfirst.records import ArmKind, Comparison, Dataset, Refit, Shipping, Split
from rankfirst.report import narrative
from tests import runs
from tests.engine import tiny

pytestmark = pytest.mark.usefixtures("short_trainings")

LORA: dict[str, Any] = {"always_lora": True} | runs.pinned("1.6e-3")


class Killed(BaseException):
    """Nothing may catch it."""


def fitted(ship: str, rows: Path, base: Path, out: Path, **options: Any) -> Path:
    """A run that delivers that rung, whatever the policy makes of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(policy, "ship", lambda *a, **k: Shipping(ship, f"ship.{ship}", {}))
        api.fit(rows, out, base_model=str(base), **(LORA if ship == "lora" else {"budget": "0.001s"}), **options)
    return out


def event(run: Path, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = next((e["payload"] for e in runs.events(run) if e["kind"] == kind), {})
    return found


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return runs.write_rows(tmp_path_factory.mktemp("rows"))


@pytest.fixture(scope="module", params=["tfidf", "frozen", "lora"])
def delivered(request: pytest.FixtureRequest, rows: Path, base: Path, tmp_path_factory: Any) -> tuple[str, Path]:
    return request.param, fitted(request.param, rows, base, tmp_path_factory.mktemp("refit") / "run")


def test_the_test_figures_are_those_of_the_delivered_model(delivered: tuple[str, Path], rows: Path) -> None:
    ship, run = delivered
    dataset, model = load_dataset(rows), load(run)
    test = dataset.test
    assert test is not None
    truth = indicator(test.labels, len(dataset.classes))
    decided = model.decide(model.predict_proba(test.texts))
    told = runs.result(run)["test"]
    assert (macro_f1(truth, decided), accuracy(truth, decided)) == pytest.approx((told["macro_f1"], told["accuracy"]))
    assert next(rung for rung in runs.result(run)["rungs"] if rung["name"] == ship)["test"] == told


def test_what_it_was_trained_on_is_told_everywhere(delivered: tuple[str, Path], rows: Path) -> None:
    ship, run = delivered
    dataset, told = load_dataset(rows), event(run, "refit")
    every = len(dataset.train) + len(dataset.val)
    on = {"splits": ["train", "val"], "rows": every}
    assert told["rows"] == every and told["seconds"] > 0 and (told["work"] > 0) == (ship == "lora")
    assert json.loads((run / "model" / "decision.json").read_text())["trained_on"] == on
    assert runs.result(run)["trained_on"] == on and "refit" in {c["step"] for c in runs.result(run)["costs"]}
    events = report.read(run / "journal.jsonl")
    assert f"all {every} labelled rows" in report.explain(events, "en")
    assert f"全部 {every} 条标注数据" in narrative.as_text(narrative.prose(narrative.Ledger(events)), "zh")
    page, card = (run / "report.html").read_text("utf-8"), (run / "model" / "README.md").read_text("utf-8")
    assert f"all {every} labelled rows" in page and f"全部 {every} 条标注数据" in page
    assert f"all {every} labelled rows" in card and "test figures are those of the delivered model" in card


def test_validation_figures_are_those_of_the_model_trained_without_these_rows(
    delivered: tuple[str, Path], rows: Path, base: Path, tmp_path: Path
) -> None:
    ship, run = delivered
    if ship == "tfidf":  # the others stand for it
        return
    held = fitted(ship, rows, base, tmp_path / "run", hold_out=True)
    one, other = runs.result(run), runs.result(held)
    assert one["val"] == other["val"] and one["calibration"] == other["calibration"]
    assert one["rungs"][0]["test"] == other["rungs"][0]["test"] and one["test"] != other["test"]
    assert other["trained_on"] == {"splits": ["train"], "rows": len(load_dataset(rows).train)}
    assert not event(held, "refit") and not (held / "held_out").exists()
    assert "trained_on" not in json.loads((held / "model" / "decision.json").read_text())
    heads = [load_file(folder / "model" / "head.safetensors")["weight"] for folder in (run, held)]
    assert not np.allclose(*heads)
    if ship == "lora":
        kept = load_file(run / "held_out" / "head.safetensors")["weight"]
        assert np.array_equal(kept, heads[1])  # what training on more rows starts from


def test_the_head_is_that_of_all_rows(rows: Path, base: Path, tmp_path: Path) -> None:
    run = fitted("frozen", rows, base, tmp_path / "run")
    dataset, facts = load_dataset(rows), json.loads((run / "model" / "decision.json").read_text())
    engine = tiny.engine(Source(str(base), base, ""), tmp_path / "work", dataset, prefix=facts["prefix"])
    texts, labels = dataset.train.texts + dataset.val.texts, dataset.train.labels + dataset.val.labels
    states = engine.encode(texts)[facts["pooling"]]
    c = next(e["payload"]["details"]["C"] for e in runs.events(run) if (e["kind"], e["key"]) == ("rung", "frozen"))
    scaler = Scaler.fit(states)
    path = C_PATH[: C_PATH.index(c) + 1]
    truth = indicator(labels, len(dataset.classes))
    heads = scaler.fold(fit_path(scaler.apply(states), truth, path, False), False), prototype_head(states, truth)
    written = load_file(run / "model" / "head.safetensors")
    weights = np.stack([head.weight.ravel() for head in heads], axis=1)  # the regression, and the class prototypes
    shares = np.linalg.lstsq(weights, written["weight"].ravel(), rcond=None)[0]
    assert np.allclose(weights @ shares, written["weight"].ravel(), atol=1e-3)
    assert shares[0] > 0 and shares[1] > -1e-3
    assert np.allclose(written["bias"], shares @ np.stack([head.bias for head in heads]), atol=1e-2)


def test_n_grams_of_the_validation_rows_are_known() -> None:
    dataset = tiny.dataset(train=60, val=20)
    odd = Split((*dataset.val.texts[:-1], "zebra zebra"), dataset.val.labels)
    dataset = replace(dataset, val=odd)
    fit = baselines.fit_tfidf(dataset, ())
    again = baselines.refit_tfidf(fit, dataset)
    assert not any("zebra" in gram for gram in fit.model.vocabulary)
    assert any("zebra" in gram for gram in again.vocabulary)
    joined = replace(dataset, train=Split(dataset.train.texts + odd.texts, dataset.train.labels + odd.labels))
    alone = baselines.fit_tfidf(joined, ())
    if alone.rung.details["C"] == fit.rung.details["C"]:
        texts = dataset.train.texts
        assert np.abs(again.predict_proba(texts) - alone.model.predict_proba(texts)).max() < 0.02


@pytest.mark.slow
def test_a_refit_that_is_killed_goes_on(delivered: tuple[str, Path], rows: Path, base: Path, tmp_path: Path) -> None:
    ship, undisturbed = delivered
    if ship != "lora":
        return
    begun, ticks = [], []

    def listen(kind: str, key: str, payload: Any) -> None:
        begun.extend([kind] if kind == "calibration" else [])

    def tick(what: str, done: int, total: int) -> None:
        ticks.extend([what] if begun and what.startswith("refit ") else [])
        if begun and what.startswith("refit ") and done == 3:
            raise Killed

    with pytest.raises(Killed):
        fitted(ship, rows, base, tmp_path / "run", listen=listen, tick=tick)
    assert event(tmp_path / "run", "calibration") and not event(tmp_path / "run", "refit")
    run = fitted(ship, rows, base, tmp_path / "run")
    assert ticks  # it was shown
    for name in ("adapter/adapter_model.safetensors", "head.safetensors", "decision.json"):
        assert (run / "model" / name).read_bytes() == (undisturbed / "model" / name).read_bytes()
    assert runs.result(run)["test"] == runs.result(undisturbed)["test"]


@pytest.mark.slow
def test_abstention_is_measured_on_unseen_rows_and_compares_with_the_delivered_states(
    rows: Path, base: Path, tmp_path: Path
) -> None:
    foreign = [f"who are you {i}" for i in range(24)]
    with pytest.MonkeyPatch.context() as patch:
        choose = abstain_scores.choose
        patch.setattr(abstain_scores, "choose", lambda *a: ("knn", choose(*a)[1]))
        one = fitted("lora", rows, base, tmp_path / "one", oos=foreign)
        other = fitted("lora", rows, base, tmp_path / "other", oos=foreign, hold_out=True)
    assert runs.result(one)["calibration"] == runs.result(other)["calibration"]
    references = [load_file(run / "model" / abstain_scores.FILE) for run in (one, other)]
    assert any(not np.allclose(references[0][name], references[1][name]) for name in references[0])
    model, dataset = load(one), load_dataset(rows)
    read = model.read(dataset.train.texts[:5])
    assert model._compared is not None and np.isfinite(model._compared.score(read.states)).all()


def test_few_validation_rows_are_not_worth_another_training() -> None:
    assert trained_again(1000, 50) and not trained_again(1000, 49)


class Stub:
    """As much of an evaluator as the judgement needs."""

    ship = "lora"
    outcome = SimpleNamespace(final=None)

    def __init__(self, dataset: Dataset, logits: np.ndarray) -> None:
        self.dataset = dataset
        held = Predictions.of(dataset, dataset.val, np.zeros((len(dataset.val), 3)))
        self.fits = {"lora": SimpleNamespace(val=held, temperature=1.0)}
        self.engine = SimpleNamespace(logits=lambda checkpoint, split: logits)


@pytest.mark.parametrize(("sign", "checkpoint", "code"),
                         [(1, "refit", "done"), (-1, "refit", "worse"), (np.nan, "refit", "worse"),
                          (1, "", "failed")])  # fmt: skip
def test_a_training_that_went_wrong_is_refused(sign: float, checkpoint: str, code: str) -> None:
    dataset = tiny.dataset()
    logits = sign * 2.0 * indicator(dataset.val.labels, 3).astype(np.float32)
    curve: Any = SimpleNamespace(checkpoint=checkpoint, work=1.5)
    models: Any = Stub(dataset, logits)
    told = refit._judged(models, lambda: curve)
    assert (told.code, told.work, told.checkpoint) == (f"refit.{code}", 1.5, "refit" if code == "done" else "")
    assert told.rows == len(dataset.train) + (len(dataset.val) if code == "done" else 0)


@pytest.mark.parametrize(("limit", "fits"), [(None, True), (43.0, False), (44.0, True)])
def test_a_time_limit_leaves_room_or_not(limit: float | None, fits: bool) -> None:
    """Ten TFLOP took 20 seconds, so final training took 8; three of its four epochs, on 55 rows instead of 40: 8.25."""
    dataset = tiny.dataset()
    journal: Any = SimpleNamespace(events={("probe", "a"): {"work": 6.0}, ("final", "b"): {"work": 4.0}},
                                   took={("probe", "a"): 12.0, ("final", "b"): 8.0}, seconds=35.0)  # fmt: skip
    final: Any = SimpleNamespace(work=4.0, epochs=4.0)
    models: Any = SimpleNamespace(dataset=dataset)
    assert refit._in_time(models, journal, limit, final, 3) is fits


def test_sentences_exist_for_every_outcome() -> None:
    from rankfirst.report.events import Event
    from rankfirst.report.side_events import refit_words

    for why in ("done", "few", "many", "late", "failed", "worse"):
        numbers = {"rows": 1055, "train": 1000, "val": 55, "before": 0.5, "after": 0.7}
        told = refit_words(
            Event("refit", "", {"is": "Refit", "code": f"refit.{why}", "rows": 1, "numbers": numbers}), True
        )
        assert len(told) == (2 if why == "done" else 1)
        assert all("{" not in words.en + words.zh and words.en != words.zh for words in told)
    assert refit_words(Event("refit", "", {}), True) == ()


def test_evaluators_share_what_was_encoded(rows: Path) -> None:
    outcome: Any = SimpleNamespace(shipping=Shipping("frozen", ""), tfidf=None, frozen=None, lora=None,
                                   train_states=np.ones((2, 1)), val_states=None)  # fmt: skip
    models = Evaluator(outcome, None, tiny.dataset())  # type: ignore[arg-type]
    assert models.delivering(outcome).states("train") is models.states("train")
    assert not Refit("refit.few", 3).done


def test_doubtful_rows_stay_out_of_the_delivered_model(rows: Path, base: Path, tmp_path: Path) -> None:
    """--drop-suspects: out of every later probe, the final training and the refit; validation rows all stay."""
    left_out, compare, out = tuple(range(3, 15)), experiments.compare, tmp_path / "run"

    def better(*given: Any) -> Comparison:
        told = compare(*given)
        return replace(told, better=True, beyond_noise=True, val_gain=0.1) if told.arm is ArmKind.DATA else told

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data, "with_val_suspects", lambda p, *_: replace(p, suspects=left_out, suspects_val=(0,)))
        patch.setattr(experiments, "compare", better)
        api.fit(rows, out, base_model=str(base), always_lora=True, drop_suspects=True)
    found, profile = runs.result(out), event(out, "profile")
    assert found["verdict"] == "lora" and tuple(found["recipe"]["without"]) == left_out
    told = [e["payload"] for e in runs.events(out) if e["kind"] == "decision"]
    assert [d["rule_id"] for d in told][:2] == ["data_arm", "data_dropped"] and told[1]["proven"] is True
    assert all(tuple(d["recipe"]["without"]) == left_out for d in told[2:])
    assert tuple(event(out, "final")["recipe"]["without"]) == left_out
    again = event(out, "refit")
    assert (again["code"], again["numbers"]["without"]) == ("refit.done_without", len(left_out))
    assert again["rows"] == found["trained_on"]["rows"] == profile["n_train"] - len(left_out) + profile["n_val"]
    for lang, words in (
        ("en", "12 training rows of suspect labels were left out"),
        ("zh", "去掉了训练集中 12 条可疑标注"),
    ):
        assert words in report.explain(out / "journal.jsonl", lang)
    assert load(out).predict(["a text"])


@pytest.mark.parametrize("ship", ["tfidf", "frozen"])
def test_rows_of_doubtful_labels_are_left_out_of_what_is_delivered(
    ship: str, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = {"card": "lost my card", "limit": "raise the limit"}
    clean = [(f"{words[label]} {i}", label) for i in range(60) for label in words]
    wrong = [i for i in range(120) if i % 3 == 0]
    other = {"card": "limit", "limit": "card"}
    rows = [(text, other[label] if i in wrong else label) for i, (text, label) in enumerate(clean)]
    files = {"train": rows, "val": [(f"{text} v", label) for text, label in clean[:40]]}
    for name, told in files.items():
        lines = ["text,label", *(f"{text},{label}" for text, label in told)]
        (tmp_path / f"{name}.csv").write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setattr(refit, "doubtful_rows", lambda profile: tuple(wrong))
    options: dict[str, Any] = {"val": tmp_path / "val.csv", "test": tmp_path / "val.csv"}
    run = fitted(ship, tmp_path / "train.csv", base, tmp_path / "run", drop_suspects=True, **options)
    record = event(run, "refit")
    if record["code"] == "refit.done_dropped":
        assert record["numbers"]["without"] == len(wrong) and record["numbers"]["gain"] > 0
        assert record["rows"] == 120 - len(wrong) + 40 == load(run).facts["trained_on"]["rows"]
    else:
        assert ship == "frozen"  # a random encoder need not gain
        assert record["code"] == "refit.done"
    plain = fitted(ship, tmp_path / "train.csv", base, tmp_path / "plain", **options)
    assert event(plain, "refit")["code"] == "refit.done"
    cards = tuple(i for i, row in enumerate(rows) if row[1] == "card")
    monkeypatch.setattr(refit, "doubtful_rows", lambda profile: cards)  # no class loses its last row
    run = fitted(ship, tmp_path / "train.csv", base, tmp_path / "none", drop_suspects=True, **options)
    assert event(run, "refit")["code"] == "refit.done"
