"""Sentences: what a notebook shows."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "notebook.no_pandas": (
        'For a DataFrame, install pandas: pip install "rankfirst[pandas]"',
        '需要 DataFrame 时，请安装 pandas：pip install "rankfirst[pandas]"',
    ),
    "notebook.more_rows": ("{more} more rows are not shown.", "另有 {more} 行未显示。"),
    "notebook.more_classes": (
        "{more} more classes are in the report.",
        "其余 {more} 个类别见报告。",
    ),
    "notebook.bad_plot": (
        "There is no chart {kind!r}. Known: {known}.",
        "没有图表 {kind!r}。可用：{known}。",
    ),
    "notebook.no_curves": ("LoRA was not trained in this run.", "这次运行没有训练 LoRA。"),
    "notebook.no_recall": ("This run has no recall per class.", "这次运行没有各类别的召回率。"),
    "notebook.no_confusion": (
        "No two classes were confused on these rows.",
        "这些数据上没有互相混淆的类别。",
    ),
    "notebook.several_labels": (
        'Rows with several labels have no confusions of one class with another; see plot("recalls").',
        '多标签数据没有“一类误判为另一类”的混淆，请看 plot("recalls")。',
    ),
    "progress.done": ("Finished in {time}.", "已完成，用时 {time}。"),
    "progress.stopped": (
        "Stopped after {time}. Finished steps are kept: the same call continues from there.",
        "运行 {time} 后停止。已完成的步骤都已保存，再次以相同参数调用即可继续。",
    ),
    "progress.failed": ("Stopped after {time}.", "运行 {time} 后停止。"),
}
