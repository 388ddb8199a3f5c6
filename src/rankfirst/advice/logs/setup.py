"""What the files beside a log say about the run, apart from the recipe: task, kind of adapter, plan, classes.

Sources: PEFT's adapter_config.json, the model's config.json, the arguments that trainers save, the model card, the
state of the Trainer, and the keys of the log itself. A pickle is never opened.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from rankfirst.advice.logs import settings
from rankfirst.advice.logs.find import checkpoints
from rankfirst.advice.logs.numbers import number, plain
from rankfirst.advice.logs.tasks import task_of
from rankfirst.records.training_log import LoggedSetup

# Weights of a whole model; those of an adapter are called adapter_model.*.
WHOLE: Final = ("model.safetensors", "pytorch_model.bin", "model.safetensors.index.json", "tf_model.h5",
                "pytorch_model.bin.index.json")  # fmt: skip
FULL: Final = ("full", "freeze")  # finetuning_type of LLaMA-Factory, train_type of ms-swift

# Our name -> how trainers spell it (after `plain`).
NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "planned_steps": ("max_steps", "total_steps", "max_train_steps", "num_training_steps"),
    "planned_epochs": ("num_train_epochs", "num_epochs", "max_epochs"),
    "warmup_steps": ("warmup_steps", "num_warmup_steps", "lr_scheduler_warmup_steps"),
    "warmup_share": ("warmup_ratio", "lr_scheduler_warmup_ratio"),
    "classes": ("num_labels", "num_classes", "n_classes"),
    "kind": ("peft_type", "finetuning_type", "train_type", "sft_type", "tuner_type", "adapter"),
}


def beside(log: Path, adapter: Path | None, found: LoggedSetup, keys: frozenset[str], format_name: str) -> LoggedSetup:
    """The setup of this log's run.

    Args:
        log: the file or run folder that is read. adapter: an adapter_config.json or its folder; searched for if None.
        found: what the rows of the log say. keys: normalised keys of its rows.
    """
    files = dict(settings.files(log, adapter))
    merged = {plain(key): value for fields in files.values() for key, value in fields.items() if value is not None}
    given = {name: value for name, keys_ in NAMES.items() if (value := _first(merged, keys_)) is not None}
    state = files.get("trainer_state.json", {})
    task, shown_by = task_of(files, keys, format_name)
    adapter_file = files.get("adapter_config.json", {})
    peft = str(adapter_file.get("peft_type") or "").rpartition(".")[2].upper()
    kind = str(given.get("kind") or "").lower()
    if not peft and kind not in FULL and any(name in merged for name in ("lora_rank", "lora_r", "lora_alpha")):
        peft = "LORA"
    share = _positive(given.get("warmup_share"))
    steps = number(given.get("warmup_steps"))
    if steps is not None and 0 < steps < 1:  # transformers 5 takes a share under the same name
        share, steps = steps, None
    return LoggedSetup(
        peft_type=peft,
        full_weights=not peft and (kind in FULL or _is_whole(files, log)),
        task=task,
        shown_by=shown_by,
        classes=_classes(merged),
        multi_label=str(merged.get("problem_type", "")) == "multi_label_classification",
        planned_steps=_whole(state.get("max_steps")) or found.planned_steps or _whole(given.get("planned_steps")),
        planned_epochs=_positive(state.get("num_train_epochs")) or _positive(given.get("planned_epochs")),
        done_steps=_whole(state.get("global_step")),
        done_epochs=_positive(state.get("epoch")),
        early_stopping=_early_stopping(state),
        later=_later(log),
        warmup_steps=steps if not share else None,
        warmup_share=share,
        fp16=str(merged.get("fp16", "")).lower() == "true",
        head_frozen="modules_to_save" in adapter_file
        and not adapter_file["modules_to_save"]
        and not adapter_file.get("task_type"),
    )


def _first(fields: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    return next((fields[key] for key in keys if fields.get(key) is not None), None)


def _whole(value: object) -> int | None:
    parsed = number(value)
    return int(parsed) if parsed is not None and 1 <= parsed < 1e12 else None


def _positive(value: object) -> float | None:
    parsed = number(value)
    return parsed if parsed is not None and 0 < parsed < 1e9 else None


def _classes(fields: Mapping[str, Any]) -> int | None:
    for name in ("id2label", "label2id"):
        labels = fields.get(name)
        if isinstance(labels, dict) and len(labels) > 1:
            return len(labels)
    count = _whole(_first(fields, NAMES["classes"]))
    return count if count is not None and count > 1 else None


def _early_stopping(state: Mapping[str, Any]) -> bool:
    """Whether the Trainer's state says that a callback ended the run, or that early stopping had lost its patience."""
    callbacks = state.get("stateful_callbacks")
    control = callbacks.get("TrainerControl") if isinstance(callbacks, dict) else None
    orders = control.get("args") if isinstance(control, dict) else None
    if isinstance(orders, dict) and orders.get("should_training_stop") is True:
        return True
    stopper = callbacks.get("EarlyStoppingCallback") if isinstance(callbacks, dict) else None
    if not isinstance(stopper, dict):
        return False
    given, counted = stopper.get("args"), stopper.get("attributes")
    patience = number(given.get("early_stopping_patience")) if isinstance(given, dict) else None
    counter = number(counted.get("early_stopping_patience_counter")) if isinstance(counted, dict) else None
    return patience is not None and counter is not None and counter >= patience


def _later(log: Path) -> str:
    """The newest checkpoint beside the one that is read; "" if that is the newest, or no checkpoint."""
    beside_it = checkpoints(log.parent.parent) if log.parent.name.startswith("checkpoint-") else []
    states = [folder for folder in beside_it if (folder / log.name).is_file()]
    return states[-1].name if states and states[-1].name != log.parent.name else ""


def _is_whole(files: Mapping[str, Mapping[str, Any]], log: Path) -> bool:
    """Whether a whole model was saved beside the log: PEFT saves no config.json, and its cards name it as library."""
    if files.get(settings.CONFIG, {}).keys() & {"architectures", "model_type"}:
        return True
    if files.get(settings.CARD, {}).get("library_name") == "transformers":
        return True
    return any((folder / name).is_file() for folder in settings.folders(log) for name in WHOLE)
