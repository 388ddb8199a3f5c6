"""Windows and macOS: what only Unix has is never imported without a way round, and a run does without it."""

import ast
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from rankfirst.measure import memory
from rankfirst.run import folder as folders
from tests import runs
from tests.engine import tiny

SOURCE = Path(__file__).parents[1] / "src" / "rankfirst"
OF_ONE_SYSTEM = frozenset({"_winapi", "crypt", "curses", "fcntl", "grp", "msvcrt", "nis", "posix", "pty", "pwd",
                           "resource", "spwd", "syslog", "termios", "tty", "winreg", "winsound"})  # fmt: skip
# Attributes of os and signal that Windows or macOS lack, and those that Windows has.
PORTABLE_SIGNALS = frozenset({"SIGINT", "SIGTERM", "SIG_DFL", "SIG_IGN"})
OF_UNIX = frozenset({"fork", "geteuid", "getgid", "getloadavg", "getpgid", "getuid", "killpg", "mkfifo", "nice",
                     "posix_fallocate", "sched_getaffinity", "sched_setaffinity", "setpriority", "setsid", "statvfs",
                     "sysconf", "uname", "wait"})  # fmt: skip

BLOCKED = """
import sys, psutil  # which imports `resource` on Linux, where it is not what this is about
absent = {"fcntl", "resource"}  # others have no way round the rest on a Unix
sys.modules.update(dict.fromkeys(absent))
"""
EVERYTHING = """
import importlib, pkgutil, rankfirst
for found in pkgutil.walk_packages(rankfirst.__path__, "rankfirst."):
    if found.name != "rankfirst.__main__":
        try:
            importlib.import_module(found.name)
        except ModuleNotFoundError as error:  # an extra
            assert error.name.partition(".")[0] not in absent | {"rankfirst"}, error
print("imported")
"""
RUN = """
from pathlib import Path
from rankfirst import api
from rankfirst.run.folder import in_use
rows, base, out = map(Path, sys.argv[1:])
api.fit(rows, out, base_model=str(base), always_lora=True, budget="1s", knobs=("rank=1",))
assert not in_use(out)
print(rankfirst.load(out).predict(["send my card"]))
"""


@cache
def sources() -> list[tuple[str, ast.Module]]:
    paths = sorted(SOURCE.rglob("*.py"))
    return [(str(path.relative_to(SOURCE)), ast.parse(path.read_text(encoding="utf-8"))) for path in paths]


def guarded(tree: ast.Module) -> set[ast.AST]:
    """Nodes that run only after something was asked: a `try` with ImportError, an `if`, a conditional expression."""
    found: set[ast.AST] = set()
    for node in ast.walk(tree):
        catches = isinstance(node, ast.Try) and any("ImportError" in ast.dump(h) or "ModuleNotFoundError" in ast.dump(h)
                                                    for h in node.handlers)  # fmt: skip
        if catches or isinstance(node, ast.If | ast.IfExp):
            found |= set(ast.walk(node))
    return found


def test_no_module_of_one_system_is_imported_without_a_way_round() -> None:
    wrong = []
    for name, tree in sources():
        safe = guarded(tree)
        for node in ast.walk(tree):
            if node in safe or not isinstance(node, ast.Import | ast.ImportFrom):
                continue
            asked = [each.name for each in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            wrong += [f"{name}:{node.lineno} {each}" for each in asked if each.partition(".")[0] in OF_ONE_SYSTEM]
    assert not wrong


def test_no_attribute_of_unix_alone_is_used_without_asking() -> None:
    wrong = []
    for name, tree in sources():
        safe = guarded(tree)
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)) or node in safe:
                continue
            owner, attribute = node.value.id, node.attr
            own = owner == "signal" and attribute.startswith("SIG") and attribute not in PORTABLE_SIGNALS
            if own or (owner == "os" and attribute in OF_UNIX):
                wrong.append(f"{name}:{node.lineno} {owner}.{attribute}")
    assert not wrong


def test_memory_is_measured_on_every_system(monkeypatch: pytest.MonkeyPatch) -> None:
    psutil = pytest.importorskip("psutil")
    here = memory.peak_bytes(), memory.held_bytes()
    for system in ("another Unix", "Windows"):
        monkeypatch.setattr(memory, "_of_linux", lambda name: 0)
        if system == "Windows":
            monkeypatch.setitem(sys.modules, "resource", None)
        assert 0.2 < memory.peak_bytes() / here[0] < 5 and 0.2 < memory.held_bytes() / here[1] < 5, system
    assert memory._available() == pytest.approx(psutil.virtual_memory().available, rel=0.5)


def test_a_locked_run_is_in_use_without_the_modules_of_unix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)
    assert not folders.in_use(tmp_path)
    with folders.hold(tmp_path):
        assert folders.in_use(tmp_path)
    assert not folders.in_use(tmp_path)


@pytest.mark.slow
def test_everything_is_imported_and_fits_without_the_modules_of_unix(tmp_path: Path) -> None:
    base, rows = tiny.write_base(tmp_path / "base" / "tiny-bert", "bert"), runs.write_rows(tmp_path)
    words = [str(rows), str(base), str(tmp_path / "run")]
    command = [sys.executable, "-c", BLOCKED + EVERYTHING + RUN, *words]
    done = subprocess.run(command, env=runs.environment(), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "imported" in done.stdout and os.path.exists(tmp_path / "run" / "model" / "decision.json")
