"""check.json: whatever happens to it, a format that failed its self-test, or was never asked, does not answer."""

import json
from pathlib import Path
from typing import Any

import pytest

import rankfirst
from rankfirst.errors import RunError
from rankfirst.lifecycle.gate import gate
from rankfirst.model.agreement import read_check
from rankfirst.model.classifier import CHECK
from tests.model import deliveries


def entry(kind: str, passed: bool) -> dict[str, Any]:
    return {"kind": kind, "same": 0.2 if not passed else 1.0, "passed": passed, "failed": "" if passed else "same"}


SOUND = {"deliverable": True, "refused": ["int8"], "formats": [entry("adapter", True), entry("int8", False)]}


def test_no_flipped_bit_and_no_cut_makes_a_failed_format_pass(tmp_path: Path) -> None:
    path, content = tmp_path / CHECK, json.dumps(SOUND).encode()
    flipped = (bytes([*content[:at], content[at] ^ 1 << bit, *content[at + 1 :]])
               for at in range(len(content)) for bit in range(8))  # fmt: skip
    for harmed in (content, *flipped, *(content[:size] for size in range(len(content)))):
        path.write_bytes(harmed)
        try:
            told = read_check(path)[1]
        except ValueError:
            continue
        assert told.get("int8") is not True, harmed


DAMAGED: dict[str, object] = {
    "nothing": None,
    "a list": [],
    "no formats": {"deliverable": True},
    "formats that are none": {"deliverable": True, "formats": 3},
    "the format twice": SOUND | {"formats": [entry("int8", False), entry("int8", True)], "refused": []},
    "passed, and refused": SOUND | {"formats": [entry("int8", True)]},
    "passed, and a criterion that failed": SOUND | {"formats": [entry("int8", True) | {"failed": "f1"}], "refused": []},
    "passed as a word": SOUND | {"formats": [entry("int8", False) | {"passed": "false"}], "refused": []},
    "passed as a number": SOUND | {"formats": [entry("int8", False) | {"passed": 1}], "refused": []},
    "not said": SOUND | {"formats": [{"kind": "int8"}], "refused": []},
    "deliverable as a word": {"deliverable": "yes", "formats": [entry("int8", True)]},
}


@pytest.mark.parametrize("what", DAMAGED)
def test_a_format_answers_only_if_its_self_test_is_known_to_have_passed(tmp_path: Path, what: str) -> None:
    run = deliveries.old(tmp_path)  # without a manifest, which would refuse any change
    deliveries.edit(run, frame={})
    (run / "model" / "model-int8.onnx").write_bytes(b"")
    (run / "model" / CHECK).write_text(json.dumps(DAMAGED[what]), encoding="utf-8")
    with pytest.raises(RunError) as refused:
        rankfirst.load(run, "int8").require_exported()
    assert refused.value.code == "delivery.untested" and "\n" not in str(refused.value)


@pytest.mark.parametrize("what", sorted(DAMAGED.keys() - {"no formats", "not said"}))
def test_the_gate_stays_closed_where_it_cannot_be_read(tmp_path: Path, what: str) -> None:
    run = deliveries.old(tmp_path)
    (run / "model" / CHECK).write_text(json.dumps(DAMAGED[what]), encoding="utf-8")
    assert (gate(run, 0.1)[0].code, gate(run, 0.1)[0].verdict) == ("gate.undeliverable", "failed")
