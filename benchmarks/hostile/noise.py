"""Ways to spoil bytes, JSON and text; each is told a `random.Random`, so that a case can be made again."""

import json
import random
from collections.abc import Callable
from typing import Any, Final

TOKENS: Final[tuple[bytes, ...]] = (
    b'"',
    b"'",
    b"\r",
    b"\n",
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\x1b[2J\x1b]0;x\x07",
    b"[" * 3000,
    b'{"a":' * 3000,
    b"1e999",
    b"NaN",
    b"-Infinity",
    b"9" * 5000,
    b"\\ud800",
    b"\\u0000",
    b"../../../../etc/passwd",
    b"=cmd|' /C calc'!A0",
    b"<script>alert(1)</script>",
    b"{{7*7}}{%x%}",
    b"%s%n{0}{}",
    "\u202e\u0000\ufeff".encode(),
    b"," * 5000,
    b"a" * 200_000,
    "é".encode("latin-1"),
    "退款".encode("gb18030"),
    "\U0001f600".encode() * 500,
    b"PK\x03\x04",
    b"PAR1",
    b"\x80\x04\x95cposix\nsystem\n",
)
VALUES: Final[tuple[Any, ...]] = (
    None,
    True,
    -1,
    0,
    2**63,
    10**400,
    1e308,
    float("nan"),
    float("inf"),
    1e-320,
    "",
    " ",
    "x" * 50_000,
    "\x00",
    "\ud800",
    "../../../../etc/passwd",
    "/dev/zero",
    "\u202e",
    [],
    [[]],
    {},
    [None],
    {"": None},
    [1, "a", {}],
    {"float": "nan"},
    {"float": "x"},
    {"is": "Curve"},
    "NaN",
    "-1",
    [[[[[[]]]]]],
    {"a": {"b": {"c": []}}},
    ["x"] * 5000,
    list(range(-3, 3)),
)


def noise(rng: random.Random, raw: bytes) -> bytes:
    """Nothing of it is left."""
    return rng.randbytes(rng.choice((0, 1, 3, 64, 4096)))


def flipped(rng: random.Random, raw: bytes) -> bytes:
    """Some bytes are others."""
    spoiled = bytearray(raw)
    for _ in range(rng.choice((1, 1, 4, 64))):
        if spoiled:
            spoiled[rng.randrange(len(spoiled))] = rng.randrange(256)
    return bytes(spoiled)


def cut(rng: random.Random, raw: bytes) -> bytes:
    """The end, the beginning or the middle is missing."""
    a, b = sorted(rng.randrange(len(raw) + 1) for _ in range(2))
    return rng.choice((raw[:a], raw[b:], raw[:a] + raw[b:]))


def spliced(rng: random.Random, raw: bytes) -> bytes:
    """Something hostile stands within."""
    at = rng.randrange(len(raw) + 1)
    return raw[:at] + rng.choice(TOKENS) + raw[at + rng.choice((0, 0, 8)) :]


def repeated(rng: random.Random, raw: bytes) -> bytes:
    """A piece comes again, often."""
    a, b = sorted(rng.randrange(len(raw) + 1) for _ in range(2))
    return raw[:b] + raw[a:b][:2000] * rng.choice((1, 5, 200)) + raw[b:]


def recoded(rng: random.Random, raw: bytes) -> bytes:
    """In another encoding."""
    text = raw.decode("utf-8", "replace")
    return text.encode(rng.choice(("utf-16", "utf-32", "utf-16-be", "gb18030", "cp037", "utf-7", "latin-1")), "replace")


SPOIL: Final[tuple[Callable[[random.Random, bytes], bytes], ...]] = (noise, flipped, cut, spliced, repeated, recoded)


def spoiled(rng: random.Random, raw: bytes) -> bytes:
    """Bytes in one of these ways."""
    return rng.choice(SPOIL)(rng, raw)


def spoiled_value(rng: random.Random, value: Any) -> Any:
    """JSON with one thing in it replaced, missing, or called otherwise."""
    path = _some_path(rng, value)
    if not path:
        return rng.choice(VALUES)
    copy = json.loads(json.dumps(value))
    at = copy
    for step in path[:-1]:
        at = at[step]
    way = rng.randrange(4)
    if way == 0 and isinstance(at, dict):
        del at[path[-1]]
    elif way == 1 and isinstance(at, dict):
        at[rng.choice(("", "x" * 1000, "../x", "__class__"))] = at.pop(path[-1])
    else:
        at[path[-1]] = rng.choice(VALUES)
    return copy


def written(value: Any) -> bytes:
    """As JSON, with whatever JSON should not hold."""
    return json.dumps(value).encode("utf-8", "surrogatepass")


def spoiled_json(rng: random.Random, raw: bytes) -> bytes:
    """A JSON file: its values mostly, sometimes its bytes."""
    return spoiled(rng, raw) if rng.random() < 0.25 else written(spoiled_value(rng, json.loads(raw)))


def spoiled_lines(rng: random.Random, raw: bytes) -> bytes:
    """A file of JSON lines: one of them, or their order."""
    if rng.random() < 0.2:
        return spoiled(rng, raw)
    lines = raw.splitlines()
    at = rng.randrange(len(lines))
    way = rng.randrange(6)
    if way == 0:
        rng.shuffle(lines)
    elif way == 1:
        del lines[at]
    elif way == 2:
        lines.insert(at, lines[rng.randrange(len(lines))])
    else:
        lines[at] = written(spoiled_value(rng, json.loads(lines[at])))
    return b"\n".join(lines) + rng.choice((b"\n", b"", b"\n\n"))


def _some_path(rng: random.Random, value: Any) -> list[Any]:
    """Where to strike: the deeper the rarer."""
    path: list[Any] = []
    while True:
        steps = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
        if not steps or (path and rng.random() < 0.25):
            return path
        path.append(rng.choice(steps))
        value = value[path[-1]]
