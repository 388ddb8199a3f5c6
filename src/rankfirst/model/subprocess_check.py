"""Run a delivered folder in a separate process.

Usage: `python -m rankfirst.model.subprocess_check FOLDER BASE OUT < texts.json`

The adapter is loaded by the code that its model card shows, with transformers and PEFT alone; ONNX by the runtime that
serves it. A separate process cannot use anything that was not saved and only exists in the training process.
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
    """The code of a model card, its first Python block."""
    return card.partition(BEGIN)[2].partition("```")[0]


def by_the_card(folder: Path, base: str, texts: Sequence[str]) -> npt.NDArray[np.float32]:
    """(n, C) logits from the code of the model card, 16 texts at a time."""
    code = compile(lines_of((folder / CARD).read_text(encoding="utf-8")), CARD, "exec")
    logits = []
    for start in range(0, len(texts), 16):
        names: dict[str, Any] = {"BASE": base, "MODEL": str(folder), "texts": list(texts[start : start + 16])}
        exec(code, names)  # code that this package wrote a moment ago
        logits.append(np.asarray(names["logits"].detach().float().numpy()))
    return np.concatenate(logits)


def by_the_runtime(folder: Path, kind: str, texts: Sequence[str]) -> tuple[npt.NDArray[np.float32], Any]:
    """(n, C) logits of an exported graph, and its (n, d) pooled states or None."""
    from rankfirst.model.onnx import Runtime

    facts = json.loads((folder / "decision.json").read_text(encoding="utf-8"))
    runtime = Runtime(folder, facts, kind)
    if not runtime.pools:
        return runtime.logits(texts), None
    states, logits = runtime.read(texts)
    return logits, states


def by_the_pipeline(folder: Path, kind: str, texts: Sequence[str]) -> npt.NDArray[np.float32]:
    """(n, C) logits from transformers' pipeline, matched to classes by name."""
    from rankfirst.engine.export import sequence_classifier

    facts = json.loads((folder / "decision.json").read_text(encoding="utf-8"))
    return sequence_classifier.answers(folder / kind, kind, facts, texts)


def main() -> None:
    """Read {"texts", "kinds"} from stdin; write an array of logits per kind, and KIND:states if there are any."""
    folder, base, out = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    request = json.load(sys.stdin)
    arrays = {}
    for kind in request["kinds"]:
        if kind in ("onnx", "int8", "fleet"):
            arrays[kind], states = by_the_runtime(folder, kind, request["texts"])
            if states is not None:
                arrays[f"{kind}:states"] = states
        elif kind in ("classifier", "vllm"):
            arrays[kind] = by_the_pipeline(folder, kind, request["texts"])
        else:
            where = str(folder / "merged") if kind == "merged" else base
            arrays[kind] = by_the_card(folder, where, request["texts"])
    np.savez(out, **arrays)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
