"""Start a server: load, bind, report the address, serve until stopped."""

import re
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from rankfirst.errors import OptionError
from rankfirst.server.connections import Connections, files, limits
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
    explain: bool = False,
    say: Callable[[str], None] = lambda address: None,
) -> None:
    """Serve one model until SIGTERM or Ctrl-C; running requests are finished first.

    Args:
        run: its model/ folder is watched for a new delivery. load: creates the classifier.
        host: loopback, or another address of this machine, which requires a token or `open_to_all`. port: 0: any free
            port.
        explain: allow requests to be explained. say: called with the address.
    Raises: OptionError if host or port cannot be bound, the extra is missing, or access would be open; and as `load`.
    """
    create = _create_of("app")
    check_token(token)
    bound, local = bind(host, port)
    with bound, _on_hangup(lambda: None):  # what is loaded first is the newest anyway
        _require_token(host, local, token, open_to_all)
        holder = Holder(load, run / "model" / "decision.json")
        app = partial(create, holder, token, local_only=local and not token and not open_to_all, explain=explain)
        _run_server(bound, host, app, holder.reload_soon, say)


def serve_many(
    folder: Path,
    backend: str,
    most_models: int,
    most_megabytes: int,
    host: str = "127.0.0.1",
    port: int = PORT,
    token: str | None = None,
    open_to_all: bool = False,
    explain: bool = False,
    say: Callable[[str], None] = lambda address: None,
) -> None:
    """Serve every run in a folder, with as many models in memory as fit (see `Tenants`).

    Args: backend: onnx or int8. most_models, most_megabytes: memory limits, the latter on an estimate
        (docs/deliver.md).
    Raises: OptionError as `serve`, and for a folder without runs or a backend that cannot be shared.
    """
    create = _create_of("tenant_routes")
    check_token(token)
    from rankfirst.server.shared_sessions import loader
    from rankfirst.server.tenants import Tenants

    tenants = Tenants(folder, loader(backend), most_models, most_megabytes * 1_000_000)
    bound, local = bind(host, port)
    with bound, _on_hangup(lambda: None):  # what is loaded first is the newest anyway
        _require_token(host, local, token, open_to_all)
        app = partial(create, tenants, token, local_only=local and not token and not open_to_all, explain=explain)
        _run_server(bound, host, app, tenants.reload_soon, say)


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


def check_token(token: str | None) -> None:
    """Raises: OptionError if no request could carry the token, as with the line end of a file that it was read from."""
    if token is not None and not re.fullmatch(r"[!-~]+", token):
        raise OptionError("serve.bad_token")


def _require_token(host: str, local: bool, token: str | None, open_to_all: bool) -> None:
    if not local and not token and not open_to_all:
        raise OptionError("serve.open_door", host=host)


def _run_server(bound: socket.socket, host: str, create: Callable[..., Any], reload: Callable[[], None],
                say: Callable[[str], None]) -> None:  # fmt: skip
    """Serve until stopped. Args: create: the application, given its connections. reload: called on SIGHUP."""
    import uvicorn

    most, ahead = limits(files())
    connections = Connections(most)
    at = bound.getsockname()[1]
    bound.listen(ahead)  # a client may connect as soon as it reads the address
    say(f"http://{f'[{host}]' if ':' in host else host}:{at}")
    # uvicorn's own limits are out of the way of ours: it would answer 503 to everybody, and cut without counting.
    settings = uvicorn.Config(create(connections=connections), access_log=False, log_level="critical",
                              server_header=False, timeout_graceful_shutdown=GRACE, backlog=ahead,
                              timeout_keep_alive=int(connections.patience.idle) + 60, ws="none", proxy_headers=False,
                              http=protocol(connections), h11_max_incomplete_event_size=MOST_HEAD)  # fmt: skip
    with _on_hangup(reload):
        uvicorn.Server(settings).run(sockets=[bound])


@contextmanager
def _on_hangup(reload: Callable[[], None]) -> Iterator[None]:
    """Call `reload` on SIGHUP, on systems that have it; signals belong to the main thread."""
    hangup = getattr(signal, "SIGHUP", None)
    if hangup is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(hangup, lambda *_: reload())
    try:
        yield
    finally:
        signal.signal(hangup, before)
