"""What Python users hold in their hands: short representations, cards, tables, the model."""

import json
from pathlib import Path
from typing import Any

import pytest

import rankfirst
from rankfirst.execution import Result, Summary
from rankfirst.lifecycle.continue_training import Renewed
from tests.report import journal_example

FIRST = Path(__file__).parent / "first_edition" / "single" / "run"
ROWS = [(f"please refund order {i}", "refund") for i in range(30)] + [
    (f"where is parcel {i}", "where") for i in range(30)
]


def told(lang: Any = "en") -> Result:
    """A run of version 0.1."""
    return Result(FIRST, json.loads((FIRST / "result.json").read_text("utf-8")), lang=lang)


def test_a_result_is_told_in_one_short_line() -> None:
    line = repr(told())
    assert len(line) < 250 and "\n" not in line
    assert line.startswith("<Result: ") and " delivered, val macro-F1 0." in line and "first_edition" in line
    assert repr(Result(Path("gone"), {})) == "<Result: None delivered, folder 'gone'>"
    renewed = Renewed(Path("next"), {"verdict": "lora"}, None)  # type: ignore[arg-type]
    assert repr(renewed) == "<Renewed: lora delivered, folder 'next'>"


def test_what_a_cell_may_end_with_is_short(tmp_path: Path) -> None:
    summary = Summary(told().summary)
    assert len(repr(summary)) < 300 and "verdict" in repr(summary) and json.loads(json.dumps(summary)) == summary
    assert "classes, one label per text, folder " in repr(told().load())
    assessed = rankfirst.assess(ROWS, encoder=False)
    assert len(repr(assessed.dataset)) < 1_000
    history = [{"loss": 2.0 - 0.1 * i, "learning_rate": 5e-5, "epoch": i / 4, "step": i} for i in range(1, 30)]
    (tmp_path / "trainer_state.json").write_text(json.dumps({"log_history": history}))
    said = rankfirst.advise(tmp_path)
    assert "Conclusion" in repr(said) and repr(said) == repr(rankfirst.advise([str(tmp_path)]))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_an_old_run_has_card_leaderboard_and_charts(lang: Any) -> None:
    result = told(lang)
    card = result._repr_html_()
    assert ("建议交付" if lang == "zh" else "Ship the ") in card and card.count("建议交付") == (lang == "zh")
    assert "frozen" in {row["model"] for row in result.leaderboard()} or not isinstance(result.leaderboard(), list)
    assert "<svg" in result.plot().html
    assert result.plot("recalls").kinds == ("recalls",)


def test_without_its_folder_a_result_tells_what_its_summary_holds(tmp_path: Path) -> None:
    result = Result(tmp_path / "gone", told().summary)
    assert "Ship the " in result._repr_html_()
    with pytest.raises(rankfirst.RunError):
        result.load()


def test_a_finished_run_is_read_again(tmp_path: Path) -> None:
    again = Result.read(FIRST, lang="zh")
    assert again.summary == told().summary and "建议交付" in again._repr_html_()
    with pytest.raises(rankfirst.RunError):
        Result.read(tmp_path)
    journal_example.write(tmp_path)
    with pytest.raises(rankfirst.RunError, match="finished"):
        Result.read(tmp_path)
    for damaged in ("[]", "{", ""):
        (tmp_path / "result.json").write_text(damaged)
        with pytest.raises(rankfirst.RunError):
            Result.read(tmp_path)


def test_the_card_names_the_report_that_is_there(tmp_path: Path) -> None:
    journal_example.write(tmp_path)
    result = Result(tmp_path, {})
    assert "report.html" not in result._repr_html_()
    (tmp_path / "report.html").write_text("page")
    assert str(tmp_path / "report.html") in result._repr_html_()


def test_an_assessment_of_rows_in_python() -> None:
    rows = [*ROWS, ("please refund order 3", "where")]
    assessed = rankfirst.assess(rows, encoder=False, lang="zh")
    line = repr(assessed)
    assert len(line) < 200 and "LoRA needed: " in line and "2 classes" in line
    found = assessed.findings()
    assert {"warn", "note"} >= {row["level"] for row in found} and any("训练" in row["finding"] for row in found)
    shown = list(assessed.rows())
    assert shown and all(rows[row["row"]][0] == row["text"] and row["file"] is None for row in shown)
    assert "assessed.rows()" in assessed._repr_html_()


def test_an_assessment_of_a_file_names_file_and_line_and_is_saved(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("text,label\n" + "".join(f"{a},{b}\n" for a, b in [*ROWS, ("please refund order 3", "where")]))
    assessed = rankfirst.assess(path, encoder=False)
    shown = list(assessed.rows())
    lines = path.read_text().splitlines()
    assert shown and all(lines[row["line"] - 1].startswith(row["text"]) and row["row"] is None for row in shown)
    assert assessed.save(tmp_path / "out").is_file()
