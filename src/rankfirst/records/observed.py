"""A training run driven by another training loop, as observed from outside."""

import math
from dataclasses import dataclass

from rankfirst.records.base import BaseFacts
from rankfirst.records.curve import Curve
from rankfirst.records.profile import Complexity, Profile, SizeTier


@dataclass(frozen=True)
class Observed:
    """One run of another training loop, with the data and model facts that the policy needs."""

    curve: Curve  # every evaluation that was made; the first is of the untrained model if possible
    truth: tuple[tuple[int, ...], ...]  # (n_val,) class indexes, in the order of the curve's predictions
    facts: BaseFacts  # token counts are 0, since nothing is budgeted
    classes: tuple[str, ...]  # names, in the order of the logits
    class_counts: tuple[int, ...]  # (C,) training rows that carry each class, estimated from the fixed subset
    multi_label: bool
    n_train: int  # 0: unknown
    exact_sites: bool = True  # False: not one rank and one set of roles in the top k blocks; the recipe is approximate
    rslora: bool = False  # PEFT's use_rslora: the multiplier is lora_alpha / sqrt(r)

    def prior_loss(self) -> float:
        """Training loss (nats/example) of a model that knows the class frequencies only; infinite if unknown."""
        rows = self.n_train if self.multi_label else sum(self.class_counts)
        if not rows or not self.class_counts:
            return math.inf
        shares = [min(1.0, n / rows) for n in self.class_counts]
        others = [1 - p for p in shares] if self.multi_label else []
        return -sum(p * math.log(p) for p in (*shares, *others) if p > 0)

    def profile(self) -> Profile:
        """A profile of what the run reveals of its data. No check was run, so it has no suspects and no conflicts."""
        counts = self.class_counts or (1,) * len(self.classes)
        carried = max(1, sum(counts))
        present = [n for n in counts if n] or [1]
        return Profile(
            n_train=self.n_train,
            n_val=len(self.truth),
            n_test=0,
            classes=self.classes,
            class_counts=counts,
            multi_label=self.multi_label,
            labels_per_row=sum(self.class_counts) / max(1, self.n_train) if self.class_counts else 1.0,
            label_sets=0,
            size_tier=SizeTier.UNDER_1K,
            effective_classes=math.exp(-sum(n / carried * math.log(n / carried) for n in present)),
            imbalance=max(present) / min(present),
            tail_classes=(),
            tail_share=0.0,
            script="other",
            chars_mean=0.0,
            chars_p95=0.0,
            chars_max=0,
            duplicate_rows=0,
            conflict_rows=(),
            leaked_val=0,
            leaked_test=0,
            checks=(),
            complexity=Complexity.LOW,
        )
