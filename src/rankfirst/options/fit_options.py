"""The options of a run, one field each. Flags, keywords, files and records are derived from the fields.

A new option needs three edits: its field here, the code that uses it, and the sentence `cli.help.NAME`.
"""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from rankfirst.errors import OptionError
from rankfirst.options.field import (
    Bits,
    OneOf,
    Option,
    Options,
    Whole,
    Within,
    duration,
    option,
    options_of,
    parse_budget,
    size,
    text_encoding,
)

MAX_TOKENS: Final = 256  # tokens per text: customer messages are seldom longer, and cost grows with length


@dataclass(frozen=True, kw_only=True)
class RowOptions(Options):
    """The rows and how they are split: options of `fit` and `assess`."""

    val: Path | None = option(None, "rows", journal="", everyday=True)
    test: Path | None = option(None, "rows", journal="", everyday=True)
    text: str | None = option(None, "rows", journal="", everyday=True)
    label: str | None = option(None, "rows", journal="", everyday=True)
    separator: str | None = option(None, "rows", journal="")
    label_names: str | None = option(None, "rows", journal="")
    empty_is_none: bool = option(False, "rows", journal="")
    keep_case: bool = option(False, "rows", journal="")
    encoding: str | None = option(None, "rows", text_encoding, journal="")
    group: str | None = option(None, "rows", journal="")
    time: str | None = option(None, "rows", journal="")
    seed: int = option(0, "decisions", Whole(0), plain=True,
                       called=("seeds", "another seed", "random seed", "种子", "随机种子"))  # fmt: skip

    @property
    def rows(self) -> dict[str, Any]:
        """The options of this class, as keywords of `data.load_dataset`."""
        return {name: getattr(self, name) for name in options_of(RowOptions)}


@dataclass(frozen=True, kw_only=True)
class ModelOptions(Options):
    """The base model and how it reads texts: options of `fit`, `assess` and the estimator."""

    base_model: str | None = option(None, "model", journal="", renewed="run", everyday=True, called=(
        "encoder", "bigger model", "larger model", "底座", "底座模型", "更大的模型", "换模型"))  # fmt: skip
    prefix: str | None = option(None, "model", renewed="model", called=("instruction", "前缀", "指令"))
    max_tokens: int = option(MAX_TOKENS, "model", Whole(8), plain=True, renewed="model",
                             called=("max length", "longer texts", "windows", "截断", "最大长度"))  # fmt: skip
    base_bits: int | None = option(None, "model", Bits())
    memory: str | None = option(None, "machine", size, journal="", renewed="given")


@dataclass(frozen=True, kw_only=True)
class TrainingOptions(Options):
    """The search, the objective and the answers: options of `fit` and the estimator."""

    budget: str | None = option(None, "decisions", duration, journal="budget_seconds", renewed="given",
                                everyday=True, called=("more time", "time", "预算", "时间"))  # fmt: skip
    knobs: Iterable[str] = option((), "decisions", flag="--set", journal="set")
    force: bool = option(False, "decisions", plain=True)
    always_lora: bool = option(False, "decisions", plain=True)
    hold_out: bool = option(False, "decisions", plain=True)
    # plain: a run that is older than the option counts as balanced.
    prefer: str = option("balanced", "decisions", OneOf(("cheaper", "balanced", "better")), plain=True, everyday=True)
    windows: bool = option(False, "model", plain=True, renewed="model")
    # Ranges: Lin et al. (2017) tried gamma up to 5, Menon et al. (2021) tau up to about 3; 0.1 is the usual smoothing;
    # no head lr outside its range trains. A value beyond a range is more likely a typing error.
    head: str = option("probe", "objective", OneOf(("probe", "zero", "random")), worth="random",
                       called=("classification head", "分类头"))  # fmt: skip
    head_lr: float | None = option(None, "objective", Within(1e-6, 1.0), worth="1e-3",
                                   called=("分类头学习率", "分类头 lr"))  # fmt: skip
    class_weights: str = option("none", "objective", OneOf(("none", "balanced", "sqrt")), worth="sqrt",
                                called=("class weight", "类别权重", "类权重"))  # fmt: skip
    focal: float = option(0.0, "objective", Within(0.0, 10.0), worth="2", called=("focal loss",))
    logit_adjustment: float = option(0.0, "objective", Within(0.0, 4.0), worth="1",
                                     called=("logit 校正", "logit校正"))  # fmt: skip
    label_smoothing: float = option(0.0, "objective", Within(0.0, 0.3), worth="0.1", called=("标签平滑",))
    # A coverage below one half leaves most rows unanswered; F-beta outside the range of beta is recall or precision.
    coverage: float = option(0.95, "answers", Within(0.5, 1.0))
    beta: float = option(1.0, "answers", Within(0.1, 10.0))
    oos: Path | str | Iterable[str] | None = option(None, "answers", journal="outside", renewed="")
    costs: Path | str | Mapping[tuple[Any, Any], float] | None = option(None, "answers", renewed="")
    abstain_cost: float | None = option(None, "answers", Within(0.0))


@dataclass(frozen=True, kw_only=True)
class RunOptions(TrainingOptions, ModelOptions, RowOptions):
    """Every option of `fit` except those of the machine: options of an entry of `fit-many`."""

    wide_lr: bool = option(False, "decisions", plain=True)
    drop_suspects: bool = option(False, "decisions", plain=True)
    profile: str = option("measured", "decisions", OneOf(("measured", "seed")), plain=True)
    oos_label: str | None = option(None, "answers", journal="")
    storage: str | None = option(None, "output", journal="")
    track: Iterable[str] = option((), "output", journal="", renewed="given")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.oos is not None and self.oos_label is not None:
            raise OptionError("option.oos_twice")


@dataclass(frozen=True, kw_only=True)
class RayOptions(Options):
    """Training on a Ray cluster: options of `fit`, and of the command `fit-many`."""

    engine: str = option("local", "machine", journal="")
    workers: int | None = option(None, "machine", Whole(1), journal="")
    threads: int | None = option(None, "machine", Whole(1), journal="")
    gpus: float = option(0.0, "machine", Within(0.0), journal="")


@dataclass(frozen=True, kw_only=True)
class MachineOptions(RayOptions):
    """Where training runs."""

    processes: int | None = option(None, "machine", Whole(1), journal="")
    shard: bool = option(False, "machine", journal="")


@dataclass(frozen=True, kw_only=True)
class AssessOptions(ModelOptions, RowOptions):
    """The options that `assess` shares with `fit`."""


@dataclass(frozen=True, kw_only=True)
class FitOptions(MachineOptions, RunOptions):
    """Every option of `fit`."""

    @property
    def fixed(self) -> dict[str, Any]:
        """The fields of a recipe that no rule changes: head and objective."""
        from rankfirst.records import ClassWeights, Head, Objective  # here: the command line needs none of them

        objective = Objective(ClassWeights(self.class_weights), self.focal, self.logit_adjustment, self.label_smoothing)
        return {"head": Head(self.head), "head_lr": self.head_lr, "objective": objective}

    @property
    def seconds(self) -> float | None:
        """The time limit; None: the budget is counted in work."""
        return None if self.budget is None else parse_budget(self.budget)

    def suit(self, multi_label: bool) -> None:
        """Raises: OptionError if an option has no meaning for these labels."""
        if multi_label and (self.costs is not None or self.abstain_cost is not None):
            raise OptionError("option.costs_multi")
        if multi_label and self.logit_adjustment:
            raise OptionError("option.adjusted_multi")
        if not multi_label and self.beta != 1:
            raise OptionError("option.beta_single")

    def identity(self) -> dict[str, Any]:
        """The part of the `run` event that a repeated command must match: key -> value."""
        chosen = self.chosen()
        return {key: chosen.get(one.name, one.default if one.plain else None)
                for key, one in journal_keys(type(self)).items()}  # fmt: skip

    def words(self) -> list[str]:
        """The options that differ from their defaults, as words of a command line."""
        known, given = options_of(type(self)), self.chosen()
        order = {name: at for at, name in enumerate(_ORDER)}
        names = sorted(given, key=lambda name: (known[name].kind is list, order.get(name, len(order))))
        return [word for name in names for word in known[name].words(given[name])]

    def command(self, train: object, out: object) -> str:
        """The command line of `rankfirst fit` with these options."""
        return shlex.join(["rankfirst", "fit", str(train), "-o", str(out), *self.words()])


# The order of flags in the command that continues a run. Options not named here follow, lists come last.
_ORDER: Final = """val test text label separator label_names empty_is_none keep_case group time
    base_model seed budget prefix force always_lora prefer hold_out wide_lr drop_suspects
    windows memory storage base_bits head head_lr class_weights focal logit_adjustment label_smoothing coverage beta
    abstain_cost oos oos_label costs profile max_tokens""".split()


def journal_keys(kind: type = FitOptions) -> dict[str, Option]:
    """Key in the `run` event -> option, for the options that are part of the identity of a run."""
    return {one.journal: one for one in options_of(kind).values() if one.journal}


def given_in(words: Sequence[str]) -> dict[str, Any]:
    """Name -> value as given on a command line, for options with one value and switches on how rows are read."""
    known = {one.flag: name for name, one in options_of(FitOptions).items() if one.kind not in (bool, list)}
    switches = {one.flag: name for name, one in options_of(RowOptions).items() if one.kind is bool}
    given: dict[str, Any] = {known[flag]: value for flag, value in pairwise(words) if flag in known}
    return given | {name: True for flag, name in switches.items() if flag in words}


def restored(run: Mapping[str, Any], model: Mapping[str, Any]) -> dict[str, Any]:
    """The options that `continue` restores from the `run` event and decision.json: name -> value."""
    found: dict[str, Any] = {}
    for name, one in options_of(FitOptions).items():
        value = {"run": run, "model": model}.get(one.renewed or "", {}).get(one.journal or name)
        if value is not None:
            found[name] = [f"{key}={each}" for key, each in value.items()] if isinstance(value, Mapping) else value
    return found
