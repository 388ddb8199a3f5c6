"""From folders to an address: bind, say where, serve until Ctrl-C."""

import errno
import ipaddress
import os
import secrets
import socket
import webbrowser
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from rankfirst.errors import OptionError
from rankfirst.words import Lang

PORT: Final = 8770
_TRIED: Final = 100  # ports after a busy one


def serve(
    folders: Sequence[Path],
    host: str = "127.0.0.1",
    port: int = PORT,
    lang: Lang = "en",
    texts: bool = True,
    open_browser: bool = False,
    say: Callable[[str, bool], None] = lambda address, guarded: None,
) -> None:
    """Serve the page until the process is told to stop.

    Args:
        host: loopback, or an address of this machine; then a token is needed, which the address holds once.
        port: 0 takes a free one. texts: show rows of the data in reports.
        say: is told the address to open, and whether a token guards it.
    Raises: OptionError for a folder that is none, a host or port that cannot be bound, or without the extra.
    """
    check(folders)
    try:
        import uvicorn

        from rankfirst.ui.app import create
        from rankfirst.ui.guard import Guard
    except ModuleNotFoundError as error:
        if error.name not in ("fastapi", "uvicorn", "starlette", "pydantic"):
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
        app = Guard(create([path.resolve() for path in folders], lang, texts), token, f"rankfirst-{at}")
        # No access log: addresses of pages are nobody's business, and one of them holds the token.
        settings = uvicorn.Config(app, access_log=False, log_level="critical", lifespan="off", server_header=False,
                                  timeout_graceful_shutdown=1, limit_concurrency=200, ws="none",
                                  proxy_headers=False, http="h11")  # fmt: skip
        uvicorn.Server(settings).run(sockets=[bound])


def check(folders: Sequence[Path]) -> None:
    """Raises: OptionError for the first that is no folder."""
    for folder in folders:
        if not folder.is_dir():
            raise OptionError("ui.no_folder", path=str(folder))


def bind(host: str, port: int) -> tuple[socket.socket, bool]:
    """(a listening socket, whether only this machine reaches it). Raises: OptionError."""
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        made = _listen(family, place)
    except OverflowError:
        raise OptionError("ui.no_host", host=host, port=port, why="port must be 0-65535") from None
    except UnicodeError:  # too long for a name, or of characters that none has
        raise OptionError("ui.no_host", host=host[:60], port=port, why="no host name") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise OptionError("ui.busy_port", port=port, free=_free(family, place)) from None
        raise OptionError("ui.no_host", host=host, port=port, why=error.strerror or type(error).__name__) from None
    return made, ipaddress.ip_address(str(place[0]).partition("%")[0]).is_loopback


def _listen(family: int, place: tuple[object, ...]) -> socket.socket:
    # By its name: asyncio turns Nagle's algorithm off only for sockets that say they are TCP; 40 ms is long.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere it would let two servers share a port
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(place)
        made.listen(128)
    except OSError:
        made.close()
        raise
    return made


def _free(family: int, place: tuple[object, ...]) -> int:
    """The next port nobody listens on; 0, which means any, when there is none near."""
    first = int(str(place[1])) + 1
    for port in range(first, min(first + _TRIED, 65536)):
        try:
            _listen(family, (place[0], port, *place[2:])).close()
        except OSError:
            continue
        return port
    return 0


def _shown(host: str) -> str:
    """A host as it stands in an address; of one that means every address of this machine, its name."""
    if host in ("0.0.0.0", "::"):
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host
