"""Sentences about a training run that somebody else drove: what its curve says, and what it cannot say."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    # --- why nothing is said ---
    "advice.failed": (
        "rankfirst: this run could not be read ({error}); no more advice is given on it.",
        "rankfirst：无法读取本次训练（{error}），此后不再干预。",
    ),
    "advice.no_lora": (
        "rankfirst: the model has no LoRA adapter, so no advice is given on this run.",
        "rankfirst：模型没有 LoRA 适配器，对本次训练不作判断。",
    ),
    "advice.no_sites": (
        "rankfirst: the adapter is on no known attention or FFN layer, so no advice is given on this run.",
        "rankfirst：适配器不在可识别的注意力或 FFN 层上，对本次训练不作判断。",
    ),
    "advice.no_classes": (
        "rankfirst: this is not a text classification with two or more classes, so no advice is given on this run.",
        "rankfirst：这不是两个或更多类别的文本分类，对本次训练不作判断。",
    ),
    "advice.no_rows": (
        "rankfirst: the evaluation rows cannot be seen or read one by one, so no advice is given on this run.",
        "rankfirst：验证数据既看不到也无法逐行读取，对本次训练不作判断。",
    ),
    "advice.sharded": (
        "rankfirst: sharded training (FSDP, DeepSpeed) is not supported, so no advice is given on this run.",
        "rankfirst：不支持分片训练（FSDP、DeepSpeed），对本次训练不作判断。",
    ),
    # --- what is said ---
    "advice.run": ("rankfirst on this run: {recipe}.", "rankfirst 对本次训练的诊断：{recipe}。"),
    "advice.outcome": ("{outcome}", "{outcome}"),
    "advice.recall": ("lowest recall at the end: {classes}", "结束时召回率最低的类别：{classes}"),
    "advice.class": ("{name} {recall}", "{name} {recall}"),
    "advice.cannot": ("A curve alone cannot tell:", "单凭曲线无法判断："),
    "advice.safe": (
        "safe numerics for the Trainer: max_grad_norm=0.3, adam_epsilon=1e-6, warmup_steps=20 or more",
        "Trainer 的安全数值设置：max_grad_norm=0.3、adam_epsilon=1e-6、warmup_steps 不少于 20",
    ),
    "advice.blind": (
        "No verdict: there is too little evidence. No change of a knob is suggested.",
        "不作判断：证据太少。不建议动任何旋钮。",
    ),
    "advice.ran_out": (
        "No verdict: the training loss has reached a plateau without learning the training rows, but lr had decayed to {share:.0%} of its peak by then, which flattens any curve.",
        "不作判断：训练 loss 进入平台期且训练集未学会，但此时 lr 平均只有峰值的 {share:.0%}，任何曲线都会变平。",
    ),
    "advice.constant_next": (
        'next: the same recipe with a constant lr (lr_scheduler_type="constant_with_warmup"); change no knob until then',
        '下一步：同一组超参改用恒定 lr（lr_scheduler_type="constant_with_warmup"）；在此之前不动任何旋钮',
    ),
    "advice.untaught": (
        "No verdict: the training loss has reached a plateau at {loss:.2f}, while predicting by class frequencies alone gives {prior:.2f}. Not even the head has learnt, so this shows nothing about rank, target modules or lr.",
        "不作判断：训练 loss 停在 {loss:.2f}，而只按类别频率作答就有 {prior:.2f}。连分类头都还没有学会，因此无法说明 rank、target modules 或 lr 的问题。",
    ),
    "advice.longer_next": (
        "next: train the same recipe for more epochs, or use `rankfirst fit`, which starts the head from the solution fitted on the frozen encoder",
        "下一步：同一组超参多训练几轮，或用 `rankfirst fit`，它让分类头从冻结底座上拟合的解出发",
    ),
    "advice.alpha": (
        "in PEFT: r={rank}, lora_alpha={alpha:g}, so that scaling is {scaling:g}",
        "PEFT 写法：r={rank}、lora_alpha={alpha:g}，使 a 为 {scaling:g}",
    ),
    # --- runs the rules were not made for: they are not asked ---
    "advice.rose": (
        "Training loss ended above its start ({start:.3f} → {end:.3f}): the learning rate was too high to judge capacity.",
        "训练 loss 结束时高于开始时（{start:.3f} → {end:.3f}）：学习率偏大，无法判断容量。",
    ),
    "advice.off_band": (
        "lr {lr} is outside the range {low} to {high} that the capacity rules assume: no verdict on capacity (wide_lr=True judges it anyway).",
        "lr {lr} 在容量规则所要求的区间 {low} 到 {high} 之外：不对容量下结论（wide_lr=True 可强制判断）。",
    ),
    "advice.lr_first": (
        "next: the same recipe with lr {lr} → {to}; leave rank and target modules alone until then",
        "下一步：同一组超参，lr {lr} → {to}；在此之前不动 rank 和 target modules",
    ),
    # --- what a curve alone cannot tell, and what could ---
    "advice.look_alike": (
        "whether lr or capacity is too low: both draw this curve. An experiment can tell: from the start of this run, with the same rows in the same order, {steps} steps for each of: no change; {arms}; in every arm lr decays to zero at the end. The arm that lowers validation log-loss beyond noise without lowering macro-F1 shows the bottleneck. lr comes first: as long as raising it helps, capacity cannot be judged. The lr arm is a diagnosis, not advice to train at that lr. `rankfirst fit` runs this experiment",
        "是 lr 偏小还是容量不足：两者的曲线相同。要靠实验：从本次训练的起点出发，用相同的数据和顺序，各训练 {steps} 步：不改动；{arms}；每个分支最后都让 lr 降到零。哪个分支使验证 log-loss 的改善超出噪声、且宏平均 F1 不下降，瓶颈就在哪里。先看 lr：只要升 lr 还有效，就还不能判断容量。lr 分支只用于诊断，不是建议采用的学习率。`rankfirst fit` 会做这个实验",
    ),
    "advice.random_head": (
        "whether the adapter is slow or only the head: a randomly initialised head makes every lr look too low. `rankfirst fit` starts it from the solution fitted on the frozen encoder",
        "是适配器学得慢，还是只是分类头慢：随机初始化的分类头会让任何 lr 都显得偏小。`rankfirst fit` 让它从冻结底座上拟合的解出发",
    ),
    "advice.labels": (
        "whether the labels are the bottleneck: no row was checked for a wrong label. `rankfirst fit` lists suspect rows",
        "瓶颈是否在标注：没有检查过标注错误。`rankfirst fit` 会列出可疑的行",
    ),
    "advice.seeds": (
        "whether another seed gives another result: only one was observed. Repeat the recipe with two other seeds",
        "换随机种子结果是否不同：只看到一个种子。请用另外两个种子重复同一组超参",
    ),
    "advice.few_looks": (
        'over- or underfitting: there are too few evaluations after the start for a trend ({evaluations}). Use eval_strategy="epoch" and at least two epochs',
        '过拟合或欠拟合：训练开始后的评估太少，看不出趋势（{evaluations} 次）。请用 eval_strategy="epoch" 并至少训练两轮',
    ),
    "advice.no_subset": (
        "under- or overfitting: the training rows could not be read one by one, so there is no training F1",
        "欠拟合或过拟合：无法逐行读取训练数据，因此没有训练 F1",
    ),
    "advice.few_rows": (
        "anything about validation: {rows} rows are too few for a noise estimate, at least {needed} are needed",
        "任何关于验证集的结论：{rows} 行不足以估计噪声，至少需要 {needed} 行",
    ),
    "advice.sites": (
        "the exact capacity of this adapter: modules and ranks differ between its top layers; it is treated as rank {rank} at {sites}",
        "这个适配器的确切容量：它在顶部各层的模块和 rank 并不一致，此处按 rank {rank}、{sites} 理解",
    ),
}
