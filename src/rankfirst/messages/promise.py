"""Sentences: what a delivered model promises."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "cli.promise": (
        "Promise a recall or precision with a stated confidence: chooses when the delivered model gives a label. `predict` and `serve` keep the promise, `gate` checks it.",
        "以给定的置信水平承诺召回率或精确率：据此决定模型何时给出标签。`predict` 和 `serve` 遵守承诺，`gate` 检查承诺。",
    ),
    "cli.help.promise_recall": (
        "CLASS=SHARE, repeatable: at least this share of the rows of the class have it in their answer set",
        "类别=比例，可重复：该类别的样本中至少有这一比例，其候选标签包含该类别",
    ),
    "cli.help.promise_precision": (
        "CLASS=SHARE, repeatable: at least this share of the rows that get this label belong to the class",
        "类别=比例，可重复：得到该标签的样本中至少有这一比例属于该类别",
    ),
    "cli.help.promise_precision_all": (
        "at least this share of all given labels is right; the model abstains on the other rows",
        "给出的全部标签中至少有这一比例正确；其余样本拒识",
    ),
    "cli.help.promise_confidence": (
        "probability that everything promised holds, from 0.5 to 1",
        "全部承诺成立的置信水平，0.5 到 1",
    ),
    "cli.help.promise_rows": (
        "labelled rows that nothing else used; default: the test rows of the run",
        "未作他用的有标签数据；默认用该运行的测试集",
    ),
    "cli.help.promise_backend": (
        "the backend whose answers must show it (torch, onnx, int8, fleet); every other exported format gets its own rule if its answers show the promise, and refuses to answer otherwise",
        "必须由其结果验证承诺的后端（torch、onnx、int8、fleet）；其他已导出的格式若也能验证，则各有自己的规则，否则拒绝给出结果",
    ),
    "cli.help.promise_withdraw": ("remove the promise from the delivery", "从交付内容中撤销承诺"),
    "cli.help.gate_promise": (
        "the delivery must make a promise; whatever it promises is checked either way",
        "要求交付内容带有承诺；只要有承诺，不加此项也会检查",
    ),
    "cli.help.gate_rows": (
        "labelled rows that came later: check the promise on them",
        "后来的有标签数据：用其检查承诺是否仍然成立",
    ),
    "promise.made": ("Promised, in {path}:", "已写入承诺（{path}）："),
    "promise.withdrawn": ("The promise was removed from {path}.", "已从 {path} 撤销承诺。"),
    "promise.left_out": (
        "{left_out} rows of {file} were left out: repeats, no label, or texts of the training rows.",
        "{file} 中有 {left_out} 行未使用：重复、没有标签，或文本与训练数据相同。",
    ),
    "promise.resign": (
        "The delivery changed, so its signature is void. Sign it again: rankfirst sign {run} --key KEY.",
        "交付内容已改变，原签名失效。请重新签名：rankfirst sign {run} --key 私钥。",
    ),
    "promise.title": ("Promise", "承诺"),
    "promise.clause.recall": (
        "recall of {name} at least {least:.1%}: of its rows, at least this share have {name} in their answer set (measured {share:.1%}, {kept} of {rows}; lower limit {low:.1%})",
        "{name} 的召回率不低于 {least:.1%}：该类别的样本中至少有这一比例，其候选标签包含 {name}（实测 {share:.1%}，{kept}/{rows}；下限 {low:.1%}）",
    ),
    "promise.clause.precision": (
        "precision of {name} at least {least:.1%}: of the rows that get this label, at least this share belong to the class (measured {share:.1%}, {kept} of {rows}; lower limit {low:.1%})",
        "{name} 的精确率不低于 {least:.1%}：得到该标签的样本中至少有这一比例属于该类别（实测 {share:.1%}，{kept}/{rows}；下限 {low:.1%}）",
    ),
    "promise.clause.precision_all": (
        "precision at least {least:.1%}: of the rows that get a label, at least this share are right (measured {share:.1%}, {kept} of {rows}; lower limit {low:.1%})",
        "精确率不低于 {least:.1%}：给出标签的样本中至少有这一比例正确（实测 {share:.1%}，{kept}/{rows}；下限 {low:.1%}）",
    ),
    "promise.kept.sets": (
        "where {names} cannot be excluded beside another label, the model abstains and names both in the answer set",
        "如果在另一标签之外不能排除 {names}，模型拒识，并在候选标签中同时列出",
    ),
    "promise.kept.given": (
        "a label is given to {answered:.1%} of the rows; {left:.1%} are left to a person",
        "{answered:.1%} 的样本给出标签，{left:.1%} 转人工",
    ),
    "promise.shown": (
        "shown on {rows} distinct texts of {source}, which nothing else used; all of it holds with {confidence:.1%} confidence on rows like these",
        "依据：{rows} 条互不相同的文本（{source}），均未作他用；对同类数据，以上全部成立的置信水平为 {confidence:.1%}",
    ),
    "promise.source.test": ("the test rows of the run", "该运行的测试集"),
    "promise.source.file": ("{file}", "{file}"),
    "promise.unchecked": (
        "the training rows were not at hand, so whether {file} repeats texts of theirs was not checked",
        "训练数据不在原处，未能检查 {file} 是否含有训练数据中的文本",
    ),
    "promise.others": (
        "other formats keep it by their own rules (share that gets a label): {names}; the figures above are those of {own}",
        "其他格式按各自的规则遵守承诺（给出标签的比例）：{names}；以上数字取自 {own}",
    ),
    "promise.unshown": (
        "the answers of {names} do not show it on these rows, so {names} gives no answers until the promise is removed",
        "{names} 的结果在这些数据上无法验证承诺，因此在撤销承诺之前 {names} 拒绝给出结果",
    ),
    "promise.other_backend": (
        "{run} makes a promise that was not shown with the answers of {backend} as it is now exported, so {backend} gives none (shown: {shown}). Promise again after exporting (rankfirst promise), use another --backend, or remove it with --withdraw.",
        "{run} 带有承诺，但未用当前导出的 {backend} 的结果验证过（已验证：{shown}），因此 {backend} 拒绝给出结果。请在导出之后重新运行 rankfirst promise，或改用其他 --backend，或用 --withdraw 撤销承诺。",
    ),
    "promise.damaged": (
        "{path} is damaged or names classes that the model does not have. Promise again: rankfirst promise, or copy the folder again.",
        "{path} 已损坏，或含有该模型没有的类别。请重新运行 rankfirst promise，或重新复制该文件夹。",
    ),
    "promise.none": (
        "{path} makes no promise, so there is nothing to remove.",
        "{path} 没有承诺，无需撤销。",
    ),
    "promise.nothing": (
        "Nothing is promised. Use --recall CLASS=SHARE, --precision CLASS=SHARE or --precision-all SHARE.",
        "没有给出要承诺的内容。请用 --recall 类别=比例、--precision 类别=比例 或 --precision-all 比例。",
    ),
    "promise.bad_pair": (
        "{flag} {value} is not CLASS=SHARE. Example: {flag} refund=0.9.",
        "{flag} {value} 不是“类别=比例”。例如：{flag} refund=0.9。",
    ),
    "promise.twice": (
        "{flag} names {name} twice. Give each class one share.",
        "{flag} 两次指定了 {name}。每个类别只能给一个比例。",
    ),
    "promise.bad_share": (
        "A {kind} of {value} cannot be promised: give a share above 0 and below 1.",
        "无法承诺 {value} 的 {kind}：请给出大于 0 且小于 1 的比例。",
    ),
    "promise.bad_confidence": (
        "A promise cannot be shown at a confidence of {value}: give one from 0.5 to below 1, such as 0.95.",
        "{value} 不是可以验证的置信水平：请给出 0.5 到 1（不含 1）之间的数，例如 0.95。",
    ),
    "promise.unknown_class": (
        "{name!r} is not a class of this model. Its classes: {classes}.",
        "{name!r} 不是该模型的类别。该模型的类别：{classes}。",
    ),
    "promise.withdraw_alone": (
        "--withdraw removes the promise and takes no other option. Drop the others, or drop --withdraw.",
        "--withdraw 用于撤销承诺，不能与其他选项同用。请去掉其他选项，或去掉 --withdraw。",
    ),
    "promise.no_test_rows": (
        "{path} has no test rows that nothing else used. Name labelled rows with --rows.",
        "{path} 没有未作他用的测试集。请用 --rows 指定有标签的数据。",
    ),
    "promise.rows_gone": (
        "The test rows of {path} are gone or have changed since the run. Name labelled rows with --rows.",
        "{path} 的测试数据已不在原处或已改变。请用 --rows 指定有标签的数据。",
    ),
    "promise.no_labels": (
        "None of the {rows} rows of {path} has a label and a text that the model has not seen. Name other rows with --rows.",
        "{path} 的 {rows} 行中，没有既带标签、文本又未被模型见过的数据。请用 --rows 指定其他数据。",
    ),
    "promise.few.recall": (
        "{name} has {rows} rows; showing a recall of {least:.1%} with {confidence:.1%} confidence needs at least {needed} rows of the class, even if none is missed. Label more and name them with --rows.",
        "{name} 只有 {rows} 行；要以 {confidence:.1%} 的置信水平证明召回率不低于 {least:.1%}，即使全部正确也至少需要该类别的 {needed} 行。请标注更多数据，并用 --rows 指定。",
    ),
    "promise.few.precision": (
        "The model would give the label {name} to {rows} rows; showing a precision of {least:.1%} with {confidence:.1%} confidence needs at least {needed}, even if all are right. Label more rows and name them with --rows.",
        "模型会给出标签 {name} 的只有 {rows} 行；要以 {confidence:.1%} 的置信水平证明精确率不低于 {least:.1%}，即使全部正确也至少需要 {needed} 行。请标注更多数据，并用 --rows 指定。",
    ),
    "promise.few.precision_all": (
        "The model would give a label to {rows} rows; showing a precision of {least:.1%} with {confidence:.1%} confidence needs at least {needed}, even if all are right. Label more rows and name them with --rows.",
        "模型会给出标签的只有 {rows} 行；要以 {confidence:.1%} 的置信水平证明精确率不低于 {least:.1%}，即使全部正确也至少需要 {needed} 行。请标注更多数据，并用 --rows 指定。",
    ),
    "promise.unkept.recall": (
        "A recall of {least:.1%} for {name} cannot be shown: even with the largest answer sets {kept} of {rows} rows have it ({share:.1%}), which supports at most {low:.1%}. Promise less, or give more rows with --rows.",
        "无法证明 {name} 的召回率不低于 {least:.1%}：候选标签最多时，{rows} 行中也只有 {kept} 行包含该类别（{share:.1%}），最多可承诺 {low:.1%}。请降低承诺，或用 --rows 给出更多数据。",
    ),
    "promise.unkept.precision": (
        "A precision of {least:.1%} for {name} cannot be shown: of the {rows} surest rows with this label {kept} are right ({share:.1%}), which supports at most {low:.1%}. Promise less, or give more rows with --rows.",
        "无法证明 {name} 的精确率不低于 {least:.1%}：置信度最高的 {rows} 行中有 {kept} 行正确（{share:.1%}），最多可承诺 {low:.1%}。请降低承诺，或用 --rows 给出更多数据。",
    ),
    "promise.unkept.precision_all": (
        "A precision of {least:.1%} cannot be shown: of the {rows} surest rows {kept} are right ({share:.1%}), which supports at most {low:.1%}. Promise less, or give more rows with --rows.",
        "无法证明精确率不低于 {least:.1%}：置信度最高的 {rows} 行中有 {kept} 行正确（{share:.1%}），最多可承诺 {low:.1%}。请降低承诺，或用 --rows 给出更多数据。",
    ),
    "gate.promise": (
        "it promises {what} with {confidence:.1%} confidence, shown on {rows} rows",
        "承诺 {what}，置信水平 {confidence:.1%}，依据 {rows} 行数据",
    ),
    "gate.promise_none": (
        "the delivery makes no promise (rankfirst promise)",
        "交付内容没有承诺（rankfirst promise）",
    ),
    "gate.promise_gone": (
        "the model in use promises {what}; this one does not",
        "在用模型承诺 {what}，新模型没有该承诺",
    ),
    "gate.promise_kept": (
        "{what} holds on {rows} rows of {file}: {share:.1%} ({kept} of {of}), 95% interval {low:.1%} to {high:.1%}",
        "{what} 在 {file} 的 {rows} 行上成立：{share:.1%}（{kept}/{of}），95% 区间 {low:.1%} 至 {high:.1%}",
    ),
    "gate.promise_unsure": (
        "{what} on {rows} rows of {file}: {share:.1%} ({kept} of {of}), but the 95% interval, {low:.1%} to {high:.1%}, does not tell whether it holds",
        "{what}，在 {file} 的 {rows} 行上为 {share:.1%}（{kept}/{of}），但 95% 区间 {low:.1%} 至 {high:.1%} 不足以判断是否成立",
    ),
    "gate.promise_broken": (
        "{what} is broken on {rows} rows of {file}: {share:.1%} ({kept} of {of}), 95% interval {low:.1%} to {high:.1%}",
        "{what} 在 {file} 的 {rows} 行上不成立：{share:.1%}（{kept}/{of}），95% 区间 {low:.1%} 至 {high:.1%}",
    ),
    "promise.short.recall": ("recall of {name} ≥ {least:.1%}", "{name} 的召回率 ≥ {least:.1%}"),
    "promise.short.precision": ("precision of {name} ≥ {least:.1%}", "{name} 的精确率 ≥ {least:.1%}"),
    "promise.short.precision_all": ("precision of all given labels ≥ {least:.1%}", "给出标签的精确率 ≥ {least:.1%}"),
}
