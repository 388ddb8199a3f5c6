"""Sentences: checking a delivered model before it is loaded."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "manifest.differs": (
        "{path} is not the file that was delivered (found {found}, delivered {expected}). Copy the folder again, or repeat the `rankfirst fit` command (`rankfirst export` for an exported format).",
        "{path} 与交付时的文件不一致（现为 {found}，交付时为 {expected}）。请重新复制该文件夹，或重复 `rankfirst fit` 命令（导出的格式用 `rankfirst export`）。",
    ),
    "manifest.gone": (
        "{path} is missing, but it is part of the delivery. Copy the folder again, or repeat the `rankfirst fit` command (`rankfirst export` for an exported format).",
        "缺少 {path}，而它是交付内容的一部分。请重新复制该文件夹，或重复 `rankfirst fit` 命令（导出的格式用 `rankfirst export`）。",
    ),
    "manifest.damaged": (
        "{path} is damaged, so no file in its folder can be verified. Copy the folder again, or repeat the `rankfirst fit` command.",
        "{path} 已损坏，因此无法校验该文件夹中的任何文件。请重新复制该文件夹，或重复 `rankfirst fit` 命令。",
    ),
    "manifest.not_listed": (
        "{path} is not part of the delivery: manifest.json does not list it. Remove the file, or make it with `rankfirst export`.",
        "{path} 不属于交付内容：manifest.json 中没有列出。请删除该文件，或用 `rankfirst export` 生成。",
    ),
    "manifest.changed": (
        "{path} changed while the model was being loaded. Repeat the command.",
        "加载模型期间 {path} 发生了变化。请重复该命令。",
    ),
    "manifest.unverified": (
        "{path} has no manifest.json (an older version delivered it), so its files cannot be verified; `rankfirst fit` or `rankfirst export` writes one.",
        "{path} 中没有 manifest.json（由旧版本交付），因此无法校验其中的文件；`rankfirst fit` 或 `rankfirst export` 会写出该文件。",
    ),
    "cli.sign": (
        "Sign a delivered model with an Ed25519 key, so that others can require the signature.",
        "用 Ed25519 密钥为交付的模型签名，使他人可以要求验证签名。",
    ),
    "cli.help.sign_key": (
        "private key in PEM format (openssl genpkey -algorithm ed25519 -out key.pem)",
        "PEM 格式的私钥（openssl genpkey -algorithm ed25519 -out key.pem）",
    ),
    "cli.help.require_signature": (
        "public key in PEM format: refuse a model that `rankfirst sign` did not sign with its private key",
        "PEM 格式的公钥：拒绝加载未用对应私钥（`rankfirst sign`）签名的模型",
    ),
    "cli.sign.done": (
        "signed: {path} (manifest {digest})",
        "已签名：{path}（manifest {digest}）",
    ),
    "signature.none": (
        "{path} is not signed, and a signature by {key} is required. Sign it: rankfirst sign {run} --key KEY.",
        "{path} 没有签名，而当前要求由 {key} 签名。请先签名：rankfirst sign {run} --key 私钥。",
    ),
    "signature.wrong": (
        "{path} is not a signature by {key}. Check which key signed the model, and do not use it until you know.",
        "{path} 不是由 {key} 签署的签名。请确认模型由哪个密钥签名，确认之前请勿使用。",
    ),
    "signature.stale": (
        "{path} signs an earlier state of the model, which was delivered or exported again since. Sign it again: rankfirst sign {run} --key KEY.",
        "{path} 是对模型先前状态的签名，此后模型又重新交付或导出过。请重新签名：rankfirst sign {run} --key 私钥。",
    ),
    "signature.bad_key": (
        "{path} is not an Ed25519 key in PEM format without a password. Make one: openssl genpkey -algorithm ed25519 -out key.pem; its public part: openssl pkey -in key.pem -pubout -out public.pem.",
        "{path} 不是无密码的 PEM 格式 Ed25519 密钥。生成方法：openssl genpkey -algorithm ed25519 -out key.pem；公钥：openssl pkey -in key.pem -pubout -out public.pem。",
    ),
    "signature.no_manifest": (
        "{path} has no manifest.json to sign: an older version delivered it. Deliver it again with `rankfirst fit`, or export it: rankfirst export {run}.",
        "{path} 中没有可签名的 manifest.json：由旧版本交付。请用 `rankfirst fit` 重新交付，或导出：rankfirst export {run}。",
    ),
    "delivery.labels": (
        "{path} and {decision} list different labels, or the same in another order. Copy the folder again, or repeat the `rankfirst fit` command.",
        "{path} 与 {decision} 中的标签或其顺序不一致。请重新复制该文件夹，或重复 `rankfirst fit` 命令。",
    ),
    "delivery.sizes": (
        "{path} is made for {found} classes, but the model has {classes}. Copy the folder again, or repeat the `rankfirst fit` command.",
        "{path} 对应 {found} 个类别，而该模型有 {classes} 个。请重新复制该文件夹，或重复 `rankfirst fit` 命令。",
    ),
    "delivery.graph": (
        "{path} does not contain the classification head in {head}: one of them is from another delivery. Export again: `rankfirst export`.",
        "{path} 中的分类头与 {head} 不一致：其中之一来自另一次交付。请重新导出：`rankfirst export`。",
    ),
    "delivery.fleet": (
        "{path} does not fit the graph beside it ({name}): one of them is from another delivery. Export again: `rankfirst export --to fleet`.",
        "{path} 与同目录的计算图不匹配（{name}）：其中之一来自另一次交付。请重新导出：`rankfirst export --to fleet`。",
    ),
    "delivery.number": (
        "{path} is damaged: {what} is {value}, which no calibration gives. Copy the folder again, or repeat the `rankfirst fit` command.",
        "{path} 已损坏：{what} 为 {value}，校准不可能得出该值。请重新复制该文件夹，或重复 `rankfirst fit` 命令。",
    ),
    "delivery.not_finite": (
        "the model in {path} computes NaN or infinite scores, so its weights are damaged. Copy the folder again, or repeat the `rankfirst fit` command.",
        "{path} 中的模型算出 NaN 或无穷大，权重已损坏。请重新复制该文件夹，或重复 `rankfirst fit` 命令。",
    ),
    "delivery.adapter": (
        "{path} does not fit the base model: {found} of {expected} LoRA tensors were found. Copy the folder again, or repeat the `rankfirst fit` command.",
        "{path} 与底座模型不匹配：{expected} 个 LoRA 张量中只找到 {found} 个。请重新复制该文件夹，或重复 `rankfirst fit` 命令。",
    ),
    "delivery.untested": (
        "{path} is damaged or lacks the {kind} model, so whether it passed its self-test is unknown. Export it again: rankfirst export {run} --to {kind}.",
        "{path} 已损坏或没有 {kind} 的记录，无法确认其是否通过自检。请重新导出：rankfirst export {run} --to {kind}。",
    ),
}
