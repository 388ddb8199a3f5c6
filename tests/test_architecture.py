"""The house stands as ARCHITECTURE.md draws it, and each of its contracts has been seen to fail."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest
from tools import house

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "rankfirst"
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
LAYERS = [re.findall(r"\w+", layer) for layer in CONTRACTS[0]["layers"]]
ROOMS = next(line for line in LAYERS if "policy" in line)

# Over 400 lines, and why that is better than two files.
LONG_FILES = {
    "messages/report.py": "a table of sentences, not code",
}


def files(under: str = ".") -> list[Path]:
    return sorted((SOURCE / under).rglob("*.py"))


def named(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def imported(path: Path) -> Iterator[str]:
    """Every module a file names in an import, wherever in the file, with what is taken from it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: a relative import hides where it goes"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_story_and_rooms_load_without_torch() -> None:
    code = (
        "import sys, rankfirst.run.autopilot, rankfirst.report, rankfirst.report.narrative;"
        "import rankfirst.data, rankfirst.baselines, rankfirst.policy;"
        "assert 'torch' not in sys.modules and 'transformers' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package that a contract may be broken in."""
    folder = tmp_path_factory.mktemp("house")
    shutil.copytree(SOURCE, folder / "rankfirst", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def lint(copy: Path) -> dict[str, str]:
    """Contract -> KEPT or BROKEN, of the copy."""
    lint_imports = Path(sys.executable).with_name("lint-imports")
    command = [lint_imports, "--config", ROOT / "pyproject.toml", "--cache-dir", copy / "cache"]
    environment = os.environ | {"PYTHONPATH": str(copy), "COLUMNS": "200"}
    done = subprocess.run(command, cwd=copy, env=environment, check=False, capture_output=True, text=True)
    verdicts = dict(re.findall(r"^(.+) (KEPT|BROKEN)\b", done.stdout, re.MULTILINE))
    assert (done.returncode != 0) == ("BROKEN" in verdicts.values()), done.stdout + done.stderr
    return verdicts


ROOMS_MEET, RUN, ADVISE, DOCUMENTS, TORCH, AUTOPILOT, REPORT = (contract["name"] for contract in CONTRACTS)
BREAKS = [
    pytest.param("policy/noise.py", "import rankfirst.baselines", ROOMS_MEET, id="a-room-imports-its-sibling"),
    pytest.param("records/base.py", "import rankfirst.policy.noise", ROOMS_MEET, id="an-import-goes-upwards"),
    pytest.param("messages/cli.py", "import rankfirst.errors", ROOMS_MEET, id="the-leaf-imports"),
    pytest.param("run/search.py", "import rankfirst.run.autopilot", RUN, id="the-walk-knows-the-story"),
    pytest.param("baselines/linear_head.py", "import torch", TORCH, id="torch-outside-the-engine"),
    pytest.param("data/files/read.py", "import rankfirst.policy.noise", ROOMS_MEET, id="a-reader-knows-the-policy"),
    pytest.param("advice/live_run.py", "import rankfirst.advice.log_advice", ADVISE, id="the-advice-knows-the-logs"),
    pytest.param("ui/server_events.py", "def later():\n    import torch", TORCH, id="torch-behind-the-page"),
    pytest.param("report/build.py", "import rankfirst.ui.scan", ROOMS_MEET, id="the-report-knows-the-page"),
    pytest.param("advice/log_advice.py", "def later():\n    import transformers", TORCH, id="torch-beside-a-log"),
    pytest.param("run/search.py", "def later():\n    import peft", TORCH, id="hidden-in-a-function-below-the-story"),
    pytest.param("run/autopilot.py", "from rankfirst.engine import local", AUTOPILOT, id="the-story-knows-an-engine"),
    pytest.param("run/search.py", "import rankfirst.engine.training.loop", AUTOPILOT, id="the-walk-knows-an-engine"),
    pytest.param("report/build.py", "from rankfirst.policy import rules", REPORT, id="the-report-knows-rules"),
    pytest.param("report/build.py", "import rankfirst.report.narrative.prose", DOCUMENTS, id="a-page-knows-a-document"),
    pytest.param("report/narrative/answers.py", "from rankfirst.policy import rules", REPORT, id="answers-know-rules"),
]  # fmt: skip


def test_every_contract_has_a_break() -> None:
    assert {case.values[2] for case in BREAKS} == {contract["name"] for contract in CONTRACTS}


def test_the_untouched_house_keeps_every_contract(copy: Path) -> None:
    assert lint(copy) == {contract["name"]: "KEPT" for contract in CONTRACTS}


@pytest.mark.slow
@pytest.mark.parametrize(("path", "line", "contract"), BREAKS)
def test_a_contract_is_seen_to_fail(copy: Path, path: str, line: str, contract: str) -> None:
    file = copy / "rankfirst" / path
    whole = file.read_text(encoding="utf-8")
    try:
        file.write_text(f"{whole}\n\n{line}\n", encoding="utf-8")
        assert lint(copy)[contract] == "BROKEN"
    finally:
        file.write_text(whole, encoding="utf-8")


def test_every_module_has_its_place_in_the_layers() -> None:
    found = {p.name.removesuffix(".py") for p in SOURCE.iterdir() if not p.name.startswith(("_", "py."))}
    assert found == {name for layer in LAYERS for name in layer}


@pytest.mark.parametrize("room", ROOMS)
def test_no_room_imports_a_sibling(room: str) -> None:
    siblings = {f"rankfirst.{other}" for other in ROOMS if other != room}
    paths = files(room) or [SOURCE / f"{room}.py"]
    met = {(named(p), name) for p in paths for name in imported(p) if ".".join(name.split(".")[:2]) in siblings}
    assert not met


def heavy_outside_the_engine() -> set[str]:
    heavy = set(next(c for c in CONTRACTS if "torch" in c["name"])["forbidden_modules"])
    return {
        named(p) for p in files() for name in imported(p) if name.split(".")[0] in heavy and "engine" not in p.parts
    }


def test_only_the_engine_names_torch_and_friends() -> None:
    assert heavy_outside_the_engine() <= {"cli/doctor.py"}


def test_not_even_the_doctor_names_torch() -> None:
    assert not heavy_outside_the_engine()


# Words that are ids of rules too. Rooms that tell decisions mean the word in these files; no other room reads a rule.
ORDINARY = {
    "memory": {"report/side_events.py"},  # what a plan predicts
    "seeds": {"report/narrative/tables.py"},  # a sign of the rule book
    "asked": {"report/answers.py", "report/narrative/prose.py", "run/base_selection.py"},
    "cannot_tell": {"advice/log_advice.py"},  # a key of its JSON
    "settled": {"sample/build.py", "sample/files.py"},  # a matter that a customer calls done
}
TELLERS = {"advice", "report", "run"}


def rule_ids(source: str) -> set[str]:
    """Ids of rules that a file spells as strings of their own."""
    from rankfirst.policy.rules import TABLES

    ids = {rule.id for table in TABLES.values() for rule in table} | {"asked"}
    strings = {str(node.value) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)}
    return ids & strings


def test_no_rule_is_named_outside_the_policy() -> None:
    """A decision carries what is needed to tell it; the sentences of a rule and the table for old journals name it."""
    others = [p for p in files() if not {"policy", "messages"} & set(p.parts) and named(p) != "records/old_journals.py"]
    found = {(named(p), rule) for p in others for rule in rule_ids(p.read_text(encoding="utf-8"))}
    words = {(file, rule) for rule, where in ORDINARY.items() for file in where}
    words |= {(file, rule) for file, rule in found if rule in ORDINARY and file.partition("/")[0] not in TELLERS}
    assert found <= words


def test_a_rule_that_is_named_is_noticed() -> None:
    assert rule_ids("BACK = ('took_worse', 'recall_lost')") == {"took_worse", "recall_lost"}
    assert rule_ids("if made.rule_id == 'untested': pass") == {"untested"}
    assert rule_ids("code = 'six.2.overfit' + f'account.rule.{rule}'") == set()
    assert rule_ids((SOURCE / "records/old_journals.py").read_text(encoding="utf-8"))


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_a_file_is_a_room_you_can_see_at_once() -> None:
    assert {named(p) for p in files() if lines(p) > 400} == LONG_FILES.keys()
    assert median(map(lines, files())) < 150


def test_the_structure_stays_small() -> None:
    """As many first-level names and layers as a reader can keep in mind, no circle, no long function."""
    figures = house.House(ROOT)
    assert len(house.first_level(figures)) <= 26
    assert house.layers(figures) <= 14
    assert house.circles(figures) == []
    assert house.long_functions(figures) == []
