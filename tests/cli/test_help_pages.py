"""Help pages: nothing is cut, in either language, at any width."""

import re

import pytest
from rich._wrap import divide_line
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text
from typer.testing import CliRunner

from rankfirst.cli import help_pages
from rankfirst.cli.flags import language
from rankfirst.cli.main import app
from rankfirst.messages import sentences

LONG = "分类头单独的峰值 lr，规则调整 lr 时它不变（一格多个标签以 | 分隔），或用逗号分隔的多个 0/1 列。"


@pytest.mark.parametrize("width", [6, 13, 24, 29, 40])
def test_ideographs_wrap_and_nothing_is_lost(width: int) -> None:
    breaks = help_pages.divide_line(LONG, width)
    lines = [LONG[a:b] for a, b in zip([0, *breaks], [*breaks, len(LONG)], strict=True)]
    assert "".join(lines) == LONG
    assert all(cell_len(line) <= width for line in lines)
    assert not any(line[0] in "，。；、）" for line in lines[1:])


def test_text_without_ideographs_breaks_as_rich_breaks_it() -> None:
    told = "peak lr of the head alone, held while the rules move lr; default the recipe's lr"
    assert help_pages.divide_line(told, 30) == divide_line(told, 30)


def test_rich_uses_it_where_a_column_would_cut() -> None:
    console = Console(width=20)
    shown = Text(LONG).wrap(console, 20, overflow="ellipsis")
    assert "".join(line.plain.replace(" ", "") for line in shown) == LONG.replace(" ", "")


def test_every_flag_can_be_told_in_a_narrow_column(subtests: pytest.Subtests) -> None:
    flags = {code: chinese for code, (_, chinese) in sentences().items() if code.startswith("cli.help.")}
    for code, told in flags.items():
        with subtests.test(code=code):
            shown = Text(told).wrap(Console(width=29), 29, overflow="ellipsis")
            assert "".join(line.plain for line in shown).replace(" ", "") == told.replace(" ", "")


def test_a_switch_shows_no_type() -> None:
    told = CliRunner().invoke(app, ["fit", "--help-all"]).stdout
    assert "<bool>" not in told
    assert "--quiet" in told


EVERYDAY = ("--out", "--overwrite", "--verbose", "--text", "--label", "--val", "--test", "--base-model", "--budget",
            "--prefer")  # fmt: skip


def test_help_shows_ten_everyday_flags_and_help_all_the_rest_in_panels() -> None:
    first = CliRunner().invoke(app, ["fit", "--help"]).stdout
    assert set(re.findall(r"--[a-z-]+", first)) == {*EVERYDAY, "--help", "--help-all"}
    told = CliRunner().invoke(app, ["fit", "--help-all"]).stdout
    panels = ("Your data", "Base model and text input", "Search and budget", "Training objective", "Options",
              "Output and configuration")  # fmt: skip
    assert all(panel in told for panel in panels)
    assert all(flag in told for flag in (*EVERYDAY, "--windows", "--focal", "--dry-run", "--json", "--help"))
    assert set(re.findall(r"--[a-z-]+", CliRunner().invoke(app, ["fit", "--help"]).stdout)) < {
        *re.findall(r"--[a-z-]+", told)
    }


def test_a_command_of_few_flags_shows_them_all() -> None:
    told = CliRunner().invoke(app, ["predict", "--help"]).stdout
    assert "Your data" not in told and "--help-all" not in told and "--probabilities" in told


@pytest.mark.parametrize(
    ("variables", "spoken"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),  # a locale that is not installed counts as well
        ({"LANG": "en_US.UTF-8", "LC_ALL": "zh_TW.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "de_DE.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "RANKFIRST_LANG": "en"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
    ],
)
def test_the_language_follows_the_variables(
    variables: dict[str, str], spoken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "RANKFIRST_LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert language(None) == spoken
