"""Sentences about what a training log shows, what it cannot tell, what to try and what to leave alone."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "logs.title": ("{name} ({format}): {recipe}", "{name}（{format}）：{recipe}"),
    "logs.title_bare": ("{name} ({format})", "{name}（{format}）"),
    "logs.missing_settings": (
        "{names}: give {options}, or point --adapter at adapter_config.json",
        "{names}：可用 {options} 说明，或用 --adapter 指定 adapter_config.json",
    ),
    "logs.shows": ("Evidence:", "依据："),
    "logs.concludes": ("Conclusion:", "结论："),
    "logs.cannot": ("Not in this log:", "日志中没有："),
    "logs.next": ("Next:", "下一步："),
    "logs.leave": ("Leave alone:", "不要动："),
    "logs.lr_least": (
        "at least {low}",
        "至少 {low}",
    ),
    "logs.lr_between": (
        "{low} to {high}",
        "{low} 到 {high}",
    ),
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
    "logs.early_stop": (
        "a callback (early stopping) ended the run at step {done} of {planned}",
        "训练在第 {done} 步（共 {planned} 步）被回调提前停止",
    ),
    "logs.repeated": (
        "{count} points were logged again at the same step, as in a resumed run: the later ones are used",
        "有 {count} 个点在同一步重复记录（例如恢复训练）：以后记录的为准",
    ),
    "logs.healed": (
        "{count} losses that are not finite were followed by finite ones and are ignored",
        "有 {count} 个非有限的 loss 之后恢复为有限值，已略去",
    ),
    "logs.lr_rising": (
        "lr {first} → {last}, still rising at the end",
        "lr {first} → {last}，到结束仍在上升",
    ),
    "logs.lr_logged": (
        "lr {first} → {last} ({kind})",
        "lr {first} → {last}（{kind}）",
    ),
    "logs.lr_extrapolated": (
        "lr {first} → {last} as logged ({kind}); extrapolated back, its peak is {peak}",
        "记录的 lr 为 {first} → {last}（{kind}）；向前推算，峰值为 {peak}",
    ),
    "logs.schedule.linear": (
        "linear decay",
        "线性衰减",
    ),
    "logs.schedule.cosine": (
        "cosine decay",
        "余弦衰减",
    ),
    "logs.schedule.other": (
        "no known schedule fits",
        "不符合已知的调度",
    ),
    "logs.same_score": (
        "{name} is {value:.3f} at all {count} evaluations: check in a confusion matrix that not all rows get one class",
        "{name}：{count} 次评估都是 {value:.3f}，请用混淆矩阵确认没有把所有行预测成同一类",
    ),
    "logs.dead_gradients": (
        "{dead} of {count} logged gradient norms are NaN or infinite, as in fp16 overflow; such steps are skipped. bf16 avoids it",
        "{count} 个记录的梯度范数中有 {dead} 个是 NaN 或无穷大，像是 fp16 溢出；这些步会被跳过。bf16 可以避免",
    ),
    # --- what follows ---
    "logs.too_little": (
        "Too little evidence: {points} loss points (at least {needed} needed) and {evaluations} evaluations (at least two after the start)",
        "证据太少：{points} 个 loss 点（至少需 {needed} 个），{evaluations} 次评估（开始之后至少需两次）",
    ),
    "logs.too_little.no_train": (
        "The training loss was never logged, and there are {evaluations} evaluations over {last} steps: too little to judge the training",
        "没有记录训练 loss，{last} 步中只有 {evaluations} 次评估：不足以判断训练",
    ),
    "logs.too_little.one": (
        "The training loss was logged once, at step {step}: one point shows no trend",
        "训练 loss 只在第 {step} 步记录过一次：一个点看不出趋势",
    ),
    "logs.off_band": (
        "lr {lr} is outside the range {low} to {high} that the capacity rules assume: no verdict on capacity",
        "lr {lr} 在容量规则所要求的区间 {low} 到 {high} 之外：不对容量下结论",
    ),
    "logs.look.turned": (
        "It looks like overfitting: training loss fell to {share:.0%} of its start while validation got worse than its best ({worse})",
        "看起来像过拟合：训练 loss 降到起点的 {share:.0%}，而验证指标较最好时变差（{worse}）",
    ),
    "logs.look.creeping": (
        "It looks like over-confidence rather than overfitting: training loss fell to {share:.0%} of its start and validation loss rose from its minimum, but the score did not fall ({worse})",
        "看起来像过度自信，而不是过拟合：训练 loss 降到起点的 {share:.0%}，验证 loss 从最低点回升，但得分没有随之下降（{worse}）",
    ),
    "logs.look.falling": (
        "Training loss still falls at the end (by {fall:.0%} over the second half). A low lr, a low rank and too short a run look alike",
        "训练 loss 到结束时仍在下降（后半段降低 {fall:.0%}）。lr 太小、rank 太小、训练过短，三者的曲线相同",
    ),
    "logs.look.falling_plain": (
        "Training loss still falls at the end (by {fall:.0%} over the second half). A low lr and too short a run look alike",
        "训练 loss 到结束时仍在下降（后半段降低 {fall:.0%}）。lr 太小和训练过短，两者的曲线相同",
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
        "Training loss is flat at {end:.3f} ({share:.0%} of its start) and validation has not got worse: the training rows are learnt, and there is no reason to change a knob",
        "训练 loss 停在 {end:.3f}（起点的 {share:.0%}），验证没有变差：训练集已学会，没有理由动旋钮",
    ),
    "logs.worse": ("{name} {best} → {last}", "{name} {best} → {last}"),
    # --- what it cannot tell ---
    "logs.cannot.rows": (
        "whether this is more than random variation: no predictions per row. Save the log-loss of each validation row",
        "是否超出随机波动：没有逐行的预测。请保存每行验证数据的 log-loss",
    ),
    "logs.cannot.rows_unknown": (
        "whether this is more than random variation: no predictions per row. --val-rows N gives at least the noise of accuracy and F1",
        "是否超出随机波动：没有逐行的预测。加上 --val-rows N 至少可以给出准确率和 F1 的噪声",
    ),
    "logs.cannot.f1": (
        "whether predictions got worse or only over-confident: no validation score. Log eval_macro_f1",
        "是答案变差还是只是过度自信：没有验证得分。请记录 eval_macro_f1",
    ),
    "logs.cannot.validation": (
        "whether it overfits: nothing was evaluated. Log eval_loss and eval_macro_f1 every epoch",
        "是否过拟合：没有任何评估。请每轮记录 eval_loss 和 eval_macro_f1",
    ),
    "logs.cannot.macro": (
        "whether rare classes are learnt: no macro-F1. Log eval_macro_f1",
        "稀有类别是否学会：没有宏平均 F1。请记录 eval_macro_f1",
    ),
    "logs.cannot.subset": (
        "whether the training rows are learnt: no F1 of a fixed training subset. Pass one as a second evaluation set (eval_train_macro_f1)",
        "训练集是否学会：没有固定训练子集的 F1。请把它作为第二个评估集（eval_train_macro_f1）",
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
        "three runs from the same start (head, seed and order of rows), each with lr decaying to zero: (1) no change; (2) only {lr}; (3) only {rank}. Save the log-loss of each validation row and compare with (1) row by row: if (2) gains beyond two standard errors, lr is the bottleneck; if only (3) does, capacity is; otherwise the result is inconclusive. (2) is a diagnosis, not an lr to train at",
        "从相同的起点（分类头、种子和数据顺序）训练三次，lr 都降到零：(1) 不改动；(2) 只改 {lr}；(3) 只改 {rank}。保存每行验证数据的 log-loss，逐行与 (1) 比较，以两倍标准误为界：若 (2) 有改善，瓶颈在 lr；若只有 (3) 有改善，瓶颈在容量；否则无法判定。(2) 只用于诊断，不是建议采用的学习率",
    ),
    "logs.try.arms_plain": (
        "two runs from the same start (seed and order of rows), each with lr decaying to zero: (1) no change; (2) only {lr}. Save the log-loss of each validation row and compare row by row: if (2) gains beyond two standard errors, lr was too low; otherwise train longer",
        "从相同的起点（种子和数据顺序）训练两次，lr 都降到零：(1) 不改动；(2) 只改 {lr}。保存每行验证数据的 log-loss 并逐行比较：若 (2) 的改善超出两倍标准误，说明 lr 偏小；否则延长训练",
    ),
    "logs.try.anew": (
        "keep the best checkpoint. To find the cause, three runs from the same start (head, seed and order of rows) with the same number of steps: (1) no change; (2) only {lr}; (3) only {rank}. Save the log-loss of each validation row and compare row by row with (1): if only (3) gains beyond two standard errors, capacity was too large; if (2) gains as much, it was only trained too long",
        "保留最好的检查点。要找原因，从相同的起点（分类头、种子和数据顺序）以相同步数训练三次：(1) 不改动；(2) 只改 {lr}；(3) 只改 {rank}。保存每行验证数据的 log-loss，逐行与 (1) 比较：若只有 (3) 的改善超出两倍标准误，说明容量过大；若 (2) 改善同样多，只是训练过久",
    ),
    "logs.try.anew_plain": (
        "keep the best checkpoint; then the same recipe with fewer epochs, so that lr decays to zero about there",
        "保留最好的检查点；再用同一组超参减少轮数，让 lr 大约在那里衰减到零",
    ),
    "logs.try.dropout": (
        "keep the checkpoint with the lowest validation loss: its score is as good. Then one run from the same start that changes only {dropout}; compare the log-loss of each validation row and macro-F1",
        "保留验证 loss 最低的检查点：它的得分同样好。然后从相同的起点再跑一次，只改 {dropout}；比较每行验证数据的 log-loss 和宏平均 F1",
    ),
    "logs.try.dropout_score": (
        "keep the checkpoint with the best score, since it still rose after the lowest validation loss, and calibrate its probabilities (temperature scaling). Then one run that changes only {dropout}",
        "保留得分最好的检查点，因为验证 loss 最低之后得分仍在上升，并校准它的概率（温度缩放）。然后再跑一次，只改 {dropout}",
    ),
    "logs.try.dropout_plain": (
        "keep the checkpoint with the lowest validation loss: its score is as good; if it is not the last one, fewer epochs suffice",
        "保留验证 loss 最低的检查点：它的得分同样好；若它不是最后一个，轮数可以减少",
    ),
    "logs.try.dropout_plain_score": (
        "keep the checkpoint with the best score, since it still rose after the lowest validation loss, and calibrate its probabilities (temperature scaling)",
        "保留得分最好的检查点，因为验证 loss 最低之后得分仍在上升，并校准它的概率（温度缩放）",
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
