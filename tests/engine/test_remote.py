"""What is forwarded arrives whole, each request once, and what is known is not fetched again."""

import inspect
from pathlib import Path

import pytest

from rankfirst.engine import remote
from rankfirst.engine.base import FULL_LR, Engine, Source
from rankfirst.engine.remote import RemoteEngine
from tests.engine import tiny
from tests.engine.contract import RECIPE
from tests.engine.forwarding import ForwardingEngine


@pytest.fixture
def forwarding(bert: Source, tmp_path: Path) -> ForwardingEngine:
    return ForwardingEngine(tiny.engine(bert, tmp_path / "work"))


def test_every_request_of_the_protocol_is_forwarded_or_the_engines_own() -> None:
    members = {name for name in vars(Engine) if not name.startswith("_")}
    assert members - {"source", "release", "close"} <= set(vars(RemoteEngine))


def test_requests_that_take_a_tick_are_read_off_the_protocol() -> None:
    # The last one: the arguments after it would not arrive.
    assert all(list(inspect.signature(vars(Engine)[name]).parameters)[-1] == "tick" for name in remote.WITH_TICK)
    assert remote.WITH_TICK == {"features", "sample_features", "encode", "probe", "finish", "refit", "full", "logits",
                                "read"}  # fmt: skip


def test_a_forwarded_answer_is_the_engines_own(forwarding: ForwardingEngine, bert: Source, tmp_path: Path) -> None:
    plain = tiny.engine(bert, tmp_path / "plain")
    curve = forwarding.probe(RECIPE, 1)
    assert curve == plain.probe(RECIPE, 1)
    assert forwarding.has(curve.checkpoint) and not forwarding.has("elsewhere")
    forwarding.export(curve.checkpoint, str(tmp_path / "model"))
    assert (tmp_path / "model" / "head.safetensors").is_file()


def test_arguments_arrive_in_order_with_their_defaults_and_without_the_tick(forwarding: ForwardingEngine) -> None:
    forwarding.full(epochs=1, tick=lambda *progress: None)
    assert forwarding.requests == [("full", 1, FULL_LR, 0)]
    with pytest.raises(TypeError, match="epoch"):
        forwarding.probe(RECIPE, epoch=1)  # type: ignore[call-arg]


def test_properties_are_fetched_once_and_again_after_they_changed(forwarding: ForwardingEngine) -> None:
    before = forwarding.info
    assert forwarding.info is before and before.prefix == ""
    forwarding.adopt_prefix("query: ")
    assert forwarding.info.prefix == "query: "
    assert [name for name, *_ in forwarding.requests] == ["info", "adopt_prefix", "info"]
