"""Parse HTTP with httptools, slightly cheaper than h11 (docs/findings.md), with h11's limit on non-body bytes."""

from typing import Any, Final

MOST_HEAD: Final = 65_536  # bytes of a request other than its body


def protocol() -> Any:
    """The protocol for uvicorn: a bounded httptools, or "h11" if httptools is not installed."""
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
    except ImportError:
        return "h11"

    class Bounded(HttpToolsProtocol):
        """Answers 400 if a request's head, trailers or chunk framing exceed MOST_HEAD."""

        beside = 0  # bytes read that were not body; excludes those received along with the first of a request

        def on_message_begin(self) -> None:
            self.beside = 0
            super().on_message_begin()

        def on_body(self, body: bytes) -> None:
            self.beside = max(0, self.beside - len(body))
            super().on_body(body)

        def data_received(self, data: bytes) -> None:
            self.beside += len(data)
            super().data_received(data)
            if self.beside > MOST_HEAD and not self.transport.is_closing():
                self.send_400_response("The request header is too large.")

    return Bounded
