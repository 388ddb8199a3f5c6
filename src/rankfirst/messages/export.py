"""Sentences: exporting a delivered model, and its card."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "cli.export": (
        "Export a delivered model for other programs, and test each export in its own process.",
        "把交付的模型导出给其他程序使用，并逐一在独立进程中自检。",
    ),
    "cli.help.formats": (
        "merged, onnx, int8, fleet (adapters as inputs of the graph of their base), classifier (transformers' own class), vllm, separated by commas; int8 needs onnx, which is written too",
        "merged、onnx、int8、fleet（适配器作为底座计算图的输入）、classifier（transformers 自带的分类模型类）、vllm，用逗号分隔；int8 需要 onnx，会一并写出",
    ),
    "cli.help.labelled": (
        "labelled rows for the self-test, with macro-F1 of each format; default: rows of the run that it was not trained on, if its files are still there, else built-in texts",
        "用来自检的有标签数据，并给出每种格式的宏平均 F1；默认用运行自己的验证集（文件仍在原处时），否则用自带文本",
    ),
    "cli.help.label_column": ("name of the label column of these rows", "这些数据的标签列名"),
    "cli.help.backend": (
        "inference backend: torch, or the exported onnx, int8 or fleet",
        "推理后端：torch，或已导出的 onnx、int8、fleet",
    ),
    "export.line": (
        "{kind}: {megabytes:.1f} MB, logits differ by at most {difference:.2g} (relative), same prediction on {same:.1%} of {rows} texts.",
        "{kind}：{megabytes:.1f} MB，logits 相差至多 {difference:.2g}（相对大小），{rows} 条文本中 {same:.1%} 预测相同。",
    ),
    "export.f1": ("  macro-F1 {f1:.3f} (torch {reference:.3f})", "  宏平均 F1 {f1:.3f}（torch {reference:.3f}）"),
    "export.at": (
        "Written to {path}; the model card shows how to load it: {card}",
        "已写入 {path}；加载代码见模型卡：{card}",
    ),
    "export.tfidf": (
        "The delivered model is TF-IDF, so there is no graph to export; RUN/model is all that rankfirst.load needs.",
        "交付的模型是 TF-IDF，没有可导出的计算图；RUN/model 已足够 rankfirst.load 使用。",
    ),
    "export.windows": (
        "This model reads long texts in windows, which {kind} cannot represent. Export --to merged, or fit without --windows.",
        "该模型用滑动窗口读长文本，{kind} 无法表示。请用 --to merged，或不带 --windows 重新训练。",
    ),
    "export.fleet": (
        "{kind}: this model cannot share a graph with others on its base ({name}). Export it --to onnx or int8.",
        "{kind}：该模型无法与同底座的其他模型共用一张计算图（{name}）。请用 --to onnx 或 int8 导出。",
    ),
    "export.slow_tokenizer": (
        "The tokenizer of {spec} runs in Python only (no tokenizer.json), so only transformers can read texts for it. Choose a base model with a fast tokenizer.",
        "{spec} 的分词器只能由 Python 代码运行（没有 tokenizer.json），脱离 transformers 就无法读文本。请换用带快速分词器的底座。",
    ),
    "export.bad_format": (
        "Unknown format: {text}. Known: merged, onnx, int8, fleet, classifier, vllm.",
        "未知格式：{text}。可用：merged、onnx、int8、fleet、classifier、vllm。",
    ),
    "export.no_class": (
        "{kind}: transformers has no sequence classifier for a base model of type {family}. Use merged with head.safetensors, as the model card shows.",
        "{kind}：transformers 没有 {family} 类底座的序列分类模型类。请按模型卡使用 merged 加 head.safetensors。",
    ),
    "export.pooling": (
        "{kind}: this model pools by {pooling}, but transformers' sequence classifier for its base model reads only {read}, so its predictions would differ. Use merged with head.safetensors, as the model card shows, or sentence-transformers.",
        "{kind}：该模型用 {pooling} 池化，而 transformers 对应的序列分类模型类只读取 {read}，预测会不同。请按模型卡使用 merged 加 head.safetensors，或使用 sentence-transformers。",
    ),
    "export.no_bias": (
        "classifier: transformers' sequence classifier for {family} has no bias, and this model's head has one that its last layer cannot absorb. Use --to vllm for vLLM, or merged with head.safetensors, as the model card shows.",
        "classifier：transformers 的 {family} 序列分类模型类没有偏置，而该模型的分类头有偏置，最后一层无法代替。用于 vLLM 请用 --to vllm；否则请按模型卡使用 merged 加 head.safetensors。",
    ),
    "export.no_decoder": (
        "vllm is for decoders; this base model ({family}) is an encoder. Use --to classifier, onnx or merged.",
        "vllm 只用于解码器；该底座（{family}）是编码器。请用 --to classifier、onnx 或 merged。",
    ),
    "export.no_rows": (
        "None of the labels in {path} is a class of this model, which has {classes} classes such as {name}.",
        "{path} 中没有一个标签属于该模型的类别（共 {classes} 类，例如 {name}）。",
    ),
    "option.extra": (
        'This needs {package}, which is not installed: pip install "rankfirst[{extra}]".',
        '此功能需要 {package}，尚未安装：pip install "rankfirst[{extra}]"。',
    ),
    "export.generated": (
        "the rows of this run were not found, so formats were compared on generated texts; give labelled rows with --rows to judge int8 by macro-F1",
        "没有找到该运行的数据，因此用生成的文本比较各格式；如需用宏平均 F1 评判 int8，请用 --rows 给出带标签的数据",
    ),
    "run.not_exported": (
        "{path} holds no {kind} model yet: rankfirst export {path} --to {kind}.",
        "{path} 中还没有 {kind} 模型：rankfirst export {path} --to {kind}。",
    ),
    "engine.undeliverable": (
        "{kind} does not predict as the trained model does: the same prediction on {same:.1%} of {rows} texts (at least {least:.1%} needed), relative difference of logits {difference:.2g}. Do not use {path}.",
        "{kind} 的预测与训练好的模型不一致：{rows} 条文本中 {same:.1%} 预测相同（至少需 {least:.1%}），logits 相差 {difference:.2g}。请勿使用 {path}。",
    ),
    "engine.lost_f1": (
        "{kind} loses too much: macro-F1 is {f1:.3f} on {rows} rows, {reference:.3f} with the trained model, a loss of {loss:.2f} points (at most {most:.1f} allowed). Do not use {kind} in {path}; formats that passed: {fine}.",
        "{kind} 损失过大：{rows} 行数据上宏平均 F1 为 {f1:.3f}，训练好的模型为 {reference:.3f}，损失 {loss:.2f} 个百分点（最多允许 {most:.1f}）。请勿使用 {path} 中的 {kind}；通过自检的格式：{fine}。",
    ),
    "engine.predicts_otherwise": (
        "{kind} does not predict as the trained model does: the same prediction on {same:.1%} of {rows} texts (at least {least:.1%} needed). Do not use {kind} in {path}; formats that passed: {fine}.",
        "{kind} 的预测与训练好的模型不一致：{rows} 条文本中 {same:.1%} 预测相同（至少需 {least:.1%}）。请勿使用 {path} 中的 {kind}；通过自检的格式：{fine}。",
    ),
    "engine.abstains_otherwise": (
        "{kind} abstains on other texts than the trained model: the same decision on {abstains:.1%} of {rows} texts (at least {least:.1%} needed); its predictions are the same on {same:.1%}. Do not use {kind} in {path}; formats that passed: {fine}.",
        "{kind} 的拒识与训练好的模型不一致：{rows} 条文本中 {abstains:.1%} 的拒识决定相同（至少需 {least:.1%}）；预测相同的占 {same:.1%}。请勿使用 {path} 中的 {kind}；通过自检的格式：{fine}。",
    ),
    "engine.far_logits": (
        "{kind} computes other logits than the trained model: they differ by up to {difference:.2g} of the largest one (at most {limit:.2g} allowed), though predictions are the same on {same:.1%} of {rows} texts. Do not use {kind} in {path}; formats that passed: {fine}.",
        "{kind} 的 logits 与训练好的模型不一致：相差可达最大 logit 的 {difference:.2g}（最多允许 {limit:.2g}），虽然 {rows} 条文本中 {same:.1%} 预测相同。请勿使用 {path} 中的 {kind}；通过自检的格式：{fine}。",
    ),
    "run.failed_export": (
        "The {kind} model in {path} failed its self-test (check.json). Export it again: rankfirst export {run} --to {kind}.",
        "{path} 中的 {kind} 模型未通过自检（check.json）。请重新导出：rankfirst export {run} --to {kind}。",
    ),
    "engine.selftest": (
        "The exported model could not be loaded in its own process: {why}",
        "导出的模型无法在独立进程中加载：{why}",
    ),
    "card.what.lora": (
        "A text classifier with {classes} classes: an encoder with a LoRA adapter and a linear head, tuned by rankfirst.",
        "文本分类模型，共 {classes} 类：编码器加 LoRA 适配器和线性分类头，由 rankfirst 调参。",
    ),
    "card.zero": (
        "**The adapter changes nothing:** its weights are zero. This model answers as the frozen encoder with the same head would, which is smaller and faster: leave out `--always-lora` to get that one.",
        "**适配器不起作用：** 其权重为零。该模型的输出与使用同一分类头的冻结底座相同，而后者更小、更快：去掉 `--always-lora` 即可得到它。",
    ),
    "card.what.frozen": (
        "A text classifier with {classes} classes: a linear head on an unchanged encoder. rankfirst measured no gain from LoRA here.",
        "文本分类模型，共 {classes} 类：原样的编码器加线性分类头。rankfirst 实测 LoRA 在此没有增益。",
    ),
    "card.what.tfidf": (
        "A text classifier with {classes} classes: TF-IDF and a linear model. rankfirst measured no gain from an encoder here.",
        "文本分类模型，共 {classes} 类：TF-IDF 加线性模型。rankfirst 实测编码器在此没有增益。",
    ),
    "card.normalize": (
        "The head reads pooled states of unit length: each is divided by its Euclidean norm, which gave better predictions in cross-validation. Every format of this model includes this step; any other code that loads the head has to do the same.",
        "分类头读取单位长度的池化向量：每个向量先除以自身的欧几里得范数，交叉验证表明这样更好。本模型的所有导出格式都包含这一步；自行编写推理代码时不可省略。",
    ),
    "card.val": ("validation", "验证集"),
    "card.test": ("test", "测试集"),
    "card.interval": ("95% interval", "95% 区间"),
    "card.f1": ("macro-F1", "宏平均 F1"),
    "card.accuracy": ("exact match", "完全匹配率"),
    "card.load": ("How to load it elsewhere", "在别处加载"),
    "card.load.note": (
        "`BASE` is the base model below (a hub id or its folder), or `merged` in this folder; `MODEL` is this folder, `texts` a list of strings.",
        "`BASE` 是下方的底座模型（hub id 或文件夹），也可以是本文件夹的 `merged`；`MODEL` 是本文件夹，`texts` 是字符串列表。",
    ),
    "card.load.bits": (
        "This model was trained on a 4-bit base model and reproduces its predictions only with that: it needs bitsandbytes 0.46 or later, and the float weights of the base model are no substitute. `merged` is in float32 and needs neither.",
        "本模型是在 4 比特底座上训练的，只有配合它才会给出同样的预测：需要 bitsandbytes 0.46 或更高版本，不能用底座的浮点权重代替。`merged` 为 float32，两者都不需要。",
    ),
    "card.load.more": (
        'The order of `logits` is that of `labels.json`; `decision.json` holds the temperature to divide them by, thresholds, and when to abstain. With rankfirst: `rankfirst.load("RUN").predict(texts)`.',
        '`logits` 的顺序与 `labels.json` 一致；`decision.json` 给出温度（用来除 logits）、阈值和何时拒识。使用 rankfirst：`rankfirst.load("RUN").predict(texts)`。',
    ),
    "card.classes": ("Classes", "类别"),
    "card.class": ("class", "类别"),
    "card.recall_val": ("recall, validation", "验证召回率"),
    "card.recall_test": ("recall, test", "测试召回率"),
    "card.tuned": ("How it was tuned", "如何调参"),
    "card.limits": ("Limits", "局限"),
    "card.abstain": (
        "Rows below a confidence of {threshold} should go to a person: {coverage} of the validation rows are answered, {accuracy_kept} of them correctly ({accuracy_all} if all are answered).",
        "置信度低于 {threshold} 时应转人工：验证集中 {coverage} 的数据作答，其中 {accuracy_kept} 正确（全部作答则为 {accuracy_all}）。",
    ),
    "card.unseen": (
        "It was measured on rows like its training rows, not on texts of another kind, time or product line.",
        "以上结果只在与训练数据同类的数据上测得；其他类型、其他时期或其他业务线的文本未经测试。",
    ),
    "card.origin": ("Origin", "来源"),
    "card.base": ("base model", "底座模型"),
    "card.base_license": ("licence of the base model", "底座许可证"),
    "card.unknown": ("unknown; look it up before you share the model", "未知，转发模型前请自行查证"),
    "card.base_sha256": ("SHA-256 of its weights", "底座权重的 sha256"),
    "card.data": ("data", "数据"),
    "card.seed": ("seed", "种子"),
    "card.versions": ("versions", "版本"),
}
