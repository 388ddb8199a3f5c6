"""Start a server: load, bind, report the address, serve until stopped."""

import socket
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from rankfirst.errors import OptionError
from rankfirst.server.http_protocol import MOST_HEAD, protocol
from rankfirst.server.reload import Holder, Model
from rankfirst.ui.start import bind

PORT: Final = 8771
GRACE: Final = 15  # seconds for running requests to finish on shutdown
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
    """Serve one model until SIGTERM or Ctrl-C; running requests are finished first.

    Args:
        run: its model/ folder is watched for a new delivery. load: creates the classifier.
        host: loopback, or another address of this machine, which requires a token or `open_to_all`. port: 0: any free
            port.
        say: called with the address.
    Raises: OptionError if host or port cannot be bound, the extra is missing, or access would be open; and as `load`.
    """
    create = _create_of("app")
    bound, local = bind(host, port)
    with bound:
        _require_token(host, local, token, open_to_all)
        holder = Holder(load, run / "model" / "decision.json")
        _run_server(bound, host, create(holder, token), say)


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
    """Serve every run in a folder, with as many models in memory as fit (see `Tenants`).

    Args: backend: onnx or int8. most_models, most_megabytes: memory limits, the latter on an estimate
        (docs/deliver.md).
    Raises: OptionError as `serve`, and for a folder without runs or a backend that cannot be shared.
    """
    create = _create_of("tenant_routes")
    from rankfirst.server.shared_sessions import loader
    from rankfirst.server.tenants import Tenants

    tenants = Tenants(folder, loader(backend), most_models, most_megabytes * 1_000_000)
    bound, local = bind(host, port)
    with bound:
        _require_token(host, local, token, open_to_all)
        _run_server(bound, host, create(tenants, token), say)


def _create_of(module: str) -> Callable[..., Any]:
    """`create` of the named module. Raises: OptionError if the extra is missing."""
    try:
        import uvicorn  # noqa: F401

        create: Callable[..., Any] = import_module(f"rankfirst.server.{module}").create
    except ModuleNotFoundError as error:
        if error.name not in _EXTRA:
            raise
        raise OptionError("option.extra", package=error.name, extra="serve") from None
    return create


def _require_token(host: str, local: bool, token: str | None, open_to_all: bool) -> None:
    if not local and not token and not open_to_all:
        raise OptionError("serve.open_door", host=host)


def _run_server(bound: socket.socket, host: str, app: Any, say: Callable[[str], None]) -> None:
    import uvicorn

    at = bound.getsockname()[1]
    bound.listen()  # a client may connect as soon as it reads the address
    say(f"http://{f'[{host}]' if ':' in host else host}:{at}")
    settings = uvicorn.Config(app, access_log=False, log_level="critical", server_header=False,
                              timeout_graceful_shutdown=GRACE, timeout_keep_alive=30, limit_concurrency=1000,
                              ws="none", proxy_headers=False, http=protocol(),
                              h11_max_incomplete_event_size=MOST_HEAD)  # fmt: skip
    uvicorn.Server(settings).run(sockets=[bound])
