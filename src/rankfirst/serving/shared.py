"""Many exported models in one process: what is the same in them is in memory once, and every byte is counted."""

import hashlib
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from rankfirst.errors import RunError
from rankfirst.serving.runtime import FILES, Runtime, framed, session, tokenizer

STATES: Final = "states"  # the output of a graph that holds pooled states
# Resident bytes a byte of file, once a batch was answered and its buffers given back: MiniLM (benchmarks/tenants.py).
FACTOR: Final = {"onnx": 1.3, "int8": 1.3}
TOKENIZER_FACTOR: Final = 12.0  # the same of tokenizer.json


class Part:
    """Something that takes memory: a session, a tokenizer, a classifier."""

    def __init__(self, value: Any, size: int) -> None:
        """Args: size: bytes, an estimate."""
        self.value, self.size = value, size


class Library:
    """Parts by their content. One that nobody holds any more is gone, and so are its bytes."""

    def __init__(self) -> None:
        self._parts: weakref.WeakValueDictionary[str, Part] = weakref.WeakValueDictionary()
        self._lock = threading.Lock()

    def part(self, key: str, size: int, make: Callable[[], Any]) -> Part:
        """The part of that key, made now if nobody holds one."""
        with self._lock:
            found = self._parts.get(key)
            if found is None:
                found = self._parts[key] = Part(make(), size)
            return found

    def has(self, key: str) -> bool:
        """Whether it is in memory."""
        return key in self._parts

    @property
    def bytes(self) -> int:
        """Of all parts that somebody holds."""
        return sum(part.size for part in list(self._parts.values()))


class Shared(Runtime):
    """As `Runtime`, its session and tokenizer taken from a library; one thread a batch, many tenants at a time.

    Frozen deliveries on the same base differ in their heads alone: one session answers for all, and each head is a
    product of numpy. A merged LoRA is a network of its own.
    """

    def __init__(self, folder: Path, facts: Mapping[str, Any], kind: str, library: Library) -> None:
        """Raises: RunError when that was not exported; OptionError when onnxruntime is not installed."""
        path = exported(folder, facts, kind)
        self.folder, self.facts, self.frame = folder, facts, framed(facts["frame"])
        # Held for as long as this answers: the library forgets what nobody holds.
        self.parts = [library.part(key, size, make) for key, size, make in _wanted(folder, facts, kind, path)]
        self.tokenizer, made = (part.value for part in self.parts)
        self.session = _WithHead(made, folder) if _shares(facts, kind) else made


def cost(folder: Path, facts: Mapping[str, Any], kind: str, library: Library) -> int:
    """Bytes that a model would add to what is in memory. Raises: RunError when it was not exported."""
    wanted = _wanted(folder, facts, kind, exported(folder, facts, kind))
    return sum(size for key, size, _ in wanted if not library.has(key))


def exported(folder: Path, facts: Mapping[str, Any], kind: str) -> Path:
    """The graph's file. Raises: RunError when there is none."""
    path = folder / FILES[kind]
    if not path.is_file() or "frame" not in facts:
        raise RunError("run.not_exported", path=str(folder.parent), kind=kind)
    return path


def _wanted(folder: Path, facts: Mapping[str, Any], kind: str, path: Path) -> list[tuple[str, int, Callable[[], Any]]]:
    """(key, bytes, how to make it) of tokenizer and session."""
    words = folder / "tokenizer" / "tokenizer.json"
    try:
        told, size = words.read_bytes(), path.stat()
    except OSError:
        raise RunError("run.not_exported", path=str(folder.parent), kind=kind) from None
    content = f"tokenizer {hashlib.sha256(told).hexdigest()}"
    graph = f"encoder {facts['graphs'][kind]}" if _shares(facts, kind) else f"graph {path} {size.st_mtime_ns}"
    return [
        (content, int(TOKENIZER_FACTOR * len(told)), lambda: tokenizer(words)),
        (f"{kind} {graph}", int(FACTOR[kind] * size.st_size), lambda: _session(path)),
    ]


def _shares(facts: Mapping[str, Any], kind: str) -> bool:
    """Whether the graph gives pooled states and says which encoder it holds."""
    return facts.get("kind") == "frozen" and bool((facts.get("graphs") or {}).get(kind))


def _session(path: Path) -> "_Lean":
    made = session(path)
    import onnxruntime

    lean = onnxruntime.RunOptions()
    lean.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    return _Lean(made, lean)


class _Lean:
    """A session that gives the buffers of a batch back when it is answered; looks like a session.

    Left to itself each keeps those of its largest batch for good: 180 MB for 4,096 tokens of MiniLM, twice what its
    weights take and eight times what those of int8 do. Giving them back costs a lone short text half a millisecond.
    """

    def __init__(self, session: Any, lean: Any) -> None:
        self.session, self.lean = session, lean

    def get_outputs(self) -> Any:
        """As a session."""
        return self.session.get_outputs()

    def run(self, outputs: Sequence[str] | None, feed: Mapping[str, Any]) -> Any:
        """As a session."""
        return self.session.run(outputs, feed, self.lean)


class _WithHead:
    """A session's pooled states under a head of one's own; looks like a session."""

    def __init__(self, session: Any, folder: Path) -> None:
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        try:
            head = load_file(folder / "head.safetensors")
            self.weight, self.bias = head["weight"].T.copy(), head["bias"]
        except (OSError, SafetensorError, KeyError, ValueError):
            raise RunError("run.bad_model", path=str(folder / "head.safetensors")) from None
        self.session = session

    def get_outputs(self) -> Sequence[str]:
        """One name each, as far as anybody counts them."""
        return ("logits", STATES)

    def run(self, outputs: Sequence[str] | None, feed: Mapping[str, Any]) -> list[Any]:
        """As of a session whose graph holds this head."""
        states = self.session.run([STATES], feed)[0]
        made = {"logits": np.asarray(states @ self.weight + self.bias, dtype=np.float32), STATES: states}
        return [made[name] for name in outputs or ("logits", STATES)]
