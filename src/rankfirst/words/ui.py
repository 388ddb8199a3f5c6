"""Sentences of the local page over runs, and of the command that serves it."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    # --- the command ---
    "cli.ui": (
        "Serve a local page over runs: a list, each run's report as it grows, two runs side by side. This machine only, unless --host says otherwise.",
        "在本机网页上查看各次运行：列表、实时更新的报告、两次运行并排比较。除非用 --host 另行指定，只有本机能访问。",
    ),
    "cli.help.ui_folders": (
        "Folders with runs, or runs themselves; runs are looked for four folders deep.",
        "存放运行的目录，或运行目录本身；向下查找四层。",
    ),
    "cli.help.ui_host": (
        "Address to serve on. Any but this machine's own (127.0.0.1) needs the token in the printed address.",
        "监听地址。除本机地址（127.0.0.1）外，访问都需要启动时打印的令牌。",
    ),
    "cli.help.ui_port": ("Port to serve on; 0 takes a free one.", "监听端口；0 表示任选一个空闲端口。"),
    "cli.help.ui_open": ("Open the page in a browser.", "在浏览器中打开网页。"),
    "cli.ui.at": ("runs are shown at {address} (Ctrl-C ends it)", "在浏览器中打开：{address}（按 Ctrl-C 结束）"),
    "cli.ui.guarded": (
        "others reach it too: the token in the address is the only key, and nothing is encrypted. Keep it to networks you trust.",
        "其他机器也能访问：地址中的令牌是唯一的凭证，传输不加密。请只在可信的网络中使用。",
    ),
    "ui.no_extra": (
        "the page needs {package}, which is not installed. Run: pip install 'rankfirst[ui]'",
        "网页需要 {package}，尚未安装。请运行：pip install 'rankfirst[ui]'",
    ),
    "ui.no_folder": (
        "{path} is no folder. Give the folder that holds your runs.",
        "{path} 不是目录。请给出存放运行的目录。",
    ),
    "ui.busy_port": (
        "port {port} is in use by another program. Use a free one: --port {free}",
        "端口 {port} 已被其他程序占用。请换用空闲端口：--port {free}",
    ),
    "ui.no_host": (
        "cannot serve on {host}, port {port}: {why}. Give an address of this machine with --host, such as 127.0.0.1.",
        "无法在 {host} 的端口 {port} 上提供服务：{why}。请用 --host 给出本机的地址，例如 127.0.0.1。",
    ),
    # --- the list ---
    "ui.kicker": ("Runs", "运行列表"),
    "ui.head": ("All runs", "全部运行"),
    "ui.subtitle": ("newest first; the list keeps itself up to date", "最近的在前，列表自动更新"),
    "ui.skip": ("Skip to the content", "跳到正文"),
    "ui.note": (
        "Validation macro-F1 with its 95% interval. Before a verdict it is that of the best rung so far. Scores of different data sets, or of different validation rows, do not compare.",
        "验证集宏 F1 及 95% 区间。尚无结论时显示目前最好的一级。数据集或验证数据不同，得分不可比较。",
    ),
    "ui.filter": ("Filter by data, base model or folder", "按数据、底座模型或目录筛选"),
    "ui.col.run": ("Run", "运行"),
    "ui.col.verdict": ("Verdict", "结论"),
    "ui.col.val": ("Val. macro-F1", "验证宏 F1"),
    "ui.col.gain": ("LoRA over the cheaper rung", "LoRA 相对更便宜一级的提升"),
    "ui.col.recipe": ("Recipe", "配方"),
    "ui.col.time": ("Time", "用时"),
    "ui.col.updated": ("Last step, UTC", "最近一步（UTC）"),
    "ui.col.pick": ("Compare", "比较"),
    "ui.compare_two": ("Compare the two", "比较所选两次"),
    "ui.pick_two": ("Tick two runs to compare them.", "勾选两次运行即可并排比较。"),
    "ui.gain": ("{gain:+.1f} ± {noise:.1f} points (95%)", "{gain:+.1f} ± {noise:.1f} 个百分点（95%）"),
    "ui.same_answers": ("none: the same answers", "无：答案完全相同"),
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
        "Repeat the same command where it was first given; finished steps are not done again.",
        "在当初的目录中重复同一条命令；已完成的步骤不会重做。",
    ),
    "ui.empty": (
        "No run here yet. One appears as soon as `rankfirst fit DATA -o RUN` writes into this folder; `rankfirst demo` makes one in a minute or two.",
        "这里还没有运行。`rankfirst fit 数据 -o 运行目录` 一写入本目录就会出现；`rankfirst demo` 一两分钟即可生成一个。",
    ),
    "ui.footer": (
        "Read only. Everything comes from the journals in these folders; nothing leaves this machine by itself.",
        "只读页面。所有内容都来自这些目录中的日志，不会自行向外发送任何数据。",
    ),
    # --- a run ---
    "ui.back": ("All runs", "全部运行"),
    "ui.with": ("Compare with …", "与……比较"),
    "ui.same_data": ("same rows", "同一数据"),
    "ui.nothing_else": ("There is no other run to compare with.", "没有其他运行可供比较。"),
    "ui.running_note": (
        "This run is going on; below is what is known so far, and each step appears as it is finished.",
        "本次运行正在进行，以下是目前已知的内容；每完成一步，页面随即更新。",
    ),
    "ui.ago": ("since the last step:", "距上一步："),
    "ui.lost": ("connection lost, trying again …", "连接中断，正在重连……"),
    "ui.follow_later": (
        "too many pages follow runs at once; this one tries again in half a minute",
        "同时跟踪运行的页面过多；本页半分钟后重试",
    ),
    # --- two runs ---
    "ui.compare.kicker": ("Two runs side by side", "两次运行并排比较"),
    "ui.compare.subtitle": ("A: {first} · B: {second}", "A：{first} · B：{second}"),
    "ui.compare.swap": ("Swap A and B", "交换 A 与 B"),
    "ui.nav.answer": ("Difference", "差别"),
    "ui.nav.knobs": ("Recipes", "配方"),
    "ui.nav.scores": ("Scores", "得分"),
    "ui.nav.decisions": ("Decisions", "决定"),
    "ui.nav.costs": ("Time and cost", "用时和开销"),
    "ui.head.answer": ("Is the difference beyond noise?", "差别是否超出噪声？"),
    "ui.head.knobs": ("Recipes and settings", "配方与设置"),
    "ui.head.scores": ("The ladder in both", "两次运行的阶梯"),
    "ui.head.decisions": ("Decisions, stage by stage", "逐阶段的决定"),
    "ui.head.costs": ("Time and cost", "用时和开销"),
    "ui.note.knobs": (
        "The recipes the runs ended with; what differs is marked.",
        "两次运行最后采用的配方；不同之处已标出。",
    ),
    "ui.note.scores": (
        "Validation macro-F1 with its 95% interval, before class thresholds. The last column is the log-loss B saves a row, measured row by row on the same validation rows, with its 95% interval.",
        "验证集宏 F1 及 95% 区间，未使用各类阈值。最后一列是 B 相对 A 平均每条验证数据降低的 log-loss，在相同的数据上逐条比较，附 95% 区间。",
    ),
    "ui.note.decisions": (
        "What each run decided, in order. Their reports say on what evidence.",
        "两次运行依次做出的决定；依据见各自的报告。",
    ),
    "ui.same_knobs": ("The same in both: {count}", "两者相同：{count} 项"),
    "ui.no_difference": ("No setting differs.", "没有不同的设置。"),
    "ui.col.setting": ("Setting", "设置"),
    "ui.col.gap": ("B over A", "B 比 A"),
    "ui.col.loss": ("Log-loss saved, nats a row", "每条降低的 log-loss（nats）"),
    "ui.none_here": ("nothing decided here", "本阶段没有决定"),
    "ui.loss.none": ("none: the same", "无：完全相同"),
    "ui.precision": ("Precision", "数值精度"),
    "ui.loss.beyond": ("{gap} ± {reach}, beyond noise", "{gap} ± {reach}，超出噪声"),
    "ui.loss.inside": ("{gap} ± {reach}, within noise", "{gap} ± {reach}，在噪声内"),
    "ui.chance.unfinished": (
        "Cannot tell yet: at least one of the two has no verdict. What both have measured so far stands below.",
        "尚不能判断：至少有一次运行还没有结论。双方目前测得的结果见下。",
    ),
    "ui.chance.other_rows": (
        "Cannot tell: the two were judged on different rows (the fingerprints of their data differ). A gap in score may be a gap in rows.",
        "无法判断：两次运行使用的数据不同（数据指纹不一致）。得分的差别可能只是数据的差别。",
    ),
    "ui.chance.no_fingerprint": (
        "Cannot tell: a journal does not say which rows it was judged on.",
        "无法判断：日志没有说明使用了哪些数据。",
    ),
    "ui.chance.nothing": (
        "Cannot tell: the journals hold neither intervals nor the loss of each row.",
        "无法判断：日志中既没有区间，也没有逐条数据的损失。",
    ),
    "ui.chance.f1.first": (
        "A is better beyond noise: {size} points more macro-F1 (95% interval ± {reach}).",
        "A 更好，差别超出噪声：宏 F1 高 {size} 个百分点（95% 区间 ± {reach}）。",
    ),
    "ui.chance.f1.second": (
        "B is better beyond noise: {size} points more macro-F1 (95% interval ± {reach}).",
        "B 更好，差别超出噪声：宏 F1 高 {size} 个百分点（95% 区间 ± {reach}）。",
    ),
    "ui.chance.loss.first": (
        "By log-loss A is better beyond noise: {size} nats a row less (95% interval ± {reach}). By macro-F1 it cannot be told.",
        "按 log-loss，A 更好，差别超出噪声：平均每条低 {size} nats（95% 区间 ± {reach}）。按宏 F1 无法判断。",
    ),
    "ui.chance.loss.second": (
        "By log-loss B is better beyond noise: {size} nats a row less (95% interval ± {reach}). By macro-F1 it cannot be told.",
        "按 log-loss，B 更好，差别超出噪声：平均每条低 {size} nats（95% 区间 ± {reach}）。按宏 F1 无法判断。",
    ),
    "ui.chance.inside": (
        "No difference beyond noise. That does not show that they are equal, only that these rows cannot tell them apart.",
        "差别没有超出噪声。这不说明两者相同，只说明这些数据分不出高下。",
    ),
    "ui.ground.rows": (
        "Both were judged on the same validation rows (their fingerprints are equal).",
        "两者使用相同的验证数据（数据指纹一致）。",
    ),
    "ui.ground.f1": (
        "macro-F1 of what each delivers: B over A {gap} ± {reach} points (95% interval), from the interval of each. The journals hold no labels, so the rows could not be paired and the band is wider than it need be.",
        "双方交付模型的宏 F1：B 比 A {gap} ± {reach} 个百分点（95% 区间），由各自的区间得出。日志不含标签，无法逐条配对，因此这个范围偏宽。",
    ),
    "ui.ground.loss": (
        "Validation log-loss, row by row: B saves {gap} ± {reach} nats a row (95% interval).",
        "验证集 log-loss 逐条比较：B 平均每条降低 {gap} ± {reach} nats（95% 区间）。",
    ),
    "ui.ground.unlike": (
        "They answer {count} of {rows} validation rows differently, before class thresholds.",
        "{rows} 条验证数据中，两者有 {count} 条答案不同（未使用各类阈值）。",
    ),
    "ui.ground.seed": (
        "Noise here is that of the rows. Another seed would move both a little more.",
        "这里的噪声只来自数据的抽样；换一个随机种子，双方还会各有变动。",
    ),
    "ui.cost.seconds": ("Time, the whole run", "总用时"),
    "ui.cost.work": ("Work, TFLOP", "计算量（TFLOP）"),
    "ui.cost.memory": ("Memory at most", "内存峰值"),
    "ui.cost.probe": ("Probes trained", "试跑次数"),
    "ui.cost.decision": ("Decisions", "决定数"),
    "ui.cost.size": ("To deploy, beside the base model", "部署大小（不含底座模型）"),
    # --- nothing to show ---
    "ui.sorry": ("Nothing to show", "没有可显示的内容"),
    "ui.no_page": ("There is no such page.", "没有这个页面。"),
    "ui.no_run": (
        "There is no such run. It may have been moved or deleted; the list shows what is there now.",
        "没有这次运行，可能已被移动或删除；列表中是现有的运行。",
    ),
    "ui.unreadable": (
        "the journal of {path} holds something that this version cannot read ({what}). Restore the file, or read it with the version that wrote it.",
        "{path} 的日志中有本版本无法读取的内容（{what}）。请恢复该文件，或使用写出它的版本读取。",
    ),
    "ui.broken": (
        "This page could not be made ({what}). Either the journal holds something this version cannot read, or this is a fault of rankfirst; the details are in {log}.",
        "无法生成本页（{what}）。可能是日志中有本版本无法读取的内容，也可能是 rankfirst 的缺陷；详情见 {log}。",
    ),
    "ui.need_two": ("Two different runs are needed to compare.", "比较需要两次不同的运行。"),
    "ui.too_many": (
        "too many pages follow runs at once; close some and try again",
        "同时跟踪运行的页面过多；请关闭几个后重试",
    ),
}
