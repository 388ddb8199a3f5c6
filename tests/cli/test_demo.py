"""`demo`: two runs on rows that stay where the commands of their reports look for them, and a summary of both."""

import csv
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rankfirst import api
from rankfirst.api import Result
from rankfirst.cli.main import app
from rankfirst.engine.base import Source
from rankfirst.engine.base_models import sources
from rankfirst.errors import ModelError
from rankfirst.run.folder import SAMPLES
from rankfirst.sample import ACTS

SEVERAL, ONE = (act.name for act in ACTS)


def scores(f1: float, accuracy: float) -> dict[str, float]:
    return {"macro_f1": f1, "accuracy": accuracy}


def summary(verdict: str) -> dict[str, Any]:
    """result.json, as far as the summary needs it."""
    measured = {"majority": (0.1, 0.1), "tfidf": (0.7, 0.4), "frozen": (0.75, 0.45), "lora": (0.9, 0.8)}
    rungs = [{"name": n, "val": scores(f1 - 0.01, exact), "test": scores(f1, exact)}
             for n, (f1, exact) in measured.items()]  # fmt: skip
    return {"verdict": verdict, "test": scores(*measured[verdict]), "rungs": rungs}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, dict[str, Any]]]:
    """What `fit` was asked for, instead of doing it."""
    heard: list[tuple[Path, dict[str, Any]]] = []

    def fit(train: Path, out: Path, **options: Any) -> Result:
        heard.append((train, options))
        return Result(out, summary("lora" if out.name == SEVERAL else "frozen"))

    monkeypatch.setattr(api, "fit", fit)
    return heard


@pytest.fixture
def no_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """No base model is on this machine but the packaged one."""

    def resolve(spec: str, local_only: bool = False) -> Source:
        assert local_only  # a demo downloads nothing that was not asked for
        raise ModelError("model.offline", spec=spec)

    monkeypatch.setattr(sources, "resolve", resolve)


def first_text(table: Path) -> str:
    with table.open(encoding="utf-8", newline="") as lines:
        return next(csv.DictReader(lines))["text"]


def test_the_rows_of_both_runs_outlive_them(asked: list[tuple[Path, dict[str, Any]]], tmp_path: Path) -> None:
    out = tmp_path / "demo-run"
    for _ in range(2):  # the second time it finds folders of its own
        assert CliRunner().invoke(app, ["demo", "-o", str(out), "-q"]).exit_code == 0
    assert [train for train, _ in asked[:2]] == [out / name / SAMPLES["en"] / "train.csv" for name in (SEVERAL, ONE)]
    for train, options in asked:
        assert train.is_file() and options["val"].is_file() and options["test"].is_file()
        assert options["synthetic"] and options["base_model"] is None


def test_a_folder_of_somebody_else_is_left_alone(asked: list[tuple[Path, dict[str, Any]]], tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine", encoding="utf-8")
    assert CliRunner().invoke(app, ["demo", "-o", str(tmp_path)]).exit_code != 0
    assert not asked and [f.name for f in tmp_path.iterdir()] == ["letters.txt"]


def test_files_in_the_folder_of_a_run_are_left_alone(asked: list[tuple[Path, dict[str, Any]]], tmp_path: Path) -> None:
    (tmp_path / ONE).mkdir()
    (tmp_path / ONE / "letters.txt").write_text("mine", encoding="utf-8")
    assert CliRunner().invoke(app, ["demo", "-o", str(tmp_path)]).exit_code != 0
    assert not asked and not (tmp_path / SEVERAL).exists()


def test_it_says_what_is_planted_and_ends_with_both_verdicts(
    asked: list[tuple[Path, dict[str, Any]]], tmp_path: Path
) -> None:
    told = CliRunner().invoke(app, ["demo", "-o", str(tmp_path / "out"), "--lang", "en"]).output
    assert "with two or three intents" in told and "already settled" in told and "not scripted" in told
    closing = told[told.index("What the two runs found") :].splitlines()
    assert "Frozen encoder → LoRA: macro-F1 75.0% → 90.0%" in closing[1] and "45.0% → 80.0%" in closing[1]
    assert "do not need LoRA. Frozen encoder: macro-F1 75.0%" in closing[2] and "LoRA: 90.0%" in closing[2]
    assert all(str(tmp_path / "out" / name / "report.html") in closing[3] for name in (SEVERAL, ONE))
    assert "rankfirst fit your_rows.csv" in closing[4] and len(closing) == 5


def test_a_difference_inside_the_interval_is_called_noise(
    asked: list[tuple[Path, dict[str, Any]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    close = summary("frozen")
    for rung in close["rungs"]:
        rung["test"]["interval"] = [0.7, 0.95]
    monkeypatch.setattr(api, "fit", lambda train, out, **options: Result(out, close))
    told = CliRunner().invoke(app, ["demo", "-o", str(tmp_path / "out"), "--lang", "en"]).output
    assert told.count("LoRA: 90.0%, 80.0%, a difference within noise.") == 2


def test_a_run_without_lora_is_summed_up_too(
    asked: list[tuple[Path, dict[str, Any]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cheap = summary("tfidf")
    cheap["rungs"] = cheap["rungs"][:3]
    monkeypatch.setattr(api, "fit", lambda train, out, **options: Result(out, cheap))
    told = CliRunner().invoke(app, ["demo", "-o", str(tmp_path / "out"), "--lang", "zh"]).output
    assert told.count("不需要 LoRA。TF-IDF：宏平均 F1 70.0%，准确率 40.0%。") == 2


@pytest.mark.usefixtures("no_encoder")
def test_without_a_chinese_encoder_it_says_how_to_name_one(
    asked: list[tuple[Path, dict[str, Any]]], tmp_path: Path
) -> None:
    told = CliRunner().invoke(app, ["demo", "-o", str(tmp_path / "out"), "--lang", "zh"]).output
    assert "--base-model 文件夹" in told and "两次运行的结论" in told
    assert first_text(asked[0][0]).isascii() and asked[0][1]["base_model"] is None


@pytest.mark.usefixtures("no_encoder")
def test_with_a_base_model_the_rows_are_in_the_language_that_is_spoken(
    asked: list[tuple[Path, dict[str, Any]]], tmp_path: Path
) -> None:
    for lang in ("zh", "en"):
        out = str(tmp_path / lang)
        told = CliRunner().invoke(app, ["demo", "-o", out, "--lang", lang, "--base-model", "some-encoder"]).output
        assert "some-encoder" not in told and "文件夹" not in told
    chinese, _, english, _ = asked
    assert chinese[0].parent.name == SAMPLES["zh"] and not first_text(chinese[0]).isascii()
    assert english[0].parent.name == SAMPLES["en"] and first_text(english[0]).isascii()
    assert {options["base_model"] for _, options in asked} == {"some-encoder"}


def test_a_chinese_encoder_at_hand_is_used(
    asked: list[tuple[Path, dict[str, Any]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "resolve", lambda spec, local_only=False: Source(spec, tmp_path, "0" * 64))
    assert CliRunner().invoke(app, ["demo", "-o", str(tmp_path / "out"), "--lang", "zh", "-q"]).exit_code == 0
    assert {options["base_model"] for _, options in asked} == {sources.DEFAULT_ZH}
