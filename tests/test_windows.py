"""`--windows` from rows to answers: what is delivered reads as the run did, and other options are another run."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from rankfirst import api
from rankfirst.errors import RunError
from rankfirst.model.classifier import load
from tests import runs
from tests.engine.network.test_token_windows import LIMIT, long_rows

pytestmark = pytest.mark.usefixtures("short_trainings")


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = long_rows(train=150)
    path = tmp_path_factory.mktemp("rows") / "rows.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label"])
        writer.writerows([t, made.classes[c]] for t, (c,) in zip(made.train.texts, made.train.labels, strict=True))
    return path


@pytest.fixture(scope="module")
def finished(base: Path, rows: Path, tmp_path_factory: pytest.TempPathFactory) -> api.Result:
    folder = tmp_path_factory.mktemp("fit") / "run"
    options = runs.pinned() | {"max_tokens": LIMIT, "windows": True}
    return api.fit(rows, folder, base_model=str(base), always_lora=True, **options)


def test_the_delivered_model_reads_windows_too(finished: api.Result) -> None:
    facts = json.loads((finished.folder / "model" / "decision.json").read_text(encoding="utf-8"))
    assert facts["windows"] is True and finished.summary["verdict"] == "lora"
    model = load(finished.folder)
    text = " ".join(["my"] * 20)
    with_word = model.predict_proba([f"{text} send", text])
    assert np.abs(with_word[0] - with_word[1]).max() > 1e-5  # the word lies behind the first window
    model.facts["windows"] = False
    cut = model.predict_proba([f"{text} send", text])
    assert np.abs(cut[0] - cut[1]).max() < 1e-6


def test_the_journal_tells_lengths_and_the_option_and_the_command_repeats_it(finished: api.Result) -> None:
    told = {e["kind"]: e["payload"] for e in runs.events(finished.folder)}
    assert told["run"]["windows"] is True and "--windows" in told["run"]["command"].split()
    assert told["lengths"]["windows"] is True and told["lengths"]["max_tokens"] == LIMIT
    assert (told["lengths"]["over"], told["lengths"]["cut"]) == (1.0, 0.0)


def test_the_same_folder_without_windows_is_another_run(finished: api.Result, base: Path, rows: Path) -> None:
    with pytest.raises(RunError) as refused:
        api.fit(rows, finished.folder, base_model=str(base), always_lora=True, max_tokens=LIMIT, **runs.pinned())
    assert refused.value.code == "run.other_data" and "windows" in str(refused.value)


def test_a_run_of_before_the_option_goes_on(base: Path, rows: Path, tmp_path: Path) -> None:
    options = {"base_model": str(base), "budget": "0.001s", "max_tokens": LIMIT}
    first = api.fit(rows, tmp_path / "run", **options)  # type: ignore[arg-type]
    path = tmp_path / "run" / "journal.jsonl"
    events = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    del events[0]["payload"]["windows"]
    kept = [e for e in events if e["kind"] != "lengths"]
    path.write_text("".join(json.dumps(e | {"n": n}) + "\n" for n, e in enumerate(kept, 1)), encoding="utf-8")
    again = api.fit(rows, tmp_path / "run", **options)  # type: ignore[arg-type]
    assert again.summary == first.summary
