"""`--base-model auto:...`: is the base that it takes the better one on rows it never saw?

Usage: python -m benchmarks.encoder_choice [SET ...]     (sets of RANKFIRST_SHARED/data; results/encoder_choice.csv)

Real rows, at most ROWS for training, VAL for validation and TEST for test, classes in proportion. Candidates: the
packaged MiniLM-L6, the bilingual e5-small-zh, and the lower half of the one that suits the language (its upper blocks
left out), which stands for a cheaper base. The choice sees training and validation rows; then the frozen rung of every
candidate is judged on test. `taken_behind_best` is what the taken base has less macro-F1 on test than the candidate
that is best there, `taken_noise` twice its paired standard error.
"""

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file

from benchmarks.end_results import SHARED
from benchmarks.tables import append
from rankfirst import baselines
from rankfirst.data import load_dataset
from rankfirst.engine.base import Source
from rankfirst.engine.base_models import sources
from rankfirst.engine.local import LocalEngine
from rankfirst.measure.scores import as_tuples, predict_labels
from rankfirst.policy import noise
from rankfirst.records import Dataset, Split
from rankfirst.run.base_selection import Bases

ENGLISH = {"banking77", "snips", "clinc150"}
ROWS, VAL, TEST = 3000, 700, 1000


class Remembering(LocalEngine):
    """Reads every split once."""

    def features(self, split: str, *more: Any) -> Mapping[str, Any]:
        known = self.__dict__.setdefault("read", {})
        if split not in known:
            known[split] = super().features(split, *more)
        return known[split]


def main(names: list[str]) -> None:
    """A line a set and candidate."""
    zh = SHARED / "models" / "e5-small-zh"
    if not zh.is_dir():
        print(f"skipped: no second encoder at {zh}; name its folder's parent with RANKFIRST_SHARED")
        return
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            measure(name, zh, Path(folder))


def measure(name: str, zh: Path, folder: Path) -> None:
    """Choose, then look at test."""
    whole = load_dataset(*(SHARED / "data" / name / f"{split}.csv" for split in ("train", "val", "test")))
    rows = replace(whole, train=some(whole.train, ROWS), val=some(whole.val, VAL), test=some(whole.test, TEST))
    en = sources.resolve(sources.DEFAULT_EN)
    half = lower_half(en.folder if name in ENGLISH else zh, folder / "half")
    names = {sources.DEFAULT_EN: "MiniLM-L6", str(zh): "e5-small-zh", str(half): f"half of {half_of(name)}"}
    engines: dict[str, Remembering] = {}

    def engine_of(part: Dataset, source: Source, work: Path) -> Remembering:
        engines[source.spec] = Remembering(rows, source, work, max_tokens=64)  # `part` is all of them: see ROWS
        return engines[source.spec]

    began = time.perf_counter()
    bases = Bases.of(f"auto:{','.join(names)}", rows)
    choice, _ = bases.choose(rows, engine_of, folder)
    seconds = time.perf_counter() - began
    answers = {spec: on_test(engine, rows) for spec, engine in engines.items()}
    truth, classes = rows.test.labels, len(rows.classes)
    scores = {spec: noise.occurring_f1(truth, told, classes) for spec, told in answers.items()}
    best = max(scores, key=lambda spec: scores[spec])
    behind, error = noise.paired_f1(truth, answers[best], answers[choice.spec], classes)
    for verdict in choice.verdicts:
        append("encoder_choice", {
            "date": time.strftime("%Y-%m-%d"), "set": name, "rows": len(rows.train), "classes": classes,
            "candidate": names[verdict.spec], "judged_on": choice.judged_on, "verdict": verdict.code.split(".")[1],
            "macro_f1": round(verdict.macro_f1, 4), "behind": round(verdict.behind, 4),
            "noise": round(verdict.noise, 4), "log_loss": round(verdict.log_loss, 3),
            "gigaflop": round(verdict.gigaflop, 3),
            "megabytes": round(verdict.megabytes, 1), "ms": round(verdict.ms_per_text, 1),
            "test_macro_f1": round(scores[verdict.spec], 4), "best_on_test": int(verdict.spec == best),
            "taken_behind_best": round(behind, 4) if verdict.spec == choice.spec else "",
            "taken_noise": round(2 * error, 4) if verdict.spec == choice.spec else "",
            "seconds": round(seconds, 1) if verdict.spec == choice.spec else "",
        })  # fmt: skip


def on_test(engine: Remembering, rows: Dataset) -> tuple[tuple[int, ...], ...]:
    """What the frozen rung over that base answers to the test rows."""
    fitted = baselines.fit_frozen(engine.features("train"), engine.features("val"), rows, ())
    p = fitted.head.predict_proba(engine.features("test")[fitted.pooling])
    return as_tuples(predict_labels(p, rows.multi_label))


def some(split: Split | None, limit: int) -> Split:
    """At most so many rows, classes in proportion."""
    assert split is not None
    rows = baselines.subsample(split.labels, limit, 0)
    return Split(tuple(split.texts[row] for row in rows), tuple(split.labels[row] for row in rows))


def half_of(name: str) -> str:
    """What the base of half the blocks is made from."""
    return "MiniLM-L6" if name in ENGLISH else "e5-small-zh"


def lower_half(base: Path, folder: Path) -> Path:
    """A copy of a BERT without its upper blocks."""
    folder.mkdir()
    for file in base.glob("*"):
        if file.is_file() and file.suffix in {".json", ".txt"}:
            shutil.copy(file, folder)
    config = json.loads((base / "config.json").read_text())
    config["num_hidden_layers"] //= 2
    (folder / "config.json").write_text(json.dumps(config))
    gone = {f".layer.{block}." for block in range(config["num_hidden_layers"], 2 * config["num_hidden_layers"])}
    weights = load_file(base / "model.safetensors")
    kept = {name: w for name, w in weights.items() if not any(block in name for block in gone)}
    save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


if __name__ == "__main__":
    main(sys.argv[1:] or ["banking77", "snips", "smp2017"])
