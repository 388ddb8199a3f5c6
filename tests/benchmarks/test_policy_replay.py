"""A change of a rule is judged by where its moves lead: on the packed atlas no figure may fall below its record."""

import pytest
from benchmarks.atlas import store

from benchmarks import policy_replay

pytestmark = pytest.mark.skipif(not store.names(), reason="no pair of the atlas is packed in benchmarks/atlas/data")


@pytest.mark.slow
def test_no_figure_of_the_policy_fell_below_its_record(capsys: pytest.CaptureFixture[str]) -> None:
    """Every start of every pair for single decisions; some walks, so that they still come to an end."""
    assert policy_replay.main(["--check", "--every", "6"]) == 0, capsys.readouterr().out
