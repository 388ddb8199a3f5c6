"""What a Ray cluster can do to a run: workers and nodes that are lost, too little room, probes begun too early."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rankfirst.engine.base import EngineOptions, Source
from rankfirst.engine.ray import workers
from rankfirst.engine.ray.cluster import Pool
from rankfirst.engine.ray.ray_engine import RayEngine
from rankfirst.errors import EngineError, OptionError
from rankfirst.records import Curve
from tests.engine import raylets, tiny

raylets.needed()

RECIPE = tiny.recipe()
OTHER = RECIPE.with_(lr=0.02)
LONG = 60  # epochs: long enough to be met in the middle


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A head without processors and two nodes of one each."""
    import ray
    from ray.cluster_utils import Cluster

    small = {"object_store_memory": 100 * 2**20}
    with raylets.starting():
        made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False, **small})
        for _ in range(2):
            made.add_node(num_cpus=1, **small)
    yield made
    ray.shutdown()
    made.shutdown()


@pytest.fixture(scope="module")
def engine(cluster: Any, bert: Source, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RayEngine]:
    folder = tmp_path_factory.mktemp("pooled")
    made = RayEngine(
        tiny.dataset(), bert, folder / "work", Pool(cluster.address, workers=2), EngineOptions(device="cpu")
    )
    tiny.give_head(made)
    yield made
    made.close()


@pytest.fixture(scope="module")
def undisturbed(engine: RayEngine) -> Curve:
    return engine.probe(RECIPE, LONG)


def process(engine: RayEngine, at: int = 0) -> int:
    """Of a worker."""
    found: int = engine.workers.ray.get(engine.workers.places[at].ready)
    return found


def all_there(engine: RayEngine) -> None:
    """Wait until both workers are there and have nothing to do."""
    until = time.monotonic() + 300
    while len(engine.workers.idle()) < 2 and time.monotonic() < until:
        time.sleep(0.1)
    assert len(engine.workers.idle()) == 2


def while_it_trains(what: Any) -> Any:
    """A `tick` that has something done, once, in a thread of its own."""
    begun: list[threading.Thread] = []

    def tick(*told: object) -> None:
        if not begun:
            begun.append(threading.Thread(target=what))
            begun[0].start()

    return tick


def test_a_base_that_is_not_there_is_the_engines_own_line(cluster: Any, bert: Source, tmp_path: Path) -> None:
    gone = Source(bert.spec, tmp_path / "none", bert.sha256)
    with pytest.raises(Exception, match="none") as refused:
        RayEngine(
            tiny.dataset(), gone, tmp_path / "work", Pool(cluster.address, workers=1), EngineOptions(device="cpu")
        )
    assert getattr(refused.value, "code", "") == "ray.no_base"


def test_a_worker_killed_while_it_trains_costs_its_step_only(engine: RayEngine, undisturbed: Curve) -> None:
    before = engine.workers.replaced

    def kill() -> None:
        (at,) = [i for i, place in enumerate(engine.workers.places) if place.job]
        os.kill(process(engine, at), signal.SIGKILL)

    assert engine.probe(RECIPE, LONG, while_it_trains(kill)) == undisturbed
    assert engine.workers.replaced == before + 1


def test_a_node_lost_while_it_trains_leaves_the_other(cluster: Any, engine: RayEngine, undisturbed: Curve) -> None:
    engine.probe(RECIPE, 1)
    nodes = [node for node in cluster.list_all_nodes() if not node.head]

    def lose() -> None:
        cluster.remove_node(nodes[0], allow_graceful=False)

    assert engine.probe(RECIPE, LONG, while_it_trains(lose)) == undisturbed
    cluster.add_node(num_cpus=1, object_store_memory=100 * 2**20)
    all_there(engine)  # one of them on the node that came


def test_a_probe_begun_early_is_the_same_probe(engine: RayEngine) -> None:
    all_there(engine)
    plain = engine.probe(OTHER, 3)
    engine.foresee([(OTHER, 3)], (RECIPE, 3))
    engine.probe(RECIPE, 3)
    assert engine.probe(OTHER, 3) == plain
    (told,) = engine.settled()
    assert (told.recipe, told.epochs, told.used, told.work) == (OTHER, 3, True, plain.work) and told.seconds > 0


def test_a_probe_nobody_wants_is_ended_and_does_no_harm(engine: RayEngine) -> None:
    all_there(engine)
    plain = engine.probe(OTHER, 3)
    engine.foresee([(OTHER, 10_000)], (RECIPE, 3))
    engine.probe(RECIPE, 3)
    engine.foresee((), None)
    (told,) = engine.settled()
    assert (told.used, told.work) == (False, None)
    all_there(engine)
    assert [engine.probe(OTHER, 3) for _ in range(2)] == [plain, plain]


def test_what_is_asked_for_does_not_wait_for_what_is_not(engine: RayEngine) -> None:
    all_there(engine)
    third = RECIPE.with_(rank=4)
    engine.foresee([(OTHER, 10_000)], (RECIPE, 1))
    engine.foresee([(OTHER, 10_000), (third, 10_000)], (OTHER, 10_000))
    assert engine.workers.idle() == []
    assert engine.probe(RECIPE, 1).epochs == 1
    engine.foresee((), None)
    assert {(told.recipe, told.used) for told in engine.settled()} == {(OTHER, False), (third, False)}


def test_a_cluster_without_room_for_one_worker_is_one_line(
    cluster: Any, bert: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "GRACE", 0.5)
    with pytest.raises(EngineError) as refused:
        RayEngine(
            tiny.dataset(), bert, tmp_path / "work", Pool(cluster.address, threads=64), EngineOptions(device="cpu")
        )
    assert refused.value.code == "ray.too_small" and "1 CPU" in str(refused.value)


@pytest.mark.parametrize("text", ["rays", "ray:", "ray://", "ray:auto", "dask", ""])
def test_an_engine_nobody_knows_is_one_line(text: str) -> None:
    from rankfirst.engine.ray.cluster import parse

    with pytest.raises(OptionError) as refused:
        parse(text)
    assert refused.value.code == "ray.bad_engine"


@pytest.mark.parametrize(
    ("text", "address"), [("ray", ""), ("ray://auto", "auto"), ("ray://10.0.0.1:6379", "10.0.0.1:6379")]
)
def test_an_engine_is_spelled_as_it_is_read(text: str, address: str) -> None:
    from rankfirst.engine.ray.cluster import parse

    pool = parse(text, workers=1, threads=1)
    assert pool is not None and (pool.address, pool.spec) == (address, text)
    assert parse("local") is None
