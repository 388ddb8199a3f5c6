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
    "cli.help.explain_answers": (
        "say why: the words that moved each answer, the nearest training rows with their labels, and how far it was from abstaining. Reads each text up to 48 times more",
        "给出理由：影响结果的词、最相近的训练数据及其标签、距拒识还有多远。每条文本最多多读 48 次",
    ),
    "cli.help.quote": (
        "--explain, and quote the texts of the nearest rows from the data of the run, which must still be there",
        "同 --explain，并从该次运行的数据中引用最相近各行的原文（数据须仍在原处）",
    ),
    "explain.no_rows": (
        "The data that {path} was trained on are gone or have changed, so the nearest rows cannot be quoted. Without --quote their numbers and labels are given.",
        "{path} 的训练数据已不在或有改动，无法引用最相近各行的原文。不加 --quote 时仍会给出行号和标签。",
    ),
    "cli.help.serve_explain": (
        'answer requests with "explain": true, at most 8 texts each; one takes as long as up to 48 answers',
        '允许请求带 "explain": true，每次最多 8 条；每条耗时最多相当于 48 次作答',
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
