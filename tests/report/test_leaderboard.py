"""The leaderboard: every model once, the best first, the delivered one marked."""

from rankfirst.report import leaderboard
from rankfirst.report.leaderboard import COLUMNS
from tests.report import journal_example as example


def test_baselines_lora_and_probes_by_their_score() -> None:
    rows = leaderboard(example.events())
    assert [row["model"] for row in rows] == ["lora", "probe 3", "probe 2", "probe 1", "frozen", "tfidf", "majority"]
    assert [row["model"] for row in rows if row["delivered"]] == ["lora"]
    assert all(tuple(row) == COLUMNS for row in rows)
    best = rows[0]
    assert (best["val_macro_f1"], best["test_macro_f1"]) == (0.884, 0.876)
    assert best["val_low"] < 0.884 < best["val_high"]
    assert (best["rank"], best["lr"]) == (example.FASTER.rank, example.FASTER.lr)
    assert rows[4]["rank"] is None and rows[3]["rank"] == example.RECIPE.rank


def test_an_unfinished_run_has_one_too_and_an_empty_one_has_none() -> None:
    begun = [event for event in example.events() if event.kind not in ("result", "final", "verdict")]
    assert {row["delivered"] for row in leaderboard(begun)} == {False}
    assert leaderboard([]) == []
