"""An exported graph and its tokenizer, ready for inference; the process never loads torch."""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from rankfirst.errors import OptionError, RunError
from rankfirst.measure.scores import Matrix
from rankfirst.model.onnx.fleet import Fleet, as_tenant
from rankfirst.model.onnx.graph_bytes import Graph
from rankfirst.records import JOINT

FILES: Final = {"onnx": "model.onnx", "int8": "model-int8.onnx", "fleet": "fleet.onnx"}
TOKENS: Final = 512  # maximum tokens per batch, with padding: larger batches exceed a core's cache and need memory
LEAST_TOKENS: Final = 128  # minimum tokens per batch: splitting further costs more than another core gains
_AT_ONCE: Final = 1024  # texts tokenized per call
# A fusion written for GPUs: on a CPU its kernel takes ten times as long as the two operations that it replaces.
SLOWER: Final = ["SkipLayerNormFusion"]


class Runtime:
    """Logits of an exported model.

    Each batch is computed by one thread, and a call with many texts is split into several batches, one per core:
    threads that share a short text spend more time waiting for each other than computing.
    """

    pool: ThreadPoolExecutor | None = None  # for all batches but the first; None: everything runs in the calling thread
    cores = 1

    def __init__(self, folder: Path, facts: Mapping[str, Any], kind: str = "onnx", cores: int = 0) -> None:
        """Load `folder`/model.onnx, model-int8.onnx or fleet.onnx.

        Args: facts: decision.json. kind: onnx, int8 or fleet. cores: batches computed in parallel; 0: all cores.
        Raises: RunError if the model was not exported; OptionError if onnxruntime is not installed.
        """
        path = exported(folder, facts, kind)
        self.folder, self.facts, self.frame = folder, facts, parse_frame(facts["frame"])
        Graph.of(path).check(path, folder / "head.safetensors")
        self.session: Any = session(path)
        self.tokenizer = tokenizer(folder / "tokenizer" / "tokenizer.json")
        self.cores = cores or (
            len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        )
        if kind == "fleet":
            self.session = as_tenant(Fleet(self.session, self.cores), folder, bool(facts.get("normalize")))
        if self.cores > 1:
            self.pool = ThreadPoolExecutor(self.cores - 1, "rankfirst-batches")

    @property
    def pools(self) -> bool:
        """Whether the graph outputs pooled states in addition to logits, as some abstention scores require."""
        return len(self.session.get_outputs()) > 1

    def logits(self, texts: Sequence[str]) -> Matrix:
        """(n, C), in the order of the texts."""
        return self._run(texts, ["logits"])[0]

    def read(self, texts: Sequence[str]) -> tuple[Matrix, Matrix]:
        """(n, d) pooled states and (n, C) logits; requires `pools`."""
        logits, states = self._run(texts, ["logits", "states"])
        return states, logits

    def _run(self, texts: Sequence[str], outputs: list[str]) -> list[Matrix]:
        rows = [ids for start in range(0, len(texts), _AT_ONCE) for ids in self.tokens(texts[start : start + _AT_ONCE])]
        if not rows:
            return [np.zeros((0, len(self.facts["classes"])), dtype=np.float32) for _ in outputs]
        work = batches([len(ids) for ids in rows], self.cores)
        compute = partial(self._compute, rows, outputs)
        others = self.pool.map(compute, work[1:]) if self.pool and len(work) > 1 else map(compute, work[1:])
        computed = [compute(work[0]), *others]
        order = np.argsort(np.concatenate([np.asarray(batch) for batch in work]))
        return [np.concatenate(parts)[order] for parts in zip(*computed, strict=True)]

    def _compute(self, rows: Sequence[Sequence[int]], outputs: list[str], batch: Sequence[int]) -> list[Matrix]:
        """`outputs` of the rows in `batch`."""
        width = max(len(rows[i]) for i in batch)
        ids = np.full((len(batch), width), self.frame["pad"], dtype=np.int64)
        mask = np.zeros_like(ids)
        for at, i in enumerate(batch):
            ids[at, : len(rows[i])], mask[at, : len(rows[i])] = rows[i], 1
        computed: list[Matrix] = self.session.run(outputs, {"input_ids": ids, "attention_mask": mask})
        return computed

    def tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text, at least one, truncated as in training."""
        prefix = self.facts["prefix"]
        try:
            separator = self.frame["separator"]
            encodings = self.tokenizer.encode_batch([prefix + text.replace(JOINT, separator) for text in texts])
        except BaseException as error:  # a damaged tokenizer.json panics in Rust, which is not an Exception
            if type(error).__name__ != "PanicException":
                raise
            raise RunError("run.bad_model", path=str(self.folder)) from None
        return [self._cut(each.ids or [self.frame["pad"]]) for each in encodings]

    def _cut(self, ids: list[int]) -> list[int]:
        limit, head, tail = int(self.facts["max_tokens"]), self.frame["head"], self.frame["tail"]
        if len(ids) <= limit:
            return ids
        own, room = ids[len(head) : len(ids) - len(tail)], max(0, limit - len(head) - len(tail))
        kept = own[len(own) - room :] if self.frame["cuts_left"] else own[:room]
        return [*head, *kept, *tail]


def parse_frame(frame: Any) -> dict[str, Any]:
    """Parse the tokens around every text's own. Raises: ValueError, TypeError or KeyError if malformed."""
    ends = {name: [int(token) for token in frame[name]] for name in ("head", "tail")}
    more = {"cuts_left": bool(frame["cuts_left"]), "pad": int(frame["pad"])}
    return {**ends, **more, "separator": str(frame.get("separator", JOINT))}  # older exports know no joined texts


def batches(lengths: Sequence[int], cores: int = 1) -> list[list[int]]:
    """Group rows of similar length into batches of at most TOKENS padded tokens; enough of them for every core."""
    most = min(TOKENS, max(LEAST_TOKENS, -(-sum(lengths) // cores)))
    grouped: list[list[int]] = []
    for row in sorted(range(len(lengths)), key=lambda i: lengths[i]):
        if grouped and (len(grouped[-1]) + 1) * lengths[row] <= most:
            grouped[-1].append(row)
        else:
            grouped.append([row])
    return grouped


def session(graph: Path | bytes) -> Any:
    """An inference session with one thread per batch. Raises: OptionError if onnxruntime is not installed."""
    try:
        import onnxruntime
    except ImportError:
        raise OptionError("option.extra", package="onnxruntime", extra="serve") from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    model = graph if isinstance(graph, bytes) else str(graph)
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"],
                                        disabled_optimizers=SLOWER)  # fmt: skip


def tokenizer(content: Path | bytes) -> Any:
    """Load a tokenizer that neither truncates nor pads: `Runtime` does both, as in training."""
    from tokenizers import Tokenizer

    loaded = Tokenizer.from_buffer(content) if isinstance(content, bytes) else Tokenizer.from_file(str(content))
    loaded.no_truncation()
    loaded.no_padding()
    return loaded


def exported(folder: Path, facts: Mapping[str, Any], kind: str) -> Path:
    """The graph's file. Raises: RunError if there is none."""
    path = folder / FILES[kind]
    if not path.is_file() or "frame" not in facts:
        raise RunError("run.not_exported", path=str(folder.parent), kind=kind)
    return path
