"""HTTP read by httptools, somewhat cheaper than by h11 (docs/findings.md), with h11's bound on what is no body."""

from typing import Any, Final

MOST_HEAD: Final = 65_536  # bytes of a request beside its body


def protocol() -> Any:
    """For uvicorn: ours, or h11's where httptools is not installed."""
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
    except ImportError:
        return "h11"

    class Bounded(HttpToolsProtocol):
        """Answers 400 where the head of a request, its trailers or the frames of its chunks have no end."""

        beside = 0  # bytes read that were no body; those that came with a request's first are not counted

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
                self.send_400_response("The head of the request is too large.")

    return Bounded
