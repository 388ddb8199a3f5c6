"""An engine that works in other processes: every request of the protocol is forwarded in the same way."""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from rankfirst.engine.base import Engine, EngineInfo, Source, Tick, Watch, no_tick, no_watch
from rankfirst.records import BaseFacts

P = ParamSpec("P")
R = TypeVar("R")

WITH_TICK: Final = frozenset(
    name
    for name, member in vars(Engine).items()
    if not name.startswith("_") and inspect.isfunction(member) and "tick" in inspect.signature(member).parameters
)
"""Requests that take a `tick`; it is not sent, since each side has its own."""
_CHANGING: Final = frozenset({"adopt", "adopt_prefix"})  # requests that change the properties


def answer(engine: Engine, name: str, args: tuple[Any, ...], tick: Tick) -> Any:
    """In the other process: the answer of `engine` to a request, or the value of a property."""
    member = getattr(engine, name)
    if not callable(member):
        return member
    return member(*args, tick=tick) if name in WITH_TICK else member(*args)


def _forwarded(method: Callable[Concatenate[Any, P], R]) -> Callable[Concatenate["RemoteEngine", P], R]:
    """A method that forwards the protocol's `method` to the other processes."""
    signature = inspect.signature(method)

    @wraps(method)
    def ask(self: "RemoteEngine", /, *args: P.args, **kwargs: P.kwargs) -> R:
        bound = signature.bind(self, *args, **kwargs)
        bound.apply_defaults()
        tick = bound.arguments.pop("tick", no_tick)
        if method.__name__ in _CHANGING:
            self.properties.clear()
        result: R = self.request(method.__name__, *bound.args[1:], tick=tick)
        return result

    return ask


class RemoteEngine(ABC):
    """Implements `engine.base.Engine` over `request`, except `release` and `close`."""

    def __init__(self, source: Source, folder: Path) -> None:
        self.source, self.folder = source, folder
        self.watch: Watch = no_watch
        self.properties: dict[str, Any] = {}  # cached values

    @abstractmethod
    def request(self, name: str, *args: Any, tick: Tick = no_tick) -> Any:
        """The answer to a request of the protocol, or the value of a property."""

    def _property(self, name: str) -> Any:
        if name not in self.properties:
            self.properties[name] = self.request(name)
        return self.properties[name]

    @property
    def facts(self) -> BaseFacts:
        facts: BaseFacts = self._property("facts")
        return facts

    @property
    def info(self) -> EngineInfo:
        info: EngineInfo = self._property("info")
        return info

    @property
    def prefixes(self) -> tuple[str, ...]:
        prefixes: tuple[str, ...] = self._property("prefixes")
        return prefixes

    calibrate = _forwarded(Engine.calibrate)
    adopt = _forwarded(Engine.adopt)
    expect = _forwarded(Engine.expect)
    footprint = _forwarded(Engine.footprint)
    speed = _forwarded(Engine.speed)
    sample_features = _forwarded(Engine.sample_features)
    encode = _forwarded(Engine.encode)
    adopt_prefix = _forwarded(Engine.adopt_prefix)
    ms_per_text = _forwarded(Engine.ms_per_text)
    features = _forwarded(Engine.features)
    use_head = _forwarded(Engine.use_head)
    probe = _forwarded(Engine.probe)
    finish = _forwarded(Engine.finish)
    refit = _forwarded(Engine.refit)
    full = _forwarded(Engine.full)
    logits = _forwarded(Engine.logits)
    read = _forwarded(Engine.read)
    has = _forwarded(Engine.has)
    export = _forwarded(Engine.export)
