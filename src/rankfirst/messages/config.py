"""Sentences: files that hold options."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "cli.help.config": (
        "YAML file of options, under the names of the flags (docs/cli.md); flags given on the command line win",
        "选项的 YAML 文件，名称与各参数相同（见 docs/cli.md）；命令行上给出的参数优先",
    ),
    "cli.help.dump_config": (
        "write the options of this run to a YAML file that --config reads",
        "把本次运行的选项写入 YAML 文件，供 --config 读取",
    ),
    "config.missing": ("there is no file {path}: name a YAML file", "找不到文件 {path}：请给出 YAML 文件"),
    "config.unreadable": ("{path} is not readable YAML ({why})", "{path} 不是可读的 YAML（{why}）"),
    "config.no_mapping": (
        "{path} holds no options: write one per line, such as `seed: 1`",
        "{path} 中没有选项：请每行写一项，例如 `seed: 1`",
    ),
    "config.unknown": (
        "{at}: there is no option {option!r} here; the nearest name is {near} (see `rankfirst fit --help-all`)",
        "{at}：这里没有选项 {option!r}；最接近的名称是 {near}（参见 `rankfirst fit --help-all`）",
    ),
    "config.bad_value": (
        "{at}: {option} cannot be {value!r}; it needs a value of type {kind} (see `rankfirst fit --help-all`)",
        "{at}：{option} 不能取 {value!r}，应为 {kind} 类型（参见 `rankfirst fit --help-all`）",
    ),
    "config.exists": (
        "{path} exists and holds something else: name another file with --dump-config",
        "{path} 已存在且内容不同：请用 --dump-config 指定其他文件",
    ),
}
