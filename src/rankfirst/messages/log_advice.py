"""Sentences about what a training log shows, what it cannot tell, what to try and what to leave alone."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "logs.title": ("{name} ({format}): {recipe}", "{name}（{format}）：{recipe}"),
    "logs.title_bare": ("{name} ({format})", "{name}（{format}）"),
    "logs.missing_settings": (
        "not in the log: {names}. Set them with {options}, or point --adapter at adapter_config.json",
        "日志中没有：{names}。可用 {options} 说明，或用 --adapter 指定 adapter_config.json",
    ),
    "logs.shows": ("What the log shows:", "日志显示："),
    "logs.concludes": ("Conclusions:", "结论："),
    "logs.cannot": ("What it cannot tell:", "无法判断："),
    "logs.next": ("The experiment that would settle it:", "能给出答案的一个实验："),
    "logs.leave": ("Leave alone:", "不要动："),
    # --- names of figures ---
    "logs.name.loss": ("validation loss", "验证 loss"),
    "logs.name.f1": ("validation F1", "验证 F1"),
    "logs.name.macro_f1": ("validation macro-F1", "验证宏平均 F1"),
    "logs.name.accuracy": ("validation accuracy", "验证准确率"),
    "logs.name.train_loss": ("loss on training rows", "训练集 loss"),
    "logs.name.train_f1": ("F1 on training rows", "训练集 F1"),
    "logs.name.batch": ("batch size", "批大小"),
    # --- what it shows ---
    "logs.length": (
        "{points} loss points and {evaluations} evaluations over {last} steps, {epochs} epochs",
        "{last} 步、{epochs} 轮中有 {points} 个 loss 点、{evaluations} 次评估",
    ),
    "logs.length_steps": (
        "{points} loss points and {evaluations} evaluations over {last} steps; epochs are not logged",
        "{last} 步中有 {points} 个 loss 点、{evaluations} 次评估；没有记录轮数",
    ),
    "logs.length_rows": (
        "{points} loss points and {evaluations} evaluations; steps are not logged, so row numbers are used instead ({last})",
        "{points} 个 loss 点、{evaluations} 次评估；没有记录步数，以行号代替（{last}）",
    ),
    "logs.train": (
        "training loss {start:.3f} → {end:.3f} (means of the first and the last quarter)",
        "训练 loss {start:.3f} → {end:.3f}（首尾各四分之一的均值）",
    ),
    "logs.val_loss": (
        "{name} {first:.3f} → {last:.3f} over {count} evaluations, lowest {best:.3f} {at}",
        "{name} {first:.3f} → {last:.3f}（{count} 次评估），最低 {best:.3f}，在{at}",
    ),
    "logs.val_score": (
        "{name} {first:.3f} → {last:.3f} over {count} evaluations, highest {best:.3f} {at}",
        "{name} {first:.3f} → {last:.3f}（{count} 次评估），最高 {best:.3f}，在{at}",
    ),
    "logs.at_step": ("at step {step}", "第 {step} 步"),
    "logs.at_row": ("at row {step}", "第 {step} 行"),
    "logs.val_once": ("{name} {last:.3f}, evaluated once", "{name} {last:.3f}，只评估过一次"),
    "logs.train_f1": ("F1 on training rows {first:.3f} → {last:.3f}", "训练集 F1 {first:.3f} → {last:.3f}"),
    "logs.noise_accuracy": (
        "{rows} validation rows: accuracy varies at random by about ± {points:.1f} points (95% interval, binomial)",
        "{rows} 行验证数据：准确率的随机波动约 ± {points:.1f} 个百分点（95% 区间，按二项分布）",
    ),
    "logs.noise_f1": (
        "{rows} validation rows: F1 varies at random by about ± {points:.1f} points (95% interval, binomial; macro-F1 varies more if classes are rare)",
        "{rows} 行验证数据：F1 的随机波动约 ± {points:.1f} 个百分点（95% 区间，按二项分布；有稀有类别时宏平均 F1 波动更大）",
    ),
    "logs.gain_beyond": (
        "first to last evaluation {gain:+.1f} points: beyond random variation (95% interval ± {limit:.1f})",
        "从首次到末次评估 {gain:+.1f} 个百分点：超出随机波动（95% 区间 ± {limit:.1f}）",
    ),
    "logs.gain_inside": (
        "first to last evaluation {gain:+.1f} points: within random variation (95% interval ± {limit:.1f})",
        "从首次到末次评估 {gain:+.1f} 个百分点：在随机波动范围之内（95% 区间 ± {limit:.1f}）",
    ),
    "logs.repeated": (
        "{count} points were logged again at the same step, as in a resumed run: the later ones are used",
        "有 {count} 个点在同一步重复记录（例如恢复训练）：以后记录的为准",
    ),
    "logs.healed": (
        "{count} losses that are not finite were followed by finite ones and are ignored",
        "有 {count} 个非有限的 loss 之后恢复为有限值，已略去",
    ),
    # --- what follows ---
    "logs.no_verdict": (
        "No verdict, and no change of a knob is suggested: a log holds no predictions per row, so nothing can be compared with a noise floor. What follows describes the curves",
        "不作判断，不建议动任何旋钮：日志没有逐行的预测，无法与噪声比较。以下只描述曲线",
    ),
    "logs.too_little": (
        "Too little evidence: {points} loss points (at least {needed} needed) and {evaluations} evaluations (at least two after the start)",
        "证据太少：{points} 个 loss 点（至少需 {needed} 个），{evaluations} 次评估（开始之后至少需两次）",
    ),
    "logs.off_band": (
        "lr {lr} is outside the range {low} to {high} that the capacity rules assume: no verdict on capacity",
        "lr {lr} 在容量规则所要求的区间 {low} 到 {high} 之外：不对容量下结论",
    ),
    "logs.look.diverged": (
        "Training diverged: from step {step} to the end of the log, loss or gradient is not finite. The cause is numerics, not capacity",
        "训练发散：从第 {step} 步到日志结束，loss 或梯度都不是有限值。这是数值问题，不是容量问题",
    ),
    "logs.look.turned": (
        "It looks like overfitting: training loss fell to {share:.0%} of its start while validation got worse than its best ({worse}). This log cannot tell whether that is more than random variation",
        "看起来像过拟合：训练 loss 降到起点的 {share:.0%}，而验证指标较最好时变差（{worse}）。是否超出随机波动，此日志无法判断",
    ),
    "logs.look.creeping": (
        "It looks like over-confidence rather than overfitting from excess capacity: training loss fell to {share:.0%} of its start and validation loss rose from its minimum, but the score did not fall ({worse})",
        "看起来像过度自信，而不是容量型过拟合：训练 loss 降到起点的 {share:.0%}，验证 loss 从最低点回升，但得分没有随之下降（{worse}）",
    ),
    "logs.look.falling": (
        "Training loss still falls at the end ({fall:.0%} of its level over the second half): a low lr, a low rank and a run that is too short look alike",
        "训练 loss 到结束时仍在下降（后半段降低 {fall:.0%}）：lr 太小、rank 太小、训练过短，三者的曲线相同",
    ),
    "logs.look.ran_out": (
        "Training loss is flat, but lr had decayed to {lr:.0%} of its peak by then, which flattens any curve: this is not called underfitting",
        "训练 loss 变平，但此时 lr 平均只有峰值的 {lr:.0%}，任何曲线都会变平：不称为欠拟合",
    ),
    "logs.look.plateau": (
        "Training loss is flat at {share:.0%} of its start while lr was still high: a sign of underfitting, unless the training rows are learnt by then",
        "lr 尚高而训练 loss 停在起点的 {share:.0%}：像是欠拟合，除非训练集此时已学会",
    ),
    "logs.look.plateau_unlearnt": (
        "Training loss is flat at {share:.0%} of its start while lr was still high, and F1 on training rows ended at {train_f1:.3f}: they are not learnt, which is a sign of underfitting",
        "lr 尚高而训练 loss 停在起点的 {share:.0%}，训练集 F1 最终为 {train_f1:.3f}：训练集没有学会，像是欠拟合",
    ),
    "logs.look.learnt": (
        "Training loss is flat at {share:.0%} of its start and validation has not got worse: there is no symptom and no reason to change a knob",
        "训练 loss 停在起点的 {share:.0%}，验证没有变差：没有异常现象，没有理由动旋钮",
    ),
    "logs.worse": ("{name} {best} → {last}", "{name} {best} → {last}"),
    # --- what it cannot tell ---
    "logs.cannot.capacity": (
        "anything about capacity: a run that broke cannot show whether rank or target modules are right",
        "任何关于容量的结论：训练出了问题，无法据此判断 rank 或 target modules",
    ),
    "logs.cannot.rows": (
        "under- or overfitting beyond random variation: the log holds no predictions per row, so two runs cannot be paired and the loss has no noise estimate. Save the log-loss of each validation row",
        "过拟合或欠拟合是否超出随机波动：日志没有逐行的预测，两次运行无法配对，loss 也没有噪声估计。请保存每行验证数据的 log-loss",
    ),
    "logs.cannot.rows_unknown": (
        "under- or overfitting beyond random variation: the log holds no predictions per row, so there is no noise estimate. --val-rows N gives at least that of accuracy and F1",
        "过拟合或欠拟合是否超出随机波动：日志没有逐行的预测，因此没有噪声估计。加上 --val-rows N 至少可以给出准确率和 F1 的噪声",
    ),
    "logs.cannot.f1": (
        "whether predictions got worse or only over-confident: validation F1 is not logged. Log eval_macro_f1",
        "是答案变差还是只是过度自信：没有记录验证 F1。请记录 eval_macro_f1",
    ),
    "logs.cannot.macro": (
        "whether rare classes are learnt: the log does not say that its F1 is macro. Log eval_macro_f1",
        "稀有类别是否学会：日志没有说明 F1 是宏平均。请记录 eval_macro_f1",
    ),
    "logs.cannot.recall": (
        "which classes lose for a gain: logs hold no recall per class. Save it at every evaluation",
        "哪些类别为提升付出了代价：日志中没有各类召回率。请在每次评估时保存",
    ),
    "logs.cannot.subset": (
        "whether the training rows are learnt: no F1 of a fixed training subset is logged. Pass one as a second evaluation set (eval_train_macro_f1)",
        "训练集是否学会：没有记录固定训练子集的 F1。请把它作为第二个评估集（eval_train_macro_f1）",
    ),
    "logs.cannot.schedule": (
        "whether the schedule flattened the end of the curve: lr is not logged. Log learning_rate",
        "末段变平是否由学习率衰减造成：没有记录 lr。请记录 learning_rate",
    ),
    "logs.cannot.uneven": (
        "the exact capacity of this adapter: ranks differ between its layers (rank_pattern or alpha_pattern)",
        "这个适配器的确切容量：各层的 rank 不同（rank_pattern 或 alpha_pattern）",
    ),
    "logs.cannot.seeds": (
        "whether another seed gives another result: only one run was observed",
        "换随机种子结果是否不同：只看到一次运行",
    ),
    # --- the experiment ---
    "logs.arm.lr": ("lr {old} → {new}", "lr {old} → {new}"),
    "logs.arm.lr_larger": ("lr × {factor}", "lr 乘以 {factor}"),
    "logs.arm.lr_smaller": ("lr ÷ {factor}", "lr 除以 {factor}"),
    "logs.arm.rank": (
        "rank {old} → {new} with lora_alpha {alpha} → {alpha_to}, which keeps scaling",
        "rank {old} → {new}，同时 lora_alpha {alpha} → {alpha_to}，使 a 不变",
    ),
    "logs.arm.rank_known": (
        "rank {old} → {new} with lora_alpha changed to keep scaling",
        "rank {old} → {new}，同时调整 lora_alpha，使 a 不变",
    ),
    "logs.arm.rank_larger": (
        "rank × {factor} with lora_alpha changed to keep scaling",
        "rank 乘以 {factor}，同时调整 lora_alpha，使 a 不变",
    ),
    "logs.arm.rank_smaller": (
        "rank ÷ {factor} with lora_alpha changed to keep scaling",
        "rank 除以 {factor}，同时调整 lora_alpha，使 a 不变",
    ),
    "logs.arm.dropout": ("lora_dropout {old} → {new}", "lora_dropout {old} → {new}"),
    "logs.arm.dropout_up": (
        "lora_dropout one step up (0, 0.05, 0.1, 0.2)",
        "lora_dropout 提高一级（0、0.05、0.1、0.2）",
    ),
    "logs.try.arms": (
        "three runs from the start of this one (same head, same seed, same rows in the same order), each with lr decaying to zero at the end: (1) no change; (2) only {lr}; (3) only {rank}. Save the log-loss of each validation row at the end and compare row by row with (1): if (2) gains more than two standard errors, lr is the bottleneck, and capacity cannot be judged before lr is settled; if only (3) does, capacity is the bottleneck; if neither does, the result is inconclusive. (2) is a diagnosis, not advice to train at that lr",
        "从本次训练的起点出发（相同的分类头、种子、数据和顺序）训练三次，lr 最后降到零：(1) 不改动；(2) 只改 {lr}；(3) 只改 {rank}。保存结束时每行验证数据的 log-loss，逐行与 (1) 比较：若 (2) 的改善超出两倍标准误，瓶颈在 lr，lr 确定之前无法判断容量；若只有 (3) 超出，瓶颈在容量；若都没有，则无法判定。(2) 只用于诊断，不是建议采用的学习率",
    ),
    "logs.try.anew": (
        "three runs from the start of this one (same head, same seed, same rows in the same order), with the same number of steps: (1) no change; (2) only {lr}; (3) only {rank}. Save the log-loss of each validation row at the end and compare row by row with (1): if only (3) gains more than two standard errors, capacity was too large; if (2) gains as much, it was only trained too long; if neither does, nothing was overfitted",
        "从本次训练的起点出发（相同的分类头、种子、数据和顺序）训练三次，步数相同：(1) 不改动；(2) 只改 {lr}；(3) 只改 {rank}。保存结束时每行验证数据的 log-loss，逐行与 (1) 比较：若只有 (3) 的改善超出两倍标准误，说明容量过大；若 (2) 改善同样多，只是训练过久；若都无效，则没有过拟合",
    ),
    "logs.try.dropout": (
        "two runs from the start of this one (same head, same seed, same rows in the same order): (1) no change; (2) only {dropout}. Compare the log-loss of each validation row and macro-F1 at the end; until then, stopping at the lowest validation loss costs nothing",
        "从本次训练的起点出发（相同的分类头、种子、数据和顺序）训练两次：(1) 不改动；(2) 只改 {dropout}。比较结束时每行验证数据的 log-loss 和宏平均 F1；在此之前可以停在验证 loss 最低处，没有代价",
    ),
    "logs.try.constant": (
        'the same recipe with a constant lr (lr_scheduler_type="constant_with_warmup"); nothing else changes',
        '同一组超参改用恒定 lr（lr_scheduler_type="constant_with_warmup"）；其余不变',
    ),
    "logs.try.seeds": (
        "the same recipe with two other seeds: the differences between the three are random variation",
        "同一组超参换两个随机种子各跑一次：三者之间的差异就是随机波动",
    ),
    "logs.try.again": (
        "the same recipe again, logging loss at least every tenth of an epoch and validation loss and macro-F1 every epoch, for at least two epochs",
        "同一组超参再跑一次：至少每十分之一轮记录一次 loss，每轮记录验证 loss 和宏平均 F1，至少训练两轮",
    ),
    "logs.try.numerics": (
        "the same recipe with safe numerics: max_grad_norm=0.3, adam_epsilon=1e-6, warmup_steps of 20 or more, float32 or bfloat16. If it diverges again, only {half_lr}",
        "同一组超参改用安全数值设置：max_grad_norm=0.3、adam_epsilon=1e-6、warmup_steps 不少于 20、float32 或 bfloat16。若再次发散，只改 {half_lr}",
    ),
    "logs.try.lower_lr": ("the same recipe, only {half_lr}", "同一组超参，只改 {half_lr}"),
    "logs.try.lr_first": ("the same recipe, only lr {lr} → {to}", "同一组超参，只改 lr {lr} → {to}"),
    # --- what to leave alone, beside the guard's own reasons ---
    "logs.leave.rank_diverged": (
        "rank and target modules stay: a loss that is not finite shows nothing about capacity.",
        "不动 rank 和 target modules：非有限的 loss 说明不了容量。",
    ),
    "logs.leave.rank_rose": (
        "rank and target modules stay: the learning rate was too high to judge capacity.",
        "不动 rank 和 target modules：学习率偏大，说明不了容量。",
    ),
    "logs.leave.rank_lr": (
        "rank and target modules stay until lr is in its range: outside it, lr alone can cause this curve.",
        "在 lr 回到区间之前不动 rank 和 target modules：在区间之外，单是 lr 就能画出这样的曲线。",
    ),
    "logs.leave.rank_creeping": (
        "rank and target modules stay: the score holds, so there is no sign of excess capacity.",
        "不动 rank 和 target modules：得分没有下降，没有迹象表明容量过大。",
    ),
    "logs.leave.lr_creeping": (
        "lr stays: it only changes how soon the model becomes over-confident.",
        "不动 lr：它只影响模型多快变得过度自信。",
    ),
    "logs.leave.look_alike": (
        "lr and rank stay until the experiment has an answer: if rank is too low, no lr helps; if lr is too low, more rank only costs.",
        "实验给出答案之前不动 lr 和 rank：若缺 rank，再大的 lr 也学不到；若是 lr 偏小，加 rank 只增加开销。",
    ),
    "logs.leave.all_ran_out": (
        "all knobs stay: a curve that its schedule has flattened shows nothing about rank, target modules or lr.",
        "不动任何旋钮：被学习率衰减压平的曲线，说明不了 rank、target modules 或 lr。",
    ),
    "logs.leave.all_learnt": (
        "all knobs stay: without a symptom, any improvement would be random.",
        "不动任何旋钮：没有异常现象，任何改善都只是随机波动。",
    ),
    "logs.leave.all_unclear": (
        "all knobs stay: too little was logged to blame any of them.",
        "不动任何旋钮：记录太少，无法归因于任何一个。",
    ),
    # --- two runs ---
    "logs.pair.title": ("Comparison of the two runs:", "两次运行对照："),
    "logs.pair.moved": ("{name} {old} → {new}", "{name} {old} → {new}"),
    "logs.pair.same": (
        "No known setting differs: their differences are random variation.",
        "已知的设置没有差别：两者的差异就是随机波动。",
    ),
    "logs.pair.one": ("They differ in one setting: {moved}.", "只有一项设置不同：{moved}。"),
    "logs.pair.many": (
        "They differ in {count} settings ({moved}), so no difference can be attributed to one of them. Change one at a time.",
        "有 {count} 项设置不同（{moved}）：两者的差异无法归于其中一项。请一次只改一项。",
    ),
    "logs.pair.alpha_kept": (
        "They differ in two knobs ({moved}): rank changed while lora_alpha {alpha} did not, which changes scaling too. No difference can be attributed to rank; change lora_alpha along with rank.",
        "有两个旋钮不同（{moved}）：改 rank 时保持 lora_alpha {alpha}，缩放 a 也随之改变。两者的差异不能归于 rank；请让 lora_alpha 随 rank 一起变。",
    ),
    "logs.pair.at_step": (
        "at step {step}, the last one that both evaluated",
        "在两者都评估过的最后一步（第 {step} 步）",
    ),
    "logs.pair.at_end": (
        "at the last evaluation of each: they have no step in common",
        "在各自的最后一次评估：两者没有相同的步",
    ),
    "logs.pair.nothing": (
        "one of them has no evaluation, so there is nothing to compare",
        "其中一个没有评估：无从比较",
    ),
    "logs.pair.figure": (
        "{name} {one:.3f} → {other:.3f} ({gain:+.3f})",
        "{name} {one:.3f} → {other:.3f}（{gain:+.3f}）",
    ),
    "logs.pair.beyond": (
        "beyond random variation on {rows} validation rows (95% interval ± {limit:.3f}, unpaired; another seed may still give another result)",
        "超出 {rows} 行验证数据的随机波动（95% 区间 ± {limit:.3f}，未配对；换种子仍可能不同）",
    ),
    "logs.pair.inside": (
        "within random variation on {rows} validation rows (95% interval ± {limit:.3f}, unpaired): no winner",
        "在 {rows} 行验证数据的随机波动范围之内（95% 区间 ± {limit:.3f}，未配对）：不分胜负",
    ),
    "logs.pair.no_interval": (
        "compared by summary values, not row by row: there is no interval, and the order of the two may be random",
        "只比较了汇总值，没有逐行配对：因此没有区间，两者的先后可能只是随机波动",
    ),
    "logs.pair.unknown": (
        "not known for both, so a hidden difference is possible: {names}",
        "并非两者都已知，不能排除隐藏的差别：{names}",
    ),
}
