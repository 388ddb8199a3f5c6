"""Try a delivered folder in a separate process.

Usage: `python -m rankfirst.model.subprocess_check FOLDER BASE OUT < texts.json`

The adapter is loaded by the very lines that its model card shows, with transformers and PEFT alone; ONNX by the
runtime that serves it. What was lost on the way to disk cannot hide in the memory of the process that trained it.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

CARD = "README.md"
BEGIN = "```python"


def lines_of(card: str) -> str:
    """The code of a model card: its first block of Python."""
    return card.partition(BEGIN)[2].partition("```")[0]


def by_the_card(folder: Path, base: str, texts: Sequence[str]) -> npt.NDArray[np.float32]:
    """(n, C) logits by the lines of the model card, some texts at a time."""
    code = compile(lines_of((folder / CARD).read_text(encoding="utf-8")), CARD, "exec")
    found = []
    for start in range(0, len(texts), 16):
        names: dict[str, Any] = {"BASE": base, "MODEL": str(folder), "texts": list(texts[start : start + 16])}
        exec(code, names)  # our own lines, written by this package a moment ago
        found.append(np.asarray(names["logits"].detach().float().numpy()))
    return np.concatenate(found)


def by_the_runtime(folder: Path, kind: str, texts: Sequence[str]) -> tuple[npt.NDArray[np.float32], Any]:
    """(n, C) logits of an exported graph, and its (n, d) pooled states where it has them."""
    from rankfirst.model.onnx import Runtime

    facts = json.loads((folder / "decision.json").read_text(encoding="utf-8"))
    runtime = Runtime(folder, facts, kind)
    if not runtime.pools:
        return runtime.logits(texts), None
    states, logits = runtime.read(texts)
    return logits, states


def by_the_pipeline(folder: Path, kind: str, texts: Sequence[str]) -> npt.NDArray[np.float32]:
    """(n, C) logits of transformers' pipeline, by the names of the classes."""
    from rankfirst.engine.export import sequence_classifier

    facts = json.loads((folder / "decision.json").read_text(encoding="utf-8"))
    return sequence_classifier.answers(folder / kind, kind, facts, texts)


def main() -> None:
    """Read {"texts", "kinds"} and write an array of logits a kind, and KIND:states where there are some."""
    folder, base, out = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    asked = json.load(sys.stdin)
    found = {}
    for kind in asked["kinds"]:
        if kind in ("onnx", "int8"):
            found[kind], states = by_the_runtime(folder, kind, asked["texts"])
            if states is not None:
                found[f"{kind}:states"] = states
        elif kind in ("classifier", "vllm"):
            found[kind] = by_the_pipeline(folder, kind, asked["texts"])
        else:
            where = str(folder / "merged") if kind == "merged" else base
            found[kind] = by_the_card(folder, where, asked["texts"])
    np.savez(out, **found)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
