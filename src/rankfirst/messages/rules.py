"""Sentences of the rules, each by its id or by the code of its finding: what they conclude, look for, need and leave alone."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    # Conclusions by rule, reasons why a rule did not act or leaves a knob alone, answers of an experiment.
    "conclusion.numerics": (
        "The cause is numerics, not capacity: retry with safe numerics.",
        "是数值问题，不是容量问题：启用安全数值设置，重跑一次。",
    ),
    "conclusion.numerics_again": ("Training diverged again: stop.", "再次发散：停止。"),
    "conclusion.numerics_once": (
        "Training diverged and there is no room for a retry: stop.",
        "训练发散，且没有余地重试：停止。",
    ),
    "conclusion.numerics_lower": (
        "Training diverged with safe numerics too: retry at a lower lr ({knobs}).",
        "启用安全数值设置后仍然发散：降低 lr 重跑（{knobs}）。",
    ),
    "conclusion.memory": ("Not even one row fits in memory: stop.", "连一行都放不进内存：停止。"),
    "conclusion.too_little": ("Too little evidence: extend the probe.", "证据太少：延长试跑。"),
    "conclusion.took_worse": (
        "The last change made results worse, beyond noise: reverted ({knobs}).",
        "上一次调整使结果变差，且超出噪声：已撤回（{knobs}）。",
    ),
    "conclusion.recall_lost": (
        "Some classes lose more recall than macro-F1 gains: reverted ({knobs}).",
        "部分类别损失的召回率大于宏平均 F1 的增益：已撤回（{knobs}）。",
    ),
    "conclusion.data_arm": (
        "Many labels are suspect: train once without these rows to see what they cost, before any knob is turned.",
        "可疑标注较多：先去掉这些行再试跑一次，看它们的影响有多大，然后才调旋钮。",
    ),
    "conclusion.data_dropped": (
        "Go on without the rows of suspect labels (--drop-suspects).",
        "去掉可疑标注的行，继续（--drop-suspects）。",
    ),
    "conclusion.data_limited": (
        "The labels are the bottleneck: more capacity would only memorise them, so capacity stays as it is.",
        "瓶颈在标注：增加容量只会记住错误标注，容量保持不变。",
    ),
    "conclusion.overfit": (
        "Overfitting from excess capacity: reduce capacity ({knobs}).",
        "容量型过拟合：降低容量（{knobs}）。",
    ),
    "conclusion.rank_limited": (
        "The experiment favours a higher rank: increase capacity ({knobs}).",
        "对照实验支持更高的 rank：增加容量（{knobs}）。",
    ),
    "conclusion.sites_limited": (
        "The experiment favours more target modules: increase capacity ({knobs}).",
        "对照实验支持更多的 target modules：增加容量（{knobs}）。",
    ),
    "conclusion.lr_limited": (
        "Capacity is sufficient; the learning rate is too low. Next: optimisation.",
        "容量合适，只是学习率偏小：进入优化阶段。",
    ),
    "conclusion.unlearning": (
        "Training destroys what the head already knew: the learning rate is too high, and no change of capacity fixes that ({knobs}).",
        "连分类头原本掌握的也在遗忘：学习率偏大，这不是容量能解决的（{knobs}）。",
    ),
    "conclusion.untested": (
        "Curves alone cannot tell: run a minimal-intervention experiment that changes one knob at a time.",
        "仅凭曲线无法判断：做最小干预实验，每次只动一个旋钮。",
    ),
    "conclusion.cannot_tell": (
        "The figures that would show a capacity symptom are missing or not finite: capacity stays as it is.",
        "判断容量所需的指标缺失或非有限：容量保持不变。",
    ),
    "conclusion.lr_large": ("The experiment favours a lower lr ({knobs}).", "对照实验支持更低的 lr（{knobs}）。"),
    "conclusion.no_arm": (
        "No other lr, scaling or dropout promises more: they stay as they are.",
        "lr、a、dropout 换成其他值都不会更好：保持不变。",
    ),
    "conclusion.asked_before": (
        "Other values of lr and scaling did worse at the previous dropout and are not tried again: both stay as they are.",
        "lr 与 a 的改动在之前的 dropout 下已经试过，没有更好，不再重试：保持不变。",
    ),
    "conclusion.undecided": (
        "No other capacity promises more: rank and target modules stay as they are.",
        "增减容量都不会更好：rank 与 target modules 保持不变。",
    ),
    "conclusion.underfit": ("Underfitting: increase capacity ({knobs}).", "欠拟合：增加容量（{knobs}）。"),
    "conclusion.slow": (  # of runs before experiments outranked readings
        "A low lr and a low rank look alike: run a minimal-intervention experiment.",
        "“lr 太小”与“rank 太小”现象相似：做最小干预实验。",
    ),
    "conclusion.look_alike": (
        "A low lr and a low rank look alike, and no experiment can separate them here: capacity stays as it is.",
        "“lr 太小”与“rank 太小”现象相似，而这里没有实验可以区分：容量保持不变。",
    ),
    "conclusion.capacity_right": (
        "Train and validation both improve: capacity is right.",
        "训练与验证都在改善：容量合适。",
    ),
    "conclusion.capacity_enough": (
        "No capacity symptom beyond noise: capacity is sufficient.",
        "没有超出噪声的容量问题：容量足够。",
    ),
    "conclusion.capacity_open": (
        "A capacity symptom remains, but budget, limits or your settings leave no move against it.",
        "容量问题仍在，但预算、次数限制或您的设置不允许再调。",
    ),
    "conclusion.branch_weak": (
        "The experiment favours a stronger LoRA branch: increase scaling ({knobs}).",
        "对照实验支持加强 LoRA 分支：增大缩放 a（{knobs}）。",
    ),
    "conclusion.rank_spare": (
        "A lower rank is as good: keep the smaller adapter ({knobs}).",
        "更低的 rank 同样好：保留更小的适配器（{knobs}）。",
    ),
    "conclusion.sites_spare": (
        "Fewer target modules are as good: keep the smaller adapter ({knobs}).",
        "更少的 target modules 同样好：保留更小的适配器（{knobs}）。",
    ),
    "conclusion.oscillate": ("Loss and F1 oscillate: lower lr ({knobs}).", "loss 振荡且 F1 不稳：降低 lr（{knobs}）。"),
    "conclusion.seeds": ("Seeds disagree: lower lr ({knobs}).", "随机种子差异大：降低 lr（{knobs}）。"),
    "conclusion.insensitive": (
        "Loss barely responds to lr, and rank must not rise: increase scaling ({knobs}).",
        "loss 对 lr 不敏感且不宜加 rank：增大缩放 a（{knobs}）。",
    ),
    "conclusion.lr_small": ("The experiment favours a higher lr ({knobs}).", "对照实验支持更高的 lr（{knobs}）。"),
    "conclusion.falls_slowly": ("Loss falls, but slowly: raise lr ({knobs}).", "loss 能降但慢：提高 lr（{knobs}）。"),
    "conclusion.over_confident": ("Over-confident: increase dropout ({knobs}).", "过度自信：增大 dropout（{knobs}）。"),
    "conclusion.settled": ("No knob is left to change in this stage: settled.", "本阶段没有可调的旋钮了：到此为止。"),
    "conclusion.asked": (
        "You set this value (--set), and its stage has come: try it ({knobs}).",
        "这是您用 --set 指定的值，现在到了它的阶段：试用（{knobs}）。",
    ),
    "experiment.rank": ("Rank is the bottleneck.", "瓶颈在 rank。"),
    "experiment.sites": ("Target modules are the bottleneck.", "瓶颈在 target modules。"),
    "experiment.lr": ("lr is the bottleneck.", "瓶颈在 lr。"),
    "experiment.lr_down": ("lr is too high.", "lr 偏大。"),
    "experiment.rank_down": ("A lower rank is as good.", "更低的 rank 同样好。"),
    "experiment.sites_down": ("Fewer target modules are as good.", "更少的 target modules 同样好。"),
    "experiment.scaling": ("Scaling is too low.", "a 偏小。"),
    "experiment.dropout": ("More dropout helps.", "增大 dropout 有帮助。"),
    "experiment.undecided": ("No change promises more so far.", "目前没有更好的改动。"),
    "no_room": ("this knob is at its limit", "该旋钮已无余地"),
    "lr_edge": (
        "lr is at the edge of its usual range; --wide-lr allows one more step",
        "lr 已到常用区间的边缘；--wide-lr 允许再走一步",
    ),
    "move_limit": ("this stage has used up its changes", "本阶段的调整次数已用完"),
    "not_favoured": ("an experiment does not favour it", "对照实验不支持"),
    "no_budget": ("the budget does not allow it", "预算不允许"),
    "pinned": ("you fixed this knob (--set)", "该旋钮由您用 --set 固定"),
    "no_lr_underfit": (
        "lr stays: if capacity is too low, no learning rate helps.",
        "不动 lr：容量不够时，再大的学习率也学不到。",
    ),
    "no_scaling_underfit": (
        "scaling stays: if capacity is too low, a stronger LoRA branch learns no more.",
        "不动 a：容量不够时，放大分支也学不到更多。",
    ),
    "no_lr_overfit": (
        "lr stays: it changes how fast the model converges, not whether it memorises.",
        "不动 lr：lr 只影响收敛速度，解决不了“记住训练集”。",
    ),
    "no_dropout_capacity": ("dropout stays until capacity is settled.", "容量未定之前不动 dropout。"),
    "no_rank_lr_limited": (
        "rank stays: what a higher lr gains is measured alone.",
        "不动 rank：单独看提高 lr 的效果。",
    ),
    "no_rank_optimise": ("rank is locked in this stage.", "本阶段锁定 rank。"),
    "no_sites_optimise": ("target modules are locked in this stage.", "本阶段锁定 target modules。"),
    "no_rank_unlearn": (
        "rank stays: the high learning rate damages the head, not the rank.",
        "不动 rank：破坏分类头的是学习率偏大。",
    ),
    "no_scaling_beyond_4": (
        "scaling never exceeds 4: beyond that it acts as a higher lr.",
        "a 不超过 4：再大就相当于放大 lr。",
    ),
    "stop.diverged": ("training diverged twice", "训练两次发散"),
    "stop.diverged_once": ("training diverged", "训练发散"),
    "stop.memory": ("out of memory", "内存不足"),
}

_ABOUT: Final[dict[str, tuple[str, str]]] = {
    # By rule: what it looks for. By finding: why it cannot be told, what it takes. By arm: what it raised or lowered.
    "open.data": (
        "Cannot tell whether the errors on training rows concentrate on suspect labels: there are too few errors, or suspect labels were not searched for.",
        "仍然出错的训练数据是否集中在可疑标注，无法判断：出错的太少，或没有查找过可疑标注。",
    ),
    "open.seeds": (
        "Cannot tell whether seeds disagree: this recipe was trained with one seed.",
        "不同随机种子是否差异大，无法判断：这组超参只用一个种子训练过。",
    ),
    "open.insensitive": (
        "Cannot tell whether loss responds to lr: no earlier probe raised lr alone.",
        "loss 对 lr 是否敏感，无法判断：在此之前没有只提高 lr 的试跑。",
    ),
    "open.oscillate": (
        "Cannot tell whether training oscillates: there are too few points, or figures are not finite.",
        "训练是否振荡，无法判断：记录点太少，或指标非有限。",
    ),
    "open.slow": (
        "Cannot tell whether loss still falls with room to improve: there are too few points, or figures are not finite.",
        "loss 是否仍在下降且有余地，无法判断：记录点太少，或指标非有限。",
    ),
    "open.underfit": (
        "Cannot tell whether the model underfits: there are too few points, or figures are not finite.",
        "是否欠拟合，无法判断：记录点太少，或指标非有限。",
    ),
    "open.overfit": (
        "Cannot tell whether the model overfits: there are too few evaluations, or figures are not finite.",
        "是否过拟合，无法判断：评估次数太少，或指标非有限。",
    ),
    "open.improving": (
        "Cannot tell whether training and validation both improve: there are too few evaluations, or figures are not finite.",
        "训练与验证是否都在改善，无法判断：评估次数太少，或指标非有限。",
    ),
    "open.confident": (
        "Cannot tell whether the model is over-confident: there are too few evaluations, or figures are not finite.",
        "是否过度自信，无法判断：评估次数太少，或指标非有限。",
    ),
    "open.unlearning": (
        "Cannot tell whether training destroys what the head already knew: there are too few evaluations, or figures are not finite.",
        "训练是否在破坏分类头原本掌握的内容，无法判断：评估次数太少，或指标非有限。",
    ),
    "needs.underfit": (
        "Criterion: loss falls by less than {least:.0%} per epoch, and training F1 is below {learnt:.2f}.",
        "判定条件：loss 每轮下降不到 {least:.0%}，且训练 F1 低于 {learnt:.2f}。",
    ),
    "needs.slow": (
        "Criterion: loss falls by more than {least:.0%} per epoch, and training F1 is below {learnt:.2f} or validation gains beyond noise.",
        "判定条件：loss 每轮下降超过 {least:.0%}，且训练 F1 低于 {learnt:.2f} 或验证增益超出噪声。",
    ),
    "needs.confident": (
        "Criterion: the rise is beyond noise, and training and validation F1 are less than {gap_limit:.0f} points apart.",
        "判定条件：上升超出噪声，且训练与验证 F1 的差距小于 {gap_limit:.0f} 个百分点。",
    ),
    "needs.overfit": (
        "Criterion: training loss is below {collapsed:.0%} of its start, and validation gets worse beyond noise.",
        "判定条件：训练 loss 低于起始值的 {collapsed:.0%}，且验证变差超出噪声。",
    ),
    "needs.data": (
        "Criterion: at least {limit:.0%} of the errors are on suspect labels.",
        "判定条件：可疑标注占到 {limit:.0%}。",
    ),
    "needs.doubtful": (
        "Criterion: beyond noise more than {least:.0%} of the training rows, as many as may be flagged in clean data.",
        "判定条件：超出训练数据的 {least:.0%}（干净数据中也可能标出这么多），且超出噪声。",
    ),
    "needs.unlearning": (
        "Criterion: training F1 is down by more than {limit:.0f} points, and validation F1 is down beyond noise.",
        "判定条件：训练 F1 下降超过 {limit:.0f} 个百分点，且验证 F1 下降超出噪声。",
    ),
    "needs.oscillate": (
        "Criterion: the loss variation is above {limit:.2f} and the F1 swing above {f1_limit:.1f} points.",
        "判定条件：loss 波动超过 {limit:.2f}，且 F1 摆动超过 {f1_limit:.1f} 个百分点。",
    ),
    "needs.insensitive": ("Criterion: the change is below {limit:.0%}.", "判定条件：变化小于 {limit:.0%}。"),
    "limit.present": (
        "The experiment points to {what} (loss {gain!w:lower|higher} by {gain!m:.4f} ± {reach:.4f} nats per example, 95% interval).",
        "实验指向{what}（loss 每条{gain!w:降低|升高} {gain!m:.4f} ± {reach:.4f} nats，95% 区间）。",
    ),
    "limit.absent": (
        "The experiment does not point to {what} (loss {gain!w:lower|higher} by {gain!m:.4f} ± {reach:.4f} nats per example, 95% interval).",
        "实验没有指向{what}（loss 每条{gain!w:降低|升高} {gain!m:.4f} ± {reach:.4f} nats，95% 区间）。",
    ),
    "limit.unknown": (
        "Cannot tell whether {what} would help: no arm for it was trained there.",
        "瓶颈是否在于{what}，无法判断：在那里没有训练相应的分支。",
    ),
    "limit.rank": ("a higher rank", "更高的 rank"),
    "limit.sites": ("more target modules", "更多的 target modules"),
    "limit.lr": ("a higher lr", "更高的 lr"),
    "limit.lr_down": ("a lower lr", "更低的 lr"),
    "limit.rank_down": ("a lower rank", "更低的 rank"),
    "limit.sites_down": ("fewer target modules", "更少的 target modules"),
    "limit.scaling": ("a higher scaling", "更大的 a"),
    "limit.dropout": ("more dropout", "更大的 dropout"),
    "rule.numerics_lower": ("a divergence that safe numerics did not prevent", "启用安全数值设置后仍然发散"),
    "rule.rank_limited": ("an experiment in which a higher rank is the better bet", "对照实验中更高的 rank 预期更优"),
    "rule.sites_limited": (
        "an experiment in which more target modules are the better bet",
        "对照实验中更多的 target modules 预期更优",
    ),
    "rule.underfit": (
        "underfitting (training loss does not fall while the training rows are not learnt)",
        "欠拟合（训练 loss 降不下去，训练集没有学会）",
    ),
    "rule.overfit": (
        "overfitting from excess capacity (training loss collapses while validation gets worse)",
        "容量型过拟合（训练 loss 快速趋近 0，验证变差）",
    ),
    "rule.lr_small": ("an experiment in which a higher lr is the better bet", "对照实验中更高的 lr 预期更优"),
    "rule.falls_slowly": ("a training loss that falls slowly", "训练 loss 能降，但很慢"),
    "rule.branch_weak": ("an experiment in which a higher scaling is the better bet", "对照实验中更大的 a 预期更优"),
    "rule.rank_spare": ("a lower rank that is as good", "更低的 rank 同样好"),
    "rule.sites_spare": ("fewer target modules that are as good", "更少的 target modules 同样好"),
    "rule.lr_large": ("an experiment in which a lower lr is the better bet", "对照实验中更低的 lr 预期更优"),
    "rule.unlearning": ("training that destroys what the head already knew", "遗忘分类头原本掌握的内容"),
    "rule.oscillate": ("an oscillating loss and macro-F1", "loss 振荡，F1 不稳定"),
    "rule.seeds": ("seeds that disagree", "不同随机种子差异大"),
    "rule.insensitive": ("a loss that barely responds to a higher lr", "lr 调大，loss 几乎不变"),
    "rule.over_confident": (
        "an experiment in which more dropout is the better bet",
        "对照实验中更大的 dropout 预期更优",
    ),
}
SENTENCES.update({f"account.{code}": told for code, told in _ABOUT.items()})

_FINDINGS: Final[dict[str, tuple[str, str, str, str, str, str]]] = {
    # code: (there, not there) in English, (there, not there) in Chinese, numbers in English, in Chinese when it is known;
    # in English "there" is a clause that can follow "Cannot tell whether"
    "numerics": ("a loss or gradient is not finite", "every loss and gradient is finite", "loss 或梯度非有限", "loss 和梯度都有限", " (step {steps})", "（第 {steps} 步）"),
    "numerics_again": ("training diverged again with safe numerics", "training did not diverge again", "启用安全数值设置后再次发散", "没有再次发散", " (step {steps})", "（第 {steps} 步）"),
    "memory": ("training ran out of memory", "memory is sufficient", "内存不足", "内存足够", " (batch {batch})", "（批大小 {batch}）"),
    "too_little": ("there is too little evidence", "there is enough evidence", "证据太少", "证据足够", " ({points} loss points, {needed} needed)", "（{points} 个 loss 点，需 {needed}）"),
    "worse": ("results are worse than before", "results are not worse than before", "比之前差", "不比之前差", " (macro-F1 {f1:+.1f} ± {f1_se!i:.1f} points, log-loss {gain!w:lower|higher} by {gain!m:.3f} ± {se!i:.3f} nats per example; 95% intervals)", "（宏平均 F1 {f1:+.1f} ± {f1_se!i:.1f} 个百分点，log-loss 每条{gain!w:降低|升高} {gain!m:.3f} ± {se!i:.3f} nats；95% 区间）"),
    "recall": ("some classes lost recall", "no loss of recall outweighs the gain", "部分类别的召回率下降", "没有得不偿失的召回率下降", " ({lost} of {classes} classes, the worst by {worst:.1f} points; cost {cost:.1f} against a macro-F1 gain of {gain:+.1f} points)", "（{classes} 类中 {lost} 类，最大降 {worst:.1f} 个百分点；代价 {cost:.1f}，宏平均 F1 增益 {gain:+.1f} 个百分点）"),
    "overfit": ("excess capacity causes overfitting", "excess capacity does not cause overfitting", "容量型过拟合", "没有容量型过拟合", " (train loss {train_from:.3f} -> {train_to:.3f}, val loss {rise:.3f} ± {loss_noise:.3f} nats above its minimum, F1 {drop:.1f} ± {f1_noise:.1f} points below its best; 95% intervals)", "（训练 loss {train_from:.3f} -> {train_to:.3f}；验证 loss 比最低点高 {rise:.3f} ± {loss_noise:.3f} nats，宏平均 F1 比最高点低 {drop:.1f} ± {f1_noise:.1f} 个百分点；95% 区间）"),
    "data": ("errors concentrate on suspect labels", "errors do not concentrate on suspect labels", "错误集中在可疑标注", "错误没有集中在可疑标注", " ({wrong} of {seen} training rows wrong, {share:.0%} of these suspect against {base:.0%} of all rows)", "（{seen} 行训练数据中 {wrong} 行错误，其中 {share:.0%} 可疑；全部数据中为 {base:.0%}）"),
    "doubtful": ("many labels are suspect or contradict a copy, and training without these rows is untried", "few labels are suspect or contradict a copy, or training without these rows was tried", "可疑或自相矛盾的标注较多，且还没有试过去掉这些行", "可疑或自相矛盾的标注不多，或已试过去掉这些行", " ({doubtful} training rows, {share:.1%} ± {reach:.1%}; 95% interval)", "（训练数据 {doubtful} 行，占 {share:.1%} ± {reach:.1%}；95% 区间）"),
    "limit_data": ("training without the rows of suspect labels is the better bet", "training without the rows of suspect labels is not the better bet, or was not requested", "去掉可疑标注的行再训练预期更优", "去掉可疑标注的行再训练没有更好，或没有要求去掉", " (validation loss {gain!w:lower|higher} by {gain!m:.4f} ± {gain_se!i:.4f} nats per example; 95% interval)", "（验证 loss 每条{gain!w:降低|升高} {gain!m:.4f} ± {gain_se!i:.4f} nats；95% 区间）"),
    "limit_rank": ("the experiment points to rank", "the experiment does not point to rank", "实验表明瓶颈在 rank", "实验没有表明瓶颈在 rank", " (a higher rank makes validation loss {rank!w:lower|higher} by {rank!m:.4f} ± {rank_se!i:.4f} nats per example; 95% interval)", "（提高 rank 后验证 loss 每条{rank!w:降低|升高} {rank!m:.4f} ± {rank_se!i:.4f} nats；95% 区间）"),
    "limit_sites": ("the experiment points to target modules", "the experiment does not point to target modules", "实验表明瓶颈在 target modules", "实验没有表明瓶颈在 target modules", " (more modules make validation loss {sites!w:lower|higher} by {sites!m:.4f} ± {sites_se!i:.4f} nats per example; 95% interval)", "（增加模块后验证 loss 每条{sites!w:降低|升高} {sites!m:.4f} ± {sites_se!i:.4f} nats；95% 区间）"),
    "limit_lr": ("the experiment points to a higher lr", "the experiment does not point to a higher lr", "实验表明 lr 偏小", "实验没有表明 lr 偏小", " (a higher lr makes validation loss {lr!w:lower|higher} by {lr!m:.4f} ± {lr_se!i:.4f} nats per example; 95% interval)", "（提高 lr 后验证 loss 每条{lr!w:降低|升高} {lr!m:.4f} ± {lr_se!i:.4f} nats；95% 区间）"),
    "limit_lr_down": ("the experiment points to a lower lr", "the experiment does not point to a lower lr", "实验表明 lr 偏大", "实验没有表明 lr 偏大", " (a lower lr makes validation loss {lr_down!w:lower|higher} by {lr_down!m:.4f} ± {lr_down_se!i:.4f} nats per example; 95% interval)", "（降低 lr 后验证 loss 每条{lr_down!w:降低|升高} {lr_down!m:.4f} ± {lr_down_se!i:.4f} nats；95% 区间）"),
    "limit_rank_down": ("a lower rank is as good", "a lower rank is worse", "更低的 rank 同样好", "更低的 rank 更差", " (a lower rank makes validation loss {rank_down!w:lower|higher} by {rank_down!m:.4f} ± {rank_down_se!i:.4f} nats per example; 95% interval)", "（降低 rank 后验证 loss 每条{rank_down!w:降低|升高} {rank_down!m:.4f} ± {rank_down_se!i:.4f} nats；95% 区间）"),
    "limit_sites_down": ("fewer target modules are as good", "fewer target modules are worse", "更少的 target modules 同样好", "更少的 target modules 更差", " (fewer modules make validation loss {sites_down!w:lower|higher} by {sites_down!m:.4f} ± {sites_down_se!i:.4f} nats per example; 95% interval)", "（减少模块后验证 loss 每条{sites_down!w:降低|升高} {sites_down!m:.4f} ± {sites_down_se!i:.4f} nats；95% 区间）"),
    "limit_scaling": ("the experiment points to a higher scaling", "the experiment does not point to a higher scaling", "实验表明 a 偏小", "实验没有表明 a 偏小", " (a higher scaling makes validation loss {scaling!w:lower|higher} by {scaling!m:.4f} ± {scaling_se!i:.4f} nats per example; 95% interval)", "（增大 a 后验证 loss 每条{scaling!w:降低|升高} {scaling!m:.4f} ± {scaling_se!i:.4f} nats；95% 区间）"),
    "limit_dropout": ("the experiment points to more dropout", "the experiment does not point to more dropout", "实验表明应增大 dropout", "实验没有表明应增大 dropout", " (more dropout makes validation loss {dropout!w:lower|higher} by {dropout!m:.4f} ± {dropout_se!i:.4f} nats per example; 95% interval)", "（增大 dropout 后验证 loss 每条{dropout!w:降低|升高} {dropout!m:.4f} ± {dropout_se!i:.4f} nats；95% 区间）"),
    "untested": ("a one-knob change of this recipe is still untried", "every one-knob change of this recipe has been tried", "还有只动一个旋钮的改法没有试过", "只动一个旋钮的改法都已试过", "", ""),
    "unlearning": ("training destroys what the head already knew", "training keeps what the head already knew", "遗忘了分类头原本掌握的内容", "没有遗忘", " (train F1 {fell!w:down|up} {fell!m:.1f} points, train loss {train_from:.3f} -> {train_to:.3f}, validation F1 {dropped!w:down|up} {dropped!m:.1f} ± {f1_noise:.1f} points; 95% interval)", "（训练 F1 {fell!w:降|升} {fell!m:.1f} 个百分点，训练 loss {train_from:.3f} -> {train_to:.3f}，验证 F1 {dropped!w:降|升} {dropped!m:.1f} ± {f1_noise:.1f} 个百分点；95% 区间）"),
    "asked": ("arms lost at the dropout before and were not trained again", "no arm lost at the dropout before", "有些改动在之前的 dropout 下试过、没有更好，不再重试", "没有在之前的 dropout 下试过的改动", " ({arms})", "（{arms}）"),
    "unreadable": ("figures are missing or not finite", "all figures are present and finite", "指标缺失或非有限", "指标齐全且有限", " ({evaluations} evaluations, {rows} validation rows)", "（{evaluations} 次评估，{rows} 行验证数据）"),
    "capacity": ("a capacity symptom remains", "no capacity symptom remains", "仍有容量问题", "没有容量问题", "", ""),
    "limit_undecided": ("no change promises more", "a change promises more", "没有更好的改动", "有更好的改动", " ({steps} steps per arm)", "（每个分支 {steps} 步）"),
    "underfit": ("training has reached a plateau without learning the training rows", "training has not reached a plateau without learning the training rows", "平台期且训练集未学会", "没有停在未学会的平台期", " (train loss {rate!w:falls|rises} {rate!m:.1%} per epoch, train F1 {train_f1:.3f})", "（训练 loss 每轮{rate!w:降|升} {rate!m:.1%}，训练 F1 {train_f1:.3f}）"),
    "slow": ("loss still falls and there is room to improve", "loss has stopped falling, or there is no room to improve", "loss 仍在下降且有余地", "loss 已不再下降，或已没有余地", " (train loss {rate!w:falls|rises} {rate!m:.1%} per epoch, validation {gain:+.1f} ± {f1_noise:.1f} points; 95% interval)", "（训练 loss 每轮{rate!w:降|升} {rate!m:.1%}，验证 {gain:+.1f} ± {f1_noise:.1f} 个百分点；95% 区间）"),
    "improving": ("train and validation both improve", "train and validation do not both improve", "训练与验证都改善", "训练与验证没有都改善", " (validation macro-F1 {val:+.1f} points, standard error {f1_noise:.1f})", "（验证宏平均 F1 {val:+.1f} 个百分点，标准误 {f1_noise:.1f}）"),
    "oscillate": ("training oscillates", "training does not oscillate", "振荡", "没有振荡", " (loss variation {variation:.2f}, F1 swing {swing:.1f} points)", "（loss 波动 {variation:.2f}，F1 摆动 {swing:.1f} 个百分点）"),
    "seeds": ("seeds disagree", "seeds agree", "种子差异大", "种子之间一致", " (spread {spread:.1f} points, limit {limit:.1f})", "（差距 {spread:.1f} 个百分点，界限 {limit:.1f}）"),
    "insensitive": ("loss does not respond to lr", "loss responds to lr", "loss 对 lr 不敏感", "loss 对 lr 敏感", " (change {change:.1%})", "（变化 {change:.1%}）"),
    "confident": ("the model is over-confident", "the model is not over-confident", "过度自信", "没有过度自信", " (val loss {creep:.3f} nats above its minimum, standard error {loss_noise:.3f}; train and validation F1 {gap!m:.1f} points apart)", "（验证 loss 比最低点高 {creep:.3f} nats，标准误 {loss_noise:.3f}；训练与验证 F1 相差 {gap!m:.1f} 个百分点）"),
    "always": ("no earlier rule applies with room to act", "an earlier rule applies", "以上规则均不适用或已无余地", "有规则适用", "", ""),
}  # fmt: skip

for _code, (_en, _not_en, _zh, _not_zh, _en_numbers, _zh_numbers) in _FINDINGS.items():
    SENTENCES[f"{_code}.present"] = (f"{_en[0].upper()}{_en[1:]}{_en_numbers}.", f"{_zh}{_zh_numbers}。")
    SENTENCES[f"{_code}.absent"] = (f"{_not_en[0].upper()}{_not_en[1:]}{_en_numbers}.", f"{_not_zh}{_zh_numbers}。")
    SENTENCES[f"{_code}.unknown"] = (f"Cannot tell whether {_en}.", f"无法判断是否{_zh}。")
