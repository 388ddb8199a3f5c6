"""Sentences of the report: when a model abstains, what its mistakes cost."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "report.scope.max_prob": ("largest probability", "最大概率"),
    "report.scope.energy": ("energy", "能量"),
    "report.scope.mahalanobis": ("Mahalanobis distance", "马氏距离"),
    "report.scope.knn": ("nearest neighbours", "最近邻"),
    "report.scope.line": (
        "  Abstains by {score}: answers {coverage} of the validation rows (asked for: {asked}), {kept} of them right (all: {every}).",
        "  按{score}决定不作答：验证集 {coverage} 的数据作答（要求 {asked}），其中 {kept} 正确（全部作答则为 {every}）。",
    ),
    "report.scope.trial": (
        "    {score}: AUROC {auroc}, finds {recall} of the texts of no class{mark}",
        "    {score}：AUROC {auroc}，识别出 {recall} 的类别外文本{mark}",
    ),
    "report.scope.mark": (" (chosen)", "（选用）"),
    "report.scope.unmeasured": (
        "    No texts of no class were given (--oos), so how well it finds them was not measured.",
        "    没有给出类别外文本（--oos），识别效果未经测量。",
    ),
    "report.scope.test": (
        "  On test: AUROC {auroc}, finds {recall} of {rows} texts of no class, answers {coverage} of the test rows.",
        "  测试集：AUROC {auroc}，在 {rows} 条类别外文本中识别出 {recall}，测试数据作答 {coverage}。",
    ),
    "report.costs.line": (
        "  Mean cost a validation row {before} → {after}: the answer with the least expected cost is given.",
        "  验证集每行平均代价 {before} → {after}：给出期望代价最小的答案。",
    ),
    "report.costs.test": (
        "  Mean cost a test row {before} → {after}.",
        "  测试集每行平均代价 {before} → {after}。",
    ),
    "report.costs.abstaining": (
        "  Leaving to a person what is dearer than {abstain}: {cost} a test row, {answered} answered.",
        "  期望代价高于 {abstain} 的转人工：测试集每行 {cost}，作答 {answered}。",
    ),
    "report.beta.line": (
        "  Thresholds for F-beta {beta}: macro F-beta {before} → {after} on validation.",
        "  按 F-beta（beta {beta}）定阈值：验证集宏 F-beta {before} → {after}。",
    ),
    "report.trust.score": ("score that says when to abstain", "判断何时不作答的分数"),
    "report.trust.asked": ("coverage asked for", "要求的作答比例"),
    "report.trust.trial": ("{score}: AUROC, texts of no class found", "{score}：AUROC，识别出的类别外文本"),
    "report.trust.chosen_score": ("{score} (chosen)", "{score}（选用）"),
    "report.trust.outside_test": ("on test: AUROC, texts of no class found", "测试集：AUROC，识别出的类别外文本"),
    "report.trust.costs": ("mean cost a row, validation", "每行平均代价（验证集）"),
    "report.trust.costs_test": ("mean cost a row, test", "每行平均代价（测试集）"),
    "report.trust.fbeta": ("macro F-beta with these thresholds", "采用这些阈值的宏 F-beta"),
    "report.todo.scope": (
        "Let it abstain (`predict --abstain`): by {score}, {coverage} of the rows are answered, {kept} of them right.",
        "允许它不作答（`predict --abstain`）：按{score}，{coverage} 的数据作答，其中 {kept} 正确。",
    ),
}
