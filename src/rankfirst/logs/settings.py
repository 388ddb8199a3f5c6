"""The recipe from what lies beside a log: PEFT's `adapter_config.json`, `args.json`, `training_args.yaml`, MLflow's
parameters, wandb's `config.yaml`. `training_args.bin` is a pickle and never opened."""

import re
from collections.abc import Iterator, Mapping
from math import isfinite
from pathlib import Path
from typing import Any, Final

from rankfirst.errors import DataError
from rankfirst.logs import mlflow
from rankfirst.logs.find import checkpoints
from rankfirst.logs.numbers import number, plain
from rankfirst.logs.text import document, lines, whole
from rankfirst.records.recipe import Role
from rankfirst.records.training_log import LoggedRecipe

ADAPTER: Final = "adapter_config.json"
ARGUMENTS: Final = (
    "args.json",
    "training_args.json",
    "training_args.yaml",
    "training_args.yml",
    "run_config.json",
    "run_config.yaml",
    "config.yaml",
    "hparams.yaml",
    "trainer_state.json",
)
MOST_BYTES: Final = 2**20  # of a file of settings

# What we call it -> how trainers spell it (after `plain`).
NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "rank": ("r", "lora_rank", "lora_r", "rank"),
    "alpha": ("lora_alpha", "alpha"),
    "dropout": ("lora_dropout", "lora_dropout_p"),
    "lr": ("learning_rate", "lr"),
    "seed": ("seed",),
    "rslora": ("use_rslora",),
    "modules": ("target_modules", "lora_target", "lora_target_modules"),
    "layers": ("layers_to_transform",),
    "rows": ("per_device_train_batch_size", "train_batch_size", "batch_size"),
    "accumulation": ("gradient_accumulation_steps",),
}
# The last part of a module's name -> its role; `engine.sites` knows the same from the model itself.
ROLES: Final[Mapping[str, tuple[Role, ...]]] = {
    **dict.fromkeys(("q_proj", "query", "q", "q_lin", "wq", "query_proj"), (Role.Q,)),
    **dict.fromkeys(("k_proj", "key", "k", "k_lin", "wk", "key_proj"), (Role.K,)),
    **dict.fromkeys(("v_proj", "value", "v", "v_lin", "wv", "value_proj"), (Role.V,)),
    **dict.fromkeys(("o_proj", "out_proj", "out_lin", "o", "wo", "attention.output.dense"), (Role.O,)),
    **dict.fromkeys(("qkv_proj", "query_key_value", "c_attn", "w_pack", "wqkv"), (Role.Q, Role.K, Role.V)),
    **dict.fromkeys(
        (
            "gate_proj",
            "up_proj",
            "fc1",
            "lin1",
            "w1",
            "w3",
            "dense_h_to_4h",
            "gate_up_proj",
            "intermediate.dense",
            "wi",
            "c_fc",
        ),
        (Role.FFN_IN,),
    ),
    **dict.fromkeys(("down_proj", "fc2", "lin2", "w2", "dense_4h_to_h", "output.dense"), (Role.FFN_OUT,)),
}
ALL_LINEAR: Final = ("all-linear", "all")
_FLAT = re.compile(r"^([A-Za-z_][\w/.-]*):\s*(.*?)\s*(?:#.*)?$")
_NESTED_VALUE = re.compile(r"^\s+value:\s*(\S.*?)\s*$")


def beside(log: Path, adapter: Path | None) -> LoggedRecipe:
    """What is known of the recipe of this log.

    Args:
        log: the file or run folder that is read. adapter: an adapter_config.json or its folder; looked for when None.
    Raises: DataError for an `adapter` that is missing or no JSON; what lies around unasked is used where it is whole.
    """
    found: dict[str, Any] = {}
    for folder in reversed(_near(log)):
        for name in ARGUMENTS:
            found |= _known(_read(folder / name))
    if log.is_dir() and mlflow.is_run(log):
        found |= _known(mlflow.settings(log))
    found |= _known(_adapter(log) if adapter is None else _asked(adapter))
    return _recipe(found)


def _near(log: Path) -> list[Path]:
    """Where settings may lie, the nearest first: beside the log, and above a checkpoint, `runs/DATE` or `files`."""
    folder = log if log.is_dir() else log.parent
    above = [folder.parent] if folder.name.startswith("checkpoint-") or folder.name in ("files", "runs", "logs") else []
    if folder.parent.name in ("runs", "logs"):
        above = [folder.parent.parent]
    return [folder, *above]


def _adapter(log: Path) -> Mapping[str, Any]:
    for folder in _near(log):
        for place in (folder, *reversed(checkpoints(folder))):
            if told := _read(place / ADAPTER):
                return told
    return {}


def _asked(adapter: Path) -> Mapping[str, Any]:
    file = adapter / ADAPTER if adapter.is_dir() else adapter
    if not file.is_file():
        raise DataError("logs.no_adapter", path=adapter.name or ".")
    if not (told := _read(file)):
        raise DataError("logs.bad_adapter", path=file.name)
    return told


def _read(path: Path) -> Mapping[str, Any]:
    """The settings in a JSON or flat YAML file; nothing where it is missing, too large or damaged."""
    try:
        if not path.is_file() or not 0 < path.stat().st_size <= MOST_BYTES:
            return {}
        told = dict(_flat(path)) if path.suffix in (".yaml", ".yml") else document(whole(path))
    except (DataError, OSError):
        return {}
    return told if isinstance(told, dict) else {}


def _flat(path: Path) -> Iterator[tuple[str, object]]:
    """`key: value` at the left edge, and wandb's `key:` with an indented `value:`. Lists and maps are left out."""
    key = ""
    for line in lines(path):
        if flat := _FLAT.match(line.rstrip("\n")):
            key, value = flat.groups()
            if value:
                yield key, value.strip("\"'")
        elif key and (nested := _NESTED_VALUE.match(line)):
            yield key, nested.group(1).strip("\"'")


def _known(told: Mapping[str, Any]) -> dict[str, Any]:
    given = {plain(key): value for key, value in told.items()}
    found = {
        name: given[key] for name, spelled in NAMES.items() for key in reversed(spelled) if given.get(key) is not None
    }
    if given.get("rank_pattern") or given.get("alpha_pattern"):
        found["uneven"] = True
    return found


def _recipe(found: Mapping[str, Any]) -> LoggedRecipe:
    rank, seed = _whole(found.get("rank")), _whole(found.get("seed"))
    rows, accumulation = _whole(found.get("rows")), _whole(found.get("accumulation")) or 1
    modules, layers = found.get("modules"), found.get("layers")
    roles, others = _roles(modules)
    return LoggedRecipe(
        rank=rank or None,
        alpha=_positive(found.get("alpha")),
        rslora=str(found.get("rslora", "")).lower() == "true",
        lr=_positive(found.get("lr")),
        dropout=_share(found.get("dropout")),
        roles=roles,
        other_modules=others,
        layers=len(layers) if isinstance(layers, list) and layers else 1 if isinstance(layers, int) else None,
        uneven=bool(found.get("uneven")),
        batch_size=rows * accumulation if rows else None,
        seed=seed,
    )


def _roles(modules: object) -> tuple[tuple[Role, ...] | None, int]:
    """(roles in their order or None, modules of no known role); a pattern counts as one of these."""
    names = modules if isinstance(modules, list) else str(modules).strip("[]").split(",") if modules else []
    plain_names = [str(name).strip().strip("'\"").lower() for name in names]
    if any(name in ALL_LINEAR for name in plain_names):
        return tuple(Role), 0
    found: set[Role] = set()
    others = 0
    for name in filter(None, plain_names):
        roles = next((roles for end, roles in ROLES.items() if name == end or name.endswith(f".{end}")), None)
        others += roles is None
        found |= set(roles or ())
    return (tuple(role for role in Role if role in found) or None), others


def _whole(value: object) -> int | None:
    told = number(value)
    return int(told) if told is not None and isfinite(told) and 0 <= told < 2**31 and told == int(told) else None


def _positive(value: object) -> float | None:
    told = number(value)
    return told if told is not None and isfinite(told) and told > 0 else None


def _share(value: object) -> float | None:
    told = number(value)
    return told if told is not None and 0 <= told < 1 else None
