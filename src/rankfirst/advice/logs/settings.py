"""Read the recipe from the settings next to a log.

Sources: PEFT's `adapter_config.json`, `args.json`, `training_args.yaml`, MLflow's parameters, wandb's `config.yaml`,
the Trainer's state and its model card.
`training_args.bin` is a pickle and never opened.
"""

import re
from collections.abc import Iterator, Mapping
from math import isfinite
from pathlib import Path
from typing import Any, Final

from rankfirst.advice.logs import mlflow
from rankfirst.advice.logs.find import checkpoints
from rankfirst.advice.logs.numbers import number, plain
from rankfirst.advice.logs.text import document, lines, whole
from rankfirst.errors import DataError
from rankfirst.records.recipe import Role
from rankfirst.records.training_log import LoggedRecipe

ADAPTER: Final = "adapter_config.json"
CARD: Final = "README.md"  # the model card that the Trainer writes
CONFIG: Final = "config.json"  # of the model
ARGUMENTS: Final = (
    CARD,
    "args.json",
    "training_args.json",
    "training_args.yaml",
    "training_args.yml",
    "run_config.json",
    "run_config.yaml",
    "config.yaml",
    "hparams.yaml",
    "axolotl_config.yaml",
    "axolotl_config.yml",
    "trainer_state.json",
)
MOST_BYTES: Final = 2**20  # maximum size of a settings file

# Our name -> how trainers spell it (after `plain`).
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
# Last part of a module's name -> its role; `engine.sites` derives the same from the model itself.
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
_LISTED = re.compile(r"^- ([a-z_]+): (\S+)\s*$")
_NESTED_VALUE = re.compile(r"^\s+value:\s*(\S.*?)\s*$")


def beside(log: Path, adapter: Path | None) -> LoggedRecipe:
    """The known settings of this log's run.

    Args:
        log: the file or run folder that is read. adapter: an adapter_config.json or its folder; searched for if None.
    Raises: DataError if `adapter` is given and missing or not JSON; files that were searched for are skipped if
        damaged.
    """
    settings: dict[str, Any] = {}
    for name, fields in files(log, adapter):
        settings |= _known_settings(fields) if name != CONFIG else {}
    return _recipe(settings)


def files(log: Path, adapter: Path | None) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(name, fields) of each file of settings that belongs to a log, the one that takes precedence last.

    Raises: DataError as `beside`.
    """
    for folder in reversed(folders(log)):
        yield from ((name, fields) for name in (CONFIG, *ARGUMENTS) if (fields := _read(folder / name)))
    if log.is_dir() and mlflow.is_run(log):
        yield "params", mlflow.settings(log)
    yield ADAPTER, _adapter(log) if adapter is None else _given_adapter(adapter)


def folders(log: Path) -> list[Path]:
    """Folders that may hold settings, nearest first: the log's, and above a checkpoint, `runs/DATE` or `files`."""
    folder = log if log.is_dir() else log.parent
    above = [folder.parent] if folder.name.startswith("checkpoint-") or folder.name in ("files", "runs", "logs") else []
    if folder.parent.name in ("runs", "logs"):
        above = [folder.parent.parent]
    return [folder, *above]


def _adapter(log: Path) -> Mapping[str, Any]:
    for folder in folders(log):
        for place in (folder, *reversed(checkpoints(folder))):
            if adapter_config := _read(place / ADAPTER):
                return adapter_config
    return {}


def _given_adapter(adapter: Path) -> Mapping[str, Any]:
    file = adapter / ADAPTER if adapter.is_dir() else adapter
    if not file.is_file():
        raise DataError("logs.no_adapter", path=adapter.name or ".")
    if not (settings := _read(file)):
        raise DataError("logs.bad_adapter", path=file.name)
    return settings


def _read(path: Path) -> Mapping[str, Any]:
    """The settings in a JSON or flat YAML file; empty if it is missing, too large or damaged."""
    try:
        if not path.is_file() or not 0 < path.stat().st_size <= MOST_BYTES:
            return {}
        read = _card if path.name == CARD else _flat if path.suffix in (".yaml", ".yml") else None
        settings = document(whole(path)) if read is None else dict(read(path))
    except (DataError, OSError):
        return {}
    return settings if isinstance(settings, dict) else {}


def _flat(path: Path) -> Iterator[tuple[str, object]]:
    """Yield `key: value` at the left margin and wandb's `key:` with an indented `value:`; skip lists and maps."""
    key = ""
    for line in lines(path):
        if flat := _FLAT.match(line.rstrip("\n")):
            key, value = flat.groups()
            if value:
                yield key, value.strip("\"'")
        elif key and (nested := _NESTED_VALUE.match(line)):
            yield key, nested.group(1).strip("\"'")


def _card(path: Path) -> Iterator[tuple[str, object]]:
    """Of a model card: the front matter with its tags, and the hyperparameters that the Trainer lists."""
    fenced = 0
    tags: list[str] = []
    for at, line in enumerate(lines(path)):
        fenced += line.rstrip() == "---" and (at == 0 or fenced == 1)
        if fenced == 1 and line.startswith("- ") and ":" not in line:
            tags.append(line[2:].strip())
        elif match := (_FLAT if fenced == 1 else _LISTED).match(line.rstrip("\n")):
            key, value = match.groups()
            if value:
                yield key, value.strip("\"'")
    yield "tags", tags


def _known_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    fields = {plain(key): value for key, value in settings.items()}
    known_settings = {
        name: fields[key] for name, spelled in NAMES.items() for key in reversed(spelled) if fields.get(key) is not None
    }
    if fields.get("rank_pattern") or fields.get("alpha_pattern"):
        known_settings["uneven"] = True
    return known_settings


def _recipe(settings: Mapping[str, Any]) -> LoggedRecipe:
    rank, seed = _integer(settings.get("rank")), _integer(settings.get("seed"))
    rows, accumulation = _integer(settings.get("rows")), _integer(settings.get("accumulation")) or 1
    modules, layers = settings.get("modules"), settings.get("layers")
    roles, others = _roles(modules)
    return LoggedRecipe(
        rank=rank or None,
        alpha=_positive(settings.get("alpha")),
        rslora=str(settings.get("rslora", "")).lower() == "true",
        lr=_positive(settings.get("lr")),
        dropout=_share(settings.get("dropout")),
        roles=roles,
        other_modules=others,
        layers=len(layers) if isinstance(layers, list) and layers else 1 if isinstance(layers, int) else None,
        uneven=bool(settings.get("uneven")),
        batch_size=rows * accumulation if rows else None,
        seed=seed,
    )


def _roles(modules: object) -> tuple[tuple[Role, ...] | None, int]:
    """(roles in their order or None, number of modules of no known role); a pattern counts as one such module."""
    names = modules if isinstance(modules, list) else str(modules).strip("[]").split(",") if modules else []
    plain_names = [str(name).strip().strip("'\"").lower() for name in names]
    if any(name in ALL_LINEAR for name in plain_names):
        return tuple(Role), 0
    known_roles: set[Role] = set()
    others = 0
    for name in filter(None, plain_names):
        roles = next((roles for end, roles in ROLES.items() if name == end or name.endswith(f".{end}")), None)
        others += roles is None
        known_roles |= set(roles or ())
    return (tuple(role for role in Role if role in known_roles) or None), others


def _integer(value: object) -> int | None:
    parsed = number(value)
    return (
        int(parsed)
        if parsed is not None and isfinite(parsed) and 0 <= parsed < 2**31 and parsed == int(parsed)
        else None
    )


def _positive(value: object) -> float | None:
    parsed = number(value)
    return parsed if parsed is not None and isfinite(parsed) and parsed > 0 else None


def _share(value: object) -> float | None:
    parsed = number(value)
    return parsed if parsed is not None and 0 <= parsed < 1 else None
