"""The main job from rows to answers, on a tiny random encoder; and everything that can be wrong with a command."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from rankfirst import api
from rankfirst.errors import ModelError, RankfirstError, RunError
from rankfirst.model.classifier import load
from rankfirst.records import Dataset
from rankfirst.run.folder import open_run
from tests import runs
from tests.engine import tiny

pytestmark = pytest.mark.usefixtures("short_trainings")

FIELDS = {"verdict", "trained_on", "val", "test", "rungs", "recipe", "decisions", "seconds", "peak_memory_mb",
          "versions", "calibration", "confusions", "costs", "six", "outside", "mistakes", "matrix", "time"}  # fmt: skip


@pytest.fixture(scope="module", params=["single", "multi"])
def finished(request: pytest.FixtureRequest, base: Path, tmp_path_factory: pytest.TempPathFactory) -> api.Result:
    if request.param == "single":
        folder = request.getfixturevalue("lora_run")
        return api.Result(folder, runs.result(folder))
    folder = tmp_path_factory.mktemp("fit")
    return api.fit(runs.write_rows(folder, multi_label=True), folder / "run", base_model=str(base), always_lora=True)


def test_result_json_has_every_documented_field(finished: api.Result) -> None:
    written = runs.result(finished.folder)
    assert set(written) == FIELDS
    assert written["verdict"] == "lora"
    assert {r["name"] for r in written["rungs"]} == {"majority", "tfidf", "frozen", "lora"}
    for split in ("val", "test"):
        assert set(written[split]) >= {"macro_f1", "micro_f1", "accuracy", "per_class_recall"}
    assert written["recipe"]["rank"] in (1, 2, 4, 8, 16, 32, 64)
    assert sum(cost["seconds"] for cost in written["costs"]) <= written["seconds"] + 0.1
    assert sum(written["time"].values()) == pytest.approx(written["seconds"], rel=0.01)
    assert {"start", "encode", "probes", "evaluation", "final", "calibration", "delivery"} <= set(written["time"])
    assert len(written["six"]) == 6
    json.dumps(written, allow_nan=False)


def test_every_rung_says_what_it_takes(finished: api.Result) -> None:
    rungs = {key: e["payload"] for e in runs.events(finished.folder) for key in [e["key"]] if e["kind"] == "rung"}
    assert set(rungs) == {"majority", "tfidf", "frozen", "lora"}
    for name, rung in rungs.items():
        low, high = rung["val"]["interval"]
        assert low <= rung["val"]["macro_f1"] <= high and rung["seconds"] >= 0 and rung["megabytes"] >= 0
        assert (rung["ms_per_text"] > 0) == (name != "majority")


def test_the_delivered_model_reads_with_the_prefix_that_was_chosen(finished: api.Result) -> None:
    (chosen,) = [e["payload"] for e in runs.events(finished.folder) if e["kind"] == "prefix"]
    assert set(chosen["macro_f1"]) == set(chosen["log_loss"]) == {"", "query: "}
    assert json.loads(next(finished.folder.rglob("decision.json")).read_text())["prefix"] == chosen["prefix"]


@pytest.mark.slow
def test_a_resumed_run_reads_with_the_prefix_it_had_chosen(base: Path, rows: Path, tmp_path: Path) -> None:
    first = api.fit(rows, tmp_path / "run", base_model=str(base))
    journal = first.folder / "journal.jsonl"
    lines = journal.read_text(encoding="utf-8").splitlines()
    at = next(i for i, line in enumerate(lines) if json.loads(line)["kind"] == "prefix")
    event = json.loads(lines[at])
    other = "query: " if event["payload"]["prefix"] == "" else ""
    event["payload"]["prefix"] = other  # as if it had been chosen, and the process killed then
    journal.write_text("\n".join([*lines[:at], json.dumps(event)]) + "\n", encoding="utf-8")
    again = api.fit(rows, tmp_path / "run", base_model=str(base))
    assert [e["payload"]["prefix"] for e in runs.events(again.folder) if e["kind"] == "prefix"] == [other]
    assert json.loads(next(again.folder.rglob("decision.json")).read_text())["prefix"] == other


@pytest.mark.slow
def test_a_prefix_of_the_user_is_not_up_for_choice(base: Path, rows: Path, tmp_path: Path) -> None:
    done = api.fit(rows, tmp_path / "run", base_model=str(base), prefix="query: ")
    assert not [e for e in runs.events(done.folder) if e["kind"] == "prefix"]
    assert json.loads(next(done.folder.rglob("decision.json")).read_text()).get("prefix", "query: ") == "query: "


def test_the_delivered_model_says_on_the_test_rows_what_the_result_says(finished: api.Result) -> None:
    model = load(finished.folder)
    dataset = _dataset_of(finished)
    answers = model.predict(dataset.test.texts)  # type: ignore[union-attr]
    names = [[dataset.classes[c] for c in row] for row in dataset.test.labels]  # type: ignore[union-attr]
    right = [a == (n if dataset.multi_label else n[0]) for a, n in zip(answers, names, strict=True)]
    assert sum(right) / len(right) == pytest.approx(finished.summary["test"]["accuracy"])


def test_abstaining_answers_none_where_the_model_is_unsure(finished: api.Result) -> None:
    model = load(finished.folder)
    texts = _dataset_of(finished).val.texts
    given, careful = model.predict(texts), model.predict(texts, abstain=True)
    assert all(b is None or a == b for a, b in zip(given, careful, strict=True))
    # Of rows that it was trained on it may be sure throughout, so its own scores say where it must abstain.
    assert [b is None for b in careful] == model.abstains(model.read(texts)).tolist()


def test_nothing_to_predict_is_no_error(finished: api.Result) -> None:
    assert load(finished.folder).predict([]) == []


def test_no_text_of_the_user_is_in_the_journal(finished: api.Result) -> None:
    journal = (finished.folder / "journal.jsonl").read_text(encoding="utf-8")
    dataset = _dataset_of(finished)
    assert not [text for text in dataset.train.texts if text in journal]


def test_every_event_is_json_without_nan(finished: api.Result) -> None:
    for event in runs.events(finished.folder):
        json.dumps(event, allow_nan=False)


def test_rows_in_memory_do_as_well_as_a_file(base: Path, tmp_path: Path) -> None:
    dataset = tiny.dataset(train=60)
    found = api.fit(dataset, tmp_path / "run", base_model=str(base), budget="0.001s")
    assert found.summary["verdict"] in {"frozen", "tfidf"}


def test_a_dynamics_knob_waits_for_its_stage_and_rank_is_followed(base: Path, rows: Path, tmp_path: Path) -> None:
    api.fit(rows, tmp_path / "run", base_model=str(base), knobs=("rank=4", "lr=8e-4"))
    events = runs.events(tmp_path / "run")
    by_kind = {e["kind"]: e["payload"] for e in events}
    assert by_kind["start"]["recipe"]["rank"] == 4
    assert by_kind["start"]["recipe"]["lr"] == pytest.approx(4e-4)
    assert by_kind["refusal"] | {"is": ""} == {
        "is": "", "knob": "lr", "value": "0.0008", "stage": "capacity", "code": "no_lr_underfit", "forced": False,
    }  # fmt: skip
    probes = [e["payload"]["recipe"] for e in events if e["kind"] == "probe"]
    assert {p["rank"] for p in probes} == {4}  # what the user set is moved by no rule
    assert pytest.approx(8e-4) in [p["lr"] for p in probes]


@pytest.mark.slow
def test_forced_settings_hold_from_the_start(base: Path, rows: Path, tmp_path: Path) -> None:
    api.fit(rows, tmp_path / "run", base_model=str(base), knobs=("lr=8e-4",), force=True)
    probes = [e["payload"]["recipe"]["lr"] for e in runs.events(tmp_path / "run") if e["kind"] == "probe"]
    assert probes == [pytest.approx(8e-4)] * len(probes)


CHOSEN: dict[str, Any] = {"head": "zero", "head_lr": 2e-3, "class_weights": "sqrt", "focal": 1.0,
                          "logit_adjustment": 0.5, "label_smoothing": 0.1}  # fmt: skip


def test_head_and_objective_are_in_every_recipe_of_the_run(base: Path, rows: Path, tmp_path: Path) -> None:
    found = api.fit(rows, tmp_path / "run", base_model=str(base), always_lora=True, **CHOSEN)
    events = runs.events(tmp_path / "run")
    by_kind = {e["kind"]: e["payload"] for e in events}
    assert by_kind["run"].items() >= CHOSEN.items()
    assert "--head zero --head-lr 0.002 --class-weights sqrt" in by_kind["run"]["command"]
    recipes = [found.summary["recipe"], by_kind["start"]["recipe"]]
    recipes += [e["payload"]["recipe"] for e in events if e["kind"] in {"probe", "final"}]
    recipes += [arm["recipe"] for e in events if e["kind"] == "experiment" for arm in e["payload"]["arms"]]
    for recipe in recipes:
        assert (recipe["head"], recipe["head_lr"]) == ("zero", 2e-3)
        assert recipe["objective"] == {"is": "Objective", "class_weights": "sqrt", "focal_gamma": 1.0,
                                       "logit_adjustment": 0.5, "label_smoothing": 0.1}  # fmt: skip
    told = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert all(words in told for words in ("label smoothing 0.1", "标签平滑 0.1", "class weights", "head lr"))
    assert load(tmp_path / "run").predict(["send card"])


def test_a_run_goes_on_with_the_same_choice_only(base: Path, rows: Path, tmp_path: Path) -> None:
    options: dict[str, Any] = {"base_model": str(base), "budget": "0.001s"}
    api.fit(rows, tmp_path / "run", **options, focal=2.0)
    api.fit(rows, tmp_path / "run", **options, focal=2)
    with pytest.raises(RankfirstError) as refused:
        api.fit(rows, tmp_path / "run", **options)
    assert refused.value.fields["what"] == "focal"


def test_a_run_from_before_there_was_a_choice_goes_on(base: Path, rows: Path, tmp_path: Path) -> None:
    options: dict[str, Any] = {"base_model": str(base), "budget": "0.001s"}
    first = api.fit(rows, tmp_path / "run", **options)
    path = tmp_path / "run" / "journal.jsonl"
    events = runs.events(tmp_path / "run")
    for event in events:
        for name in CHOSEN if event["kind"] == "run" else ():
            del event["payload"][name]
        for name in ("objective", "head_lr") if event["kind"] == "start" else ():
            del event["payload"]["recipe"][name]
    path.write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
    assert api.fit(rows, tmp_path / "run", **options).summary == first.summary


def test_logit_adjustment_of_several_labels_a_row_is_refused_before_anything_is_written(
    base: Path, tmp_path: Path
) -> None:
    rows = runs.write_rows(tmp_path, rows=60, multi_label=True)
    for call in (api.fit, api.plan):
        more = {"out": tmp_path / "run"} if call is api.fit else {}
        with pytest.raises(RankfirstError) as refused:
            call(rows, base_model=str(base), logit_adjustment=1.0, **more)  # type: ignore[operator]
        assert refused.value.code == "option.adjusted_multi"
    assert not (tmp_path / "run").exists()
    others: dict[str, Any] = {"class_weights": "balanced", "focal": 2.0, "label_smoothing": 0.1}
    api.fit(rows, tmp_path / "run", base_model=str(base), budget="0.001s", **others)


def test_a_budget_that_is_used_up_still_delivers_and_says_so(base: Path, rows: Path, tmp_path: Path) -> None:
    found = api.fit(rows, tmp_path / "run", base_model=str(base), budget="0.001s")
    assert found.summary["verdict"] in {"frozen", "tfidf"}
    clock = [e["payload"] for e in runs.events(tmp_path / "run") if e["kind"] == "clock"]
    assert [c["at"] for c in clock] == ["start"]
    assert load(tmp_path / "run").predict(["send card"])


def test_a_plan_trains_and_writes_nothing(base: Path, rows: Path, tmp_path: Path,
                                          monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    planned = api.plan(rows, base_model=str(base), knobs=("rank=16",), head="random", class_weights="balanced")
    assert (planned["recipe"]["rank"], planned["recipe"]["head"]) == (16, "random")
    assert planned["recipe"]["objective"]["class_weights"] == "balanced"
    assert planned["seconds"] > 0
    assert list(tmp_path.iterdir()) == []


def test_another_file_in_the_same_folder_is_refused(base: Path, rows: Path, tmp_path: Path) -> None:
    options: dict[str, Any] = {"base_model": str(base), "budget": "0.001s"}
    api.fit(rows, tmp_path / "run", **options)
    before = (tmp_path / "run" / "result.json").read_bytes()
    other = runs.write_rows(tmp_path, rows=80)
    for changed in ({"train": other}, {"train": rows, "seed": 1}):
        with pytest.raises(RankfirstError) as refused:
            api.fit(**changed, out=tmp_path / "run", **options)  # type: ignore[arg-type]
        assert refused.value.code == "run.other_data"
    assert (tmp_path / "run" / "result.json").read_bytes() == before
    again = api.fit(other, tmp_path / "run", overwrite=True, **options)
    assert again.summary["verdict"]


def test_a_base_that_does_not_load_costs_no_earlier_run(base: Path, rows: Path, tmp_path: Path) -> None:
    broken = Path(shutil.copytree(base, tmp_path / "broken"))
    config = json.loads((broken / "config.json").read_text())
    (broken / "config.json").write_text(json.dumps(config | {"num_hidden_layers": 9}))  # six of them in no file
    with open_run(tmp_path / "run") as journal:
        journal.remember("run", "", dict)
    with pytest.raises(ModelError):
        api.fit(rows, tmp_path / "run", base_model=str(broken), overwrite=True)
    assert len((tmp_path / "run" / "journal.jsonl").read_text().splitlines()) == 1


def test_several_columns_of_0_and_1_are_labels(base: Path, tmp_path: Path) -> None:
    dataset = tiny.dataset(train=80, multi_label=True)
    path = tmp_path / "wide.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["text", *dataset.classes])
        for i, (text, labels) in enumerate(zip(dataset.train.texts, dataset.train.labels, strict=True)):
            writer.writerow([f"{text} {i}", *(int(c in labels) for c in range(3))])
    found = api.fit(path, tmp_path / "run", base_model=str(base), budget="0.001s", label=",".join(dataset.classes))
    assert set(found.summary["val"]["per_class_recall"]) == set(dataset.classes)


def _dataset_of(finished: api.Result) -> Dataset:
    from rankfirst.data import load_dataset

    return load_dataset(finished.folder.parent / "rows.csv")


@pytest.mark.slow
def test_a_budget_that_allows_everything_changes_nothing_but_the_limit(base: Path, rows: Path, tmp_path: Path) -> None:
    found = api.fit(rows, tmp_path / "run", base_model=str(base), budget="10m", knobs="rank=4")
    kinds = [e["kind"] for e in runs.events(tmp_path / "run")]
    assert "final" in kinds
    assert "clock" not in kinds
    assert found.summary["decisions"] >= 2


@pytest.mark.parametrize(
    "file", ["head.safetensors", "adapter/adapter_model.safetensors", "adapter/adapter_config.json"]
)
def test_a_damaged_delivery_is_one_line(finished: api.Result, tmp_path: Path, file: str) -> None:
    shutil.copytree(finished.folder / "model", tmp_path / "model")
    (tmp_path / "model" / file).write_bytes(b"\x00spoiled")
    with pytest.raises(RunError, match=Path(file).name) as caught:
        load(tmp_path).predict(["send card"])
    assert caught.value.code == "manifest.differs"
    runs.reseal(tmp_path / "model")
    with pytest.raises(RunError) as caught:
        load(tmp_path).predict(["send card"])
    assert caught.value.code == "run.bad_model"


@pytest.mark.parametrize(
    "change",
    [
        {"kind": None},
        {"base_model": 3},
        {"base_sha256": None},
        {"classes": None},
        {"classes": ["a", ["b"], "c"]},
        {"prefix": None},
        {"max_tokens": "many"},
        {"max_tokens": float("inf")},
        {"max_tokens": 0},
        {"max_tokens": 10**6},
    ],
)
def test_a_decision_with_a_field_of_another_kind_is_one_line(
    finished: api.Result, tmp_path: Path, change: dict[str, Any]
) -> None:
    shutil.copytree(finished.folder / "model", tmp_path / "model")
    path = tmp_path / "model" / "decision.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | change), encoding="utf-8")
    runs.reseal(tmp_path / "model")
    with pytest.raises(RunError) as caught:
        load(tmp_path).predict(["send card"])
    assert caught.value.code == "run.bad_model"


@pytest.mark.parametrize("kind", ["decision", "probe", "rung"])
def test_a_record_that_somebody_edited_is_one_line(finished: api.Result, base: Path, tmp_path: Path, kind: str) -> None:
    shutil.copytree(finished.folder, tmp_path / "run")
    path = tmp_path / "run" / "journal.jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    at = next(n for n, line in enumerate(lines) if line["kind"] == kind)
    lines[at]["payload"] = {name: 3 for name in lines[at]["payload"]}
    path.write_text("".join(json.dumps(line) + "\n" for line in lines[: at + 1]), encoding="utf-8")
    with pytest.raises(RunError) as caught:
        api.fit(finished.folder.parent / "rows.csv", tmp_path / "run", base_model=str(base), always_lora=True)
    assert caught.value.code == "run.bad_record"
