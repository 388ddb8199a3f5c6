"""The table of where time goes: which sets, what is in a line, and what is not measured twice."""

from pathlib import Path

import pytest
from benchmarks.two_versions import Cut

from benchmarks import where_time_goes as script
from rankfirst.measure.wall_clock import STAGES, UNRECORDED

RESULT = {"time": {"encode": 2.0, "probes": 7.01, "other": 1.0}, "seconds": 10.0, "verdict": "lora",
          "trained_on": {"rows": 390}}  # fmt: skip
PACE = {"threads": 2, "dtype": "float32"}


def test_a_cut_is_named_by_its_rows() -> None:
    assert script.named("snips-300") == Cut("snips", 300, 100)
    assert script.named("smp2017-90") == Cut("smp2017", 90, 30, chinese=True)
    assert script.named("banking77") == script.SETS[0]


def test_a_line_has_every_stage_and_says_how_far_the_sum_is_off() -> None:
    row = script.row(Cut("snips", 300, 100), RESULT, PACE, 12.0)
    assert (row["probes"], row["final"], row["off_percent"], row["clock"]) == (7.0, 0.0, 0.1, 12.0)
    assert set(script.STAGES) == set(STAGES) - {UNRECORDED} <= set(row)
    with pytest.raises(AssertionError, match="another version"):
        script.row(Cut("snips", 300, 100), RESULT | {"time": {"new": 1.0}}, PACE, 12.0)


def test_a_set_is_not_measured_twice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(script, "measured", lambda: {"snips-300"})
    monkeypatch.setattr(script, "SHARED", tmp_path)
    (tmp_path / "data").mkdir()
    monkeypatch.setattr(script, "fitted", lambda *args: pytest.fail("measured again"))
    script.main(tmp_path, ["snips-300"])


def test_without_the_sets_it_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(script, "SHARED", tmp_path / "nowhere")
    script.main(tmp_path, [])
    assert "skipped" in capsys.readouterr().out
