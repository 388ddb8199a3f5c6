"""An exported graph and its tokenizer, ready to answer; the process never loads torch."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from rankfirst.errors import OptionError, RunError

Matrix = npt.NDArray[np.float32]

FILES: Final = {"onnx": "model.onnx", "int8": "model-int8.onnx"}
TOKENS: Final = 4096  # of a batch, padding included: more do not run faster on a CPU and need memory
_AT_ONCE: Final = 1024  # texts tokenized at a time


class Runtime:
    """Logits of an exported model."""

    def __init__(self, folder: Path, facts: Mapping[str, Any], kind: str = "onnx", threads: int = 0) -> None:
        """Load `folder`/model.onnx or model-int8.onnx.

        Args: facts: decision.json. kind: onnx or int8. threads: of a batch; 0: as many as there are cores.
        Raises: RunError when that was not exported; OptionError when onnxruntime is not installed.
        """
        path = folder / FILES[kind]
        if not path.is_file() or "frame" not in facts:
            raise RunError("run.not_exported", path=str(folder.parent), kind=kind)
        try:
            import onnxruntime
        except ImportError:
            raise OptionError("option.extra", package="onnxruntime", extra="serve") from None
        from tokenizers import Tokenizer

        self.facts, self.frame = facts, facts["frame"]
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer" / "tokenizer.json"))
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        # Idle threads would spin for the next batch and take the cores from whoever asks.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

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
        out: list[Matrix] = []
        for batch in batches([len(ids) for ids in rows]):
            width = max(len(rows[i]) for i in batch)
            ids = np.full((len(batch), width), self.frame["pad"], dtype=np.int64)
            mask = np.zeros_like(ids)
            for at, i in enumerate(batch):
                ids[at, : len(rows[i])], mask[at, : len(rows[i])] = rows[i], 1
            made = self.session.run(outputs, {"input_ids": ids, "attention_mask": mask})
            out = out or [np.zeros((len(rows), each.shape[1]), dtype=np.float32) for each in made]
            for whole, part in zip(out, made, strict=True):
                whole[batch] = part
        return out or [np.zeros((0, len(self.facts["classes"])), dtype=np.float32) for _ in outputs]

    def tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text, at least one, cut as in training."""
        prefix = self.facts["prefix"]
        found = self.tokenizer.encode_batch([prefix + text for text in texts])
        return [self._cut(each.ids or [self.frame["pad"]]) for each in found]

    def _cut(self, ids: list[int]) -> list[int]:
        limit, head, tail = int(self.facts["max_tokens"]), self.frame["head"], self.frame["tail"]
        if len(ids) <= limit:
            return ids
        own, room = ids[len(head) : len(ids) - len(tail)], max(0, limit - len(head) - len(tail))
        kept = own[len(own) - room :] if self.frame["cuts_left"] else own[:room]
        return [*head, *kept, *tail]


def batches(lengths: Sequence[int]) -> list[list[int]]:
    """Rows of like length together, each batch of at most TOKENS tokens with its padding."""
    made: list[list[int]] = []
    for row in sorted(range(len(lengths)), key=lambda i: lengths[i]):
        if made and (len(made[-1]) + 1) * lengths[row] <= TOKENS:
            made[-1].append(row)
        else:
            made.append([row])
    return made
