"""Shipped models beside every alternative, on made-up figures."""

import csv
from pathlib import Path

import pytest
from benchmarks.outcomes import __main__ as command
from benchmarks.outcomes import fits, sets, table

FIT = {
    "set": "nlupp", "rows": "2501", "multi_label": "1", "verdict": "lora", "seconds": "60", "full_runs": "4.0",
    "test_macro_f1": "0.8", "test_exact": "0.7", "test_low": "0.78", "test_high": "0.82",
    "tfidf_macro_f1": "0.7", "tfidf_exact": "0.6", "frozen_macro_f1": "0.75", "frozen_exact": "0.6",
    "lora_macro_f1": "0.8", "lora_exact": "0.7",
}  # fmt: skip
SCORES = {"macro_f1": 0.8, "accuracy": 0.7, "log_loss": 0.5, "interval": [0.78, 0.82]}


def test_the_best_of_everything_is_what_a_fit_is_held_to() -> None:
    fixed = [{"who": "all linear", "test_macro_f1": "0.803", "test_exact": "0.72"}]
    alone, beside = table.outcome(FIT, ()), table.outcome(FIT, fixed)
    assert (alone.best, alone.regret, alone.within) == ("shipped", 0.0, 1)
    assert beside.best == "all linear" and beside.regret == pytest.approx(0.3)
    assert beside.exact_regret == pytest.approx(2.0) and not beside.within
    assert table.outcome(FIT | {"multi_label": "0"}, fixed).within
    assert alone.lora_gain == pytest.approx(5.0)
    told = table.summary([alone, beside])
    assert told["within half a point (exact match: one point)"] == "50%" and told["ships LoRA"] == "100%"


def test_a_cheaper_rung_is_beyond_noise_above_the_interval_only() -> None:
    near, far = (table.outcome(FIT | {"frozen_macro_f1": f1}, ()) for f1 in ("0.81", "0.83"))
    assert (near.below_cheaper, near.beyond_noise) == (pytest.approx(1.0), 0)
    assert (far.below_cheaper, far.beyond_noise) == (pytest.approx(3.0), 1)
    shipped = FIT | {"verdict": "tfidf", "lora_macro_f1": "", "lora_exact": "", "full_runs": ""}
    assert not table.outcome(shipped, ()).below_cheaper  # nothing is cheaper than TF-IDF
    assert "none" in table.summary([table.outcome(shipped, ())]).values()


def test_cost_is_everything_trained_in_final_trainings_of_full_length() -> None:
    recipe = {"is": "Recipe", "rank": 8, "sites": {"is": "Sites", "roles": ["q", "v"], "top_layers": 2}, "scaling": 1.0,
              "lr": 4e-4, "dropout": 0.0}  # fmt: skip
    key = "r8"
    events = [
        {"kind": "run", "key": "", "payload": {"multi_label": True}},
        {"kind": "profile", "key": "", "payload": {"n_train": 100}},
        {"kind": "features", "key": "", "payload": {"work": 5.0}},
        {"kind": "probe", "key": "r8-e2", "payload": {"work": 3.0}},
        {"kind": "final_plan", "key": key, "payload": {"epochs": 8}},
        {"kind": "final", "key": f"{key}-E8", "payload": {"work": 6.0, "epochs": 4, "recipe": recipe}},
        {"kind": "refit", "key": "", "payload": {"work": 1.5, "code": "refit.done"}},
    ]
    rungs = [{"name": name, "test": SCORES} for name in ("majority", "tfidf", "frozen")]
    result = {"verdict": "frozen", "recipe": None, "decisions": 3, "seconds": 9.0, "val": SCORES, "test": SCORES,
              "rungs": rungs}  # fmt: skip
    row = fits.row("nlupp", result, events)
    assert (row["search_work"], row["final_work"], row["full_runs"]) == (3.0, 7.5, 0.88)
    assert row["sites"] == "q/v, top 2" and row["frozen_exact"] == 0.7 and row["lora_macro_f1"] == ""
    assert table.outcome({key: str(value) for key, value in row.items()}, ()).full_runs == 0.88


def test_a_cut_keeps_the_test_rows_and_is_the_same_each_time(tmp_path: Path) -> None:
    for name, count in (("train", 3000), ("val", 600), ("test", 40)):
        with (tmp_path / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("text", "label"), *((f"{name} {i}", i % 3) for i in range(count))])
    first, second = (sets.cut(tmp_path, tmp_path / folder) for folder in ("one", "two"))
    for name, count in (("train", 2500), ("val", 500), ("test", 40)):
        lines = (first / f"{name}.csv").read_text("utf-8").splitlines()
        assert len(set(lines)) == count + 1 and lines[0] == "text,label"
        assert lines == (second / f"{name}.csv").read_text("utf-8").splitlines()


def test_without_the_sets_one_line_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(command, "SHARED", tmp_path)
    command.main(["fixed", "nlupp"])
    assert capsys.readouterr().out.startswith("skipped: no labelled sets")
    with pytest.raises(SystemExit):
        command.main(["fits", "imagenet"])


def test_a_set_that_fails_does_not_end_the_measurement(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    monkeypatch.setattr(command, "SHARED", tmp_path)
    seen = []

    def measure(case: sets.Case, runs: Path | None) -> None:
        seen.append(case.name)
        raise OSError("gone")

    monkeypatch.setattr(fits, "measure", measure)
    command.main(["fits", "nlupp", "tnews"])
    assert seen == ["nlupp", "tnews"] and "tnews: failed: OSError: gone" in capsys.readouterr().out
