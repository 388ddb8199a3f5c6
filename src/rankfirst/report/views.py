"""The view model: what the template draws, in both languages, nothing left to compute."""

from dataclasses import dataclass

from markupsafe import Markup

from rankfirst.report.speech import Both


@dataclass(frozen=True)
class Tile:
    """One big figure with a word above and a line below."""

    label: Both
    value: Both
    below: Both | None = None


@dataclass(frozen=True)
class VerdictView:
    """The answer."""

    headline: Both
    why: Both
    forced: bool
    tiles: tuple[Tile, ...]


@dataclass(frozen=True)
class RungView:
    """One row of the ladder table."""

    name: Both
    shipped: bool
    val: str
    interval: str
    accuracy: str
    tail: str
    test: str
    seconds: Both
    size: str


@dataclass(frozen=True)
class CheckView:
    """One data finding."""

    level: str
    words: Both
    rows: str


@dataclass(frozen=True)
class DataView:
    """The data, before anything was trained."""

    facts: tuple[tuple[Both, Both], ...]
    checks: tuple[CheckView, ...]
    pairs: tuple[tuple[str, str, str], ...]
    suspects: str


@dataclass(frozen=True)
class FindingView:
    """A symptom's verdict: present, absent or unknown."""

    verdict: str
    rule: str
    words: Both


@dataclass(frozen=True)
class StepView:
    """One entry of the walk."""

    kind: str  # start, decision, refusal, note
    stage: Both | None
    title: Both
    evidence: Both | None = None
    conclusion: Both | None = None
    move: Both | None = None
    rule: str = ""
    findings: tuple[FindingView, ...] = ()
    turned_down: tuple[tuple[str, Both], ...] = ()
    refused: tuple[Both, ...] = ()


@dataclass(frozen=True)
class ProbeView:
    """One training run with its pictures."""

    title: Both
    recipe: Both
    outcome: Both
    loss: Markup
    score: Markup
    healthy: bool


@dataclass(frozen=True)
class ArmView:
    """One arm of an experiment."""

    name: Both
    recipe: Both
    val_f1: str
    train_f1: str
    train_loss: str
    gain: str
    beyond: Both


@dataclass(frozen=True)
class ExperimentView:
    """Arms from one checkpoint and what they say."""

    title: Both
    checkpoint: Both
    arms: tuple[ArmView, ...]
    words: Both


@dataclass(frozen=True)
class RecallView:
    """One class."""

    name: str
    rows: str
    val: str
    bar: Markup
    test: str
    tail: bool


@dataclass(frozen=True)
class ConfusionView:
    """Two classes that are mixed up."""

    a: str
    b: str
    count: str
    examples: tuple[str, ...]


@dataclass(frozen=True)
class CostView:
    """Time of one stage."""

    stage: Both
    seconds: Both
    share: str
    bar: Markup


@dataclass(frozen=True)
class View:
    """The whole report."""

    dataset: str
    when: str
    synthetic: bool
    unfinished: Both | None
    verdict: VerdictView | None
    six: tuple[Both, ...]
    ladder_chart: Markup
    ladder: tuple[RungView, ...]
    data: DataView | None
    walk: tuple[StepView, ...]
    probes: tuple[ProbeView, ...]
    experiments: tuple[ExperimentView, ...]
    recall: tuple[RecallView, ...]
    confusions: tuple[ConfusionView, ...]
    costs: tuple[CostView, ...]
    cost_notes: tuple[tuple[Both, Both], ...]
    command: str
    facts: tuple[tuple[Both, Both], ...]
    unread: int  # events that an other version wrote and this one cannot read
