"""Trainings that went wrong before any knob mattered: nothing learnt, one class for all rows, a warm-up without end."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import isfinite, log
from statistics import fmean

from rankfirst.advice.curve_figures import Train, Val
from rankfirst.advice.looks import Look
from rankfirst.policy import thresholds as t
from rankfirst.records import Curve
from rankfirst.records.training_log import TrainingLog

# All limits here are assumptions: they were chosen on synthetic logs of the kinds that people post.
SAME = 1e-4  # difference up to which scores are the same: trainers print four digits
NEAR_CHANCE = 0.02  # relative distance of a loss from ln C up to which C is deduced
MOST_CLASSES = 200
MOST_GUESSED = 10  # classes that are deduced from a loss alone
ONE_CLASS_FIT = 0.005  # relative distance of an F1 from that of predicting one class
ONE_OF = 20  # classes up to which that distance still means something if their number is unknown
UNMOVED = 0.95  # share of its start above which a loss counts as unmoved
EARLY_CUT = 0.3  # share of the plan below which a run was cut before it could learn
WHOLE_RUN = 0.95  # share of the plan from which a run counts as complete
EASY_STEPS, EASY_EPOCHS = 50, 0.25  # within which a loss near 0 is suspect
EASY_LOSS, EASY_SCORE = 0.05, 0.98  # nats/example, and the validation score that such a run must have
GUESSING = 0.3  # nats/example: a loss that never moved and is lower may have been learnt before the log begins


@dataclass(frozen=True)
class Figures:
    """The figures from which the look follows."""

    train: Train | None
    loss: Val | None  # validation loss
    score: Val | None
    accuracy: Val | None
    train_f1: Val | None
    rows: int  # validation rows; 0 = unknown


def fault_of(run: TrainingLog, curve: Curve, figures: Figures, rose: bool) -> Look | None:
    """The first fault that the log shows, in the order of `Look`; None if it shows none."""
    return next(_faults(run, curve, figures, rose), None)


def _faults(run: TrainingLog, curve: Curve, figures: Figures, rose: bool) -> Iterator[Look]:
    if run.broken_at is not None:
        yield Look.DIVERGED
        return
    yield from _dead(run, figures)
    if _fell_back(curve.train_loss):
        yield Look.FELL_BACK
    if rose:
        yield Look.ROSE
    cut = cut_short(run)
    if warming(run) and not cut:
        yield Look.WARMUP
    if easy_at(run, figures) is not None:
        yield Look.TOO_EASY
    if not (cut and (warming(run) or (run.done or 1.0) < EARLY_CUT)):
        if one_class(run, figures):
            yield Look.ONE_CLASS
        if unlearnt(run, figures):
            yield Look.UNLEARNT
    if cut:
        yield Look.CUT_SHORT


def _dead(run: TrainingLog, figures: Figures) -> Iterator[Look]:
    """Runs in which no weight can have changed."""
    if len(run.points) > 1 and all(p.loss == 0 for p in run.points):
        yield Look.NO_LOSS
    if not _unmoved(figures):
        return
    if run.schedule is not None and run.schedule.zero and len(run.rates) > 1:
        yield Look.NO_LR
    norms = [p.grad_norm for p in run.points if isfinite(p.grad_norm)]
    if len(norms) > 2 and not any(norms):
        yield Look.NO_GRADIENT


def _unmoved(figures: Figures) -> bool:
    """Whether training changed nothing that was logged: some trainers log 0 for an lr or a norm they do not know."""
    train, loss = figures.train, figures.loss
    still = train is None or train.share >= UNMOVED
    return still and (loss is None or loss.best >= UNMOVED * loss.first)


def _fell_back(losses: tuple[float, ...]) -> bool:
    """Whether the training loss had fallen far and then went back to where it began, to the end of the log."""
    if len(losses) < t.LEAST_POINTS:
        return False
    width, quarter = max(3, len(losses) // 8), len(losses) // 4
    means = [fmean(losses[i : i + width]) for i in range(len(losses) - quarter - width + 1)]
    least, end = min(means), losses[-quarter:]
    return least < t.COLLAPSED_LOSS * means[0] and fmean(end) > 0.85 * means[0] and min(end) > least + t.ROSE_NATS


def warming(run: TrainingLog) -> bool:
    """Whether lr was still rising at the end of the log, by its rates or by its settings."""
    if run.schedule is not None and run.schedule.rising:
        return True
    setup, done = run.setup, run.setup.done_steps or (run.last_step if run.counts_steps else 0)
    planned = setup.planned_steps or 0
    warmup = setup.warmup_steps or (setup.warmup_share or 0.0) * planned
    return 0 < done <= warmup


def cut_short(run: TrainingLog) -> bool:
    """Whether the log ends well before the planned run does, and not by early stopping."""
    return run.done is not None and run.done < WHOLE_RUN and not run.setup.early_stopping


def easy_at(run: TrainingLog, figures: Figures) -> int | None:
    """The step by which the training loss was near 0 although few rows had been seen; None if that is not so.

    Rows that are passed several times by then are memorised, and a validation that is not as good is no leak.
    """
    if figures.score is not None and figures.score.last < EASY_SCORE:
        return None
    if figures.score is None and figures.loss is not None and figures.loss.last > EASY_LOSS:
        return None
    if figures.train is None or figures.train.end > EASY_LOSS / 2:
        return None
    first = next((p for p in run.points if p.loss < EASY_LOSS), None)
    if first is None or (isfinite(first.epoch) and first.epoch > 1):
        return None
    if not run.counts_steps:
        return first.step if first.epoch <= EASY_EPOCHS else None
    before = max((p.step for p in run.points if p.step < first.step), default=0)
    # A point is the mean since the one before it: what it shows may have been so earlier.
    return first.step if first.step <= EASY_STEPS or (before < EASY_STEPS and first.step <= 2 * EASY_STEPS) else None


def one_class(run: TrainingLog, figures: Figures) -> bool:
    """Whether the scores are those of predicting one class for all rows (or no label for any row)."""
    score, accuracy = figures.score, figures.accuracy
    if score is not None and score.name == "f1" and score.count > 1 and score.best <= SAME:
        return True  # no row is predicted as positive
    if likely_one_class(run, figures):
        return True
    if accuracy is None or score is None or score.name != "f1" or not _same(run, "accuracy"):
        return False
    p, f1 = accuracy.last, score.last
    highest = 2 * p / (1 + p)  # F1 of the class that is predicted, if p of the rows are of that class
    known = run.setup.classes
    macro = [highest / count for count in ([known] if known else range(2, ONE_OF + 1))]
    other = [highest * p, highest] if _uninformed(figures, p) else []  # weighted; of the positive class
    likely = [*macro, *other]
    return 0 < p < 1 and _same(run, "f1") and any(abs(f1 - value) <= ONE_CLASS_FIT * value for value in likely)


def _uninformed(figures: Figures, accuracy: float) -> bool:
    """Whether the losses are no lower than those of one class predicted for all rows with this accuracy.

    Few validation rows often give a score twice; a model that has learnt has a lower loss than that.
    """
    rest = 1 - accuracy
    entropy = -sum(share * log(share) for share in (accuracy, rest) if share > 0)
    losses = [figures.loss.last] if figures.loss is not None else []
    losses += [figures.train.end] if figures.train is not None else []
    return all(loss >= UNMOVED * entropy for loss in losses)


def likely_one_class(run: TrainingLog, figures: Figures) -> bool:
    """Whether a macro-F1 without an accuracy beside it never changed and is no higher than that of one class."""
    score = figures.score
    if score is None or score.name != "f1" or not run.macro_f1 or figures.accuracy is not None:
        return False
    return same_scores(run, figures) and score.last <= 1.001 / (run.setup.classes or 2)


def _same(run: TrainingLog, name: str) -> bool:
    """Whether a score is the same at every evaluation, of two or more."""
    values = [value for e in run.evaluations if isfinite(value := getattr(e, name))]
    return len(values) > 1 and max(values) - min(values) <= SAME


def same_scores(run: TrainingLog, figures: Figures) -> bool:
    """Whether the score never changed over three or more evaluations."""
    score = figures.score
    return score is not None and score.count > 2 and score.last < 1 and _same(run, score.name)


def unlearnt(run: TrainingLog, figures: Figures) -> bool:
    """Whether neither the training loss nor validation ever left the level of guessing."""
    level, score = level_of(figures), figures.score
    if level is None or not _unmoved(figures):
        return False
    if score is None and run.setup.classes is None and _first_losses(run) > 1.3 * level:
        return False  # it fell within the first points, whose quarter hides it
    classes = classes_of(run, figures)
    guessed = classes is not None and score is not None and score.best <= 1.2 / classes
    if score is not None and not guessed and score.best - score.first > t.F1_SWING:
        return False
    if classes is not None and level >= UNMOVED * log(classes):
        return score is None or score.best <= 1.5 / classes or same_scores(run, figures)
    if figures.accuracy is not None and not _uninformed(figures, figures.accuracy.last):
        return False
    return same_scores(run, figures) or (score is None and run.setup.classes is None and level > GUESSING)


def _first_losses(run: TrainingLog) -> float:
    """The mean of the first three losses; 0 without any."""
    return fmean(p.loss for p in run.points[:3]) if run.points else 0.0


def level_of(figures: Figures) -> float | None:
    """The loss at the end: of validation, which has no noise of batches, unless it was evaluated once at most."""
    if figures.loss is not None and figures.loss.count > 1:
        return figures.loss.last
    return figures.train.end if figures.train is not None and figures.train.points > 2 else None


def classes_of(run: TrainingLog, figures: Figures) -> int | None:
    """The number of classes: from the settings, or the one for which loss and score are those of guessing."""
    if run.setup.classes is not None:
        return run.setup.classes
    level, score = level_of(figures), figures.score
    if level is None:
        return None
    counts: Iterable[int] = range(2, MOST_CLASSES if score is not None else MOST_GUESSED + 1)
    fitting = [count for count in counts if abs(level - log(count)) <= NEAR_CHANCE * log(count)]
    if score is not None:
        low = 0.75 if score.name == "accuracy" else 0.0
        fitting = [count for count in fitting if low <= score.last * count <= 1.35]
    return min(fitting, key=lambda count: abs(level - log(count)), default=None)
