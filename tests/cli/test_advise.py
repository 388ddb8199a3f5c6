"""`rankfirst advise` on the command line: both languages, JSON, several logs, and one line for what is wrong."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import rankfirst
from rankfirst.cli import main as cli
from rankfirst.messages import LANGS
from tests.advice.logs import written as w


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr("sys.argv", ["rankfirst", "advise", *words])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    return int(stopped.value.code or 0)


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """An output folder of transformers."""
    w.adapter(tmp_path / "one")
    return w.trainer_state(tmp_path / "one", w.history(w.COLLAPSED, w.OVERFIT)).parent


@pytest.mark.parametrize(
    ("lang", "parts"),
    [
        ("en", ["Conclusion:", "Next:", "Leave alone:", "Evidence:", "Not in this log:"]),
        ("zh", ["结论：", "下一步：", "不要动：", "依据：", "日志中没有："]),
    ],
)
def test_it_tells_five_things(
    lang: str, parts: list[str], output: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, str(output), "--lang", lang) == 0
    told = capsys.readouterr().out
    assert told.startswith("one/trainer_state.json") and str(output.parent) not in told
    assert [told.index(part) for part in parts] == sorted(told.index(part) for part in parts)


def test_two_logs_are_told_alone_and_together(
    output: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = w.trainer_state(output.parent / "two", w.history(w.FALLING, w.GOOD, lr=4e-4)).parent
    w.adapter(other)
    assert run(monkeypatch, str(output), str(other), "--lang", "en", "--val-rows", "1000") == 0
    told = capsys.readouterr().out
    assert told.count("Evidence:") == 2
    assert "one setting: lr 2e-4 → 4e-4" in told and "there is no interval" in told


def test_three_logs_are_three(
    output: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, *[str(output)] * 3, "--lang", "en") == 0
    told = capsys.readouterr().out
    assert told.count("Evidence:") == 3 and "two runs" not in told


def test_json_holds_codes_beside_sentences(
    output: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, str(output), "--json", "--lang", "zh") == 0
    told = json.loads(capsys.readouterr().out)
    (one,) = told["runs"]
    assert (one["look"], one["rule"], one["format"], told["pair"]) == ("turned", None, "trainer_state", None)
    assert (one["recipe"]["rank"], one["recipe"]["scaling"], one["missing"]) == (8, 2.0, [])
    assert {said["code"] for said in one["leave_alone"]} == {"no_lr_overfit", "no_dropout_capacity"}
    assert all(said["said"] for part in ("shows", "concludes", "cannot_tell", "next") for said in one[part])


def test_json_is_strict_where_numbers_are_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = w.csv(tmp_path / "log.csv", "step,loss", [(1, "nan"), (2, "nan")])
    assert run(monkeypatch, str(path), "--json") == 0

    def refuse(constant: str) -> float:
        raise AssertionError(constant)

    json.loads(capsys.readouterr().out, parse_constant=refuse)


def test_options_fill_in_and_win(
    output: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--rank", "16", "--alpha", "16", "--lr", "1e-4", "--json")
    assert run(monkeypatch, str(output), *words) == 0
    told = json.loads(capsys.readouterr().out)["runs"][0]["recipe"]
    assert (told["rank"], told["scaling"], told["lr"]) == (16, 1.0, 1e-4)
    bare = w.trainer_state(output.parent / "bare", w.history())
    assert run(monkeypatch, str(bare), "--adapter", str(output), "--json") == 0
    assert json.loads(capsys.readouterr().out)["runs"][0]["recipe"]["rank"] == 8


@pytest.mark.parametrize(
    "words",
    [("nope.json",), ("LOG", "--lr", "fast"), ("LOG", "--lr", "0"), ("LOG", "--rank", "7.5"), ("LOG", "--alpha", "nan"),
     ("LOG", "--val-rows", "-3"), ("LOG", "--adapter", "nope"), ("LOG", "--lang", "fr"), ("LOG", "PICKLE"),
     ("LOG", "LOG", "--adapter", "LOG"), ("LOG", "LOG", "--rank", "16")],
)  # fmt: skip
@pytest.mark.parametrize("lang", LANGS)
def test_what_is_wrong_is_one_line(
    words: tuple[str, ...], lang: str, output: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pickle = output / "training_args.bin"
    pickle.write_bytes(b"PK\x03\x04")
    given = [{"LOG": str(output), "PICKLE": str(pickle)}.get(word, word) for word in words]
    spoken = () if "--lang" in words else ("--lang", lang)
    assert run(monkeypatch, *given, *spoken) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith("rankfirst: ") and said.err.count("\n") == 1


def test_python_says_the_same(
    output: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, str(output), "--lang", "en") == 0
    assert capsys.readouterr().out.splitlines() == rankfirst.advise([str(output)]).lines()


def test_it_loads_no_torch(output: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from rankfirst.advice import advise;"
        f"advise([Path({str(output)!r})]);"
        "assert not {'torch', 'transformers', 'peft', 'tensorboard'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
