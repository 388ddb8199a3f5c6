"""Help pages: nothing is cut, in either language, at any width."""

import pytest
from rich._wrap import divide_line
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text
from typer.testing import CliRunner

from rankfirst.cli import help_pages
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
    told = CliRunner().invoke(app, ["fit", "--help"]).stdout
    assert "<bool>" not in told
    assert "--quiet" in told


def test_many_flags_are_in_panels_and_none_is_lost() -> None:
    told = CliRunner().invoke(app, ["fit", "--help"]).stdout
    panels = ("Your data", "Base model and text input", "Search and budget", "Training objective", "Options")
    assert all(panel in told for panel in panels)
    assert all(flag in told for flag in ("--val", "--windows", "--budget", "--focal", "--dry-run", "--help"))
    assert "Your data" not in CliRunner().invoke(app, ["predict", "--help"]).stdout
