"""A rung stands on the ladder with the scores that it has once it is delivered."""

import csv
import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

import rankfirst
from rankfirst import api, policy
from rankfirst.data import load_dataset
from rankfirst.engine.local import LocalEngine
from rankfirst.measure.decoding import Decoding
from rankfirst.measure.predictions import Predictions
from rankfirst.measure.scores import accuracy, indicator, macro_f1
from rankfirst.records import Pace, Shipping
from tests import runs
from tests.engine import tiny

pytestmark = pytest.mark.usefixtures("short_trainings")

WORDS = {
    "block": "lost card",
    "cash": "cash",
    "limit": "limit",
    "loan": "loan rate",
    "pin": "pin",
    "send": "send money",
}
# Held out, so that the delivered model is the one that the validation figures are of.
LORA: dict[str, Any] = {"always_lora": True, "hold_out": True} | runs.pinned()
FROZEN: dict[str, Any] = {"budget": "0.001s", "hold_out": True}


def write_sets(path: Path) -> Path:
    """Rows of one or two labels of six, many of them wrong: often none of them is likelier than not."""
    rng = random.Random(0)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "labels"])
        for row in range(180):
            said = rng.sample(sorted(WORDS), rng.choice((1, 1, 2)))
            given = said if rng.random() < 0.5 else rng.sample(sorted(WORDS), 1)
            writer.writerow([f"{' '.join(WORDS[name] for name in said)} {row}", "|".join(given)])
    return path


@pytest.fixture(scope="module", params=["single", "multi"])
def rows(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rows")
    return write_sets(folder / "rows.csv") if request.param == "multi" else runs.write_rows(folder)


@pytest.fixture(scope="module", params=["tfidf", "frozen", "lora"])
def delivered(request: pytest.FixtureRequest, rows: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that delivers that rung, whatever the policy makes of it."""
    folder, ship = tmp_path_factory.mktemp("delivered"), str(request.param)
    base = tiny.write_base(folder / "tiny-bert", "bert")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(policy, "ship", lambda *a, **k: Shipping(ship, f"ship.{ship}", {}))
        api.fit(rows, folder / "run", base_model=str(base), **(LORA if ship == "lora" else FROZEN))
    return folder / "run"


def test_the_ladder_shows_what_the_delivered_model_scores(delivered: Path, rows: Path) -> None:
    dataset, model, told = load_dataset(rows), rankfirst.load(delivered), runs.result(delivered)
    ladder = next(rung for rung in told["rungs"] if rung["name"] == told["verdict"])
    for name, split in (("val", dataset.val), ("test", dataset.test)):
        assert split is not None
        p, truth = model.predict_proba(split.texts), indicator(split.labels, len(dataset.classes))
        # Thresholds are fitted for the rung that is delivered only; without them it is the ladder's.
        plain = Decoding.of(dataset).answers(p)
        assert model.calibration.thresholds is not None or (model.decide(p) == plain).all()
        assert ladder[name]["macro_f1"] == pytest.approx(macro_f1(truth, plain))
        assert ladder[name]["accuracy"] == pytest.approx(accuracy(truth, plain))
        given = Predictions.of(dataset, split, model.read(split.texts).logits,
                               decoding=Decoding.fitted(dataset.multi_label, model.calibration))  # fmt: skip
        assert told[name]["macro_f1"] == pytest.approx(given.scores().macro_f1)
        assert told[name]["accuracy"] == pytest.approx(given.scores().accuracy)


def test_headline_and_ladder_differ_by_thresholds_alone(delivered: Path) -> None:
    told = runs.result(delivered)
    ladder, fitted = next(rung for rung in told["rungs"] if rung["name"] == told["verdict"]), told["calibration"]
    assert fitted["f1_before"] == ladder["val"]["macro_f1"] and fitted["f1_after"] == told["val"]["macro_f1"]
    if fitted["thresholds"] is None:
        assert told["val"] == ladder["val"] and told["test"] == ladder["test"]


def test_every_row_gets_a_label_on_the_ladder_too(delivered: Path, rows: Path) -> None:
    rungs = [event["payload"] for event in runs.events(delivered) if event["kind"] == "rung"]
    multi = load_dataset(rows).multi_label
    assert all(rung["at_least_one"] is multi for rung in rungs)
    assert all(answer for rung in rungs for answer in rung["val_predicted"])


def test_cut_at_half_alone_the_rungs_would_score_otherwise(delivered: Path, rows: Path) -> None:
    """Or the tests above show nothing."""
    dataset, model = load_dataset(rows), rankfirst.load(delivered)
    empty = (model.predict_proba(dataset.val.texts) < 0.5).all(axis=1)
    assert not dataset.multi_label or empty.any()


@pytest.mark.parametrize("rows", ["single"], indirect=True)
@pytest.mark.parametrize("ship", ["frozen", "lora"])
@pytest.mark.parametrize("figures", ["float32", ""], ids=["small-base", "large-base"])
@pytest.mark.slow
def test_test_figures_are_those_of_predict_where_the_run_computed_in_bfloat16(
    figures: str, ship: str, rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LocalEngine, "calibrate", lambda self: Pace("cpu", "bfloat16", 1, (), figures=figures))
    monkeypatch.setattr(policy, "ship", lambda *a, **k: Shipping(ship, f"ship.{ship}", {}))
    base = tiny.write_base(tmp_path / "tiny-bert", "bert")
    run = api.fit(rows, tmp_path / "run", base_model=str(base), **(LORA if ship == "lora" else FROZEN))
    dataset, model = load_dataset(rows), rankfirst.load(run.folder)
    assert dataset.test is not None
    given = Predictions.of(dataset, dataset.test, model.read(dataset.test.texts).logits,
                           decoding=Decoding.fitted(dataset.multi_label, model.calibration))  # fmt: skip
    told, read_back = run.summary, next(e["payload"] for e in runs.events(run.folder) if e["kind"] == "readback")
    assert (read_back["difference"] > 1e-5) == (not figures)  # or this shows nothing
    if figures:  # what is told of validation rows is what `predict` says of them
        said = Predictions.of(dataset, dataset.val, model.read(dataset.val.texts).logits,
                              decoding=Decoding.fitted(dataset.multi_label, model.calibration))  # fmt: skip
        assert told["val"]["log_loss"] == pytest.approx(said.scores().log_loss, abs=1e-6)
        assert told["val"]["accuracy"] == said.scores().accuracy
    ladder = next(rung for rung in told["rungs"] if rung["name"] == ship)
    for figures in (told["test"], ladder["test"]):
        assert figures["log_loss"] == pytest.approx(given.scores().log_loss, abs=1e-9)
        assert figures["accuracy"] == given.scores().accuracy
    names = [dataset.classes[row[0]] for row in dataset.test.labels]
    right = [a == b for a, b in zip(model.predict(dataset.test.texts), names, strict=True)]
    assert sum(right) / len(right) == pytest.approx(told["test"]["accuracy"])


@pytest.mark.parametrize(("rows", "delivered"), [("multi", "lora")], indirect=True)
def test_a_run_begun_by_an_older_version_ends_as_it_began(delivered: Path, rows: Path, tmp_path: Path) -> None:
    """Its rungs below LoRA were cut at 0.5; so is LoRA, or it would be compared with what others were not allowed."""
    run = Path(shutil.copytree(delivered, tmp_path / "run"))
    events = runs.events(run)
    begun = events[: next(n for n, event in enumerate(events) if (event["kind"], event["key"]) == ("rung", "lora"))]
    for event in begun:
        if event["kind"] == "rung":
            del event["payload"]["at_least_one"]
    (run / "journal.jsonl").write_text("".join(json.dumps(event) + "\n" for event in begun), encoding="utf-8")
    api.fit(rows, run, base_model=str(delivered.parent / "tiny-bert"), **LORA)
    lora = next(e["payload"] for e in runs.events(run) if (e["kind"], e["key"]) == ("rung", "lora"))
    ladder = next(rung for rung in runs.result(run)["rungs"] if rung["name"] == "lora")
    assert lora["at_least_one"] is False and ladder["val"] == lora["val"]
    assert runs.result(run)["calibration"]["at_least_one"] is True
