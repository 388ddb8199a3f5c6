"""Sentences: texts of no class, thresholds by F-beta, costs of mistakes: options, errors, the card."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "cli.help.oos": (
        "texts that belong to no class, a file: the score that says when to abstain is chosen by them. At least 20",
        "不属于任何类别的文本文件：据此选定判断何时不作答的分数，至少 20 条",
    ),
    "cli.help.oos_label": (
        "rows with this label belong to no class (such as oos): they are not trained on, the abstain score is chosen by them",
        "带此标签（如 oos）的数据不属于任何类别：不参与训练，用来选定不作答的分数",
    ),
    "cli.help.coverage": (
        "share of validation rows to answer; the others are left to a person (--abstain of predict)",
        "验证集中要作答的比例，其余转人工（predict 的 --abstain）",
    ),
    "cli.help.beta": (
        "several labels a row: thresholds maximise F-beta; above 1 recall counts more, below 1 precision",
        "多标签：阈值使 F-beta 最大；大于 1 更看重召回率，小于 1 更看重精确率",
    ),
    "cli.help.costs": (
        "what mistakes cost, a file with columns true, predicted, cost, or a square of classes; what it leaves out costs 1. The answer with the least expected cost is given",
        "误判代价文件：列为 true、predicted、cost，或类别方阵；未列出的误判代价为 1。模型给出期望代价最小的答案",
    ),
    "cli.help.abstain_cost": (
        "what it costs to leave a row to a person: the model abstains where every answer is expected to cost more",
        "转人工一次的代价：所有答案的期望代价都更高时，模型不作答",
    ),
    "option.costs_multi": (
        "--costs and --abstain-cost need one label a row; these rows carry several. Use --beta to weigh recall against precision.",
        "--costs 与 --abstain-cost 只用于单标签数据，而这份数据每行可有多个标签。请用 --beta 权衡召回率与精确率。",
    ),
    "option.beta_single": (
        "--beta moves the thresholds of several labels a row; these rows carry one. Use --costs to weigh mistakes.",
        "--beta 调整多标签的阈值，而这份数据是单标签。请用 --costs 给误判定代价。",
    ),
    "option.oos_twice": (
        "--oos and --oos-label both name texts of no class. Give one of them.",
        "--oos 与 --oos-label 都指定了不属于任何类别的文本，请只给一个。",
    ),
    "data.few_outside": (
        "{path} holds {found} different texts of no class that are no row of the data; at least {needed} are needed to choose by. Add some, or leave --oos out.",
        "{path} 中不属于任何类别、且不与数据重复的文本只有 {found} 条，至少需要 {needed} 条才能据此选择。请补充，或去掉 --oos。",
    ),
    "data.few_outside_rows": (
        "{found} rows of {path} and its validation rows are labelled {label}; at least {needed} different ones are needed to choose by. Check --oos-label, or leave it out.",
        "{path} 及验证集中标签为 {label} 的数据有 {found} 条，至少需要 {needed} 条不同的文本才能据此选择。请检查 --oos-label，或去掉它。",
    ),
    "data.outside_and_more": (
        "{path}, line {line}: {label} stands beside other labels, but a row of no class has none. Remove one or the other.",
        "{path} 第 {line} 行：{label} 与其他标签同时出现，而不属于任何类别的数据不应有其他标签。请二选一。",
    ),
    "data.note.outside": (
        "{rows} texts labelled {label} belong to no class: not trained on, the abstain score is chosen by them; {test} more are kept for the end",
        "标签为 {label} 的 {rows} 条文本不属于任何类别：不参与训练，用来选定不作答的分数；另有 {test} 条留到最后检验",
    ),
    "costs.unknown": (
        "{path}, line {line}: {label} is no class of the data. Known: {known}.",
        "{path} 第 {line} 行：数据中没有类别 {label}。已有类别：{known}。",
    ),
    "costs.twice": (
        "{path}, line {line}: the cost of {predicted} for {true} is given twice. Keep one.",
        "{path} 第 {line} 行：{true} 判为 {predicted} 的代价给了两次，请只保留一个。",
    ),
    "costs.bad": (
        "{path}, line {line}: {found} is no cost. Costs are numbers from 0 up.",
        "{path} 第 {line} 行：{found} 不是代价。代价须为不小于 0 的数。",
    ),
    "costs.nothing": (
        "{path}: no wrong answer costs anything, so every answer is as good as another. Name a cost above 0.",
        "{path}：所有误判的代价都是 0，怎么回答都一样。请至少给出一个大于 0 的代价。",
    ),
    "costs.no_pair": (
        "{path}: {found} is no pair of a true and a predicted class.",
        "{path}：{found} 不是（真实类别，预测类别）的组合。",
    ),
    "costs.shape": (
        "{path} has the columns {columns}. Costs need true, predicted, cost; or a column of true classes and then one column a predicted class.",
        "{path} 的列为 {columns}。代价文件须有 true、predicted、cost 三列；或第一列为真实类别，其后每个预测类别一列。",
    ),
    "card.scope": (
        "It abstains by {score}: {coverage} of the validation rows are answered, {kept} of these right ({every} if all were answered). {measured}",
        "按{score}决定不作答：验证集中 {coverage} 的数据作答，其中 {kept} 正确（全部作答则为 {every}）。{measured}",
    ),
    "card.scope.measured": (
        "On {rows} texts of no class that it was not chosen by: AUROC {auroc}, {recall} of them are left unanswered.",
        "在 {rows} 条未参与选择的类别外文本上：AUROC {auroc}，其中 {recall} 不作答。",
    ),
    "card.scope.unmeasured": (
        "How well that finds texts of no class was not measured.",
        "识别类别外文本的效果未经测量。",
    ),
    "card.costs": (
        "It gives the answer with the least expected cost by the user's table; mean cost a validation row {before} → {after}.",
        "按使用者给定的代价表给出期望代价最小的答案；验证集每行平均代价 {before} → {after}。",
    ),
}
