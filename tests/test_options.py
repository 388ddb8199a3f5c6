"""One field of the options is a flag, a keyword, a key of the journal and a sentence, and is checked in one place."""

import inspect
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, fields
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from tools import render_docs
from typer.testing import CliRunner

from rankfirst import api, batch
from rankfirst.batch.specs import KNOWN
from rankfirst.cli.flags import takes_options
from rankfirst.cli.main import app
from rankfirst.errors import OptionError
from rankfirst.estimator import OPTIONS, LoraClassifier
from rankfirst.messages import sentences
from rankfirst.options.field import Option, Within, option, options_of, parse_budget
from rankfirst.options.fit_options import FitOptions, journal_keys, restored
from rankfirst.options.keywords import takes
from rankfirst.policy.search_space import SPACES
from rankfirst.records import ClassWeights, Head, Objective
from rankfirst.report.narrative.ledger import Ledger

ALL = options_of(FitOptions)
OBJECTIVE = {"head": "zero", "head_lr": 1e-3, "class_weights": "sqrt", "focal": 2.0, "logit_adjustment": 0.5,
             "label_smoothing": 0.1}  # fmt: skip


# --- what a value may be ---


def test_what_is_asked_of_head_and_loss_reaches_the_recipe() -> None:
    found = FitOptions(**OBJECTIVE)
    assert found.fixed == {
        "head": Head.ZERO, "head_lr": 1e-3, "objective": Objective(ClassWeights.SQRT, 2.0, 0.5, 0.1),
    }  # fmt: skip
    assert found.chosen() == OBJECTIVE
    assert FitOptions().fixed == {"head": Head.PROBE, "head_lr": None, "objective": Objective()}


def test_numbers_of_other_libraries_become_plain_ones() -> None:
    found = FitOptions(focal=np.float32(2), label_smoothing=0, head_lr=1, seed=np.int64(3))
    assert {type(v) for v in (found.focal, found.label_smoothing, found.head_lr)} == {float}
    assert type(found.seed) is int


@pytest.mark.parametrize(
    "bad",
    [
        {"head": "one"}, {"head": "PROBE"}, {"head": None}, {"class_weights": "rare"}, {"class_weights": ""},
        {"head_lr": 0.0}, {"head_lr": -1e-3}, {"head_lr": 2.0}, {"head_lr": "fast"},
        {"focal": -1.0}, {"focal": 11.0}, {"focal": float("nan")}, {"focal": None},
        {"logit_adjustment": -0.1}, {"logit_adjustment": float("inf")},
        {"label_smoothing": 0.31}, {"label_smoothing": -0.1}, {"label_smoothing": [0.1]},
        {"coverage": 0.2}, {"beta": 0}, {"abstain_cost": -1}, {"abstain_cost": float("inf")}, {"profile": "fast"},
        {"seed": -1}, {"seed": "x"}, {"seed": 1.5}, {"max_tokens": 7}, {"workers": 0}, {"processes": 0}, {"gpus": -1},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_out_of_range_is_refused_in_one_line_that_names_the_flag(bad: dict[str, Any]) -> None:
    with pytest.raises(OptionError) as refused:
        FitOptions(**bad)
    flag = "--" + next(iter(bad)).replace("_", "-")
    for lang in ("en", "zh"):
        told = refused.value.sentence(lang)
        assert flag in told and "\n" not in told


def ends() -> Iterator[Any]:
    for name, one in ALL.items():
        if isinstance(one.check, Within):
            yield from (pytest.param(name, end, id=f"{name}-{end:g}")
                        for end in (one.check.low, one.check.high) if end < float("inf"))  # fmt: skip


@pytest.mark.parametrize(("name", "end"), list(ends()))
def test_the_ends_of_a_range_are_allowed(name: str, end: float) -> None:
    assert getattr(FitOptions(**{name: end}), name) == end


@pytest.mark.parametrize(
    ("text", "seconds"), [("10m", 600), ("1.5h", 5400), ("90s", 90), ("10", 600), (" 2 H ", 7200), ("5min", 300)]
)
def test_a_budget_is_read(text: str, seconds: float) -> None:
    assert parse_budget(text) == seconds == FitOptions(budget=text).seconds


@pytest.mark.parametrize("text", ["", "ten", "-5m", "0m", "5 days", "1e9x", "m"])
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(OptionError):
        FitOptions(budget=text)


@pytest.mark.parametrize("given", ["8", "four", 16, ""])
def test_other_numbers_are_refused_in_one_line(given: object) -> None:
    with pytest.raises(OptionError) as caught:
        FitOptions(base_bits=given)
    assert caught.value.code == "option.bad_bits" and "\n" not in caught.value.sentence("en")


def test_4_is_4_however_it_is_given() -> None:
    assert [FitOptions(base_bits=given).base_bits for given in ("4", 4, None)] == [4, 4, None]


@pytest.mark.parametrize(("name", "known"), [("profile", SPACES), ("head", Head), ("class_weights", ClassWeights)])
def test_words_are_those_of_the_policy_and_the_records(name: str, known: Any) -> None:
    assert str(ALL[name].check) == "|".join(known)
    assert all(getattr(FitOptions(**{name: word}), name) == word for word in known)


def test_the_command_line_loads_no_records_for_its_flags() -> None:
    heavy = {"torch", "numpy", "yaml", "rankfirst.records"}
    code = f"import sys, rankfirst.cli.main; assert not {heavy} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("multi_label", "given", "code"),
    [
        (False, {"beta": 2.0}, "option.beta_single"),
        (True, {"abstain_cost": 0.0}, "option.costs_multi"),
        (True, {"costs": {("a", "b"): 2.0}}, "option.costs_multi"),
        (True, {"logit_adjustment": 1.0}, "option.adjusted_multi"),
    ],
)
def test_what_has_no_meaning_for_these_labels_is_refused(multi_label: bool, given: Any, code: str) -> None:
    FitOptions(**given).suit(not multi_label)
    with pytest.raises(OptionError) as refused:
        FitOptions(**given).suit(multi_label)
    assert refused.value.code == code


# --- what is written, and read again ---


def test_the_identity_is_that_of_runs_before() -> None:
    """Keys and values as every version has written them: a journal from before goes on."""
    assert FitOptions().identity() == {
        "seed": 0, "budget_seconds": None, "set": None, "force": False, "always_lora": False, "wide_lr": False,
        "hold_out": False, "prefix": None, "max_tokens": 256, "windows": False, "profile": "measured",
        "base_bits": None, "head": None,
        "head_lr": None, "class_weights": None, "focal": None, "logit_adjustment": None, "label_smoothing": None,
        "coverage": None, "beta": None, "abstain_cost": None, "outside": None, "costs": None, "prefer": "balanced",
        "drop_suspects": False,
    }  # fmt: skip
    told = FitOptions(**OBJECTIVE, coverage=0.9, seed=3, beta=1, force=True).identity()
    assert told.items() >= {**OBJECTIVE, "coverage": 0.9, "seed": 3, "beta": None, "force": True}.items()


def test_the_command_names_what_is_not_as_usual_in_the_order_of_ever() -> None:
    chosen = FitOptions(
        max_tokens=64, profile="seed", costs=Path("c.csv"), oos=["one", "two"], oos_label=None, abstain_cost=0.0,
        coverage=0.9, focal=2, base_bits=4, memory="4GiB", windows=True, wide_lr=True, prefix="", budget="10m", seed=3,
        base_model="a base", test=Path("t.csv"), knobs=("rank=16", "lr=8e-4"), track=["mlflow"], processes=2,
    )  # fmt: skip
    words = """rankfirst fit rows.csv -o out --test t.csv --base-model 'a base' --seed 3 --budget 10m --prefix ''
        --wide-lr --windows --memory 4GiB --base-bits 4 --focal 2.0 --coverage 0.9 --abstain-cost 0.0 --oos IN-MEMORY
        --costs c.csv --profile seed --max-tokens 64 --processes 2 --set rank=16 --set lr=8e-4 --track mlflow"""
    assert chosen.command("rows.csv", "out") == shlex.join(shlex.split(words))
    assert FitOptions().command("a b.csv", "out") == "rankfirst fit 'a b.csv' -o out"


def test_the_command_is_read_back_as_the_same_options(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = FitOptions(seed=3, windows=True, focal=2, knobs=("rank=16", "lr=8e-4"), costs=Path("c.csv"), gpus=0.5)
    given: dict[str, Any] = {}
    monkeypatch.setattr(api, "plan", lambda train, **options: given.update(options) or {})
    words = shlex.split(chosen.command("rows.csv", "out"))[1:]
    assert CliRunner().invoke(app, [*words, "--dry-run", "--json"]).exit_code == 0
    assert FitOptions(**given) == chosen


def test_a_run_that_is_gone_on_from_gives_its_options() -> None:
    run = FitOptions(**OBJECTIVE, seed=3, base_bits=4, coverage=0.9).identity() | {"set": {"rank": "16"}}
    model = {"prefix": "query: ", "max_tokens": 64, "windows": True, "classes": ["a"]}
    assert FitOptions(**restored(run | {"base_model": "x"}, model)).chosen() == {
        **OBJECTIVE, "seed": 3, "base_bits": 4, "coverage": 0.9, "knobs": ("rank=16",), "base_model": "x",
        "prefix": "query: ", "max_tokens": 64, "windows": True,
    }  # fmt: skip


# --- one field, everything else derived ---


def flags(command: str) -> dict[str, render_docs.Parameter]:
    (found,) = [each for each in render_docs.commands() if each.name == f"rankfirst {command}"]
    return {name: each for each in found.parameters for name in each.names}


@pytest.mark.parametrize("one", [pytest.param(one, id=name) for name, one in ALL.items()])
def test_a_field_is_a_flag_a_keyword_and_a_sentence(one: Option) -> None:
    shown = flags("fit")[one.flag]
    assert shown.help == sentences()[f"cli.help.{one.help}"][0] and shown.help
    assert f"| `{one.flag}` |" in render_docs.cli_page()
    for function in (api.fit, api.plan):
        assert inspect.signature(function).parameters[one.name].default == one.default
    assert (one.name in inspect.signature(LoraClassifier).parameters) == (one.name in OPTIONS)
    assert (one.help in {each.help for each in KNOWN.values()}) == (one.panel != "machine" or one.name == "memory")


def test_a_command_has_no_flag_of_another() -> None:
    own = {"--out", "-o", "--overwrite", "--dry-run", "--config", "--dump-config", "--lang", "--quiet", "-q", "--json",
           "--verbose", "-v", "--help-all", "--profile-time"}  # fmt: skip
    assert flags("fit").keys() - {one.flag for one in ALL.values()} == own | {"TRAIN"}
    assert {"--budget", "--memory", "--track"} == flags("continue").keys() & {one.flag for one in ALL.values()} - {
        "--val", "--test"}  # fmt: skip


def test_keywords_are_checked_as_any_function_checks_them() -> None:
    with pytest.raises(TypeError, match="foca"):
        api.fit("x.csv", foca=2.0)
    with pytest.raises(TypeError, match="wide_lr"):
        api.assess("x.csv", wide_lr=True)
    with pytest.raises(TypeError, match="wide_lr"):
        LoraClassifier(wide_lr=True)


@dataclass(frozen=True, kw_only=True)
class Warmer(FitOptions):
    """A copy with one more field, which nothing else in the house knows."""

    warmth: float = option(1.0, "objective", Within(0.5, 2.0))


@dataclass(frozen=True)
class WarmerCall(Warmer):
    train: str


def test_a_new_field_is_everywhere_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rankfirst.cli.flags.described", lambda code: code)
    seen: dict[str, Any] = {}

    @takes_options(Warmer)
    def command(given: dict[str, Any], train: str) -> None:
        seen.update(given)

    alone = typer.Typer()
    alone.command()(command)
    assert CliRunner().invoke(alone, ["x.csv", "--warmth", "1.5"]).exit_code == 0 and seen["warmth"] == 1.5
    assert "help.warmth" in CliRunner().invoke(alone, ["--help"], terminal_width=200).stdout

    @takes(WarmerCall)
    def fit(call: WarmerCall) -> float:
        """Fit."""
        return call.warmth

    assert fit("x.csv", warmth=2) == 2.0 and "warmth: float = 1.0" in str(inspect.signature(fit))
    with pytest.raises(OptionError, match="--warmth"):
        fit("x.csv", warmth=3.0)
    assert Warmer().identity()["warmth"] is None and Warmer(warmth=1.5).identity()["warmth"] == 1.5
    assert Warmer(warmth=1.5).command("x.csv", "out").endswith("--warmth 1.5")
    assert journal_keys(Warmer)["warmth"].flag == "--warmth"


def test_ui_trackers_and_words_go_by_the_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    from rankfirst.trackers.entries import EntryMaker
    from rankfirst.ui import compare
    from tests.report import journal_example as example
    from tests.ui.conftest import changed, events

    prose = import_module("rankfirst.report.narrative.prose")
    for module in (compare, import_module("rankfirst.trackers.entries"), prose):
        monkeypatch.setattr(module, "journal_keys", lambda: journal_keys(Warmer))
    run = next(payload for kind, _, payload in example.told() if kind == "run") | {"warmth": 1.5, "base_bits": 4}
    told = changed(example.told(), "run", warmth=1.5, base_bits=4, coverage=0.9)
    pairs = compare._settings(events(example.told()), events(told))
    assert {pair.name.en for pair in pairs if pair.differs} == {"--warmth", "--base-bits", "--coverage"}
    entry = EntryMaker("en").entry("run", "", run)
    assert entry is not None and entry.params["warmth"] == 1.5 and entry.params["base_bits"] == 4
    ledger = Ledger(events(told))
    assert {"--warmth 1.5", "--base-bits 4", "--coverage 0.9"} <= {said.en for said in prose.wishes(ledger)}


def test_a_call_holds_only_options_and_what_the_call_adds() -> None:
    added = {f.name for f in fields(api.FitCall)} - ALL.keys()
    assert added == {"train", "out", "overwrite", "lang", "synthetic", "listen", "tick", "stream", "watch",
                     "progress"}  # fmt: skip
    assert callable(batch.read)
