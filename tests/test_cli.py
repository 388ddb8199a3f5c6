"""Bad input gets one line and exit code 2, also when the fault is our own."""

from pathlib import Path

import pytest

from rankfirst.cli import main as cli


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr("sys.argv", ["rankfirst", *words])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    return int(stopped.value.code or 0)


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("assess", "nope.csv"), id="missing-file"),
        pytest.param(("explain", "nope"), id="missing-run"),
        pytest.param(("predict", "nope", "nope.csv"), id="predict-missing"),
    ],
)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_one_line_and_exit_2(words, lang, monkeypatch, capsys) -> None:
    extra = () if words[0] == "predict" else ("--lang", lang)
    assert run(monkeypatch, *words, *extra) == 2
    said = capsys.readouterr().err.strip()
    assert said.startswith("rankfirst: ")
    assert "\n" not in said


def test_our_own_fault_is_one_line_too(monkeypatch, capsys, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(cli, "app", lambda: 1 / 0)
    assert run(monkeypatch, "fit", "x.csv") == 2
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert "Traceback" in (tmp_path / "rankfirst-error.log").read_text(encoding="utf-8")
