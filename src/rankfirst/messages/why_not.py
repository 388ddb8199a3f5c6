"""Sentences: why a run did not do something, and what its findings take."""

from typing import Final

_WHY: Final[dict[str, tuple[str, str]]] = {
    "bad_question": (
        '--why-not {text!r} is not a known subject. Ask about one of: {known}; as rank=32, lr=up or in words, such as "raise lr".',
        "--why-not {text!r} 没有指明可以询问的内容。可以询问：{known}；写法如 rank=32、lr=up，或直接用文字，例如“提高学习率”。",
    ),
    "bad_value": (
        "--why-not {text!r}: {value!r} is not a value of {knob}. Write rank=32, lr=1e-3, sites=qv+ffn@4, or {knob}=up or =down.",
        "--why-not {text!r}：{value!r} 不是 {knob} 的取值。请写成 rank=32、lr=1e-3、sites=qv+ffn@4，或 {knob}=up、{knob}=down。",
    ),
    "title.answers": ("Why not? {dataset}", "为什么不？{dataset}"),
    "why_not": ("Why not “{asked}”?", "为什么不“{asked}”？"),
    "way.1": ("up", "提高"),
    "way.-1": ("down", "降低"),
    "way.more": ("up", "增加"),
    "way.fewer": ("down", "减少"),
    "why.untrained": (
        "No LoRA was trained in this run, so it has no evidence on this.",
        "本次运行没有训练 LoRA，因此没有这方面的任何依据。",
    ),
    "why.stayed": ("{knob} stayed at its starting value, {value}.", "{knob} 一直是 {value}，与起点相同。"),
    "why.went": ("{knob} went from {start} to {value}.", "{knob} 从 {start} 变为 {value}。"),
    "why.there_from_start": (
        "It is already so: {knob} is {value} from the start to the end of this run.",
        "已经如此：{knob} 从始至终都是 {value}。",
    ),
    "why.there": (
        "It was done: {knob} is {value} in the recipe this run settled on.",
        "已经这样做了：本次运行选定的超参中 {knob} 就是 {value}。",
    ),
    "why.passed": (
        "The run used {knob} {value} and moved on; it settled on {now}.",
        "运行用过 {knob} {value}，之后离开了；最终定为 {now}。",
    ),
    "why.tried": (
        "It was tried: {knob} {value} was trained as an arm of an experiment; the run settled on {now}.",
        "试过：{knob} {value} 曾作为对照分支训练；最终定为 {now}。",
    ),
    "why.left": ("It moved on ({moved}): {conclusion}", "离开它的决定（{moved}）：{conclusion}"),
    "why.not_trained": (
        "{knob} {value} itself was not trained in this run, which settled on {now}.",
        "本次运行没有训练过 {knob} {value}；最终定为 {now}。",
    ),
    "why.nearest": ("The nearest value that was trained is {value}.", "训练过的最接近的值是 {value}。"),
    "why.alpha": (
        "(lora_alpha is scaling × rank: at rank {rank} that is a scaling of {a}.)",
        "（lora_alpha = 缩放 a × rank：在 rank {rank} 下相当于 a = {a}。）",
    ),
    "why.from": ("Tried from {recipe}.", "基准超参：{recipe}。"),
    "why.guarded": ("Deliberately unchanged ({stage}): {why}", "有意不动（{stage}）：{why}"),
    "why.turned_down": (
        "Its symptom was present ({stage}), but no change was made: {symptom} Why not: {why}.",
        "出现过相应的现象（{stage}），但没有调整：{symptom}原因：{why}。",
    ),
    "why.ceiling_rank": (
        "Rank may not exceed {most} on these data, so no rule could raise it further:",
        "在这份数据上 rank 不得超过 {most}，因此没有规则会再往上加：",
    ),
    "why.ceiling_sites": (
        "There are only {most} layers to adapt here:",
        "这里可适配的层数至多 {most}：",
    ),
    "why.pinned": (
        "You fixed {knob} (--set {value}), and no rule changes a knob that the user fixed.",
        "{knob} 由您用 --set {value} 固定；任何规则都不会动用户设定的旋钮。",
    ),
    "why.acted": ("Acted on: {moved}.", "已据此行动：{moved}。"),
    "why.stage": (
        "{knob} may change only in the stage “{stage}”, and the run did not reach it.",
        "{knob} 只能在“{stage}”阶段调整，而运行没有走到那里。",
    ),
    "why.last": ("Its last decision: {conclusion}", "最后一个决定：{conclusion}"),
    "why.no_rule": (
        "No rule ever moves {knob} {way}, so no symptom could have led to it.",
        "没有任何规则会{way} {knob}，因此本次运行的任何现象都不会要求这样做。",
    ),
    "why.missing": (
        "For {knob} to go {way}, one of these must be present; as last measured:",
        "要{way} {knob}，须出现下列现象之一；最近一次测得：",
    ),
    "why.not_asked": (
        "Not checked: {symptom}. An earlier rule had already decided ({last})",
        "没有检查：{symptom}。前面的规则已先作出决定（{last}）",
    ),
    "why.measure": (
        "Its effect here was not measured. This measures it:",
        "在这里效果如何没有测量。下面的命令可以测量：",
    ),
    "why.ladder": (
        "(`--set` accepts fixed values only; {value} is the nearest.)",
        "（`--set` 只接受固定的取值，最接近的是 {value}。）",
    ),
    "why.no_prefix": ("no prefix", "无前缀"),
    "why.waits": (
        "(The setting waits until capacity is settled; --force applies it from the start.)",
        "（该设定会等容量确定之后再试；加 --force 则从一开始就采用。）",
    ),
    "why.compare": (
        "Compare the two runs by tail_recall and per_class_recall.",
        "用 tail_recall 和 per_class_recall 比较两次运行。",
    ),
    "why.no_verdict": ("The run has not reached a verdict yet.", "运行还没有得出结论。"),
    "why.lora_shipped": ("LoRA is the delivered model.", "交付的就是 LoRA。"),
    "why.lora_tried": (
        "LoRA was trained and compared with the baselines on the same validation rows.",
        "训练过 LoRA，并与各基线在同样的验证数据上比较。",
    ),
    "why.measure_always": (
        "This delivers LoRA anyway, after the same decisions:",
        "下面的命令仍会交付 LoRA，作出的决定不变：",
    ),
    "why.shipped": ("{rung} is the delivered model.", "交付的就是{rung}。"),
    "why.rung_tried": (
        "{rung} was measured on the same validation rows; the delivered model is better, or as good and cheaper.",
        "{rung}在同样的验证数据上测量过；交付的模型更好，或者同样好而更便宜。",
    ),
    "why.full": (
        "This run cannot answer that: it did no full fine-tuning, so its journal does not show how much training all weights would gain. This measures it, together with the other models:",
        "本次运行无法回答：它没有做全量微调，日志里没有任何依据说明训练全部权重能再提高多少。下面的命令会把它与其他方案一起测量：",
    ),
    "why.flag": (
        "This run cannot answer that: {flag} was left at its default, and no rule changes it. It is your choice.",
        "本次运行无法回答：{flag} 保持默认，也没有规则会动它。这由您选择。",
    ),
    "why.flag_set": (
        "It is already so: this run was made with {flag} {value}.",
        "已经如此：本次运行使用了 {flag} {value}。",
    ),
    "why.tail": (
        "For reference: on validation, the delivered model has a mean recall of {recall} on the {classes} rare classes.",
        "可供参考：交付的模型在验证集上对 {classes} 个少样本类别的平均召回率为 {recall}。",
    ),
    "why.batch_now": ("Each step uses {rows} rows.", "每一步使用 {rows} 行数据。"),
    "why.batch": (
        "This run cannot answer that: no rule changes the batch size, and no option of `fit` sets it.",
        "本次运行无法回答：批大小从不改动，`fit` 也没有相应的选项。",
    ),
    "why.seed": ("The run used seed {seed}.", "本次运行的随机种子为 {seed}。"),
    "why.seed_probe": ("Seed {seed} was tried as well: {outcome}.", "也试过种子 {seed}：{outcome}。"),
    "why.no_final": (
        "This run had no final training, so there is nothing to say about its length.",
        "本次运行没有最终训练，无从谈它的长短。",
    ),
    "why.epochs_allowed": ("The final training was planned for {epochs} epochs.", "最终训练计划 {epochs} 轮。"),
    "why.epochs_done": ("It ended after {epochs}.", "实际在 {epochs} 轮后结束。"),
    "why.epochs_last": (
        "The last epoch is kept (validation macro-F1 {f1}): by then lr has fallen, and no earlier epoch is better beyond noise.",
        "采用最后一轮（验证集宏平均 F1 {f1}）：这时 lr 已降下来，而更早的各轮没有超出噪声地更好。",
    ),
    "why.epochs_earlier": (
        "Epoch {epoch} is kept (validation macro-F1 {f1}): later epochs were worse on the validation rows.",
        "采用第 {epoch} 轮（验证集宏平均 F1 {f1}）：之后各轮在验证集上更差。",
    ),
    "why.epochs": (
        "The number follows from the rows: enough for lr to rise and fall over a few hundred steps. No option sets it; a limit on time may shorten it.",
        "轮数由数据量决定：要够 lr 在几百步内升起并降下。没有设定轮数的选项；时间上限可能缩短它。",
    ),
    "why.data_now": (
        "There are {rows} training rows in {classes} classes<<, {tail} of them rare>>.",
        "训练数据 {rows} 行，{classes} 个类别<<，其中 {tail} 个为少样本类别>>。",
    ),
    "why.data": (
        "This run cannot answer that: it did not train on fewer rows, so its journal does not show what more data would gain. This measures the learning curve of the frozen encoder and the gain from each doubling:",
        "本次运行无法回答：它没有用更少的数据训练过，日志不能说明增加数据会怎样。下面的命令测量冻结底座的学习曲线，给出数据每翻一倍的提高：",
    ),
    "why.base": (
        "This run cannot answer that: it used only the base model {base}.",
        "本次运行无法回答：它只用过 {base} 这一个底座模型。",
    ),
    "why.prefix": (
        "“{prefix}” was chosen by held-out scores on {rows} training rows:",
        "“{prefix}”是在 {rows} 行训练数据上按留出成绩选出的：",
    ),
    "why.prefix_tried": ("“{prefix}”: macro-F1 {f1}, log-loss {loss}", "“{prefix}”：宏平均 F1 {f1}，log-loss {loss}"),
    "why.prefix_one": (
        "Only one prefix fits this base model, so none was compared.",
        "该底座模型只适用一种前缀，因此没有比较。",
    ),
    "why.prefix_set": ("The prefix “{prefix}” was set with --prefix.", "前缀“{prefix}”由 --prefix 指定。"),
    "why.lengths_unknown": (
        "The journal of this run does not record text lengths.",
        "本次运行的日志没有记录文本长度。",
    ),
    "why.budget_clock": ("The time limit was {time}.", "时间上限为 {time}。"),
    "why.budget_work": (
        "No time limit was set; training had a budget of {work} TFLOP for probes, experiments and the final training.",
        "没有设时间上限；训练的计算量预算为 {work} TFLOP，用于试跑、对照实验和最终训练。",
    ),
    "why.budget_short": (
        "The budget did not allow what this rule required: {rule}",
        "预算不允许这条规则要求的动作：{rule}",
    ),
    "why.budget_enough": (
        "Neither the time limit nor the budget prevented a step of this run.",
        "本次运行没有任何一步因时间或预算被禁止。",
    ),
}

SENTENCES: Final[dict[str, tuple[str, str]]] = {f"account.{code}": told for code, told in _WHY.items()}
