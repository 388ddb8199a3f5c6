"""A gate opens and closes on what it is told to look at, and says what noise explains."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rankfirst.cli.main import app
from rankfirst.errors import OptionError, RunError
from rankfirst.lifecycle.gate import gate
from tests.runs import environment


def run(folder: Path, f1: float = 0.9, recall: dict[str, Any] | None = None, rows: int = 400, **more: Any) -> Path:
    recall = {"a": 0.9, "b": 0.8} if recall is None else recall
    scores = {"macro_f1": f1, "per_class_recall": recall, "class_rows": dict.fromkeys(recall, rows)}
    folder.mkdir(parents=True)
    (folder / "result.json").write_text(json.dumps({"test": scores, "val": None, **more}), encoding="utf-8")
    return folder


def verdicts(*asked: Any, **more: Any) -> list[tuple[str, str]]:
    return [(point.code, point.verdict) for point in gate(*asked, **more)][1:]


@pytest.mark.parametrize(("least", "verdict"), [(0.9, "passed"), (0.91, "failed")])
def test_macro_f1_has_a_floor(tmp_path: Path, least: float, verdict: str) -> None:
    assert verdicts(run(tmp_path / "new"), least) == [("gate.macro_f1", verdict)]


@pytest.mark.parametrize(
    ("after", "rows", "told"),
    [
        pytest.param({"a": 0.9, "b": 0.78}, 400, [("gate.recalls", "passed")], id="within-the-limit"),
        pytest.param({"a": 0.9, "b": 0.6}, 400, [("gate.recall", "failed")], id="fell"),
        pytest.param({"a": 0.9, "b": 0.6}, 10, [("gate.recall_unsure", "unsure")], id="few-rows"),
        pytest.param({"a": 0.9}, 400, [("gate.class_gone", "failed")], id="gone"),
        pytest.param({"a": 0.9, "b": None}, 400, [("gate.recall_unjudged", "unknown")], id="no-rows-of-it"),
    ],
)
def test_recalls_against_the_model_in_use(tmp_path: Path, after: dict[str, Any], rows: int, told: list[Any]) -> None:
    old, new = run(tmp_path / "old", rows=rows), run(tmp_path / "new", recall=after, rows=rows)
    assert verdicts(new, max_recall_drop=0.05, against=old) == told


def test_runs_without_rows_a_class_are_judged_by_the_limit_alone(tmp_path: Path) -> None:
    old, new = run(tmp_path / "old", rows=0), run(tmp_path / "new", recall={"a": 0.9, "b": 0.7}, rows=0)
    assert verdicts(new, max_recall_drop=0.05, against=old) == [("gate.recall", "failed")]


@pytest.mark.parametrize(
    ("check", "verdict"),
    [('{"deliverable": true}', "passed"), ('{"deliverable": false}', "failed"), ("{", "failed"), (None, "passed")],
)
def test_an_export_that_failed_closes_the_gate(tmp_path: Path, check: str | None, verdict: str) -> None:
    new = run(tmp_path / "new")
    if check is not None:
        (new / "model").mkdir()
        (new / "model" / "check.json").write_text(check, encoding="utf-8")
    assert gate(new, 0.5)[0].verdict == verdict


@pytest.mark.parametrize(
    ("failed", "told"),
    [
        (["int8"], ("gate.refused", "unsure")),
        (["adapter", "int8"], ("gate.undeliverable", "failed")),
        ([], ("gate.deliverable", "passed")),
    ],
)
def test_a_refused_format_does_not_close_the_gate(tmp_path: Path, failed: list[str], told: tuple[str, str]) -> None:
    new = run(tmp_path / "new")
    (new / "model").mkdir()
    formats = [{"kind": kind, "passed": kind not in failed} for kind in ("adapter", "merged", "int8")]
    check = {"deliverable": not failed, "formats": formats}  # as older versions wrote it
    (new / "model" / "check.json").write_text(json.dumps(check), encoding="utf-8")
    point = gate(new, 0.5)[0]
    assert (point.code, point.verdict) == told


@pytest.mark.parametrize(
    "asked", [{}, {"max_recall_drop": 0.1}, {"min_macro_f1": 90.0}, {"min_macro_f1": float("nan")}]
)
def test_limits_that_cannot_be_applied_are_one_line(tmp_path: Path, asked: dict[str, Any]) -> None:
    with pytest.raises(OptionError):
        gate(run(tmp_path / "new"), **asked)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"test": {"macro_f1": "x"}}', '{"test": 3}'])
def test_a_result_that_is_none_is_one_line(tmp_path: Path, text: str) -> None:
    new = run(tmp_path / "new")
    (new / "result.json").write_text(text, encoding="utf-8")
    with pytest.raises(RunError):
        gate(new, 0.5)


@pytest.mark.parametrize("command", [["gate", "--min-macro-f1", "0.5"], ["sign", "--key", "key.pem"], ["export"]])
def test_what_is_no_run_is_called_so(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    for place in ("file", "gone", "."):
        done = CliRunner().invoke(app, [command[0], str(tmp_path / place), *command[1:]])
        assert isinstance(done.exception, RunError) and done.exception.code == "run.missing"


def test_a_run_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(RunError):
        gate(tmp_path / "nowhere", 0.5)


@pytest.mark.parametrize(("least", "code"), [("0.5", 0), ("0.99", 1), ("7", 2)])
def test_exit_codes_for_ci(tmp_path: Path, least: str, code: int) -> None:
    import subprocess
    import sys

    command = [sys.executable, "-m", "rankfirst", "gate", str(run(tmp_path / "new")), "--min-macro-f1", least]
    done = subprocess.run(command, capture_output=True, text=True, env=environment())
    assert done.returncode == code and "Traceback" not in done.stderr


def test_json_that_is_nested_too_deeply_is_one_line(tmp_path: Path) -> None:
    folder = run(tmp_path / "run")
    (folder / "result.json").write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(RunError) as caught:
        gate(folder, 0.5)
    assert caught.value.code == "gate.unreadable"


@pytest.mark.parametrize(
    ("recall", "least", "told"),
    [
        pytest.param({"ok": 1.0, "rare": None}, 0.9, ("gate.macro_f1_unjudged", "unknown"), id="one-class-seen"),
        pytest.param({"ok": 1.0, "rare": None}, 0.4, ("gate.macro_f1_unjudged", "unknown"), id="even-for-a-low-limit"),
        pytest.param({"a": 0.9, "b": 0.9, "c": None}, 0.8, ("gate.macro_f1_unjudged", "unknown"), id="may-be-lower"),
        pytest.param({"a": 0.9, "b": 0.9, "c": None}, 0.5, ("gate.macro_f1_unjudged", "passed"), id="whatever-it-is"),
        pytest.param(dict.fromkeys("abcdefghij", 0.1) | {"k": None}, 0.99, ("gate.macro_f1", ""), id="never"),
    ],
)
def test_a_class_without_rows_opens_no_gate(
    tmp_path: Path, recall: dict[str, Any], least: float, told: tuple[str, str]
) -> None:
    seen = [share for share in recall.values() if share is not None]
    found = verdicts(run(tmp_path / "new", f1=sum(seen) / len(seen), recall=recall), least)
    assert found == ([told] if told[1] else [("gate.macro_f1_unjudged", "failed")])


def test_a_limit_within_the_interval_is_unsure_and_a_few_rows_tell_nothing(tmp_path: Path) -> None:
    def gated(name: str, rows: dict[str, int]) -> list[tuple[str, str]]:
        scores = {"macro_f1": 1.0, "per_class_recall": dict.fromkeys(rows, 1.0), "class_rows": rows,
                  "interval": [0.67, 1.0]}  # fmt: skip
        return verdicts(run(tmp_path / name, test=scores), 0.9)

    assert gated("rare", {"ok": 44, "rare": 1}) == [("gate.macro_f1_unsure", "unsure")]
    assert gated("few", {"ok": 3, "rare": 2}) == [("gate.macro_f1_few", "unknown")]


def test_the_command_cannot_tell(tmp_path: Path) -> None:
    import subprocess
    import sys

    folder = str(run(tmp_path / "new", f1=1.0, recall={"ok": 1.0, "rare": None}))
    command = [sys.executable, "-m", "rankfirst", "gate", folder, "--min-macro-f1", "0.9"]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, env=environment())
    said = json.loads(done.stdout)
    assert (done.returncode, said["open"], said["cannot_tell"]) == (2, False, True)
    spoken = subprocess.run(command, capture_output=True, text=True, env=environment()).stdout
    assert "1 of 2 classes has no test rows (rare)" in spoken and "Cannot tell" in spoken and "Open" not in spoken
