"""What may stand after --track."""

from pathlib import Path

import pytest

from rankfirst.errors import OptionError
from rankfirst.trackers import parse, registry
from rankfirst.trackers.registry import KINDS, Target


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_installed", lambda library: True)


def test_targets_with_and_without_destination_are_deduplicated() -> None:
    assert parse(["mlflow=./mlruns", "wandb", "wandb"]) == (Target("mlflow", "./mlruns"), Target("wandb"))
    assert parse("trackio=shop") == (Target("trackio", "shop"),)
    assert [str(t) for t in parse(["mlflow=http://h:5000/a=b", "swanlab"])] == ["mlflow=http://h:5000/a=b", "swanlab"]


@pytest.mark.parametrize("text", ["", "tensorbord", "mlflow=", "mlflow= ", "http://127.0.0.1:5000"])
def test_an_unknown_target_is_a_one_line_error(text: str) -> None:
    with pytest.raises(OptionError) as raised:
        parse([text])
    assert raised.value.code == "tracker.unknown"
    assert all(name in str(raised.value) for name in KINDS)


def test_the_error_for_a_missing_library_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_installed", lambda library: False)
    with pytest.raises(OptionError, match=r'pip install "rankfirst\[swanlab\]"'):
        parse(["swanlab"])


def test_a_folder_is_not_a_library(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.undo()
    (tmp_path / "wnadb").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    assert not registry._installed("wnadb")
    assert registry._installed("json")


def test_a_password_is_never_shown() -> None:
    (target,) = parse(["mlflow=http://me:secret@host:5000/x"])
    assert str(target) == "mlflow=http://host:5000/x"
    assert "secret" not in target.file
    assert target.without_password("cannot reach http://me:secret@host:5000/") == "cannot reach http://***@host:5000/"


def test_every_backend_imports_its_library_only_in_begin(tmp_path: Path) -> None:
    for name in KINDS:
        assert Target(name).open(tmp_path) is not None
