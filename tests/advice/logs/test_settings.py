"""The recipe from what lies beside a log."""

import json
from pathlib import Path

import pytest

from rankfirst.advice.logs import read
from rankfirst.errors import DataError
from rankfirst.records import Role
from tests.advice.logs import written as w

ROWS = w.history()


def test_the_recipe_is_read_from_the_adapter_next_to_the_log(tmp_path: Path) -> None:
    w.adapter(tmp_path / "out" / "checkpoint-300", layers_to_transform=[4, 5])
    told = read(w.trainer_state(tmp_path / "out" / "checkpoint-300", ROWS)).recipe
    assert (told.rank, told.alpha, told.scaling, told.dropout) == (8, 16.0, 2.0, 0.05)
    assert (told.roles, told.layers, told.uneven) == ((Role.Q, Role.V), 2, False)
    w.trainer_state(tmp_path / "out", ROWS)
    assert read(tmp_path / "out").recipe.rank == 8  # of its newest checkpoint


def test_rslora_divides_by_the_root(tmp_path: Path) -> None:
    w.adapter(tmp_path, r=16, lora_alpha=16, use_rslora=True, rank_pattern={"layer.0": 4})
    told = read(w.trainer_state(tmp_path, ROWS)).recipe
    assert (told.scaling, told.uneven) == (4.0, True)


@pytest.mark.parametrize(
    ("modules", "roles", "others"),
    [
        ("all-linear", tuple(Role), 0),
        (["q_proj", "down_proj"], (Role.Q, Role.FFN_OUT), 0),
        (["bert.encoder.layer.0.attention.self.query", "mystery"], (Role.Q,), 1),
        (".*(q|v)_proj$", None, 1),
        (["c_attn"], (Role.Q, Role.K, Role.V), 0),
    ],
)
def test_modules_are_mapped_to_roles(modules: object, roles: object, others: int, tmp_path: Path) -> None:
    w.adapter(tmp_path, target_modules=modules)
    told = read(w.trainer_state(tmp_path, ROWS)).recipe
    assert (told.roles, told.other_modules) == (roles, others)


def test_arguments_of_ms_swift_and_llama_factory(tmp_path: Path) -> None:
    args = {
        "lora_rank": 16,
        "lora_alpha": 32,
        "learning_rate": 1e-4,
        "lora_dropout": 0.1,
        "seed": 42,
        "per_device_train_batch_size": 8,
        "gradient_accumulation_steps": 4,
        "target_modules": ["all-linear"],
    }
    log = w.ms_swift(tmp_path / "swift", ROWS)
    (log.parent / "args.json").write_text(json.dumps(args), encoding="utf-8")
    told = read(log).recipe
    assert (told.rank, told.scaling, told.lr, told.batch_size, told.seed) == (16, 2.0, 1e-4, 32, 42)
    log = w.llama_factory(tmp_path / "factory", ROWS)
    yaml = "lora_rank: 8\nlora_target: q_proj,v_proj  # both\nlearning_rate: 5.0e-05\nnested:\n  a: 1\n"
    (log.parent / "training_args.yaml").write_text(yaml, encoding="utf-8")
    told = read(log).recipe
    assert (told.rank, told.lr, told.roles) == (8, 5e-5, (Role.Q, Role.V))


def test_the_parameters_of_mlflow_and_the_values_of_wandb(tmp_path: Path) -> None:
    told = read(w.mlflow(tmp_path, ROWS, learning_rate="0.0003", lora_alpha="8", seed="1")).recipe
    assert (told.lr, told.alpha, told.seed) == (3e-4, 8.0, 1)
    log = w.jsonl(tmp_path / "run" / "files" / "wandb-history.jsonl", ROWS)
    yaml = "wandb_version: 1\nlearning_rate:\n    desc: null\n    value: 0.0005\n"
    (log.parent / "config.yaml").write_text(yaml, encoding="utf-8")
    assert read(tmp_path / "run").recipe.lr == 5e-4


def test_the_peak_lr_comes_from_the_log(tmp_path: Path) -> None:
    lr = [1e-4 * min(1, at / 5) for at in range(30)]
    assert read(w.trainer_state(tmp_path, w.history(lr=lr))).recipe.lr == 1e-4


@pytest.mark.parametrize("text", ["", "{", "[]", '{"r": -1, "lora_alpha": "x", "target_modules": 7}', "\ud83d"])
def test_damaged_settings_next_to_a_log_are_skipped(text: str, tmp_path: Path) -> None:
    log = w.trainer_state(tmp_path, ROWS)
    (tmp_path / "adapter_config.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    assert (read(log).recipe.rank, read(log).recipe.alpha) == (None, None)


def test_a_damaged_adapter_that_was_given_is_an_error(tmp_path: Path) -> None:
    log = w.trainer_state(tmp_path / "out", ROWS)
    bad = tmp_path / "adapter_config.json"
    for adapter, code in ((tmp_path, "logs.no_adapter"), (bad, "logs.no_adapter")):
        with pytest.raises(DataError) as refused:
            read(log, adapter)
        assert refused.value.code == code
    bad.write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match="damaged"):
        read(log, bad)


def test_training_args_bin_is_never_opened(tmp_path: Path) -> None:
    (tmp_path / "training_args.bin").write_bytes(b"\x80\x04cos\nsystem\n")
    assert read(w.trainer_state(tmp_path, ROWS)).recipe.rank is None
