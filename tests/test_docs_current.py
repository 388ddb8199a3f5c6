"""The generated pages are current, nothing in them is left unsaid, and every documented command line exists."""

import csv
import os
import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from benchmarks.peers.table import Cell
from tools import figures, knob_page, render_docs, render_notebook

from rankfirst.messages import LANGS, Lang, sentences
from rankfirst.policy import thresholds
from rankfirst.policy.rules import GUARD, TABLES
from rankfirst.records.meaning import Family

PAGES = sorted([*render_docs.ROOT.glob("README*.md"), *(render_docs.ROOT / "docs").rglob("*.md")])
NUMBERS = render_docs.read_thresholds(Path(thresholds.__file__).read_text(encoding="utf-8"))
# Numbers that say neither unit nor source yet; take a name out once thresholds.py says both.
RULES = {rule.id: rule for table in TABLES.values() for rule in table}
FENCE = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", sorted(render_docs.PAGES))
def test_the_generated_page_is_current(name: str) -> None:
    assert name not in render_docs.stale(), "run: python tools/render_docs.py"


def test_a_changed_and_a_missing_page_are_stale(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    for name in render_docs.PAGES.keys() - {"docs/cli.md"}:
        (tmp_path / name).write_text((render_docs.ROOT / name).read_text(encoding="utf-8"), encoding="utf-8")
    assert render_docs.stale(tmp_path) == ["docs/cli.md"]
    (tmp_path / "docs/cli.md").write_text(render_docs.cli_page() + "by hand\n", encoding="utf-8")
    assert render_docs.stale(tmp_path) == ["docs/cli.md"]


def test_check_names_the_stale_page(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(render_docs, "stale", lambda: ["docs/rules.md"])
    assert render_docs.main(["--check"]) == 1
    assert "docs/rules.md" in capsys.readouterr().err


@pytest.mark.parametrize("columns", ["20", "300"])
def test_the_terminal_does_not_matter(columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told = render_docs.cli_page()
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("TERMINAL_WIDTH", columns)
    assert render_docs.cli_page() == told


def test_the_language_of_the_machine_does_not_matter() -> None:
    code = "from tools import render_docs; import sys; sys.stdout.buffer.write(render_docs.cli_page().encode())"
    for lang in ("en", "zh"):
        env = os.environ | {"RANKFIRST_LANG": lang}
        done = subprocess.run(
            [sys.executable, "-c", code], env=env, cwd=render_docs.ROOT, check=True, capture_output=True
        )
        assert done.stdout.decode() == render_docs.cli_page()


@pytest.mark.parametrize("name", RULES)
def test_every_rule_has_its_sentences_in_both_languages(name: str) -> None:
    rule, known = RULES[name], sentences()
    code = render_docs.finding_code(rule.symptom)
    wanted = [f"conclusion.{name}", *(f"{code}.{verdict}" for verdict in ("present", "absent", "unknown"))]
    assert all(len(known[c]) == 2 and all(known[c]) for c in (*wanted, *rule.left_alone.values()))
    assert rule.source and render_docs.about(rule.symptom) and render_docs.action_words(rule.action)


def test_every_rule_and_guard_is_on_the_page() -> None:
    page = render_docs.rules_page()
    assert all(f"`{name}`" in page for name in (*RULES, *GUARD.values(), *(n.name for n in NUMBERS)))


def test_every_rule_has_a_line_without_figures_in_the_table_of_its_stage() -> None:
    lines = [line for line in render_docs.rules_page().splitlines() if re.match(r"\| \d+\. `", line)]
    tables = [table for n, table in enumerate(TABLES.values()) if table not in list(TABLES.values())[:n]]
    assert [re.findall("`(.*?)`", line)[0] for line in lines] == [rule.id for table in tables for rule in table]
    assert not any("{" in line for line in lines)


@pytest.mark.parametrize("number", [pytest.param(n, id=n.name) for n in NUMBERS])
def test_every_number_says_its_unit_and_source(number: render_docs.Threshold) -> None:
    assert number.comment


def test_a_number_takes_no_comment_that_is_not_its_own() -> None:
    first = "# --- one ---\n# metres. Measured.\nA: Final = 1\nB = 2  # feet\n\nC = 3\n"
    told = render_docs.read_thresholds(first + "# --- two (a paper) ---\nD = (\n    4,\n)\n")
    assert [(n.name, n.value, n.comment) for n in told] == [
        ("A", "1", "metres. Measured."),
        ("B", "2", "feet"),
        ("C", "3", ""),
        ("D", "( 4, )", "a paper"),
    ]


def command_lines(page: str) -> list[str]:
    """The lines of its code fences that begin with `rankfirst `, continued lines joined, comments cut."""
    fences = "\n".join(FENCE.findall(page)).replace("\\\n", " ")
    lines = [line.strip().removeprefix("$ ") for line in fences.splitlines()]
    return [line.partition(" #")[0] for line in lines if line.startswith("rankfirst ")]


@cache
def commands() -> dict[str, render_docs.Command]:
    return {command.name: command for command in render_docs.commands()}


def unknown(line: str) -> list[str]:
    """What of a command line does not exist: its command, or flags of it."""
    words = shlex.split(re.sub(r"[\[\]]", " ", line))
    given = [word for word in words if not word.startswith("-")]
    known = commands()
    found = next((known[name] for n in (3, 2) if (name := " ".join(given[:n])) in known), None)
    if found is None:
        return [] if words[1:] in (["--help"], ["--version"]) else [line]
    flags = {name for p in found.parameters if p.is_option for name in p.names} | {"--help"}
    return [word for word in words if word.startswith("-") and word.partition("=")[0] not in flags]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_documented_command_line_exists(page: Path) -> None:
    lines = command_lines(page.read_text(encoding="utf-8"))
    assert [wrong for line in lines for wrong in unknown(line)] == []


def test_the_check_above_sees_commands_and_flags_that_do_not_exist() -> None:
    page = "```\nrankfirst fly\nrankfirst fit a.csv [--fast] \\\n  --seed 1\n# text\n```\nrankfirst crawl\n"
    assert [wrong for line in command_lines(page) for wrong in unknown(line)] == ["rankfirst fly", "--fast"]
    assert any(command_lines(path.read_text(encoding="utf-8")) for path in PAGES)


def test_every_kind_of_event_is_described() -> None:
    package = render_docs.ROOT / "src/rankfirst"
    source = "\n".join(path.read_text(encoding="utf-8") for path in sorted(package.rglob("*.py")))
    kinds = set(re.findall(r"\.remember\(\s*\"(\w+)\"", source))
    page = (render_docs.ROOT / "docs/journal.md").read_text(encoding="utf-8")
    assert {"run", "decision", "result"} <= kinds
    assert [kind for kind in sorted(kinds) if f"\n| `{kind}` |" not in page] == []


@pytest.mark.parametrize(("name", "most"), [("README.md", 500), ("README.zh.md", 900)])  # words; and characters
def test_the_readme_is_short_and_shows_the_same_pictures(name: str, most: int) -> None:
    page = (render_docs.ROOT / name).read_text(encoding="utf-8")
    before, links = re.split(r"^## (?:Read on|继续阅读)$", page, flags=re.MULTILINE)
    assert len(re.findall(r"[\u4e00-\u9fff]|[^\s\u4e00-\u9fff]+", before)) <= most
    assert re.findall(r"!\[.*?\]\((.*?)\)", page) == ["docs/report.png"]
    paths = [path for path in re.findall(r"\]\(([^)]+)\)", page) if not path.startswith("http")]
    assert links and [path for path in paths if not (render_docs.ROOT / path).is_file()] == []


def test_the_figures_of_the_readme_are_those_of_the_latest_runs() -> None:
    with (knob_page.RESULTS / "outcomes_fits.csv").open(encoding="utf-8", newline="") as file:
        runs = list(csv.DictReader(file))
    shown = figures.block("en").splitlines()[3:-1]
    assert len(shown) >= len({(run["set"], run["rows"]) for run in runs})
    last = f"{100 * float(runs[-1]['test_macro_f1']):.1f}"
    assert any(last in line.split("|")[5] for line in shown)


def test_a_row_of_the_readme_shows_the_better_of_two_linear_models_and_who_wins() -> None:
    fit = {"tfidf_macro_f1": "0.6", "frozen_macro_f1": "0.8", "test_macro_f1": "0.85", "verdict": "lora"}
    f1 = {"tfidf_svm": 0.7, "setfit": 0.9, "rankfirst": 0.84}
    cells = {peer: Cell(peer, "ok", 1, {"test_macro_f1": value}, "ships frozen") for peer, value in f1.items()}
    row = figures._row("tnews-300", cells, fit, "en")
    assert row == ("TNEWS, 300 rows", "70.0", "80.0", "**90.0** (SetFit)", "85.0", "LoRA")
    assert figures._row("tnews-300", cells, {}, "zh")[-2:] == ("84.0", "冻结底座")


@pytest.mark.parametrize("lang", LANGS)
def test_the_knob_page_tells_every_rule_that_moves_a_knob_without_figures_of_a_run(lang: Lang) -> None:
    page = knob_page.page(lang, render_docs.finding_code)
    rows = page.splitlines()
    for rule in (rule for table in TABLES.values() for rule in table if rule.meaning.way):
        if rule.meaning.family is not Family.DIVERGENCE:
            told = re.sub(
                r"\s*[(（][^()（）]*\{[^()（）]*[)）]", "", sentences()[f"conclusion.{rule.id}"][LANGS.index(lang)]
            )
            assert any(told in row and ("↑" if rule.meaning.way > 0 else "↓") in row for row in rows), rule.id
    assert "| nlupp | 4e-4 | 86.1 / 63.9 | 88.1 / 68.5 | 88.1 / 69.5 | 89.3 / 73.5 |" in page, "one kind of recipe"
    assert "{" not in page and all(f"{value:g}" in page for value in thresholds.SCALINGS)


def test_the_notebook_shows_the_cells_of_its_source() -> None:
    assert render_notebook.stale() == [], "run: python tools/render_notebook.py"
