"""The Engine protocol, which is all that a run uses of an engine, and the options of an engine. Torch-free."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from rankfirst.options.fit_options import MAX_TOKENS
from rankfirst.records import BaseFacts, Curve, Footprint, Health, Lengths, Pace, Recipe

Floats = npt.NDArray[np.float32]
Features = npt.NDArray[np.floating]  # float32, or float16 in a memory-mapped file for very many rows

Tick = Callable[[str, int, int], None]
"""Progress: (activity, done, total). Called often; must be cheap and must not raise."""


def no_tick(what: str, done: int, total: int) -> None:
    """Ignore progress."""


@dataclass(frozen=True)
class Pulse:
    """Training progress; exactly one of the two figures is set."""

    recipe: Recipe
    step: int  # optimiser steps done
    train_loss: float | None = None  # nats/example, mean since the last pulse; about 30 per epoch
    val_macro_f1: float | None = None  # of an evaluation, including the one before the first step


Watch = Callable[[Pulse], None]
"""Called with every pulse in the training thread; must be cheap and must not raise. An engine may send no pulses."""


def no_watch(pulse: Pulse) -> None:
    """Ignore pulses."""


@dataclass(frozen=True)
class Source:
    """A base model on this machine's disk."""

    spec: str  # as the user named it
    folder: Path
    sha256: str  # of the weight files in name order

    @property
    def lasting(self) -> str:
        """The name by which it is found from any working directory."""
        folder = os.path.expanduser(self.spec)
        return os.path.abspath(folder) if os.path.isdir(folder) else self.spec


@dataclass(frozen=True)
class FinalPlan:
    """How the chosen recipe is trained on all rows."""

    epochs: int
    tail: tuple[int, ...] = ()  # class indexes whose mean recall limits which epoch counts as better: it may fall ...
    tail_slack: float = 0.05  # ... by at most this much, or by `tail_ses` if that is more
    tail_ses: float = 2.0  # standard errors of that mean recall, from its validation rows


PROBE_ROWS: Final = 3000  # training rows of a probe. Assumption: they rank recipes as the whole set does
FULL_LR: Final = 3e-5  # usual for encoders of this size (Devlin et al. 2019: 2e-5 to 5e-5)


@dataclass(frozen=True)
class WarmStart:
    """A delivered adapter from which final training starts; probes compare recipes from a fresh start."""

    folder: Path  # as `Engine.export` wrote it
    recipe: Recipe  # of the delivered adapter
    place: tuple[int, ...]  # (C_old,) new index of each old class


@dataclass(frozen=True)
class EngineOptions:
    """Options of an engine, apart from its rows, base model and folder."""

    seed: int = 0
    prefix: str | None = None  # put before each text; None: the base model's default, until `adopt_prefix`
    max_tokens: int = MAX_TOKENS  # per text; a longer text is truncated ...
    windows: bool = False  # ... or read in overlapping windows of that length
    base_bits: int | None = None  # 4: the base's linear layers are quantised to NF4; None: unquantised
    memory: int | None = None  # bytes that the process may use; None: what this machine allows
    storage: str | None = None  # address of remote storage for checkpoints
    warm: WarmStart | None = None
    probe_rows: int = PROBE_ROWS  # maximum training rows of a probe
    device: str | None = None  # torch's name; None: the best available
    pack: bool | None = None  # train the recipes of `LocalEngine.probes` together; None: only on CUDA
    share_states: bool = False  # whether other engines in the same folder share the cached states


DEFAULTS: Final = EngineOptions()


@dataclass(frozen=True, eq=False)
class FullRun:
    """The results of full fine-tuning as a reference; its weights are not kept."""

    health: Health
    val_macro_f1: tuple[float, ...]  # before the first epoch and after each; over classes with validation rows
    train_loss: tuple[float, ...]  # per epoch: nats, mean over its steps
    logits: Floats  # (n_val, C) of the first evaluation with the best macro-F1
    parameters: int  # number of trained weights
    seconds: float

    @property
    def best_epoch(self) -> int:
        """0 if no epoch was better than the start."""
        return int(np.argmax(self.val_macro_f1))


@dataclass(frozen=True)
class EngineInfo:
    """Device, precision, versions and token lengths, for the journal."""

    device: str
    dtype: str
    threads: int
    base_sha256: str
    prefix: str  # put before each text, e.g. "query: "
    max_tokens: int
    truncated_share: float  # of the training texts, not read whole
    tokens_mean: float  # mean tokens read per training text
    versions: Mapping[str, str]
    windows: bool = False  # whether longer texts are read in windows of max_tokens
    lengths: Lengths | None = None  # of the training texts; None if not counted
    figures: str = ""  # type in which `features` of validation rows, `encode`, `logits`, `read` compute; "": `dtype`
    base_bits: int | None = None  # of the base's linear layers; None: unquantised. `dtype` is for computing either way


@dataclass(frozen=True)
class Ahead:
    """The outcome of a speculative probe, i.e. one started before it was requested."""

    recipe: Recipe
    epochs: int
    used: bool
    work: float | None  # TFLOP; None: cancelled
    seconds: float  # that its worker was busy with it


class Engine(Protocol):
    """Trains recipes and reports measurements. It makes no decisions."""

    watch: Watch  # called with every pulse of a training

    @property
    def source(self) -> Source:
        """The base model."""
        ...

    @property
    def facts(self) -> BaseFacts:
        """The base model's adaptable layers and the cost of an epoch."""
        ...

    @property
    def info(self) -> EngineInfo:
        """Device, precision, versions."""
        ...

    def calibrate(self) -> Pace:
        """Measure, in about two seconds, the best precision and thread count for this base on this machine."""
        ...

    def adopt(self, pace: Pace) -> None:
        """Use this precision and thread count from now on."""
        ...

    def expect(self, recipe: Recipe) -> None:
        """Announce the recipe likely to be probed first, so that `features` caches the states below its lowest site.

        Raises: EngineError if memory is too small even for one text at a time.
        """
        ...

    def footprint(self, recipe: Recipe) -> Footprint:
        """Memory that training this recipe needs, and how its steps are split to fit."""
        ...

    def speed(self) -> float:
        """TFLOP per second of a forward pass over some training rows, measured now (about two seconds)."""
        ...

    @property
    def prefixes(self) -> tuple[str, ...]:
        """Candidate prefixes: the base's default first, then others worth trying; only one if the user chose it."""
        ...

    def sample_features(self, rows: Sequence[int], prefix: str, tick: Tick = no_tick) -> Mapping[str, Features]:
        """As `features`, for some training rows with this prefix; nothing is cached."""
        ...

    def encode(self, texts: Sequence[str], tick: Tick = no_tick) -> Mapping[str, Features]:
        """As `features`, for any texts, with the prefix and length limit of the training rows."""
        ...

    def adopt_prefix(self, prefix: str) -> None:
        """Use this prefix for every row from now on. Call once, before `features`."""
        ...

    def ms_per_text(self) -> float:
        """Median milliseconds from one text to its pooled state, measured now on validation rows, one at a time."""
        ...

    def features(self, split: str, tick: Tick = no_tick) -> Mapping[str, Features]:
        """Pooled states of the frozen base: pooling name -> (n, d). `split` is "train", "val" or "test"."""
        ...

    def use_head(self, pooling: str, weight: Floats, bias: Floats) -> None:
        """Set the frozen rung's classifier, (C, d) and (C,), from which every recipe with head "probe" starts."""
        ...

    def probe(self, recipe: Recipe, epochs: int, tick: Tick = no_tick) -> Curve:
        """Train on the probe rows: lr warm-up, constant peak, and linear decay to zero over the last third.

        Every training leaves the rows of `recipe.without` out; the evaluations on training rows keep them.

        Divergence and lack of memory are results (`Curve.health`), not exceptions.
        """
        ...

    def finish(self, recipe: Recipe, plan: FinalPlan, name: str, tick: Tick = no_tick) -> Curve:
        """Train on all rows with linear lr decay; the best epoch and the last are kept (`Curve.checkpoint`, `.end`).

        Called again after a kill, it continues.
        """
        ...

    def refit(self, recipe: Recipe, plan: FinalPlan, epochs: int, name: str, head: tuple[Floats, Floats],
              rows: Sequence[int] | None = None, tick: Tick = no_tick) -> Curve:  # fmt: skip
        """Train on training and validation rows with the schedule of `finish`, and keep the state after `epochs`.

        The validation figures of its curve are those of rows it was trained on. Called again after a kill, it
        continues.

        Args:
            plan: its epochs are those of the schedule; tail is not used.
            head: (C, d) and (C,), from which a recipe with head "probe" starts instead of that of `use_head`.
            rows: indexes into the training rows followed by the validation rows; None: all.
        """
        ...

    def full(self, epochs: int, lr: float = FULL_LR, seed: int = 0, tick: Tick = no_tick) -> FullRun:
        """Train all weights of base and head on all rows, then restore the base bit for bit. Requires `use_head`.

        Divergence and lack of memory are results, not exceptions.
        """
        ...

    def logits(self, checkpoint: str, split: str, rows: Sequence[int] | None = None, tick: Tick = no_tick) -> Floats:
        """(n, C) logits of a trained checkpoint. Args: rows: of the split, in their order; None: all."""
        ...

    def read(self, checkpoint: str, texts: Sequence[str], tick: Tick = no_tick) -> tuple[Floats, Floats]:
        """(n, d) pooled states and (n, C) logits of any texts, from a trained checkpoint."""
        ...

    def has(self, checkpoint: str) -> bool:
        """Whether the checkpoint exists and is readable."""
        ...

    def export(self, checkpoint: str, folder: str) -> None:
        """Write adapter and head to `folder` in formats that other programs read."""
        ...

    def release(self) -> None:
        """End the engine's worker processes, if any. All files stay, so that the run can be continued."""
        ...

    def close(self) -> None:
        """As `release`, and delete cached states; checkpoints stay."""
        ...


@runtime_checkable
class Foresighted(Protocol):
    """An engine that can train speculatively. This does not change results, only when they are available."""

    def foresee(self, wanted: Sequence[tuple[Recipe, int]], requested: tuple[Recipe, int] | None = None) -> None:
        """Start speculative probes on idle workers, and cancel earlier ones that are no longer wanted.

        Args:
            wanted: (recipe, epochs) of probes that may be requested next, most likely first.
            requested: the probe that will be requested next; None: no probe will follow.
        """
        ...

    def settled(self) -> list[Ahead]:
        """The outcomes of speculative probes since the last call."""
        ...
