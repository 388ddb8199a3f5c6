"""Sentences of a run as it goes: the live view, how a command is stopped, what is printed for machines."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "cli.help.quiet": (
        "print the verdict and where the report is, nothing else",
        "只输出最终结论和报告的位置",
    ),
    "cli.help.stream": (
        "one JSON object a line for machines: every event as the journal writes it, then the result with kind done (docs/journal.md)",
        "逐行输出供程序读取的 JSON：每个事件与日志中的一行相同，最后一行是 kind 为 done 的结果（见 docs/journal.md）",
    ),
    "option.quiet_json": (
        "--quiet and --json both say what is printed; give one of them",
        "--quiet 和 --json 都在规定输出内容，请只用其中一个",
    ),
    "stop.kept": (
        "stopped; every finished step is kept in {path}. To continue:",
        "已停止；已完成的步骤都保存在 {path} 中。继续运行：",
    ),
    "stop.again": (
        "stopped; nothing was written. To begin again:",
        "已停止；没有写入任何文件。重新开始：",
    ),
    "live.now": ("now", "当前"),
    "live.recipe": ("recipe", "配方"),
    "live.loss": ("loss", "损失"),
    "live.best": ("best", "最好"),
    "live.spent": ("spent", "用量"),
    "live.ladder": ("Ladder", "阶梯"),
    "live.stage": ("{name} (stage {at} of {of})", "{name}（第 {at}/{of} 阶段）"),
    "live.idle.assess": ("reading the rows and the base model", "读取数据和底座模型"),
    "live.idle.ladder": ("fitting the rungs below LoRA", "拟合 LoRA 之下的各级"),
    "live.idle.capacity": ("getting ready for the next training", "准备下一次训练"),
    "live.idle.optimise": ("getting ready for the next training", "准备下一次训练"),
    "live.idle.recheck": ("getting ready for the next training", "准备下一次训练"),
    "live.idle.final": ("writing the model and the report", "写出模型和报告"),
    "live.probe_short": ("probe {n}: {at}/{of}", "试跑 {n}：{at}/{of}"),
    "live.final_short": ("final: {at}/{of}", "最终：{at}/{of}"),
    "live.probe": ("probe {n}, epoch {at} of {of}", "第 {n} 次试跑，第 {at}/{of} 轮"),
    "live.final": ("final training, epoch {at} of at most {of}", "最终训练，第 {at} 轮（至多 {of} 轮）"),
    "live.f1": ("val F1 {score}", "验证 F1 {score}"),
    "live.best_f1": ("val F1 {score}", "验证 F1 {score}"),
    "live.against": ("{score} ({points} against the frozen encoder)", "{score}（相对冻结底座 {points}）"),
    "live.to_beat": ("frozen encoder: val F1 {score}", "冻结底座：验证 F1 {score}"),
    "live.probes": ("{n} probes done", "已试跑 {n} 次"),
    "live.work": ("work {work} TFLOP", "计算量 {work} TFLOP"),
    "live.of": ("{used} of {limit}", "{used} / {limit}"),
    "live.left": ("about {time} left", "还需约 {time}"),
    "live.most": ("at most about {time} left", "至多还需约 {time}"),
    "live.time.s": ("{n} s", "{n} 秒"),
    "live.time.min": ("{n} min", "{n} 分钟"),
    "live.time.h": ("{n} h", "{n} 小时"),
    "live.time.span": ("{first} to {last}", "{first}到 {last}"),
    "live.line": ("{what}; {left}", "{what}；{left}"),
    "live.and": (", ", "，"),
    "live.in_all": ("in all {left}", "总计{left}"),
}
