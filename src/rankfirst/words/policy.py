"""Sentences: conclusions, findings, refusals and verdicts of the policy, in the seed's terms."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "conclusion.numerics": (
        "Numerics, not capacity: once more with safe numerics.",
        "数值问题，不是容量问题：用安全数值再跑一次。",
    ),
    "conclusion.numerics_again": ("It diverged again: stop.", "再次发散：停止。"),
    "conclusion.numerics_once": (
        "It diverged, and there is no room for a second try: stop.",
        "发散，且没有余地再试一次：停止。",
    ),
    "conclusion.memory": ("Not even one row fits memory: stop.", "连一行都放不进内存：停止。"),
    "conclusion.too_little": ("Too little evidence: extend the probe.", "证据太少：延长试跑。"),
    "conclusion.took_worse": (
        "The last move made it worse beyond noise: taken back ({knobs}).",
        "上一步超出噪声地变差：撤回（{knobs}）。",
    ),
    "conclusion.recall_lost": (
        "Some classes lose more recall than macro-F1 gains: taken back ({knobs}).",
        "部分类别损失的召回率大于宏 F1 的增益：撤回（{knobs}）。",
    ),
    "conclusion.data_limited": ("The data are the limit: no knob is turned.", "瓶颈在数据：不动任何旋钮。"),
    "conclusion.overfit": ("Overfit by capacity: less of it ({knobs}).", "容量型过拟合：降低容量（{knobs}）。"),
    "conclusion.rank_limited": ("Rank is the limit: more capacity ({knobs}).", "受限于 rank：增加容量（{knobs}）。"),
    "conclusion.sites_limited": (
        "Target modules are the limit: more of them ({knobs}).",
        "受限于 target modules：扩大模块（{knobs}）。",
    ),
    "conclusion.lr_limited": (
        "Capacity is right, steps are small: on to the optimiser.",
        "容量合适，只是步子小：进入优化阶段。",
    ),
    "conclusion.unlearning": (
        "It unlearns what the head already knew: its steps are too large, and no capacity cures that ({knobs}).",
        "连分类头原本掌握的也在遗忘：步子太大，这不是容量能解决的（{knobs}）。",
    ),
    "conclusion.untested": (
        "Curves alone cannot tell: a minimal-intervention experiment, one knob at a time.",
        "仅凭曲线无法判断：做最小干预实验，每次只动一个旋钮。",
    ),
    "conclusion.cannot_tell": (
        "What would show a capacity symptom cannot be read: capacity stays as it is.",
        "能体现容量症状的证据读不出来：容量保持不变。",
    ),
    "conclusion.lr_large": ("lr is too large ({knobs}).", "lr 偏大（{knobs}）。"),
    "conclusion.no_arm": (
        "Neither a higher nor a lower lr wins beyond noise: lr stays.",
        "升或降 lr 都没有超出噪声的改善：lr 不动。",
    ),
    "conclusion.undecided": ("The experiment cannot tell: capacity stays as it is.", "实验无法判定：容量保持不变。"),
    "conclusion.underfit": ("Underfit: more capacity ({knobs}).", "欠拟合：增加容量（{knobs}）。"),
    "conclusion.slow": (  # of runs before experiments outranked readings
        "lr too small or rank too small look alike: a minimal-intervention experiment.",
        "“lr 太小”与“rank 太小”现象相似：做最小干预实验。",
    ),
    "conclusion.look_alike": (
        "lr too small or rank too small look alike, and no experiment tells them apart here: capacity stays as it is.",
        "“lr 太小”与“rank 太小”现象相似，而这里没有实验可以区分：容量保持不变。",
    ),
    "conclusion.capacity_right": (
        "Train and validation both improve: capacity is right.",
        "训练与验证都在改善：容量合适。",
    ),
    "conclusion.capacity_enough": (
        "No capacity symptom beyond noise: capacity is enough.",
        "没有超出噪声的容量症状：容量足够。",
    ),
    "conclusion.oscillate": ("Loss and F1 swing: lr down ({knobs}).", "loss 振荡且 F1 不稳：降低 lr（{knobs}）。"),
    "conclusion.seeds": ("Seeds differ: lr down ({knobs}).", "随机种子差异大：降低 lr（{knobs}）。"),
    "conclusion.insensitive": (
        "lr hardly matters and rank must not rise: scaling up ({knobs}).",
        "loss 对 lr 不敏感且不宜加 rank：增大缩放 a（{knobs}）。",
    ),
    "conclusion.lr_small": ("lr is too small ({knobs}).", "lr 偏小（{knobs}）。"),
    "conclusion.falls_slowly": ("Loss falls, but slowly: lr up ({knobs}).", "loss 能降但慢：提高 lr（{knobs}）。"),
    "conclusion.over_confident": ("Over-confident: more dropout ({knobs}).", "过度自信：增大 dropout（{knobs}）。"),
    "conclusion.settled": ("No knob is left to turn here: settled.", "这里没有可再动的旋钮：定型。"),
    "conclusion.asked": (
        "You asked for it (--set), and now is its stage: tried ({knobs}).",
        "这是您用 --set 指定的，现在到了它的阶段：试用（{knobs}）。",
    ),
    "experiment.rank": ("Rank is the limit.", "受限于 rank。"),
    "experiment.sites": ("Target modules are the limit.", "受限于 target modules。"),
    "experiment.lr": ("lr is the limit.", "受限于 lr。"),
    "experiment.lr_down": ("lr is too large.", "lr 偏大。"),
    "experiment.undecided": ("No change helped beyond noise.", "没有任何改动的收益超出噪声。"),
    "no_room": ("no room left on this knob", "该旋钮已无余地"),
    "lr_edge": (
        "lr stands at the edge of its usual band; --wide-lr allows a further step",
        "lr 已到常用区间的边缘；--wide-lr 允许再走一步",
    ),
    "move_limit": ("this stage has made its moves", "本阶段的调整次数已用完"),
    "no_budget": ("the budget does not allow it", "预算不允许"),
    "pinned": ("you set this knob yourself (--set)", "该旋钮由您用 --set 固定"),
    "no_lr_underfit": (
        "lr stays: when capacity is short, no learning rate teaches it.",
        "不动 lr：容量不够时，再大的学习率也学不到。",
    ),
    "no_scaling_underfit": (
        "scaling stays: when capacity is short, a louder branch knows no more.",
        "不动 a：容量不够时，放大分支也学不到更多。",
    ),
    "no_lr_overfit": (
        "lr stays: it only changes the speed, it cannot un-memorise.",
        "不动 lr：lr 只影响收敛速度，解决不了“记住训练集”。",
    ),
    "no_dropout_capacity": ("dropout stays until capacity is settled.", "容量未定之前不动 dropout。"),
    "no_rank_lr_limited": ("rank stays: the model learns, its steps are small.", "不动 rank：模型在学，只是步子小。"),
    "no_rank_optimise": ("rank is locked in this stage.", "本阶段锁定 rank。"),
    "no_sites_optimise": ("target modules are locked in this stage.", "本阶段锁定 target modules。"),
    "no_rank_unlearn": (
        "rank stays: what undoes the head is the size of the steps.",
        "不动 rank：破坏分类头的是步子太大。",
    ),
    "no_scaling_beyond_4": ("scaling never passes 4: beyond it is a hidden lr.", "a 不超过 4：再大就是隐式放大 lr。"),
    "stop.diverged": ("training diverged twice", "训练两次发散"),
    "stop.diverged_once": ("training diverged", "训练发散"),
    "stop.memory": ("out of memory", "内存不足"),
    "base.fused": (
        "This base model keeps q, k and v in one matrix, so wherever a recipe says q/v that whole matrix is adapted and counted.",
        "该底座模型把 q、k、v 存成一个矩阵，因此配方中的 q/v 指整个矩阵：它整体被适配并计入参数。",
    ),
    "base.shared": (
        "The layers of this base model share weights (one block runs {passes} times): what is adapted in it changes in all of them, so the top k layers cannot be chosen.",
        "该底座模型的各层共用权重（同一模块运行 {passes} 次）：其中的适配对这些层同时生效，因此无法只选顶部 k 层。",
    ),
    "need.frozen_at_ceiling": (
        "You probably do not need LoRA: the frozen rung scores macro-F1 {f1:.3f}, and labels as noisy as these allow about {ceiling:.3f}; that leaves {room:+.1f} points.",
        "很可能不需要 LoRA：冻结阶梯的宏 F1 为 {f1:.3f}，而这样的标签质量最多约允许 {ceiling:.3f}，只剩 {room:+.1f} 个百分点的空间。",
    ),
    "need.tfidf_at_ceiling": (
        "You probably do not need LoRA, nor an encoder: TF-IDF scores macro-F1 {f1:.3f}, and labels as noisy as these allow about {ceiling:.3f}; that leaves {room:+.1f} points.",
        "很可能既不需要 LoRA，也不需要编码器：TF-IDF 的宏 F1 为 {f1:.3f}，而这样的标签质量最多约允许 {ceiling:.3f}，只剩 {room:+.1f} 个百分点的空间。",
    ),
    "need.features_limit": (
        "LoRA is likely to help: there are {room:.1f} points between the best rung (macro-F1 {f1:.3f}) and what the labels allow ({ceiling:.3f}), and more rows would not fill them: each doubling gives {slope:+.1f} ± {slope_noise:.1f} points (95% interval). The untouched features are the limit.",
        "LoRA 很可能有帮助：最好的阶梯（宏 F1 {f1:.3f}）距标签允许的上限（{ceiling:.3f}）还有 {room:.1f} 个百分点，而增加数据补不上：数据每翻一倍只提高 {slope:+.1f} ± {slope_noise:.1f} 个百分点（95% 区间）。受限的是未经微调的特征。",
    ),
    "need.rows_limit": (
        "Cannot tell before LoRA is measured: {room:.1f} points lie between the best rung (macro-F1 {f1:.3f}, 95% interval ± {noise:.1f} points) and what the labels allow ({ceiling:.3f}), but more rows would fill part of them too: each doubling gives {slope:+.1f} ± {slope_noise:.1f} points (95% interval). Measure it with --probe.",
        "在实测 LoRA 之前无法判断：最好的阶梯（宏 F1 {f1:.3f}，95% 区间 ± {noise:.1f} 个百分点）距标签允许的上限（{ceiling:.3f}）还有 {room:.1f} 个百分点，但增加数据也能补上一部分：数据每翻一倍提高 {slope:+.1f} ± {slope_noise:.1f} 个百分点（95% 区间）。可用 --probe 实测。",
    ),
    "need.no_curve": (
        "Cannot tell without the encoder: {room:.1f} points lie between TF-IDF (macro-F1 {f1:.3f}, 95% interval ± {noise:.1f} points) and what the labels allow ({ceiling:.3f}).",
        "不使用编码器无法判断：TF-IDF（宏 F1 {f1:.3f}，95% 区间 ± {noise:.1f} 个百分点）距标签允许的上限（{ceiling:.3f}）还有 {room:.1f} 个百分点。",
    ),
    "need.yes": (
        "LoRA is worth it: {gain:+.1f} points of macro-F1 over the cheaper rung ({base:.3f} to {lora:.3f}), 95% interval {low:+.1f} to {high:+.1f} on {rows} validation rows.",
        "值得用 LoRA：宏 F1 比更便宜的阶梯高 {gain:+.1f} 个百分点（{base:.3f} 到 {lora:.3f}），在 {rows} 行验证数据上的 95% 区间为 {low:+.1f} 到 {high:+.1f}。",
    ),
    "need.no": (
        "You do not need LoRA here: {gain:+.1f} points of macro-F1 against the cheaper rung ({base:.3f}, LoRA {lora:.3f}); the 95% interval {low:+.1f} to {high:+.1f} leaves no gain worth having ({worth:.1f}).",
        "这里不需要 LoRA：宏 F1 与更便宜的阶梯相差 {gain:+.1f} 个百分点（{base:.3f}，LoRA {lora:.3f}）；95% 区间 {low:+.1f} 到 {high:+.1f} 之内没有值得的提升（{worth:.1f}）。",
    ),
    "need.never_better": (
        "You do not need LoRA here: no epoch of it beat its start, the frozen rung (macro-F1 {base:.3f} on {rows} validation rows).",
        "这里不需要 LoRA：没有一个训练轮次超过它的起点，即冻结阶梯（{rows} 行验证数据上宏 F1 为 {base:.3f}）。",
    ),
    "need.cannot_tell": (
        "Cannot tell: LoRA gains {gain:+.1f} points of macro-F1 over the cheaper rung ({base:.3f} to {lora:.3f}), but the 95% interval on {rows} validation rows is {low:+.1f} to {high:+.1f}; about {rows_to_tell} would tell. Until then the cheaper one will do.",
        "无法判断：LoRA 的宏 F1 比更便宜的阶梯高 {gain:+.1f} 个百分点（{base:.3f} 到 {lora:.3f}），但 {rows} 行验证数据的 95% 区间为 {low:+.1f} 到 {high:+.1f}；约需 {rows_to_tell} 行才能判断。在此之前用更便宜的即可。",
    ),
    "ship.lora": (
        "LoRA is worth it: {gain:+.1f} ± {noise:.1f} macro-F1 points over the cheaper rung (95% interval).",
        "值得用 LoRA：宏 F1 比成本更低的方案高 {gain:.1f} ± {noise:.1f} 个百分点（95% 区间）。",
    ),
    "ship.lora_small": (
        "A small, real gain: {gain:+.1f} ± {noise:.1f} macro-F1 points, log-loss better by {loss:.3f} ± {loss_noise:.3f} nats an example (95% intervals).",
        "增益小但真实：宏 F1 {gain:+.1f} ± {noise:.1f} 个百分点，log-loss 每条改善 {loss:.3f} ± {loss_noise:.3f} nats（95% 区间）。",
    ),
    "ship.lora_exact": (
        "LoRA is worth it: macro-F1 cannot tell ({gain:+.1f} ± {noise:.1f} points), but {right:.1f} ± {right_noise:.1f}% more of the rows are exactly right and log-loss is better by {loss:.3f} ± {loss_noise:.3f} nats an example (95% intervals).",
        "值得用 LoRA：宏 F1 无法区分（{gain:+.1f} ± {noise:.1f} 个百分点），但完全正确的行多 {right:.1f} ± {right_noise:.1f} 个百分点，log-loss 每条改善 {loss:.3f} ± {loss_noise:.3f} nats（95% 区间）。",
    ),
    "ship.forced": (
        "LoRA is delivered because you insisted; its gain is {gain:+.1f} ± {noise:.1f} macro-F1 points (95% interval).",
        "应您要求交付 LoRA；其增益为宏 F1 {gain:+.1f} ± {noise:.1f} 个百分点（95% 区间）。",
    ),
    "ship.forced_same": (
        "LoRA is delivered because you insisted; none of the epochs of its final training answered the validation rows better than the frozen classifier that it starts from.",
        "应您要求交付 LoRA；它从冻结底座分类器出发，最终训练没有任何一轮在验证集上答得更好。",
    ),
    "ship.frozen": (
        "You do not need LoRA here: its gain of {gain:+.1f} ± {noise:.1f} macro-F1 points (95% interval) may be chance. The frozen classifier is delivered.",
        "这里不需要 LoRA：宏 F1 的增益 {gain:+.1f} ± {noise:.1f} 个百分点（95% 区间）可能只是偶然。交付冻结底座分类器。",
    ),
    "ship.frozen_same": (
        "You do not need LoRA here: none of the epochs of its final training answered the validation rows better than the frozen classifier that it starts from. The frozen classifier is delivered.",
        "这里不需要 LoRA：它从冻结底座分类器出发，最终训练没有任何一轮在验证集上答得更好。交付冻结底座分类器。",
    ),
    "ship.frozen_worse": (
        "LoRA is worse here by {gain!m:.1f} ± {noise:.1f} macro-F1 points (95% interval). The frozen classifier is delivered.",
        "LoRA 在这里更差：宏 F1 低 {gain!m:.1f} ± {noise:.1f} 个百分点（95% 区间）。交付冻结底座分类器。",
    ),
    "ship.frozen_only": (
        "The frozen classifier is delivered (macro-F1 {f1:.3f}).",
        "交付冻结底座分类器（宏 F1 {f1:.3f}）。",
    ),
    "ship.tfidf": (
        "You need no encoder here: LoRA's gain of {gain:+.1f} ± {noise:.1f} macro-F1 points (95% interval) may be chance. TF-IDF is delivered.",
        "这里不需要编码器：LoRA 的宏 F1 增益 {gain:+.1f} ± {noise:.1f} 个百分点（95% 区间）可能只是偶然。交付 TF-IDF。",
    ),
    "ship.tfidf_worse": (
        "LoRA is worse than TF-IDF by {gain!m:.1f} ± {noise:.1f} macro-F1 points (95% interval). TF-IDF is delivered.",
        "LoRA 比 TF-IDF 更差：宏 F1 低 {gain!m:.1f} ± {noise:.1f} 个百分点（95% 区间）。交付 TF-IDF。",
    ),
    "ship.tfidf_only": ("TF-IDF is delivered (macro-F1 {f1:.3f}).", "交付 TF-IDF（宏 F1 {f1:.3f}）。"),
    "six.1": (
        "Capacity came first: rank and target modules.",
        "先用 rank 和 target modules 决定容量，保证能学到但不过拟合。",
    ),
    "six.2": ("Under- and overfitting moved only these two, not lr.", "欠拟合或过拟合只调这两个，不动 lr。"),
    "six.3": ("lr was touched only when the model learnt, but badly.", "能学到但收敛慢或不稳定时，才微调 lr。"),
    "six.4": ("Scaling only when lr did not matter and rank must not rise.", "lr 不敏感又不想加 rank 时，才考虑调 a。"),
    "six.5": ("Target modules followed evidence, not habit.", "target modules 的调整基于任务语义，而不是盲目加。"),
    "six.6": (
        "Feedback was validation macro-F1 and the recall of every class.",
        "始终以 val F1 和各类 recall 为反馈，而不是单一 loss。",
    ),
}

_FINDINGS: Final[dict[str, tuple[str, str, str, str, str, str]]] = {
    # code: (there, not there) in English, (there, not there) in Chinese, numbers in English, in Chinese when it is known
    "numerics": ("a loss or gradient that is not finite", "every loss and gradient is finite", "loss 或梯度非有限", "loss 和梯度都有限", " (step {steps})", "（第 {steps} 步）"),
    "numerics_again": ("a second divergence, with safe numerics", "no second divergence", "启用安全数值后再次发散", "没有再次发散", " (step {steps})", "（第 {steps} 步）"),
    "memory": ("memory too small", "memory suffices", "内存不足", "内存足够", " (batch {batch})", "（批大小 {batch}）"),
    "too_little": ("too little evidence", "evidence suffices", "证据太少", "证据足够", " ({points} loss points, {needed} needed)", "（{points} 个 loss 点，需 {needed}）"),
    "worse": ("worse than before", "not worse than before", "比之前差", "不比之前差", " (macro-F1 {f1:+.1f} ± {f1_se!i:.1f} points, log-loss {gain!w:better|worse} by {gain!m:.3f} ± {se!i:.3f} nats an example; 95% intervals)", "（宏 F1 {f1:+.1f} ± {f1_se!i:.1f} 个百分点，log-loss 每条{gain!w:改善|变差} {gain!m:.3f} ± {se!i:.3f} nats；95% 区间）"),
    "recall": ("recall of some classes is lost", "no loss of recall outweighs the gain", "部分类别的召回率下降", "没有得不偿失的召回率下降", " ({lost} of {classes} classes, the worst by {worst:.1f} points; cost {cost:.1f} against a macro-F1 gain of {gain:+.1f} points)", "（{classes} 类中 {lost} 类，最大降 {worst:.1f} 个百分点；代价 {cost:.1f}，宏 F1 增益 {gain:+.1f} 个百分点）"),
    "overfit": ("overfit by capacity", "not overfit by capacity", "容量型过拟合", "没有容量型过拟合", " (train loss {train_from:.3f} -> {train_to:.3f}, val loss up {rise:.3f} ± {loss_noise:.3f} nats from its lowest, F1 down {drop:.1f} ± {f1_noise:.1f} points from its best; 95% intervals)", "（训练 loss {train_from:.3f} -> {train_to:.3f}；验证 loss 比最低点升 {rise:.3f} ± {loss_noise:.3f} nats，宏 F1 比最高点降 {drop:.1f} ± {f1_noise:.1f} 个百分点；95% 区间）"),
    "data": ("errors sit on suspect labels", "errors do not sit on suspect labels", "错误集中在可疑标注", "错误没有集中在可疑标注", " ({wrong} of {seen} training rows wrong, {share:.0%} of these suspect against {base:.0%} of all rows)", "（{seen} 行训练数据中 {wrong} 行错误，其中 {share:.0%} 可疑；全部数据中为 {base:.0%}）"),
    "limit_rank": ("the experiment names rank", "the experiment does not name rank", "实验指向 rank", "实验没有指向 rank", " (with more of it validation loss is {rank!w:better|worse} by {rank!m:.3f} ± {rank_se!i:.3f} nats an example; 95% interval)", "（增加后验证 loss 每条{rank!w:改善|变差} {rank!m:.3f} ± {rank_se!i:.3f} nats；95% 区间）"),
    "limit_sites": ("the experiment names target modules", "the experiment does not name target modules", "实验指向 target modules", "实验没有指向 target modules", " (with more of them validation loss is {sites!w:better|worse} by {sites!m:.3f} ± {sites_se!i:.3f} nats an example; 95% interval)", "（增加后验证 loss 每条{sites!w:改善|变差} {sites!m:.3f} ± {sites_se!i:.3f} nats；95% 区间）"),
    "limit_lr": ("the experiment names lr", "the experiment does not name a higher lr", "实验指向 lr", "实验没有指向更高的 lr", " (with a higher one validation loss is {lr!w:better|worse} by {lr!m:.3f} ± {lr_se!i:.3f} nats an example; 95% interval)", "（提高后验证 loss 每条{lr!w:改善|变差} {lr!m:.3f} ± {lr_se!i:.3f} nats；95% 区间）"),
    "limit_lr_down": ("the experiment names a lower lr", "the experiment does not name a lower lr", "实验指向更低的 lr", "实验没有指向更低的 lr", " (with it validation loss is {lr_down!w:better|worse} by {lr_down!m:.3f} ± {lr_down_se!i:.3f} nats an example; 95% interval)", "（降低后验证 loss 每条{lr_down!w:改善|变差} {lr_down!m:.3f} ± {lr_down_se!i:.3f} nats；95% 区间）"),
    "untested": ("a change of one knob that has not been tried from here", "every change of one knob has been tried from here", "还有只动一个旋钮的改法没有试过", "只动一个旋钮的改法都已试过", "", ""),
    "unlearning": ("unlearning", "no unlearning", "遗忘", "没有遗忘", " (train F1 {fell!w:down|up} {fell!m:.1f} points, train loss {train_from:.3f} -> {train_to:.3f}, validation F1 {dropped!w:down|up} {dropped!m:.1f} ± {f1_noise:.1f} points; 95% interval)", "（训练 F1 {fell!w:降|升} {fell!m:.1f} 个百分点，训练 loss {train_from:.3f} -> {train_to:.3f}，验证 F1 {dropped!w:降|升} {dropped!m:.1f} ± {f1_noise:.1f} 个百分点；95% 区间）"),
    "unreadable": ("figures that are missing or not finite", "all figures are there and finite", "指标缺失或非有限", "指标齐全且有限", " ({evaluations} evaluations, {rows} validation rows)", "（{evaluations} 次评估，{rows} 行验证数据）"),
    "limit_undecided": ("the experiment is undecided", "the experiment has an answer", "实验无法判定", "实验有结论", " ({steps} steps an arm)", "（每支 {steps} 步）"),
    "underfit": ("plateau with training rows not learnt", "no plateau below what the training rows allow", "平台期且训练集未学会", "没有停在未学会的平台期", " (train loss {rate!w:falls|rises} {rate!m:.1%} an epoch, train F1 {train_f1:.3f})", "（训练 loss 每轮{rate!w:降|升} {rate!m:.1%}，训练 F1 {train_f1:.3f}）"),
    "slow": ("loss still falls and there is room", "loss has stopped falling, or there is no room left", "loss 仍在下降且有余地", "loss 已不再下降，或已没有余地", " (train loss {rate!w:falls|rises} {rate!m:.1%} an epoch, validation {gain:+.1f} ± {f1_noise:.1f} points; 95% interval)", "（训练 loss 每轮{rate!w:降|升} {rate!m:.1%}，验证 {gain:+.1f} ± {f1_noise:.1f} 个百分点；95% 区间）"),
    "improving": ("train and validation improve", "train and validation do not both improve", "训练与验证都改善", "训练与验证没有都改善", " (validation macro-F1 {val:+.1f} points, one standard error being {f1_noise:.1f})", "（验证宏 F1 {val:+.1f} 个百分点，一个标准误为 {f1_noise:.1f}）"),
    "oscillate": ("oscillation", "no oscillation", "振荡", "没有振荡", " (variation {variation:.2f}, F1 swing {swing:.1f} points)", "（变异 {variation:.2f}，F1 摆动 {swing:.1f} 个百分点）"),
    "seeds": ("seeds differ", "seeds agree", "种子差异大", "种子之间一致", " (spread {spread:.1f} points, limit {limit:.1f})", "（差距 {spread:.1f} 个百分点，界限 {limit:.1f}）"),
    "insensitive": ("loss does not react to lr", "loss reacts to lr", "loss 对 lr 不敏感", "loss 对 lr 敏感", " (change {change:.1%})", "（变化 {change:.1%}）"),
    "confident": ("over-confident", "not over-confident", "过度自信", "没有过度自信", " (val loss up {creep:.3f} nats from its lowest, one standard error being {loss_noise:.3f}; train and validation F1 {gap!m:.1f} points apart)", "（验证 loss 比最低点升 {creep:.3f} nats，一个标准误为 {loss_noise:.3f}；训练与验证 F1 相差 {gap!m:.1f} 个百分点）"),
    "always": ("no rule above both applies and has room", "a rule above applies", "以上规则均不适用或已无余地", "有规则适用", "", ""),
}  # fmt: skip

for _code, (_en, _not_en, _zh, _not_zh, _en_numbers, _zh_numbers) in _FINDINGS.items():
    SENTENCES[f"{_code}.present"] = (f"{_en[0].upper()}{_en[1:]}{_en_numbers}.", f"{_zh}{_zh_numbers}。")
    SENTENCES[f"{_code}.absent"] = (f"{_not_en[0].upper()}{_not_en[1:]}{_en_numbers}.", f"{_not_zh}{_zh_numbers}。")
    SENTENCES[f"{_code}.unknown"] = (f"Cannot tell: {_en}.", f"无法判断：{_zh}。")
