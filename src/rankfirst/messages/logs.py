"""Sentences about files that should be training logs: what is wrong with them, and what each format is called."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    # --- what is wrong with a file ---
    "logs.missing": (
        "there is no file or folder {path!r}. Give a training log, or the folder that holds it.",
        "找不到文件或文件夹 {path!r}。请给出训练日志，或其所在的文件夹。",
    ),
    "logs.no_file": (
        "{path!r} is a pipe or a device. Save the log as a file first.",
        "{path!r} 是管道或设备。请先把日志保存为文件。",
    ),
    "logs.unreadable": (
        "{path!r} cannot be read: {why}. Check its permissions.",
        "无法读取 {path!r}：{why}。请检查权限。",
    ),
    "logs.empty": (
        "{path!r} is empty. Give a log with at least one logged loss.",
        "{path!r} 是空文件。请给出至少记录了一次 loss 的日志。",
    ),
    "logs.too_large": (
        "{path!r} has {size} MB, but at most {limit} MB are read. Give a log with a larger logging interval, or only its loss and evaluation rows.",
        "{path!r} 有 {size} MB，最多读取 {limit} MB。请给出记录间隔更大的日志，或只保留 loss 和评估行。",
    ),
    "logs.many_points": (
        "the log holds more than {limit} points. Give one with a larger logging interval: every tenth point carries the same information.",
        "日志超过 {limit} 个点。请给出记录间隔更大的日志：每十个点取一个，信息相同。",
    ),
    "logs.not_utf8": (
        "{path!r} is not UTF-8 text. Save it as UTF-8.",
        "{path!r} 不是 UTF-8 文本。请另存为 UTF-8。",
    ),
    "logs.binary": (
        "{path!r} is binary but not a TensorBoard event file. Give the log as text (JSON, JSON Lines, CSV).",
        "{path!r} 是二进制文件，又不是 TensorBoard 事件文件。请给出文本日志（JSON、JSON Lines 或 CSV）。",
    ),
    "logs.pickle": (
        "{path!r} is a pickle or an archive that may hold one; it is never opened, because that can run code. Give trainer_state.json, adapter_config.json, or the settings with --lr, --rank and --alpha.",
        "{path!r} 是 pickle 或可能含有 pickle 的归档；打开它可能执行代码，因此从不打开。请给出 trainer_state.json、adapter_config.json，或用 --lr、--rank、--alpha 说明设置。",
    ),
    "logs.wandb_binary": (
        '{path!r} holds wandb\'s binary store, which is not read. Run `wandb sync` on it, then save the history: wandb.Api().run("ENTITY/PROJECT/ID").history().to_csv("history.csv").',
        '{path!r} 是 wandb 的二进制存储，不予读取。请先对它运行 `wandb sync`，再导出历史：wandb.Api().run("ENTITY/PROJECT/ID").history().to_csv("history.csv")。',
    ),
    "logs.unknown": (
        "{path!r} is not a known training log. Known are trainer_state.json, TensorBoard event files, CSV and JSON Lines with a loss, printed output with a loss, model cards, trainer_log.jsonl, logging.jsonl, MLflow run folders and wandb exports.",
        "{path!r} 不是可识别的训练日志。可识别的有：trainer_state.json、TensorBoard 事件文件、含 loss 的 CSV 和 JSON Lines、打印出 loss 的控制台输出、模型卡、trainer_log.jsonl、logging.jsonl、MLflow 运行文件夹和 wandb 导出文件。",
    ),
    "logs.no_log": (
        "the folder {path!r} holds no known training log. Name the file itself.",
        "文件夹 {path!r} 中没有可识别的训练日志。请直接给出文件。",
    ),
    "logs.several": (
        "the folder {path!r} holds {count} runs. Name one of them, or list several.",
        "文件夹 {path!r} 中有 {count} 次运行。请指定其中一个，或逐个列出。",
    ),
    "logs.several_runs": (
        "{path!r} holds the same metric in several columns, as in a chart of several runs. Export one run per file.",
        "{path!r} 中同一指标占了多列，像是包含多次运行的图表。请每个文件只导出一次运行。",
    ),
    "logs.bad_json": (
        "{path!r} is truncated or not JSON. Copy it again from the training's output folder.",
        "{path!r} 不完整或不是 JSON。请从训练输出文件夹重新复制。",
    ),
    "logs.no_history": (
        "{path!r} is JSON without the list log_history. Give trainer_state.json, or a list of rows.",
        "{path!r} 是 JSON，但没有 log_history 列表。请给出 trainer_state.json，或由多行组成的列表。",
    ),
    "logs.bad_csv": (
        "{path!r} is a damaged table. Export it again.",
        "{path!r} 是损坏的表格。请重新导出。",
    ),
    "logs.bad_events": (
        "{path!r} is a damaged TensorBoard event file: a checksum or a message is invalid. Copy it again.",
        "{path!r} 是损坏的 TensorBoard 事件文件：校验和或消息无效。请重新复制。",
    ),
    "logs.no_columns": (
        "the first line of {path!r} names {columns} columns, and none is a known column of a training log. Name at least step and loss (or train_loss, eval_loss, eval_macro_f1) in a header.",
        "{path!r} 的首行有 {columns} 列，没有一列是训练日志的列名。请在表头中至少写明 step 和 loss（或 train_loss、eval_loss、eval_macro_f1）。",
    ),
    "logs.no_rows": (
        "{path!r} holds no readable row. Give a log with at least one logged loss.",
        "{path!r} 中没有可读取的行。请给出至少记录了一次 loss 的日志。",
    ),
    "logs.no_loss": (
        "none of the {rows} rows of {path!r} holds a training loss or an evaluation metric. Log loss (or train_loss), eval_loss and eval_macro_f1.",
        "{path!r} 的 {rows} 行中没有训练 loss，也没有评估指标。请记录 loss（或 train_loss）、eval_loss 和 eval_macro_f1。",
    ),
    "logs.no_adapter": (
        "--adapter {path!r} holds no adapter_config.json. Give the file, or the folder where PEFT saved it.",
        "--adapter {path!r} 中没有 adapter_config.json。请给出该文件或 PEFT 保存它的文件夹。",
    ),
    "logs.bad_adapter": (
        "--adapter {path!r} is damaged, empty or not JSON. Give PEFT's adapter_config.json, or --rank and --alpha.",
        "--adapter {path!r} 已损坏、为空或不是 JSON。请给出 PEFT 的 adapter_config.json，或使用 --rank 和 --alpha。",
    ),
    "logs.no_printed": (
        "{path!r} prints no loss that can be read. Known are the dictionaries of the Trainer, such as {{'loss': 0.5, 'epoch': 1.0}}, and lines such as \"epoch 1 loss: 0.5 val loss: 0.4\". Give trainer_state.json if there is one.",
        "{path!r} 没有打印可识别的 loss。可识别的有：Trainer 打印的字典，例如 {{'loss': 0.5, 'epoch': 1.0}}，以及形如 \"epoch 1 loss: 0.5 val loss: 0.4\" 的行。若有 trainer_state.json，请给出它。",
    ),
    "logs.no_table": (
        '{path!r} has no table of training results. Give trainer_state.json, or a model card with a column "Validation Loss".',
        '{path!r} 中没有训练结果表。请给出 trainer_state.json，或含有 "Validation Loss" 列的模型卡。',
    ),
    # --- what a log is called ---
    "logs.format.trainer_state": ("transformers Trainer", "transformers Trainer"),
    "logs.format.tensorboard": ("TensorBoard", "TensorBoard"),
    "logs.format.llama_factory": ("LLaMA-Factory", "LLaMA-Factory"),
    "logs.format.ms_swift": ("ms-swift", "ms-swift"),
    "logs.format.mlflow": ("MLflow", "MLflow"),
    "logs.format.wandb": ("Weights & Biases", "Weights & Biases"),
    "logs.format.jsonl": ("JSON Lines", "JSON Lines"),
    "logs.format.csv": ("table", "表格"),
    "logs.format.card": ("model card", "模型卡"),
    "logs.format.console": ("console output", "控制台输出"),
}
