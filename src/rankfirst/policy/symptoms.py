"""Symptoms: pure, three-valued tests of the evidence. Each docstring says what a test needs and what NaN does."""

import math
from collections.abc import Callable
from dataclasses import replace
from statistics import fmean

from rankfirst.policy import experiments, noise
from rankfirst.policy import thresholds as t
from rankfirst.policy.evidence import Evidence
from rankfirst.policy.oscillation import swings
from rankfirst.records import ArmKind, Curve, Finding, Health, Number, Verdict


def _finding(code: str, present: bool | None, **numbers: Number) -> Finding:
    verdict = Verdict.UNKNOWN if present is None else Verdict.PRESENT if present else Verdict.ABSENT
    return Finding(f"{code}.{verdict.value}", verdict, numbers)


def not_finite(e: Evidence) -> Finding:
    """A loss or gradient became NaN or infinite. Needs nothing; NaN is what it looks for."""
    return _finding("numerics", e.curve.health is Health.DIVERGED, steps=e.curve.steps[-1] if e.curve.steps else 0)


def unlearning(e: Evidence) -> Finding:
    """All numbers are finite, yet training macro-F1 fell below its start. Needs 2 evaluations; NaN -> UNKNOWN.

    A rising loss alone is no evidence: from a head that starts near zero it may rise tenfold and mean nothing.
    """
    if not _known(e):
        return _finding("unlearning", None, evaluations=len(e.curve.evaluations) - 1)
    first, last = e.curve.start, e.curve.last
    fell, dropped = first.train_macro_f1 - last.train_macro_f1, first.judged_f1 - last.judged_f1
    rose = last.train_loss - first.train_loss
    present = rose > 0 and fell > t.UNLEARNT and dropped > t.NOISE_SES * e.noise.f1_se
    return _finding("unlearning", present, train_from=first.train_loss, train_to=last.train_loss, fell=100 * fell,
                    dropped=100 * dropped, f1_noise=100 * t.NOISE_SES * e.noise.f1_se,
                    limit=100 * t.UNLEARNT)  # fmt: skip


def diverged_again(e: Evidence) -> Finding:
    """The second try, with safe numerics, diverged as well. Needs nothing; NaN is what it looks for."""
    again = e.curve.health is Health.DIVERGED and e.curve.recipe.safe_numerics
    return _finding("numerics_again", again, steps=e.curve.steps[-1] if e.curve.steps else 0)


def out_of_memory(e: Evidence) -> Finding:
    """Not even a batch of one row fits into memory. Needs nothing; NaN does not matter."""
    return _finding("memory", e.curve.health is Health.OUT_OF_MEMORY, batch=e.curve.recipe.batch_size)


def too_little(e: Evidence) -> Finding:
    """Fewer loss points or evaluations than a slope needs. Needs nothing; NaN counts as a point."""
    points, evaluations = len(e.curve.steps), len(e.curve.evaluations) - 1
    short = points < t.LEAST_POINTS or evaluations < 2
    return _finding("too_little", short, points=points, needed=t.LEAST_POINTS, evaluations=evaluations)


def _predecessor(e: Evidence) -> Curve | None:
    """The incumbent, if it has another recipe and both have validation predictions at their end."""
    old = e.incumbent
    other = old is not None and old.recipe.key != e.curve.recipe.key
    return old if old and other and e.curve.end_predicted and old.end_predicted else None


def worse_than_before(e: Evidence) -> Finding:
    """The last move lost validation log-loss or macro-F1 beyond noise. Needs an incumbent; NaN -> UNKNOWN.

    The last evaluations are compared: the best one may be the untrained start, which no move has changed.
    """
    old = _predecessor(e)
    if old is None:
        return _finding("worse", None)
    gain, se = noise.paired_mean(e.curve.end_log_loss, old.end_log_loss)
    f1, f1_se = noise.paired_f1(e.truth, e.curve.end_predicted, old.end_predicted, len(e.profile.classes))
    if math.isnan(gain):
        return _finding("worse", None)
    se, f1_se = t.SEED_SES * se, t.SEED_SES * f1_se  # as between arms: rows and seeds
    numbers: dict[str, Number] = {"gain": gain, "se": se, "f1": 100 * f1, "f1_se": 100 * f1_se}
    worse = f1 < -t.NOISE_SES * f1_se or (gain < -t.NOISE_SES * se and f1 <= 0)
    return _finding("worse", worse, **numbers)


def _known(e: Evidence) -> bool:
    """Whether there are two evaluations besides the start, and all their figures and the noise floor are finite."""
    figures = [(x.val_loss, x.val_macro_f1, x.train_loss, x.train_macro_f1) for x in e.curve.evaluations]
    floor = (e.noise.f1_se, e.noise.loss_se)
    return len(figures) >= 3 and all(math.isfinite(value) for row in (*figures, floor) for value in row)


def recall_lost(e: Evidence) -> Finding:
    """The last move costs some classes more recall than it gains in macro-F1. Needs an incumbent; NaN -> UNKNOWN.

    A class loses if its recall falls beyond noise on its own validation rows (paired binomial test, corrected for the
    number of classes). The sum of the losses has to exceed the gain by more than the noise of the gain.
    """
    old = _predecessor(e)
    if old is None:
        return _finding("recall", None)
    gain, gain_se = noise.paired_f1(e.truth, e.curve.end_predicted, old.end_predicted, len(e.profile.classes))
    falls = noise.recall_falls(e.truth, e.curve.end_predicted, old.end_predicted, len(e.profile.classes))
    ses = noise.for_looks(t.NOISE_SES, len(falls))
    lost = [fall for fall, se in falls if fall > max(t.RECALL_FALL, ses * se)]
    cost = sum(lost) / max(1, len(falls))
    present = bool(lost) and cost > gain + t.NOISE_SES * gain_se
    return _finding("recall", present, lost=len(lost), classes=len(falls), worst=100 * max(lost, default=0.0),
                    cost=100 * cost, gain=100 * gain)  # fmt: skip


def overfit_by_capacity(e: Evidence) -> Finding:
    """Training loss collapses while validation gets worse beyond noise. Needs 2 evaluations; NaN -> UNKNOWN."""
    evaluations = e.curve.evaluations
    if not _known(e):
        return _finding("overfit", None, evaluations=len(evaluations) - 1)
    first, last = evaluations[0], evaluations[-1]
    lowest = min(x.val_loss for x in evaluations)
    rise, drop = last.val_loss - lowest, max(x.judged_f1 for x in evaluations) - last.judged_f1
    collapsed = last.train_loss < t.COLLAPSED_LOSS * first.train_loss
    # A rising loss at a flat F1 is over-confidence, which a temperature corrects; overfit has to cost F1.
    loss_up = rise > t.NOISE_SES * e.noise.loss_se and last.judged_f1 < first.judged_f1 - e.noise.f1_se
    f1_down = drop > t.NOISE_SES * e.noise.f1_se
    falls = _recalls_lost(e)
    uneven = sum(fell > max(t.RECALL_FALL, limit) for fell, limit in falls)
    return _finding(
        "overfit",
        collapsed and (loss_up or f1_down or (uneven > 0 and rise > 0)),
        train_from=first.train_loss,
        train_to=last.train_loss,
        rise=rise,
        loss_noise=t.NOISE_SES * e.noise.loss_se,
        drop=100 * drop,
        f1_noise=100 * t.NOISE_SES * e.noise.f1_se,
        uneven=uneven,
        classes=len(falls),
        collapsed=t.COLLAPSED_LOSS,
    )


def _recalls_lost(e: Evidence) -> list[tuple[float, float]]:
    """(recall lost since its best evaluation, the loss that noise explains) of every class with validation rows.

    The limit is that of a difference of two shares of the class's rows, corrected for the number of classes.
    """
    rows = [sum(c in labels for labels in e.truth) for c in range(len(e.profile.classes))]
    ses = noise.for_looks(t.NOISE_SES, sum(n > 0 for n in rows))
    found = []
    for c, n in enumerate(rows):
        recalls = [x.recall[c] for x in e.curve.evaluations if c < len(x.recall) and math.isfinite(x.recall[c])]
        if n and recalls:
            top = max(recalls)
            spread = math.sqrt(2 * max(top * (1 - top), recalls[-1] * (1 - recalls[-1])) / n)
            found.append((top - recalls[-1], ses * spread))
    return found


def capacity_symptom(e: Evidence) -> Finding:
    """Underfit or overfit is PRESENT, although nothing was done about it. Needs what these two need; NaN -> UNKNOWN."""
    found = {"underfit": underfit(e).verdict, "overfit": overfit_by_capacity(e).verdict}
    present = [name for name, verdict in found.items() if verdict is Verdict.PRESENT]
    known = any(verdict is not Verdict.UNKNOWN for verdict in found.values())
    return _finding("capacity", bool(present) if known else None, underfit="underfit" in present,
                    overfit="overfit" in present)  # fmt: skip


def doubtful_labels(e: Evidence) -> Finding:
    """Many labels are suspect or contradict a copy; no probe has left them out. Needs a checkpoint; NaN cannot occur.

    Many: by more than chance above DOUBTFUL_SHARE, as many as the search may flag on clean data.
    """
    rows, of = experiments.doubtful(e.profile), max(1, e.profile.n_train)
    if not (e.profile.suspects_known and e.curve.checkpoint):
        return _finding("doubtful", None)
    share = len(rows) / of
    reach = t.NOISE_SES * math.sqrt(share * (1 - share) / of)
    many = t.DOUBTFUL_SHARE < share - reach and share <= t.DOUBTFUL_MOST
    free = not e.without_tried and "rows" not in e.pinned
    return _finding("doubtful", many and free, doubtful=len(rows), share=share, reach=reach,
                    least=t.DOUBTFUL_SHARE)  # fmt: skip


def better_without(e: Evidence) -> Finding:
    """Training without the doubtful rows is the better bet, and may replace it. Needs that arm; NaN -> UNKNOWN."""
    arm = experiments.best(e, ArmKind.DATA.value)
    if arm is None or math.isnan(arm.val_gain):
        return _finding("limit_data", None)
    return _finding(
        "limit_data", arm.wins and e.drop_doubtful, asked=int(e.drop_doubtful), **experiments.gain_numbers(arm)
    )


def data_limited(e: Evidence) -> Finding:
    """Training rows still misclassified are mostly suspect labels. Needs suspects and wrong rows; NaN cannot occur."""
    left_out = set(e.curve.recipe.without)  # rows that are not trained on stay wrong, whatever is the limit
    wrong = [row for row in e.curve.train_wrong if row not in left_out]
    suspects = set(experiments.doubtful(e.profile)) - left_out
    if not e.profile.suspects_known:
        return _finding("data", None)
    if suspects and len(wrong) < t.LEAST_WRONG:
        return _finding("data", None, wrong=len(wrong), seen=e.curve.train_seen)
    share = sum(r in suspects for r in wrong) / max(1, len(wrong))
    base = len(suspects) / max(1, e.profile.n_train)
    limit = max(t.SUSPECT_SHARE, t.SUSPECT_LIFT * base)
    present = bool(suspects) and share >= limit
    return _finding("data", present, wrong=len(wrong), seen=e.curve.train_seen, share=share, base=base, limit=limit)


def _falling(e: Evidence) -> tuple[bool | None, float]:
    """(whether the training loss still falls, or None; by which share of its level per epoch).

    Measured on the fixed subset (same rows, no dropout) between the last two evaluations. The loss of training steps,
    each over other rows, is too noisy to show a fall of 15% per epoch; it is used only if evaluations are missing.
    """
    if len(e.curve.evaluations) >= 3:
        before, last = e.curve.evaluations[-2:]
        if not math.isfinite(last.train_loss + before.train_loss):
            return None, math.nan
        rate = (1 - last.train_loss / max(1e-9, before.train_loss)) / max(1e-9, last.epoch - before.epoch)
        return rate > t.FALL_PER_EPOCH, rate
    half = e.curve.train_loss[len(e.curve.train_loss) // 2 :]
    slope, p = noise.trend(half)
    if math.isnan(slope):
        return None, math.nan
    per_epoch = -slope * len(half) / max(1e-9, fmean(half)) / max(1e-9, e.curve.epochs / 2)
    return slope < 0 and p < t.TREND_P and per_epoch > t.FALL_PER_EPOCH, per_epoch


def underfit(e: Evidence) -> Finding:
    """Training loss is on a plateau, training rows are not learnt. Needs LEAST_POINTS loss points; NaN -> UNKNOWN."""
    falling, rate = _falling(e)
    last = e.curve.last if e.curve.evaluations else None
    if falling is None or last is None or len(e.curve.steps) < t.LEAST_POINTS or math.isnan(last.train_macro_f1):
        return _finding("underfit", None, points=len(e.curve.steps))
    present = not falling and last.train_macro_f1 < t.TRAIN_F1_LEARNT
    return _finding("underfit", present, rate=rate, train_f1=last.train_macro_f1, val_f1=last.val_macro_f1,
                    least=t.FALL_PER_EPOCH, learnt=t.TRAIN_F1_LEARNT)  # fmt: skip


def slow(e: Evidence) -> Finding:
    """Training loss still falls and macro-F1 has room to rise. Needs 2 evaluations; NaN -> UNKNOWN."""
    falling, rate = _falling(e)
    evaluations = e.curve.evaluations
    if falling is None or len(e.curve.steps) < t.LEAST_POINTS or not _known(e):
        return _finding("slow", None, points=len(e.curve.steps))
    first, last = evaluations[0], evaluations[-1]
    # Training rows are not learnt yet, or validation rises while far below what training rows reach.
    unlearnt = last.train_macro_f1 < t.TRAIN_F1_LEARNT
    gain = max(last.judged_f1 - first.judged_f1, last.val_accuracy - first.val_accuracy)
    climbing = gain > t.NOISE_SES * e.noise.f1_se and last.judged_f1 < t.TRAIN_F1_LEARNT
    present = falling and (unlearnt or climbing)
    return _finding("slow", present, rate=rate, train_f1=last.train_macro_f1, val_f1=last.val_macro_f1,
                    gain=100 * gain, f1_noise=100 * t.NOISE_SES * e.noise.f1_se,
                    least=t.FALL_PER_EPOCH, learnt=t.TRAIN_F1_LEARNT)  # fmt: skip


def untested(e: Evidence) -> Finding:
    """An arm of this stage has not been trained from this probe. Needs a checkpoint; NaN does not matter.

    Curves alone cannot tell capacity from lr (docs/decisions.md: the policy without experiments), so they do not
    replace the experiment.
    """
    if not e.curve.checkpoint:
        return _finding("untested", None)
    left = [arm.kind.value for arm in experiments.arms_to_train(e)]
    return _finding("untested", bool(left), arms=", ".join(left))


def lost_before(e: Evidence) -> Finding:
    """Arms of a and lr lost, and dropout alone has moved since. Needs an earlier probe; NaN does not matter."""
    lost = [arm.kind.value for arm in experiments.lost_before(e)]
    return _finding("asked", bool(lost), arms=", ".join(lost))


def unreadable(e: Evidence) -> Finding:
    """There are too few evaluations for the diagnosis from curves. Needs nothing; NaN is PRESENT."""
    return _finding("unreadable", not _known(e), evaluations=max(0, len(e.curve.evaluations) - 1), rows=e.noise.rows)


def _all_tried(e: Evidence) -> bool:
    """Whether no arm of this stage is left and one of them has a finite gain; otherwise "no arm won" is unproven."""
    kinds = experiments.ORDER[e.stage]
    comparisons = e.experiment.comparisons if e.experiment else ()
    return not experiments.arms_to_train(e) and any(c.arm in kinds and math.isfinite(c.val_gain) for c in comparisons)


# What wins if the experiment names a knob (docs/rules.md).
_WINS = {
    "sites": "The arm with more target modules wins the experiment",
    "sites-": "The arm with fewer target modules wins the experiment",
    "rank": "The arm with a higher rank wins the experiment",
    "rank-": "The arm with a lower rank wins the experiment",
    "lr": "The arm with a higher lr wins the experiment",
    "lr-": "The arm with a lower lr wins the experiment",
    "scaling": "The arm with a larger scaling wins the experiment",
    "dropout": "The arm with more dropout wins the experiment",
    experiments.UNDECIDED: "All arms of the experiment were trained, and none wins",
}


def named_by_experiment(knob: str) -> Callable[[Evidence], Finding]:
    """A symptom that is PRESENT if the experiment names `knob`, one of `experiments.ANSWERS`."""
    name = knob.replace("-", "_down")

    def symptom(e: Evidence) -> Finding:
        result, named = e.experiment, experiments.bottleneck(e)
        if result is None or named is None or math.isnan(float(result.numbers.get(name, 0.0))):
            return _finding(f"limit_{name}", None)
        if knob == experiments.UNDECIDED and named == knob and not _all_tried(e):
            return _finding(f"limit_{name}", None)
        arm = experiments.best(e, name)
        numbers = (
            dict(result.numbers) if arm is None else {**result.numbers, name: arm.val_gain, f"{name}_se": arm.val_se}
        )
        found = _finding(f"limit_{name}", named == knob, **numbers)
        bet = named == knob and arm is not None and not arm.beyond_noise and arm.arm not in experiments.SMALLER
        return replace(found, code=f"limit_{name}.bet") if bet else found

    symptom.__name__ = f"named_by_experiment_{name}"
    symptom.__doc__ = f"{_WINS[knob]}. Needs an experiment from this probe, with a healthy arm for it; NaN -> UNKNOWN."
    return symptom


def improving(e: Evidence) -> Finding:
    """Training loss and validation macro-F1 improved beyond noise. Needs 2 evaluations; NaN -> UNKNOWN."""
    evaluations = e.curve.evaluations
    if not _known(e):
        return _finding("improving", None, evaluations=len(evaluations) - 1)
    first, best, last = evaluations[0], e.curve.best, evaluations[-1]
    val = best.judged_f1 - first.judged_f1
    present = last.train_loss < first.train_loss and val > e.noise.f1_se
    return _finding("improving", present, train_from=first.train_loss, train_to=last.train_loss, val=100 * val,
                    f1_noise=100 * e.noise.f1_se)  # fmt: skip


def oscillating(e: Evidence) -> Finding:
    """Loss and macro-F1 both swing more than sampling explains. Needs LEAST_POINTS points; NaN -> UNKNOWN."""
    seen = swings(e)
    if seen is None:
        return _finding("oscillate", None, points=len(e.curve.train_loss))
    return _finding("oscillate", seen.signs == 2, variation=seen.variation, limit=t.OSCILLATION,
                    swing=100 * seen.swing, f1_limit=100 * seen.limit)  # fmt: skip


def seeds_differ(e: Evidence) -> Finding:
    """Seeds of one recipe end further apart than noise. Needs other seeds, otherwise UNKNOWN; NaN -> UNKNOWN."""
    runs = (e.curve, *e.seeds)
    f1 = [c.best.judged_f1 for c in runs if c.health is Health.FINE and c.evaluations]
    if len(runs) < 2 or not f1 or not all(map(math.isfinite, f1)):
        return _finding("seeds", None, seeds=len(f1))
    diverged = any(c.health is Health.DIVERGED for c in runs)  # counts as macro-F1 0, the largest possible spread
    spread = max(f1) - (0.0 if diverged else min(f1))
    limit = max(t.F1_SWING, t.NOISE_SES * e.noise.f1_se)
    return _finding("seeds", spread > limit, seeds=len(runs), spread=100 * spread, limit=100 * limit)


def lr_insensitive(e: Evidence) -> Finding:
    """lr was raised and the training loss hardly changed. Needs the probe before the raise; NaN -> UNKNOWN."""
    before = e.before
    raised = before is not None and e.curve.recipe == before.recipe.with_(lr=e.curve.recipe.lr)
    seen = before is not None and before.evaluations and e.curve.evaluations
    if before is None or not seen or not raised or e.curve.recipe.lr <= before.recipe.lr:
        return _finding("insensitive", None)
    if not math.isfinite(e.curve.last.train_loss + before.last.train_loss):
        return _finding("insensitive", None)
    change = 1 - e.curve.last.train_loss / max(1e-9, before.last.train_loss)
    return _finding("insensitive", abs(change) < t.INSENSITIVE, change=change, limit=t.INSENSITIVE,
                    lr_from=before.recipe.lr, lr_to=e.curve.recipe.lr)  # fmt: skip


def always(e: Evidence) -> Finding:
    """The default if no rule above had room to act: always PRESENT. Needs nothing; NaN does not matter."""
    return _finding("always", True)
