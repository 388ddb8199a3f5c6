"""The examples run: reading a journal for real, training with a stand-in for the minutes it takes."""

import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import rankfirst
from tests.report.journal_example import told, write
from tests.test_docs_current import command_lines, unknown

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


def read(run: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-I", str(EXAMPLES / "read_a_journal.py"), str(run)]
    return subprocess.run(command, check=False, capture_output=True, encoding="utf-8", env={"PYTHONUTF8": "1"})


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.name)
def test_it_compiles(path: Path) -> None:
    compile(path.read_text(encoding="utf-8"), path.name, "exec")


def test_read_a_journal_tells_every_decision(tmp_path: Path) -> None:
    write(tmp_path)
    done = read(tmp_path)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    for kind, _, payload in told():
        if kind == "decision":
            assert any(payload["rule_id"] in line and payload["move"]["is"] in line for line in lines)
    assert "verdict: lora (fake.ship.lora)" in lines
    assert "not finished" not in done.stdout


def test_read_a_journal_leaves_out_a_torn_line(tmp_path: Path) -> None:
    path = write(tmp_path, told()[:8])
    with path.open("a", encoding="utf-8") as file:
        file.write('{"n": 9, "kind": "deci')
    done = read(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "not finished" in done.stdout


def test_read_a_journal_says_what_it_wants(tmp_path: Path) -> None:
    done = read(tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("usage: ")


def test_fit_and_predict_but_for_the_training(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Any) -> None:
    class Loaded:
        def predict(self, texts: list[str]) -> list[str]:
            return ["refund"] * len(texts)

    def fit(train: Path, out: Path, *, val: Path, test: Path) -> rankfirst.Result:
        assert all(path.is_file() for path in (train, val, test))
        return rankfirst.Result(out, {"verdict": "frozen", "val": {"macro_f1": 0.5}})

    monkeypatch.setattr(rankfirst, "fit", fit)
    monkeypatch.setattr(rankfirst, "load", lambda run: Loaded())
    monkeypatch.setattr("sys.argv", ["fit_and_predict.py", str(tmp_path)])
    runpy.run_path(str(EXAMPLES / "fit_and_predict.py"), run_name="__main__")
    said = capsys.readouterr().out
    assert "delivered: frozen" in said
    assert "-> refund" in said


@pytest.mark.slow
def test_trainer_callback_gives_a_verdict_in_either_language() -> None:
    for lang, head in (("en", "rankfirst on this run: rank 8"), ("zh", "rankfirst 对本次训练的诊断：rank 8")):
        command = [sys.executable, str(EXAMPLES / "trainer_callback.py"), lang]
        done = subprocess.run(command, check=False, capture_output=True, encoding="utf-8", timeout=120)
        assert done.returncode == 0, done.stderr
        assert head in done.stdout and ("Capacity" if lang == "en" else "容量") in done.stdout


def test_the_shell_example_names_commands_and_flags_that_exist() -> None:
    script = (EXAMPLES / "insist_on_lora.sh").read_text(encoding="utf-8")
    lines = command_lines(f"```\n{script}```\n")
    assert len(lines) == 2
    assert [wrong for line in lines for wrong in unknown(line.partition(" | ")[0])] == []
    if bash := shutil.which("bash"):
        assert subprocess.run([bash, "-n", EXAMPLES / "insist_on_lora.sh"], check=False).returncode == 0
