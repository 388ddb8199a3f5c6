"""Sentences: conclusions, findings, refusals and verdicts of the policy, in the seed's terms."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "conclusion.numerics": (
        "The cause is numerics, not capacity: retry with safe numerics.",
        "是数值问题，不是容量问题：启用安全数值设置，重跑一次。",
    ),
    "conclusion.numerics_again": ("Training diverged again: stop.", "再次发散：停止。"),
    "conclusion.numerics_once": (
        "Training diverged and there is no room for a retry: stop.",
        "训练发散，且没有余地重试：停止。",
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
    "conclusion.data_limited": ("The data are the bottleneck: no knob is changed.", "瓶颈在数据：不动任何旋钮。"),
    "conclusion.overfit": (
        "Overfitting from excess capacity: reduce capacity ({knobs}).",
        "容量型过拟合：降低容量（{knobs}）。",
    ),
    "conclusion.rank_limited": (
        "Rank is the bottleneck: increase capacity ({knobs}).",
        "瓶颈在 rank：增加容量（{knobs}）。",
    ),
    "conclusion.sites_limited": (
        "Target modules are the bottleneck: adapt more of them ({knobs}).",
        "瓶颈在 target modules：扩大模块（{knobs}）。",
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
    "conclusion.lr_large": ("lr is too high ({knobs}).", "lr 偏大（{knobs}）。"),
    "conclusion.no_arm": (
        "Neither a higher nor a lower lr improves results beyond noise: lr stays.",
        "升或降 lr 都没有超出噪声的改善：lr 不动。",
    ),
    "conclusion.undecided": (
        "The experiment is inconclusive: capacity stays as it is.",
        "实验无法判定：容量保持不变。",
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
        "没有超出噪声的容量症状：容量足够。",
    ),
    "conclusion.oscillate": ("Loss and F1 oscillate: lower lr ({knobs}).", "loss 振荡且 F1 不稳：降低 lr（{knobs}）。"),
    "conclusion.seeds": ("Seeds disagree: lower lr ({knobs}).", "随机种子差异大：降低 lr（{knobs}）。"),
    "conclusion.insensitive": (
        "Loss barely responds to lr, and rank must not rise: increase scaling ({knobs}).",
        "loss 对 lr 不敏感且不宜加 rank：增大缩放 a（{knobs}）。",
    ),
    "conclusion.lr_small": ("lr is too low ({knobs}).", "lr 偏小（{knobs}）。"),
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
    "experiment.undecided": ("No change helped beyond noise.", "没有任何改动的收益超出噪声。"),
    "no_room": ("this knob is at its limit", "该旋钮已无余地"),
    "lr_edge": (
        "lr is at the edge of its usual range; --wide-lr allows one more step",
        "lr 已到常用区间的边缘；--wide-lr 允许再走一步",
    ),
    "move_limit": ("this stage has used up its changes", "本阶段的调整次数已用完"),
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
        "rank stays: the model learns, only the learning rate is too low.",
        "不动 rank：模型在学，只是学习率偏小。",
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
    "base.fused": (
        "This base model stores q, k and v in one matrix: a recipe that names q/v adapts and counts the whole matrix.",
        "该底座模型把 q、k、v 存成一个矩阵，因此超参中的 q/v 指整个矩阵：它整体被适配并计入参数。",
    ),
    "base.shared": (
        "The layers of this base model share weights (one block runs {passes} times): adapting it changes all of them, so the top k layers cannot be selected.",
        "该底座模型的各层共用权重（同一模块运行 {passes} 次）：其中的适配对这些层同时生效，因此无法只选顶部 k 层。",
    ),
    "need.frozen_at_ceiling": (
        "You probably do not need LoRA: the frozen encoder scores macro-F1 {f1:.3f}, and the label noise allows at most about {ceiling:.3f}, which leaves {room:+.1f} points.",
        "很可能不需要 LoRA：冻结底座的宏平均 F1 为 {f1:.3f}，而这样的标签质量最多约允许 {ceiling:.3f}，只剩 {room:+.1f} 个百分点的空间。",
    ),
    "need.tfidf_at_ceiling": (
        "You probably need neither LoRA nor an encoder: TF-IDF scores macro-F1 {f1:.3f}, and the label noise allows at most about {ceiling:.3f}, which leaves {room:+.1f} points.",
        "很可能既不需要 LoRA，也不需要编码器：TF-IDF 的宏平均 F1 为 {f1:.3f}，而这样的标签质量最多约允许 {ceiling:.3f}，只剩 {room:+.1f} 个百分点的空间。",
    ),
    "need.features_limit": (
        "LoRA is likely to help: the best baseline (macro-F1 {f1:.3f}) is {room:.1f} points below what the labels allow ({ceiling:.3f}), and more data would not close the gap: each doubling gives {slope:+.1f} ± {slope_noise:.1f} points (95% interval). The frozen features are the bottleneck.",
        "LoRA 很可能有帮助：最好的基线（宏平均 F1 {f1:.3f}）距标签允许的上限（{ceiling:.3f}）还有 {room:.1f} 个百分点，而增加数据补不上：数据每翻一倍只提高 {slope:+.1f} ± {slope_noise:.1f} 个百分点（95% 区间）。瓶颈在未经微调的特征。",
    ),
    "need.rows_limit": (
        "Cannot tell without training LoRA: the best baseline (macro-F1 {f1:.3f}, 95% interval ± {noise:.1f} points) is {room:.1f} points below what the labels allow ({ceiling:.3f}), but more data would also close part of the gap: each doubling gives {slope:+.1f} ± {slope_noise:.1f} points (95% interval). Measure LoRA with --probe.",
        "在实测 LoRA 之前无法判断：最好的基线（宏平均 F1 {f1:.3f}，95% 区间 ± {noise:.1f} 个百分点）距标签允许的上限（{ceiling:.3f}）还有 {room:.1f} 个百分点，但增加数据也能补上一部分：数据每翻一倍提高 {slope:+.1f} ± {slope_noise:.1f} 个百分点（95% 区间）。可用 --probe 实测。",
    ),
    "need.no_curve": (
        "Cannot tell without the encoder: TF-IDF (macro-F1 {f1:.3f}, 95% interval ± {noise:.1f} points) is {room:.1f} points below what the labels allow ({ceiling:.3f}).",
        "不使用编码器无法判断：TF-IDF（宏平均 F1 {f1:.3f}，95% 区间 ± {noise:.1f} 个百分点）距标签允许的上限（{ceiling:.3f}）还有 {room:.1f} 个百分点。",
    ),
    "need.yes": (
        "LoRA is worth it: macro-F1 {gain:+.1f} points over the cheaper baseline ({base:.3f} to {lora:.3f}), 95% interval {low:+.1f} to {high:+.1f} on {rows} validation rows.",
        "值得用 LoRA：宏平均 F1 比更便宜的基线高 {gain:.1f} 个百分点（{base:.3f} 到 {lora:.3f}），在 {rows} 行验证数据上的 95% 区间为 {low:+.1f} 到 {high:+.1f}。",
    ),
    "need.no": (
        "You do not need LoRA here: its macro-F1 is {gain!m:.1f} points {gain!w:above|below} the cheaper baseline ({lora:.3f} against {base:.3f}), and the 95% interval, {low:+.1f} to {high:+.1f}, rules out a worthwhile gain ({worth:.1f}).",
        "这里不需要 LoRA：宏平均 F1 比更便宜的基线{gain!w:高|低} {gain!m:.1f} 个百分点（LoRA {lora:.3f}，基线 {base:.3f}）；95% 区间 {low:+.1f} 到 {high:+.1f} 排除了值得的提升（{worth:.1f}）。",
    ),
    "need.never_better": (
        "You do not need LoRA here: no epoch beat the starting point, the frozen encoder (macro-F1 {base:.3f} on {rows} validation rows).",
        "这里不需要 LoRA：没有一轮训练超过起点，即冻结底座（{rows} 行验证数据上宏平均 F1 为 {base:.3f}）。",
    ),
    "need.cannot_tell": (
        "Cannot tell: the macro-F1 of LoRA is {gain!m:.1f} points {gain!w:above|below} the cheaper baseline ({lora:.3f} against {base:.3f}), but the 95% interval on {rows} validation rows is {low:+.1f} to {high:+.1f}; about {rows_to_tell} rows are needed to tell. Until then, use the cheaper model.",
        "无法判断：LoRA 的宏平均 F1 比更便宜的基线{gain!w:高|低} {gain!m:.1f} 个百分点（LoRA {lora:.3f}，基线 {base:.3f}），但 {rows} 行验证数据的 95% 区间为 {low:+.1f} 到 {high:+.1f}；约需 {rows_to_tell} 行才能判断。在此之前用更便宜的即可。",
    ),
    "ship.lora": (
        "LoRA is worth it: {gain:+.1f} ± {noise:.1f} macro-F1 points over the cheaper baseline (95% interval).",
        "值得用 LoRA：宏平均 F1 比更便宜的基线高 {gain:.1f} ± {noise:.1f} 个百分点（95% 区间）。",
    ),
    "ship.lora_small": (
        "The gain is small but real: {gain:+.1f} ± {noise:.1f} macro-F1 points, log-loss lower by {loss:.3f} ± {loss_noise:.3f} nats per example (95% intervals).",
        "增益小但真实：宏平均 F1 {gain:+.1f} ± {noise:.1f} 个百分点，log-loss 每条降低 {loss:.3f} ± {loss_noise:.3f} nats（95% 区间）。",
    ),
    "ship.lora_exact": (
        "LoRA is worth it: macro-F1 is inconclusive ({gain:+.1f} ± {noise:.1f} points), but exact match rises by {right:.1f} ± {right_noise:.1f} points and log-loss falls by {loss:.3f} ± {loss_noise:.3f} nats per example (95% intervals).",
        "值得用 LoRA：宏平均 F1 无法区分（{gain:+.1f} ± {noise:.1f} 个百分点），但完全匹配率提高 {right:.1f} ± {right_noise:.1f} 个百分点，log-loss 每条降低 {loss:.3f} ± {loss_noise:.3f} nats（95% 区间）。",
    ),
    "ship.forced": (
        "LoRA is delivered because you forced it (--always-lora); it changes macro-F1 by {gain:+.1f} ± {noise:.1f} points (95% interval).",
        "应您要求（--always-lora）交付 LoRA；宏平均 F1 变化 {gain:+.1f} ± {noise:.1f} 个百分点（95% 区间）。",
    ),
    "ship.forced_same": (
        "LoRA is delivered because you forced it (--always-lora); no epoch of its final training beat the frozen classifier it starts from on the validation rows.",
        "应您要求（--always-lora）交付 LoRA；它从冻结底座分类器出发，最终训练没有任何一轮在验证集上超过它。",
    ),
    "ship.frozen": (
        "You do not need LoRA here: it brings no measurable gain ({gain:+.1f} ± {noise:.1f} macro-F1 points, 95% interval). The frozen classifier is delivered.",
        "这里不需要 LoRA：LoRA 没有带来可测的提升（宏平均 F1 {gain:+.1f} ± {noise:.1f} 个百分点，95% 区间）。交付冻结底座分类器。",
    ),
    "ship.frozen_same": (
        "You do not need LoRA here: no epoch of its final training beat the frozen classifier it starts from on the validation rows. The frozen classifier is delivered.",
        "这里不需要 LoRA：它从冻结底座分类器出发，最终训练没有任何一轮在验证集上超过它。交付冻结底座分类器。",
    ),
    "ship.frozen_worse": (
        "LoRA is worse here: macro-F1 is lower by {gain!m:.1f} ± {noise:.1f} points (95% interval). The frozen classifier is delivered.",
        "LoRA 在这里更差：宏平均 F1 低 {gain!m:.1f} ± {noise:.1f} 个百分点（95% 区间）。交付冻结底座分类器。",
    ),
    "ship.frozen_only": (
        "The frozen classifier is delivered (macro-F1 {f1:.3f}).",
        "交付冻结底座分类器（宏平均 F1 {f1:.3f}）。",
    ),
    "ship.tfidf": (
        "You do not need an encoder here: LoRA brings no measurable gain ({gain:+.1f} ± {noise:.1f} macro-F1 points, 95% interval). TF-IDF is delivered.",
        "这里不需要编码器：LoRA 没有带来可测的提升（宏平均 F1 {gain:+.1f} ± {noise:.1f} 个百分点，95% 区间）。交付 TF-IDF。",
    ),
    "ship.tfidf_worse": (
        "LoRA is worse than TF-IDF: macro-F1 is lower by {gain!m:.1f} ± {noise:.1f} points (95% interval). TF-IDF is delivered.",
        "LoRA 比 TF-IDF 更差：宏平均 F1 低 {gain!m:.1f} ± {noise:.1f} 个百分点（95% 区间）。交付 TF-IDF。",
    ),
    "ship.tfidf_only": ("TF-IDF is delivered (macro-F1 {f1:.3f}).", "交付 TF-IDF（宏平均 F1 {f1:.3f}）。"),
    "six.1": (
        "Capacity came first: rank and target modules.",
        "先用 rank 和 target modules 决定容量，保证能学到但不过拟合。",
    ),
    "six.2": ("Underfitting and overfitting changed only these two, not lr.", "欠拟合或过拟合只调这两个，不动 lr。"),
    "six.3": (
        "lr was changed only when the model learnt slowly or unsteadily.",
        "能学到但收敛慢或不稳定时，才微调 lr。",
    ),
    "six.4": (
        "Scaling was considered only when loss did not respond to lr and rank had to stay.",
        "lr 不敏感又不想加 rank 时，才考虑调 a。",
    ),
    "six.5": ("Target modules followed evidence, not habit.", "target modules 的调整基于任务语义，而不是盲目加。"),
    "six.6": (
        "Feedback was validation macro-F1 and the recall of every class.",
        "始终以 val F1 和各类 recall 为反馈，而不是单一 loss。",
    ),
}

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
    "limit_rank": ("the experiment points to rank", "the experiment does not point to rank", "实验表明瓶颈在 rank", "实验没有表明瓶颈在 rank", " (a higher rank makes validation loss {rank!w:lower|higher} by {rank!m:.3f} ± {rank_se!i:.3f} nats per example; 95% interval)", "（提高 rank 后验证 loss 每条{rank!w:降低|升高} {rank!m:.3f} ± {rank_se!i:.3f} nats；95% 区间）"),
    "limit_sites": ("the experiment points to target modules", "the experiment does not point to target modules", "实验表明瓶颈在 target modules", "实验没有表明瓶颈在 target modules", " (more modules make validation loss {sites!w:lower|higher} by {sites!m:.3f} ± {sites_se!i:.3f} nats per example; 95% interval)", "（增加模块后验证 loss 每条{sites!w:降低|升高} {sites!m:.3f} ± {sites_se!i:.3f} nats；95% 区间）"),
    "limit_lr": ("the experiment points to a higher lr", "the experiment does not point to a higher lr", "实验表明 lr 偏小", "实验没有表明 lr 偏小", " (a higher lr makes validation loss {lr!w:lower|higher} by {lr!m:.3f} ± {lr_se!i:.3f} nats per example; 95% interval)", "（提高 lr 后验证 loss 每条{lr!w:降低|升高} {lr!m:.3f} ± {lr_se!i:.3f} nats；95% 区间）"),
    "limit_lr_down": ("the experiment points to a lower lr", "the experiment does not point to a lower lr", "实验表明 lr 偏大", "实验没有表明 lr 偏大", " (a lower lr makes validation loss {lr_down!w:lower|higher} by {lr_down!m:.3f} ± {lr_down_se!i:.3f} nats per example; 95% interval)", "（降低 lr 后验证 loss 每条{lr_down!w:降低|升高} {lr_down!m:.3f} ± {lr_down_se!i:.3f} nats；95% 区间）"),
    "untested": ("a one-knob change of this recipe is still untried", "every one-knob change of this recipe has been tried", "还有只动一个旋钮的改法没有试过", "只动一个旋钮的改法都已试过", "", ""),
    "unlearning": ("training destroys what the head already knew", "training keeps what the head already knew", "遗忘了分类头原本掌握的内容", "没有遗忘", " (train F1 {fell!w:down|up} {fell!m:.1f} points, train loss {train_from:.3f} -> {train_to:.3f}, validation F1 {dropped!w:down|up} {dropped!m:.1f} ± {f1_noise:.1f} points; 95% interval)", "（训练 F1 {fell!w:降|升} {fell!m:.1f} 个百分点，训练 loss {train_from:.3f} -> {train_to:.3f}，验证 F1 {dropped!w:降|升} {dropped!m:.1f} ± {f1_noise:.1f} 个百分点；95% 区间）"),
    "unreadable": ("figures are missing or not finite", "all figures are present and finite", "指标缺失或非有限", "指标齐全且有限", " ({evaluations} evaluations, {rows} validation rows)", "（{evaluations} 次评估，{rows} 行验证数据）"),
    "limit_undecided": ("the experiment is inconclusive", "the experiment is conclusive", "实验无法判定", "实验有结论", " ({steps} steps per arm)", "（每个分支 {steps} 步）"),
    "underfit": ("training has reached a plateau without learning the training rows", "training has not reached a plateau without learning the training rows", "平台期且训练集未学会", "没有停在未学会的平台期", " (train loss {rate!w:falls|rises} {rate!m:.1%} per epoch, train F1 {train_f1:.3f})", "（训练 loss 每轮{rate!w:降|升} {rate!m:.1%}，训练 F1 {train_f1:.3f}）"),
    "slow": ("loss still falls and there is room to improve", "loss has stopped falling, or there is no room to improve", "loss 仍在下降且有余地", "loss 已不再下降，或已没有余地", " (train loss {rate!w:falls|rises} {rate!m:.1%} per epoch, validation {gain:+.1f} ± {f1_noise:.1f} points; 95% interval)", "（训练 loss 每轮{rate!w:降|升} {rate!m:.1%}，验证 {gain:+.1f} ± {f1_noise:.1f} 个百分点；95% 区间）"),
    "improving": ("train and validation both improve", "train and validation do not both improve", "训练与验证都改善", "训练与验证没有都改善", " (validation macro-F1 {val:+.1f} points, standard error {f1_noise:.1f})", "（验证宏平均 F1 {val:+.1f} 个百分点，标准误 {f1_noise:.1f}）"),
    "oscillate": ("training oscillates", "training does not oscillate", "振荡", "没有振荡", " (loss variation {variation:.2f}, F1 swing {swing:.1f} points)", "（loss 变异 {variation:.2f}，F1 摆动 {swing:.1f} 个百分点）"),
    "seeds": ("seeds disagree", "seeds agree", "种子差异大", "种子之间一致", " (spread {spread:.1f} points, limit {limit:.1f})", "（差距 {spread:.1f} 个百分点，界限 {limit:.1f}）"),
    "insensitive": ("loss does not respond to lr", "loss responds to lr", "loss 对 lr 不敏感", "loss 对 lr 敏感", " (change {change:.1%})", "（变化 {change:.1%}）"),
    "confident": ("the model is over-confident", "the model is not over-confident", "过度自信", "没有过度自信", " (val loss {creep:.3f} nats above its minimum, standard error {loss_noise:.3f}; train and validation F1 {gap!m:.1f} points apart)", "（验证 loss 比最低点高 {creep:.3f} nats，标准误 {loss_noise:.3f}；训练与验证 F1 相差 {gap!m:.1f} 个百分点）"),
    "always": ("no earlier rule applies with room to act", "an earlier rule applies", "以上规则均不适用或已无余地", "有规则适用", "", ""),
}  # fmt: skip

for _code, (_en, _not_en, _zh, _not_zh, _en_numbers, _zh_numbers) in _FINDINGS.items():
    SENTENCES[f"{_code}.present"] = (f"{_en[0].upper()}{_en[1:]}{_en_numbers}.", f"{_zh}{_zh_numbers}。")
    SENTENCES[f"{_code}.absent"] = (f"{_not_en[0].upper()}{_not_en[1:]}{_en_numbers}.", f"{_not_zh}{_zh_numbers}。")
    SENTENCES[f"{_code}.unknown"] = (f"Cannot tell whether {_en}.", f"无法判断：{_zh}。")
