"""Sentences about trainings that went wrong, and about logs that are not judged as a text classifier with LoRA."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    # --- the judgement ---
    "logs.look.diverged": (
        "Training diverged: from step {step} to the end of the log, loss or gradient is NaN or infinite. The cause is numerics, not capacity",
        "训练发散：从第 {step} 步到日志结束，loss 或梯度是 NaN 或无穷大。这是数值问题，不是容量问题",
    ),
    "logs.look.diverged_start": (
        "Loss or gradient is NaN or infinite from the first logged step ({step}): nothing was learnt before it, so the data or the precision is at fault, not the learning rate",
        "从记录的第一步（第 {step} 步）起 loss 或梯度就是 NaN 或无穷大：此前没有学到任何东西，问题在数据或精度，不在学习率",
    ),
    "logs.look.overflow": (
        "Training diverged in fp16: from step {step} to the end of the log, loss or gradient is NaN or infinite. This is typical of fp16 overflow",
        "fp16 训练发散：从第 {step} 步到日志结束，loss 或梯度是 NaN 或无穷大。这是典型的 fp16 溢出",
    ),
    "logs.look.diverged_eval": (
        "Validation loss is NaN or infinite at step {step}, the last evaluation, while the training loss is finite: the fault is in the validation rows or in the precision of evaluation",
        "最后一次评估（第 {step} 步）的验证 loss 是 NaN 或无穷大，而训练 loss 是有限值：问题在验证数据或评估的精度",
    ),
    "logs.look.no_loss": (
        "Training loss is exactly 0 at all {points} logged points, from the first one: there was nothing to learn. Either all rows carry one label, or the labels are masked (-100), or num_labels is 1",
        "全部 {points} 个记录点的训练 loss 都恰好是 0，从第一个点起就是如此：没有东西可学。要么所有行是同一个标签，要么标签被屏蔽（-100），要么 num_labels 是 1",
    ),
    "logs.look.no_lr": (
        "lr is 0 at every logged step and the loss does not move ({end:.3f}): the optimiser never changed a weight",
        "每个记录点的 lr 都是 0，loss 也不动（{end:.3f}）：优化器没有更新过任何权重",
    ),
    "logs.look.no_gradient": (
        "The gradient norm is 0 at every logged step and the loss does not move ({end:.3f}): no gradient reaches the trainable weights",
        "每个记录点的梯度范数都是 0，loss 也不动（{end:.3f}）：可训练的权重收不到梯度",
    ),
    "logs.look.rose": (
        "Training loss ended above its start ({start:.3f} → {end:.3f}): the learning rate is too high",
        "训练 loss 结束时高于开始时（{start:.3f} → {end:.3f}）：学习率偏大",
    ),
    "logs.look.fell_back": (
        "The model learnt and then collapsed: training loss fell to {least:.3f}, went back to {end:.3f} and stayed there. The learning rate is too high, or its warm-up too short",
        "模型学会之后又崩溃：训练 loss 降到 {least:.3f} 后回到 {end:.3f}，不再下降。学习率偏大，或 warmup 太短",
    ),
    "logs.look.warmup": (
        "The warm-up never ended: lr was still rising at step {last}, the last one ({lr}). The run never trained at its full learning rate",
        "warmup 没有结束：到最后一步（第 {last} 步）lr 还在上升（{lr}）。本次训练从未达到设定的学习率",
    ),
    "logs.look.warmup_of": (
        "The warm-up never ended: at step {last}, the last one, lr had reached {lr} of {peak}. The run never trained at its full learning rate",
        "warmup 没有结束：到最后一步（第 {last} 步）lr 只升到 {lr}（设定为 {peak}）。本次训练从未达到设定的学习率",
    ),
    "logs.look.warmup_planned": (
        "The warm-up never ended: it takes {warmup} steps, and the run has {last}. The run never trained at its full learning rate",
        "warmup 没有结束：warmup 需要 {warmup} 步，而训练只有 {last} 步。本次训练从未达到设定的学习率",
    ),
    "logs.look.too_easy": (
        "Too easy to be true: training loss is down to {loss} {at} and ends at {end}{score}. Text is rarely learnt in so few steps: the label may have leaked into it, or validation repeats training rows",
        "好得不真实：训练 loss 在{at}就降到 {loss}，最终为 {end}{score}。文本任务很少能这么快学会：可能是标签泄漏到了文本中，或验证集与训练集重复",
    ),
    "logs.look.one_class": (
        "One class is predicted for all rows: accuracy {accuracy:.3f} and F1 {f1:.3f} are the same at all {count} evaluations, and are exactly what predicting one class gives",
        "所有行都被预测成同一类：{count} 次评估的准确率 {accuracy:.3f} 和 F1 {f1:.3f} 完全不变，正好等于只预测一类的得分",
    ),
    "logs.look.one_class_likely": (
        "One class is probably predicted for all rows: macro-F1 is {f1:.3f} at all {count} evaluations, and no higher than predicting one class can give",
        "很可能所有行都被预测成同一类：{count} 次评估的宏平均 F1 都是 {f1:.3f}，不高于只预测一类所能达到的值",
    ),
    "logs.look.no_positive": (
        "No row is ever predicted as positive: F1 is 0 at all {count} evaluations",
        "没有任何一行被预测为正类：{count} 次评估的 F1 都是 0",
    ),
    "logs.look.unlearnt": (
        "Nothing was learnt: training loss never moved ({start:.3f} → {end:.3f}){score}",
        "什么都没有学到：训练 loss 没有变化（{start:.3f} → {end:.3f}）{score}",
    ),
    "logs.look.unlearnt_chance": (
        "Nothing was learnt: the loss stayed at {end:.3f}, and guessing among {classes} classes gives ln {classes} = {chance:.3f}{score}",
        "什么都没有学到：loss 停在 {end:.3f}，在 {classes} 个类别中随机猜就是 ln {classes} = {chance:.3f}{score}",
    ),
    "logs.look.cut_short": (
        "The run was not finished: the log ends at {done} of {planned} {unit} ({share:.0%}), so the end of its curve is not the end of the training",
        "训练没有完成：日志止于 {done} / {planned} {unit}（{share:.0%}），曲线的末段不是训练的结果",
    ),
    "logs.look.cut_lr": (
        "The run was not finished: the log ends at {done} of {planned} {unit} ({share:.0%}), with lr at {lr} of {peak}, so the end of its curve is not the end of the training",
        "训练没有完成：日志止于 {done} / {planned} {unit}（{share:.0%}），此时 lr 为 {lr}（峰值 {peak}），曲线的末段不是训练的结果",
    ),
    "logs.look.cut_warming": (
        "The run was not finished: the log ends at {done} of {planned} {unit} ({share:.0%}), while lr was still warming up",
        "训练没有完成：日志止于 {done} / {planned} {unit}（{share:.0%}），此时 lr 还在 warmup",
    ),
    "logs.unit.steps": ("steps", "步"),
    "logs.unit.epochs": ("epochs", "轮"),
    "logs.ends_at": ("; {name} ends at {value}", "；{name}：{value}（最终）"),
    # --- its cause ---
    "logs.cause.same": (
        "the score is the same at all {count} evaluations, as if one class were predicted for all rows",
        "{count} 次评估的得分完全相同，像是所有行都被预测成同一类",
    ),
    "logs.cause.lr_low": (
        "lr {lr} is far below what LoRA usually needs ({low} to {high}): at that rate the weights barely move",
        "lr {lr} 远低于 LoRA 通常需要的 {low} 到 {high}：这样的学习率下权重几乎不动",
    ),
    "logs.cause.lr_high": (
        "lr {lr} is above what LoRA usually bears ({low} to {high}): too high a rate also ends at guessing",
        "lr {lr} 高于 LoRA 通常能承受的 {low} 到 {high}：学习率过大也会停在随机猜的水平",
    ),
    "logs.cause.few_steps": (
        "the run has only {steps} optimiser steps, which is too few for most tasks: more epochs, or a smaller batch",
        "训练只有 {steps} 步，对多数任务来说太少：请增加轮数，或减小批大小",
    ),
    "logs.cause.head": (
        "adapter_config.json has neither modules_to_save nor a task_type: the classification head stayed at its random start",
        "adapter_config.json 中既没有 modules_to_save 也没有 task_type：分类头停留在随机初始值",
    ),
    # --- what next ---
    "logs.try.labels": (
        "look at one batch: labels must be 0 to num_labels - 1 with at least two of them, and none of them masked; then compute its loss once in float32",
        "检查一个批次：标签应为 0 到 num_labels - 1，至少有两种，且没有被屏蔽；再用 float32 算一次它的 loss",
    ),
    "logs.try.evaluation": (
        "evaluate in float32 batch by batch and find the first loss that is not finite: a label outside 0 to num_labels - 1, an empty batch, or fp16",
        "用 float32 逐批评估，找出第一个非有限的 loss：标签超出 0 到 num_labels - 1、空批次，或 fp16",
    ),
    "logs.try.overflow": (
        "the same recipe in bf16 (bf16=True, fp16=False), or with the model in float32 under fp16=True; nothing else changes",
        "同一组超参改用 bf16（bf16=True、fp16=False），或在 fp16=True 下把模型加载为 float32；其余不变",
    ),
    "logs.try.scheduler": (
        "print optimizer.param_groups[0]['lr'] for the first steps: check learning_rate, the scheduler's total steps, and that no step is skipped",
        "打印前几步的 optimizer.param_groups[0]['lr']：检查 learning_rate、调度器的总步数，以及是否有步被跳过",
    ),
    "logs.try.gradients": (
        "print the parameters with requires_grad=True and their .grad after one backward pass; with gradient checkpointing call model.enable_input_require_grads()",
        "打印 requires_grad=True 的参数和一次反向传播后的 .grad；若开启梯度检查点，请调用 model.enable_input_require_grads()",
    ),
    "logs.try.lower_lr_warm": (
        "the same recipe, only {half_lr}; keep max_grad_norm=1.0 and a warm-up of 6% of the steps",
        "同一组超参，只改 {half_lr}；保持 max_grad_norm=1.0，warmup 占总步数的 6%",
    ),
    "logs.try.warmup": (
        "the same recipe with warmup_steps={warmup} (about 6% of its {steps} steps); if that is only a handful, train for more epochs, too",
        "同一组超参，设 warmup_steps={warmup}（约为 {steps} 步的 6%）；若只有几步，还需增加训练轮数",
    ),
    "logs.try.warmup_share": (
        "the same recipe with a warm-up of {share:.0%} of its steps (warmup_ratio={share:g})",
        "同一组超参，warmup 占总步数的 {share:.0%}（warmup_ratio={share:g}）",
    ),
    "logs.try.leak": (
        "search the text for the label or a field written with it, and for validation rows that also occur in training (`rankfirst assess` counts them); then train a bag-of-words baseline: if it is as good, the task is simply easy",
        "检查文本中是否含有标签或与标签同时写入的字段，验证集是否有与训练集重复的行（`rankfirst assess` 会统计）；再训练一个词袋基线：若同样好，任务本来就容易",
    ),
    "logs.try.trains": (
        "first check that head and adapter train: model.print_trainable_parameters(), requires_grad of the head, modules_to_save in adapter_config.json; and that the labels belong to the texts. Then the same recipe, only {change}",
        "先确认分类头和适配器确实在训练：model.print_trainable_parameters()、分类头的 requires_grad、adapter_config.json 的 modules_to_save；并确认标签与文本对应。然后同一组超参，只改 {change}",
    ),
    "logs.try.trains_in_band": (
        "check that head and adapter train: model.print_trainable_parameters(), requires_grad of the head, modules_to_save in adapter_config.json; and that the labels belong to the texts. lr {lr} is in LoRA's usual range: change it only after that",
        "先确认分类头和适配器确实在训练：model.print_trainable_parameters()、分类头的 requires_grad、adapter_config.json 的 modules_to_save；并确认标签与文本对应。lr {lr} 在 LoRA 的常用范围内，之后再考虑改它",
    ),
    "logs.try.head": (
        'the same recipe with task_type="SEQ_CLS", or with the name of the head in modules_to_save ("classifier" or "score"), so that it trains and is saved',
        '同一组超参，设 task_type="SEQ_CLS"，或在 modules_to_save 中写明分类头的名字（"classifier" 或 "score"），使它参与训练并被保存',
    ),
    "logs.try.later": (
        "read {later}, which lies beside this checkpoint and holds more of the run",
        "请读取旁边的 {later}，它包含更多的训练记录",
    ),
    "logs.try.trains_plain": (
        "first check that the weights train: requires_grad, the optimiser's parameters, and that the labels belong to the texts. Then the same recipe, only {change}",
        "先确认权重确实在训练：requires_grad、优化器中的参数，并确认标签与文本对应。然后同一组超参，只改 {change}",
    ),
    "logs.try.trains_balanced": (
        "look at the confusion matrix and the class counts, and check that head and adapter train (requires_grad, modules_to_save). Then the same recipe, only {change}; if that does not help and one class has most rows, weight the classes",
        "看混淆矩阵和各类行数，并确认分类头和适配器确实在训练（requires_grad、modules_to_save）。然后同一组超参，只改 {change}；若无效且某一类占了大多数，再加类别权重",
    ),
    "logs.try.trains_balanced_plain": (
        "look at the confusion matrix and the class counts, and check that the weights train (requires_grad). Then the same recipe, only {change}; if that does not help and one class has most rows, weight the classes",
        "看混淆矩阵和各类行数，并确认权重确实在训练（requires_grad）。然后同一组超参，只改 {change}；若无效且某一类占了大多数，再加类别权重",
    ),
    "logs.try.resume": (
        "finish it: trainer.train(resume_from_checkpoint=True), then judge the whole log; if it was stopped on purpose, plan the steps it really takes, so that lr decays to its end",
        "先把它训练完：trainer.train(resume_from_checkpoint=True)，再看完整的日志；若是有意停止，请按实际步数设置总步数，让 lr 衰减到底",
    ),
    "logs.try.log_steps": (
        "the same recipe with logging_steps={every}: the Trainer logs the loss every 500 steps unless told otherwise",
        "同一组超参，设 logging_steps={every}：Trainer 默认每 500 步才记录一次 loss",
    ),
    # --- what to leave alone ---
    "logs.leave.all_fault": (
        "rank, target modules and dropout stay: this run shows nothing about them.",
        "不动 rank、target modules 和 dropout：本次训练说明不了它们。",
    ),
    "logs.leave.all_easy": (
        "all knobs stay: until the rows are checked, no score of this run means anything.",
        "不动任何旋钮：在检查数据之前，本次训练的得分都没有意义。",
    ),
    "logs.leave.rank_unlearnt": (
        "rank, target modules and dropout stay: a model that has learnt nothing shows nothing about capacity.",
        "不动 rank、target modules 和 dropout：什么都没学到的模型说明不了容量。",
    ),
    "logs.leave.all_cut": (
        "all knobs stay until the run is complete.",
        "训练完成之前不动任何旋钮。",
    ),
    # --- logs that are not judged ---
    "logs.scope.task": (
        "Out of scope: this is {task} ({shown_by}), and only text classifiers with LoRA are judged. What can still be said:",
        "不在适用范围：这是{task}（{shown_by}），只对使用 LoRA 的文本分类作判断。仍可以说的是：",
    ),
    "logs.scope.method": (
        "Out of scope: the adapter is {method}, not LoRA; the rules for lr and capacity are LoRA's. What can still be said:",
        "不在适用范围：适配器是 {method}，不是 LoRA；lr 和容量的规则只适用于 LoRA。仍可以说的是：",
    ),
    "logs.scope.full": (
        "Out of scope: the whole model was trained, without an adapter; the rules for lr and capacity are LoRA's. What can still be said:",
        "不在适用范围：训练的是整个模型，没有适配器；lr 和容量的规则只适用于 LoRA。仍可以说的是：",
    ),
    "logs.scope.no_adapter": (
        "any adapter: no adapter_config.json is beside it. If this is LoRA, point --adapter at one",
        "适配器：旁边没有 adapter_config.json。若使用了 LoRA，请用 --adapter 指定",
    ),
    "logs.task.generation": ("text generation", "文本生成"),
    "logs.task.preference": ("training on preferences or rewards", "偏好或奖励训练"),
    "logs.task.speech": ("a speech task", "语音任务"),
    "logs.task.vision": ("a vision task", "视觉任务"),
    "logs.task.tokens": ("token classification", "token 分类"),
    "logs.task.answers": ("question answering", "问答"),
    "logs.task.masked": ("masked-language-model training", "掩码语言模型训练"),
    "logs.task.regression": ("regression", "回归"),
    "logs.task.embedding": ("training of embeddings", "句向量训练"),
    "logs.still.healthy": (
        "no divergence: training loss {start:.3f} → {end:.3f} (means of the first and the last quarter), finite to the end",
        "没有发散：训练 loss {start:.3f} → {end:.3f}（首尾各四分之一的均值），始终为有限值",
    ),
    "logs.still.best_last": (
        "{name} was best at the end of the log ({last:.3f}): the run did not go on too long",
        "{name}：在日志末尾最好（{last:.3f}），没有训练过久",
    ),
    "logs.still.best_falling": (
        "{name} was best at the end of the log ({last:.3f}) and still improving: a longer run may help",
        "{name}：在日志末尾最好（{last:.3f}），且仍在改善，延长训练可能还有收益",
    ),
    "logs.still.best_before": (
        "{name} was best {at} ({best:.3f}) and ended at {last:.3f}: keep that checkpoint",
        "{name}：在{at}最好（{best:.3f}），最终为 {last:.3f}；请保留那个检查点",
    ),
    "logs.still.no_evaluation": (
        "nothing was evaluated, so overfitting cannot be judged. Log eval_loss every epoch",
        "没有任何评估，无法判断过拟合。请每轮记录 eval_loss",
    ),
}
