"""Start the local page: bind, report the address, serve until Ctrl-C."""

import errno
import ipaddress
import os
import secrets
import socket
import webbrowser
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from rankfirst.errors import OptionError
from rankfirst.messages import Lang

PORT: Final = 8770
_TRIED: Final = 100  # number of ports tried after a busy one


def serve(
    folders: Sequence[Path],
    host: str = "127.0.0.1",
    port: int = PORT,
    lang: Lang = "en",
    texts: bool = True,
    open_browser: bool = False,
    say: Callable[[str, bool], None] = lambda address, guarded: None,
    load: Callable[[Path], Any] | None = None,
) -> None:
    """Serve the page until the process is stopped.

    Args:
        load: reads the model that a run delivered, to try a text; None: the page only reads.
        host: loopback, or another address of this machine, which requires a token; the reported address contains it.
        port: 0: any free port. texts: show rows of the data in reports.
        say: called with the address to open and whether a token guards it.
    Raises: OptionError if a folder does not exist, if host or port cannot be bound, or if the extra is missing.
    """
    check_folders(folders)
    try:
        import uvicorn

        if load is not None:
            import python_multipart  # noqa: F401  # reads forms

        from rankfirst.ui.access import Guard
        from rankfirst.ui.acts.site import Acts
        from rankfirst.ui.app import create
    except ModuleNotFoundError as error:
        if error.name not in ("fastapi", "uvicorn", "starlette", "pydantic", "python_multipart"):
            raise
        raise OptionError("ui.no_extra", package=error.name) from None
    bound, local = bind(host, port)
    with bound:
        token = None if local else secrets.token_urlsafe(24)
        at = bound.getsockname()[1]
        address = f"http://{_shown(host)}:{at}/" + (f"?token={token}" if token else "")
        say(address, not local)
        if open_browser:
            webbrowser.open(address)
        acts = Acts(load) if load else None
        made = create([path.resolve() for path in folders], lang, texts, acts=acts)
        app = Guard(made, token, f"rankfirst-{at}", acts is not None)
        # No access log: addresses are private, and one of them contains the token.
        settings = uvicorn.Config(app, access_log=False, log_level="critical", lifespan="off", server_header=False,
                                  timeout_graceful_shutdown=1, limit_concurrency=200, ws="none",
                                  proxy_headers=False, http="h11")  # fmt: skip
        uvicorn.Server(settings).run(sockets=[bound])


def check_folders(folders: Sequence[Path]) -> None:
    """Raises: OptionError for the first path that is not a folder."""
    for folder in folders:
        if not folder.is_dir():
            raise OptionError("ui.no_folder", path=str(folder))


def bind(host: str, port: int) -> tuple[socket.socket, bool]:
    """(a listening socket, whether it is reachable from this machine only). Raises: OptionError."""
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = _listen(family, place)
    except OverflowError:
        raise OptionError("ui.no_host", host=host, port=port, why="port must be 0-65535") from None
    except UnicodeError:  # too long, or contains characters that are invalid in a host name
        raise OptionError("ui.no_host", host=host[:60], port=port, why="no host name") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise OptionError("ui.busy_port", port=port, free=_free(family, place)) from None
        raise OptionError("ui.no_host", host=host, port=port, why=error.strerror or type(error).__name__) from None
    return listener, ipaddress.ip_address(str(place[0]).partition("%")[0]).is_loopback


def _listen(family: int, place: tuple[object, ...]) -> socket.socket:
    # Named explicitly: asyncio disables Nagle's algorithm only for sockets created as TCP, and 40 ms is long.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # on other systems it would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(place)
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


def _free(family: int, place: tuple[object, ...]) -> int:
    """The next free port; 0 (any) if none of the next ports is free."""
    first = int(str(place[1])) + 1
    for port in range(first, min(first + _TRIED, 65536)):
        try:
            _listen(family, (place[0], port, *place[2:])).close()
        except OSError:
            continue
        return port
    return 0


def _shown(host: str) -> str:
    """A host as written in a URL; for an unspecified address, this machine's name."""
    if host in ("0.0.0.0", "::"):
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host
