"""The command line: every command works; bad input gets one line and exit code 2, also when the fault is our own."""

import errno
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from rankfirst.cli import main as cli
from rankfirst.records import Assessment, from_json
from tests import runs
from tests.report import assessment_example

pytestmark = pytest.mark.usefixtures("short_trainings")


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr("sys.argv", ["rankfirst", *words])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    return int(stopped.value.code or 0)


def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The one line on stderr."""
    assert run(monkeypatch, *words) == 2
    said = capsys.readouterr().err.strip()
    assert said.startswith("rankfirst: ")
    assert "\n" not in said
    assert "Traceback" not in said
    return said


@pytest.fixture(scope="module")
def finished(base: Path, rows: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from rankfirst import api

    return api.fit(rows, tmp_path_factory.mktemp("cli") / "run", base_model=str(base)).folder


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("assess", "nope.csv"), id="missing-file"),
        pytest.param(("explain", "nope"), id="missing-run"),
        pytest.param(("predict", "nope", "nope.csv"), id="predict-missing"),
        pytest.param(("fit", "ROWS", "--base-model", "./nope"), id="missing-base-folder"),
        pytest.param(("fit", "ROWS", "--base-model", "pkg:no-such-package"), id="missing-package"),
        pytest.param(("fit", "ROWS", "--base-model", "../../etc/passwd"), id="path-as-id"),
        pytest.param(("fit", "ROWS", "--base-model", "BASE", "--budget", "soon"), id="bad-budget"),
        pytest.param(("fit", "ROWS", "--base-model", "BASE", "--set", "alpha=16"), id="bad-knob"),
        pytest.param(("fit", "ROWS", "--base-model", "BASE", "--set", "rank=7"), id="off-the-ladder"),
        pytest.param(("fit", "ROWS", "--base-model", "BASE", "--set", "sites=all@99"), id="more-layers-than-there-are"),
        pytest.param(("fit", "ROWS", "--base-model", "BASE", "--dry-run", "--set", "sites=qv@99"), id="so-in-a-plan"),
        pytest.param(("fit", "ROWS", "--base-model", "BASE", "--head", "one"), id="bad-head"),
        pytest.param(("fit", "ROWS", "--base-model", "BASE", "--head-lr", "0"), id="bad-head-lr"),
        pytest.param(("fit", "ROWS", "--base-model", "BASE", "--class-weights", "rare"), id="bad-weights"),
        pytest.param(("fit", "ROWS", "--base-model", "BASE", "--focal", "-1"), id="bad-focal"),
        pytest.param(("fit", "ROWS", "--base-model", "BASE", "--focal", "nan"), id="nan-focal"),
        pytest.param(("fit", "ROWS", "--base-model", "BASE", "--head-lr", "fast"), id="no-number"),
        pytest.param(("fit", "ROWS", "--base-model", "BASE", "--logit-adjustment", "9"), id="bad-adjustment"),
        pytest.param(("fit", "ROWS", "--base-model", "BASE", "--label-smoothing", "0.5"), id="bad-smoothing"),
        pytest.param(("fit", "ROWS", "--base-model", "BASE", "--dry-run", "--focal", "-1"), id="bad-in-a-plan"),
        pytest.param(("fit", "ROWS", "--base-model", "BASE", "--label", "mood"), id="wrong-column"),
        pytest.param(("fit", "ROWS", "--base-model", "BASE", "--label", "text,label"), id="not-zero-one"),
        pytest.param(
            (
                "fit",
                "ROWS",
                "--base-model",
                "BASE",
                "--max-tokens",
                "8",
                "--windows",
                "--dry-run",
                "--prefix",
                "one two three four five ",
            ),
            id="windows-without-room",
        ),
    ],
)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_one_line_and_exit_2(words, lang, base, rows, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.chdir(tmp_path)
    named = {"ROWS": str(rows), "BASE": str(base)}
    said = refused(monkeypatch, capsys, *(named.get(word, word) for word in words), "--lang", lang)
    assert any("一" <= c <= "鿿" for c in said) == (lang == "zh")
    assert list(tmp_path.iterdir()) == []  # refused before anything is written


def test_a_damaged_base_model_is_named(base, rows, tmp_path, monkeypatch, capsys) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    for path in base.iterdir():
        (broken / path.name).write_bytes(path.read_bytes()[: -100 if path.suffix == ".safetensors" else None])
    said = refused(monkeypatch, capsys, "fit", str(rows), "--base-model", str(broken), "-o", str(tmp_path / "run"))
    assert "model.safetensors" in said


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_unwritable_folder_is_said(base, rows, tmp_path, monkeypatch, capsys) -> None:
    tmp_path.chmod(0o500)
    said = refused(monkeypatch, capsys, "fit", str(rows), "--base-model", str(base), "-o", str(tmp_path / "run"))
    assert "cannot write" in said


def test_a_full_disk_is_said_and_the_same_command_goes_on(base, rows, tmp_path, monkeypatch, capsys) -> None:
    words = ("fit", str(rows), "--base-model", str(base), "-o", str(tmp_path / "run"))
    real = os.replace
    with monkeypatch.context() as patched:

        def full(source: str, target: str) -> None:
            if str(target).endswith(".safetensors"):
                raise OSError(errno.ENOSPC, "No space left on device")
            real(source, target)

        patched.setattr("os.replace", full)
        assert "no space left" in refused(monkeypatch, capsys, *words)
    assert run(monkeypatch, *words) == 0
    assert (tmp_path / "run" / "result.json").is_file()


def test_a_folder_with_other_files_is_left_alone(base, rows, tmp_path, monkeypatch, capsys) -> None:
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    refused(monkeypatch, capsys, "fit", str(rows), "--base-model", str(base), "-o", str(tmp_path), "--overwrite")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


LONG = "x" * 300


@pytest.mark.parametrize(
    "words",
    [
        ("explain", LONG), ("report", LONG), ("proposal", LONG, "-o", "p.md"), ("export", LONG), ("serve", LONG),
        ("predict", LONG, "ROWS"), ("track", LONG, "--to", "tensorboard"), ("gate", LONG, "--min-macro-f1", "0.5"),
        ("assess", f"{LONG}.csv"), ("assess", "ROWS", "--no-encoder", "--fix", f"{LONG}.csv"),
        ("assess", "ROWS", "--no-encoder", "--val", f"{LONG}.csv"), ("advise", LONG), ("drift", LONG, "ROWS"),
        ("advise", "ROWS", "--adapter", LONG), ("fit", "ROWS", "-o", LONG, "--base-model", "BASE"), ("ui", LONG),
        ("fit", "ROWS", "-o", "run", "--base-model", LONG), ("continue", LONG, "ROWS"), ("fit-many", LONG),
    ],
    ids=lambda words: " ".join(words).replace(LONG, "LONG"),
)  # fmt: skip
def test_a_name_too_long_for_a_file_is_one_line(words, base, rows, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    named = {"ROWS": str(rows), "BASE": str(base)}
    said = refused(monkeypatch, capsys, *(named.get(word, word) for word in words))
    assert "internal error in rankfirst" not in said


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO])
def test_what_the_system_refuses_is_no_fault_of_ours(number, monkeypatch, capsys) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, "x", "some/where")

    monkeypatch.setattr(cli, "app", refuse)
    said = refused(monkeypatch, capsys, "explain", "run")
    assert "internal error in rankfirst" not in said and "some/where" in said and os.strerror(number) in said


def test_our_own_fault_is_one_line_on_a_full_disk(monkeypatch, capsys) -> None:
    def full(**how: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.mkstemp", full)
    monkeypatch.setattr(cli, "app", lambda: 1 / 0)
    assert "ZeroDivisionError" in refused(monkeypatch, capsys, "fit", "x.csv")


def test_our_own_fault_is_one_line_too(monkeypatch, capsys, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(cli, "app", lambda: 1 / 0)
    told = refused(monkeypatch, capsys, "fit", "x.csv")
    assert "ZeroDivisionError" in told
    (log,) = tmp_path.glob("rankfirst-error-*.log")
    assert "Traceback" in log.read_text(encoding="utf-8") and log.name in told


def test_a_dry_run_prints_the_plan_and_writes_nothing(base, rows, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, "fit", str(rows), "--base-model", str(base), "--dry-run", "--json") == 0
    planned = json.loads(capsys.readouterr().out)
    assert planned["recipe"]["rank"] == 16
    assert planned["seconds"] > 0
    assert run(monkeypatch, "fit", str(rows), "--base-model", str(base), "--dry-run", "--lang", "zh") == 0
    assert capsys.readouterr().out.strip()
    assert list(tmp_path.iterdir()) == []


def test_flags_of_head_and_loss_reach_the_recipe(base, rows, tmp_path, monkeypatch, capsys) -> None:
    flags = ("--head", "random", "--head-lr", "1e-3", "--class-weights", "balanced", "--focal", "2",
             "--logit-adjustment", "1", "--label-smoothing", "0.05")  # fmt: skip
    assert run(monkeypatch, "fit", str(rows), "--base-model", str(base), *flags, "--dry-run", "--json") == 0
    recipe = json.loads(capsys.readouterr().out)["recipe"]
    assert (recipe["head"], recipe["head_lr"]) == ("random", 1e-3)
    assert list(recipe["objective"].values())[1:] == ["balanced", 2, 1, 0.05]
    words = ("fit", str(rows), "--base-model", str(base), "-o", str(tmp_path / "run"), *flags, "--lang", "zh")
    assert run(monkeypatch, *words) == 0
    assert "类别权重 均衡" in capsys.readouterr().out
    started = next(e for e in runs.events(tmp_path / "run") if e["kind"] == "start")
    assert started["payload"]["recipe"]["objective"] == recipe["objective"]


def test_a_dry_run_says_how_long_the_texts_are(base, rows, monkeypatch, capsys) -> None:
    words = ("fit", str(rows), "--base-model", str(base), "--dry-run", "--max-tokens", "8")
    assert run(monkeypatch, *words) == 0
    told = capsys.readouterr().out
    assert "Training texts in tokens" in told and "--max-tokens 16 would cut 0.0%" in told
    assert run(monkeypatch, *words, "--windows", "--lang", "zh") == 0
    assert "更长，按 8 的窗口读取" in capsys.readouterr().out


def test_fit_for_machines_is_its_journal_and_the_result(base, rows, tmp_path, monkeypatch, capsys) -> None:
    words = ("fit", str(rows), "--base-model", str(base), "-o", str(tmp_path / "run"), "--budget", "0.001s")
    assert run(monkeypatch, *words, "--json") == 0
    *events, done = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert events == runs.events(tmp_path / "run")
    assert done == {"kind": "done", **runs.result(tmp_path / "run")}
    assert done["verdict"] in {"frozen", "tfidf"}
    assert run(monkeypatch, *words, "--quiet") == 0  # told again, in two lines
    verdict, report = capsys.readouterr().out.splitlines()
    assert verdict and report == f"Report: {tmp_path / 'run' / 'report.html'}"


def test_quiet_and_json_exclude_each_other(base, rows, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    said = refused(monkeypatch, capsys, "fit", str(rows), "--base-model", str(base), "--quiet", "--json")
    assert "--quiet and --json" in said and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_run_is_told_in_both_languages(finished, lang, monkeypatch, capsys) -> None:
    assert run(monkeypatch, "explain", str(finished), "--lang", lang) == 0
    told = capsys.readouterr().out
    assert ("容量" in told) == (lang == "zh")
    assert run(monkeypatch, "report", str(finished), "--lang", lang) == 0
    assert (finished / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert run(monkeypatch, "explain", str(finished), "--json") == 0


def test_predict_answers_every_row_in_order(finished, tmp_path, monkeypatch, capsys) -> None:
    path = tmp_path / "new.csv"
    path.write_text("text\nsend card\n\nlimit my rate\n", encoding="utf-8")
    assert run(monkeypatch, "predict", str(finished), str(path), "--probabilities") == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [a["label"] for a in answers] == ["send", answers[1]["label"], "limit"]  # a blank line is a row too
    assert all(abs(sum(a["probabilities"].values()) - 1) < 1e-4 for a in answers)
    assert run(monkeypatch, "predict", str(finished), str(path), "--abstain") == 0
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_predict_writes_a_file_and_says_which_rows_it_could_not_read(finished, tmp_path, monkeypatch, capsys) -> None:
    path, out = tmp_path / "new.csv", tmp_path / "out.jsonl"
    path.write_text("id,text\n1,send card\n2,limit,my,rate\n3,limit my rate\n", encoding="utf-8")
    assert run(monkeypatch, "predict", str(finished), str(path), "-o", str(out)) == 1
    said = capsys.readouterr()
    assert "2 rows predicted" in said.out and "lines 3" in said.err
    told = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [(t["id"], t["label"]) for t in told] == [("1", "send"), ("3", "limit")]
    assert "--overwrite" in refused(monkeypatch, capsys, "predict", str(finished), str(path), "-o", str(out))
    assert "--overwrite" in refused(monkeypatch, capsys, "predict", str(finished), str(path), "--overwrite")
    assert "line 3" in refused(monkeypatch, capsys, "predict", str(finished), str(path))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_file_without_rows_to_predict_is_not_told_about_labels(finished, lang, tmp_path, monkeypatch, capsys) -> None:
    path = tmp_path / "new.csv"
    path.write_text("text\n", encoding="utf-8")
    said = refused(monkeypatch, capsys, "predict", str(finished), str(path), "--lang", lang)
    assert not any(word in said for word in ("label", "标签"))


def test_a_reader_that_has_seen_enough_is_no_failure(finished, tmp_path) -> None:
    path = tmp_path / "new.csv"
    path.write_text("text\n" + "send card\n" * 6000, encoding="utf-8")
    words = [sys.executable, "-m", "rankfirst", "predict", str(finished), str(path), "--probabilities"]
    done = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=runs.environment())
    assert done.stdout is not None and done.stderr is not None
    assert json.loads(done.stdout.readline())["label"] == "send"
    done.stdout.close()
    assert done.wait(60) == 0 and done.stderr.read() == b""


@dataclass(frozen=True)
class Assessed:
    """What `api.assess` returns, as the command sees it."""

    assessment: Assessment
    lines: dict[str, frozenset[int]]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Puts a finished assessment in place of `api.assess`; holds what it was asked."""
    given: dict[str, Any] = {}

    def assess(train: Path, **options: Any) -> Assessed:
        given.update(options, train=train)
        return Assessed(assessment_example.assessment(), {"suspects": frozenset({3}), "conflicts": frozenset({4})})

    monkeypatch.setattr("rankfirst.api.assess", assess)
    return given


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_assess_tells_the_verdict_first_and_where_its_files_are(asked, lang, tmp_path, monkeypatch, capsys) -> None:
    out = tmp_path / "told"
    assert run(monkeypatch, "assess", "rows.csv", "-o", str(out), "--lang", lang) == 0
    told = capsys.readouterr().out
    assert told.startswith("Is LoRA needed? " if lang == "en" else "需要 LoRA 吗？")
    assert str(out / "assessment.html") in told and str(out / "suspects.csv") in told
    page = (out / "assessment.html").read_text(encoding="utf-8")
    assert f'class="show-{lang}"' in page and "rankfirst assess rows.csv -o" in page
    assert run(monkeypatch, "assess", "rows.csv", "-o", str(out)) == 0  # again, over its own files


def test_assess_hands_every_flag_on(asked, tmp_path, monkeypatch, capsys) -> None:
    flags = ("--compare", "new.csv", "--date", "at", "--base-model", "b", "--no-encoder", "--probe", "--full",
             "--seed", "3", "--prefix", "p", "--max-tokens", "64", "--text", "t", "--label", "l",
             "--memory", "8GiB", "--base-bits", "4", "--separator", ";", "--label-names", "x,y", "--empty-is-none",
             "--keep-case", "--encoding", "gb18030", "--group", "g", "--time", "at")  # fmt: skip
    assert run(monkeypatch, "assess", "rows.csv", "-o", str(tmp_path / "a"), *flags) == 0
    tick = asked.pop("tick")
    assert callable(tick)
    assert asked == {
        "train": Path("rows.csv"), "val": None, "test": None, "text": "t", "label": "l", "date": "at",
        "compare": Path("new.csv"), "base_model": "b", "encoder": False, "probe": True, "full": True, "prefix": "p",
        "max_tokens": 64, "seed": 3, "memory": "8GiB", "base_bits": 4, "separator": ";", "label_names": "x,y",
        "empty_is_none": True, "keep_case": True, "encoding": "gb18030", "group": "g", "time": "at",
    }  # fmt: skip


def test_assess_for_machines_prints_the_record_alone(asked, tmp_path, monkeypatch, capsys) -> None:
    assert run(monkeypatch, "assess", "rows.csv", "-o", str(tmp_path / "a"), "--json", "--bom") == 0
    told = json.loads(capsys.readouterr().out)
    assert from_json(Assessment, told).profile.n_train == 1121
    assert told == json.loads((tmp_path / "a" / "assessment.json").read_text(encoding="utf-8"))
    assert (tmp_path / "a" / "suspects.csv").read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_assess_writes_a_cleaned_copy_with_its_changes(asked, lang, tmp_path, monkeypatch, capsys) -> None:
    path, fixed = tmp_path / "rows.csv", tmp_path / "new" / "cleaned.csv"
    path.write_text("text,label\na  b,x\nc,y\nd,x\ne,y\n", encoding="utf-8")
    words = ("assess", str(path), "-o", str(tmp_path / "a"), "--fix", str(fixed), "--lang", lang)
    assert run(monkeypatch, *words, "--drop", "suspects,conflicts") == 0
    assert str(fixed) in capsys.readouterr().out
    assert fixed.read_text(encoding="utf-8").split() == ["text,label", "a", "b,x", "e,y"]
    changes = (fixed.parent / "cleaned.changes.csv").read_text(encoding="utf-8")
    assert len(changes.splitlines()) == 4 and ("按要求略去" in changes) == (lang == "zh")
    assert "--overwrite" in refused(monkeypatch, capsys, *words[:-1], "en")
    assert run(monkeypatch, *words, "--overwrite") == 0
    assert len(fixed.read_text(encoding="utf-8").splitlines()) == 5


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("--fix", "rows.csv"), id="over-its-source"),
        pytest.param(("--fix", "val.csv", "--val", "val.csv", "--overwrite"), id="over-validation"),
        pytest.param(("--fix", "cleaned.xlsx"), id="a-format-nobody-writes"),
        pytest.param(("--fix", "/"), id="no-name-at-all"),
        pytest.param(("--drop", "conflicts"), id="drop-without-fix"),
        pytest.param(("--fix", "cleaned.csv", "--drop", "typos"), id="drop-of-nothing-known"),
        pytest.param(("-o", "."), id="a-folder-of-others"),
        pytest.param(("-o", "rows.csv"), id="a-file"),
    ],
)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_assess_refuses_before_it_begins(asked, words, lang, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("rows.csv", "val.csv"):
        (tmp_path / name).write_text("text,label\na,x\nb,y\n", encoding="utf-8")
    said = refused(monkeypatch, capsys, "assess", "rows.csv", *words, "--lang", lang)
    assert any("一" <= c <= "鿿" for c in said) == (lang == "zh")
    assert not asked and {path.name for path in tmp_path.iterdir()} == {"rows.csv", "val.csv"}


def test_assess_on_a_full_disk_says_so(asked, tmp_path, monkeypatch, capsys) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    assert "no space left" in refused(monkeypatch, capsys, "assess", "rows.csv", "-o", str(tmp_path / "a"))


def test_doctor_speaks_json_too(monkeypatch, capsys) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert run(monkeypatch, "doctor", "--json") == 0
    assert {"torch", "peft", "device", "dtype", "hub"} <= set(json.loads(capsys.readouterr().out))
    assert run(monkeypatch, "doctor", "--lang", "zh") == 0
    assert "设备" in capsys.readouterr().out


def test_a_run_that_is_not_there_is_told_before_a_library_that_is_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("rankfirst.trackers.registry._installed", lambda library: False)
    assert "nope" in refused(monkeypatch, capsys, "track", "nope", "--to", "wandb")


def test_the_time_by_stage_is_shown_on_request(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], rows: Path, base: Path, finished: Path
) -> None:
    words = ("fit", str(rows), "--base-model", str(base), "-o", str(finished), "-q", "--profile-time")
    assert run(monkeypatch, *words) == 0
    told = capsys.readouterr().out.splitlines()
    at = next(n for n, line in enumerate(told) if "Share of the time" in line)
    assert "training probes" in "".join(told[at:]) and told[-1].split()[0] == "Total"
