"""A whole fit on Ray makes the run that a local fit makes; many fits on Ray too."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from rankfirst import api, batch
from rankfirst.engine.ray.cluster import Pool, processors
from tests import runs
from tests.engine import raylets, tiny

raylets.needed()

TIMES = {"seconds", "time", "ms_per_text", "trials", "command", "engine", "peak_memory_mb", "costs", "rungs",
         "where"}  # fmt: skip
PRICES = {"minutes", "ms_per_text"}  # in the verdict


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """As the workers have."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("ray-fit")
    tiny.write_base(made / "base", "bert")
    runs.write_rows(made, rows=150)
    return made


@pytest.fixture(scope="module")
def local(folder: Path) -> dict[Any, Any]:
    api.fit(folder / "rows.csv", folder / "local", base_model=str(folder / "base"), always_lora=True)
    return timeless(folder / "local")


def timeless(run: Path) -> dict[Any, Any]:
    """What a run found, without what it took."""
    told = {(e["kind"], e["key"]): e["payload"] for e in runs.events(run) if e["kind"] != "ahead"}
    found = {key: {k: v for k, v in payload.items() if k not in TIMES} for key, payload in told.items()}
    numbers = found["verdict", ""]["numbers"]
    found["verdict", ""]["numbers"] = {name: value for name, value in numbers.items() if name not in PRICES}
    return found


@pytest.mark.slow
def test_the_same_decisions_and_curves_to_the_last_digit(folder: Path, local: dict[Any, Any]) -> None:
    with raylets.starting():
        api.fit(folder / "rows.csv", folder / "ray", base_model=str(folder / "base"), always_lora=True, engine="ray",
                workers=min(2, processors()), threads=1)  # fmt: skip
    found = timeless(folder / "ray")
    assert found.keys() == local.keys()
    assert [key for key in local if found[key] != local[key]] == []


@pytest.mark.slow
def test_many_fits_on_a_cluster_are_those_of_each_alone(folder: Path, local: dict[Any, Any]) -> None:
    specs = folder / "specs.yaml"
    specs.write_text(
        "defaults: {base_model: base}\n"
        "runs:\n- {name: a, train: rows.csv, always_lora: true}\n- {name: bad, train: no.csv}\n",
        encoding="utf-8",
    )
    with raylets.starting():
        good, bad = batch.fit_many(batch.read(specs, folder / "many"), folder / "many", Pool(workers=1))
    assert good.error is None and bad.error is not None and "no.csv" in bad.error[0]
    found = timeless(folder / "many" / "a")
    assert [key for key in local if found[key] != local[key]] == []
