"""An exported graph and its tokenizer, ready to answer; the process never loads torch."""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from rankfirst.errors import OptionError, RunError

Matrix = npt.NDArray[np.float32]

FILES: Final = {"onnx": "model.onnx", "int8": "model-int8.onnx"}
TOKENS: Final = 512  # of a batch, padding included: more no longer fit a core's cache, and need memory
LEAST_TOKENS: Final = 128  # of a batch: fewer cost more each, so that less is not worth a second core
_AT_ONCE: Final = 1024  # texts tokenized at a time
# Written for GPUs: on a CPU its one kernel takes ten times as long as the sum and the normalisation that it replaces.
SLOWER: Final = ["SkipLayerNormFusion"]


class Runtime:
    """Logits of an exported model.

    A batch is computed by one thread and many texts are several batches, one a core: threads that share a short text
    wait for each other longer than they compute.
    """

    pool: ThreadPoolExecutor | None = None  # for all batches but one; None: one thread computes them all
    cores = 1

    def __init__(self, folder: Path, facts: Mapping[str, Any], kind: str = "onnx", cores: int = 0) -> None:
        """Load `folder`/model.onnx or model-int8.onnx.

        Args: facts: decision.json. kind: onnx or int8. cores: batches at a time; 0: as many as there are cores.
        Raises: RunError when that was not exported; OptionError when onnxruntime is not installed.
        """
        path = folder / FILES[kind]
        if not path.is_file() or "frame" not in facts:
            raise RunError("run.not_exported", path=str(folder.parent), kind=kind)
        self.folder, self.facts, self.frame = folder, facts, framed(facts["frame"])
        self.session = session(path)
        self.tokenizer = tokenizer(folder / "tokenizer" / "tokenizer.json")
        self.cores = cores or (
            len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        )
        if self.cores > 1:
            self.pool = ThreadPoolExecutor(self.cores - 1, "rankfirst-batches")

    @property
    def pools(self) -> bool:
        """Whether the graph gives pooled states beside logits, as where abstaining needs them."""
        return len(self.session.get_outputs()) > 1

    def logits(self, texts: Sequence[str]) -> Matrix:
        """(n, C), in the order of the texts."""
        return self._run(texts, ["logits"])[0]

    def read(self, texts: Sequence[str]) -> tuple[Matrix, Matrix]:
        """(n, d) pooled states and (n, C) logits; only where `pools`."""
        logits, states = self._run(texts, ["logits", "states"])
        return states, logits

    def _run(self, texts: Sequence[str], outputs: list[str]) -> list[Matrix]:
        rows = [ids for start in range(0, len(texts), _AT_ONCE) for ids in self.tokens(texts[start : start + _AT_ONCE])]
        if not rows:
            return [np.zeros((0, len(self.facts["classes"])), dtype=np.float32) for _ in outputs]
        work = batches([len(ids) for ids in rows], self.cores)
        compute = partial(self._compute, rows, outputs)
        others = self.pool.map(compute, work[1:]) if self.pool and len(work) > 1 else map(compute, work[1:])
        made = [compute(work[0]), *others]
        order = np.argsort(np.concatenate([np.asarray(batch) for batch in work]))
        return [np.concatenate(parts)[order] for parts in zip(*made, strict=True)]

    def _compute(self, rows: Sequence[Sequence[int]], outputs: list[str], batch: Sequence[int]) -> list[Matrix]:
        """`outputs` of some of the rows."""
        width = max(len(rows[i]) for i in batch)
        ids = np.full((len(batch), width), self.frame["pad"], dtype=np.int64)
        mask = np.zeros_like(ids)
        for at, i in enumerate(batch):
            ids[at, : len(rows[i])], mask[at, : len(rows[i])] = rows[i], 1
        made: list[Matrix] = self.session.run(outputs, {"input_ids": ids, "attention_mask": mask})
        return made

    def tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text, at least one, cut as in training."""
        prefix = self.facts["prefix"]
        try:
            found = self.tokenizer.encode_batch([prefix + text for text in texts])
        except BaseException as error:  # a damaged tokenizer.json panics in Rust, and that is no Exception
            if type(error).__name__ != "PanicException":
                raise
            raise RunError("run.bad_model", path=str(self.folder)) from None
        return [self._cut(each.ids or [self.frame["pad"]]) for each in found]

    def _cut(self, ids: list[int]) -> list[int]:
        limit, head, tail = int(self.facts["max_tokens"]), self.frame["head"], self.frame["tail"]
        if len(ids) <= limit:
            return ids
        own, room = ids[len(head) : len(ids) - len(tail)], max(0, limit - len(head) - len(tail))
        kept = own[len(own) - room :] if self.frame["cuts_left"] else own[:room]
        return [*head, *kept, *tail]


def framed(told: Any) -> dict[str, Any]:
    """What stands around every text's tokens. Raises: ValueError, TypeError or KeyError when it is none."""
    ends = {name: [int(token) for token in told[name]] for name in ("head", "tail")}
    return {**ends, "cuts_left": bool(told["cuts_left"]), "pad": int(told["pad"])}


def batches(lengths: Sequence[int], cores: int = 1) -> list[list[int]]:
    """Rows of like length together, a batch of at most TOKENS tokens with its padding; some for each core."""
    most = min(TOKENS, max(LEAST_TOKENS, -(-sum(lengths) // cores)))
    made: list[list[int]] = []
    for row in sorted(range(len(lengths)), key=lambda i: lengths[i]):
        if made and (len(made[-1]) + 1) * lengths[row] <= most:
            made[-1].append(row)
        else:
            made.append([row])
    return made


def session(path: Path) -> Any:
    """One thread a batch. Raises: OptionError when onnxruntime is not installed."""
    try:
        import onnxruntime
    except ImportError:
        raise OptionError("option.extra", package="onnxruntime", extra="serve") from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"],
                                        disabled_optimizers=SLOWER)  # fmt: skip


def tokenizer(path: Path) -> Any:
    """It neither cuts nor fills up: both are done here, as in training."""
    from tokenizers import Tokenizer

    made = Tokenizer.from_file(str(path))
    made.no_truncation()
    made.no_padding()
    return made
