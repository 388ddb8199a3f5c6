"""The view model: all contents of the page in both languages, fully computed, without HTML."""

from dataclasses import dataclass

from rankfirst.report.phrases import Both


@dataclass(frozen=True)
class Span:
    """A share of 1 with its 95% interval; None if not measured."""

    value: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Series:
    """One curve; `style` names a colour of the page. NaN is a gap, as for values of a damaged journal."""

    name: Both
    xs: tuple[float, ...]
    ys: tuple[float, ...]
    style: str = "a"  # a to f
    dots: bool = False
    low: tuple[float, ...] = ()  # the noise band, one value per point; empty without one
    high: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        for field in ("xs", "ys", "low", "high"):
            sound = tuple(v if isinstance(v, int | float) else float("nan") for v in getattr(self, field))
            object.__setattr__(self, field, sound)


@dataclass(frozen=True)
class Plot:
    """A chart of curves, over optimiser steps unless `across` names another axis."""

    title: Both
    series: tuple[Series, ...]
    share: bool = False  # ys are shares of 1, shown in percent
    level: float | None = None  # a dashed reference line
    labels: tuple[Both, ...] = ()  # names for x = 1, 2, ... instead of steps
    level_name: Both | None = None
    across: Both | None = None
    across_share: bool = False  # xs are shares of 1 as well
    diagonal: bool = False  # where y = x
    notes: tuple[Both, ...] = ()  # of each point, shown when it is pointed at


@dataclass(frozen=True)
class Whisker:
    """A gain with its noise band, in the unit of its chart."""

    name: Both
    value: float
    reach: float | None  # half the width of its interval
    caption: Both
    beyond: bool
    about: Both | None = None  # recipe and interval in words


@dataclass(frozen=True)
class Tile:
    """One large figure with a title above and a line below."""

    label: Both
    value: Both
    below: Both | None = None


@dataclass(frozen=True)
class VerdictView:
    """The answer."""

    headline: Both
    why: Both
    forced: bool
    knobs: tuple["Knob", ...]  # the recipe that is delivered
    tiles: tuple[Tile, ...]
    gain: Whisker | None  # LoRA against the cheaper rung, in points
    gain_label: Both | None
    gain_words: Both | None
    moves: Both | None = None  # how many changes of the recipe the search kept, and how many are proven
    trained: tuple[Both, ...] = ()  # the rows it was trained on, and the model behind each figure; empty in old runs


@dataclass(frozen=True)
class RungView:
    """One row of the ladder."""

    name: Both
    about: Both
    shipped: bool
    val: Span
    interval: str
    tail: float | None
    accuracy: str
    test: str
    seconds: Both
    size: str
    latency: str = ""  # milliseconds a text
    line: int = 0  # here and below: the journal line of the figures; 0: none


@dataclass(frozen=True)
class BaseRow:
    """One candidate."""

    name: str
    reads: Both
    cells: tuple[Both, ...]  # as `BasesView.columns` without the first and the last
    why: Both
    taken: bool


@dataclass(frozen=True)
class BasesView:
    """The section on the choice of a base model."""

    head: Both
    words: Both
    note: Both | None
    columns: tuple[Both, ...]
    rows: tuple[BaseRow, ...]
    missing: tuple[Both, ...]


@dataclass(frozen=True)
class ExampleView:
    """A row of the data; empty fields if unknown."""

    text: str
    given: str
    suggested: str
    where: str


@dataclass(frozen=True)
class CheckView:
    """One data finding."""

    level: str
    words: Both
    rows: str
    examples: tuple[ExampleView, ...] = ()


@dataclass(frozen=True)
class DataView:
    """The section on the data."""

    facts: tuple[tuple[Both, Both], ...]
    checks: tuple[CheckView, ...]
    pairs: tuple[tuple[str, str, str], ...]
    suspects: str


@dataclass(frozen=True)
class Knob:
    """One setting of a recipe."""

    words: Both
    moved: bool = False  # against the recipe before it


@dataclass(frozen=True)
class FindingView:
    """A symptom's verdict: present, absent or unknown."""

    verdict: str
    words: Both


@dataclass(frozen=True)
class StepView:
    """One entry of the search timeline."""

    kind: str  # start, decision, experiment, refusal, note
    title: Both
    rule: str = ""
    knobs: tuple[Knob, ...] = ()
    evidence: tuple[Both, ...] = ()
    conclusion: Both | None = None
    move: Both | None = None
    findings: tuple[FindingView, ...] = ()
    turned_down: tuple[Both, ...] = ()
    refused: tuple[Both, ...] = ()
    line: int = 0


@dataclass(frozen=True)
class StageView:
    """The steps of one stage, and the knobs that it may move."""

    key: str
    name: Both
    rule: Both
    steps: tuple[StepView, ...]


@dataclass(frozen=True)
class ProbeView:
    """One training with its charts."""

    title: Both
    knobs: tuple[Knob, ...]
    outcome: Both
    healthy: bool
    plots: tuple[Plot, ...]
    line: int = 0


@dataclass(frozen=True)
class RecipeRow:
    """One recipe that was trained, and its scores."""

    number: str
    settings: tuple[Knob, ...]  # rank, sites, scaling, lr, dropout: values only
    others: tuple[Knob, ...]  # settings that differ from defaults
    val: float | None  # macro-F1, best evaluation
    end: float | None  # at the end of the run
    gain: str  # against the frozen rung, points
    delivered: bool
    outcome: Both  # how it ended, if not well
    line: int = 0


@dataclass(frozen=True)
class ArmView:
    """One arm of an experiment."""

    name: Both
    moved: Both
    val_f1: str
    train_f1: str
    train_loss: str
    update: str
    gain: str
    loss: Both  # the same with its sign in words
    beyond: Both


@dataclass(frozen=True)
class ExperimentView:
    """The arms of one experiment, and its result."""

    title: Both
    knobs: tuple[Knob, ...]
    words: Both
    arms: tuple[ArmView, ...]
    whiskers: tuple[Whisker, ...]  # nats/example
    plots: tuple[Plot, ...] = ()  # the curves of its arms in one chart
    line: int = 0


@dataclass(frozen=True)
class RecallView:
    """One class."""

    name: str
    rows: str  # of training
    val: float | None
    test: float | None
    tail: bool
    val_rows: str = ""  # nothing in old runs
    test_rows: str = ""
    precision: float | None = None  # on the test rows, without any on validation rows; None in old runs
    missed: int = 0  # rows of the class that were not predicted as it, of the same split
    examples: tuple[tuple[str, str], ...] = ()  # a few of them: (text, prediction)


@dataclass(frozen=True)
class ConfusionView:
    """Rows of one class that were predicted as another."""

    truth: str
    predicted: str
    count: str
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """Rows of one class that were predicted as a class, perhaps the same one."""

    down: int  # place of the true class
    across: int  # place of the predicted one
    count: int
    share: float  # of the rows of the true class


@dataclass(frozen=True)
class MatrixView:
    """A confusion matrix; cells without rows are left out."""

    classes: tuple[str, ...]
    rows: tuple[int, ...]  # of each class
    cells: tuple[Cell, ...]
    hidden: int  # classes that do not fit


@dataclass(frozen=True)
class CostView:
    """Time and work of one step."""

    name: Both
    seconds: Both
    share: float  # of the time
    work: str = "–"  # TFLOP


@dataclass(frozen=True)
class Page:
    """The whole report."""

    dataset: str
    subtitle: Both
    synthetic: bool
    unfinished: Both | None
    multi_label: bool  # accuracy is exact match
    verdict: VerdictView | None
    ladder: tuple[RungView, ...]
    ladder_notes: tuple[Both, ...]  # why its figures differ from those elsewhere
    bases: BasesView | None
    data: DataView | None
    overview: Plot | None
    recipes: tuple[RecipeRow, ...]
    walk: tuple[StageView, ...]
    probe_note: Both | None  # the share of rows that a probe uses
    probes: tuple[ProbeView, ...]
    experiments: tuple[ExperimentView, ...]
    recall: tuple[RecallView, ...]
    confusions: tuple[ConfusionView, ...]
    matrix: MatrixView | None
    trust: tuple[tuple[Both, Both], ...]
    trust_plots: tuple[Plot, ...]
    costs: tuple[CostView, ...]
    cost_notes: tuple[tuple[Both, Both], ...]
    time_spent: tuple[CostView, ...]
    command: str
    facts: tuple[tuple[Both, Both], ...]
    six: tuple[Both, ...]
    todo: tuple[Both, ...]  # recommended next steps
    unread: int  # events of another version that this one cannot read
    renewal: tuple[Both, ...] = ()  # of a run that continues another: which model to use, and its parent
