"""Sentences: many fits, one queue."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "cli.fit_many": (
        "Fit many data sets in one queue: reads a YAML file of specs, writes one summary page. Repeat the command to continue. Exit code 0 all finished, 1 some failed, 2 nothing could start.",
        "依次训练多个数据集：读入一个 YAML 规格文件，输出一页汇总。重复同一命令即可继续。退出码 0 全部完成，1 有失败，2 无法开始。",
    ),
    "cli.help.specs": (
        "YAML file: `runs`, each with `train` and any option of `fit`; `defaults` apply to all",
        "YAML 文件：`runs` 逐项列出，每项含 `train` 及 `fit` 的任意选项；`defaults` 对所有项生效",
    ),
    "cli.help.many_out": ("folder for all runs and the summary", "所有运行和汇总所在的文件夹"),
    "cli.help.many_json": ("print only the summary, as JSON, at the end", "结束时只打印 JSON 格式的汇总"),
    "cli.help.many_quiet": ("print only the summary, at the end", "只在结束时打印汇总"),
    "many.no_runs": (
        "{path} has no list `runs`: start it with `runs:` and one entry per fit, each with `train`; the only other key is `defaults`",
        "{path} 中没有 `runs` 列表：请以 `runs:` 开头，每项写一次训练并给出 `train`；同级只允许再写 `defaults`",
    ),
    "many.no_mapping": (
        "{path}, {at}: a mapping of options is needed, such as `train: rows.csv`",
        "{path} 的 {at}：应为选项映射，例如 `train: rows.csv`",
    ),
    "many.no_train": ("{path}, {at}: `train` is missing", "{path} 的 {at}：缺少 `train`"),
    "many.bad_name": (
        "{path}, {at}: the name {name!r} cannot be used for a folder: letters, digits, `_`, `-`, `.`, at most 80, starting with a letter or digit",
        "{path} 的 {at}：名称 {name!r} 不能用作文件夹名：只能用字母、数字、`_`、`-`、`.`，最多 80 个字符，且以字母或数字开头",
    ),
    "many.same_name": (
        "{path}: two entries are named {name}: give each its own `name`",
        "{path}：有两项都叫 {name}：请用 `name` 给每项取不同的名称",
    ),
    "many.died": (
        "its process ended without a result (exit code {code}), most often for lack of memory; repeat the command to continue it",
        "进程未给出结果就结束了（退出码 {code}），通常是内存不足；重复同一命令即可继续",
    ),
    "many.title": ("Summary of many fits", "多数据集训练汇总"),
    "many.counts": (
        "{finished} of {jobs} finished, {failed} failed.",
        "共 {jobs} 项：完成 {finished} 项，失败 {failed} 项。",
    ),
    "many.finished": ("Finished", "已完成"),
    "many.failed": ("Failed", "失败"),
    "many.column.name": ("name", "名称"),
    "many.column.delivered": ("delivered", "交付"),
    "many.column.val": ("validation macro-F1", "验证集宏平均 F1"),
    "many.column.test": ("test macro-F1", "测试集宏平均 F1"),
    "many.column.time": ("time", "用时"),
    "many.column.folder": ("folder", "文件夹"),
    "many.earlier": ("{time}, earlier", "{time}（此前完成）"),
    "many.line": (
        "[{at}/{jobs}] {name}: {ship}, validation macro-F1 {val}, {time}",
        "[{at}/{jobs}] {name}：{ship}，验证集宏平均 F1 {val}，{time}",
    ),
    "many.page": ("Summary: {path}", "汇总：{path}"),
}
