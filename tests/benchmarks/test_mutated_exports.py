"""The first of the damaged deliveries of benchmarks.mutated_exports: none answers otherwise without a word."""

import pytest

pytest.importorskip("onnxscript", reason="exporting needs the extra onnx (pip install -e '.[dev]')")
pytest.importorskip("prometheus_client", reason="serving needs the extra serve (pip install -e '.[dev]')")

from benchmarks import mutated_exports


@pytest.mark.slow
def test_no_damaged_export_answers_otherwise() -> None:
    outcomes = mutated_exports.main(12, 1)
    assert set(outcomes) <= {"as before", "refused", "the other run's, whole"} and outcomes["refused"] > 5
