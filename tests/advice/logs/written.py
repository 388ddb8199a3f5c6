"""Logs as the tools write them, made by hand: their key names, their last lines, their habits. Curves are synthetic."""

import json
import math
import struct
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rankfirst.advice.logs.tensorboard import masked_crc

Rows = list[dict[str, Any]]

FALLING = tuple(2.0 - 0.04 * i for i in range(30))  # to the end
SETTLED = tuple(0.5 + 1.5 * math.exp(-i / 4) + 0.002 * (-1) ** i for i in range(30))  # flat at a quarter of its start
COLLAPSED = tuple(2.0 * math.exp(-i / 6) for i in range(30))


def history(
    losses: Sequence[Any] = SETTLED,
    evaluations: Sequence[Mapping[str, Any]] = (),
    lr: Sequence[float] | float = 2e-4,
    per_epoch: int = 10,
) -> Rows:
    """`log_history`: a loss every ten steps, an evaluation at the end of every epoch, the summary row last."""
    rows: Rows = []
    for at, loss in enumerate(losses, 1):
        rate = lr if isinstance(lr, float) else lr[at - 1]
        rows.append({"loss": loss, "grad_norm": 1.5, "learning_rate": rate, "epoch": at / per_epoch, "step": 10 * at})
        if at % per_epoch == 0 and at // per_epoch <= len(evaluations):
            told = {"eval_runtime": 3.2, "eval_samples_per_second": 310.0, "epoch": at / per_epoch, "step": 10 * at}
            rows.append({**evaluations[at // per_epoch - 1], **told})
    summary = {"train_runtime": 99.0, "train_samples_per_second": 90.0, "total_flos": 1e15, "train_loss": 0.7}
    return [*rows, {**summary, "epoch": len(losses) / per_epoch, "step": 10 * len(losses)}]


def evaluations(losses: Sequence[float], f1: Sequence[float] = (), key: str = "eval_macro_f1") -> Rows:
    return [{"eval_loss": loss} | ({key: f1[i]} if f1 else {}) for i, loss in enumerate(losses)]


OVERFIT = evaluations((0.9, 0.7, 1.1), (0.80, 0.86, 0.79))
GOOD = evaluations((0.9, 0.7, 0.68), (0.80, 0.86, 0.87))


def trainer_state(folder: Path, rows: Rows, **fields: Any) -> Path:
    told = {
        "best_metric": None,
        "best_model_checkpoint": None,
        "epoch": 3.0,
        "eval_steps": 500,
        "global_step": 300,
        "is_hyper_param_search": False,
        "is_local_process_zero": True,
        "log_history": rows,
        "logging_steps": 10,
        "max_steps": 300,
        "num_input_tokens_seen": 0,
        "num_train_epochs": 3,
        "save_steps": 500,
        "stateful_callbacks": {},
        "total_flos": 1e15,
        "train_batch_size": 16,
        "trial_name": None,
        "trial_params": None,
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "trainer_state.json"
    path.write_text(json.dumps(told | fields, indent=2), encoding="utf-8")
    return path


def adapter(folder: Path, **fields: Any) -> Path:
    """PEFT's adapter_config.json."""
    told = {
        "peft_type": "LORA",
        "task_type": "SEQ_CLS",
        "base_model_name_or_path": "bert",
        "r": 8,
        "lora_alpha": 16,
        "lora_dropout": 0.05,
        "target_modules": ["query", "value"],
        "layers_to_transform": None,
        "rank_pattern": {},
        "alpha_pattern": {},
        "use_rslora": False,
        "modules_to_save": ["classifier"],
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "adapter_config.json"
    path.write_text(json.dumps(told | fields), encoding="utf-8")
    return path


def jsonl(path: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def llama_factory(folder: Path, rows: Rows) -> Path:
    """trainer_log.jsonl: current_steps, lr, a line without a loss at the end."""
    told: Rows = []
    for row in rows:
        if "train_runtime" in row:
            continue
        shared = {
            "current_steps": row["step"],
            "total_steps": 300,
            "epoch": row["epoch"],
            "percentage": round(row["step"] / 3, 2),
            "elapsed_time": "0:00:10",
            "remaining_time": "0:10:00",
        }
        own = {"loss": row["loss"], "lr": row["learning_rate"]} if "loss" in row else {"eval_loss": row["eval_loss"]}
        told.append(own | shared)
    end = {"current_steps": 300, "total_steps": 300, "epoch": 3.0, "percentage": 100.0, "elapsed_time": "0:10:00"}
    return jsonl(folder / "trainer_log.jsonl", [*told, end])


def ms_swift(folder: Path, rows: Rows) -> Path:
    """logging.jsonl: "global_step/max_steps", the summary of the Trainer, and a last line that repeats the log."""
    told: Rows = []
    for row in rows:
        shared = {
            "epoch": row["epoch"],
            "global_step/max_steps": f"{row['step']}/300",
            "percentage": "33.33%",
            "elapsed_time": "1m 10s",
            "remaining_time": "2m 20s",
            "memory(GiB)": 11.2,
        }
        own = {k: v for k, v in row.items() if k not in ("step", "epoch")}
        told.append(own | ({"token_acc": 0.7} if "loss" in row else {}) | shared)
    last = {"last_model_checkpoint": "x/checkpoint-300", "best_metric": 0.7, "global_step": 300, "log_history": rows}
    return jsonl(folder / "logging.jsonl", [*told, last])


def csv(path: Path, header: str, rows: Iterable[Sequence[Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [header, *(",".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def mlflow(folder: Path, rows: Rows, **params: Any) -> Path:
    """mlruns/EXPERIMENT/RUN with metrics, params and meta.yaml."""
    run = folder / "mlruns" / "123" / "abc"
    for name in ("metrics", "params", "tags"):
        (run / name).mkdir(parents=True)
    (run / "meta.yaml").write_text("artifact_uri: x\nrun_id: abc\n", encoding="utf-8")
    for row in rows:
        for key, value in row.items():
            if key != "step":
                with (run / "metrics" / key).open("a", encoding="utf-8") as file:
                    file.write(f"1700000000000 {value} {row['step']}\n")
    for key, value in params.items():
        (run / "params" / key).write_text(str(value), encoding="utf-8")
    return run


def tensorboard(folder: Path, rows: Rows, tensors: bool = False) -> Path:
    """An event file as PyTorch's SummaryWriter (simple_value) or TensorFlow 2 (tensor) writes it."""
    events = [_event(version=b"brain.Event:2"), _event(summary=_text("args/text_summary"))]
    for row in rows:
        part = "eval" if "eval_loss" in row else "train"
        for key, value in row.items():
            if key != "step":
                tag = f"{part}/{key.removeprefix('eval_')}"
                events.append(_event(row["step"], _scalar(tag, float(value), tensors)))
    path = folder / "events.out.tfevents.1700000000.host.123.0"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(map(_record, events)))
    return path


def _record(data: bytes) -> bytes:
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", masked_crc(length)) + data + struct.pack("<I", masked_crc(data))


def _varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def _bytes(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _event(step: int = 0, summary: bytes = b"", version: bytes = b"") -> bytes:
    told = struct.pack("<Bd", 1 << 3 | 1, 1.7e9)
    told += _varint(2 << 3) + _varint(step) if step else b""
    told += _bytes(3, version) if version else b""
    return told + (_bytes(5, _bytes(1, summary)) if summary else b"")


def _scalar(tag: str, value: float, tensor: bool) -> bytes:
    if not tensor:
        return _bytes(1, tag.encode()) + struct.pack("<Bf", 2 << 3 | 5, value)
    content = _varint(1 << 3) + _varint(1) + _bytes(2, b"") + _bytes(4, struct.pack("<f", value))  # DT_FLOAT
    return _bytes(1, tag.encode()) + _bytes(9, _bytes(1, b"scalars")) + _bytes(8, content)


def _text(tag: str) -> bytes:
    content = _varint(1 << 3) + _varint(7) + _bytes(8, b"a text of somebody")  # DT_STRING
    return _bytes(1, tag.encode()) + _bytes(8, content)
