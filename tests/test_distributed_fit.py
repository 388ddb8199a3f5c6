"""A whole fit in several processes decides what a fit in one does, and its command says how it was made."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from rankfirst import api
from rankfirst.engine.ray.cluster import processors
from rankfirst.errors import OptionError
from tests import runs
from tests.engine import tiny

TIMES = {"seconds", "time", "ms_per_text", "trials", "command", "engine", "peak_memory_mb", "costs", "rungs", "threads"}
ROUNDING = 1e-4
# The processes add in another order, which large steps (a 64, lr 1.6e-3) would enlarge to a hundredth.
CALM = ("scaling=1",)

pytestmark = pytest.mark.skipif(processors() < 2, reason="needs two processors")


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """As each of the processes has."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("distributed-fit")
    tiny.write_base(made / "base", "bert")
    runs.write_rows(made, rows=150)
    return made


def told(run: Path) -> dict[Any, Any]:
    """What a run found, without what it took."""
    payloads = {(e["kind"], e["key"]): e["payload"] for e in runs.events(run)}
    for name in ("minutes", "ms_per_text"):
        payloads["verdict", ""]["numbers"].pop(name)
    payloads["run", ""].pop("where")  # its folder differs, as it should
    return {key: {k: v for k, v in payload.items() if k not in TIMES} for key, payload in payloads.items()}


def check_same(found: Any, expected: Any, at: str) -> None:
    """The same but for rounding, all the way down."""
    if isinstance(expected, dict):
        assert found.keys() == expected.keys(), at
        for key in expected:
            check_same(found[key], expected[key], f"{at} {key}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), at
        for one, other in zip(found, expected, strict=True):
            check_same(one, other, at)
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, rel=ROUNDING, abs=ROUNDING, nan_ok=True), at
    else:
        assert found == expected, at


@pytest.mark.slow
def test_the_same_decisions_and_curves_to_rounding(folder: Path) -> None:
    same: dict[str, Any] = {"base_model": str(folder / "base"), "always_lora": True, "knobs": CALM}
    api.fit(folder / "rows.csv", folder / "one", **same)
    api.fit(folder / "rows.csv", folder / "two", **same, processes=2)
    found, expected = told(folder / "two"), told(folder / "one")
    assert found.keys() == expected.keys()
    for key, payload in expected.items():
        check_same(found[key], payload, str(key))
    run = next(e["payload"] for e in runs.events(folder / "two") if e["kind"] == "run")
    assert run["engine"] == "2 processes" and "--processes 2" in run["command"]


def test_a_base_in_four_bits_is_not_cut_into_parts(folder: Path) -> None:
    with pytest.raises(OptionError) as refused:
        api.fit(folder / "rows.csv", folder / "never", base_model=str(folder / "base"), processes=2, shard=True,
                base_bits=4)  # fmt: skip
    assert refused.value.code == "processes.packed" and not (folder / "never").exists()
