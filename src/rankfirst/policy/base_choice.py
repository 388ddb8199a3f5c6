"""Which base model to take: the cheapest of those that these rows cannot tell from the best."""

from collections.abc import Sequence

from rankfirst.policy import noise
from rankfirst.policy import thresholds as t
from rankfirst.records import BaseChoice, BaseTrial, BaseVerdict, Number

Truth = Sequence[Sequence[int]]


def choose_base(request: str, trials: Sequence[BaseTrial], train: Truth, val: Truth, classes: int) -> BaseChoice:
    """Keep the bases within noise of the best frozen macro-F1, and take the best of the cheapest among them.

    Cost is operations per text, not seconds: the choice must not depend on how busy the machine is. Bases are compared
    on out-of-fold predictions of training rows, the largest sample; on validation rows if the folds leak for any
    candidate, since a base that remembers templates would look better than it is.

    Args:
        request: the option as the user wrote it. trials: at least one, in the order of the request.
        train, val: (n,) and (m,) labels of the rows that each trial predicted.
    """
    leaky = any(trial.leaky for trial in trials)
    truth = val if leaky else train
    predicted = {trial.spec: trial.val if leaky else trial.folds for trial in trials}
    scores = {spec: noise.occurring_f1(truth, rows, classes) for spec, rows in predicted.items()}
    ranked = sorted(trials, key=lambda trial: (-scores[trial.spec], trial.gigaflop))  # stable: then as requested
    top = ranked[0]
    # The best of k is also the luckiest: a gap to it must exceed what k - 1 comparisons reach by chance.
    ses = noise.for_looks(t.NOISE_SES, len(trials) - 1)
    best = predicted[top.spec]
    gaps = {trial.spec: (0.0, 0.0) if trial is top else _gap(truth, best, predicted[trial.spec], classes, ses)
            for trial in ranked}  # fmt: skip
    near = [trial for trial in ranked if gaps[trial.spec][0] <= gaps[trial.spec][1]]
    least = min(trial.gigaflop for trial in near)
    cheap = [trial for trial in near if trial.gigaflop <= t.BASE_SAME_COST * least]
    taken = cheap[0]

    def verdict(trial: BaseTrial) -> BaseVerdict:
        code = "taken" if trial is taken else "worse" if trial not in near else "dearer"
        if trial in cheap and trial is not taken:
            code = "same_cost"
        loss = trial.val_loss if leaky else trial.folds_loss
        return BaseVerdict(trial.spec, f"bases.{code}", scores[trial.spec], loss, *gaps[trial.spec], trial.gigaflop,
                           trial.megabytes, trial.ms_per_text, trial.pooling, trial.prefix)  # fmt: skip

    numbers: dict[str, Number] = {
        "taken": taken.spec,
        "best": top.spec,
        "behind": 100 * gaps[taken.spec][0],
        "noise": 100 * gaps[taken.spec][1],
        "times": top.gigaflop / max(1e-9, taken.gigaflop),
        "near": len(near),
        "compared": len(trials),
    }
    code = f"bases.because.{_why(trials, near, cheap, taken is top)}"
    return BaseChoice(request, taken.spec, taken.sha256, code, numbers, "validation" if leaky else "folds", len(truth),
                      tuple(map(verdict, ranked)))  # fmt: skip


def _why(trials: Sequence[BaseTrial], near: Sequence[BaseTrial], cheap: Sequence[BaseTrial], top: bool) -> str:
    if len(trials) == 1:
        return "alone"
    if len(near) == 1:
        return "best"
    if top:
        return "best_of_cheap" if len(cheap) > 1 or len(near) > len(cheap) else "best"
    return "cheaper"


def _gap(truth: Truth, best: Truth, other: Truth, classes: int, ses: float) -> tuple[float, float]:
    """(macro-F1 by which the best base leads, how much of that chance explains)."""
    gain, error = noise.paired_f1(truth, best, other, classes)
    return gain, ses * error
