"""Every number the policy uses, with its unit and its source."""

from typing import Final

# --- ladders (flow.md: ladders, not floats) ---
# rank. Powers of two, as in every LoRA paper's grid.
RANKS: Final = (1, 2, 4, 8, 16, 32, 64)
# 1e-4 * 2^k. The seed's band is 1e-4..5e-4: its rungs are 1e-4, 2e-4, 4e-4.
LRS: Final = (2.5e-5, 5e-5, 1e-4, 2e-4, 4e-4, 8e-4, 1.6e-3, 3.2e-3, 6.4e-3)
# peak lr: seed, stage 2.1. One step past it needs no experiment; further out one pair of the atlas gains ten points and
# others lose four (benchmarks.atlas.defaults), so every further step needs an experiment.
BAND: Final = (1e-4, 5e-4)
# relative difference up to which a rate counts as an end of the band: recipes and logs round rates. Assumption.
SAME_LR: Final = 0.01
# a = alpha / r. With Adam, a moves the adapter's output alone, lr also the head and A. At lr 4e-4, a 64 gains 3 to 6
# test macro-F1 on NLU++ and CrossWOZ, nothing on BANKING77; a 256 loses on all three sets (benchmarks/lr_scaling.py).
SCALINGS: Final = (1.0, 4.0, 16.0, 64.0)
SEED_SCALINGS: Final = (1.0, 2.0, 4.0)  # a: seed, optimise 2, for `--profile seed`
# probability, on the input of A: flow, ladders.
DROPOUTS: Final = (0.0, 0.05, 0.1, 0.2)

# --- start (seed, stage 2.1: r 8-16, top 2-4 layers, dropout 0.05-0.1, a 1, lr 1e-4..5e-4) ---
START_RANK: Final = 16  # rank: seed, the upper end, where the walks of benchmarks/atlas start
SEED_START_RANK: Final = 8  # rank: seed, the lower end
# blocks, at the generous end: a few hundred validation rows do not show a gain of a point. BANKING77 cut to 2,500 rows:
# r 8 in the top 2 of 6 blocks 89.2% test macro-F1, r 16 in the top 4 89.9, r 16 in every linear layer 90.1.
START_TOP_LAYERS: Final = (2, 4)
# The upper rung of the band: encoder recipes of microsoft/LoRA use 4e-4..5e-4 for RoBERTa-base.
START_LR: Final = 4e-4
# a. The seed starts at 1. Of six sets a 16 gains 0.5 to 4 points of test macro-F1 on three and is level on three; a 64
# gains more on three of them and loses 1.6 on TNEWS, so it is an arm (benchmarks/lr_scaling.py).
START_SCALING: Final = 16.0
START_DROPOUT: Final = 0.05  # probability: seed, the lower end
# epochs of a probe. Seed: 1-3 epochs, or a few hundred steps; two give a slope between evaluations.
LEAST_PROBE_EPOCHS: Final = 2
# optimiser steps of a probe. A few hundred: with fewer, warm-up and decay are most of it. Assumption.
PROBE_STEPS: Final = 200
# epochs of a probe, however few its steps. Assumption: with more, a search on few rows costs more than it finds.
MOST_PROBE_EPOCHS: Final = 6
# epochs of a probe over those of final training, at most. Longer ones cost as much as final trainings: on 800 rows with
# one label each six epochs were 61% of the work of the whole ten, evaluations included. Assumption.
PROBE_SHARE: Final = 0.4

# --- capacity ceiling ---
# bits a trainable weight stores; rule quoted in "LoRA Without Regret". A heuristic for the prior, not a theorem.
BITS_PER_PARAMETER: Final = 2.0
# The adapter may hold this many times the labels' information before the ceiling binds. Assumption: optimisation needs
# slack, and a grid on MixATIS still gained from rank 16 to 64 at far more than one.
CEILING_SLACK: Final = 64.0

# --- the delivered model ---
# validation rows over training rows from which LoRA is trained once more with both: fewer change less than another seed
# does, and cost a whole final training. Assumption.
REFIT_SHARE: Final = 0.05

# --- evidence ---
# standard errors. Two-sided 95% of a normal difference: what is printed as a 95% interval.
NOISE_SES: Final = 1.96
# validation rows. With fewer, a bootstrap misleads: three rows that all improve have a spread of zero. Assumption.
LEAST_VAL_ROWS: Final = 10
# share of the classes without a row. From it on, scores say too little about the task for a verdict: macro-F1 could
# move by as much. Assumption: of 20 classes, none may be missing.
MOST_UNJUDGED: Final = 0.05
# classes with rows. With one, every model that always answers it is right.
LEAST_JUDGED: Final = 2
# macro-F1, half of a 95% interval. A wider one cannot show that a model is at its ceiling. Assumption: twenty times
# WORTH_A_MODEL; a class of two rows alone makes it wider if there are two classes.
WIDEST_NEED: Final = 0.10
# share of the validation rows that are training rows too. From it on, scores measure memory. Assumption: people
# do write the same thing twice, but not a quarter of the time.
MOST_LEAKED: Final = 0.25
# loss points before a slope means anything. Assumption.
LEAST_POINTS: Final = 12
# p-value of the Mann-Kendall trend test on the last half of the loss points. Conventional.
TREND_P: Final = 0.05
# share of its level that the training loss must lose per epoch to count as falling. Assumption.
FALL_PER_EPOCH: Final = 0.05
# macro-F1 on the fixed training subset below which the model has not learnt its training rows. Assumption.
TRAIN_F1_LEARNT: Final = 0.95
# training loss at the end over its value at the start that counts as "quickly near zero". Assumption.
COLLAPSED_LOSS: Final = 0.6
# macro-F1 that the training subset must lose against the start to count as unlearning. Assumption.
UNLEARNT: Final = 0.05
# macro-F1 by which train and val may differ and still have "a small gap". Assumption.
SMALL_GAP: Final = 0.10
# share of the still-wrong training rows that must be suspects to blame the labels, and the least number of wrong rows.
SUSPECT_SHARE: Final = 0.5
LEAST_WRONG: Final = 15
# ratio of that share to the share of suspects among all rows, if this is the stricter limit. Assumption.
SUSPECT_LIFT: Final = 2.0
# share of the training rows with a suspect or contradictory label that must be exceeded by more than chance before a
# probe is spent on training without them: of the atlas' sets 1.1-3.1% are flagged as they are, and 5.3% of SNIPS with a
# fifth of its labels flipped.
DOUBTFUL_SHARE: Final = 0.03
# the largest such share, since with fewer rows left the probe compares sizes and not labels. Assumption.
DOUBTFUL_MOST: Final = 0.5
# standard deviation of the loss points around their trend, over their level: oscillation. BTTackler (KDD 2024) calls a
# coefficient of variation above 0.2 heavy; batches of 32 rows alone add about as much.
OSCILLATION: Final = 0.4
# share of the first loss point below which a few hard rows dominate the loss and its relative variation means nothing.
# Assumption.
LOSS_LEVEL_FLOOR: Final = 0.1
# macro-F1. The swing limit of AutoTrainer (TDSC 2024).
F1_SWING: Final = 0.03
# recall a class must lose to count as losing, in addition to the noise limit. Assumption.
RECALL_FALL: Final = 0.1
# The last evaluation's val loss counts as creeping up from its minimum beyond this many standard errors.
CREEP_SES: Final = 1.0
# macro-F1 of the frozen rung on its training rows from which its head counts as having memorised them. Assumption.
MEMORISED: Final = 0.98
# relative change of the training loss below which it "hardly moved" when lr was raised. Assumption.
INSENSITIVE: Final = 0.05

# --- experiments ---
# standard errors over rows that the same recipe differs by under another seed: the sd of z over 27 pairs of runs on
# eight sets. A standard error of a trained model over rows alone is multiplied by it.
SEED_SES: Final = 1.6
# standard errors (rows and seeds) that an arm must gain to be the better bet. Not zero: of 71 arms in whole fits of
# eight sets, the median one loses 0.8 of them, so a small gain is more likely noise than a better recipe. On the atlas,
# 0.5 does harm in 6.2% of single decisions, 1 in 3.1%; 1.5 leaves more walks below the best (docs/findings.md).
BET_SES: Final = 1.0
# nats/example of validation log-loss that a smaller adapter may lose, at the lower end of its interval, and be as good.
# Assumption. On 125 validation rows MixATIS shrank for gains of 0.01 and 0.06 with intervals of +- 0.22 and 0.35.
AS_GOOD: Final = 0.02
# standard errors of macro-F1 that an arm may lose and still win by log-loss. Assumption: of two equal arms, one loses.
ARM_F1_SES: Final = 1.0
# nats/example of validation log-loss an arm must win beyond noise to matter in practice. Assumption.
LEAST_GAIN: Final = 0.005

# --- walk ---
# share of the work and of the clock for probes and experiments; the rest is for final training. Assumption.
SEARCH_SHARE: Final = 0.5
# changes of the recipe a stage may make. Assumption: from the start, four moves reach either end of both ladders.
MAX_CAPACITY_MOVES: Final = 4
# changes of the recipe. Assumption: two lr steps and two of scaling or dropout.
MAX_OPTIMISE_MOVES: Final = 4
# changes of the recipe. Flow: one re-check. From the smallest starts two were too few (benchmarks.policy_replay).
MAX_RECHECK_MOVES: Final = 3

# --- budget ---
# full runs (final trainings of the recipe that the search has reached) that probes, experiments and final training may
# cost together, without --budget.
FULL_RUNS: Final = 8.0
# full runs of these that are kept for final training, for its rival, and for the training on all rows that follows.
FINAL_RUNS: Final = 3.0

# --- final ---
# epochs of final training, at least. Assumption: large sets need no more.
FINAL_EPOCHS: Final = 6
# optimiser steps of final training; small sets take more epochs to reach them ...
FINAL_STEPS: Final = 600
# epochs ... but no more than these. At r 16, every linear layer, lr 1.6e-3, test macro-F1 / exact match after 15 and 30
# epochs: NLU++ cut to 400 rows 60.8 / 37.7 and 67.6 / 43.0, MixATIS cut to 500 rows 79.7 / 70.0 and 80.8 / 74.2.
MOST_FINAL_EPOCHS: Final = 30
# epochs and optimiser steps that suffice with one label a row. BANKING77 cut to 800 rows, lr 4e-4, a 16: test macro-F1
# 84.48, 84.50 and 84.54 after 6, 10 and 24 epochs with all rows; SNIPS cut to 300 rows 95.5, 95.65 and 95.75 after 6,
# 10 and 30 (docs/findings.md). The steps are a margin for lower rates.
ENOUGH_EPOCHS: Final = 10
ENOUGH_STEPS: Final = 250
# mean tail recall that an epoch with a better macro-F1 may lose, or NOISE_SES standard errors of it if that is more: of
# a class with three validation rows one lost row is noise.
TAIL_SLACK: Final = 0.05

# --- shipping ---
# standard errors by which a difference in log-loss counts beyond the one in macro-F1 when both predict the gain.
# benchmarks/shipping_rules.py, 400 validation rows: what ships is 0.16 points below the better model, without log-loss
# 0.30. Assumption: the exact figure; 2 and 4 differ by 0.03 points.
LOSS_SES: Final = 3.0
# exact match. The smallest gain worth a second set of weights if rows carry several labels. Assumption: twice
# WORTH_A_MODEL, since exact match moves about twice as far as macro-F1.
WORTH_MATCH: Final = 0.01
# probability of being better from which an expected gain pays for LoRA. Assumption: a wrong bet costs what it weighs.
SHIP_CHANCE: Final = 0.80
# validation rows below which training rows are held out as well where validation does not decide. Assumption: an
# interval over a thousand rows shows a gain of two points.
ROWS_TO_SHIP: Final = 1000
# parts of the training rows, each held out in turn. With fewer parts the models behind the answers see too few rows.
PARTS: Final = 5
# training rows from which nothing is held out: the models that answer would cost too much. Assumption.
MOST_ROWS_TO_PART: Final = 20_000
# --prefer cheaper: macro-F1, exact match and probability. Assumption: a gain that users notice, and nearly proven.
CHEAPER_GAIN: Final = 0.02
CHEAPER_MATCH: Final = 0.04
CHEAPER_CHANCE: Final = 0.95
# --prefer better: probability; any expected gain counts.
BETTER_CHANCE: Final = 0.50

# --- which base model (--base-model auto:...) ---
# ratio of operations per text up to which two bases count as equally expensive. Assumption: nobody notices three blocks
# of twelve.
BASE_SAME_COST: Final = 1.25

# --- is LoRA needed? ---
# macro-F1. The smallest gain worth a second set of weights: half a point is what the benchmarks call "the same".
WORTH_A_MODEL: Final = 0.005
# doublings of the rows. If the frozen rung needs more to reach the ceiling of the data, at the steepest slope within
# noise, its features count as the limit. benchmarks/assess_need.py: 1.5 to 6 on three sets where LoRA hardly helps.
# Assumption: above; MixATIS, where it helps, was at about 10 in a manual trial.
FLAT_DOUBLINGS: Final = 8.0
# doublings. The figure shown for a flat curve: nobody has a million times the rows.
ENDLESS_DOUBLINGS: Final = 20.0
# validation rows to recommend if there are too few to estimate the noise.
LEAST_ROWS_TO_TELL: Final = 1000

# --- retrain? (policy/drift.py) ---
# probability of a false alarm per test, each corrected for its number of comparisons, as in the shift tests.
# benchmarks/drift_planted.py counts false alarms.
DRIFT_P: Final = 0.01
# distinct texts. The least that the shift tests need.
DRIFT_LEAST_TEXTS: Final = 30
# macro-F1 that must be lost, beyond noise. Assumption: four times WORTH_A_MODEL.
DRIFT_F1_FALL: Final = 0.02
# macro-F1. If the interval excludes a larger fall, the model holds up. Assumption: a thousand labelled rows suffice.
DRIFT_F1_MOST: Final = 0.05
# increase of the share of unanswered rows, at the lower end of its interval, that matters to people. Assumption.
DRIFT_ABSTAIN: Final = 0.05
# rows of a new group or an unknown label. Assumption: fewer are too few to train a class.
DRIFT_NEW_ROWS: Final = 10
# share of the distinct new texts that a group must have. Assumption.
DRIFT_NEW_SHARE: Final = 0.01
# loss of mean confidence, beyond noise. Assumption.
DRIFT_LESS_SURE: Final = 0.02

# --- runs that other trainers drove (advice.py, log_advice/) ---
# share of its start, and nats/example, by which a training loss must end above its start to count as risen. Assumption:
# beyond what batches explain.
ROSE: Final = 0.1
ROSE_NATS: Final = 0.05
# mean lr of the last epoch over its peak, below which a plateau may be the schedule's doing. Assumption.
DECAYED: Final = 0.5
# training loss over that of answering by class frequencies alone, above which not even the head has learnt. Assumption.
UNTAUGHT: Final = 0.95
# epochs between two evaluations from which they count as one epoch apart. Assumption: a tenth of tolerance.
EPOCH_APART: Final = 0.9
# relative rise above its minimum from which a validation loss counts as risen: a log has no noise floor. Assumption.
LOSS_UP: Final = 0.05
# training loss at the end over its start, below which training rows count as learnt if no training F1 was logged.
# Assumption.
LEARNT_LOSS: Final = 0.1
# factor by which an arm moves its knob. Steps of two drown in noise (MD-tree's public data, re-analysed: 75% of
# diagnoses right at x1.4, 83% at x4).
ARM_FACTOR: Final = 4
