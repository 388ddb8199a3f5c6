"""Many exported models in one process: identical parts are loaded once, and memory is accounted for."""

import hashlib
import os
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from rankfirst.errors import RunError
from rankfirst.measure.disk import read_tensors
from rankfirst.measure.unit_length import unit_length
from rankfirst.model.manifest import sha256
from rankfirst.model.onnx.fleet import FACTORS, Fleet, as_tenant
from rankfirst.model.onnx.graph_bytes import Graph
from rankfirst.model.onnx.runtime import Runtime, exported, parse_frame, session, tokenizer

WORDS: Final = "tokenizer/tokenizer.json"
STATES: Final = "states"  # the graph output that holds pooled states
# Resident bytes per file byte after a batch was answered and its buffers released: MiniLM (benchmarks/tenants.py).
FACTOR: Final = {"onnx": 1.3, "int8": 1.3, "fleet": 1.3}
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
        self._known: dict[Path, tuple[object, str]] = {}
        self.fleets: dict[str, str] = {}  # SHA-256 of a fleet's file -> key of what it was loaded as
        self.claims: dict[str, str] = {"": ""}  # what a delivery says of its encoder -> key of what was loaded

    def part(self, key: str, size: int, make: Callable[[], Any]) -> Part:
        """The part for `key`; created by `make` if it is not in memory."""
        with self._lock:
            cached = self._parts.get(key)
            if cached is None:
                cached = self._parts[key] = Part(make(), size)
            return cached

    def remember(self, path: Path, key: str) -> None:
        """Note under which key a file was loaded."""
        self._known[path] = (_stamp(path), key)

    def known(self, path: Path) -> str:
        """The key under which an unchanged file was loaded before; "" if it was not."""
        stamp, key = self._known.get(path, (None, ""))
        return key if stamp == _stamp(path) else ""

    def has(self, key: str) -> bool:
        """Whether the part is in memory."""
        return key in self._parts

    @property
    def bytes(self) -> int:
        """Estimated bytes of all parts in use."""
        return sum(part.size for part in list(self._parts.values()))


def _stamp(path: Path) -> tuple[int, int, int]:
    stat = path.stat()
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


class Shared(Runtime):
    """A `Runtime` that shares its session and tokenizer through a library; one thread per batch, many models at once.

    Frozen deliveries on the same base differ only in their heads: one session serves all of them, and each head is a
    numpy product. A merged LoRA model needs a session of its own; one that was exported for a fleet shares that of its
    base. What is the same is told from the bytes that are loaded, never from what a file says of itself.
    """

    def __init__(self, folder: Path, facts: Mapping[str, Any], kind: str, library: Library) -> None:
        """Raises: RunError if the model was not exported; OptionError if onnxruntime is not installed."""
        path = exported(folder, facts, kind)
        self.folder, self.facts, self.frame = folder, facts, parse_frame(facts["frame"])
        words = (folder / WORDS).read_bytes()
        # Strong references: the library only keeps weak ones.
        graph, shares = self._fleet(path, library) if kind == "fleet" else self._graph(path, kind, library)
        self.parts = [
            library.part(f"tokenizer {_sha256(words)}", int(TOKENIZER_FACTOR * len(words)), lambda: tokenizer(words)),
            graph,
        ]
        library.remember(folder / WORDS, f"tokenizer {_sha256(words)}")
        self.tokenizer, session = (part.value for part in self.parts)
        normalize = bool(facts.get("normalize"))
        self.session = _WithHead(session, folder, normalize) if shares else session
        if kind == "fleet":
            self.session = as_tenant(session, folder, normalize)
            own = self.session.tenant
            self.parts.append(library.part(f"tenant {folder.resolve()} {id(own)}", own.bytes, lambda: own))

    def _graph(self, path: Path, kind: str, library: Library) -> tuple[Part, bool]:
        """The session of a model's own graph, and whether it serves all frozen models on its base."""
        content = path.read_bytes()
        graph = Graph(memoryview(content))
        graph.check(path, self.folder / "head.safetensors")
        shares = self.facts.get("kind") == "frozen" and STATES in graph.outputs
        key = f"{kind} encoder {graph.encoder_sha256}" if shares else f"{kind} graph {_sha256(content)}"
        part = library.part(key, int(FACTOR[kind] * len(content)), lambda: _session(content))
        library.remember(path, key)
        if shares:
            library.claims[_claim(self.facts, kind)] = key
        return part, shares

    def _fleet(self, path: Path, library: Library) -> tuple[Part, bool]:
        """The fleet of a graph; one that is in memory is not read again."""
        content, whole = None, sha256(path)
        if not library.has(library.fleets.get(whole, "")):
            content = path.read_bytes()
            graph, whole = Graph(memoryview(content)), _sha256(content)
            graph.check(path, self.folder / "head.safetensors")
            library.fleets[whole] = f"fleet encoder {graph.encoder_sha256}"
        key = library.fleets[whole]

        def made() -> Fleet:
            cores = os.cpu_count() or 1
            # Long requests, which half as many threads compute, never take all turns: short ones find one.
            return Fleet(_session(path.read_bytes() if content is None else content), cores + max(1, cores // 2))

        part = library.part(key, int(FACTOR["fleet"] * path.stat().st_size), made)
        library.remember(path, key)
        library.claims[_claim(self.facts, "fleet")] = key
        return part, False


def cost(folder: Path, facts: Mapping[str, Any], kind: str, library: Library) -> int:
    """Bytes that loading a model would add to memory, estimated without reading it: a file that was not loaded before
    counts in full, unless it says that it contains an encoder which is in memory.

    Raises: RunError if it was not exported.
    """
    path = exported(folder, facts, kind)
    factors = {folder / WORDS: TOKENIZER_FACTOR, path: FACTOR[kind]}
    factors |= {folder / FACTORS: 1.0} if kind == "fleet" else {}
    claimed = library.claims.get(_claim(facts, kind), "")
    try:
        sizes = {each: int(factor * each.stat().st_size) for each, factor in factors.items()}
    except OSError:
        raise RunError("run.not_exported", path=str(folder.parent), kind=kind) from None
    keys = {each: library.known(each) for each in sizes}
    keys[path] = keys[path] or claimed
    return sum(size for each, size in sizes.items() if not library.has(keys[each]))


def _claim(facts: Mapping[str, Any], kind: str) -> str:
    """The encoder that decision.json says the graph contains; for estimates of memory alone."""
    graphs = facts.get("graphs") if facts.get("kind") == "frozen" or kind == "fleet" else None
    return f"{kind} {graphs.get(kind)}" if isinstance(graphs, Mapping) and graphs.get(kind) else ""


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _session(content: bytes) -> "_ShrinkingSession":
    loaded = session(content)
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

    def get_inputs(self) -> Any:
        """As for a session."""
        return self.session.get_inputs()

    def get_outputs(self) -> Any:
        """As for a session."""
        return self.session.get_outputs()

    def run(self, outputs: Sequence[str] | None, feed: Mapping[str, Any]) -> Any:
        """As for a session."""
        return self.session.run(outputs, feed, self.run_options)


class _WithHead:
    """Apply a model's own head to the pooled states of a session; same interface as an onnxruntime session."""

    def __init__(self, session: Any, folder: Path, normalize: bool) -> None:
        """Args: normalize: whether the head reads states of unit length. Raises: RunError if its file is damaged."""
        from safetensors import SafetensorError

        try:
            head = read_tensors(folder / "head.safetensors")
            self.weight, self.bias = head["weight"].T.copy(), head["bias"]
        except (FileNotFoundError, SafetensorError, KeyError, ValueError):
            raise RunError("run.bad_model", path=str(folder / "head.safetensors")) from None
        self.session, self.normalize = session, normalize

    def get_outputs(self) -> Sequence[str]:
        """One entry per output; only the count is used."""
        return ("logits", STATES)

    def run(self, outputs: Sequence[str] | None, feed: Mapping[str, Any]) -> list[Any]:
        """As for a session whose graph contains this head."""
        states = self.session.run([STATES], feed)[0]
        read = unit_length(states) if self.normalize else states
        computed = {"logits": np.asarray(read @ self.weight + self.bias, dtype=np.float32), STATES: states}
        return [computed[name] for name in outputs or ("logits", STATES)]
