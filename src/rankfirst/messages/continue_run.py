"""Sentences: going on from a finished run with more rows."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "cli.continue": (
        "Continue training on a run's rows plus new ones, from the delivered model, and compare the new model with the old one.",
        "在某次运行的数据上加入新数据，从已交付的模型接着训练，并与旧模型对比。",
    ),
    "cli.help.more": (
        "labelled rows to add to the old ones; same columns, new labels are allowed",
        "要加入的带标签数据；列名与原文件相同，可以有新类别",
    ),
    "cli.help.renew_out": ("folder of the new run; default: RUN-next", "新运行的文件夹，默认为 RUN-next"),
    "cli.help.moved_train": (
        "where the old training file is now, if it was moved; repeat for files that were added later, in their order",
        "旧训练文件移动后的位置；后来加入过的文件按顺序重复此选项",
    ),
    "cli.help.moved_val": ("where the old validation file is now, if it was moved", "旧验证文件移动后的位置"),
    "cli.help.moved_test": ("where the old test file is now, if it was moved", "旧测试文件移动后的位置"),
    "cli.help.fresh": (
        "start the final training from scratch instead of from the delivered weights",
        "最终训练从头开始，不从已交付的权重接着训练",
    ),
    "cli.help.only_new": (
        "train on the new rows only: not supported, the message says why",
        "只用新数据训练：不支持，提示中说明原因",
    ),
    "renew.only_new": (
        "--only-new is not supported: a model trained on the new rows only forgets what only the old ones contain, and no metric on the new rows would show it. Drop the flag; the old rows are read from their original location.",
        "不支持 --only-new：只用新数据训练，模型会遗忘旧数据中的类别和说法，而新数据上的指标看不出来。请去掉该选项；旧数据会从原来的位置读取。",
    ),
    "renew.same_folder": (
        "{path} is the run to continue from, and it stays unchanged. Name another folder with -o.",
        "{path} 就是要接着训练的那次运行，它会保持原样。请用 -o 指定另一个文件夹。",
    ),
    "renew.apart": (
        "{run} was split by {flag} {column}: later rows may be trained on only if the test rows are later still, so the old test rows cannot stay. Fit all rows together: rankfirst fit ALL {flag} {column} -o NEW.",
        "{run} 是按 {flag} {column} 划分的：较晚的数据要用于训练，测试数据就必须更晚，因此旧的测试集无法保留。请把全部数据放在一起重新训练：rankfirst fit 全部数据 {flag} {column} -o 新目录。",
    ),
    "renew.in_memory": (
        "{path} was trained on rows in memory, which are no longer available. Fit all rows from a file: rankfirst fit FILE -o NEW.",
        "{path} 的数据来自内存，已无法取回。请把全部数据写成文件后重新训练：rankfirst fit FILE -o NEW。",
    ),
    "renew.gone": (
        "{path}, a data file of {run}, no longer exists. Say where the old files are now with --train, --val and --test, or run this in the folder of the original command.",
        "找不到 {path}（{run} 的数据文件）。请用 --train、--val、--test 指出旧文件现在的位置，或在当初运行命令的文件夹中执行。",
    ),
    "renew.other_rows": (
        "{path} does not hold the rows of {run} (fingerprint {found}, expected {expected}), so rows that were held out then could now be trained on. Give the original files, or fit all rows from scratch.",
        "{path} 中的数据与 {run} 当初所用的不同（指纹 {found}，应为 {expected}），当时留出的数据可能混入训练。请提供当时的文件，或用全部数据重新训练。",
    ),
    "data.nothing_new": (
        "{path} adds nothing: {left_out} of its {rows} rows repeat the text of a row held out before, and the others have no text. Give new rows.",
        "{path} 没有可加入的数据：{rows} 行中有 {left_out} 行与旧的留出数据文本相同，其余为空。请提供新的数据。",
    ),
    "data.more_form": (
        "{path} is multi-label, but the run is single-label. Give one label per row, or fit all rows from scratch.",
        "{path} 每行有多个标签，而该运行是单标签。请每行给一个标签，或用全部数据重新训练。",
    ),
    "data.note.more_unlabelled": (
        "{file}: {rows} rows have no label yet and were left out.",
        "{file}：{rows} 行尚未标注，未使用。",
    ),
    "data.note.more_left_out": (
        "{file}: {rows} rows repeat the text of an earlier validation or test row and were left out, so that no such text is trained on",
        "{file}：{rows} 行与旧的验证或测试数据文本相同，已略去，以免用于训练",
    ),
    "renew.from": (
        "Continues from {run} (journal SHA-256 {sha}), which delivered: {ship}.",
        "从 {run} 接着训练（日志 sha256 {sha}），它交付的是{ship}。",
    ),
    "renew.rows": (
        "Rows: {train_before} → {train} training, {val_before} → {val} validation, {test_before} → {test} test; old rows stay in their split.",
        "数据：训练 {train_before} → {train}，验证 {val_before} → {val}，测试 {test_before} → {test}；旧数据所在的划分不变。",
    ),
    "renew.classes": ("New classes ({count}): {names}.", "新类别（{count} 个）：{names}。"),
    "renew.left_out": (
        "{rows} new rows were left out because they repeat the text of a row held out before.",
        "略去 {rows} 行新数据：与旧的留出数据文本相同。",
    ),
    "renew.weights.delivered": (
        "Capacity is judged again, starting from the delivered recipe; the final training starts from the delivered weights if they are at least as good on the validation rows as a fresh start.",
        "从已交付的超参出发重新判断容量；若已交付的权重在验证集上不逊于从头开始的起点，最终训练就从它开始。",
    ),
    "renew.weights.held_out": (
        "Capacity is judged again, starting from the delivered recipe; the final training starts from the old model as it was before its training on the validation rows, if that is at least as good on them as a fresh start.",
        "从已交付的超参出发重新判断容量；旧模型在并入验证集训练之前的权重若在验证集上不逊于从头开始的起点，最终训练就从它开始。",
    ),
    "renew.weights.fresh": (
        "Capacity is judged again, starting from the delivered recipe; the final training starts from scratch (--fresh).",
        "从已交付的超参出发重新判断容量；最终训练从头开始（--fresh）。",
    ),
    "renew.weights.none": (
        "The delivered model is not LoRA, so it is fitted again on all rows; to find out whether LoRA is worth it now, run `rankfirst fit`.",
        "交付的不是 LoRA，因此在全部数据上重新拟合；现在是否值得用 LoRA，请用 `rankfirst fit` 判断。",
    ),
    "versus.verdict.new": ("SHIP THE NEW MODEL", "换用新模型"),
    "versus.verdict.old": ("KEEP THE OLD MODEL", "保留旧模型"),
    "versus.verdict.unsure": ("CANNOT TELL", "无法判断"),
    "versus.line": ("{verdict}. {why}", "{verdict}。{why}"),
    "versus.better": (
        "On the same {rows} test rows, macro-F1 rises from {old:.3f} to {new:.3f}: {gain:+.1f} points, 95% interval ± {noise:.1f}.",
        "在相同的 {rows} 条测试数据上，宏平均 F1 从 {old:.3f} 升到 {new:.3f}：{gain:+.1f} 个百分点，95% 区间 ± {noise:.1f}。",
    ),
    "versus.worse": (
        "On the same {rows} test rows, macro-F1 falls from {old:.3f} to {new:.3f}: {gain:+.1f} points, 95% interval ± {noise:.1f}.",
        "在相同的 {rows} 条测试数据上，宏平均 F1 从 {old:.3f} 降到 {new:.3f}：{gain:+.1f} 个百分点，95% 区间 ± {noise:.1f}。",
    ),
    "versus.within": (
        "On the same {rows} test rows, macro-F1 is {old:.3f} with the old model and {new:.3f} with the new one: {gain:+.1f} points, within random variation (95% interval ± {noise:.1f}). More test rows are needed to tell.",
        "在相同的 {rows} 条测试数据上，旧模型宏平均 F1 {old:.3f}，新模型 {new:.3f}：相差 {gain:+.1f} 个百分点，在随机波动范围之内（95% 区间 ± {noise:.1f}）。测试数据更多才能判断。",
    ),
    "versus.forgot": (
        "On the {before} old test rows, macro-F1 falls by {kept!m:.1f} points (95% interval ± {kept_noise:.1f}), and on all {rows} there is no gain beyond noise ({gain:+.1f}, 95% interval ± {noise:.1f}).",
        "旧的 {before} 条测试数据上宏平均 F1 下降 {kept!m:.1f} 个百分点（95% 区间 ± {kept_noise:.1f}），而全部 {rows} 条上没有超出噪声的提高（{gain:+.1f}，95% 区间 ± {noise:.1f}）。",
    ),
    "versus.trade": (
        "On all {rows} test rows, macro-F1 gains {gain:+.1f} points (95% interval ± {noise:.1f}), but on the {before} old ones it falls by {kept!m:.1f} (95% interval ± {kept_noise:.1f}): whether the new rows are worth it is your decision.",
        "全部 {rows} 条测试数据上宏平均 F1 {gain:+.1f} 个百分点（95% 区间 ± {noise:.1f}），但旧的 {before} 条上下降 {kept!m:.1f} 个百分点（95% 区间 ± {kept_noise:.1f}）：新数据值不值得，需由您权衡。",
    ),
    "versus.costly": (
        "macro-F1 gains {gain:+.1f} points (95% interval ± {noise:.1f}) on {rows} test rows, but {lost} classes lose more recall than that: {cost:.1f} points, averaged over all {classes}.",
        "在 {rows} 条测试数据上宏平均 F1 {gain:+.1f} 个百分点（95% 区间 ± {noise:.1f}），但有 {lost} 个类别的召回率损失超过这一提高：平摊到 {classes} 个类别为 {cost:.1f} 个百分点。",
    ),
    "versus.before": (
        "On the {before} old test rows alone: {kept:+.1f} points, 95% interval ± {kept_noise:.1f}.",
        "仅看旧的 {before} 条测试数据：{kept:+.1f} 个百分点，95% 区间 ± {kept_noise:.1f}。",
    ),
    "versus.lost": (
        "Recall fell beyond noise: {name}, {old:.1%} → {new:.1%} ({rows} test rows).",
        "召回率下降且超出噪声：{name}，{old:.1%} → {new:.1%}（{rows} 条测试数据）。",
    ),
    "versus.maybe": (
        "Recall may have fallen: {name}, {old:.1%} → {new:.1%} ({rows} test rows); among {classes} classes, about {chance:.1f} such cases are expected at random.",
        "召回率可能下降：{name}，{old:.1%} → {new:.1%}（{rows} 条测试数据）；{classes} 个类别中，随机波动下约会出现 {chance:.1f} 个。",
    ),
    "versus.kept": (
        "No class lost recall beyond noise.",
        "没有类别的召回率下降超出噪声。",
    ),
    "versus.again": (
        "The old test rows have now been evaluated twice; after many rounds, use new ones.",
        "旧的测试数据已评估过两次；多轮之后请换用新的测试数据。",
    ),
    "report.nav.renewal": ("Old vs new", "新旧对比"),
    "report.head.renewal": ("Old model or new model", "用旧模型还是新模型"),
}
