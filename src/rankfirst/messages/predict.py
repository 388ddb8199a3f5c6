"""Sentences: answers for a file."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "cli.help.answers": (
        "output file: the rows of the input with label, confidence and abstained; .csv, .tsv, .jsonl or .parquet. Without it: one JSON object per row on stdout",
        "结果文件：原有各列加上 label、confidence、abstained；格式由后缀决定（.csv、.tsv、.jsonl、.parquet）。不给则逐行向标准输出打印 JSON",
    ),
    "cli.help.overwrite_answers": (
        "replace the file of -o if it exists (never the input file)",
        "-o 指定的文件已存在时覆盖（绝不覆盖输入文件）",
    ),
    "cli.step.predict": ("predicting", "预测"),
    "predict.done": (
        "{rows:,} rows predicted, {abstained:,} of them with abstention (better left to a person): {path}",
        "已预测 {rows:,} 行，其中 {abstained:,} 行被拒识（abstained），建议转人工：{path}",
    ),
    "predict.bad": (
        "rankfirst: {count:,} rows could not be read and have no prediction: lines {lines}. The reason for each: {path}",
        "rankfirst：{count:,} 行无法读取，没有结果，行号 {lines}。逐行原因见 {path}",
    ),
    "predict.no_rows": (
        "{path} has column names but no rows, so there is nothing to predict.",
        "{path} 只有列名，没有数据行，没有可预测的内容。",
    ),
    "predict.bad_out": (
        "{path}: predictions can be written as {known}. Give -o one of these suffixes.",
        "{path}：结果可以写成 {known}。请让 -o 的文件名带上其中一种后缀。",
    ),
    "predict.over_input": (
        "{path} is the input file, which is never overwritten. Name another file with -o.",
        "{path} 就是输入文件，不会被覆盖。请在 -o 后换一个文件名。",
    ),
    "predict.exists": (
        "{path} exists already. Pass --overwrite to replace it, or name another file with -o.",
        "{path} 已存在。如要替换该文件请加 --overwrite，或在 -o 后换一个文件名。",
    ),
    "predict.no_folder": (
        "there is no folder {path} to write to. Create it first, or name another file with -o.",
        "文件夹 {path} 不存在，无法写入。请先创建，或在 -o 后换一个文件名。",
    ),
    "predict.unwritable": (
        "{path} cannot be written: {reason}. No partial file was left; free some space, or name another file with -o.",
        "无法写入 {path}：{reason}。没有留下任何文件；请腾出空间，或在 -o 后换一个文件名。",
    ),
    "predict.nothing_to_overwrite": (
        "--overwrite replaces the file of -o, but there is no -o. Drop it, or name a file with -o.",
        "--overwrite 用于替换 -o 指定的文件，但没有给出 -o。请去掉它，或用 -o 指定结果文件。",
    ),
}
