"""Sentences: conclusions, findings, refusals and verdicts of the policy, in the seed's terms."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "base.fused": (
        "This base model stores q, k and v in one matrix: a recipe that names q/v adapts and counts the whole matrix.",
        "该底座模型把 q、k、v 存成一个矩阵，因此超参中的 q/v 指整个矩阵：它整体被适配并计入参数。",
    ),
    "head.memorised": (
        "The frozen encoder's head has memorised the training rows (macro-F1 {seen:.1%} there, {val:.1%} on validation) and would leave LoRA nothing to learn: LoRA starts from a head with a stronger penalty (C {c:g}).",
        "冻结底座的分类头已记住训练数据（宏平均 F1 在训练集为 {seen:.1%}，在验证集为 {val:.1%}），LoRA 从它出发几乎没有可学的：改从正则更强的分类头出发（C = {c:g}）。",
    ),
    "rival.won": (
        "Short probes understate a large scaling, so one more recipe was trained to its end ({knobs}). It is delivered: an expected {gain:+.1f} ± {noise:.1f} macro-F1 points over the recipe of the search (95% interval, rows and seeds), {chance:.0f}% likely to be better.",
        "较大的 a 在短试跑中往往显得更差，因此另有一组超参也训练到底（{knobs}）。交付它：宏平均 F1 预期比搜索得到的超参高 {gain:+.1f} ± {noise:.1f} 个百分点（95% 区间，含行与种子），更优的概率为 {chance:.0f}%。",
    ),
    "rival.lost": (
        "Short probes understate a large scaling, so one more recipe was trained to its end ({knobs}). It is not expected to be better ({gain:+.1f} ± {noise:.1f} macro-F1 points; 95% interval, rows and seeds): the recipe of the search stays.",
        "较大的 a 在短试跑中往往显得更差，因此另有一组超参也训练到底（{knobs}）。预期并不更好（宏平均 F1 {gain:+.1f} ± {noise:.1f} 个百分点；95% 区间，含行与种子）：保留搜索得到的超参。",
    ),
    "rival.failed": (
        "One more recipe was to be trained to its end ({knobs}), since short probes understate a large scaling, but its training diverged: the recipe of the search stays.",
        "较大的 a 在短试跑中往往显得更差，因此另有一组超参也要训练到底（{knobs}），但训练发散：保留搜索得到的超参。",
    ),
    "rival.budget": (
        "The search has used the budget of work: no rival ({knobs}) is trained to its end.",
        "搜索已用完工作量预算：不再把另一组超参（{knobs}）训练到底。",
    ),
    "rival.clock": (
        "The time limit leaves no room for a rival ({knobs}) to be trained to its end.",
        "时限内已来不及把另一组超参（{knobs}）训练到底。",
    ),
    "start.won": (
        "Several steps that each were the better bet may add up to nothing, so the recipe of the start was trained to its end as well ({knobs}). It is delivered: an expected {gain:+.1f} ± {noise:.1f} macro-F1 points over the recipe of the search (95% interval, rows and seeds), {chance:.0f}% likely to be better.",
        "每一步都是更可取的选择，合起来却未必有收益，因此起步的超参也训练到底（{knobs}）。交付它：宏平均 F1 预期比搜索得到的超参高 {gain:+.1f} ± {noise:.1f} 个百分点（95% 区间，含行与种子），更优的概率为 {chance:.0f}%。",
    ),
    "start.lost": (
        "Several steps that each were the better bet may add up to nothing, so the recipe of the start was trained to its end as well ({knobs}). It is not expected to be better ({gain:+.1f} ± {noise:.1f} macro-F1 points; 95% interval, rows and seeds): the recipe of the search stays.",
        "每一步都是更可取的选择，合起来却未必有收益，因此起步的超参也训练到底（{knobs}）。预期并不更好（宏平均 F1 {gain:+.1f} ± {noise:.1f} 个百分点；95% 区间，含行与种子）：保留搜索得到的超参。",
    ),
    "start.failed": (
        "The recipe of the start was to be trained to its end as well ({knobs}), but its training diverged: the recipe of the search stays.",
        "起步的超参也要训练到底（{knobs}），但训练发散：保留搜索得到的超参。",
    ),
    "start.budget": (
        "The search has used the budget of work: the recipe of the start ({knobs}) is not trained to its end for comparison.",
        "搜索已用完工作量预算：不再把起步的超参（{knobs}）训练到底作比较。",
    ),
    "start.clock": (
        "The time limit leaves no room to train the recipe of the start ({knobs}) to its end for comparison.",
        "时限内已来不及把起步的超参（{knobs}）训练到底作比较。",
    ),
    "base.shared": (
        "The layers of this base model share weights (one block runs {passes} times): adapting it changes all of them, so the top k layers cannot be selected.",
        "该底座模型的各层共用权重（同一模块运行 {passes} 次）：其中的适配对这些层同时生效，因此无法只选顶部 k 层。",
    ),
    "base.dense": (
        "This base model adds dense layers after the pooling; they are not applied: the classification head is trained on the pooled states instead.",
        "该底座模型在池化之后还有自己的全连接层，这里不使用：分类头直接在池化后的向量上训练。",
    ),
    "need.frozen_at_ceiling": (
        "You probably do not need LoRA: the frozen encoder scores macro-F1 {f1:.1%}, and the label noise allows at most about {ceiling:.1%}, which leaves {room:+.1f} points.",
        "很可能不需要 LoRA：冻结底座的宏平均 F1 为 {f1:.1%}，而这样的标签质量最多约允许 {ceiling:.1%}，只剩 {room:+.1f} 个百分点的空间。",
    ),
    "need.tfidf_at_ceiling": (
        "You probably need neither LoRA nor an encoder: TF-IDF scores macro-F1 {f1:.1%}, and the label noise allows at most about {ceiling:.1%}, which leaves {room:+.1f} points.",
        "很可能既不需要 LoRA，也不需要编码器：TF-IDF 的宏平均 F1 为 {f1:.1%}，而这样的标签质量最多约允许 {ceiling:.1%}，只剩 {room:+.1f} 个百分点的空间。",
    ),
    "need.features_limit": (
        "LoRA is likely to help: the best baseline (macro-F1 {f1:.1%}) is {room:.1f} points below what the labels allow ({ceiling:.1%}), and more data would not close the gap: each doubling gives {slope:+.1f} ± {slope_noise:.1f} points (95% interval). The frozen features are the bottleneck.",
        "LoRA 很可能有帮助：最好的基线（宏平均 F1 {f1:.1%}）距标签允许的上限（{ceiling:.1%}）还有 {room:.1f} 个百分点，而增加数据补不上：数据每翻一倍只提高 {slope:+.1f} ± {slope_noise:.1f} 个百分点（95% 区间）。瓶颈在未经微调的特征。",
    ),
    "need.rows_limit": (
        "Cannot tell without training LoRA: the best baseline (macro-F1 {f1:.1%}) is {room:.1f} points below what the labels allow ({ceiling:.1%}), but more data would also close part of the gap: each doubling gives {slope:+.1f} ± {slope_noise:.1f} points (95% interval). Measure LoRA with --probe.",
        "在实测 LoRA 之前无法判断：最好的基线（宏平均 F1 {f1:.1%}）距标签允许的上限（{ceiling:.1%}）还有 {room:.1f} 个百分点，但增加数据也能补上一部分：数据每翻一倍提高 {slope:+.1f} ± {slope_noise:.1f} 个百分点（95% 区间）。可用 --probe 实测。",
    ),
    "need.no_curve": (
        "Cannot tell without the encoder: TF-IDF (macro-F1 {f1:.1%}) is {room:.1f} points below what the labels allow ({ceiling:.1%}).",
        "不使用编码器无法判断：TF-IDF（宏平均 F1 {f1:.1%}）距标签允许的上限（{ceiling:.1%}）还有 {room:.1f} 个百分点。",
    ),
    "need.yes": (
        "LoRA is worth it: an expected {gain:+.1f} macro-F1 points over the cheaper baseline (measured: {base:.1%} to {lora:.1%}), 95% interval {low:+.1f} to {high:+.1f} on {rows} validation rows.",
        "值得用 LoRA：宏平均 F1 预期比更便宜的基线高 {gain:.1f} 个百分点（实测从 {base:.1%} 到 {lora:.1%}），在 {rows} 行验证数据上的 95% 区间为 {low:+.1f} 到 {high:+.1f}。",
    ),
    "need.no": (
        "You do not need LoRA here: its expected macro-F1 is {gain!m:.1f} points {gain!w:above|below} the cheaper baseline (measured: {lora:.1%} against {base:.1%}), and the 95% interval, {low:+.1f} to {high:+.1f}, rules out a worthwhile gain ({worth:.1f}).",
        "这里不需要 LoRA：宏平均 F1 预期比更便宜的基线{gain!w:高|低} {gain!m:.1f} 个百分点（实测 LoRA {lora:.1%}，基线 {base:.1%}）；95% 区间 {low:+.1f} 到 {high:+.1f} 排除了值得的提升（{worth:.1f}）。",
    ),
    "need.never_better": (
        "You do not need LoRA here: LoRA answers every validation row as the frozen encoder does (macro-F1 {base:.1%} on {rows} rows).",
        "这里不需要 LoRA：LoRA 在验证集每一行上的答案都与冻结底座相同（{rows} 行，宏平均 F1 {base:.1%}）。",
    ),
    "need.cannot_tell": (
        "Cannot tell: the expected macro-F1 of LoRA is {gain!m:.1f} points {gain!w:above|below} the cheaper baseline (measured: {lora:.1%} against {base:.1%}), but the 95% interval on {rows} validation rows is {low:+.1f} to {high:+.1f}; about {rows_to_tell} rows are needed to tell. Until then, use the cheaper model.",
        "无法判断：LoRA 的宏平均 F1 预期比更便宜的基线{gain!w:高|低} {gain!m:.1f} 个百分点（实测 LoRA {lora:.1%}，基线 {base:.1%}），但 {rows} 行验证数据的 95% 区间为 {low:+.1f} 到 {high:+.1f}；约需 {rows_to_tell} 行才能判断。在此之前用更便宜的即可。",
    ),
    "need.leaked": (
        "Cannot tell whether LoRA is needed: {leaked:.0%} of the validation rows are training rows too, so the scores measure memory. Use validation rows that are not in training.",
        "无法判断是否需要 LoRA：{leaked:.0%} 的验证数据同时出现在训练集里，分数反映的是记忆。请换用训练集之外的验证数据。",
    ),
    "ship.tfidf_leaked": (
        "Cannot tell which model is better: {leaked:.0%} of the validation rows are training rows too, so the scores measure memory. TF-IDF is delivered; use validation rows that are not in training.",
        "无法判断哪个模型更好：{leaked:.0%} 的验证数据同时出现在训练集里，分数反映的是记忆。先交付 TF-IDF；请换用训练集之外的验证数据。",
    ),
    "ship.frozen_leaked": (
        "Cannot tell which model is better: {leaked:.0%} of the validation rows are training rows too, so the scores measure memory. The frozen classifier is delivered; use validation rows that are not in training.",
        "无法判断哪个模型更好：{leaked:.0%} 的验证数据同时出现在训练集里，分数反映的是记忆。先交付冻结底座分类器；请换用训练集之外的验证数据。",
    ),
    "ship.lora_leaked": (
        "Cannot tell which model is better: {leaked:.0%} of the validation rows are training rows too, so the scores measure memory. LoRA is delivered; use validation rows that are not in training.",
        "无法判断哪个模型更好：{leaked:.0%} 的验证数据同时出现在训练集里，分数反映的是记忆。先交付 LoRA；请换用训练集之外的验证数据。",
    ),
    "need.few_rows": (
        "Cannot tell whether LoRA is needed: {rows} validation rows are too few (at least {least_rows} are required).",
        "无法判断是否需要 LoRA：验证集只有 {rows} 行，太少（至少需要 {least_rows} 行）。",
    ),
    "need.wide": (
        "Cannot tell whether LoRA is needed: the best baseline scores macro-F1 {f1:.1%}, but {rows} validation rows, {fewest} of them of {rarest}, allow anything down to {low:.1%} (95% interval).",
        "无法判断是否需要 LoRA：最好的基线宏平均 F1 为 {f1:.1%}，但验证集只有 {rows} 行，其中“{rarest}”仅 {fewest} 行，实际可能低至 {low:.1%}（95% 区间）。",
    ),
    "need.unjudged": (
        "Cannot tell whether LoRA is needed: {unjudged} of {class_count} classes have no validation rows ({unjudged_names}), so no score covers them. Add validation rows of these classes.",
        "无法判断是否需要 LoRA：{class_count} 个类别中有 {unjudged} 个在验证集里没有数据（{unjudged_names}），任何分数都反映不出它们的好坏。请为这些类别补充验证数据。",
    ),
    "ship.tfidf_unjudged": (
        "Cannot tell which model is better: {unjudged} of {class_count} classes have no validation rows ({unjudged_names}). TF-IDF is delivered as the cheapest model, not because it was found to be enough.",
        "无法判断哪个模型更好：{class_count} 个类别中有 {unjudged} 个在验证集里没有数据（{unjudged_names}）。交付 TF-IDF 只因为它最便宜，并不说明它已经够用。",
    ),
    "ship.frozen_unjudged": (
        "Cannot tell whether LoRA is better: {unjudged} of {class_count} classes have no validation rows ({unjudged_names}). The frozen classifier is delivered because it is cheaper, not because it was found to be enough.",
        "无法判断 LoRA 是否更好：{class_count} 个类别中有 {unjudged} 个在验证集里没有数据（{unjudged_names}）。交付冻结底座分类器只因为它更便宜，并不说明它已经够用。",
    ),
    "ship.lora_unjudged": (
        "Cannot tell which model is better: {unjudged} of {class_count} classes have no validation rows ({unjudged_names}). LoRA is delivered because it scores best on the rows there are.",
        "无法判断哪个模型更好：{class_count} 个类别中有 {unjudged} 个在验证集里没有数据（{unjudged_names}）。交付 LoRA，因为它在现有数据上得分最高。",
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
        "LoRA is delivered because you forced it (--always-lora); it {gain!w:raises|lowers} macro-F1 by {gain!m:.1f} ± {noise:.1f} points (95% interval).",
        "应您要求（--always-lora）交付 LoRA；宏平均 F1 {gain!w:提高|降低} {gain!m:.1f} ± {noise:.1f} 个百分点（95% 区间）。",
    ),
    "ship.forced_same": (
        "LoRA is delivered because you forced it (--always-lora); it answers every validation row as the frozen classifier does.",
        "应您要求（--always-lora）交付 LoRA；它在验证集每一行上的答案都与冻结底座分类器相同。",
    ),
    "ship.frozen": (
        "You do not need LoRA here: it brings no measurable gain ({gain:+.1f} ± {noise:.1f} macro-F1 points, 95% interval). The frozen classifier is delivered.",
        "这里不需要 LoRA：LoRA 没有带来可测的提升（宏平均 F1 {gain:+.1f} ± {noise:.1f} 个百分点，95% 区间）。交付冻结底座分类器。",
    ),
    "ship.frozen_same": (
        "You do not need LoRA here: it answers every validation row as the frozen classifier does. The frozen classifier is delivered.",
        "这里不需要 LoRA：它在验证集每一行上的答案都与冻结底座分类器相同。交付冻结底座分类器。",
    ),
    "ship.frozen_worse": (
        "LoRA is worse here: macro-F1 is lower by {gain!m:.1f} ± {noise:.1f} points (95% interval). The frozen classifier is delivered.",
        "LoRA 在这里更差：宏平均 F1 低 {gain!m:.1f} ± {noise:.1f} 个百分点（95% 区间）。交付冻结底座分类器。",
    ),
    "ship.frozen_only": (
        "No LoRA model was trained to its end; the frozen classifier is delivered (macro-F1 {f1:.1%}).",
        "没有训练完成的 LoRA 模型；交付冻结底座分类器（宏平均 F1 {f1:.1%}）。",
    ),
    "ship.tfidf": (
        "You do not need an encoder here: LoRA brings no measurable gain ({gain:+.1f} ± {noise:.1f} macro-F1 points, 95% interval). TF-IDF is delivered.",
        "这里不需要编码器：LoRA 没有带来可测的提升（宏平均 F1 {gain:+.1f} ± {noise:.1f} 个百分点，95% 区间）。交付 TF-IDF。",
    ),
    "ship.tfidf_worse": (
        "LoRA is worse than TF-IDF: macro-F1 is lower by {gain!m:.1f} ± {noise:.1f} points (95% interval). TF-IDF is delivered.",
        "LoRA 比 TF-IDF 更差：宏平均 F1 低 {gain!m:.1f} ± {noise:.1f} 个百分点（95% 区间）。交付 TF-IDF。",
    ),
    "ship.tfidf_only": (
        "No LoRA model was trained to its end; TF-IDF is delivered (macro-F1 {f1:.1%}).",
        "没有训练完成的 LoRA 模型；交付 TF-IDF（宏平均 F1 {f1:.1%}）。",
    ),
    "refit.done": (
        "The delivered model was trained on all {rows:,} labelled rows: {train:,} training and {val:,} validation rows.",
        "交付的模型用全部 {rows:,} 条标注数据训练：训练集 {train:,} 条，验证集 {val:,} 条。",
    ),
    "refit.figures": (
        "Validation figures are those of the same model trained without the validation rows; test figures are those of the delivered model.",
        "验证集指标来自未用验证集训练的同一模型；测试集指标来自交付的模型。",
    ),
    "refit.figures_val": (
        "Validation figures are those of the same model trained without the validation rows.",
        "验证集指标来自未用验证集训练的同一模型。",
    ),
    "refit.done_without": (
        "The delivered model was trained on {rows:,} labelled rows: {train:,} training and {val:,} validation rows; {without:,} training rows of suspect labels were left out (--drop-suspects).",
        "交付的模型用 {rows:,} 条标注数据训练：训练集 {train:,} 条，验证集 {val:,} 条；去掉了训练集中 {without:,} 条可疑标注（--drop-suspects）。",
    ),
    "refit.done_dropped": (
        "The delivered model was trained on {rows:,} labelled rows: {train:,} training and {val:,} validation rows; {without:,} training rows of suspect or contradictory labels were left out (--drop-suspects): without them validation macro-F1 is {gain:.1f} points higher.",
        "交付的模型用 {rows:,} 条标注数据训练：训练集 {train:,} 条，验证集 {val:,} 条；去掉了训练集中 {without:,} 条可疑或自相矛盾的标注（--drop-suspects）：不用这些行训练，验证集宏平均 F1 高 {gain:.1f} 个百分点。",
    ),
    "refit.few": (
        "The model was not trained again with the validation rows: {val:,} rows beside {train:,} would change little.",
        "没有并入验证集重新训练：训练集有 {train:,} 条，再加 {val:,} 条影响很小。",
    ),
    "refit.many": (
        "The model was not trained again with the validation rows: {train:,} training rows are enough for it.",
        "没有并入验证集重新训练：对这个模型来说，{train:,} 条训练数据已经足够。",
    ),
    "refit.late": (
        "The model was not trained again with the {val:,} validation rows: the time limit left no room for it.",
        "没有并入 {val:,} 条验证集数据重新训练：时间上限已不够用。",
    ),
    "refit.failed": (
        "Training with the {val:,} validation rows diverged or ran out of memory; the model trained without them is delivered.",
        "并入 {val:,} 条验证集数据重新训练时发散或内存不足；交付未用验证集训练的模型。",
    ),
    "refit.worse": (
        "Training with the {val:,} validation rows raised the loss on these rows from {before:.3f} to {after:.3f}; the model trained without them is delivered.",
        "并入 {val:,} 条验证集数据重新训练后，这些数据上的损失反而从 {before:.3f} 升到 {after:.3f}；交付未用验证集训练的模型。",
    ),
    # Since the choice is made by expectation; the other sentences of ship tell the journals of version 0.1.
    "ship.lora_proven": (
        "LoRA is worth it: an expected {gain:+.1f} ± {noise:.1f} macro-F1 points over the cheaper baseline (95% interval, rows and seeds), {chance:.0f}% likely to be better. Price: {megabytes:.1f} MB, {ms_per_text:.1f} ms per text, {minutes:.1f} minutes of training.",
        "值得用 LoRA：宏平均 F1 预期比更便宜的基线高 {gain:.1f} ± {noise:.1f} 个百分点（95% 区间，计入样本和随机种子的波动），更好的概率为 {chance:.0f}%。代价：{megabytes:.1f} MB、每条文本 {ms_per_text:.1f} ms、训练 {minutes:.1f} 分钟。",
    ),
    "ship.lora_likely": (
        "LoRA is not proven to be better, but it is the better bet: an expected {gain:+.1f} ± {noise:.1f} macro-F1 points over the cheaper baseline (95% interval, rows and seeds), {chance:.0f}% likely to be better. Price: {megabytes:.1f} MB, {ms_per_text:.1f} ms per text, {minutes:.1f} minutes of training.",
        "尚不能证实 LoRA 更好，但它是更值得的选择：宏平均 F1 预期比更便宜的基线高 {gain:.1f} ± {noise:.1f} 个百分点（95% 区间，计入样本和随机种子的波动），更好的概率为 {chance:.0f}%。代价：{megabytes:.1f} MB、每条文本 {ms_per_text:.1f} ms、训练 {minutes:.1f} 分钟。",
    ),
    "ship.lora_match": (
        "LoRA is worth it because of its exact match: {right:+.1f} ± {right_noise:.1f} points over the cheaper baseline, with an expected {gain:+.1f} ± {noise:.1f} in macro-F1 (95% intervals, rows and seeds), {chance:.0f}% likely to be better. Price: {megabytes:.1f} MB, {ms_per_text:.1f} ms per text, {minutes:.1f} minutes of training.",
        "值得用 LoRA，因为完全匹配率更高：比更便宜的基线高 {right:.1f} ± {right_noise:.1f} 个百分点，宏平均 F1 预期 {gain:+.1f} ± {noise:.1f}（95% 区间，计入样本和随机种子的波动），更好的概率为 {chance:.0f}%。代价：{megabytes:.1f} MB、每条文本 {ms_per_text:.1f} ms、训练 {minutes:.1f} 分钟。",
    ),
    "ship.lora_match_likely": (
        "LoRA is not proven to be better, but its exact match makes it the better bet: {right:+.1f} ± {right_noise:.1f} points over the cheaper baseline, with an expected {gain:+.1f} ± {noise:.1f} in macro-F1 (95% intervals, rows and seeds), {chance:.0f}% likely to be better. Price: {megabytes:.1f} MB, {ms_per_text:.1f} ms per text, {minutes:.1f} minutes of training.",
        "尚不能证实 LoRA 更好，但凭完全匹配率它是更值得的选择：比更便宜的基线高 {right:.1f} ± {right_noise:.1f} 个百分点，宏平均 F1 预期 {gain:+.1f} ± {noise:.1f}（95% 区间，计入样本和随机种子的波动），更好的概率为 {chance:.0f}%。代价：{megabytes:.1f} MB、每条文本 {ms_per_text:.1f} ms、训练 {minutes:.1f} 分钟。",
    ),
    "ship.forced_few": (
        "LoRA is delivered because you forced it (--always-lora); {rows} validation rows are too few to tell whether it is better.",
        "应您要求（--always-lora）交付 LoRA；验证集只有 {rows} 行，不足以判断它是否更好。",
    ),
    "ship.frozen_enough": (
        "LoRA is not worth its price here ({megabytes:.1f} MB, {ms_per_text:.1f} ms per text, {minutes:.1f} minutes of training): its expected macro-F1 is {gain!m:.1f} ± {noise:.1f} points {gain!w:above|below} the cheaper baseline (95% interval, rows and seeds), {chance:.0f}% likely to be better; {least:.1f} points and {sure:.0f}% are required. The frozen classifier is delivered.",
        "LoRA 在这里得不偿失（{megabytes:.1f} MB、每条文本 {ms_per_text:.1f} ms、训练 {minutes:.1f} 分钟）：宏平均 F1 预期比更便宜的基线{gain!w:高|低} {gain!m:.1f} ± {noise:.1f} 个百分点（95% 区间，计入样本和随机种子的波动），更好的概率为 {chance:.0f}%；要求达到 {least:.1f} 个百分点和 {sure:.0f}%。交付冻结底座分类器。",
    ),
    "ship.frozen_ahead": (
        "LoRA is not expected to help here: its expected macro-F1 is {gain!m:.1f} ± {noise:.1f} points below the cheaper baseline (95% interval, rows and seeds), {chance:.0f}% likely to be better. The frozen classifier is delivered.",
        "LoRA 在这里预计没有帮助：宏平均 F1 预期比更便宜的基线低 {gain!m:.1f} ± {noise:.1f} 个百分点（95% 区间，计入样本和随机种子的波动），更好的概率为 {chance:.0f}%。交付冻结底座分类器。",
    ),
    "ship.frozen_few": (
        "{rows} validation rows are too few to tell whether LoRA is better (at least {least_rows} are required). The frozen classifier is delivered.",
        "验证集只有 {rows} 行，不足以判断 LoRA 是否更好（至少需要 {least_rows} 行）。交付冻结底座分类器。",
    ),
    "ship.tfidf_enough": (
        "LoRA is not worth its price here ({megabytes:.1f} MB, {ms_per_text:.1f} ms per text, {minutes:.1f} minutes of training): its expected macro-F1 is {gain!m:.1f} ± {noise:.1f} points {gain!w:above|below} the cheaper baseline (95% interval, rows and seeds), {chance:.0f}% likely to be better; {least:.1f} points and {sure:.0f}% are required. TF-IDF is delivered.",
        "LoRA 在这里得不偿失（{megabytes:.1f} MB、每条文本 {ms_per_text:.1f} ms、训练 {minutes:.1f} 分钟）：宏平均 F1 预期比更便宜的基线{gain!w:高|低} {gain!m:.1f} ± {noise:.1f} 个百分点（95% 区间，计入样本和随机种子的波动），更好的概率为 {chance:.0f}%；要求达到 {least:.1f} 个百分点和 {sure:.0f}%。交付 TF-IDF。",
    ),
    "ship.tfidf_ahead": (
        "LoRA is not expected to help here: its expected macro-F1 is {gain!m:.1f} ± {noise:.1f} points below the cheaper baseline (95% interval, rows and seeds), {chance:.0f}% likely to be better. TF-IDF is delivered.",
        "LoRA 在这里预计没有帮助：宏平均 F1 预期比更便宜的基线低 {gain!m:.1f} ± {noise:.1f} 个百分点（95% 区间，计入样本和随机种子的波动），更好的概率为 {chance:.0f}%。交付 TF-IDF。",
    ),
    "ship.tfidf_few": (
        "{rows} validation rows are too few to tell whether LoRA is better (at least {least_rows} are required). TF-IDF is delivered.",
        "验证集只有 {rows} 行，不足以判断 LoRA 是否更好（至少需要 {least_rows} 行）。交付 TF-IDF。",
    ),
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
