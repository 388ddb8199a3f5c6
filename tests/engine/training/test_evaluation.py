"""What an evaluation makes of logits: label sets as they are delivered, losses as they are."""

import numpy as np

from rankfirst.engine.training.evaluation import Answers, judge
from rankfirst.measure.scores import indicator

TRUTH = indicator([(0,), (1,), (0, 1), (2,)] * 5, 3)
TIMID = np.where(TRUTH, -0.5, -3.0)  # right in order, but no label reaches 0.5


def test_a_sparse_label_set_is_decoded_calibrated_and_with_one_label_at_least() -> None:
    seen = judge(1, 1.0, Answers(TIMID, TRUTH, True, at_least_one=True), None)
    silent = judge(1, 1.0, Answers(TIMID, TRUTH, True), None)
    assert seen.evaluation.val_macro_f1 > 0.8 > silent.evaluation.val_macro_f1 == 0.0
    assert all(seen.predicted) and not any(silent.predicted)


def test_the_loss_is_that_of_the_logits_as_they_are() -> None:
    """An over-confident model shows it in the evaluation; rows are compared after calibration."""
    sure = np.where(TRUTH, 9.0, -9.0)
    sure[0] = -sure[0]
    seen = judge(1, 1.0, Answers(sure, TRUTH, True), Answers(sure, TRUTH, True))
    assert seen.evaluation.val_loss > np.mean(seen.log_loss) and seen.evaluation.train_loss == seen.evaluation.val_loss
    assert seen.missed.sum() == 1
    assert seen.evaluation.val_loss_calibrated == np.mean(seen.log_loss)
