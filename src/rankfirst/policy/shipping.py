"""Which model to deliver: LoRA only if it beats the cheaper models on validation beyond the noise floor."""

from collections.abc import Sequence

from rankfirst.policy import noise
from rankfirst.policy import thresholds as t
from rankfirst.records import Number, Rung, Shipping


def ship(
    truth: Sequence[Sequence[int]],
    classes: int,
    tfidf: Rung,
    frozen: Rung,
    lora: Rung | None,
    always_lora: bool,
    looks: int = 1,
) -> Shipping:
    """Which rung to deliver.

    LoRA is delivered if its gain in macro-F1 over the best cheaper rung exceeds two standard errors, or if calibrated
    log-loss, paired row by row, confirms a smaller gain. If a few rare classes make macro-F1 too noisy to tell, exact
    match and log-loss must both improve beyond noise. Otherwise the cheaper rung is delivered.

    Args:
        lora: None if no LoRA was trained. always_lora: deliver LoRA even if it is not needed.
        looks: number of evaluations on the same rows that LoRA's best epoch was picked from: the best of six equal
            epochs looks better than one, so the noise threshold grows with their number (Bonferroni).
    """
    base, code = cheaper(truth, classes, tfidf, frozen)
    if lora is None:
        return Shipping(code, f"ship.{code}_only", {"f1": base.val.macro_f1})
    ses = noise.for_looks(t.NOISE_SES, looks)
    gain, se = noise.paired_f1(truth, lora.val_predicted, base.val_predicted, classes)
    loss, loss_se = noise.paired_mean(lora.val_log_loss, base.val_log_loss)
    numbers: dict[str, Number] = {
        "gain": 100 * gain,
        "noise": 100 * ses * se,
        "loss": loss,
        "loss_noise": t.NOISE_SES * loss_se,
        "lora": lora.val.macro_f1,
        "base": base.val.macro_f1,
        "lora_occurring": noise.occurring_f1(truth, lora.val_predicted, classes),  # this pair differs by the gain
        "base_occurring": noise.occurring_f1(truth, base.val_predicted, classes),
    }
    if gain > ses * se:
        return Shipping("lora", "ship.lora", numbers)
    if gain > 0 and loss > t.LOG_LOSS_SES * loss_se:
        return Shipping("lora", "ship.lora_small", numbers)
    right, right_se = noise.paired_mean(_wrong(truth, lora.val_predicted), _wrong(truth, base.val_predicted))
    numbers |= {"right": 100 * right, "right_noise": 100 * ses * right_se}
    certain = right > ses * right_se and loss > t.LOG_LOSS_SES * loss_se
    if gain > -t.NOISE_SES * se and certain:
        return Shipping("lora", "ship.lora_exact", numbers)
    unchanged = code == "frozen" and lora.val_predicted == base.val_predicted  # no epoch improved on the start
    if always_lora:
        return Shipping("lora", "ship.forced_same" if unchanged else "ship.forced", numbers, forced=True)
    return _keep(code, unchanged, gain < -t.NOISE_SES * se, numbers)


def _keep(code: str, unchanged: bool, worse: bool, numbers: dict[str, Number]) -> Shipping:
    """Deliver the cheaper rung. Args: unchanged, worse: what LoRA's answers are, compared with that rung's."""
    if unchanged:
        return Shipping(code, "ship.frozen_same", numbers)
    return Shipping(code, f"ship.{code}_worse" if worse else f"ship.{code}", numbers)


def cheaper(truth: Sequence[Sequence[int]], classes: int, tfidf: Rung, frozen: Rung) -> tuple[Rung, str]:
    """The rung LoRA has to beat: TF-IDF if it is no worse in both scores, or better in macro-F1 beyond noise."""
    gain, se = noise.paired_f1(truth, tfidf.val_predicted, frozen.val_predicted, classes)
    no_worse = gain >= 0 and tfidf.val.log_loss <= frozen.val.log_loss
    return (tfidf, "tfidf") if no_worse or gain > t.NOISE_SES * se else (frozen, "frozen")


def _wrong(truth: Sequence[Sequence[int]], predicted: Sequence[Sequence[int]]) -> list[float]:
    """(n,) 1 where the predicted label set is not exactly the true one."""
    return [float(tuple(a) != tuple(b)) for a, b in zip(truth, predicted, strict=True)]
