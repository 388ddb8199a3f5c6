"""Answers of the sealed half as bytes that nobody reads by accident: no person, search, or training corpus.

The keystream is SHAKE-256 of key and nonce. Without a key of one's own the key is beside the bytes, and the seal keeps
only accidents away. Who runs a contest seals anew with a key that only the machine that scores has.
"""

import hashlib
import json
import os
import secrets
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

KEY: Final = "RANKFIRST_SEAL"  # environment variable: the key of a contest
HEAD, NONCE, CHECK = b"advice-1", 16, 16  # of the file: mark, nonce, checksum of what is inside
WITHIN: Final = "kept with the answers"


class SealError(ValueError):
    """The file is not a seal, or the key is another."""


def seal(answers: Mapping[str, Any], path: Path, key: str | None = None) -> None:
    """Write the answers. Args: key: None: anyone's script may open it."""
    plain, nonce = zlib.compress(json.dumps(answers).encode(), 9), secrets.token_bytes(NONCE)
    body = _mixed(plain, key or WITHIN, nonce)
    path.write_bytes(HEAD + nonce + hashlib.sha256(plain).digest()[:CHECK] + body)


def unseal(path: Path) -> dict[str, Any]:
    """The answers, with the key of the environment or the one within. Raises: SealError."""
    whole = path.read_bytes()
    if not whole.startswith(HEAD):
        raise SealError(f"{path.name} is no file of sealed answers")
    nonce, check = whole[len(HEAD) :][:NONCE], whole[len(HEAD) + NONCE :][:CHECK]
    plain = _mixed(whole[len(HEAD) + NONCE + CHECK :], os.environ.get(KEY) or WITHIN, nonce)
    if hashlib.sha256(plain).digest()[:CHECK] != check:
        raise SealError(f"{path.name} was sealed with another key; {KEY} must hold it")
    told: dict[str, Any] = json.loads(zlib.decompress(plain))
    return told


def _mixed(data: bytes, key: str, nonce: bytes) -> bytes:
    stream = hashlib.shake_256(key.encode() + nonce).digest(len(data))
    return bytes(a ^ b for a, b in zip(data, stream, strict=True))
