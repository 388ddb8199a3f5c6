"""The five-line user path: fit, load, predict."""

import json
import os
import resource
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rankfirst import data
from rankfirst.autopilot import Autopilot, Outcome
from rankfirst.errors import ModelError, RunError
from rankfirst.journal import Journal
from rankfirst.ladder import TfidfModel
from rankfirst.measure.calibration import probabilities
from rankfirst.measure.scores import indicator, predict_labels, score
from rankfirst.records import Dataset, Profile, Scores, to_json
from rankfirst.report import write_html
from rankfirst.words import Lang

# TFLOP: about a quarter of an hour on two server cores. Work, not seconds, so that the same seed decides the same.
DEFAULT_WORK = 60.0


@dataclass(frozen=True)
class Result:
    """A finished run; `summary` is result.json."""

    folder: Path
    summary: dict[str, Any]


def assess(train: Path | str, **options: Any) -> Profile:
    """What the data allow, without training anything. Options as for `fit`."""
    return data.profile(data.load_dataset(Path(train), **options))


def default_base(dataset: Dataset) -> str:
    """By script: the packaged English encoder, or the documented Chinese one (which must be on this machine)."""
    from rankfirst.engine import sources

    if data.profile(dataset).script == "en":
        return sources.DEFAULT_EN
    try:
        sources.resolve(sources.DEFAULT_ZH)
    except ModelError:
        raise ModelError("model.zh_default", spec=sources.DEFAULT_ZH) from None
    return sources.DEFAULT_ZH


def fit(train: Path | str, out: Path | str = "run", *, val: Path | None = None, test: Path | None = None,
        text: str | None = None, label: str | None = None, base_model: str | None = None, seed: int = 0,
        always_lora: bool = False, wide_lr: bool = False, lang: Lang = "en", synthetic: bool = False,
        listen: Callable[[str, str, Any], None] | None = None,
        tick: Callable[[str, int, int], None] | None = None) -> Result:  # fmt: skip
    """From a file of labelled texts to a tuned classifier in `out`; repeating the call continues a killed run.

    Raises: RankfirstError with one clear line for bad data, an unusable base model or output folder.
    """
    from rankfirst.engine import sources
    from rankfirst.engine.local import LocalEngine

    began, folder = time.perf_counter(), Path(out)
    dataset = data.load_dataset(Path(train), val, test, text=text, label=label, seed=seed)
    source = sources.resolve(base_model or default_base(dataset))
    journal = _open(folder, listen)
    engine = LocalEngine(dataset, source, folder / "work", seed=seed)
    identity = {"fingerprint": dataset.fingerprint, "base_sha256": source.sha256, "seed": seed}
    info = to_json(engine.info)
    options = {
        "--val": val,
        "--test": test,
        "--text": text,
        "--label": label,
        "--base-model": base_model,
        "--seed": seed,
    }
    given = [part for flag, value in options.items() if value not in (None, 0) for part in (flag, str(value))]
    switches = [flag for flag, on in (("--always-lora", always_lora), ("--wide-lr", wide_lr)) if on]
    command = shlex.join(["rankfirst", "fit", str(train), "-o", str(out), *given, *switches])
    run = journal.remember("run", "", lambda: identity | {
        "dataset": dataset.name, "base_model": source.spec, "versions": info["versions"], "device": info["device"],
        "threads": info["threads"], "command": command, "multi_label": dataset.multi_label,
        "synthetic": synthetic, "notes": to_json(dataset.notes)})  # fmt: skip
    differing = [k for k, v in identity.items() if run.get(k) != v]
    if differing:
        raise RunError("run.other_data", path=str(folder), what=", ".join(differing))
    pilot = Autopilot(dataset, engine, journal, seed, DEFAULT_WORK, always_lora, wide_lr, tick or (lambda *a: None))
    outcome = pilot.run()
    _deliver(folder / "model", outcome, engine, dataset, source.spec)
    summary = journal.remember("result", "", lambda: _summary(outcome, engine, dataset, time.perf_counter() - began))
    _write(folder / "result.json", summary)
    write_html(folder / "journal.jsonl", folder / "report.html", lang)
    return Result(folder, summary)


def _open(folder: Path, listen: Callable[[str, str, Any], None] | None) -> Journal:
    path = folder / "journal.jsonl"
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not path.exists())):
        raise RunError("run.not_a_run", path=str(folder))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.touch()
    except OSError as error:
        raise RunError("run.unwritable", path=str(folder), why=error.strerror) from None
    return Journal(path, listen)


def _deliver(folder: Path, outcome: Outcome, engine: Any, dataset: Dataset, spec: str) -> None:
    import torch

    from rankfirst.engine.export import write_head

    folder.mkdir(parents=True, exist_ok=True)
    ship, temperature = outcome.shipping.ship, outcome.frozen.head.temperature
    if ship == "tfidf":
        outcome.tfidf.save(folder)
    elif ship == "lora" and outcome.final is not None:
        engine.export(outcome.final.checkpoint, str(folder))
        temperature = outcome.temperature
    else:
        head = outcome.frozen.head
        write_head(torch.tensor(head.weight), torch.tensor(head.bias), folder)
    facts = {"kind": ship, "base_model": spec, "pooling": outcome.frozen.pooling, "temperature": temperature,
             "multi_label": dataset.multi_label, "classes": list(dataset.classes), "prefix": engine.info.prefix,
             "max_tokens": engine.info.max_tokens, "base_sha256": engine.info.base_sha256}  # fmt: skip
    _write(folder / "decision.json", facts)


def _test_probabilities(name: str, outcome: Outcome, engine: Any, dataset: Dataset) -> Any:
    assert dataset.test is not None
    if name == "tfidf":
        return outcome.tfidf.predict_proba(dataset.test.texts)
    if name == "frozen":
        return outcome.frozen.head.predict_proba(engine.features("test")[outcome.frozen.pooling])
    if name == "lora" and outcome.final is not None:
        logits = engine.logits(outcome.final.checkpoint, "test").astype(np.float64)
        return probabilities(logits, dataset.multi_label, outcome.temperature)
    share = indicator(dataset.train.labels, len(dataset.classes)).mean(axis=0)
    return np.tile(share, (len(dataset.test), 1))


def _summary(outcome: Outcome, engine: Any, dataset: Dataset, seconds: float) -> dict[str, Any]:
    """result.json: the test split is touched here, once, after every decision was made."""
    tests: dict[str, Scores] = {}
    if dataset.test is not None and len(dataset.test):
        truth = indicator(dataset.test.labels, len(dataset.classes))
        for name in outcome.rungs:
            p = _test_probabilities(name, outcome, engine, dataset)
            tests[name] = score(truth, p, dataset.classes, dataset.multi_label, outcome.profile.tail_classes)
    ship = outcome.shipping.ship
    rungs = [{"name": n, "val": to_json(r.val), "test": to_json(tests.get(n)), "seconds": r.seconds,
              "megabytes": r.megabytes} for n, r in outcome.rungs.items()]  # fmt: skip
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)
    recipe = outcome.final.recipe if ship == "lora" and outcome.final is not None else None
    return {"verdict": ship, "val": to_json(outcome.rungs[ship].val), "test": to_json(tests.get(ship)), "rungs": rungs,
            "recipe": to_json(recipe), "decisions": outcome.decisions, "seconds": seconds, "peak_memory_mb": peak,
            "versions": to_json(engine.info.versions), "confusions": [], "costs": {},
            "six": [{"code": f"six.{i}", "numbers": {}} for i in range(1, 7)]}  # fmt: skip


def _write(path: Path, value: Any) -> None:
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")
    os.replace(temporary, path)


class Classifier:
    """A delivered model."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        path = folder / "decision.json"
        if not path.exists():
            raise RunError("run.missing", path=str(folder.parent))
        self.facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))

    def predict_proba(self, texts: Sequence[str]) -> Any:
        """(n, C) calibrated probabilities, columns in the order of `facts["classes"]`."""
        if self.facts["kind"] == "tfidf":
            return TfidfModel.load(self.folder).predict_proba(texts)
        from rankfirst.engine.predictor import Predictor

        logits = Predictor(self.folder, self.facts).logits(texts).astype(np.float64)
        return probabilities(logits, self.facts["multi_label"], self.facts["temperature"])

    def predict(self, texts: Sequence[str]) -> list[Any]:
        """A class name a text; for multi-label a list of names."""
        chosen = predict_labels(self.predict_proba(texts), self.facts["multi_label"])
        names = [[self.facts["classes"][c] for c in np.flatnonzero(row)] for row in chosen]
        return names if self.facts["multi_label"] else [n[0] for n in names]


def load(run: Path | str) -> Classifier:
    """The classifier a finished run delivered. Raises: RunError when there is none."""
    return Classifier(Path(run) / "model")
