"""Sentences: file formats, and the exports of annotation tools."""

from typing import Final

_ERRORS: Final[dict[str, tuple[str, str]]] = {
    "data.json_shape": (
        "{path} is one JSON object ({keys}) in which no rows were found. Write a list of objects, or one object per line.",
        "{path} 是单个 JSON 对象（{keys}），其中找不到数据行。请写成对象列表，或每行一个对象。",
    ),
    "data.json_of_splits": (
        "{path} holds several splits ({splits}), but one is needed here. Save the rows of one split to a file.",
        "{path} 含有多个数据划分（{splits}），这里只需要一个。请把其中一个划分单独存成文件。",
    ),
    "data.json_split_row": (
        '{path}: row {row} of {split} is {found}. Each row must be ["text", "label"] or an object with named fields.',
        '{path}：{split} 的第 {row} 行是 {found}。每行应为 ["文本", "标签"] 或带字段名的对象。',
    ),
    "data.bad_archive": (
        "{path} cannot be unpacked: {reason}. Compress the file again, or pass it uncompressed.",
        "无法解压 {path}：{reason}。请重新压缩，或直接使用未压缩的文件。",
    ),
    "data.archive_too_large": (
        "{path} unpacks to more than {limit} MiB, far more than rows of text usually do. If it is genuine, unpack it yourself and pass the file.",
        "{path} 解压后超过 {limit} MiB，远大于文本数据的正常压缩比。若文件无误，请自行解压后再指定。",
    ),
    "data.archive_members": (
        "{path} holds {count} files ({names}), but one is needed. Unpack it and pass the file, or the folder with its splits.",
        "{path} 中有 {count} 个文件（{names}），这里只需要一个。请解压后指定文件，或含有各个划分的文件夹。",
    ),
    "data.archive_locked": (
        "{path} is protected by a password. Unpack it and pass the file.",
        "{path} 有密码保护。请解压后再指定文件。",
    ),
    "data.no_openpyxl": (
        '{path} is a workbook; reading it needs openpyxl: pip install "rankfirst[excel]". Or save the sheet as CSV.',
        '{path} 是 Excel 工作簿，读取需要 openpyxl：pip install "rankfirst[excel]"。也可以另存为 CSV。',
    ),
    "data.bad_workbook": (
        "{path} cannot be read as a workbook: {reason}. Save it again as .xlsx, or as CSV.",
        "{path} 无法按 Excel 工作簿读取：{reason}。请重新另存为 .xlsx 或 CSV。",
    ),
    "data.no_input": (
        "- stands for standard input, but nothing is piped in. Pipe the rows, or pass a file.",
        "- 表示标准输入，但没有数据通过管道传入。请用管道传入数据，或指定文件。",
    ),
    "data.split_twice": (
        "The folder {path} holds several files of the split {split} ({files}). Keep one, or pass the files by name.",
        "文件夹 {path} 中划分 {split} 有多个文件（{files}）。请只保留一个，或直接指定文件。",
    ),
    "data.span_labels": (
        "{path} labels parts of texts (spans), which is another task. Export labels of whole texts (classification).",
        "{path} 标注的是文本片段（span），属于另一种任务。请导出整条文本的分类标签。",
    ),
    "data.none_accepted": (
        "{path}: none of its {rows} rows was accepted in Prodigy. Accept some, or export another set.",
        "{path}：{rows} 行在 Prodigy 中都没有被接受（accept）。请先接受一部分，或导出其他数据集。",
    ),
    "data.none_annotated": (
        "{path}: none of its {rows} tasks has a choice in Label Studio. Annotate some, or export another project.",
        "{path}：{rows} 个任务在 Label Studio 中都没有选择结果。请先标注一部分，或导出其他项目。",
    ),
    "data.no_frame": (
        "Rows in Python must be a DataFrame, a dict of columns, or a list of dicts or of (text, label) pairs; found {found}. Pass one of these.",
        "Python 中的数据应为 DataFrame、按列组织的字典，或由字典、(文本, 标签) 组成的列表；实际是 {found}。请传入其中一种。",
    ),
    "data.frame_lengths": (
        "The columns have different lengths ({lengths}). Pass columns with one cell per row.",
        "各列长度不同（{lengths}）。每列应与行数一致。",
    ),
    "data.no_datasets": (
        "{path}: data sets of the Hub need the datasets package: pip install datasets. Or pass files.",
        "{path}：读取 Hub 上的数据集需要 datasets 包：pip install datasets。也可以直接指定文件。",
    ),
    "data.hub_failed": (
        "{path} could not be loaded by datasets: {reason}. Check the id and the connection, or save it to a folder and pass that.",
        "datasets 无法加载 {path}：{reason}。请检查名称和网络，或先保存到文件夹再指定。",
    ),
}

_NOTES: Final[dict[str, tuple[str, str]]] = {
    "data.note.delimiter": (
        "{file} was read with the delimiter {delimiter}.",
        "{file} 按分隔符 {delimiter} 读取。",
    ),
    "data.note.json_splits": (
        "{file} is one JSON object of splits ({splits}); they were used as they are.",
        "{file} 是按划分组织的 JSON 对象（{splits}），已按其中的划分读取。",
    ),
    "data.note.json_classes": (
        "{file} is one JSON object from {classes} classes to lists of texts, and was read as such.",
        "{file} 是从 {classes} 个类别到文本列表的 JSON 对象，已按此读取。",
    ),
    "data.note.unpacked": (
        "{file} was unpacked and read as {inner}.",
        "{file} 已解压，按 {inner} 读取。",
    ),
    "data.note.sheet": (
        "{file}: the sheet {sheet} was read, and not {others}.",
        "{file}：读取了工作表 {sheet}，未读取 {others}。",
    ),
    "data.note.fasttext": (
        "{file} was read as fastText's format (__label__x text).",
        "{file} 按 fastText 格式（__label__x 文本）读取。",
    ),
    "data.note.doccano": (
        "{file} was read as an export of doccano.",
        "{file} 按 doccano 导出格式读取。",
    ),
    "data.note.prodigy": (
        "{file} was read as an export of Prodigy: {rows} accepted rows; {rejected} rejected and {ignored} ignored ones were left out.",
        "{file} 按 Prodigy 导出格式读取：使用已接受的 {rows} 行，未使用拒绝的 {rejected} 行和忽略的 {ignored} 行。",
    ),
    "data.note.label_studio": (
        "{file} was read as an export of Label Studio: {rows} annotated rows; left out: {open} without a choice, {torn} on which annotators disagree.",
        "{file} 按 Label Studio 导出格式读取：使用已标注的 {rows} 行；未使用：没有选择结果的 {open} 行，标注者意见不一的 {torn} 行。",
    ),
    "data.note.clue": (
        "{file} was read as CLUE's format: the labels are the names in {column}.",
        "{file} 按 CLUE 格式读取：标签取自 {column} 中的名称。",
    ),
    "data.note.hub": (
        "{name} was loaded from the Hub with its splits ({splits}).",
        "{name} 从 Hub 加载，含划分 {splits}。",
    ),
}

# Rows of docs/formats.md.
_FORMATS: Final[dict[str, tuple[str, str]]] = {
    "format.csv": (
        "Delimited text with a header. Comma, semicolon, tab or pipe, whichever fits the first rows; a first line `sep=;` is followed.",
        "带表头的分隔文本。逗号、分号、制表符或竖线，以最符合开头各行的为准；首行的 `sep=;` 会生效。",
    ),
    "format.tsv": (
        "Tab-separated text with a header.",
        "带表头的制表符分隔文本。",
    ),
    "format.jsonl": (
        "One JSON object per line.",
        "每行一个 JSON 对象。",
    ),
    "format.json": (
        "A list of objects or of [text, label] pairs; one object of columns, or from class names to texts; or one object whose keys are splits, as CLINC's `data_full.json` (`oos_train` joins `train`).",
        "对象或 [文本, 标签] 组成的列表；按列组织的单个对象，或从类别名到文本列表的对象；或以划分为键的单个对象，如 CLINC 的 `data_full.json`（`oos_train` 并入 `train`）。",
    ),
    "format.parquet": (
        "Parquet; class ids with names in the metadata of `datasets` become names.",
        "Parquet；`datasets` 元数据中带名称的类别编号会换成名称。",
    ),
    "format.xlsx": (
        "The first sheet with rows; its first row is the header. Formulas are read as their values.",
        "第一个有数据的工作表，首行为表头。公式按其值读取。",
    ),
    "format.txt": (
        "fastText's `__label__x text`; text with a header; otherwise one text per line.",
        "fastText 的 `__label__x 文本`；带表头的文本；否则每行一条文本。",
    ),
    "format.compressed": (
        "Any of these formats compressed, such as `train.csv.gz`, or a .zip with one file. Unpacking is bounded.",
        "以上格式的压缩文件，如 `train.csv.gz`，或只含一个文件的 .zip。解压大小有上限。",
    ),
    "format.doccano": (
        "doccano: JSON Lines of `text` and a list `label`.",
        "doccano：含 `text` 和列表 `label` 的 JSON Lines。",
    ),
    "format.label_studio": (
        "Label Studio: JSON, JSON-MIN and CSV with choices. Cancelled annotations and rows on which annotators disagree are left out.",
        "Label Studio：带 choices 的 JSON、JSON-MIN 和 CSV。已取消的标注和标注者意见不一的行不使用。",
    ),
    "format.argilla": (
        "Argilla: records as JSON, and flattened ones with `label.responses`. Discarded and draft responses and records on which annotators disagree are left out.",
        "Argilla：JSON 格式的 records，以及展开后含 `label.responses` 的表格。已丢弃、草稿状态的回答和标注者意见不一的记录不使用。",
    ),
    "data.note.argilla": (
        "{file} was read as an export of Argilla: {rows} answered records; left out: {open} without a response, {torn} on which annotators disagree.",
        "{file} 按 Argilla 导出格式读取：使用已回答的 {rows} 条；未使用：没有回答的 {open} 条，标注者意见不一的 {torn} 条。",
    ),
    "data.none_answered": (
        "{path}: none of its {rows} records has a response in Argilla. Annotate some, or export another dataset.",
        "{path}：{rows} 条记录在 Argilla 中都没有回答。请先标注一部分，或导出其他数据集。",
    ),
    "format.prodigy": (
        "Prodigy: JSON Lines with `answer`; only accepted rows are used.",
        "Prodigy：带 `answer` 的 JSON Lines，只使用已接受的行。",
    ),
    "format.clue": (
        "CLUE: JSON Lines with `sentence`, `label` and `label_desc`; the names become the labels.",
        "CLUE：含 `sentence`、`label`、`label_desc` 的 JSON Lines，以名称作为标签。",
    ),
}

SENTENCES: Final[dict[str, tuple[str, str]]] = _ERRORS | _NOTES | _FORMATS
