"""Sentences: how columns and labels were read. A question is one line that names the option which decides."""

from typing import Final

# One line each: what was found, and which option settles it.
_QUESTIONS: Final[dict[str, tuple[str, str]]] = {
    "data.ask.texts": (
        "{path}: several columns may hold the texts: {columns}. Choose one, for example --text {first}.",
        "{path}：有多列可能是文本：{columns}。请指定一列，例如 --text {first}。",
    ),
    "data.ask.labels": (
        "{path}: several columns may hold the label: {columns}. Choose one, for example --label {first}.",
        "{path}：有多列可能是标签：{columns}。请指定一列，例如 --label {first}。",
    ),
    "data.ask.flags_or_label": (
        "{path}: it is unclear whether the {count} columns of 0 and 1 are the labels ({columns}) or {rivals}. Choose with --label, for example --label {first}.",
        "{path}：无法确定标签是那 {count} 个 0/1 列（{columns}）还是 {rivals}。请用 --label 指定，例如 --label {first}。",
    ),
    "data.ask.flags": (
        "{path}: the columns of 0 and 1 ({columns}) may be facts about the rows rather than labels: {facts}. If they are the labels, pass --label {joined}; else name the label column with --label.",
        "{path}：0/1 列（{columns}）中有的更像是行的属性而不是标签：{facts}。如果它们就是标签，请用 --label {joined}；否则请用 --label 指定标签列。",
    ),
    "data.ask.nearly_zero_one": (
        "{path}: column '{column}' looks like one of the label columns ({columns}), but line {line} holds '{found}' instead of 0 or 1. Correct the cell, or name the label columns with --label.",
        "{path}：“{column}”列看起来也是标签列之一（{columns}），但第 {line} 行的值是“{found}”，不是 0 或 1。请改正，或用 --label 指定标签列。",
    ),
    "data.ask.some_lists": (
        "{path}: {lists} of {total} cells of column '{column}' are written as lists (line {line}: {cell}), the others are not (line {other}: {plain}). Pass --separator list to read the others as one label each, or --separator none if every cell is one label.",
        "{path}：“{column}”列的 {total} 个单元格中有 {lists} 个写成列表（第 {line} 行：{cell}），其余不是（第 {other} 行：{plain}）。"
        "如果其余各为一个标签，请用 --separator list；如果每格都是一个标签，请用 --separator none。",
    ),
    "data.ask.answers": (
        "{path}: without the {rows} rows whose column 'answer' is not 'accept', column '{column}' holds a single label ({label}). To learn which rows are accepted, pass --label answer.",
        "{path}：去掉 answer 列不是 accept 的 {rows} 行之后，“{column}”列只剩一个标签（{label}）。如需学习哪些行被接受，请用 --label answer。",
    ),
    "data.ask.broken_lists": (
        "{path}: {lists} of {total} cells of column '{column}' are in brackets but cannot be read as lists, such as {cell}. Write them as JSON lists, in full, or pass --separator none if each is the name of a class.",
        "{path}：“{column}”列的 {total} 个单元格中有 {lists} 个带括号，但无法按列表读取，例如 {cell}。请写成完整的 JSON 列表；如果整个单元格是类别名，请用 --separator none。",
    ),
    "data.ask.bits": (
        "{path}: the cells of column '{column}' are strings of {length} zeros and ones, such as {cell}. Pass --label-names with {length} names to read them by position, or --separator none if each is the name of a class.",
        "{path}：“{column}”列的单元格是 {length} 位的 0/1 字符串，例如 {cell}。如果每一位对应一个类别，请用 --label-names 给出 {length} 个名称；"
        "如果整个字符串是类别名，请用 --separator none。",
    ),
    "data.soft_labels": (
        "{path}: column '{column}' holds soft labels, a probability for each class, such as {example}. Training needs one class per row, or 0 and 1 per class; write the likeliest class of each row instead.",
        "{path}：“{column}”列是软标签，即每个类别的概率，例如 {example}。训练需要每行一个类别，或每个类别 0/1；请改写为每行概率最大的类别。",
    ),
    "data.score_labels": (
        "{path}: column '{column}' holds scores rather than labels, such as {example}. Training needs one class per row, or 0 and 1 per class; apply a threshold first.",
        "{path}：“{column}”列是分数而不是标签，例如 {example}。训练需要每行一个类别，或每个类别 0/1；请先按阈值转换。",
    ),
    "data.votes": (
        "{path}: column '{column}' holds {length} values per row that repeat, such as {example}, so they are votes or counts rather than labels. Write the winning label of each row, or 0 and 1 per class.",
        "{path}：“{column}”列每行有 {length} 个值且有重复，例如 {example}，应是多人标注或计数而不是标签。请改写为每行的最终标签，或每个类别 0/1。",
    ),
    "data.vector_lengths": (
        "{path}: column '{column}' holds lists of 0 and 1 of several lengths ({least} to {most}). Lists of 0 and 1 need one position per class in every row.",
        "{path}：“{column}”列的 0/1 列表长度不一（{least} 到 {most}）。0/1 列表的每一位应对应一个类别，各行长度相同。",
    ),
    "data.vector_names": (
        "{path}: --label-names gives {names} names, but the lists of column '{column}' have {length} positions. Give one name per position.",
        "{path}：--label-names 给出了 {names} 个名称，而“{column}”列的列表有 {length} 位。请为每一位给出一个名称。",
    ),
    "data.label_names": (
        "--label-names needs at least two different names, separated by commas or one per line of a file; '{value}' gives {found}.",
        "--label-names 需要至少两个不同的名称，用逗号分隔，或写成每行一个的文件；“{value}”给出了 {found} 个。",
    ),
    "data.label_names_unused": (
        "{path}: --label-names gives {names} names, but column '{column}' holds labels such as '{label}' rather than lists of 0 and 1 or class ids counted from 0. Leave --label-names out.",
        "{path}：--label-names 给出了 {names} 个名称，但“{column}”列是“{label}”这样的标签，不是 0/1 列表，也不是从 0 开始的类别编号。请去掉 --label-names。",
    ),
    "data.label_objects": (
        "{path}: the cells of column '{column}' are JSON objects that name no labels: {cell}. Write a label, or a list of labels.",
        "{path}：“{column}”列的单元格是 JSON 对象，其中找不到标签：{cell}。请改写为标签或标签列表。",
    ),
    "data.continuous_labels": (
        "{path}: column '{column}' holds {levels} different fractions, such as {found}, so it is a measurement rather than a class. Choose another column with --label, or write classes.",
        "{path}：“{column}”列有 {levels} 个不同的小数，例如 {found}，是数值而不是类别。请用 --label 换一列，或改写为类别。",
    ),
}

# What was guessed while reading, and why.
_GUESSES: Final[dict[str, tuple[str, str]]] = {
    "data.note.text_column": (
        "{file}: the texts were read from column '{column}', whose name is usual for texts.",
        "{file}：文本取自“{column}”列，依据是列名。",
    ),
    "data.note.text_column_over": (
        "{file}: the texts were read from column '{column}' by its name; {others} might hold texts too. Choose another with --text.",
        "{file}：文本按列名取自“{column}”列；{others} 也可能是文本。如需换列，请用 --text。",
    ),
    "data.note.label_column": (
        "{file}: the labels were read from column '{column}', whose name is usual for labels.",
        "{file}：标签取自“{column}”列，依据是列名。",
    ),
    "data.note.label_column_over": (
        "{file}: the labels were read from column '{column}' by its name; {others} might hold labels too. Choose another with --label.",
        "{file}：标签按列名取自“{column}”列；{others} 也可能是标签。如需换列，请用 --label。",
    ),
    "data.note.label_columns": (
        "{file}: {count} columns were read as one label each, because they hold only 0 and 1: {columns}. Choose others with --label.",
        "{file}：有 {count} 列只含 0 和 1，已按一列一个标签读取：{columns}。如需换列，请用 --label。",
    ),
    "data.note.one_hot_columns": (
        "Every row holds exactly one 1 in the columns {columns}, so each row has one label. If rows may have none or several, pass --empty-is-none.",
        "{columns} 这几列中每行恰好有一个 1，因此按单标签读取。如果一行可以没有标签或有多个标签，请加 --empty-is-none。",
    ),
    "data.note.other_text_column": (
        "{file} has no column '{missing}'; its texts were read from column '{column}'.",
        "{file} 没有“{missing}”列，文本取自“{column}”列。",
    ),
    "data.note.other_label_column": (
        "{file} has no column '{missing}'; its labels were read from column '{column}'.",
        "{file} 没有“{missing}”列，标签取自“{column}”列。",
    ),
    "data.note.lists_cells": (
        "Every cell of column '{column}' is written as a list, such as {example}, and was read as one.",
        "“{column}”列的单元格都写成列表，例如 {example}，已按列表读取。",
    ),
    "data.note.objects_cells": (
        "Cells of column '{column}' are objects such as {example}; the labels they name were read.",
        "“{column}”列的单元格是 {example} 这样的对象，已读取其中的标签。",
    ),
    "data.note.joined_cells": (
        "Cells of column '{column}' were split into several labels at '{separator}' ({cells} different ones, such as '{example}'). If each is one label, pass --separator none.",
        "“{column}”列的单元格已按“{separator}”拆成多个标签（共 {cells} 种，例如“{example}”）。如果这样的单元格是一个标签，请用 --separator none。",
    ),
    "data.note.whole_cells": (
        "Labels of column '{column}' that contain '{separator}' were read as one label each: {cells}. If they hold several, pass --separator '{separator}'.",
        "“{column}”列中含有“{separator}”的标签各按一个标签读取：{cells}。如果是多个标签，请用 --separator '{separator}'。",
    ),
    "data.note.vectors": (
        "Column '{column}' holds lists of {length} zeros and ones; each position was read as a label: {names}. Name them with --label-names.",
        "“{column}”列是 {length} 位的 0/1 列表，已按位置读取为标签：{names}。可用 --label-names 命名。",
    ),
    "data.note.vectors_named": (
        "Column '{column}' holds lists of {length} zeros and ones; the positions are, in order: {names}.",
        "“{column}”列是 {length} 位的 0/1 列表；各位置依次为：{names}。",
    ),
    "data.note.one_hot": (
        "Column '{column}' holds lists of {length} zeros and exactly one 1, so each row has one label, by position: {names}. Name them with --label-names; if rows may have none or several labels, pass --empty-is-none.",
        "“{column}”列是 {length} 位的列表，每行恰好有一个 1，因此按位置读取为单标签：{names}。可用 --label-names 命名；如果一行可以没有标签或有多个标签，请加 --empty-is-none。",
    ),
    "data.note.one_hot_named": (
        "Column '{column}' holds lists of {length} zeros and exactly one 1, so each row has one label; the positions are, in order: {names}. If rows may have none or several labels, pass --empty-is-none.",
        "“{column}”列是 {length} 位的列表，每行恰好有一个 1，因此按单标签读取；各位置依次为：{names}。如果一行可以没有标签或有多个标签，请加 --empty-is-none。",
    ),
    "data.note.single_lists": (
        "No list of column '{column}' holds more than one label, so each row has one label. If rows may have none or several, pass --empty-is-none.",
        "“{column}”列的列表都不超过一个标签，因此按单标签读取。如果一行可以没有标签或有多个标签，请加 --empty-is-none。",
    ),
    "data.note.unannotated": (
        "{rows} row(s) with an empty list in column '{column}' {rows!p:was|were} left out as not annotated. If they belong to none of the classes, pass --empty-is-none.",
        "“{column}”列有 {rows} 行是空列表，视为未标注，已略去。如果它们不属于任何类别，请加 --empty-is-none。",
    ),
    "data.note.no_label_rows": (
        "{rows} row(s) have no label and count as rows of none of the classes. If they are not annotated yet, remove them.",
        "有 {rows} 行没有标签，视为不属于任何类别。如果只是尚未标注，请删除这些行。",
    ),
    "data.note.rejected": (
        "{file}: {rows} row(s) whose column 'answer' is not 'accept' {rows!p:was|were} left out. To train on the answers themselves, pass --label answer.",
        "{file}：有 {rows} 行的 answer 列不是 accept，已略去。如需把 answer 本身作为标签，请用 --label answer。",
    ),
}

SENTENCES: Final[dict[str, tuple[str, str]]] = _QUESTIONS | _GUESSES
