"""Sentences: answers for a file."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "cli.help.answers": (
        "write here: the rows of the file with label, confidence and abstained; .csv, .tsv, .jsonl or .parquet. Without it: one line of JSON a row on stdout",
        "结果文件：原有各列加上 label、confidence、abstained；格式由后缀决定（.csv、.tsv、.jsonl、.parquet）。不给则逐行向标准输出打印 JSON",
    ),
    "cli.help.overwrite_answers": (
        "replace the file of -o if it is there (never the file that is read)",
        "-o 指定的文件已存在时覆盖（绝不覆盖输入文件）",
    ),
    "cli.step.predict": ("answering", "预测"),
    "predict.done": (
        "{rows:,} rows answered, {abstained:,} of them better left to a person (abstained): {path}",
        "已预测 {rows:,} 行，其中 {abstained:,} 行建议转人工（abstained）：{path}",
    ),
    "predict.bad": (
        "rankfirst: {count:,} rows could not be read and have no answer: lines {lines}. Each with its reason: {path}",
        "rankfirst：{count:,} 行无法读取，没有结果，行号 {lines}。逐行原因见 {path}",
    ),
    "predict.no_rows": (
        "{path} has column names but no rows: there is nothing to answer.",
        "{path} 只有列名，没有数据行，没有可预测的内容。",
    ),
    "predict.bad_out": (
        "{path}: answers can be written as {known}. Give -o one of these suffixes.",
        "{path}：结果可以写成 {known}。请让 -o 的文件名带上其中一种后缀。",
    ),
    "predict.over_input": (
        "{path} is the file to read, which is never written over. Name another file after -o.",
        "{path} 就是输入文件，不会被覆盖。请在 -o 后换一个文件名。",
    ),
    "predict.exists": (
        "{path} exists already. Say --overwrite to replace a file, or name another one after -o.",
        "{path} 已存在。如要替换该文件请加 --overwrite，或在 -o 后换一个文件名。",
    ),
    "predict.no_folder": (
        "there is no folder {path} to write into. Make it first, or name another file after -o.",
        "文件夹 {path} 不存在，无法写入。请先创建，或在 -o 后换一个文件名。",
    ),
    "predict.unwritable": (
        "{path} cannot be written: {reason}. Nothing was left behind; make room or name another file after -o.",
        "无法写入 {path}：{reason}。没有留下任何文件；请腾出空间，或在 -o 后换一个文件名。",
    ),
    "predict.nothing_to_overwrite": (
        "--overwrite replaces the file of -o, and there is no -o. Leave it out, or say where to write.",
        "--overwrite 用于替换 -o 指定的文件，但没有给出 -o。请去掉它，或用 -o 指定结果文件。",
    ),
}
