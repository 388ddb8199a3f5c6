"""Going on with more rows: sides are kept, the head grows, weights are taken over, both models are compared."""

import csv
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import rankfirst
from rankfirst import api, data
from rankfirst.data.files.texts import text_key
from rankfirst.errors import DataError, OptionError, RankfirstError, RunError
from rankfirst.execution import FitCall, Job
from rankfirst.lifecycle.continue_training import Renewed, continue_run, parent_run
from rankfirst.model.classifier import load
from tests import runs
from tests.engine import tiny

pytestmark = pytest.mark.usefixtures("short_trainings")

NEW = "rate"  # a class that only the new rows have


def write_more(folder: Path, rows: int = 60, multi_label: bool = False, name: str = "more.csv") -> Path:
    """New rows of the old classes, a third of them of a new one."""
    made = tiny.dataset(train=rows, noise=0.0)
    path = folder / name
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "labels" if multi_label else "label"])
        for i, (text, labels) in enumerate(zip(made.train.texts, made.train.labels, strict=True)):
            names = [made.classes[c] for c in labels]
            if i % 3 == 0:
                text, names = f"{NEW} {NEW} now", [*names, NEW] if multi_label else [NEW]
            writer.writerow([f"{text} {name} {i}", "|".join(names)])
    return path


@pytest.fixture(scope="module", params=[False, pytest.param(True, marks=pytest.mark.slow)], ids=["single", "multi"])
def old(request: pytest.FixtureRequest, base: Path, tmp_path_factory: pytest.TempPathFactory) -> api.Result:
    folder = tmp_path_factory.mktemp("old")
    rows = runs.write_rows(folder, multi_label=request.param)
    write_more(folder, multi_label=request.param)
    return api.fit(rows, folder / "run", base_model=str(base), always_lora=True, knobs=("rank=4",))


@pytest.fixture(scope="module")
def new(old: api.Result) -> Renewed:
    return continue_run(old.folder, old.folder.parent / "more.csv")


def events(run: Path) -> dict[str, Any]:
    return {e["kind"]: e["payload"] for e in runs.events(run)}


def grown(run: Path) -> data.Grown:
    found = parent_run.read(run)
    return data.with_more(parent_run.rows(found, found.files), run.parent / "more.csv", seed=found.seed)


def test_held_out_rows_stay_held_out_and_no_old_row_moves(old: api.Result, new: Renewed) -> None:
    before, after = data.load_dataset(old.folder.parent / "rows.csv"), grown(old.folder).dataset
    assert events(new.folder)["run"]["fingerprint"] == after.fingerprint
    for name in ("train", "val", "test"):
        was, now = getattr(before, name), getattr(after, name)
        assert now.texts[: len(was)] == was.texts and len(now) > len(was)
    trained = {text_key(text) for text in after.train.texts}
    held = {text_key(t) for split in (before.val, before.test) for t in split.texts}  # type: ignore[union-attr]
    assert not trained & held


def test_the_search_starts_at_the_delivered_recipe(old: api.Result, new: Renewed) -> None:
    told = events(new.folder)
    assert told["start"]["recipe"] == old.summary["recipe"] == told["parent"]["recipe"]
    assert told["parent"]["weights"] == "held_out"  # they have not seen the validation rows
    assert parent_run.read(old.folder).warm == old.folder / "held_out"
    assert told["parent"]["new_classes"] == [NEW]
    assert told["parent"]["fingerprint"] == events(old.folder)["run"]["fingerprint"]
    assert told["run"]["parent"] == told["parent"]["journal_sha256"] == parent_run.read(old.folder).sha256
    assert told["run"]["prefix"] == json.loads((old.folder / "model" / "decision.json").read_text())["prefix"]


def test_both_models_are_evaluated_on_the_same_rows(old: api.Result, new: Renewed) -> None:
    found = new.versus
    dataset = grown(old.folder).dataset
    assert dataset.test is not None
    assert found.numbers["rows"] == len(dataset.test)
    assert found.numbers["before"] == len(dataset.test) - grown(old.folder).added["test"]
    assert found.verdict in {"new", "old", "unsure"}
    one = next(each for each in found.classes if each.name == NEW)
    assert one.old == 0.0 and one.rows > 0  # the old model cannot say it


def test_the_report_and_the_sentences_compare_both_models(new: Renewed) -> None:
    from rankfirst.report import explain

    journal = new.folder / "journal.jsonl"
    english, chinese = explain(journal, "en"), explain(journal, "zh")
    assert "Continues from" in english and NEW in english and "test rows" in english
    assert "接着训练" in chinese and "renew." not in english + chinese and "versus." not in english + chinese
    page = (new.folder / "report.html").read_text(encoding="utf-8")
    assert 'id="renewal"' in page and "Continues from" in page and "接着训练" in page
    assert load(new.folder).predict(["send my card"])


def test_repeating_the_command_changes_nothing(old: api.Result, new: Renewed) -> None:
    before = (new.folder / "journal.jsonl").read_bytes()
    again = continue_run(old.folder, old.folder.parent / "more.csv")
    assert again.summary == new.summary and again.versus == new.versus
    assert (new.folder / "journal.jsonl").read_bytes() == before


def test_a_continued_run_can_be_continued_again(old: api.Result, new: Renewed) -> None:
    more = write_more(old.folder.parent, 30, load(old.folder).multi_label, "third.csv")
    third = continue_run(new.folder, more, new.folder.parent / "third", budget="0.001s")
    told = events(third.folder)
    assert told["parent"]["new_classes"] == []
    assert [Path(p).name for p in told["parent"]["files"]["more"]] == ["more.csv", "third.csv"]
    assert told["parent"]["rows_before"] == events(new.folder)["parent"]["rows_after"]


def test_fresh_starts_from_scratch(old: api.Result, tmp_path: Path) -> None:
    found = continue_run(old.folder, old.folder.parent / "more.csv", tmp_path / "fresh", fresh=True, budget="0.001s")
    assert events(found.folder)["parent"]["weights"] == "fresh"
    assert "--fresh" in events(found.folder)["run"]["command"]


def test_a_frozen_delivery_is_refitted_without_lora(base: Path, tmp_path: Path) -> None:
    first = api.fit(runs.write_rows(tmp_path), tmp_path / "run", base_model=str(base), budget="0.001s")
    found = continue_run(first.folder, write_more(tmp_path), tmp_path / "new")
    kinds = {e["kind"] for e in runs.events(found.folder)}
    assert not kinds & {"probe", "final", "start"} and {"parent", "versus"} <= kinds
    assert found.summary["verdict"] in {"frozen", "tfidf"}
    assert events(found.folder)["parent"]["weights"] == "none"
    assert NEW in load(found.folder).classes


@pytest.fixture
def untrained(base: Path, tmp_path: Path) -> Path:
    api.fit(runs.write_rows(tmp_path), tmp_path / "run", base_model=str(base), budget="0.001s")
    return tmp_path / "run"


def test_a_killed_continuation_resumes_to_the_same_result(untrained: Path) -> None:
    more = write_more(untrained.parent)
    whole = continue_run(untrained, more)
    journal = whole.folder / "journal.jsonl"
    lines = journal.read_text(encoding="utf-8").splitlines(keepends=True)
    for kind in ("versus", "verdict", "parent"):  # killed before that event was written
        at = next(i for i, line in enumerate(lines) if json.loads(line)["kind"] == kind)
        journal.write_text("".join(lines[:at]) + lines[at][:20], encoding="utf-8")
        again = continue_run(untrained, more)
        assert again.versus == whole.versus and events(again.folder)["parent"] == events(whole.folder)["parent"]
    with pytest.raises(RunError, match=r"parent|fingerprint"):  # other rows, or a fit, in the folder of this run
        continue_run(untrained, write_more(untrained.parent, 45, name="other.csv"), whole.folder)


def test_moved_files_can_be_passed(untrained: Path) -> None:
    rows, more = untrained.parent / "rows.csv", write_more(untrained.parent)
    moved = shutil.move(rows, untrained.parent / "elsewhere.csv")
    with pytest.raises(DataError, match="--train"):
        continue_run(untrained, more)
    found = continue_run(untrained, more, train=[str(moved)])
    assert events(found.folder)["parent"]["files"]["train"] == str(moved)


def test_other_rows_than_the_parents_are_an_error(untrained: Path) -> None:
    rows, more = untrained.parent / "rows.csv", write_more(untrained.parent)
    rows.write_text(rows.read_text() + "one more row,card\n")
    with pytest.raises(DataError, match="does not hold the rows of"):
        continue_run(untrained, more)
    assert not (untrained.parent / "run-next").exists()


def test_a_run_that_cannot_be_continued_is_a_one_line_error(untrained: Path, tmp_path: Path) -> None:
    more = write_more(tmp_path)
    with pytest.raises(OptionError, match="forgets"):
        continue_run(untrained, more, only_new=True)
    with pytest.raises(RunError, match="stays unchanged"):
        continue_run(untrained, more, untrained)
    with pytest.raises(RunError):
        continue_run(tmp_path / "nowhere", more)
    with pytest.raises(RankfirstError):
        continue_run(untrained, tmp_path / "nothing.csv")
    (tmp_path / "begun").mkdir()
    (tmp_path / "begun" / "journal.jsonl").write_text("")
    with pytest.raises(RunError):
        continue_run(tmp_path / "begun", more)


@pytest.mark.slow
def test_the_command(untrained: Path) -> None:
    more = write_more(untrained.parent)
    words = [sys.executable, "-m", "rankfirst", "continue", str(untrained), str(more), "--quiet"]
    done = subprocess.run(words, env=runs.environment(), capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert any(line in done.stdout for line in ("SHIP THE NEW MODEL", "KEEP THE OLD MODEL", "CANNOT TELL"))
    assert (untrained.parent / "run-next" / "model" / "decision.json").is_file()
    refused = subprocess.run([*words, "--only-new"], env=runs.environment(), capture_output=True, text=True)
    assert refused.returncode == 2 and "Traceback" not in refused.stderr
    assert rankfirst.continue_run is continue_run


def test_memory_is_limited_as_for_fit(old: api.Result, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def execute(call: FitCall, job: Job) -> None:
        assert job.early is not None
        seen.extend([job.command, job.early(Path(call.out) / "work").planner.user_limit])
        raise KeyboardInterrupt

    monkeypatch.setattr("rankfirst.lifecycle.continue_training.continuation.execute", execute)
    more, out = old.folder.parent / "more.csv", old.folder.parent / "limited"
    with pytest.raises(KeyboardInterrupt):
        continue_run(old.folder, more, out, memory="60GiB")
    assert "--memory 60GiB" in seen[0] and seen[1] == 60 << 30
    with pytest.raises(OptionError):
        continue_run(old.folder, more, out, memory="plenty")


@pytest.mark.slow
def test_a_run_by_group_goes_on_by_group(base: Path, tmp_path: Path) -> None:
    made = tiny.dataset(train=200, noise=0.1)

    def write(name: str, first: int, rows: int) -> Path:
        lines = ["text,label,customer"]
        for i in range(first, first + rows):
            text, labels = made.train.texts[i % 200], made.train.labels[i % 200]
            lines.append(f"{text} {i},{made.classes[labels[0]]},c{i % 45}")
        (tmp_path / name).write_text("\n".join(lines), encoding="utf-8")
        return tmp_path / name

    run = api.fit(write("rows.csv", 0, 160), tmp_path / "run", base_model=str(base), group="customer", budget="0.001s")
    found = parent_run.read(run.folder)
    more = write("more.csv", 1000, 60)
    grown = data.with_more(parent_run.rows(found, found.files), more, seed=found.seed, group=found.files.group)
    after = [set(part.groups) for part in (grown.dataset.train, grown.dataset.val, grown.dataset.test) if part]
    assert len(after) == 3 and not (after[0] & after[1] or after[0] & after[2] or after[1] & after[2])
    new = continue_run(run.folder, more, budget="0.001s")
    assert events(new.folder)["run"]["fingerprint"] == grown.dataset.fingerprint
    again = parent_run.read(new.folder)
    assert parent_run.rows(again, again.files).fingerprint == grown.dataset.fingerprint


def test_files_are_found_from_any_working_directory(
    untrained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, rows = parent_run.read(untrained), untrained.parent / "rows.csv"
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    Path("rows.csv").write_text("text,label\na,card\nb,limit\n", encoding="utf-8")
    files = parent_run.rows_and_files(found, replace(found.files, train="rows.csv"))[1]
    assert files.train == str(rows)  # in full, as the next run may be given from elsewhere
    shutil.move(rows, "rows.csv")
    with pytest.raises(DataError) as gone:
        parent_run.rows(found, replace(found.files, train="rows.csv"))
    assert gone.value.code == "renew.gone"
