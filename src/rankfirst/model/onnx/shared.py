"""Many exported models in one process: identical parts are loaded once, and memory is accounted for."""

import hashlib
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from rankfirst.errors import RunError
from rankfirst.model.onnx.runtime import Runtime, exported, parse_frame, session, tokenizer

STATES: Final = "states"  # the graph output that holds pooled states
# Resident bytes per file byte after a batch was answered and its buffers released: MiniLM (benchmarks/tenants.py).
FACTOR: Final = {"onnx": 1.3, "int8": 1.3}
TOKENIZER_FACTOR: Final = 12.0  # the same for tokenizer.json


class Part:
    """A loaded object that occupies memory: a session, a tokenizer, a classifier."""

    def __init__(self, value: Any, size: int) -> None:
        """Args: size: estimated bytes."""
        self.value, self.size = value, size


class Library:
    """A cache of parts by content. Parts are weakly referenced: an unused one is freed and no longer counted."""

    def __init__(self) -> None:
        self._parts: weakref.WeakValueDictionary[str, Part] = weakref.WeakValueDictionary()
        self._lock = threading.Lock()

    def part(self, key: str, size: int, make: Callable[[], Any]) -> Part:
        """The part for `key`; created by `make` if it is not in memory."""
        with self._lock:
            cached = self._parts.get(key)
            if cached is None:
                cached = self._parts[key] = Part(make(), size)
            return cached

    def has(self, key: str) -> bool:
        """Whether the part is in memory."""
        return key in self._parts

    @property
    def bytes(self) -> int:
        """Estimated bytes of all parts in use."""
        return sum(part.size for part in list(self._parts.values()))


class Shared(Runtime):
    """A `Runtime` that shares its session and tokenizer through a library; one thread per batch, many models at once.

    Frozen deliveries on the same base differ only in their heads: one session serves all of them, and each head is a
    numpy product. A merged LoRA model needs a session of its own.
    """

    def __init__(self, folder: Path, facts: Mapping[str, Any], kind: str, library: Library) -> None:
        """Raises: RunError if the model was not exported; OptionError if onnxruntime is not installed."""
        path = exported(folder, facts, kind)
        self.folder, self.facts, self.frame = folder, facts, parse_frame(facts["frame"])
        # Strong references: the library only keeps weak ones.
        self.parts = [library.part(key, size, make) for key, size, make in _required_parts(folder, facts, kind, path)]
        self.tokenizer, graph = (part.value for part in self.parts)
        self.session = _WithHead(graph, folder) if _shares_encoder(facts, kind) else graph


def cost(folder: Path, facts: Mapping[str, Any], kind: str, library: Library) -> int:
    """Bytes that loading a model would add to memory. Raises: RunError if it was not exported."""
    parts = _required_parts(folder, facts, kind, exported(folder, facts, kind))
    return sum(size for key, size, _ in parts if not library.has(key))


def _required_parts(
    folder: Path, facts: Mapping[str, Any], kind: str, path: Path
) -> list[tuple[str, int, Callable[[], Any]]]:
    """(key, estimated bytes, factory) of tokenizer and session."""
    words = folder / "tokenizer" / "tokenizer.json"
    try:
        tokenizer_json, stat = words.read_bytes(), path.stat()
    except OSError:
        raise RunError("run.not_exported", path=str(folder.parent), kind=kind) from None
    key = f"tokenizer {hashlib.sha256(tokenizer_json).hexdigest()}"
    graph = f"encoder {facts['graphs'][kind]}" if _shares_encoder(facts, kind) else f"graph {path} {stat.st_mtime_ns}"
    return [
        (key, int(TOKENIZER_FACTOR * len(tokenizer_json)), lambda: tokenizer(words)),
        (f"{kind} {graph}", int(FACTOR[kind] * stat.st_size), lambda: _session(path)),
    ]


def _shares_encoder(facts: Mapping[str, Any], kind: str) -> bool:
    """Whether the graph outputs pooled states and records which encoder it contains."""
    return facts.get("kind") == "frozen" and bool((facts.get("graphs") or {}).get(kind))


def _session(path: Path) -> "_ShrinkingSession":
    loaded = session(path)
    import onnxruntime

    run_options = onnxruntime.RunOptions()
    run_options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    return _ShrinkingSession(loaded, run_options)


class _ShrinkingSession:
    """A session that releases its buffers after each batch; same interface as an onnxruntime session.

    Otherwise it keeps the buffers of its largest batch for good: 180 MB for 4,096 tokens of MiniLM, twice the size of
    its weights and eight times that of the int8 weights. Releasing them costs half a millisecond for a single short
    text.
    """

    def __init__(self, session: Any, run_options: Any) -> None:
        self.session, self.run_options = session, run_options

    def get_outputs(self) -> Any:
        """As for a session."""
        return self.session.get_outputs()

    def run(self, outputs: Sequence[str] | None, feed: Mapping[str, Any]) -> Any:
        """As for a session."""
        return self.session.run(outputs, feed, self.run_options)


class _WithHead:
    """Apply a model's own head to the pooled states of a session; same interface as an onnxruntime session."""

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
        """One entry per output; only the count is used."""
        return ("logits", STATES)

    def run(self, outputs: Sequence[str] | None, feed: Mapping[str, Any]) -> list[Any]:
        """As for a session whose graph contains this head."""
        states = self.session.run([STATES], feed)[0]
        computed = {"logits": np.asarray(states @ self.weight + self.bias, dtype=np.float32), STATES: states}
        return [computed[name] for name in outputs or ("logits", STATES)]
