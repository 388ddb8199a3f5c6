"""An optional Ed25519 signature of a delivery's manifest, and a process that loads signed deliveries only.

A manifest finds damage and mix-ups; whoever may write the folder can write another manifest. A signature needs the key.
"""

import base64
import json
import os
from pathlib import Path
from typing import Any, Final

from rankfirst.errors import OptionError, RunError
from rankfirst.measure.disk import write_json

FILE: Final = "manifest.sig"
VARIABLE: Final = "RANKFIRST_REQUIRE_SIGNATURE"  # the public key's file; set: nothing else is loaded
_PURPOSE: Final = b"rankfirst manifest 1\n"  # so that the key signs nothing else by accident


def sign(folder: Path, digest: str, key: Path) -> None:
    """Write `manifest.sig`. Args: digest: of the verified manifest. key: a private key, PEM without a password.

    Raises: OptionError for another key or without the package; OSError.
    """
    signed: bytes = _load("load_pem_private_key", key, password=None).sign(_PURPOSE + digest.encode())
    value = {"algorithm": "Ed25519", "digest": digest, "signature": base64.b64encode(signed).decode()}
    write_json(folder / FILE, value)


def require(key: Path | None) -> None:
    """Load only deliveries that this key signed, in this process and those that it starts.

    Args: key: a public key, PEM; None: as the environment says. Raises: OptionError, OSError.
    """
    if key is not None:
        _public(key)
        os.environ[VARIABLE] = str(key.absolute())


def check(folder: Path, digest: str) -> None:
    """Check the signature of a delivery if one is required. Args: digest: of its manifest; "" without one.

    Raises: RunError if it is not signed by that key; OptionError for a key that cannot be used; OSError.
    """
    key = os.environ.get(VARIABLE)
    if not key:
        return
    public, path = _public(Path(key)), folder / FILE
    try:
        if not path.is_file():  # a pipe could be read for ever
            raise FileNotFoundError
        stored = json.loads(path.read_bytes())
        signature, signed = base64.b64decode(stored["signature"], validate=True), stored["digest"]
    except FileNotFoundError:
        raise RunError("signature.none", path=str(folder), key=key, run=str(folder.parent)) from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise RunError("signature.wrong", path=str(path), key=key) from None
    if not digest or signed != digest:
        raise RunError("signature.stale", path=str(path), run=str(folder.parent))
    from cryptography.exceptions import InvalidSignature

    try:
        public.verify(signature, _PURPOSE + digest.encode())
    except InvalidSignature:
        raise RunError("signature.wrong", path=str(path), key=key) from None


def _public(key: Path) -> Any:
    return _load("load_pem_public_key", key)


def _load(reader: str, key: Path, **more: Any) -> Any:
    """An Ed25519 key. Raises: OptionError for another one or without the package; OSError."""
    try:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError:
        raise OptionError("option.extra", package="cryptography", extra="sign") from None
    try:
        loaded = getattr(serialization, reader)(key.read_bytes(), **more)
    except (ValueError, TypeError):  # TypeError: it has a password
        loaded = None
    if not isinstance(loaded, ed25519.Ed25519PrivateKey | ed25519.Ed25519PublicKey):
        raise OptionError("signature.bad_key", path=str(key))
    return loaded
