"""Sentences of the local page over runs, and of the command that serves it."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    # --- the command ---
    "cli.ui": (
        "Serve a local page over runs: a list, each run's report as it grows, runs compared; assess a file, fit, try a text, review labels. Only this machine can open it, unless --host says otherwise.",
        "在本机网页上查看各次运行：列表、实时更新的报告、多次运行比较，还可评估文件、训练、试文本、复核标签。除非用 --host 另行指定，只有本机能访问。",
    ),
    "cli.help.ui_folders": (
        "Folders that contain runs, or runs themselves; searched four levels deep.",
        "存放运行的文件夹，或运行文件夹本身；向下查找四层。",
    ),
    "cli.help.ui_host": (
        "Address to listen on. Any address other than this machine's own (127.0.0.1) needs the token in the printed address.",
        "监听地址。除本机地址（127.0.0.1）外，访问都需要启动时打印的令牌。",
    ),
    "cli.help.ui_port": ("Port to listen on; 0 takes a free one.", "监听端口；0 表示任选一个空闲端口。"),
    "cli.help.ui_open": ("Open the page in a browser.", "在浏览器中打开网页。"),
    "cli.ui.at": ("runs are shown at {address} (stop with Ctrl-C)", "在浏览器中打开：{address}（按 Ctrl-C 结束）"),
    "cli.ui.guarded": (
        "other machines can reach it: the token in the address is the only protection, and nothing is encrypted. Use it only in networks you trust.",
        "其他机器也能访问：地址中的令牌是唯一的凭证，传输不加密。请只在可信的网络中使用。",
    ),
    "ui.no_extra": (
        "the page needs {package}, which is not installed. Run: pip install 'rankfirst[ui]'",
        "网页需要 {package}，尚未安装。请运行：pip install 'rankfirst[ui]'",
    ),
    "ui.no_folder": (
        "{path} is not a folder. Give the folder that contains your runs.",
        "{path} 不是文件夹。请给出存放运行的文件夹。",
    ),
    "ui.busy_port": (
        "port {port} is used by another program. Use a free one: --port {free}",
        "端口 {port} 已被其他程序占用。请换用空闲端口：--port {free}",
    ),
    "ui.no_host": (
        "cannot serve on {host}, port {port}: {why}. Give an address of this machine with --host, such as 127.0.0.1.",
        "无法在 {host} 的端口 {port} 上提供服务：{why}。请用 --host 给出本机的地址，例如 127.0.0.1。",
    ),
    # --- the list ---
    "ui.kicker": ("Runs", "运行列表"),
    "ui.head": ("All runs", "全部运行"),
    "ui.subtitle": ("newest first; the list updates itself", "最近的在前，列表自动更新"),
    "ui.skip": ("Skip to the content", "跳到正文"),
    "ui.note": (
        "Validation macro-F1 with its 95% interval; before a verdict, that of the best model so far. Scores on different data sets or validation rows are not comparable.",
        "验证集宏平均 F1 及 95% 区间；尚无结论时显示目前最好的模型。数据集或验证数据不同，得分不可比较。",
    ),
    "ui.filter": ("Filter by data, base model, folder or tag", "按数据、底座模型、文件夹或标记筛选"),
    "ui.col.run": ("Run", "运行"),
    "ui.col.verdict": ("Verdict", "结论"),
    "ui.col.val": ("Val. macro-F1", "验证宏平均 F1"),
    "ui.col.gain": ("LoRA vs the cheaper baseline", "LoRA 相对更便宜的基线"),
    "ui.col.recipe": ("Recipe", "超参"),
    "ui.col.time": ("Time", "用时"),
    "ui.col.updated": ("Last step, UTC", "最近一步（UTC）"),
    "ui.col.pick": ("Compare", "比较"),
    "ui.compare_two": ("Compare", "比较"),
    "ui.pick_two": ("Tick two or more runs to compare them.", "勾选两次或更多运行即可比较。"),
    "ui.gain": ("{gain:+.1f} ± {noise:.1f} points (95%)", "{gain:+.1f} ± {noise:.1f} 个百分点（95%）"),
    "ui.same_answers": ("none: identical predictions", "无：预测完全相同"),
    "ui.inside": ("within noise", "在噪声内"),
    "ui.beyond": ("beyond noise", "超出噪声"),
    "ui.open": ("open", "待定"),
    "ui.so_far": ("{rung}, so far", "目前：{rung}"),
    "ui.state.finished": ("finished", "已完成"),
    "ui.state.running": ("running", "运行中"),
    "ui.state.interrupted": ("interrupted", "已中断"),
    "ui.state.damaged": ("damaged", "已损坏"),
    "ui.synthetic": ("synthetic", "合成数据"),
    "ui.resume": ("How to continue it", "如何继续"),
    "ui.resume_note": (
        "Repeat the same command in the folder where it was first run; finished steps are not repeated.",
        "在当初的文件夹中重复同一条命令；已完成的步骤不会重做。",
    ),
    "ui.empty": (
        "There is no run here yet. One appears as soon as `rankfirst fit DATA -o RUN` writes into this folder; `rankfirst demo` makes two in a few minutes.",
        "这里还没有运行。`rankfirst fit 数据 -o 运行文件夹` 一写入本文件夹就会出现；`rankfirst demo` 几分钟即可生成两个。",
    ),
    "ui.footer": (
        "Read only. Everything comes from the journals in these folders; the page sends nothing out.",
        "只读页面。所有内容都来自这些文件夹中的日志，不会自行向外发送任何数据。",
    ),
    # --- a run ---
    "ui.back": ("All runs", "全部运行"),
    "ui.with": ("Compare with …", "与……比较"),
    "ui.same_data": ("same rows", "同一数据"),
    "ui.nothing_else": ("There is no other run to compare with.", "没有其他运行可供比较。"),
    "ui.running_note": (
        "This run is in progress; this is what is known so far, and each step appears when it is finished.",
        "本次运行正在进行，以下是目前已知的内容；每完成一步，页面随即更新。",
    ),
    "ui.ago": ("since the last step:", "距上一步："),
    "ui.lost": ("connection lost, reconnecting …", "连接中断，正在重连……"),
    "ui.follow_later": (
        "too many pages follow runs at the same time; this one tries again in half a minute",
        "同时跟踪运行的页面过多；本页半分钟后重试",
    ),
    # --- two runs ---
    "ui.compare.kicker": ("Two runs side by side", "两次运行并排比较"),
    "ui.compare.subtitle": ("A: {first} · B: {second}", "A：{first} · B：{second}"),
    "ui.compare.swap": ("Swap A and B", "交换 A 与 B"),
    "ui.nav.answer": ("Difference", "差别"),
    "ui.nav.knobs": ("Recipes", "超参"),
    "ui.nav.scores": ("Scores", "得分"),
    "ui.nav.decisions": ("Decisions", "决定"),
    "ui.nav.costs": ("Time and cost", "用时和开销"),
    "ui.head.answer": ("Is the difference beyond noise?", "差别是否超出噪声？"),
    "ui.head.knobs": ("Recipes and settings", "超参与设置"),
    "ui.head.scores": ("Scores of all models", "各模型得分"),
    "ui.head.decisions": ("Decisions, stage by stage", "逐阶段的决定"),
    "ui.head.costs": ("Time and cost", "用时和开销"),
    "ui.note.knobs": (
        "The final recipes of both runs; differences are marked.",
        "两次运行最后采用的超参；不同之处已标出。",
    ),
    "ui.note.scores": (
        "Validation macro-F1 with its 95% interval, before class thresholds. The last column is the reduction of log-loss per row from A to B, measured row by row on the same validation rows, with its 95% interval.",
        "验证集宏平均 F1 及 95% 区间，未使用各类阈值。最后一列是 B 相对 A 平均每条验证数据降低的 log-loss，在相同的数据上逐条比较，附 95% 区间。",
    ),
    "ui.note.decisions": (
        "The decisions of each run, in order. The evidence is in their reports.",
        "两次运行依次做出的决定；依据见各自的报告。",
    ),
    "ui.same_knobs": ("Same in both: {count}", "两者相同：{count} 项"),
    "ui.no_difference": ("No setting differs.", "没有不同的设置。"),
    "ui.col.setting": ("Setting", "设置"),
    "ui.col.gap": ("B − A", "B − A"),
    "ui.col.loss": ("Log-loss reduction, nats per row", "每条降低的 log-loss（nats）"),
    "ui.none_here": ("no decision here", "本阶段没有决定"),
    "ui.loss.none": ("none: identical", "无：完全相同"),
    "ui.precision": ("Precision", "数值精度"),
    "ui.loss.beyond": ("{gap} ± {reach}, beyond noise", "{gap} ± {reach}，超出噪声"),
    "ui.loss.inside": ("{gap} ± {reach}, within noise", "{gap} ± {reach}，在噪声内"),
    "ui.chance.unfinished": (
        "Cannot tell yet: at least one of the two has no verdict. The measurements so far are below.",
        "尚不能判断：至少有一次运行还没有结论。双方目前测得的结果见下。",
    ),
    "ui.chance.other_rows": (
        "Cannot tell: the two were evaluated on different rows (the fingerprints of their data differ). A difference in score may come from the rows.",
        "无法判断：两次运行使用的数据不同（数据指纹不一致）。得分的差别可能只是数据的差别。",
    ),
    "ui.chance.no_fingerprint": (
        "Cannot tell: a journal does not say which rows were used for evaluation.",
        "无法判断：日志没有说明使用了哪些数据。",
    ),
    "ui.chance.nothing": (
        "Cannot tell: the journals hold neither intervals nor the loss of each row.",
        "无法判断：日志中既没有区间，也没有逐条数据的 loss。",
    ),
    "ui.chance.f1.first": (
        "A is better beyond noise: macro-F1 is higher by {size} points (95% interval ± {reach}).",
        "A 更好，差别超出噪声：宏平均 F1 高 {size} 个百分点（95% 区间 ± {reach}）。",
    ),
    "ui.chance.f1.second": (
        "B is better beyond noise: macro-F1 is higher by {size} points (95% interval ± {reach}).",
        "B 更好，差别超出噪声：宏平均 F1 高 {size} 个百分点（95% 区间 ± {reach}）。",
    ),
    "ui.chance.loss.first": (
        "By log-loss, A is better beyond noise: lower by {size} nats per row (95% interval ± {reach}). Macro-F1 is inconclusive.",
        "按 log-loss，A 更好，差别超出噪声：平均每条低 {size} nats（95% 区间 ± {reach}）。按宏平均 F1 无法判断。",
    ),
    "ui.chance.loss.second": (
        "By log-loss, B is better beyond noise: lower by {size} nats per row (95% interval ± {reach}). Macro-F1 is inconclusive.",
        "按 log-loss，B 更好，差别超出噪声：平均每条低 {size} nats（95% 区间 ± {reach}）。按宏平均 F1 无法判断。",
    ),
    "ui.chance.inside": (
        "No difference beyond noise. This does not show that they are equal, only that these rows cannot separate them.",
        "差别没有超出噪声。这不说明两者相同，只说明这些数据分不出高下。",
    ),
    "ui.ground.rows": (
        "Both were evaluated on the same validation rows (equal fingerprints).",
        "两者使用相同的验证数据（数据指纹一致）。",
    ),
    "ui.ground.f1": (
        "macro-F1 of the delivered models: B − A is {gap} ± {reach} points (95% interval), from the interval of each. The journals hold no labels, so the rows could not be paired, and this interval is wider than necessary.",
        "双方交付模型的宏平均 F1：B − A 为 {gap} ± {reach} 个百分点（95% 区间），由各自的区间得出。日志不含标签，无法逐条配对，因此这个区间偏宽。",
    ),
    "ui.ground.loss": (
        "Validation log-loss, row by row: B reduces it by {gap} ± {reach} nats per row (95% interval).",
        "验证集 log-loss 逐条比较：B 平均每条降低 {gap} ± {reach} nats（95% 区间）。",
    ),
    "ui.ground.unlike": (
        "Their predictions differ on {count} of {rows} validation rows, before class thresholds.",
        "{rows} 条验证数据中，两者有 {count} 条预测不同（未使用各类阈值）。",
    ),
    "ui.ground.seed": (
        "This noise covers only the sampling of rows. Another seed would change both scores a little more.",
        "这里的噪声只来自数据的抽样；换一个随机种子，双方还会各有变动。",
    ),
    "ui.cost.seconds": ("Total time", "总用时"),
    "ui.cost.work": ("Compute, TFLOP", "计算量（TFLOP）"),
    "ui.cost.memory": ("Peak memory", "内存峰值"),
    "ui.cost.probe": ("Probes trained", "试跑次数"),
    "ui.cost.decision": ("Decisions", "决定数"),
    "ui.cost.size": ("Deployed size, without the base model", "部署大小（不含底座模型）"),
    # --- any number of runs ---
    "ui.many.kicker": ("Runs compared", "多次运行比较"),
    "ui.many.subtitle": ("{count} runs", "{count} 次运行"),
    "ui.many.head": ("Side by side", "并列比较"),
    "ui.many.note": (
        "Click a heading to sort. After the figures come the settings and the knobs of the final recipe that differ. Compare two runs to see whether their difference is beyond noise.",
        "点击表头可排序。指标之后是各次不同的设置和最后采用的超参。要判断差别是否超出噪声，请只选两次运行比较。",
    ),
    "ui.many.apart": (
        "Evaluated on other rows than most, and not comparable with the rest: {count} of these runs.",
        "其中 {count} 次运行使用的数据与多数不同，得分不可与其余直接比较。",
    ),
    "ui.many.other_rows": ("other rows", "数据不同"),
    "ui.many.test": ("Test macro-F1", "测试宏平均 F1"),
    "ui.many.memory": ("Peak memory, MB", "内存峰值（MB）"),
    "ui.many.size": ("Size, MB", "大小（MB）"),
    "ui.many.ladders": (
        "Validation macro-F1 of each model, from the simplest up",
        "各模型的验证宏平均 F1，由简到繁",
    ),
    "ui.many.prices": (
        "Validation macro-F1 against the time of the run",
        "验证宏平均 F1 与运行用时",
    ),
    "ui.many.minutes": ("minutes", "分钟"),
    # --- nothing to show ---
    "ui.sorry": ("Nothing to show", "没有可显示的内容"),
    "ui.no_page": ("There is no such page.", "没有这个页面。"),
    "ui.no_run": (
        "There is no such run. It may have been moved or deleted; the list shows the current runs.",
        "没有这次运行，可能已被移动或删除；列表中是现有的运行。",
    ),
    "ui.unreadable": (
        "the journal of {path} holds something that this version cannot read ({what}). Restore the file, or read it with the version that wrote it.",
        "{path} 的日志中有本版本无法读取的内容（{what}）。请恢复该文件，或使用写出它的版本读取。",
    ),
    "ui.broken": (
        "This page could not be made ({what}). Either the journal holds something that this version cannot read, or this is a bug in rankfirst; details are in {log}.",
        "无法生成本页（{what}）。可能是日志中有本版本无法读取的内容，也可能是 rankfirst 的缺陷；详情见 {log}。",
    ),
    "ui.need_two": (
        "A comparison needs two different runs, and takes at most {most}.",
        "比较需要至少两次不同的运行，最多 {most} 次。",
    ),
    "ui.too_many": (
        "too many pages follow runs at the same time; close some and try again",
        "同时跟踪运行的页面过多；请关闭几个后重试",
    ),
}
