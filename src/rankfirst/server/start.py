"""From a run to an address: load, bind, say where, serve until told to stop."""

import socket
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from rankfirst.errors import OptionError
from rankfirst.server.hold import Holder, Model
from rankfirst.server.wire import MOST_HEAD, protocol
from rankfirst.ui.start import bind

PORT: Final = 8771
GRACE: Final = 15  # seconds for requests that are being answered when the server is told to stop
_EXTRA: Final = ("fastapi", "uvicorn", "starlette", "pydantic", "prometheus_client")


def serve(
    run: Path,
    load: Callable[[], Model],
    host: str = "127.0.0.1",
    port: int = PORT,
    token: str | None = None,
    open_to_all: bool = False,
    say: Callable[[str], None] = lambda address: None,
) -> None:
    """Answer until SIGTERM or Ctrl-C; requests in hand are answered first.

    Args:
        run: whose model/ is watched for a new delivery. load: makes its classifier.
        host: loopback, or an address of this machine, which needs a token or `open_to_all`. port: 0 takes a free one.
        say: is told the address.
    Raises: OptionError for a host or port that cannot be bound, without the extra, or for an open door; as `load`.
    """
    create = _app("app")
    bound, local = bind(host, port)
    with bound:
        _closed(host, local, token, open_to_all)
        holder = Holder(load, run / "model" / "decision.json")
        _answer(bound, host, create(holder, token), say)


def serve_many(
    folder: Path,
    backend: str,
    most_models: int,
    most_megabytes: int,
    host: str = "127.0.0.1",
    port: int = PORT,
    token: str | None = None,
    open_to_all: bool = False,
    say: Callable[[str], None] = lambda address: None,
) -> None:
    """The same for every run in a folder, as many of them in memory as fit (see `Tenants`).

    Args: backend: onnx or int8. most_models, most_megabytes: in memory, the latter an estimate (docs/deliver.md).
    Raises: OptionError as `serve`, and for a folder without runs or a backend that cannot be shared.
    """
    create = _app("many")
    from rankfirst.server.library import loader
    from rankfirst.server.tenants import Tenants

    tenants = Tenants(folder, loader(backend), most_models, most_megabytes * 1_000_000)
    bound, local = bind(host, port)
    with bound:
        _closed(host, local, token, open_to_all)
        _answer(bound, host, create(tenants, token), say)


def _app(module: str) -> Callable[..., Any]:
    """`create` of that module. Raises: OptionError without the extra."""
    try:
        import uvicorn  # noqa: F401

        made: Callable[..., Any] = import_module(f"rankfirst.server.{module}").create
    except ModuleNotFoundError as error:
        if error.name not in _EXTRA:
            raise
        raise OptionError("option.extra", package=error.name, extra="serve") from None
    return made


def _closed(host: str, local: bool, token: str | None, open_to_all: bool) -> None:
    if not local and not token and not open_to_all:
        raise OptionError("serve.open_door", host=host)


def _answer(bound: socket.socket, host: str, app: Any, say: Callable[[str], None]) -> None:
    import uvicorn

    at = bound.getsockname()[1]
    bound.listen()  # whoever reads the address may ask at once
    say(f"http://{f'[{host}]' if ':' in host else host}:{at}")
    settings = uvicorn.Config(app, access_log=False, log_level="critical", server_header=False,
                              timeout_graceful_shutdown=GRACE, timeout_keep_alive=30, limit_concurrency=1000,
                              ws="none", proxy_headers=False, http=protocol(),
                              h11_max_incomplete_event_size=MOST_HEAD)  # fmt: skip
    uvicorn.Server(settings).run(sockets=[bound])
