"""What an encoding cannot write is written otherwise; nothing fails for it."""

import io

import pytest

from rankfirst.cli import glyphs


@pytest.mark.parametrize(
    ("encoding", "errors", "text", "shown"),
    [
        ("ascii", "strict", "a → b", b"a -> b"),
        ("cp1252", "strict", "界", b"?"),
        ("utf-8", "strict", "\udcff.csv", b"\\udcff.csv"),  # a file name of bytes that are no UTF-8
        ("utf-8", "surrogateescape", "\udcff.csv", b"\xff.csv"),  # as the C locale writes it
    ],
)
def test_a_stream_writes_plainly(encoding: str, errors: str, text: str, shown: bytes) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, errors=errors)
    glyphs.write_plainly(stream)
    stream.write(text)
    stream.flush()
    assert raw.getvalue() == shown
