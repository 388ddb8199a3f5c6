"""Sentences of what the local page does beside showing runs."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "cli.help.ui_read_only": (
        "Only show runs: no uploads, no training, nothing is written.",
        "只查看运行：不上传、不训练、不写入任何文件。",
    ),
    "ui.footer_acts": (
        "Everything comes from these folders, and what the page writes stays in them. It sends nothing out.",
        "所有内容都来自这些文件夹，网页写入的文件也只在其中，不会自行向外发送任何数据。",
    ),
    # --- what goes wrong ---
    "ui.stale_form": (
        "This form is no longer valid, because the page was restarted or opened in another session. Go back, reload the page and send it again.",
        "表单已失效：网页服务重启过，或表单来自另一个会话。请返回并刷新页面，再重新提交。",
    ),
    "ui.base_path": (
        "{text} is not the name of a base model. This page takes names such as auto:small, pkg:PACKAGE or ORGANISATION/MODEL; a folder can be used on the command line only.",
        "{text} 不是底座模型的名称。网页只接受 auto:small、pkg:包名、组织/模型 这类名称；文件夹只能在命令行中使用。",
    ),
    "ui.no_file": (
        "there is no file {path} below the folders that this page shows. Upload it, or choose one from the list.",
        "本页所显示的文件夹中没有 {path}。请上传该文件，或从列表中选择。",
    ),
    "ui.file_missing": ("choose a file first.", "请先选择文件。"),
    "ui.no_job": (
        "There is no such task. It may have been removed from the list.",
        "没有这项任务，可能已从列表中移除。",
    ),
    "ui.no_assessment": (
        "There is no assessment here, or it cannot be read. Assess the file again.",
        "这里没有评估结果，或结果无法读取。请重新评估该文件。",
    ),
    # --- a new file ---
    "ui.new": ("New: assess or fit a file", "新建：评估或训练"),
    "ui.new.subtitle": ("from a file of labelled texts", "从带标签的文本文件开始"),
    "ui.new.head": ("Which file?", "选择文件"),
    "ui.new.drop": ("Drop a file here, or choose one", "把文件拖到这里，或点击选择"),
    "ui.new.drop_note": (
        "CSV, TSV, JSON Lines, Parquet or Excel with a text and a label column, at most 256 MB. It stays on the machine that runs this page.",
        "CSV、TSV、JSON Lines、Parquet 或 Excel，含文本列和标签列，最大 256 MB。文件只保存在运行本页的机器上。",
    ),
    "ui.new.file": ("Or a file that is already here", "或使用已有的文件"),
    "ui.new.file_note": (
        "{count} files found below the folders of this page.",
        "本页的文件夹中找到 {count} 个文件。",
    ),
    "ui.new.options": ("Options", "选项"),
    "ui.new.assess": ("Assess", "评估"),
    "ui.new.fit": ("Fit", "训练"),
    "ui.new.buttons_note": (
        "Assess checks the data, measures the baselines and says whether LoRA is needed. Fit searches, trains and delivers a model.",
        "“评估”检查数据、测量基线，并说明是否需要 LoRA；“训练”搜索超参、训练并交付模型。",
    ),
    "ui.field.text": ("Text column", "文本列"),
    "ui.field_note.text": (
        "Empty: found by its name. Several are joined: subject,body",
        "留空则按列名识别；多列会拼接，如 subject,body",
    ),
    "ui.field.label": ("Label column", "标签列"),
    "ui.field_note.label": (
        "Empty: found by its name. Several 0/1 columns: a,b,c",
        "留空则按列名识别；多个 0/1 列写作 a,b,c",
    ),
    "ui.field.budget": ("Time limit", "时间上限"),
    "ui.field_note.budget": (
        "Such as 10m or 1.5h. Empty: limited by compute, so results can be repeated",
        "如 10m、1.5h；留空则按计算量限制，结果可复现",
    ),
    "ui.field.prefer": ("When is a more expensive model worth delivering?", "更贵的模型何时值得交付？"),
    "ui.prefer.cheaper": ("if it gains 2 points of macro-F1", "宏平均 F1 提高 2 个百分点"),
    "ui.prefer.balanced": ("if it gains half a point", "提高半个百分点"),
    "ui.prefer.better": ("if any gain is expected", "只要预期有提升"),
    "ui.field.base_model": ("Base model", "底座模型"),
    "ui.field_note.base_model": (
        "Empty: chosen by the script of the texts. auto:small compares several",
        "留空则按文本的语言选择；auto:small 会比较几个小模型",
    ),
    "ui.field.drop_suspects": ("Train without suspect labels", "训练时去掉可疑标签"),
    "ui.field_note.drop_suspects": (
        "if a model trained without them is better on the validation rows",
        "前提是去掉后在验证集上更好",
    ),
    "ui.field.val": ("Validation file", "验证文件"),
    "ui.field_note.val": (
        "One that is already here. Empty: rows are held out of the training file",
        "使用已有的文件；留空则从训练文件中留出",
    ),
    "ui.field.test": ("Test file", "测试文件"),
    "ui.field_note.test": (
        "One that is already here. Empty: rows are held out of the training file",
        "使用已有的文件；留空则从训练文件中留出",
    ),
    "ui.field.name": ("Name", "名称"),
    "ui.field_note.name": (
        "Of the folder of the result. Empty: that of the file",
        "结果文件夹的名称；留空则与文件同名",
    ),
    "ui.field.quick": ("Assess without a base model", "评估时不用底座模型"),
    "ui.field_note.quick": (
        "Data checks and TF-IDF only: seconds instead of minutes, but it cannot say whether LoRA is needed",
        "只做数据检查和 TF-IDF：几秒即可，但无法说明是否需要 LoRA",
    ),
    # --- a task ---
    "ui.kind.assess": ("Assessment", "评估"),
    "ui.kind.fit": ("Fit", "训练"),
    "ui.job.head.assess": ("Assessing the file", "正在评估"),
    "ui.job.head.fit": ("Fitting a model", "正在训练"),
    "ui.job.waiting": ("waiting", "等待中"),
    "ui.job.running": ("running", "运行中"),
    "ui.job.done": ("done", "已完成"),
    "ui.job.failed": ("failed", "失败"),
    "ui.job.stopped": ("stopped", "已停止"),
    "ui.job.before": ("{count} {count!p:task|tasks} before this one.", "前面还有 {count} 项任务。"),
    "ui.job.note.waiting": ("It begins in a moment.", "即将开始。"),
    "ui.job.note.running": (
        "The result opens here as soon as there is something to see.",
        "一有结果，本页会自动打开。",
    ),
    "ui.job.note.done": ("The result is in the list of runs.", "结果在运行列表中。"),
    "ui.job.note.failed": ("The command ended with this message:", "命令以下面的信息结束："),
    "ui.job.note.stopped": (
        "It was stopped. A fit continues from its last finished step.",
        "任务已停止。训练会从最后完成的一步继续。",
    ),
    "ui.job.survives": (
        "It goes on if you close this page, and even if the page is shut down. One task runs at a time.",
        "关闭本页，甚至停掉网页服务，任务都会继续。同一时间只运行一项任务。",
    ),
    "ui.job.stop": ("Stop", "停止"),
    "ui.job.again": ("Run again", "再次运行"),
    "ui.job.continue": ("Continue", "继续"),
    "ui.job.change": ("Change the options", "修改选项"),
    "ui.job.forget": ("Remove from the list", "从列表移除"),
    "ui.assessed.fit": ("Fit a model on this file", "用这个文件训练模型"),
    "ui.assessed.fit_note": (
        "With the same columns. Every option of `rankfirst fit` is on the command line.",
        "沿用相同的列。`rankfirst fit` 的全部选项见命令行。",
    ),
    # --- a text for a model ---
    "ui.try": ("Try a text", "试一条文本"),
    "ui.try.subtitle": ("with the model of {run}", "使用 {run} 的模型"),
    "ui.try.back": ("The run", "返回运行"),
    "ui.try.text": ("Text", "文本"),
    "ui.try.ask": ("Classify", "分类"),
    "ui.try.busy": (
        "The first text takes longer, because the model is loaded.",
        "第一条文本需要加载模型，稍慢一些。",
    ),
    "ui.try.empty": ("Enter a text first.", "请先输入文本。"),
    "ui.try.answer": ("Answer", "回答"),
    "ui.try.none": ("none of the classes", "不属于任何类别"),
    "ui.try.confidence": ("Confidence", "置信度"),
    "ui.try.confidence_note": ("calibrated probability of this class", "该类别校准后的概率"),
    "ui.try.confidence_set": ("calibrated probability that all labels are right", "全部标签都正确的校准概率"),
    "ui.try.abstain": ("Would it abstain?", "会拒识吗？"),
    "ui.try.abstains": ("abstains", "拒识"),
    "ui.try.answers": ("answers", "作答"),
    "ui.try.costly": (
        "With the costs of this run, every answer is expected to cost more than leaving the text to a person.",
        "按本次运行的代价设定，任何回答的预期代价都高于转人工。",
    ),
    "ui.try.promised": (
        "No label is sure enough for what the delivery promises: a person chooses from the labels above.",
        "没有哪个标签可靠到足以兑现模型的承诺：由人工从上面的标签中选择。",
    ),
    "ui.try.never": (
        "This model has no threshold for abstaining, so it answers every text.",
        "该模型没有拒识阈值，任何文本都会作答。",
    ),
    "ui.try.score.max_prob": (
        "It abstains if its confidence is below {threshold}; for this text it is {value}.",
        "置信度低于 {threshold} 时拒识；这条文本为 {value}。",
    ),
    "ui.try.score.energy": (
        "It abstains if no class fits well: an energy score below {threshold}; this text has {value}.",
        "没有合适的类别时拒识，即能量得分低于 {threshold}；这条文本为 {value}。",
    ),
    "ui.try.score.mahalanobis": (
        "It abstains if a text is unlike the training rows: a score below {threshold}; this text has {value} (relative Mahalanobis distance, higher fits better).",
        "文本与训练数据差别过大时拒识，即得分低于 {threshold}；这条文本为 {value}（相对马氏距离，越高越吻合）。",
    ),
    "ui.try.score.knn": (
        "It abstains if a text is unlike the training rows: a similarity to the nearest rows below {threshold}; this text has {value}.",
        "文本与训练数据差别过大时拒识，即与最近邻的相似度低于 {threshold}；这条文本为 {value}。",
    ),
    "ui.try.classes": ("Most likely classes", "最可能的类别"),
    "ui.try.neighbours": ("Most similar training rows", "最相似的训练数据"),
    "ui.try.neighbours_note": (
        "By shared character n-grams, not by the model. Rows with another label show what it may confuse.",
        "按共同的字符 n-gram 计算，与模型无关。标签不同的行提示可能混淆的类别。",
    ),
    "ui.try.rows_gone": (
        "The training file is no longer where it was, or has changed, so its rows cannot be shown.",
        "训练文件已不在原处或有改动，无法显示其中的数据。",
    ),
    "ui.try.nothing_like_it": (
        "No training row has much in common with this text.",
        "训练数据中没有与这条文本相近的内容。",
    ),
    # --- doubted labels ---
    "ui.review": ("Review labels", "复核标签"),
    "ui.review.subtitle": ("rows whose labels are contradicted", "标签存疑的数据"),
    "ui.review.back": ("The assessment", "返回评估"),
    "ui.review.link": ("Review {count} labels", "复核 {count} 条标签"),
    "ui.review.head": ("{left} of {rows} rows to review", "待复核 {left} 条，共 {rows} 条"),
    "ui.review.done": ("All rows are reviewed", "全部复核完毕"),
    "ui.review.nothing": ("No label of this file is contradicted", "这个文件中没有存疑的标签"),
    "ui.review.given": ("Label in the file", "文件中的标签"),
    "ui.review.line": ("line {line}", "第 {line} 行"),
    "ui.review.suggested": ("Suggested", "建议"),
    "ui.review.why": ("Why", "原因"),
    "ui.review.twin": ("Similar text", "相似文本"),
    "ui.review.keep": ("Keep", "保留"),
    "ui.review.relabel": ("Relabel", "改标签"),
    "ui.review.drop": ("Drop", "删除"),
    "ui.review.undo": ("Undo", "撤销"),
    "ui.review.other": ("Another label", "其他标签"),
    "ui.review.other_set": ("Other labels, with | between them", "其他标签，用 | 分隔"),
    "ui.review.clean": ("Cleaned file", "清洗后的文件"),
    "ui.review.counts": (
        "Keep {keep}, relabel {relabel}, drop {drop}, open {left}.",
        "保留 {keep}，改标签 {relabel}，删除 {drop}，待定 {left}。",
    ),
    "ui.review.clean_note": (
        "A copy is written to uploads/; the file itself stays as it is. Rows that are open keep their labels. Exact repeats, empty rows, spellings of one label and invisible characters are cleaned as by `rankfirst assess --fix`.",
        "副本写入 uploads/，原文件不变；待定的数据保留原标签。完全重复的行、空行、同一标签的不同写法和不可见字符，按 `rankfirst assess --fix` 的方式清洗。",
    ),
    "ui.review.write": ("Write the cleaned file", "写出清洗后的文件"),
    "ui.review.all": ("All {count} rows", "全部 {count} 条"),
    "ui.review.written": ("Written: {path}", "已写出：{path}"),
    "ui.review.changes": (
        "{changes} {changes!p:change|changes}; {corrected} rows carry a reviewed label.",
        "共 {changes} 处修改；{corrected} 条数据的标签经过复核。",
    ),
    "ui.review.use": ("Assess or fit the cleaned file", "评估或训练清洗后的文件"),
    "ui.review.download": ("Download it", "下载"),
    "ui.review.download_changes": ("Download the changes", "下载修改记录"),
    "ui.review.corrections_note": (
        "The reviewed labels alone are in {path}, for `rankfirst assess --fix CLEANED --corrections FILE`.",
        "复核过的标签单独保存在 {path}，可用于 `rankfirst assess --fix 新文件 --corrections 文件`。",
    ),
    "ui.review.no_row": ("There is no such row to review.", "没有这条待复核的数据。"),
    "ui.review.no_texts": (
        "This page was started with --no-texts, so rows cannot be reviewed here.",
        "本页以 --no-texts 启动，不显示数据，无法在此复核。",
    ),
    "ui.review.no_label": ("enter the right label first.", "请先填写正确的标签。"),
    "ui.review.one_label": ("each row of this file has one label.", "这个文件的每条数据只有一个标签。"),
    "ui.review.unknown": (
        "{label} is not a class of this file. Choose one from the list.",
        "{label} 不是这个文件中的类别，请从列表中选择。",
    ),
    "ui.review.changed": (
        "{path} has changed since it was assessed, so line numbers may mean other rows. Assess it again.",
        "{path} 在评估之后有改动，行号可能已对应其他数据。请重新评估。",
    ),
    "ui.review.unwritable": (
        "The file could not be written. Check the free space and the permissions of the folder.",
        "文件无法写出。请检查剩余空间和文件夹的权限。",
    ),
    # --- notes ---
    "ui.notes": ("Note, tags", "备注与标记"),
    "ui.notes.note": ("Note", "备注"),
    "ui.notes.tags": ("Tags, with commas between them", "标记（用逗号分隔）"),
    "ui.notes.archive": ("Archive: leave it out of the list", "归档：不在列表中显示"),
    "ui.notes.archived": ("archived", "已归档"),
    "ui.notes.save": ("Save", "保存"),
    "ui.notes.show": ("Show archived runs ({count})", "显示已归档的运行（{count}）"),
    "ui.notes.hide": ("Hide archived runs ({count})", "隐藏已归档的运行（{count}）"),
    "ui.notes.unwritable": (
        "The note could not be saved. Check the free space and the permissions of the folder of {run}.",
        "备注无法保存。请检查剩余空间和 {run} 文件夹的权限。",
    ),
}
