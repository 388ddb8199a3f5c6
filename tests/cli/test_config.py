"""`fit --config` reads options from a file, `--dump-config` writes one that repeats them."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from rankfirst import api
from rankfirst.cli import main as cli
from rankfirst.options.config_file import dump, read
from rankfirst.options.fit_options import FitOptions

BAD = [
    ("focall: 2", ("focall", "focal")),
    ("max_token: 64", ("max_token", "max_tokens")),
    ("train: rows.csv", ("train",)),
    ("out: run", ("out",)),
    ("config: other.yaml", ("config",)),
    ("3: 4", ("3",)),
    ("seed: one", ("seed", "int")),
    ("seed: true", ("seed", "int")),
    ("seed: 1.5", ("seed", "int")),
    ("force: 1", ("force", "bool")),
    ("set: rank=8", ("set", "list")),
    ("focal: [2]", ("focal", "float")),
    ("costs: 3", ("costs", "str")),
    ("label-smoothing: 0.5", ("--label-smoothing", "0.3")),
    ("budget: soon", ("soon",)),
    ("head: one", ("--head", "probe")),
    ("- seed", ("run.yaml",)),
    ("seed", ("run.yaml",)),
    ("", ("run.yaml",)),
    ("seed: [", ("run.yaml", "line 1")),
    ("seed: !!python/object/apply:os.getcwd []", ("run.yaml", "line 1")),
    ("seed: !mine 3", ("run.yaml", "line 1")),
]


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[dict[str, Any]]:
    """What `api.plan` was called with, in place of a plan."""
    calls: list[dict[str, Any]] = []
    monkeypatch.setattr(api, "plan", lambda train, **options: calls.append(options) or {})
    monkeypatch.chdir(tmp_path)
    return calls


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr("sys.argv", ["rankfirst", "fit", "rows.csv", "--dry-run", "--json", *words])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    return int(stopped.value.code or 0)


def written(text: str) -> str:
    Path("run.yaml").write_text(text, encoding="utf-8")
    return "run.yaml"


def test_names_are_those_of_the_flags_with_either_stroke(planned, monkeypatch) -> None:
    text = "label-smoothing: 0.1\nmax_tokens: 64\nset: [rank=16]\nbudget: 10\noos: other.csv\nwindows: true\n"
    assert run(monkeypatch, "--config", written(text)) == 0
    assert FitOptions(**planned[0]).chosen() == {
        "label_smoothing": 0.1, "max_tokens": 64, "knobs": ("rank=16",), "budget": "10", "oos": Path("other.csv"),
        "windows": True,
    }  # fmt: skip


def test_flags_win_over_the_file_also_where_they_say_the_usual(planned, monkeypatch) -> None:
    config = written("seed: 3\nmax-tokens: 64\nset: [rank=16]\nfocal: 2\n")
    assert run(monkeypatch, "--seed", "0", "--config", config, "--set", "lr=8e-4", "--focal", "1") == 0
    assert FitOptions(**planned[0]).chosen() == {"max_tokens": 64, "knobs": ("lr=8e-4",), "focal": 1.0}


@pytest.mark.parametrize(("text", "named"), BAD)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_is_wrong_is_one_line_and_exit_code_2(text, named, lang, planned, monkeypatch, capsys) -> None:
    assert run(monkeypatch, "--config", written(text), "--lang", lang) == 2
    said = capsys.readouterr().err.strip()
    assert said.startswith("rankfirst: ") and "\n" not in said and "internal error in rankfirst" not in said
    assert all(word in said for word in named) and not planned


@pytest.mark.parametrize(("path", "told"), [("none.yaml", "no file none.yaml"), (".", ". is not readable YAML")])
def test_a_file_that_cannot_be_read_is_one_line(path, told, planned, monkeypatch, capsys) -> None:
    assert run(monkeypatch, "--config", path) == 2
    said = capsys.readouterr().err.strip()
    assert said.startswith("rankfirst: ") and told in said and "\n" not in said


def test_what_was_dumped_repeats_the_run(planned, monkeypatch) -> None:
    flags = ("--seed", "3", "--focal", "2", "--set", "rank=16", "--set", "lr=8e-4", "--costs", "c.csv", "--windows",
             "--prefix", "查询：", "--engine", "local", "--gpus", "0")  # fmt: skip
    assert run(monkeypatch, *flags, "--dump-config", "made.yaml") == 0
    assert run(monkeypatch, "--config", "made.yaml", "--dump-config", "again.yaml") == 0
    assert FitOptions(**planned[0]) == FitOptions(**planned[1])
    assert Path("made.yaml").read_text(encoding="utf-8") == Path("again.yaml").read_text(encoding="utf-8")
    told = yaml.safe_load(Path("made.yaml").read_text(encoding="utf-8"))
    assert told == {"prefix": "查询：", "set": ["rank=16", "lr=8e-4"], "windows": True, "focal": 2.0, "costs": "c.csv",
                    "seed": 3}  # fmt: skip


def test_a_dump_writes_over_nothing_but_itself(planned, monkeypatch, capsys) -> None:
    Path("rows.csv").write_text("text,label\n", encoding="utf-8")
    assert run(monkeypatch, "--dump-config", "rows.csv") == 2
    assert "rows.csv exists" in capsys.readouterr().err and Path("rows.csv").read_text() == "text,label\n"
    assert [run(monkeypatch, "--seed", "3", "--dump-config", "made.yaml") for _ in range(2)] == [0, 0]


def test_nothing_is_dumped_of_options_that_are_refused(planned, monkeypatch) -> None:
    assert run(monkeypatch, "--head", "one", "--dump-config", "made.yaml") == 2
    assert not Path("made.yaml").exists()


def test_an_empty_dump_is_read_as_no_options(tmp_path: Path) -> None:
    dump(FitOptions(), tmp_path / "made.yaml")
    assert read(tmp_path / "made.yaml") == {}
