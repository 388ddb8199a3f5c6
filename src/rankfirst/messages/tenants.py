"""Sentences: many runs served by one process."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "cli.help.tenants": (
        "serve all runs in this folder instead, as /v1/SUBFOLDER/classify",
        "改为同时服务该文件夹中的所有运行，地址为 /v1/子文件夹名/classify",
    ),
    "cli.help.max_models": (
        "with --tenants: maximum number of models in memory; the least recently used is unloaded first",
        "配合 --tenants：内存中最多几个模型；最久未用的先卸载",
    ),
    "cli.help.max_megabytes": (
        "with --tenants: maximum memory of the loaded models in megabytes, estimated from their files",
        "配合 --tenants：内存中模型最多占多少 MB（按文件大小估算）",
    ),
    "cli.serve.tenants_at": (
        "serving at {address}: POST /v1/TENANT/classify, GET /v1/TENANT/labels, /v1/TENANT/readyz, /v1/tenants, /healthz, /readyz, /metrics, /openapi.json (stop with Ctrl-C)",
        "服务地址：{address}，接口：POST /v1/租户/classify，GET /v1/租户/labels、/v1/租户/readyz、/v1/tenants、/healthz、/readyz、/metrics、/openapi.json（按 Ctrl-C 结束）",
    ),
    "serve.one_or_many": (
        "Name one run to serve, or --tenants FOLDER for all runs in a folder, but not both.",
        "请指定要服务的运行，或用 --tenants 文件夹 服务其中所有运行，二者只能选一个。",
    ),
    "serve.no_tenants_folder": (
        "{path} is not a folder. Give the folder whose subfolders are runs.",
        "{path} 不是文件夹。请给出以各次运行为子文件夹的文件夹。",
    ),
    "serve.no_tenants": (
        "No subfolder of {path} is a run with a delivered model and a name that a tenant may have (letters, digits, . _ -; at most 64). Put runs there first.",
        "{path} 中没有可作为租户的运行：子文件夹须含已交付的模型，名称只能用字母、数字、. _ -，最多 64 个字符。请先放入运行。",
    ),
    "serve.tenants_torch": (
        "--tenants serves exported models only: use --backend int8, onnx or fleet (rankfirst export RUN).",
        "--tenants 只服务导出的模型：请用 --backend int8、onnx 或 fleet（先运行 rankfirst export RUN）。",
    ),
    "serve.outside": (
        "{path} is a link to something outside {root}. Copy the run there instead.",
        "{path} 是指向 {root} 之外的链接。请改为把该运行复制进来。",
    ),
    "serve.too_large": (
        "The model of {path} takes about {megabytes:.0f} MB, but --max-megabytes allows {most:.0f} in total. Allow more, or export int8.",
        "{path} 的模型约占 {megabytes:.0f} MB，而 --max-megabytes 总共只允许 {most:.0f} MB。请调高上限，或导出 int8。",
    ),
    "serve.bad_settings": (
        "{path} cannot be read ({why}). It may hold most_texts (1 to 256), most_waiting (1 to 65536) and token_sha256 (64 hex digits), as JSON.",
        "无法读取 {path}（{why}）。该 JSON 文件只能包含 most_texts（1 到 256）、most_waiting（1 到 65536）和 token_sha256（64 位十六进制）。",
    ),
}
