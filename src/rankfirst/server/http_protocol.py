"""Parse HTTP with httptools, slightly cheaper than h11 (docs/findings.md), with h11's limit on non-body bytes."""

from typing import Any, Final

from rankfirst.server.connections import Connections, Timed

MOST_HEAD: Final = 65_536  # bytes of a request other than its body


def protocol(connections: Connections | None = None) -> Any:
    """The protocol for uvicorn: a bounded httptools, or h11 if httptools is not installed.

    Args: connections: those that its timeouts apply to; None: of this protocol alone, and uvicorn's own h11 has none.
    """
    watched = connections or Connections()
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
    except ImportError:
        return "h11" if connections is None else _h11(connections)

    class Bounded(Timed, HttpToolsProtocol):
        """Answers 400 if a request's head, trailers or chunk framing exceed MOST_HEAD."""

        watch = watched
        beside = 0  # bytes read that were not body; excludes those received along with the first of a request
        _part = ""

        def part(self) -> str:
            return self._part

        def on_message_begin(self) -> None:
            self.beside, self._part = 0, "head"
            super().on_message_begin()

        def on_headers_complete(self) -> None:
            self._part = "body"
            super().on_headers_complete()

        def on_body(self, body: bytes) -> None:
            self.beside = max(0, self.beside - len(body))
            super().on_body(body)

        def on_message_complete(self) -> None:
            self._part = ""
            super().on_message_complete()

        def on_response_complete(self) -> None:
            super().on_response_complete()
            self.settle()

        def data_received(self, data: bytes) -> None:
            self.beside += len(data)
            super().data_received(data)
            if self.beside > MOST_HEAD and not self.transport.is_closing():
                self.send_400_response("The request header is too large.")

    return Bounded


def _h11(watched: Connections) -> Any:
    import h11
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class Pure(Timed, H11Protocol):
        """uvicorn's own, with timeouts; its configuration bounds the head."""

        watch = watched

        def part(self) -> str:
            if self.conn.their_state is h11.SEND_BODY:
                return "body"
            begun = self.conn.their_state is h11.IDLE and self.conn.trailing_data[0]
            return "head" if begun else ""

        def on_response_complete(self) -> None:
            super().on_response_complete()
            self.settle()

    return Pure
