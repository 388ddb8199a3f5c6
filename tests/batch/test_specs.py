"""A file of specs becomes jobs, or one clear line."""

from pathlib import Path

import pytest

from rankfirst.batch import read
from rankfirst.errors import OptionError


def written(folder: Path, text: str) -> Path:
    path = folder / "specs.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_job_combines_defaults_and_its_options(tmp_path: Path) -> None:
    second_entry = "- {name: 退货, train: b.csv, seed: 4, always-lora: true}\n"
    text = f"defaults: {{seed: 3, budget: 10}}\nruns:\n- {{train: a.csv}}\n{second_entry}"
    first, second = read(written(tmp_path, text), tmp_path / "out")
    assert (first.name, first.options["seed"], first.options["budget"]) == ("a", 3, "10")
    assert first.options["train"] == str(tmp_path / "a.csv")
    assert (second.name, second.options["seed"], second.options["always_lora"]) == ("退货", 4, True)
    assert second.folder == str(tmp_path / "out" / "退货")


def test_specs_may_be_a_plain_list(tmp_path: Path) -> None:
    (job,) = read(written(tmp_path, "- train: a.csv\n  set: [rank=16]\n"), tmp_path)
    assert job.options["set"] == ["rank=16"]


def test_a_base_next_to_the_file_is_resolved_and_a_hub_id_kept(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    text = "- {name: x, train: a.csv, base_model: base}\n- {name: y, train: a.csv, base_model: some/hub-id}\n"
    near, far = read(written(tmp_path, text), tmp_path)
    assert (near.options["base_model"], far.options["base_model"]) == (str(tmp_path / "base"), "some/hub-id")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("runs: [", "config.unreadable"),
        ("", "many.no_runs"),
        ("runs: []", "many.no_runs"),
        ("runs: 3", "many.no_runs"),
        ("runs: [{train: a.csv}]\nother: 1", "many.no_runs"),
        ("- 3", "many.no_mapping"),
        ("defaults: 3\nruns: [{train: a.csv}]", "many.no_mapping"),
        ("- {name: a}", "many.no_train"),
        ("- {train: a.csv, name: ../x}", "many.bad_name"),
        ("- {train: a.csv, name: .hidden}", "many.bad_name"),
        ("- {train: a.csv}\n- {train: b/A.csv}", "many.same_name"),
        ("- {train: a.csv, rank: 8}", "config.unknown"),
        ("- {train: a.csv, seed: one}", "config.bad_value"),
        ("- {train: a.csv, seed: true}", "config.bad_value"),
        ("- {train: a.csv, force: 1}", "config.bad_value"),
        ("- {train: a.csv, set: rank=8}", "config.bad_value"),
        ("- {train: a.csv, set: [8]}", "config.bad_value"),
        ("- {train: 8}", "config.bad_value"),
        ("- {train: a.csv, budget: true}", "config.bad_value"),
        ("- !!python/object/apply:os.getcwd []", "config.unreadable"),
    ],
)
def test_bad_specs_are_a_one_line_error(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(OptionError) as refused:
        read(written(tmp_path, text), tmp_path)
    assert refused.value.code == code


def test_a_missing_file_is_a_one_line_error(tmp_path: Path) -> None:
    with pytest.raises(OptionError) as refused:
        read(tmp_path / "none.yaml", tmp_path)
    assert refused.value.code == "config.missing"
