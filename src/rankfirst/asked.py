"""What a run was asked for: the options that make it this run, and the command that continues it."""

import hashlib
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rankfirst import data, trackers
from rankfirst.clock import parse_budget
from rankfirst.engine.processes import Processes
from rankfirst.engine.ray_cluster import Pool
from rankfirst.errors import OptionError
from rankfirst.policy import answering, held, ladders, settings
from rankfirst.records import Budget, Costs, Dataset, to_json
from rankfirst.walk import Origin, Wishes

# TFLOP: about a quarter of an hour on two server cores. Work, not seconds, so that the same seed decides the same.
DEFAULT_WORK = 80.0
MAX_TOKENS = 256  # longer texts are cut: customer messages seldom are longer, and cost grows with length


@dataclass(frozen=True)
class Asked:
    """The options that decide what a run does; the same command continues it, another one does not."""

    base_model: str | None
    seed: int
    budget: str | None
    knobs: tuple[str, ...]
    force: bool
    always_lora: bool
    wide_lr: bool
    prefix: str | None
    max_tokens: int
    held: held.Held
    windows: bool
    profile: str
    origin: Origin | None = None  # of a run that goes on from another
    parent: Mapping[str, Any] | None = None  # what the journal says of that one
    answers: answering.Answering = answering.AS_USUAL
    oos: Path | Sequence[str] | None = None
    oos_label: str | None = None
    memory: str | None = None  # how a run fits, not what it decides: no part of its identity
    storage: str | None = None  # where it is kept beside its folder, likewise
    base_bits: int | None = None  # 4: the base's linear layers in NF4

    def seconds(self) -> float | None:
        """The clock limit."""
        return None if self.budget is None else parse_budget(self.budget)

    def wishes(self) -> Wishes:
        """For the autopilot. Raises: OptionError."""
        if self.seed < 0:
            raise OptionError("option.bad_seed", seed=self.seed)
        seconds = self.seconds()
        budget = Budget(DEFAULT_WORK if seconds is None else float("inf"), seconds)
        knobs = settings.parse(self.knobs)
        return Wishes(budget, self.seed, self.always_lora, self.wide_lr, knobs, self.force, self.held,
                      ladders.named(self.profile), self.origin)  # fmt: skip

    def identity(self, dataset: Dataset) -> dict[str, Any]:
        """For the journal. Raises: DataError for costs that do not fit the classes."""
        wishes = self.wishes()
        written = {knob: settings.written(knob, value) for knob, value in wishes.settings.items()}
        return {"seed": self.seed, "budget_seconds": wishes.budget.max_seconds, "set": written, "force": self.force,
                "always_lora": self.always_lora, "wide_lr": self.wide_lr, "prefix": self.prefix,
                "max_tokens": self.max_tokens, "windows": self.windows, "profile": self.profile,
                "base_bits": self.base_bits,
                "probes": "cooled", "parent": None if self.parent is None else self.parent["journal_sha256"],
                **self.held.flags, **self.answers.flags, **self._outside(dataset),
                "costs": to_json(self.costs(dataset))}  # fmt: skip

    def costs(self, dataset: Dataset) -> Costs | None:
        """Of answers, as class indexes; None where the user named none. Raises: DataError."""
        return data.costs_of(self.answers.costs, dataset.classes, self.answers.abstain_cost)

    def _outside(self, dataset: Dataset) -> dict[str, Any]:
        texts = [*dataset.outside, "", *dataset.outside_test]
        known = bool(dataset.outside)
        return {"outside": hashlib.sha256("\n".join(texts).encode()).hexdigest() if known else None}


def packed(bits: object) -> int | None:
    """What `--base-bits` or `base_bits` says. Raises: OptionError."""
    if bits is None:
        return None
    if str(bits).strip() != "4":
        raise OptionError("option.bad_bits", text=str(bits))
    return 4


def several(knobs: Iterable[str] | str) -> tuple[str, ...]:
    """One knob or some, as a tuple."""
    return (knobs,) if isinstance(knobs, str) else tuple(knobs)


def command_of(train: object, out: object, files: dict[str, Any], asked: Asked,
             targets: Iterable[trackers.Target], pool: Pool | Processes | None = None) -> str:  # fmt: skip
    """The command line that continues this run."""
    words = ["rankfirst", "fit", "ROWS" if isinstance(train, Dataset) else str(train), "-o", str(out)]
    given = files | {"--base-model": asked.base_model, "--seed": asked.seed or None, "--budget": asked.budget,
                     "--prefix": asked.prefix, "--force": asked.force, "--always-lora": asked.always_lora,
                     "--wide-lr": asked.wide_lr, "--windows": asked.windows, "--memory": asked.memory,
                     "--storage": asked.storage, "--base-bits": asked.base_bits}  # fmt: skip
    given |= {f"--{name.replace('_', '-')}": value for name, value in asked.held.flags.items()}
    given |= {f"--{name.replace('_', '-')}": value for name, value in asked.answers.flags.items()}
    given |= {"--oos": _file(asked.oos), "--oos-label": asked.oos_label, "--costs": _file(asked.answers.costs)}
    if asked.profile != "measured":
        given["--profile"] = asked.profile
    if asked.max_tokens != MAX_TOKENS:
        given["--max-tokens"] = asked.max_tokens
    if isinstance(pool, Processes):
        given |= {"--processes": pool.count, "--shard": pool.sharded}
    elif pool is not None:
        given |= {
            "--engine": pool.spec,
            "--workers": pool.workers,
            "--threads": pool.threads,
            "--gpus": pool.gpus or None,
        }
    for flag, value in given.items():
        words += [flag] if value is True else [] if value in (None, False) else [flag, str(value)]
    many = [("--set", knob) for knob in asked.knobs] + [("--track", str(target)) for target in targets]
    return shlex.join([*words, *(word for pair in many for word in pair)])


def _file(given: object) -> str | None:
    """A file as a command names it; what was given in memory stands as a word for it."""
    return None if given is None else str(given) if isinstance(given, Path) else "IN-MEMORY"
