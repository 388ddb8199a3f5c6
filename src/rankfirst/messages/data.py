"""Sentences: data. Errors say what is wrong, what was found, what to do; notes say what was changed on the way."""

from typing import Final

_FILES: Final[dict[str, tuple[str, str]]] = {
    "data.missing_file": (
        "There is no file or folder {path}. Check the path.",
        "找不到文件或文件夹 {path}，请检查路径。",
    ),
    "data.unreadable_file": (
        "{path} cannot be read: {reason}. Check its permissions.",
        "无法读取 {path}：{reason}。请检查文件权限。",
    ),
    "data.unknown_format": (
        "{path} ends in {suffix}, which is not a readable format. Use one of {known}, or a folder with a file or datasets folder per split.",
        "{path} 的后缀 {suffix} 不是可读取的格式。请使用 {known} 之一，或每个划分一个文件（或 datasets 文件夹）的文件夹。",
    ),
    "data.empty_file": (
        "{path} is empty. It needs a header and rows.",
        "{path} 是空文件，需要有表头和数据行。",
    ),
    "data.no_rows": (
        "{path} has columns but no rows. Add labelled rows.",
        "{path} 只有列名，没有数据行。请补充带标签的数据。",
    ),
    "data.not_a_dataset_folder": (
        "The folder {path} holds neither train, val or test files nor the .arrow files of save_to_disk. Pass a file, or such a folder.",
        "文件夹 {path} 中既没有 train、val、test 文件，也没有 save_to_disk 的 .arrow 文件。请指定文件，或这样的文件夹。",
    ),
    "data.folder_of_splits": (
        "The folder {path} holds several splits ({splits}), but one is needed here. Pass the folder of one split.",
        "文件夹 {path} 含有多个数据划分（{splits}），这里只需要一个。请指定其中一个划分的文件夹。",
    ),
    "data.no_train_folder": (
        "The folder {path} has no train split, only {splits}. Pass the folder of the split to train on.",
        "文件夹 {path} 没有 train 划分，只有 {splits}。请指定用于训练的那个划分的文件夹。",
    ),
    "data.encoding": (
        "{path} was read as {encoding}, but line {line} is not valid in it. Name its encoding with --encoding, or save it as UTF-8.",
        "{path} 按 {encoding} 读取，但第 {line} 行不是合法的 {encoding}。请用 --encoding 指定编码，或另存为 UTF-8。",
    ),
    "data.encoding_unsure": (
        "{path} is not UTF-8 (first in line {line}) and may be: {candidates}. Name the right one with --encoding, or save it as UTF-8.",
        "{path} 不是 UTF-8（首次出现在第 {line} 行），可能是：{candidates}。请用 --encoding 指定正确的编码，或另存为 UTF-8。",
    ),
    "data.encoding_none": (
        "{path} is not UTF-8 (first in line {line}), nor text in any encoding that is recognised. Name it with --encoding, or save it as UTF-8.",
        "{path} 不是 UTF-8（首次出现在第 {line} 行），也不是可识别的其他编码的文本。请用 --encoding 指定编码，或另存为 UTF-8。",
    ),
    "data.nul_byte": (
        "{path} has a NUL character in line {line}, so it is damaged or not a text file. Export it again as UTF-8.",
        "{path} 第 {line} 行含有 NUL 字符，文件已损坏或不是文本文件。请重新导出为 UTF-8。",
    ),
    "data.open_quote": (
        "{path}: the quotation mark opened in line {line} is never closed. Close it, or double the quotes in the text.",
        "{path}：第 {line} 行的引号没有闭合。请补上引号，或把文本中的引号写成两个。",
    ),
    "data.ragged_row": (
        "{path}, line {line}: found {found} fields, but the header has {expected}. Put texts that contain the delimiter in quotes.",
        "{path} 第 {line} 行：有 {found} 个字段，而表头有 {expected} 个。文本里含有分隔符时请加引号。",
    ),
    "data.bad_json": (
        "{path}, line {line}: not valid JSON ({reason}). Write one complete object per line.",
        "{path} 第 {line} 行：不是合法的 JSON（{reason}）。请每行写一个完整的对象。",
    ),
    "data.json_not_object": (
        '{path}, line {line}: expected an object like {{"text": …, "label": …}}, found {found}. Name the fields.',
        '{path} 第 {line} 行：应为 {{"text": …, "label": …}} 这样的对象，实际是 {found}。请写明字段名。',
    ),
    "data.bad_parquet": (
        "{path} cannot be read as Parquet: {reason}. Write the file again.",
        "{path} 无法按 Parquet 读取：{reason}。请重新生成文件。",
    ),
    "data.bad_arrow": (
        "The dataset folder {path} cannot be read: {reason}. Save it again with save_to_disk.",
        "数据集文件夹 {path} 无法读取：{reason}。请用 save_to_disk 重新保存。",
    ),
    "data.bad_column": (
        "Column {column} of {path} holds values that cannot be read: {reason}. Write it as text.",
        "{path} 的列 {column} 含有无法读取的值：{reason}。请改存为文本。",
    ),
    "data.not_a_file": (
        "{path} is neither a file nor a folder (a pipe or a device). Save the rows to a file first.",
        "{path} 既不是文件也不是文件夹（可能是管道或设备）。请先把数据存成文件。",
    ),
}

_COLUMNS: Final[dict[str, tuple[str, str]]] = {
    "data.duplicate_column": (
        "{path} has two columns named '{column}'. Rename or remove one.",
        "{path} 有两列都叫“{column}”。请改名或删除其中一列。",
    ),
    "data.no_such_column": (
        "{path} has no column '{column}'; its columns are: {columns}. Name one of these.",
        "{path} 没有“{column}”列；现有的列：{columns}。请指定其中一列。",
    ),
    "data.no_text_column": (
        "{path} has no column with a usual name for texts; its columns are: {columns}. Name one, for example --text {first}, or rename it, for example to {known}.",
        "{path} 没有以常用文本列名命名的列；现有的列：{columns}。请指定一列，例如 --text {first}，或改名，例如 {known}。",
    ),
    "data.no_label_column": (
        "{path} has no column with a usual name for labels; its columns are: {columns}. Name one, for example --label {first}, or rename it, for example to {known}.",
        "{path} 没有以常用标签列名命名的列；现有的列：{columns}。请指定一列，例如 --label {first}，或改名，例如 {known}。",
    ),
    "data.no_header": (
        "{path}: the first line looks like a row, not like column names ({first}). Add a first line with the names, such as text,label.",
        "{path}：第一行像是数据而不是列名（{first}）。请在最前面加一行列名，例如 text,label。",
    ),
    "data.other_text_column": (
        "{path} has no text column '{column}', unlike the training file, and it is unclear which of its columns replaces it: {columns}. Say so with --text train={column},val=NAME,test=NAME.",
        "{path} 没有训练文件中的文本列“{column}”，也无法确定由哪一列代替：{columns}。请用 --text train={column},val=列名,test=列名 指定。",
    ),
    "data.other_label_column": (
        "{path} has no label column '{column}', unlike the training file, and it is unclear which of its columns replaces it: {columns}. Say so with --label train={column},val=NAME,test=NAME.",
        "{path} 没有训练文件中的标签列“{column}”，也无法确定由哪一列代替：{columns}。请用 --label train={column},val=列名,test=列名 指定。",
    ),
    "data.not_label_columns": (
        "{path}: column {column!r} was named as one of several label columns, but holds values other than 0 and 1. Name one label column, or only 0/1 columns.",
        "{path}：列 {column!r} 被列为多个标签列之一，但其中不只有 0 和 1。请只指定一个标签列，或只指定 0/1 列。",
    ),
    "data.not_dates": (
        "{path}: {rows} of {total} cells of column '{column}' are not dates ({found}); at least {limit} must be. Write them like 2024-01-31 or 2024-01-31 08:30, or as seconds since 1970, or name another column.",
        "{path}：“{column}”列的 {total} 个单元格中有 {rows} 个不是日期（{found}）；至少 {limit} 应为日期。"
        "请写成 2024-01-31、2024-01-31 08:30 或 1970 年起的秒数，或指定另一列。",
    ),
    "data.same_column": (
        "{path}: '{column}' cannot be both the text and the label. Choose two columns with --text and --label.",
        "{path}：“{column}”不能既是文本又是标签。请用 --text 和 --label 指定两列。",
    ),
    "data.text_not_text": (
        "{path}, line {line}: column '{column}' holds a value of type {found} instead of a text. Make it a string.",
        "{path} 第 {line} 行：“{column}”列应为文本，实际类型是 {found}。请改成字符串。",
    ),
    "data.label_not_text": (
        "{path}, line {line}: column '{column}' holds a value of type {found} instead of a label. Use a string or a list of strings.",
        "{path} 第 {line} 行：“{column}”列应为标签，实际类型是 {found}。请改成字符串或字符串列表。",
    ),
    "data.not_zero_one": (
        "{path}, line {line}: label column '{column}' holds '{found}'; with one column per label, every cell is 0 or 1. Correct the cell.",
        "{path} 第 {line} 行：标签列“{column}”的值是“{found}”；一列一个标签时，每格只能是 0 或 1。请改正。",
    ),
    "data.label_out_of_range": (
        "{path}, row {line}: class id {found} has no name; the dataset names {classes} classes, counted from 0. Correct the id or the names.",
        "{path} 第 {line} 行：类别编号 {found} 没有对应的名称；数据集从 0 起共命名了 {classes} 个类别。"
        "请改正编号或名称。",
    ),
}

_ROWS: Final[dict[str, tuple[str, str]]] = {
    "data.empty_texts": (
        "{path}: {rows} of {total} rows have no text (lines {lines}); {limit} or more is unlikely to be a slip. Fill them in, or choose another column with --text.",
        "{path}：{total} 行中有 {rows} 行没有文本（第 {lines} 行）；达到 {limit} 就不像是笔误了。"
        "请补全，或用 --text 换一列。",
    ),
    "data.empty_labels": (
        "{path}: {rows} of {total} rows have no label (lines {lines}); {limit} or more is unlikely to be a slip. Label them, choose another column with --label, or pass --empty-is-none if such rows belong to none of the classes.",
        "{path}：{total} 行中有 {rows} 行没有标签（第 {lines} 行）；达到 {limit} 就不像是笔误了。"
        "请补标，或用 --label 换一列；如果这些行不属于任何类别，请加 --empty-is-none。",
    ),
    "data.separator_clash": (
        "{path}: some labels of column '{column}' contain '{separator}', such as '{label}', and it is unclear whether it separates several labels. Pass --separator none if such a cell is one label, or --separator '{separator}' if it holds several.",
        "{path}：“{column}”列的一些标签含有“{separator}”，例如“{label}”，无法确定它是否用来分隔多个标签。"
        "如果这样的单元格是一个标签，请用 --separator none；如果是多个，请用 --separator '{separator}'。",
    ),
    "data.one_class": (
        "{path} has {classes} class(es) in its usable rows ({label}), but classification needs two. Add rows of another class, or choose another column with --label.",
        "{path} 的可用数据只有 {classes} 个类别（{label}），至少需要两个才能分类。"
        "请补充其他类别，或用 --label 换一列。",
    ),
    "data.too_few_rows": (
        "{path}: fewer than two of {classes} classes have two rows or more ({rows} rows; one row each: {labels}). Add rows, or check that --label names the label column.",
        "{path}：{classes} 个类别中，有两行以上数据的不足两个（共 {rows} 行；只有一行的：{labels}）。"
        "请补充数据，或检查 --label 是否指向标签列。",
    ),
    "data.too_few_texts": (
        "{path} has {texts} distinct texts, too few to hold some out without losing a class. Add rows, or pass validation and test files.",
        "{path} 只有 {texts} 条不同的文本，再留出一部分就会丢掉类别。请补充数据，或自行提供验证集和测试集。",
    ),
    "data.unknown_labels": (
        "{path}: {rows} of {total} rows carry labels that do not occur in training ({labels}), more than {limit}. Correct the {count} label(s) in the file, or add them to training.",
        "{path}：{total} 行中有 {rows} 行的标签在训练集里没有（{labels}），超过 {limit}。"
        "请改正这 {count} 个标签，或把它们加入训练集。",
    ),
}

_NOTES: Final[dict[str, tuple[str, str]]] = {
    "data.note.base_not_english": (
        "The texts are mostly not English, but in Latin letters. {many}, the default for other languages, is not on this machine and the hub cannot be reached, so {spec} is used, which was trained on English. A multilingual base probably scores higher: --base-model FOLDER",
        "文本以拉丁字母书写，但主要不是英文。其他语言的默认底座模型 {many} 不在本机，也连不上模型仓库，因此使用只用英文训练的 {spec}。换用多语言底座模型，得分可能更高：--base-model 文件夹",
    ),
    "data.note.encoding": (
        "{file} is not UTF-8; it was read as {encoding}.",
        "{file} 不是 UTF-8，已按 {encoding} 读取。",
    ),
    "data.note.utf8_anyway": (
        "{file} is valid UTF-8; it was read as such and not as {encoding}.",
        "{file} 是合法的 UTF-8，已按 UTF-8 而不是 {encoding} 读取。",
    ),
    "data.note.number_texts": (
        "{file}: {rows} texts {rows!p:is a number and was|are numbers and were} read as text (first in line {line}).",
        "{file}：有 {rows} 条文本是数字，已按文本读取（首次出现在第 {line} 行）。",
    ),
    "data.note.cut_texts": (
        "{file}: {rows} texts were cut to {limit} characters (first in line {line}).",
        "{file}：有 {rows} 条文本被截断到 {limit} 个字符（首次出现在第 {line} 行）。",
    ),
    "data.note.mixed_labels": (
        "{file}: column '{column}' mixes {numbers} numbers and {texts} texts; the numbers were read as text.",
        "{file}：“{column}”列混有 {numbers} 个数字和 {texts} 个文本，数字已按文本读取。",
    ),
    "data.note.one_label_a_row": (
        "Column '{column}' was read as multi-label, although every row has exactly one label. If rows never have more, pass --separator none and rename the column to 'label'.",
        "“{column}”列按多标签读取，但每行恰好只有一个标签。如果本就如此，请加 --separator none 并把列名改为 label。",
    ),
    "data.note.merged_labels": (
        "{labels} label spelling(s) in {rows} place(s) {labels!p:was|were} merged into the more frequent one: {pairs}. Labels that differ only in case stay apart with --keep-case.",
        "有 {labels} 种标签写法（共 {rows} 处）并入了更常见的写法：{pairs}。如需区分大小写，请加 --keep-case。",
    ),
    "data.note.empty_texts": (
        "{file}: {rows} row(s) without text {rows!p:was|were} left out (lines {lines}).",
        "{file}：已略去 {rows} 行没有文本的数据（第 {lines} 行）。",
    ),
    "data.note.empty_labels": (
        "{file}: {rows} row(s) without a label {rows!p:was|were} left out (lines {lines}).",
        "{file}：已略去 {rows} 行没有标签的数据（第 {lines} 行）。",
    ),
    "data.note.single_row_classes": (
        "{classes} class(es) have a single training row, too few for evaluation: {labels}. Add rows, or drop them.",
        "有 {classes} 个类别只有一行训练数据，无法评估：{labels}。请补充数据，或去掉这些类别。",
    ),
    "data.note.unknown_rows_dropped": (
        "{file}: {rows} row(s) were left out because their {count} label(s) do not occur in training: {labels}.",
        "{file}：已略去 {rows} 行，它们的 {count} 个标签在训练集里没有：{labels}。",
    ),
    "data.note.unknown_labels_dropped": (
        "{file}: {count} label(s) absent from training {count!p:was|were} removed from {rows} row(s): {labels}. The rows stay.",
        "{file}：有 {count} 个标签在训练集里没有，已从 {rows} 行中去掉：{labels}。这些行仍然保留。",
    ),
    "data.note.split_by_group": (
        "{made} were held out of the training rows by {column}, no group on two sides ({groups} groups). Rows now: {train} train, {val} val, {test} test.",
        "已按 {column} 从训练数据中留出 {made}，同一组不会出现在两个划分里（共 {groups} 组）。现在的行数：训练 {train}，验证 {val}，测试 {test}。",
    ),
    "data.note.split_by_time": (
        "{made} are the latest rows by {column}: training rows are before {first}, validation rows before {second}, test rows from then on. Rows now: {train} train, {val} val, {test} test.",
        "按 {column} 取最新的数据作为 {made}：训练数据早于 {first}，验证数据早于 {second}，其后为测试数据。现在的行数：训练 {train}，验证 {val}，测试 {test}。",
    ),
    "data.note.split_by_time_once": (
        "{made} holds the latest rows by {column}: training rows are before {first}, {made} rows from then on. Rows now: {train} train, {val} val, {test} test.",
        "按 {column} 取最新的数据作为 {made}：训练数据早于 {first}，其后为 {made}。现在的行数：训练 {train}，验证 {val}，测试 {test}。",
    ),
    "data.note.apart_falls": (
        "A random split would overstate the score by {fall} ± {noise} points (95% interval): TF-IDF scores macro-F1 {random} on rows held out at random and {apart} on these {rows} validation rows, which are kept apart as new rows will be.",
        "随机划分会高估得分 {fall} ± {noise} 个百分点（95% 区间）：TF-IDF 在随机留出的数据上宏平均 F1 为 {random}，在这 {rows} 行按上述方式分开的验证数据上为 {apart}，后者更接近新数据上的表现。",
    ),
    "data.note.apart_same": (
        "Keeping the sides apart changes the score by no more than random variation: TF-IDF scores macro-F1 {random} on rows held out at random and {apart} on these {rows} validation rows, a difference of {fall} ± {noise} points (95% interval).",
        "按上述方式划分与随机划分的得分差异在随机波动之内：TF-IDF 在随机留出的数据上宏平均 F1 为 {random}，在这 {rows} 行验证数据上为 {apart}，相差 {fall} ± {noise} 个百分点（95% 区间）。",
    ),
    "data.note.apart_rises": (
        "These {rows} validation rows are easier than rows held out at random: TF-IDF scores macro-F1 {apart} on them and {random} on random ones, {fall} ± {noise} points apart (95% interval).",
        "这 {rows} 行验证数据比随机留出的更容易：TF-IDF 在其上的宏平均 F1 为 {apart}，在随机留出的数据上为 {random}，相差 {fall} ± {noise} 个百分点（95% 区间）。",
    ),
    "data.note.undated": (
        "{rows} rows of {file} were left out because {column} has no date for them.",
        "{file} 中有 {rows} 行在 {column} 列没有日期，已略去。",
    ),
    "data.note.early_rows": (
        "{rows} of {total} {split} rows are dated before the last training row ({last}, by {column}), so they do not test the future.",
        "{split} 的 {total} 行中有 {rows} 行早于最后一条训练数据（{column} 为 {last}），不能检验对未来数据的效果。",
    ),
    "data.note.new_labels": (
        "{rows} {split} rows carry labels that no training row has ({labels}). They were left out, since no model can have learnt them.",
        "{split} 中有 {rows} 行带有训练数据里没有的标签（{labels}），任何模型都无从学到，已略去。",
    ),
    "data.too_few_groups": (
        "{path}: column {column} holds {groups} groups, too few to keep the splits apart. Leave out --group, or pass --val and --test.",
        "{path}：{column} 列只有 {groups} 组，不足以分开各个划分。请去掉 --group，或指定 --val 和 --test。",
    ),
    "data.too_few_dates": (
        "{path}: column {column} holds {dates} distinct dates, too few to split by time. Leave out --time, or pass --val and --test.",
        "{path}：{column} 列只有 {dates} 个不同日期，不足以按时间划分。请去掉 --time，或指定 --val 和 --test。",
    ),
    "data.shared_groups": (
        "{groups} groups of column {column} are in both {path} and {other} ({names}). Leave out {flag} so that whole groups are held out, or keep each group in one file.",
        "{column} 列中有 {groups} 组同时出现在 {path} 和 {other} 里（{names}）。请去掉 {flag}，由程序整组留出；或让每组只出现在一个文件里。",
    ),
    "data.only_new_labels": (
        "{path}: no {split} row has a label that a training row has. Leave out --time or --group, or pass --val and --test.",
        "{path}：{split} 中没有一行的标签在训练数据里出现过。请去掉 --time 或 --group，或指定 --val 和 --test。",
    ),
    "data.note.split_made": (
        "{made} were held out of the training rows. Rows now: {train} train, {val} val, {test} test.",
        "已从训练数据中留出 {made}。现在的行数：训练 {train}，验证 {val}，测试 {test}。",
    ),
}

_MEMORY: Final[dict[str, tuple[str, str]]] = {
    "data.memory.not_texts": (
        "{path}: texts must be one-dimensional and ordered, one string per row; found {found}. Pass a list of strings, or one column of the table.",
        "{path}：文本应为有序的一维序列，每行一个字符串；实际是 {found}。请传入字符串列表，或表格中的一列。",
    ),
    "data.memory.not_labels": (
        "{path}: labels must be one label per row, one list of labels per row, or a table of 0 and 1; found {found}. Pass one of these.",
        "{path}：标签应为每行一个标签、每行一个标签列表，或由 0 和 1 组成的表；实际是 {found}。请传入其中一种。",
    ),
    "data.memory.lengths": (
        "{path}: there are {texts} texts and {labels} labels. Pass one label, or one list of labels, per text.",
        "{path}：有 {texts} 条文本、{labels} 个标签。每条文本应对应一个标签或一个标签列表。",
    ),
    "data.memory.continuous": (
        "{path}: the label in row {line} is {found}, so the labels are continuous. Classes are strings or whole numbers.",
        "{path}：第 {line} 行的标签是 {found}，属于连续值。类别应为字符串或整数。",
    ),
    "data.memory.mixed_labels": (
        "{path}: labels of type {one} (row {first}) and {other} (row {second}) cannot be sorted together. "
        "Make them all strings.",
        "{path}：{one} 类型（第 {first} 行）与 {other} 类型（第 {second} 行）的标签无法一起排序。请全部改为字符串。",
    ),
    "data.memory.other_labels": (
        "{path}: the validation labels have another form than the training labels. Pass both in one form, of one type and, as tables of 0 and 1, with the same columns.",
        "{path}：验证集标签与训练集标签形式不同。请使用同一种形式和类型；若是 0/1 表，列也要相同。",
    ),
    "data.memory.half_val": (
        "{path}: validation texts were passed without their labels, or labels without texts. Pass both, or neither.",
        "{path}：验证集的文本和标签只传入了一项。请同时传入，或都不传。",
    ),
}

SENTENCES: Final[dict[str, tuple[str, str]]] = _FILES | _COLUMNS | _ROWS | _NOTES | _MEMORY
