"""Sentences: which base model was taken, when several were named."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "cli.step.bases": ("comparing base models", "比较底座模型"),
    "bases.too_few": (
        "--base-model {text!r} is not a known list of base models. Known: {known}; or name at least two: auto:A,B",
        "--base-model {text!r} 不是已知的底座模型列表。可用：{known}；也可以自己列出至少两个：auto:A,B",
    ),
    "bases.none": (
        "none of these base models is available: {specs}. Pass a folder with --base-model, or give this machine access to Hugging Face.",
        "以下底座模型在本机都不可用：{specs}。请用 --base-model 指定文件夹，或让本机能访问 Hugging Face。",
    ),
    "report.nav.bases": ("Base model", "底座模型"),
    "assess.nav.bases": ("Base model", "底座模型"),
    "bases.head": ("Choice of the base model", "选哪个底座模型"),
    "bases.note": (
        "Each candidate encoded the same rows with frozen weights, with a logistic regression on top: {on}. Candidates within noise of the best count as equally good; of these, the one with the fewest operations per text is used. LoRA was not tried on the others.",
        "每个候选都在不训练任何权重的情况下读取同一批数据，上面只加逻辑回归：{on}。"
        "与最好者的差距在噪声以内，就视为同样好；再从中选每条文本计算量最少的一个。没有在其他候选上试 LoRA。",
    ),
    "bases.on.folds": ("{rows} training rows, cross-validated", "取 {rows} 条训练数据做交叉验证"),
    "bases.on.validation": (
        "{rows} validation rows, because training rows repeat each other in part and cross-validation would be optimistic",
        "取 {rows} 条验证数据（训练数据互有重复成分，交叉验证会偏乐观）",
    ),
    "bases.col.base": ("Base model", "底座模型"),
    "bases.col.f1": ("macro-F1, frozen", "宏平均 F1（冻结）"),
    "bases.col.behind": ("Behind the best", "与最好者的差距"),
    "bases.col.loss": ("Log-loss", "log-loss"),
    "bases.col.work": ("GFLOP per text", "每条文本 GFLOP"),
    "bases.col.size": ("Size", "大小"),
    "bases.col.ms": ("ms per text", "每条文本毫秒"),
    "bases.col.why": ("Why", "原因"),
    "bases.behind": ("{behind:.1f} ± {noise:.1f} points", "{behind:.1f} ± {noise:.1f} 个百分点"),
    "bases.reads": ("{pooling} pooling", "{pooling} 池化"),
    "bases.reads_after": ("{pooling} pooling, after “{prefix}”", "{pooling} 池化，前缀“{prefix}”"),
    "bases.taken": ("used", "选用"),
    "bases.worse": ("worse beyond noise", "明显更差，超出噪声"),
    "bases.dearer": ("no better beyond noise, and costlier", "优势不超出噪声，但更贵"),
    "bases.same_cost": ("within noise at the same cost", "计算量相当，差距在噪声以内"),
    "bases.because.best": (
        "{taken} is used: it is the best of {compared} candidates, beyond noise.",
        "选用 {taken}：在 {compared} 个候选中最好，优势超出噪声。",
    ),
    "bases.because.best_of_cheap": (
        "{taken} is used: no candidate is better, and of the {near} within noise none is clearly cheaper.",
        "选用 {taken}：没有更好的候选；差距在噪声以内的 {near} 个中，也没有明显更便宜的。",
    ),
    "bases.because.cheaper": (
        "{taken} is used: {best} scores {behind:.1f} points of macro-F1 more, which is within noise (±{noise:.1f}), but takes {times:.1f} times the operations.",
        "选用 {taken}：{best} 的宏平均 F1 高 {behind:.1f} 个百分点，但在噪声以内（±{noise:.1f}），计算量却是其 {times:.1f} 倍。",
    ),
    "bases.because.alone": (
        "{taken} is used: no other candidate could be loaded.",
        "选用 {taken}：其他候选都无法读取。",
    ),
    "bases.because.only": (
        "It is the only available candidate, so nothing was compared.",
        "只有它可用，因此没有做比较。",
    ),
    "bases.because.same_weights": (
        "The candidates hold the same weights, so nothing was compared.",
        "各候选的权重完全相同，因此没有做比较。",
    ),
    "bases.used": ("Base model: {spec}. {why}", "底座模型：{spec}。{why}"),
    "bases.missing": (
        "Not compared, because they are neither on this machine nor can be downloaded: {specs}.",
        "未参与比较（本机没有，也无法下载）：{specs}。",
    ),
    "bases.unusable": ("Not compared: {why}", "未参与比较：{why}"),
    "bases.line": (
        "{spec}: macro-F1 {f1} frozen, {work} GFLOP and {ms} ms per text, {size}: {why}",
        "{spec}：冻结宏平均 F1 {f1}，每条文本 {work} GFLOP、{ms} 毫秒，{size}：{why}",
    ),
}
