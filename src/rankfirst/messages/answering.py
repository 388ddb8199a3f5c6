"""Sentences: abstention, thresholds by F-beta, costs of mistakes: options, errors, the report, the card."""

from typing import Final

_OPTIONS: Final[dict[str, tuple[str, str]]] = {
    "cli.help.oos": (
        "a file of out-of-scope texts, which belong to none of the classes; used to choose the abstention score. At least 20",
        "类别外文本的文件（不属于任何类别）：据此选定拒识分数，至少 20 条",
    ),
    "cli.help.oos_label": (
        "rows with this label (such as oos) are out of scope: they are not trained on, and are used to choose the abstention score",
        "带此标签（如 oos）的数据是类别外文本：不参与训练，用来选定拒识分数",
    ),
    "cli.help.coverage": (
        "share of validation rows to answer; the others go to a person (--abstain of predict)",
        "验证集中要作答的比例，其余转人工（predict 的 --abstain）",
    ),
    "cli.help.beta": (
        "multi-label: thresholds maximise F-beta; above 1 favours recall, below 1 precision",
        "多标签：阈值使 F-beta 最大；大于 1 更看重召回率，小于 1 更看重精确率",
    ),
    "cli.help.costs": (
        "costs of mistakes: a file with columns true, predicted, cost, or a square table of classes; pairs it does not list cost 1. The model predicts the class with the lowest expected cost",
        "误判代价文件：列为 true、predicted、cost，或类别方阵；未列出的误判代价为 1。模型预测期望代价最小的类别",
    ),
    "cli.help.abstain_cost": (
        "cost of leaving a row to a person: the model abstains if every class has a higher expected cost",
        "转人工一次的代价：所有类别的期望代价都更高时，模型拒识",
    ),
    "option.costs_multi": (
        "--costs and --abstain-cost need single-label rows; these rows carry several labels. Use --beta to weigh recall against precision.",
        "--costs 与 --abstain-cost 只用于单标签数据，而这份数据每行可有多个标签。请用 --beta 权衡召回率与精确率。",
    ),
    "option.beta_single": (
        "--beta sets the thresholds of multi-label rows; these rows carry one label each. Use --costs to weigh mistakes.",
        "--beta 调整多标签的阈值，而这份数据是单标签。请用 --costs 给误判定代价。",
    ),
    "option.oos_twice": (
        "--oos and --oos-label both name out-of-scope texts. Use one of them.",
        "--oos 与 --oos-label 都指定了类别外文本，请只给一个。",
    ),
    "data.few_outside": (
        "{path} holds {found} distinct out-of-scope texts that are not rows of the data; at least {needed} are needed to choose a score. Add some, or drop --oos.",
        "{path} 中与数据不重复的类别外文本只有 {found} 条，至少需要 {needed} 条才能据此选择。请补充，或去掉 --oos。",
    ),
    "data.few_outside_rows": (
        "{found} rows of {path} and its validation rows have the label {label}; at least {needed} distinct ones are needed to choose a score. Check --oos-label, or drop it.",
        "{path} 及验证集中标签为 {label} 的数据有 {found} 条，至少需要 {needed} 条不同的文本才能据此选择。请检查 --oos-label，或去掉它。",
    ),
    "data.outside_and_more": (
        "{path}, line {line}: {label} occurs with other labels, but an out-of-scope row has none. Remove one or the other.",
        "{path} 第 {line} 行：{label} 与其他标签同时出现，而类别外文本不应有其他标签。请二选一。",
    ),
    "data.note.outside": (
        "{rows} texts labelled {label} are out of scope: they are not trained on, and are used to choose the abstention score; {test} more are kept for the test",
        "标签为 {label} 的 {rows} 条文本是类别外文本：不参与训练，用来选定拒识分数；另有 {test} 条留到最后检验",
    ),
    "costs.unknown": (
        "{path}, line {line}: {label} is not a class of the data. Known: {known}.",
        "{path} 第 {line} 行：数据中没有类别 {label}。已有类别：{known}。",
    ),
    "costs.twice": (
        "{path}, line {line}: the cost of predicting {predicted} for {true} is given twice. Keep one.",
        "{path} 第 {line} 行：{true} 判为 {predicted} 的代价给了两次，请只保留一个。",
    ),
    "costs.bad": (
        "{path}, line {line}: {found} is not a cost. Costs are numbers from 0 up.",
        "{path} 第 {line} 行：{found} 不是代价。代价须为不小于 0 的数。",
    ),
    "costs.nothing": (
        "{path}: all mistakes cost 0, so all predictions are equally good. Name a cost above 0.",
        "{path}：所有误判的代价都是 0，怎么回答都一样。请至少给出一个大于 0 的代价。",
    ),
    "costs.no_pair": (
        "{path}: {found} is not a pair of a true and a predicted class.",
        "{path}：{found} 不是（真实类别，预测类别）的组合。",
    ),
    "costs.shape": (
        "{path} has the columns {columns}. Costs need true, predicted, cost; or a column of true classes followed by one column per predicted class.",
        "{path} 的列为 {columns}。代价文件须有 true、predicted、cost 三列；或第一列为真实类别，其后每个预测类别一列。",
    ),
    "card.scope": (
        "It abstains by {score}: {coverage} of the validation rows are answered, {kept} of them correctly ({every} if all are answered). {measured}",
        "按{score}拒识：验证集中 {coverage} 的数据作答，其中 {kept} 正确（全部作答则为 {every}）。{measured}",
    ),
    "card.scope.measured": (
        "On {rows} out-of-scope texts not used for that choice: AUROC {auroc}, abstains on {recall} of them.",
        "在 {rows} 条未参与选择的类别外文本上：AUROC {auroc}，其中 {recall} 被拒识。",
    ),
    "card.scope.unmeasured": (
        "Detection of out-of-scope texts was not measured.",
        "识别类别外文本的效果未经测量。",
    ),
    "card.costs": (
        "It predicts the class with the lowest expected cost in the user's table; mean cost per validation row {before} → {after}.",
        "按使用者给定的代价表预测期望代价最小的类别；验证集每行平均代价 {before} → {after}。",
    ),
}

_REPORT: Final[dict[str, tuple[str, str]]] = {
    "report.scope.max_prob": ("largest probability", "最大概率"),
    "report.scope.energy": ("energy", "能量"),
    "report.scope.mahalanobis": ("Mahalanobis distance", "马氏距离"),
    "report.scope.knn": ("nearest neighbours", "最近邻"),
    "report.scope.line": (
        "  Abstains by {score}: answers {coverage} of the validation rows (target: {asked}), {kept} of them correctly (all rows: {every}).",
        "  按{score}拒识：验证集 {coverage} 的数据作答（目标 {asked}），其中 {kept} 正确（全部作答则为 {every}）。",
    ),
    "report.scope.trial": (
        "    {score}: AUROC {auroc}, detects {recall} of the out-of-scope texts{mark}",
        "    {score}：AUROC {auroc}，识别出 {recall} 的类别外文本{mark}",
    ),
    "report.scope.mark": (" (chosen)", "（选用）"),
    "report.scope.unmeasured": (
        "    No out-of-scope examples were given (--oos), so their detection was not measured.",
        "    没有给出类别外文本（--oos），识别效果未经测量。",
    ),
    "report.scope.test": (
        "  On test: AUROC {auroc}, detects {recall} of {rows} out-of-scope texts, answers {coverage} of the test rows.",
        "  测试集：AUROC {auroc}，在 {rows} 条类别外文本中识别出 {recall}，测试数据作答 {coverage}。",
    ),
    "report.costs.line": (
        "  Mean cost per validation row {before} → {after}: the class with the lowest expected cost is predicted.",
        "  验证集每行平均代价 {before} → {after}：预测期望代价最小的类别。",
    ),
    "report.costs.test": (
        "  Mean cost per test row {before} → {after}.",
        "  测试集每行平均代价 {before} → {after}。",
    ),
    "report.costs.abstaining": (
        "  Rows with an expected cost above {abstain} go to a person: {cost} per test row, {answered} answered.",
        "  期望代价高于 {abstain} 的转人工：测试集每行 {cost}，作答 {answered}。",
    ),
    "report.beta.line": (
        "  Thresholds for F-beta {beta}: macro F-beta {before} → {after} on validation.",
        "  按 F-beta（beta {beta}）定阈值：验证集宏平均 F-beta {before} → {after}。",
    ),
    "report.trust.score": ("abstention score", "拒识分数"),
    "report.trust.asked": ("target coverage", "目标作答比例"),
    "report.trust.trial": ("{score}: AUROC, out-of-scope texts detected", "{score}：AUROC，识别出的类别外文本"),
    "report.trust.chosen_score": ("{score} (chosen)", "{score}（选用）"),
    "report.trust.outside_test": ("on test: AUROC, out-of-scope texts detected", "测试集：AUROC，识别出的类别外文本"),
    "report.trust.costs": ("mean cost per row, validation", "每行平均代价（验证集）"),
    "report.trust.costs_test": ("mean cost per row, test", "每行平均代价（测试集）"),
    "report.trust.fbeta": ("macro F-beta with these thresholds", "采用这些阈值的宏平均 F-beta"),
    "report.todo.scope": (
        "Let it abstain (`predict --abstain`): by {score}, {coverage} of the rows are answered, {kept} of them correctly instead of {every}.",
        "启用拒识（`predict --abstain`）：按{score}，{coverage} 的数据作答，其中 {kept} 正确（全部作答为 {every}）。",
    ),
}

SENTENCES: Final[dict[str, tuple[str, str]]] = _OPTIONS | _REPORT
