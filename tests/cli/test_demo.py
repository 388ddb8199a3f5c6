"""`demo`: its rows stay where the commands that its report suggests look for them."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rankfirst import api
from rankfirst.api import Result
from rankfirst.cli.main import app
from rankfirst.run.folder import SAMPLE


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, dict[str, Any]]]:
    """What `fit` was asked for, instead of doing it."""
    heard: list[tuple[Path, dict[str, Any]]] = []

    def fit(train: Path, out: Path, **options: Any) -> Result:
        heard.append((train, options))
        return Result(out, {})

    monkeypatch.setattr(api, "fit", fit)
    return heard


def test_the_rows_of_the_demo_outlive_it(asked: list[tuple[Path, dict[str, Any]]], tmp_path: Path) -> None:
    out = tmp_path / "demo-run"
    assert CliRunner().invoke(app, ["demo", "-o", str(out), "--rows", "400", "-q"]).exit_code == 0
    train, options = asked[0]
    assert train == out / SAMPLE / "train.csv"
    assert train.is_file() and options["val"].is_file() and options["test"].is_file()
    assert CliRunner().invoke(app, ["demo", "-o", str(out), "--rows", "400", "-q"]).exit_code == 0  # a folder of ours


def test_a_folder_of_somebody_else_is_left_alone(asked: list[tuple[Path, dict[str, Any]]], tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine", encoding="utf-8")
    assert CliRunner().invoke(app, ["demo", "-o", str(tmp_path)]).exit_code != 0
    assert not asked and [f.name for f in tmp_path.iterdir()] == ["letters.txt"]
