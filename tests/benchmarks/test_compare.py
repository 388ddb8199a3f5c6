"""The tables."""

import pytest
from benchmarks.atlas import compare, search
from benchmarks.atlas.baselines import always, untrained
from benchmarks.atlas.compare import Contest

from tests.benchmarks.atlases import atlas
from tests.benchmarks.test_judge import steep


def test_another_method_is_one_line_more(monkeypatch):
    monkeypatch.setattr(compare, "ADVISERS", {"ours": [untrained(always("lr+"))]})
    monkeypatch.setattr(compare, "SEARCHERS", {"ours": Contest(search.default, replays=1)})
    pairs = [atlas(steep, name="one-x-9"), atlas(steep, name="one-y-9"), atlas(steep, name="two-x-9")]
    advice = compare.advised(pairs, "grid")
    assert [row["set"] for row in advice] == ["all", "one", "two"]  # two encoders of one set are one cluster
    assert advice[0]["cases"] == 3 * 24
    assert advice[0]["hit"] == 100.0
    found = compare.searched(pairs)
    assert [row["pair"] for row in found] == ["all", "one-x-9", "one-y-9", "two-x-9"]
    assert found[0]["mean"] == pytest.approx(40.0)
    assert found[0]["runs"] == 1.0


def test_without_data_it_says_so(capsys, tmp_path):
    compare.main(["--work", str(tmp_path)])
    assert capsys.readouterr().out.startswith("skipped: no pair of the atlas is here")
