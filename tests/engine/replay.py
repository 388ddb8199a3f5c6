"""Recorded runs instead of training: a real run is recorded once and played back anywhere."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from rankfirst.engine.base import FULL_LR, Engine, EngineInfo, FinalPlan, Floats, FullRun, Tick, no_tick
from rankfirst.records import BaseFacts, Curve, Health, Pace, Recipe, from_json, to_json

K = TypeVar("K")
V = TypeVar("V")


class NotRecordedError(OSError):
    """The recording holds no answer to this; an OSError, as a checkpoint that is missing."""


@dataclass
class Recording:
    """Everything an engine was asked and what it answered."""

    facts: BaseFacts
    info: EngineInfo
    features: dict[tuple[str, str], Floats] = field(default_factory=dict)  # (split, pooling) -> (n, d)
    probes: dict[tuple[str, int], Curve] = field(default_factory=dict)  # (recipe key, epochs)
    finals: dict[str, Curve] = field(default_factory=dict)  # recipe key
    logits: dict[tuple[str, str], Floats] = field(default_factory=dict)  # (checkpoint, split) -> (n, C)
    prefixes: tuple[str, ...] = ()
    samples: dict[tuple[str, tuple[int, ...]], Mapping[str, Floats]] = field(default_factory=dict)  # (prefix, rows)
    ms_per_text: float = 0.0
    fulls: dict[tuple[int, float, int], FullRun] = field(default_factory=dict)  # (epochs, lr, seed)

    def save(self, folder: Path) -> None:
        """Write `recording.json` and `arrays.npz`."""
        folder.mkdir(parents=True, exist_ok=True)
        records = {
            "facts": to_json(self.facts),
            "info": to_json(self.info),
            "probes": [{"epochs": epochs, "curve": to_json(c)} for (_, epochs), c in self.probes.items()],
            "finals": [to_json(c) for c in self.finals.values()],
            "prefixes": self.prefixes,
            "ms_per_text": self.ms_per_text,
            "samples": list(self.samples),
            "fulls": [_told(asked, run) for asked, run in self.fulls.items()],
        }
        (folder / "recording.json").write_text(json.dumps(records), encoding="utf-8")
        arrays: dict[str, Any] = {f"features/{split}/{pooling}": a for (split, pooling), a in self.features.items()}
        arrays |= {f"logits/{name}/{split}": a for (name, split), a in self.logits.items()}
        arrays |= {f"samples/{i}/{name}": a for i, made in enumerate(self.samples.values()) for name, a in made.items()}
        arrays |= {f"fulls/{i}/val": run.logits for i, run in enumerate(self.fulls.values())}
        with (folder / "arrays.npz").open("wb") as file:
            np.savez_compressed(file, **arrays)

    @staticmethod
    def load(folder: Path) -> "Recording":
        """Raises: OSError when a file is missing, ValueError or KeyError when it is no recording."""
        records = json.loads((folder / "recording.json").read_text(encoding="utf-8"))
        recording = Recording(from_json(BaseFacts, records["facts"]), from_json(EngineInfo, records["info"]))
        for probe in records["probes"]:
            curve: Curve = from_json(Curve, probe["curve"])
            recording.probes[curve.recipe.key, probe["epochs"]] = curve
        for final in records["finals"]:
            curve = from_json(Curve, final)
            recording.finals[curve.recipe.key] = curve
        recording.prefixes = tuple(records.get("prefixes", (recording.info.prefix,)))
        recording.ms_per_text = float(records.get("ms_per_text", 0.0))
        samples: list[dict[str, Floats]] = [{} for _ in records.get("samples", ())]
        recording.samples = {
            (p, tuple(rows)): s for (p, rows), s in zip(records.get("samples", ()), samples, strict=True)
        }
        with np.load(folder / "arrays.npz", allow_pickle=False) as arrays:
            for i, told in enumerate(records.get("fulls", ())):
                recording.fulls[tuple(told["asked"])] = _run(told, arrays[f"fulls/{i}/val"])
            for name in arrays.files:
                kind, _, rest = name.partition("/")
                first, _, last = rest.rpartition("/")  # a checkpoint's name may hold a slash, a split's does not
                if kind == "samples":
                    samples[int(first)][last] = arrays[name]
                elif kind != "fulls":
                    (recording.features if kind == "features" else recording.logits)[first, last] = arrays[name]
        return recording


class ReplayEngine:
    """Implements `engine.base.Engine`: answers what was recorded, and refuses the rest."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.facts, self.info = recording.facts, recording.info
        self.prefixes = recording.prefixes

    def calibrate(self) -> Pace:
        return Pace(self.info.device, self.info.dtype, self.info.threads, ())

    def adopt(self, pace: Pace) -> None:
        """Nothing to do: nothing runs here."""

    def expect(self, recipe: Recipe) -> None:
        """Nothing to do, as above."""

    def close(self) -> None:
        """Nothing to do, as above."""

    def adopt_prefix(self, prefix: str) -> None:
        if prefix != self.info.prefix:  # the recorded run had its own
            raise NotRecordedError(f"texts after {prefix!r}")

    def sample_features(self, rows: Sequence[int], prefix: str, tick: Tick = no_tick) -> Mapping[str, Floats]:
        key = (prefix, tuple(rows))
        return _answer(self.recording.samples, key, f"{len(rows)} rows after {prefix!r}", "features", tick)

    def encode(self, texts: Sequence[str], tick: Tick = no_tick) -> Mapping[str, Floats]:
        raise NotRecordedError(f"{len(texts)} other texts")

    def read(self, checkpoint: str, texts: Sequence[str], tick: Tick = no_tick) -> tuple[Floats, Floats]:
        raise NotRecordedError(f"{len(texts)} other texts")

    def ms_per_text(self) -> float:
        return self.recording.ms_per_text

    def full(self, epochs: int, lr: float = FULL_LR, seed: int = 0, tick: Tick = no_tick) -> FullRun:
        return _answer(self.recording.fulls, (epochs, lr, seed), f"full fine-tuning at {lr:g}", "full", tick)

    def features(self, split: str, tick: Tick = no_tick) -> Mapping[str, Floats]:
        found = {pooling: a for (of, pooling), a in self.recording.features.items() if of == split}
        return _answer({split: found} if found else {}, split, f"features of {split}", "features", tick)

    def use_head(self, pooling: str, weight: Floats, bias: Floats) -> None:
        """Nothing to do: the recorded runs had theirs."""

    def probe(self, recipe: Recipe, epochs: int, tick: Tick = no_tick) -> Curve:
        return _answer(self.recording.probes, (recipe.key, epochs), f"{recipe.key} for {epochs} epochs", "train", tick)

    def finish(self, recipe: Recipe, plan: FinalPlan, name: str, tick: Tick = no_tick) -> Curve:
        return _answer(self.recording.finals, recipe.key, f"{recipe.key} to its end", "train", tick)

    def logits(self, checkpoint: str, split: str, tick: Tick = no_tick) -> Floats:
        what = f"{checkpoint} on {split}"
        return _answer(self.recording.logits, (checkpoint, split), what, "evaluate", tick)

    def has(self, checkpoint: str) -> bool:
        curves = (*self.recording.probes.values(), *self.recording.finals.values())
        return bool(checkpoint) and any(c.checkpoint == checkpoint for c in curves)

    def export(self, checkpoint: str, folder: str) -> None:
        raise NotRecordedError(f"the weights of {checkpoint}")


class RecordingEngine:
    """Implements `engine.base.Engine`: hands every request on and keeps the answer in `recording`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.facts, self.info = engine.facts, engine.info
        self.recording = Recording(self.facts, self.info)
        self.use_head, self.has, self.export = engine.use_head, engine.has, engine.export
        self.calibrate, self.adopt = engine.calibrate, engine.adopt
        self.expect, self.close = engine.expect, engine.close
        self.prefixes = self.recording.prefixes = engine.prefixes

    def adopt_prefix(self, prefix: str) -> None:
        self.engine.adopt_prefix(prefix)
        self.facts = self.recording.facts = self.engine.facts
        self.info = self.recording.info = self.engine.info

    def sample_features(self, rows: Sequence[int], prefix: str, tick: Tick = no_tick) -> Mapping[str, Floats]:
        found = self.recording.samples[prefix, tuple(rows)] = self.engine.sample_features(rows, prefix, tick)
        return found

    def encode(self, texts: Sequence[str], tick: Tick = no_tick) -> Mapping[str, Floats]:
        return self.engine.encode(texts, tick)

    def read(self, checkpoint: str, texts: Sequence[str], tick: Tick = no_tick) -> tuple[Floats, Floats]:
        return self.engine.read(checkpoint, texts, tick)

    def ms_per_text(self) -> float:
        self.recording.ms_per_text = self.engine.ms_per_text()
        return self.recording.ms_per_text

    def full(self, epochs: int, lr: float = FULL_LR, seed: int = 0, tick: Tick = no_tick) -> FullRun:
        run = self.recording.fulls[epochs, lr, seed] = self.engine.full(epochs, lr, seed, tick)
        return run

    def features(self, split: str, tick: Tick = no_tick) -> Mapping[str, Floats]:
        found = self.engine.features(split, tick)
        self.recording.features |= {(split, pooling): array for pooling, array in found.items()}
        return found

    def probe(self, recipe: Recipe, epochs: int, tick: Tick = no_tick) -> Curve:
        curve = self.recording.probes[recipe.key, epochs] = self.engine.probe(recipe, epochs, tick)
        return curve

    def finish(self, recipe: Recipe, plan: FinalPlan, name: str, tick: Tick = no_tick) -> Curve:
        curve = self.recording.finals[recipe.key] = self.engine.finish(recipe, plan, name, tick)
        return curve

    def logits(self, checkpoint: str, split: str, tick: Tick = no_tick) -> Floats:
        array = self.recording.logits[checkpoint, split] = self.engine.logits(checkpoint, split, tick)
        return array


def _told(asked: tuple[int, float, int], run: FullRun) -> dict[str, Any]:
    return {"asked": asked} | {k: to_json(v) for k, v in vars(run).items() if k != "logits"}


def _run(told: Mapping[str, Any], logits: Floats) -> FullRun:
    f1, loss = tuple(told["val_macro_f1"]), tuple(told["train_loss"])
    return FullRun(Health(told["health"]), f1, loss, logits, int(told["parameters"]), float(told["seconds"]))


def _answer(recorded: Mapping[K, V], key: K, what: str, stage: str, tick: Tick) -> V:
    if key not in recorded:
        raise NotRecordedError(what)
    tick(stage, 1, 1)
    return recorded[key]
