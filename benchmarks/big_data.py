"""A million rows: memory and time of `assess` with an encoder and of the plan of the first probe, step by step.

Usage: python -m benchmarks.big_data [hidden=H] ROWS ...     (results/big_data.csv; each size in a process of its own)

Rows are synthetic and no two are equal: requests of a shop's customers, 20 classes, a fifth of the labels random. The
encoder is RANDOM: one block, H columns (MiniLM-L6 has 384), MiniLM's tokenizer. What its answers say means nothing, and
its time is not MiniLM's; memory for rows and tokens is, and that for states is H / 384 of it. `anon_mb` is memory of
the process alone; `peak_mb` counts the pages of mapped files as well, which the system takes back when it needs them.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from benchmarks.assess_scale import ENDS, NOUNS, OPENINGS, VERBS
from benchmarks.tables import append

STEPS = ("read", "checks", "tfidf", "tokens", "features", "frozen", "learning", "suspects", "ceiling", "rows", "plan")


def main(words: list[str]) -> None:
    """One line a size."""
    hidden = next((int(word.removeprefix("hidden=")) for word in words if word.startswith("hidden=")), 384)
    for size in [int(word) for word in words if word.isdigit()]:
        done = subprocess.run([sys.executable, "-m", "benchmarks.big_data", "one", str(size), str(hidden)],
                              stdout=subprocess.PIPE, text=True, check=True)  # fmt: skip
        append("big_data", json.loads(done.stdout.splitlines()[-1]))


def write_rows(path: Path, count: int) -> None:
    """Synthetic requests, `text,label`; a running number makes each its own."""
    draw = random.Random(0)
    with path.open("w", encoding="utf-8") as file:
        file.write("text,label\n")
        for row in range(count):
            verb, noun = draw.choice(VERBS), draw.choice(NOUNS)
            told = draw.choice(VERBS) if draw.random() < 0.2 else verb
            text = f"{draw.choice(OPENINGS)} {verb} my {noun} {draw.choice(ENDS)} {draw.choice(NOUNS)} case {row}"
            file.write(f"{text.strip()},{told}\n")


def write_base(folder: Path, hidden: int) -> Path:
    """A random encoder of one block."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertModel

    from rankfirst.engine.base_models import sources

    tokenizer = AutoTokenizer.from_pretrained(sources.resolve(sources.DEFAULT_EN).folder)
    torch.manual_seed(0)
    sizes = {"hidden_size": hidden, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 32}
    BertModel(BertConfig(vocab_size=len(tokenizer), **sizes)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


class Meter:
    """Seconds and memory of each step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.memory: dict[str, tuple[int, int]] = {}
        self.step, self.began = "", time.perf_counter()
        threading.Thread(target=self._watch, daemon=True).start()

    def tick(self, step: str, done: int, total: int) -> None:
        """Called as `assess` calls it."""
        if step in STEPS and step != self.step:
            self.enter(step)

    def enter(self, step: str) -> None:
        """What follows belongs to this step."""
        now = time.perf_counter()
        print(self.step, round(now - self.began, 1), self.memory.get(self.step), file=sys.stderr, flush=True)
        self.seconds[self.step] = self.seconds.get(self.step, 0.0) + now - self.began
        self.step, self.began = step, now

    def _watch(self) -> None:
        while True:
            anon, rss = (_status(name) for name in ("RssAnon", "VmRSS"))
            before = self.memory.get(self.step, (0, 0))
            self.memory[self.step] = (max(before[0], anon), max(before[1], rss))
            time.sleep(0.02)


def _status(name: str) -> int:
    """MB of this process."""
    with open("/proc/self/status", encoding="ascii") as file:
        line = next(line for line in file if line.startswith(name))
    return round(int(line.split()[1]) * 1.024e-3)


def one(count: int, hidden: int) -> dict[str, Any]:
    """Assess so many rows, and plan the first probe."""
    from rankfirst import data, policy
    from rankfirst.engine.base import EngineOptions
    from rankfirst.engine.base_models import sources
    from rankfirst.engine.local import LocalEngine
    from rankfirst.run.assessment import Appraisal, Wanted

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_rows(folder / "rows.csv", count)
        base = sources.resolve(str(write_base(folder / "base", hidden)))
        meter, began = Meter(), time.perf_counter()
        meter.enter("read")
        dataset = data.load_dataset(folder / "rows.csv")
        meter.enter("tokens")
        engine = LocalEngine(dataset, base, folder / "work", EngineOptions(max_tokens=64, prefix=""))
        assessed = Appraisal(dataset, engine, Wanted(), meter.tick).run().assessment
        meter.enter("plan")
        start = policy.start(assessed.profile, engine.facts, 0)
        policy.ceiling(assessed.profile, engine.facts)
        work = engine.facts.probe_work(start, 2)
        meter.enter("")
        seconds = time.perf_counter() - began
    rung = assessed.rungs[-1]
    return {
        "date": time.strftime("%Y-%m-%d"), "rows": count, "hidden": hidden, "classes": len(dataset.classes),
        "seconds": round(seconds), "cpu_s": round(time.process_time()),
        "anon_mb": max(anon for anon, _ in meter.memory.values()),
        "peak_mb": max(rss for _, rss in meter.memory.values()),
        "probe_rows": engine.facts.probe_rows, "probe_tflop": round(work, 2),
        "frozen_macro_f1": round(rung.val.macro_f1, 4), "load": round(os.getloadavg()[0], 1),
        **{f"{step}_s": round(meter.seconds.get(step, 0.0), 1) for step in STEPS},
        **{f"{step}_mb": meter.memory.get(step, (0, 0))[0] for step in STEPS},
    }  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1:2] == ["one"]:
        print(json.dumps(one(int(sys.argv[2]), int(sys.argv[3]))))
    else:
        main(sys.argv[1:])
