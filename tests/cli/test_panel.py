"""The live view: every line fits its width, in both languages, with and without Unicode; nothing without a basis."""

import math
from dataclasses import replace

import pytest
from rich.cells import cell_len

from rankfirst.cli import glyphs
from rankfirst.cli.panel import Segment, draw, row
from rankfirst.progress.run_state import STAGES, View
from rankfirst.progress.words import left_words
from rankfirst.records import ATTENTION_QV, FFN, Recipe, Sites

RECIPE = Recipe(rank=64, sites=Sites((*ATTENTION_QV, *FFN), 12), scaling=0.25, lr=6.4e-3, dropout=0.05, seed=1)
FULL = View(
    stage="optimise",
    what="train 1/2",
    done=10,
    total=20,
    share=0.25,
    step_left=42.0,
    recipe=RECIPE,
    losses=tuple(2 / (1 + i) for i in range(200)),
    f1=0.8123,
    frozen=0.7456,
    best=0.8245,
    probes=12,
    elapsed=3725.0,
    limit=5400.0,
    work=31.25,
    work_limit=80.0,
    left=(250.0, 1100.0),
)
EMPTY = View()


def test_q_and_v_in_every_block_fit_a_line() -> None:
    sites = replace(RECIPE.sites, everywhere=ATTENTION_QV)
    lines = draw(replace(FULL, recipe=replace(RECIPE, sites=sites)), 100, 24, "en", glyphs.UNICODE)
    assert "q/v@all, q/v+FFN@12" in "\n".join(line.plain for line in lines)


@pytest.mark.parametrize("view", [FULL, EMPTY], ids=["full", "empty"])
@pytest.mark.parametrize("marks", [glyphs.UNICODE, glyphs.ASCII], ids=["unicode", "ascii"])
@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [20, 40, 60, 79, 100, 140, 200, 300])
def test_no_line_is_wider_than_the_terminal(view, marks, lang, width) -> None:
    lines = [line.plain for line in draw(view, width, 24, lang, marks)]
    assert all(cell_len(line) <= width and "\n" not in line for line in lines)
    if lang == "en" and marks is glyphs.ASCII:
        assert "".join(lines).isascii()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_labels_end_in_one_column(lang) -> None:
    lines = [line.plain for line in draw(FULL, 120, 24, lang, glyphs.UNICODE)][2:]
    assert len({cell_len(line) - cell_len(line.split(None, 1)[1]) for line in lines}) == 1


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("en", ["about 4–20 min left", "81.2% (+6.7 points vs the frozen encoder)", "1 h 2 min of 1 h 30 min"]),
        ("zh", ["还需约 4–20 分钟", "81.2%（相对冻结底座 +6.7 个百分点）", "1 小时 2 分 / 1 小时 30 分"]),
    ],
)
def test_at_80_columns_it_tells_step_recipe_score_and_budget(lang, told) -> None:
    text = "\n".join(line.plain for line in draw(FULL, 79, 24, lang, glyphs.UNICODE))
    missing = {"rank 64 · q/v+FFN@12", "lr 6.4e-3", " 25%", "82.5%", "0.010", *told}
    assert {word for word in missing if word not in text} == set()


def test_at_200_columns_nothing_is_left_out() -> None:
    text = "\n".join(line.plain for line in draw(FULL, 199, 50, "zh", glyphs.UNICODE))
    assert all(
        word in text for word in ("第 13 次试跑，第 1/2 轮", "（相对冻结底座 +6.7 个百分点）", "31.2 / 80 TFLOP")
    )
    assert all(word in text for word in ("评估", "基线", "容量", "[优化]", "容量复核", "最终训练", "还需约 45 秒"))


@pytest.mark.parametrize("height", [1, 4, 8, 12, 50])
def test_a_low_terminal_keeps_most_of_its_lines_for_the_decisions(height) -> None:
    assert len(draw(FULL, 80, height, "en", glyphs.UNICODE)) <= max(2, height // 2 + 1)


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_has_its_name_and_its_word_for_waiting(stage) -> None:
    for lang in ("en", "zh"):
        told = draw(View(stage=stage), 120, 24, lang, glyphs.UNICODE)
        assert "[" in told[1].plain and told[2].plain.split(None, 1)[1]


def test_an_unknown_step_of_an_engine_to_come_is_shown_as_it_is() -> None:
    text = "\n".join(
        line.plain for line in draw(View(what="ponder 3/4", done=1, total=9), 80, 24, "en", glyphs.UNICODE)
    )
    assert "ponder 3/4" in text


def test_nothing_is_said_of_time_without_a_basis() -> None:
    text = "".join(line.plain for line in draw(View(what="train 1/2", total=9), 80, 24, "en", glyphs.UNICODE))
    assert "left" not in text
    assert left_words(None, "en") == ""


@pytest.mark.parametrize(
    ("span", "told"),
    [
        ((3.0, 3.0), "about 5 s left"),
        ((41.0, 41.0), "about 45 s left"),
        ((31.0, 130.0), "about 35 s to 2 min left"),
        ((61.0, 250.0), "about 1–4 min left"),
        ((0.0, 900.0), "at most about 15 min left"),
        ((4000.0, 9000.0), "about 1–2.5 h left"),
    ],
)
def test_times_are_no_finer_than_a_guess(span, told) -> None:
    assert left_words(span, "en") == told


def test_what_matters_least_shrinks_and_goes_first() -> None:
    parts = [Segment(("always",)), Segment(("long form", "short"), drop=1), Segment(("=" * 20, "=" * 5), drop=2)]
    shown = [row(parts, width, glyphs.UNICODE).plain for width in (50, 30, 22, 15, 4)]
    assert shown == ["always   long form   " + "=" * 20, "always   long form   =====", "always   short   =====",
                     "always   short", "alw…"]  # fmt: skip


@pytest.mark.parametrize("marks", [glyphs.UNICODE, glyphs.ASCII], ids=["unicode", "ascii"])
def test_sparklines(marks) -> None:
    low, high = marks.levels[0], marks.levels[-1]
    assert glyphs.sparkline([3, 2, 1], 10, marks) == high + marks.levels[round((len(marks.levels) - 1) / 2)] + low
    assert len(glyphs.sparkline(range(1000), 28, marks)) == 28
    assert glyphs.sparkline([1.0, math.nan, 2.0], 9, marks) == f"{low} {high}"
    assert glyphs.sparkline([5.0, 5.0], 9, marks) == low * 2
    assert glyphs.sparkline([], 9, marks) == glyphs.sparkline([math.inf], 9, marks).strip() == ""
    assert glyphs.bar(0.5, 4, marks) == marks.full * 2 + marks.empty * 2 and len(glyphs.bar(7, 4, marks)) == 4


@pytest.mark.parametrize(
    ("encoding", "marks"),
    [("utf-8", glyphs.UNICODE), ("latin-1", glyphs.ASCII), ("ascii", glyphs.ASCII), (None, glyphs.ASCII)],
)
def test_what_cannot_be_written_is_drawn_in_ascii(encoding, marks) -> None:
    assert glyphs.for_encoding(encoding) is marks
    assert "lr 1e-4 → 4e-4 · 好".encode("ascii", errors=glyphs.HANDLER) == b"lr 1e-4 -> 4e-4 | ?"
