"""Who is told what: lines for a log, one line for the quiet, JSON for programs, a panel on a terminal."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from rankfirst.cli import glyphs, output, progress
from rankfirst.cli.live_view import Terminal, followed, live
from rankfirst.cli.output import Log, Program, Quiet
from rankfirst.cli.panel import draw
from rankfirst.errors import OptionError
from rankfirst.progress.run_state import APPRAISAL, Appraisal
from rankfirst.report import Row
from rankfirst.report.phrases import Both
from tests.report import journal_example as example

VERDICT = {"is": "Shipping", "ship": "frozen", "code": "ship.frozen", "forced": False,
           "numbers": {"gain": 0.0, "noise": 1.0, "loss": 0.0, "loss_noise": 0.1, "right": 0.0, "right_noise": 0.0,
                       "lora": 0.5, "base": 0.5}}  # fmt: skip


class Tty(io.StringIO):
    """A terminal, as far as `isatty` goes."""

    def isatty(self) -> bool:
        return True


def line(kind: str, payload: Any = None, seconds: float = 1.0) -> dict[str, Any]:
    return {"n": 1, "at": "2026-11-24T00:00:00+00:00", "seconds": seconds, "kind": kind, "key": "", "payload": payload}


def opened(monkeypatch: pytest.MonkeyPatch, file: io.StringIO, **flags: bool) -> Any:
    monkeypatch.setenv("TERM", "xterm-256color")
    with output.audience(Console(file=file, force_terminal=None, width=80), "en", **flags) as told:
        return told


@pytest.mark.parametrize(
    ("file", "flags", "kind"),
    [
        (io.StringIO(), {}, Log),
        (Tty(), {}, Terminal),
        (Tty(), {"quiet": True}, Quiet),
        (Tty(), {"as_json": True}, Program),
    ],
)
def test_by_flags_and_terminal(monkeypatch, file, flags, kind) -> None:
    assert type(opened(monkeypatch, file, **flags)) is kind


def test_a_forced_colour_makes_no_terminal_of_a_file(monkeypatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert type(opened(monkeypatch, io.StringIO())) is Log


def test_a_dumb_terminal_gets_lines(monkeypatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert not output.animated(Console(file=Tty(), width=80))


def test_quiet_and_json_exclude_each_other(monkeypatch) -> None:
    with pytest.raises(OptionError, match="--quiet and --json"):
        opened(monkeypatch, io.StringIO(), quiet=True, as_json=True)


def test_the_quiet_are_told_verdict_and_report() -> None:
    file = io.StringIO()
    told = Quiet(Console(file=file, width=80, soft_wrap=True), "en")
    for kind in ("run", "verdict"):
        told.event(line(kind, VERDICT))
    told.tick("train 1/2", 1, 2)
    told.end(Path("run"), {})
    first, second = file.getvalue().splitlines()
    assert "frozen" in first and second == f"Report: {Path('run') / 'report.html'}"


def test_programs_are_told_lines_of_the_journal_and_then_the_result(monkeypatch) -> None:
    said: list[str] = []
    told = Program(said.append)
    event = line("probe", {"train_loss": [{"float": "nan"}], "name": "标签"})
    told.event(event)
    told.tick("train", 1, 2)
    told.end(Path("run"), {"verdict": "lora"})
    assert [json.loads(text) for text in said] == [event, {"kind": "done", "verdict": "lora"}]
    told.ascii_only = True  # stdout could not hold it
    told.event(event)
    assert said[-1].isascii() and json.loads(said[-1]) == event


def test_a_log_gets_a_line_of_progress_with_the_time_left(monkeypatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: clock[0])
    file = io.StringIO()
    told = Log(Console(file=file, width=80, soft_wrap=True), "en")
    told.board.now = lambda: clock[0]
    told.event(line("run", {"budget_seconds": 200.0}, seconds=0.0))
    for done in range(5):
        told.tick("features", done, 20)
        clock[0] += 15
    assert file.getvalue() == ("  encoding texts: 4 of 20 (20%); about 4 min left, in total at most about 2 min left\n")


def test_a_log_tells_progress_by_epochs_and_only_in_silence(monkeypatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: clock[0])
    for lang, words in (("en", "training, epoch 2 of 4 (38%)"), ("zh", "训练，第 2/4 轮（38%）")):
        file = io.StringIO()
        told = Log(Console(file=file, width=80, soft_wrap=True), lang)
        told.tick("train 1/4", 1, 2)
        clock[0] += 59
        told._print("another line")
        clock[0] += 59
        told.tick("train 2/4", 1, 2)
        assert words not in file.getvalue()
        clock[0] += 2
        told.tick("train 2/4", 1, 2)
        assert words in file.getvalue() and file.getvalue().count("\n") == 2


def test_a_long_step_is_told_less_and_less_often(monkeypatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: clock[0])
    file = io.StringIO()
    lines = progress.Lines(Console(file=file, width=80, soft_wrap=True), "en")
    for done in range(8 * 60 * 60):
        lines("train 1/2", done, 8 * 60 * 60)
        clock[0] += 1
    assert 50 < file.getvalue().count("\n") < 110  # one in five minutes at the end


def test_a_log_is_in_sections_and_the_verbose_one_tells_the_evidence() -> None:
    told = {}
    for verbose in (False, True):
        file = io.StringIO()
        log = Log(Console(file=file, width=80, soft_wrap=True), "en", verbose=verbose)
        for kind, key, payload in example.told():
            log.event({**line(kind, payload), "key": key})
        log.end(Path("run"), {})
        told[verbose] = file.getvalue().splitlines()
    assert len(told[False]) < 40 < len(told[True])
    titles = [text.split()[0] for text in told[False] if not text.startswith(" ")]
    assert titles == ["Data", "Baselines", "Tuning", "Final", "Verdict"]
    assert not any("reason: " in text for text in told[False]) and any("reason: " in text for text in told[True])
    assert told[True][-1].startswith("Report: ") and told[False][-1].strip().startswith("Next: rankfirst ")


@pytest.mark.parametrize(("encoding", "marks"), [("utf-8", glyphs.UNICODE), ("latin-1", glyphs.ASCII)])
def test_the_panel_is_drawn_and_gone_again(monkeypatch, encoding, marks) -> None:
    monkeypatch.setenv("TERM", "xterm")
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, errors=glyphs.HANDLER, newline="")
    with live(Console(file=file, width=70, height=24, force_terminal=True, soft_wrap=True), "en") as told:
        told.event(line("run", {"budget_seconds": 100.0}))
        told.event(line("verdict", VERDICT))
        told.tick("features", 1, 4)
    file.flush()
    written = raw.getvalue().decode(encoding)
    assert marks.rule * 69 in written and "Final training" in written
    assert "\x1b[?25l" in written and written.rindex("\x1b[?25h") > written.rindex("\x1b[?25l")  # the cursor is back
    assert written.rstrip().endswith("\x1b[2K")  # its last lines are erased
    assert "frozen encoder" in written.lower()


def test_what_stays_is_wrapped_at_words_below_its_indent(monkeypatch) -> None:
    file = io.StringIO()
    told = Terminal(Console(file=file, width=30, soft_wrap=True), "en")
    told._tell("profile", ["A head of a few words", "  one two three four five six seven eight"])
    assert file.getvalue().splitlines() == ["A head of a few words", "  one two three four five six", "  seven eight"]


def test_a_line_of_a_section_hangs_beside_its_name() -> None:
    file = io.StringIO()
    told = Terminal(Console(file=file, width=30, soft_wrap=True), "en")
    told._rows([Row("data", Both("one two three four five six", "")), Row("data", Both("seven", ""))])
    assert file.getvalue().splitlines() == ["Data        one two three four", " " * 12 + "five six", " " * 12 + "seven"]


def test_an_assessment_is_followed_as_a_run_is(monkeypatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    told = Tty()
    with followed(Console(file=told, width=80), "en", silent=False, lora=False) as tick:
        tick("checks", 0, 1)
        tick("frozen", 1, 4)
    assert "[Data]" in told.getvalue() or "[Baselines]" in told.getvalue()
    plain = io.StringIO()
    monkeypatch.setattr(progress, "EVERY", 0.0)
    with followed(Console(file=plain, width=80), "en", silent=False, lora=False) as tick:
        tick("frozen", 1, 4)
    assert plain.getvalue() == "  fitting the frozen encoder's head: 1 of 4 (25%)\n"
    with followed(Console(file=plain, width=80), "en", silent=True, lora=False) as tick:
        tick("frozen", 2, 4)
    assert plain.getvalue().count("\n") == 1


@pytest.mark.parametrize(("lora", "stages"), [(False, 4), (True, 5)])
def test_the_stages_of_an_assessment_only_go_on(lora: bool, stages: int) -> None:
    board = Appraisal(lora)
    seen = []
    for step in ("read", "features", "checks", "tfidf", "suspects", "features", "train 1/4", "shift", "rows"):
        board.tick(step, 0, 2)
        seen.append(board.view().stage)
    between = ["limits", "lora"] if lora else ["limits", "limits"]
    assert seen == ["data", "ladder", "ladder", "ladder", "limits", *between, "rows", "rows"]
    assert len(board.view().stages) == stages


@pytest.mark.parametrize("stage", APPRAISAL)
def test_every_stage_of_an_assessment_can_be_drawn(stage: str) -> None:
    board = Appraisal(True)
    board.stage = stage
    for what in ("", f"{APPRAISAL[stage][0]}", "train 1/4"):
        board.what, board.total = what, 4 if what else 0
        for lang in ("en", "zh"):
            assert draw(board.view(), 79, 24, lang, glyphs.UNICODE)
