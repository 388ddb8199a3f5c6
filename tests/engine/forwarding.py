"""A remote engine without processes: its requests are answered by an engine here."""

from pathlib import Path
from typing import Any

from rankfirst.engine import remote
from rankfirst.engine.base import Engine, Tick, no_tick
from rankfirst.engine.remote import RemoteEngine


class ForwardingEngine(RemoteEngine):
    """Remembers every request."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine.source, Path())
        self.engine = engine
        self.requests: list[tuple[Any, ...]] = []

    def request(self, name: str, *args: Any, tick: Tick = no_tick) -> Any:
        self.requests.append((name, *args))
        self.engine.watch = self.watch
        return remote.answer(self.engine, name, args, tick)

    def release(self) -> None:
        self.engine.release()

    def close(self) -> None:
        self.engine.close()
