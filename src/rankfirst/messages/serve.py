"""Sentences: serving a delivered model."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "cli.serve": (
        "Serve a delivered model over HTTP, without torch (after `rankfirst export RUN`).",
        "用交付的模型提供 HTTP 服务，不需要 torch（先运行 `rankfirst export RUN`）。",
    ),
    "cli.help.serve_host": (
        "Address to listen on. Any address other than this machine's own (127.0.0.1) needs RANKFIRST_TOKEN or --open-to-all.",
        "监听地址。除本机地址（127.0.0.1）外，需要设置 RANKFIRST_TOKEN，或加 --open-to-all。",
    ),
    "cli.help.open_to_all": (
        "serve other machines without a token; otherwise set RANKFIRST_TOKEN",
        "不用令牌即对其他机器开放；否则请设置 RANKFIRST_TOKEN",
    ),
    "cli.serve.at": (
        "serving at {address}: POST /v1/classify, GET /v1/labels, /healthz, /readyz, /metrics, /openapi.json (stop with Ctrl-C)",
        "服务地址：{address}，接口：POST /v1/classify，GET /v1/labels、/healthz、/readyz、/metrics、/openapi.json（按 Ctrl-C 结束）",
    ),
    "serve.open_door": (
        "{host} can be reached from other machines without a token. Set RANKFIRST_TOKEN, which clients send as a bearer token, or pass --open-to-all.",
        "{host} 可被其他机器访问，却没有令牌保护。请设置 RANKFIRST_TOKEN（客户端以 Bearer 令牌发送），或加 --open-to-all。",
    ),
    "serve.bad_token": (
        "RANKFIRST_TOKEN contains a space, a line break or a character outside ASCII, which no request header can carry. Use printable ASCII only; for a token read from a file, remove the line break at its end.",
        "RANKFIRST_TOKEN 含有空格、换行或非 ASCII 字符，请求头无法携带。请只使用可打印的 ASCII 字符；若令牌读自文件，请去掉末尾的换行。",
    ),
    "canary.damaged": (
        "{path} is damaged. Repeat the `rankfirst fit` or `rankfirst export` command to deliver the model again.",
        "{path} 已损坏。请重新运行 `rankfirst fit` 或 `rankfirst export` 命令交付模型。",
    ),
    "canary.no_answer": (
        "The model in {path} does not give a probability for each of its {classes} classes, so its files do not belong together. Deliver or export it again.",
        "{path} 中的模型没有为其 {classes} 个类别逐一给出概率，说明文件不属于同一次交付。请重新交付或导出。",
    ),
    "canary.differs": (
        "The model answers {changed} of the {texts} texts in {path} differently than when it was delivered. Deliver or export it again, on this machine if it was exported on another.",
        "{path} 中的 {texts} 条文本，有 {changed} 条的回答与交付时不同。请重新交付或导出；若在另一台机器上导出，请在本机导出。",
    ),
}
