"""The Engine protocol: all that a run uses of whatever trains, and what an engine is made with. Torch-free."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from rankfirst.options import MAX_TOKENS
from rankfirst.records import BaseFacts, Curve, Footprint, Health, Lengths, Pace, Recipe

Floats = npt.NDArray[np.float32]
Features = npt.NDArray[np.floating]  # float32, or float16 in a mapped file where there are very many rows

Tick = Callable[[str, int, int], None]
"""Progress: (what, done, of how many). Called often; must be cheap and must not raise."""


def no_tick(what: str, done: int, total: int) -> None:
    """For callers who do not watch."""


@dataclass(frozen=True)
class Pulse:
    """What a training shows while it goes on; one of the two figures is there."""

    recipe: Recipe
    step: int  # optimiser steps done
    train_loss: float | None = None  # nats/example, mean since the pulse before: about 30 an epoch
    val_macro_f1: float | None = None  # of an evaluation, the one before the first step included


Watch = Callable[[Pulse], None]
"""Called with every pulse, in the thread that trains; must be cheap and must not raise. An engine may have none."""


def no_watch(pulse: Pulse) -> None:
    """For callers who do not watch."""


@dataclass(frozen=True)
class Source:
    """A base model on this machine's disk."""

    spec: str  # what the user asked for
    folder: Path
    sha256: str  # of the weight files, in name order


@dataclass(frozen=True)
class FinalPlan:
    """How the chosen recipe is trained to its end."""

    epochs: int
    patience: int  # epochs without a better validation macro-F1 before stopping
    tail: tuple[int, ...] = ()  # class indexes whose mean recall a better macro-F1 must not pay with ...
    tail_slack: float = 0.05  # ... by more than this
    learnt: float = 0.0  # macro-F1 on the fixed training subset below which patience does not count


PROBE_ROWS: Final = 3000  # training rows of a probe. Assumption: that many rank recipes like the whole set
FULL_LR: Final = 3e-5  # usual for encoders of this size (Devlin et al. 2019: 2e-5 to 5e-5)


@dataclass(frozen=True)
class WarmStart:
    """A delivered adapter from which final training starts; probes compare recipes from a fresh start."""

    folder: Path  # as `Engine.export` wrote it
    recipe: Recipe  # of the delivered adapter
    place: tuple[int, ...]  # (C_old,) the index of each old class among the classes now


@dataclass(frozen=True)
class EngineOptions:
    """What an engine is made with, beside its rows, its base and its folder."""

    seed: int = 0
    prefix: str | None = None  # put before each row; None: by base model, until `adopt_prefix`
    max_tokens: int = MAX_TOKENS  # of a text; what is beyond is cut ...
    windows: bool = False  # ... or read in overlapping windows
    base_bits: int | None = None  # 4: the base's linear layers are held in NF4; None: floats
    memory: int | None = None  # bytes the process may hold; None: what this machine allows
    storage: str | None = None  # an address where checkpoints are kept too
    warm: WarmStart | None = None
    probe_rows: int = PROBE_ROWS  # training rows of a probe, at most
    device: str | None = None  # as torch names it; None: the best there is
    pack: bool | None = None  # train the recipes of `LocalEngine.probes` together; None: on CUDA
    share_states: bool = False  # other engines in the same folder may use the same cached states


DEFAULTS: Final = EngineOptions()


@dataclass(frozen=True, eq=False)
class FullRun:
    """Full fine-tuning as a reference: what it reached, nothing to ship."""

    health: Health
    val_macro_f1: tuple[float, ...]  # before the first epoch and after each; over classes with validation rows
    train_loss: tuple[float, ...]  # an epoch: nats, mean over its steps
    logits: Floats  # (n_val, C) of the first evaluation with the best macro-F1
    parameters: int  # that learned
    seconds: float

    @property
    def best_epoch(self) -> int:
        """0: no epoch beat the start."""
        return int(np.argmax(self.val_macro_f1))


@dataclass(frozen=True)
class EngineInfo:
    """What ran, for the journal."""

    device: str
    dtype: str
    threads: int
    base_sha256: str
    prefix: str  # put before each text, e.g. "query: "
    max_tokens: int
    truncated_share: float  # of the training texts: those not read whole
    tokens_mean: float  # read of a training text
    versions: Mapping[str, str]
    windows: bool = False  # longer texts are read in windows of max_tokens
    lengths: Lengths | None = None  # of the training texts; None where nobody counted
    base_bits: int | None = None  # of the base's linear layers; None: floats of `dtype`, which else is computed in


@dataclass(frozen=True)
class Ahead:
    """What became of a speculative probe, one that began before it was requested."""

    recipe: Recipe
    epochs: int
    used: bool
    work: float | None  # TFLOP; None: ended before it was over
    seconds: float  # its worker was busy with it


class Engine(Protocol):
    """Trains the recipes it gets and reports what it measured. Never decides."""

    watch: Watch  # called with every pulse of a training

    @property
    def source(self) -> Source:
        """The base model."""
        ...

    @property
    def facts(self) -> BaseFacts:
        """The base model's adaptable parts and what an epoch costs."""
        ...

    @property
    def info(self) -> EngineInfo:
        """Device, precision, versions."""
        ...

    def calibrate(self) -> Pace:
        """Measure, in about two seconds, in which precision and on how many threads this base runs well here."""
        ...

    def adopt(self, pace: Pace) -> None:
        """Run that way from now on."""
        ...

    def expect(self, recipe: Recipe) -> None:
        """The recipe that is likely to be probed first: `features` keeps the states below its lowest site.

        Raises: EngineError when memory is known to be too small even for one text at a time.
        """
        ...

    def footprint(self, recipe: Recipe) -> Footprint:
        """Memory that training this recipe needs, and how its steps are run so that they fit."""
        ...

    def speed(self) -> float:
        """TFLOP a second of a forward pass over a few training rows, measured now (about two seconds)."""
        ...

    @property
    def prefixes(self) -> tuple[str, ...]:
        """What may be put before each text: what this base is read with by default, then what else is worth trying.

        One where the user chose.
        """
        ...

    def sample_features(self, rows: Sequence[int], prefix: str, tick: Tick = no_tick) -> Mapping[str, Features]:
        """As `features`, of some training rows read with that prefix; nothing of it is kept."""
        ...

    def encode(self, texts: Sequence[str], tick: Tick = no_tick) -> Mapping[str, Features]:
        """As `features`, of any texts, read as the training rows are."""
        ...

    def adopt_prefix(self, prefix: str) -> None:
        """Read every row with that prefix from now on: to be called before `features`, and once."""
        ...

    def ms_per_text(self) -> float:
        """Milliseconds from one text to its pooled state, measured now on validation rows, each alone (the median)."""
        ...

    def features(self, split: str, tick: Tick = no_tick) -> Mapping[str, Features]:
        """Pooled states of the untouched base: pooling name -> (n, d). `split` is "train", "val" or "test"."""
        ...

    def use_head(self, pooling: str, weight: Floats, bias: Floats) -> None:
        """The frozen rung's solution, from which every recipe with head "probe" starts. (C, d), (C,)."""
        ...

    def probe(self, recipe: Recipe, epochs: int, tick: Tick = no_tick) -> Curve:
        """Train on the probe rows: lr warms up, holds, and falls to nothing over the last third.

        Divergence and lack of memory are results (`Curve.health`), not exceptions.
        """
        ...

    def finish(self, recipe: Recipe, plan: FinalPlan, name: str, tick: Tick = no_tick) -> Curve:
        """Train on all rows with linear decay, keep the best epoch. Continues by itself after a kill."""
        ...

    def full(self, epochs: int, lr: float = FULL_LR, seed: int = 0, tick: Tick = no_tick) -> FullRun:
        """Train every weight of the base and the head on all rows, once `use_head` was called; then forget it.

        Afterwards the base is as it was to the last bit. Divergence and lack of memory are results.
        """
        ...

    def logits(self, checkpoint: str, split: str, tick: Tick = no_tick) -> Floats:
        """(n, C) logits of a trained checkpoint."""
        ...

    def read(self, checkpoint: str, texts: Sequence[str], tick: Tick = no_tick) -> tuple[Floats, Floats]:
        """(n, d) pooled states and (n, C) logits of any texts by a trained checkpoint."""
        ...

    def has(self, checkpoint: str) -> bool:
        """Whether that checkpoint is still there and whole."""
        ...

    def export(self, checkpoint: str, folder: str) -> None:
        """Write adapter and head to `folder` in formats others can read."""
        ...

    def release(self) -> None:
        """End the processes that train for this engine, if any; every file stays, for a run that will be continued."""
        ...

    def close(self) -> None:
        """As `release`, and free what only helped while running; checkpoints stay."""
        ...


@runtime_checkable
class Foresighted(Protocol):
    """An engine that can train speculatively. That changes no answer, only when it is there."""

    def foresee(self, wanted: Sequence[tuple[Recipe, int]], requested: tuple[Recipe, int] | None = None) -> None:
        """Begin probes, (recipe, epochs), that may be requested next, most likely first, on idle workers.

        Those begun earlier that are no longer wanted are ended.

        Args: requested: the probe that follows at once. None: no probe will follow.
        """
        ...

    def settled(self) -> list[Ahead]:
        """What became of those begun early, since the last time."""
        ...
