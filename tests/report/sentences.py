"""Stand-ins for the sentences of words.rules, so that this room is tested without that one."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "fake.start_rank": (
        "Start at rank {rank}: the conservative end for {rows} rows.",
        "从秩 {rank} 起步：对 {rows} 行数据是保守的一端。",
    ),
    "fake.kbit": (
        "The labels hold at most {kbit:.0f} kbit, a rank on all layers stores {per_rank_kbit:.0f} kbit.",
        "标签最多含 {kbit:.0f} 千比特信息，全部层上每一秩可存 {per_rank_kbit:.0f} 千比特。",
    ),
    "fake.numerics.absent": ("No loss or gradient left the numbers.", "损失和梯度都是有限值。"),
    "fake.worse.unknown": ("There is no earlier probe to compare with.", "没有更早的试跑可以比较。"),
    "fake.worse.absent": (
        "Not worse than the best probe so far ({f1:+.1f} points).",
        "不比此前最好的试跑差（{f1:+.1f} 个百分点）。",
    ),
    "fake.overfit.absent": (
        "Training loss {train_from:.2f} → {train_to:.2f}; validation loss {rise:.3f} above its lowest, "
        "noise ±{loss_noise:.3f}.",
        "训练损失 {train_from:.2f} → {train_to:.2f}；验证损失比最低点高 {rise:.3f}，噪声 ±{loss_noise:.3f}。",
    ),
    "fake.data.absent": (
        "{wrong} of {seen} training rows are still wrong, {share:.0%} of them suspect.",
        "{seen} 行训练数据中仍有 {wrong} 行判错，其中 {share:.0%} 为疑似错标。",
    ),
    "fake.underfit.present": (
        "Training loss is on a plateau with training F1 at {train_f1:.1%} and validation F1 at {val_f1:.1%}.",
        "训练损失进入平台，训练 F1 只有 {train_f1:.1%}，验证 F1 {val_f1:.1%}。",
    ),
    "fake.slow.present": (
        "Training loss still falls {rate:.0%} an epoch, training F1 is {train_f1:.1%}: lr and rank look alike here.",
        "训练损失每轮仍下降 {rate:.0%}，训练 F1 为 {train_f1:.1%}：学习率偏小和秩偏小看起来一样。",
    ),
    "fake.slow.absent": ("The loss does not fall slowly any more.", "损失不再是缓慢下降。"),
    "fake.limit_rank.present": (
        "The arm with more rank gains {rank:.3f} nats beyond noise, more lr does not replace it.",
        "只升秩的分支收益 {rank:.3f} nats，超出噪声，升学习率不能替代。",
    ),
    "fake.improving.present": (
        "Training and validation both improve, validation F1 by {val:.1f} points (noise ±{f1_noise:.1f}).",
        "训练和验证都在改善，验证 F1 提高 {val:.1f} 个百分点（噪声 ±{f1_noise:.1f}）。",
    ),
    "fake.seeds.unknown": ("Only one seed was trained.", "只训练了一个随机种子。"),
    "fake.always.present": ("Nothing else is beyond the noise floor.", "没有其他超出噪声的现象。"),
    "conclusion.slow": (
        "Slow, and two readings fit: ask an experiment before touching a knob.",
        "学得慢，两种解释都说得通：先做实验，再动旋钮。",
    ),
    "conclusion.rank_limited": ("Capacity is short: raise the rank ({knobs}).", "容量不足：提高秩（{knobs}）。"),
    "conclusion.capacity_right": ("Capacity is right.", "容量合适。"),
    "conclusion.falls_slowly": (
        "Capacity is right and the steps are small: lr up ({knobs}).",
        "容量合适、步子偏小：升学习率（{knobs}）。",
    ),
    "conclusion.settled": ("Nothing is left beyond the noise floor.", "没有超出噪声的现象了。"),
    "fake.no_room": ("no larger step fits under the ceiling", "在容量上限之下没有更大的步子"),
    "fake.no_lr_underfit": (
        "lr: when capacity is short, no learning rate teaches it.",
        "学习率：容量不够时，给再大的学习率也学不到。",
    ),
    "fake.no_scaling_underfit": (
        "a: it only changes how loud the branch is, not what it can say.",
        "a：只改变 LoRA 分支的音量，不改变它能表达什么。",
    ),
    "fake.no_lr_capacity": (
        "In this stage lr is locked: capacity is settled first.",
        "本阶段锁定学习率：先确定容量。",
    ),
    "fake.shift.present": (
        "The new file differs from the known rows (AUROC {auroc:.2f}).",
        "新文件与已有数据不同（AUROC {auroc:.2f}）。",
    ),
    "shift.evidence.words": ("Strongest sign: single words.", "最强的迹象：个别词语。"),
    "fake.text": ("A text that was cut: {text}", "被截断的文本：{text}"),
    "fake.experiment.rank": (
        "Rank is the limit: four times the rank saves {rank:.3f} ± {rank_se:.3f} nats, also on top of a raised lr.",
        "瓶颈是秩：秩升到 4 倍可降低 {rank:.3f} ± {rank_se:.3f} nats，在更高的学习率上依然成立。",
    ),
    "fake.ship.lora": (
        "LoRA gains {gain:.1f} points of macro-F1 over the frozen encoder; chance explains {noise:.1f}. "
        "Ten times the training time buys a real difference here.",
        "LoRA 比冻结底座高 {gain:.1f} 个百分点，偶然波动只有 {noise:.1f}。多花的训练时间换来了真实的提升。",
    ),
    "fake.ship.frozen": (
        "You do not need LoRA here: its gain of {gain:.1f} points is inside the noise of {noise:.1f}.",
        "这里不需要 LoRA：{gain:.1f} 个百分点的提升在 ±{noise:.1f} 的噪声之内。",
    ),
    "six.1": (
        "Rank and sites came first: from rank {start} to {end}, until the model could learn without memorising.",
        "先用秩和模块决定容量：秩从 {start} 到 {end}，能学到但不过拟合。",
    ),
    "six.2": (
        "While it underfitted, only these two moved; lr stayed at {lr}.",
        "欠拟合时只调这两个，学习率一直是 {lr}。",
    ),
    "six.3": (
        "lr moved once, when the model could learn and the steps were small: {knobs}.",
        "能学到但收敛慢时，才微调学习率：{knobs}。",
    ),
    "six.4": ("a was not touched: the loss answered to lr.", "没有动 a：损失对学习率敏感。"),
    "six.5": (
        "Sites stayed at {sites}: the experiment found no gain in more of them.",
        "模块保持 {sites}：实验表明再加没有收益。",
    ),
    "six.6": (
        "Every step was judged by validation macro-F1 and the recall of all {classes} classes, never by loss alone.",
        "整个过程以验证 macro-F1 和全部 {classes} 个类别的召回率为准，而不是单看损失。",
    ),
}
