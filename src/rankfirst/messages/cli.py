"""Sentences of the command line: what each command and flag does, progress, doctor, plan."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "cli.app": (
        "Fine-tune text classifiers with LoRA based on measurements: first capacity, then optimisation, and a report that gives the reasons.",
        "基于测量微调文本分类器（LoRA）：先定容量，再做优化，报告说明每一步的理由。",
    ),
    "cli.fit": (
        "Train a classifier on labelled texts. Repeat the same command to continue a killed run.",
        "用带标签的文本训练分类器。运行被中断后，重复同一条命令即可继续。",
    ),
    "cli.assess": (
        "Check labelled texts, measure the baselines, and say whether LoRA is needed and how much capacity it may have.",
        "检查带标签的文本，测量各基线，并回答是否需要 LoRA、最多能用多大容量。",
    ),
    "cli.advise": (
        "Explain training logs of other tools: what they show, what they cannot show, which experiment would tell, and which knob to leave alone.",
        "解读其他工具的训练日志：能得出什么、不能得出什么、哪个实验能给出答案、哪个旋钮不要动。",
    ),
    "cli.predict": ("Predict every row of a file; one JSON object per row.", "预测文件中的每一行；每行输出一个 JSON。"),
    "cli.explain": (
        "Explain a run in prose, or answer why it did not do something; every paragraph cites its journal lines.",
        "用文字讲述一次运行，或回答它为什么没有做某件事；每段都注明依据的日志行。",
    ),
    "cli.proposal": (
        "Write the technical proposal of a run: goal, assessment, choice of model, rules, tuning path, result, risks, reproduction.",
        "写出一次运行的技术方案：目标、评估、方案选择、判定规则、调参路径、结果、风险、复现。",
    ),
    "cli.help.proposal_out": (
        "file to write: .md, .html (one file), or .docx (needs the extra docx)",
        "写出的文件：.md、.html（单个文件）或 .docx（需要扩展 docx）",
    ),
    "cli.help.overwrite_proposal": ("replace an existing file", "覆盖已存在的文件"),
    "cli.help.why_not": (
        'ask why something was not done: rank=32, lr=up, "raise lr", dropout, lora, "class weights", "more data" (may be repeated)',
        "询问为什么没有做某件事：rank=32、lr=up、“提高学习率”、dropout、lora、“类别权重”、“更多数据”（可重复）",
    ),
    "cli.help.ledger": ("print every event of the journal in order instead", "改为逐条讲述日志中的每个事件"),
    "cli.report": ("Regenerate RUN/report.html from the journal.", "根据日志重新生成 RUN/report.html。"),
    "cli.demo": (
        "Run `fit` offline on two built-in synthetic data sets: several intents per message, and one.",
        "在两份自带的合成数据上离线运行 `fit`：一份一条消息多个意图，一份一条一个。",
    ),
    "cli.doctor": (
        "Show versions, device, cores, precision, and whether the model hub is reachable.",
        "版本、设备、核数、精度，以及能否连上模型仓库。",
    ),
    "cli.help.train": (
        "CSV, TSV, JSON Lines or Parquet file, or a folder saved by `datasets`",
        "CSV、TSV、JSON Lines、Parquet 文件，或 `datasets` 保存的文件夹",
    ),
    "cli.help.logs": (
        "one log per run: trainer_state.json or the folder that holds it, TensorBoard events, CSV, JSON Lines, an MLflow run folder",
        "每次运行一个日志：trainer_state.json 或其所在文件夹、TensorBoard 事件文件、CSV、JSON Lines、MLflow 运行文件夹",
    ),
    "cli.help.adapter": (
        "PEFT's adapter_config.json or its folder; default: searched beside the log",
        "PEFT 的 adapter_config.json 或其文件夹；缺省时在日志旁边查找",
    ),
    "cli.help.log_lr": ("peak lr, if the log does not hold it", "峰值 lr，日志中没有时使用"),
    "cli.help.log_rank": ("LoRA rank, if no file beside the log holds it", "LoRA 的 rank，日志旁没有时使用"),
    "cli.help.log_alpha": ("lora_alpha, if no file beside the log holds it", "lora_alpha，日志旁没有时使用"),
    "cli.help.log_val_rows": (
        "number of validation rows: gives the noise of accuracy and F1",
        "验证集的行数：据此给出准确率和 F1 的噪声",
    ),
    "cli.help.run": ("folder that `rankfirst fit -o` wrote", "`rankfirst fit -o` 写出的文件夹"),
    "cli.help.out": ("folder of the run", "本次运行的文件夹"),
    "cli.help.assessment": (
        "folder for the page, the JSON and the review lists",
        "存放网页、JSON 和待复核清单的文件夹",
    ),
    "cli.help.date": (
        "name of a date column: compares the newer half of the rows with the older",
        "日期列的列名：比较较新与较旧的两半数据",
    ),
    "cli.help.compare": (
        "a second file, with or without labels, to test for distribution shift",
        "第二个文件，有无标签均可：检验分布是否偏移",
    ),
    "cli.help.no_encoder": (
        "no base model: only data checks and baselines up to TF-IDF, in seconds",
        "不用底座模型：只做数据检查和到 TF-IDF 为止的基线，几秒完成",
    ),
    "cli.help.probe": (
        "also train the LoRA that `fit` starts from, so that the answer rests on a measurement",
        "另外按 `fit` 的起始超参训练一次 LoRA，使结论有实测依据",
    ),
    "cli.help.full": (
        "also fine-tune all weights, as an upper reference (slow)",
        "另外做全量微调，作为上限参照（较慢）",
    ),
    "cli.help.fix": (
        "write a cleaned copy of the training file here (.csv, .tsv, .jsonl or .parquet), with a list of all changes and their reasons beside it",
        "把训练文件清理后的副本写到这里（.csv、.tsv、.jsonl 或 .parquet），旁边附上每处改动和原因",
    ),
    "cli.help.drop": (
        "rows that the cleaned copy also leaves out: conflicts, suspects, leaks (comma-separated)",
        "清理后的副本还要去掉的行：conflicts（冲突）、suspects（可疑）、leaks（泄漏），用逗号分隔",
    ),
    "cli.help.overwrite_fix": ("replace an existing --fix file", "覆盖已存在的 --fix 文件"),
    "cli.help.bom": (
        "start CSV files with a byte order mark, which Excel needs to read Chinese",
        "CSV 文件以 BOM 开头，Excel 打开中文时需要",
    ),
    "cli.help.val": ("validation rows; default: held out of the training rows", "验证集；缺省时从训练数据中留出"),
    "cli.help.test": (
        "test rows, evaluated once at the end; default: held out",
        "测试集，只在最后评估一次；缺省时留出",
    ),
    "cli.help.text": (
        "name of the text column, or of several that are joined, as in subject,body",
        "文本列的列名；也可给出多列，用逗号分隔并依次拼接，如 subject,body",
    ),
    "option.bad_encoding": (
        "{flag}: Python knows no text encoding called {value}. Use a name such as utf-8, gb18030, big5, cp949, shift_jis or cp1252.",
        "{flag}：Python 没有名为 {value} 的文本编码。请使用 utf-8、gb18030、big5、cp949、shift_jis、cp1252 这样的名称。",
    ),
    "cli.help.encoding": (
        "encoding of files that are not UTF-8, such as gb18030 or cp1252; default: told from their bytes",
        "非 UTF-8 文件的编码，如 gb18030、cp1252；默认根据字节判断",
    ),
    "cli.help.label": (
        "name of the label column, or several 0/1 columns separated by commas",
        "标签列的列名，或用逗号分隔的多个 0/1 列",
    ),
    "cli.help.separator": (
        "what separates the labels of one cell (also tab, newline); none: a cell is one label; list: only cells written as lists hold several; by default found in the cells",
        "一格多个标签之间的分隔符（也可写 tab、newline）；none：一格就是一个标签；list：只有写成列表的单元格含多个标签；默认从数据判断",
    ),
    "cli.help.label_names": (
        "names of the positions of 0/1 lists, or of class ids counted from 0: a,b,c or a file with one per line",
        "0/1 列表各位置（或从 0 开始的类别编号）的名称：a,b,c，或每行一个名称的文件",
    ),
    "cli.help.empty_is_none": (
        "a row without labels belongs to none of the classes; without this flag such rows count as not annotated if each row has one label",
        "没有标签的行不属于任何类别；不加此选项时，单标签数据中的这类行视为未标注",
    ),
    "cli.help.keep_case": (
        "labels that differ only in case are different classes",
        "只有大小写不同的标签算作不同的类别",
    ),
    "cli.help.group": (
        "column of groups such as customers or threads: no group is in two splits, so scores hold for new groups",
        "分组列（如客户、会话）：同一组不会出现在两个划分里，因此分数适用于新的组",
    ),
    "cli.help.time": (
        "date column: training rows are the oldest, then validation, then test, so scores hold for later rows",
        "日期列：最早的数据用于训练，其后为验证，最新的为测试，因此分数适用于以后的数据",
    ),
    "cli.help.base_model": (
        "a folder, a Hugging Face id, a ModelScope id (ms:...), an installed package (pkg:...), or several to choose from: auto:small, auto:base, auto:multilingual, auto:zh, auto:A,B",
        "文件夹、Hugging Face id、ModelScope id（ms:...）、已安装的软件包（pkg:...），或自动从多个中选一个：auto:small、auto:base、auto:multilingual、auto:zh、auto:A,B",
    ),
    "cli.help.seed": (
        "the same seed on the same machine gives the same decisions and metrics",
        "同一种子、同一机器：决定和指标完全相同",
    ),
    "cli.help.budget": (
        "time limit such as 10m, 1.5h or 90s; without one, the budget is counted in compute",
        "时间上限，例如 10m、1.5h 或 90s；缺省时按计算量计",
    ),
    "cli.help.set": (
        "knob=value: rank=16, sites=qv+ffn@4 (top 4 layers) or qv+ffn@4+qv (q/v in all layers), lr=8e-4, scaling=2, dropout=0.1; a knob whose stage has not come yet waits for it",
        "旋钮=值：rank=16、sites=qv+ffn@4（顶部 4 层）或 qv+ffn@4+qv（q/v 用于全部层）、lr=8e-4、scaling=2、dropout=0.1；未到其阶段的旋钮会等待",
    ),
    "cli.help.force": (
        "apply --set from the start and keep it, even if the guard refuses",
        "从一开始就采用并保持 --set，即使守则拒绝",
    ),
    "cli.help.always_lora": ("deliver LoRA even if it is not needed", "即使不需要也交付 LoRA"),
    "cli.help.drop_suspects": (
        "train LoRA without the training rows whose labels are suspect or contradict a copy, if a probe without them is the better bet; without this flag that probe is only reported. A delivered TF-IDF or frozen encoder is trained without them if that raises validation macro-F1",
        "如果去掉可疑或自相矛盾标注的试跑预期更优，则 LoRA 不用这些行训练；不加此选项时只报告该试跑的结果。交付 TF-IDF 或冻结底座时，若去掉这些行能提高验证集宏平均 F1，也不用它们训练",
    ),
    "cli.help.hold_out": (
        "deliver the model trained on the training rows alone; without this flag it is trained on the validation rows too, once all choices are made",
        "交付只用训练集训练的模型；不加此选项时，全部选择做完后会并入验证集再训练一次",
    ),
    "cli.help.prefer": (
        "what a more expensive model must gain to be delivered: cheaper (2 points of macro-F1, 95% likely to be better), balanced (0.5 points, 80%) or better (any expected gain)",
        "更贵的模型要有多大提升才交付：cheaper（宏平均 F1 提升 2 个百分点，且更好的概率达到 95%）、balanced（0.5 个百分点，80%）或 better（只要预期有提升）",
    ),
    "cli.help.version": ("print the version", "显示版本号"),
    "cli.help.no_texts": ("show no rows of the data, so that the page can be shared", "不显示任何数据原文，便于转发"),
    "cli.help.wide_lr": ("allow lr beyond its usual range", "允许 lr 超出常用区间"),
    "cli.help.head": (
        "initial classification head: probe (the solution fitted on the frozen encoder), zero or random",
        "分类头的初始值：probe（在冻结底座上拟合的解）、zero（零）或 random（随机）",
    ),
    "cli.help.head_lr": (
        "peak lr of the head only, fixed while the rules change lr; default: the recipe's lr",
        "分类头单独的峰值 lr，规则调整 lr 时它不变；默认与当前超参的 lr 相同",
    ),
    "cli.help.profile": (
        "starting recipe and step sizes: measured (from the atlas of experiments) or seed (the numbers of the original rule book)",
        "从哪里起步、每步走多远：measured（按实测图谱）或 seed（规则手册原有的数值）",
    ),
    "cli.help.class_weights": (
        "none, balanced or sqrt: rare classes get a higher weight in training (1 / rows of the class, or its root); the mean weight is 1",
        "none、balanced 或 sqrt：训练时稀有类别权重更大（1/该类行数，或其平方根）；平均权重为 1",
    ),
    "cli.help.focal": (
        "gamma of the focal loss: rows that are already predicted well get a lower weight; 0 is off, 2 is usual",
        "focal loss 的 gamma：已预测得好的行权重变小；0 为关闭，常用 2",
    ),
    "cli.help.logit_adjustment": (
        "tau: adds tau × log class share to the logits in training, which favours rare classes; single-label only; 0 is off, 1 is usual",
        "tau：训练时给 logits 加上 tau × log 类别占比，使稀有类别受益；仅限单标签；0 为关闭，常用 1",
    ),
    "cli.help.label_smoothing": (
        "share of each target spread evenly over the classes in training, 0 to 0.3",
        "训练时把每个目标的这一份额平均分给各类别，0 到 0.3",
    ),
    "cli.help.overwrite": ("start over in a folder that holds a run", "在已有运行的文件夹中重新开始"),
    "cli.help.dry_run": (
        "print the plan and its expected cost; nothing is trained or written",
        "打印计划和可能的开销；不训练也不写入",
    ),
    "cli.help.prefix": (
        "text put before each input; default: chosen by base model",
        "加在每条文本前；默认由底座模型决定",
    ),
    "cli.help.max_tokens": ("longer texts are cut", "更长的文本会被截断"),
    "cli.help.windows": (
        "read longer texts in overlapping windows of --max-tokens tokens, at most eight, instead of cutting them",
        "更长的文本不截断，而是分成长度为 --max-tokens 的重叠窗口读取，至多八个",
    ),
    "cli.help.lang": ("en or zh; default: from the locale", "en 或 zh；默认取自系统语言"),
    "cli.help.json": ("print JSON for programs", "输出供程序读取的 JSON"),
    "cli.help.file": ("file of texts", "文本文件"),
    "cli.help.probabilities": ("add the probability of every class", "附上每个类别的概率"),
    "cli.help.abstain": (
        "predict null if the confidence is below the threshold chosen on validation rows",
        "置信度低于验证集上选定的阈值时拒识，输出 null",
    ),
    "cli.help.demo_base": (
        "base model for the rows, as for `fit`; with --lang zh and a Chinese base model the rows are Chinese",
        "底座模型，同 `fit`；加上 --lang zh 并指定中文底座时，演示数据为中文",
    ),
    "demo.act.several-intents": (
        "Run {n} of 2: a shop whose customers ask several things in one message, and mention what is already settled.",
        "第 {n} 次运行（共 2 次）：网店顾客在一条消息里问几件事，还会提到已经解决的事。",
    ),
    "demo.act.one-intent": (
        "Run {n} of 2: a shop whose customers ask one thing per message.",
        "第 {n} 次运行（共 2 次）：顾客一条消息只问一件事的网店。",
    ),
    "demo.planted": (
        "{rows} synthetic rows; planted on purpose: {planted} ({path}). The search is not scripted: these are the defaults of `rankfirst fit`.",
        "合成数据 {rows} 行；特意埋下：{planted}（见 {path}）。搜索过程没有预设，用的就是 `rankfirst fit` 的默认设置。",
    ),
    "demo.planted.typo": ("{n} with typos", "错别字 {n} 行"),
    "demo.planted.ellipsis": ("{n} elliptical", "省略句 {n} 行"),
    "demo.planted.conflict": ("{n} with contradictory labels", "标注互相矛盾 {n} 行"),
    "demo.planted.duplicate": ("{n} copies", "重复 {n} 行"),
    "demo.planted.campaign": ("{n} with words of a new campaign", "含促销新词 {n} 行"),
    "demo.planted.settled": (
        "{n} that mention a matter already settled",
        "提到一件已解决的事 {n} 行",
    ),
    "demo.planted.two_intents": ("{n} with two or three intents", "含两三个意图 {n} 行"),
    "demo.and": (", ", "、"),
    "demo.no_encoder": (
        "There is no Chinese encoder on this machine, so the rows are English. For Chinese rows, name one: rankfirst demo --lang zh --base-model FOLDER (or BAAI/bge-small-zh-v1.5, which is downloaded).",
        "本机没有中文编码器，演示数据改用英文。要用中文数据，请指定一个：rankfirst demo --lang zh --base-model 文件夹（或 BAAI/bge-small-zh-v1.5，需要联网下载）。",
    ),
    "demo.closing": ("What the two runs found, on test rows:", "两次运行的结论（测试集）："),
    "demo.name.several-intents": ("Several intents: ", "一条多意图："),
    "demo.name.one-intent": ("One intent:      ", "一条一意图："),
    "demo.lora": (
        "LoRA is worth it. {rung} → LoRA: macro-F1 {other:.1%} → {score:.1%}, messages with every intent right {other_exact:.1%} → {exact:.1%}.",
        "值得用 LoRA。{rung} → LoRA：宏平均 F1 {other:.1%} → {score:.1%}，意图全对的消息 {other_exact:.1%} → {exact:.1%}。",
    ),
    "demo.cheaper": (
        "you do not need LoRA. {rung}: macro-F1 {score:.1%}, accuracy {exact:.1%}; LoRA: {other:.1%}, {other_exact:.1%}{noise}.",
        "不需要 LoRA。{rung}：宏平均 F1 {score:.1%}，准确率 {exact:.1%}；LoRA：{other:.1%}、{other_exact:.1%}{noise}。",
    ),
    "demo.noise": (", a difference within noise", "，差别在噪声之内"),
    "demo.cheaper_alone": (
        "you do not need LoRA. {rung}: macro-F1 {score:.1%}, accuracy {exact:.1%}.",
        "不需要 LoRA。{rung}：宏平均 F1 {score:.1%}，准确率 {exact:.1%}。",
    ),
    "demo.reports": ("Reports: {paths}", "报告：{paths}"),
    "demo.next": (
        "Next, your own rows: rankfirst fit your_rows.csv (a text column and a label column)",
        "下一步，用自己的数据：rankfirst fit 您的数据.csv（含文本列和标签列）",
    ),
    "cli.report_at": ("Report: {path}", "报告：{path}"),
    "cli.working": ("{what} …", "{what}……"),
    "cli.progress_epoch": (
        "{what}, epoch {at} of {of} ({percent}%)",
        "{what}，第 {at}/{of} 轮（{percent}%）",
    ),
    "cli.progress": ("{what}: {done} of {total} ({percent}%)", "{what}：{total} 中的 {done}（{percent}%）"),
    "cli.step.features": ("encoding texts", "编码文本"),
    "cli.step.cache": ("caching frozen layers", "缓存冻结层"),
    "cli.step.train": ("training", "训练"),
    "cli.step.evaluate": ("evaluating", "评估"),
    "cli.step.held_out": ("training without held-out rows", "去掉留出数据后训练"),
    "cli.step.refit": ("training on all rows", "用全部数据训练"),
    "cli.step.read": ("reading the files", "读取文件"),
    "cli.step.checks": ("checking the data", "检查数据"),
    "cli.step.tfidf": ("fitting TF-IDF", "拟合 TF-IDF"),
    "cli.step.pace": ("measuring threads and precision", "测量线程数与精度"),
    "cli.step.prefix": ("choosing the prefix", "选择前缀"),
    "cli.step.frozen": ("fitting the frozen encoder's head", "拟合冻结底座的分类头"),
    "cli.step.learning": ("learning curve", "学习曲线"),
    "cli.step.suspects": ("searching for wrong labels", "查找疑似错标"),
    "cli.step.ceiling": ("data ceiling", "数据上限"),
    "cli.step.lora": ("measuring LoRA", "实测 LoRA"),
    "cli.step.full": ("full fine-tuning", "全量微调"),
    "cli.step.rows": ("collecting example rows", "收集示例数据行"),
    "cli.step.shift": ("comparing samples", "比较分布"),
    "cli.step.folds": ("out-of-fold predictions", "交叉验证（out-of-fold）预测"),
    "cli.doctor.line": ("{what}: {found}", "{what}：{found}"),
    "cli.doctor.device": ("device", "设备"),
    "cli.doctor.cores": ("cores", "核数"),
    "cli.doctor.threads": ("threads", "线程数"),
    "cli.doctor.dtype": ("precision", "精度"),
    "cli.doctor.hub": ("model hub", "模型仓库"),
    "cli.doctor.default_en": ("default English base model", "默认英文底座模型"),
    "cli.doctor.default_zh": ("default Chinese base model", "默认中文底座模型"),
    "cli.doctor.yes": ("reachable", "可访问"),
    "cli.doctor.no": (
        "not reachable: pass a folder with --base-model",
        "无法访问：请用 --base-model 指定文件夹",
    ),
    "cli.doctor.here": ("on this machine", "本机已有"),
    "cli.doctor.missing": ("not on this machine", "本机没有"),
    "plan.step.features": ("encode all texts once", "编码全部文本一次"),
    "plan.step.first": ("first probe", "首次试跑"),
    "plan.step.most": ("total, at most", "总计至多"),
}
