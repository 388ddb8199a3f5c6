"""The wheel holds the whole package and nothing else."""

import subprocess
import sys
import zipfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src"


def builder(out: Path) -> list[str]:
    """The command that builds the wheel into `out`: without fetching anything where that is possible."""
    if find_spec("hatchling") and find_spec("build"):
        return [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    quick = ("--disable-pip-version-check", "--retries", "0", "--timeout", "10", "--no-deps")
    return [sys.executable, "-m", "pip", "wheel", *quick, "--wheel-dir", str(out), str(ROOT)]


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Sequence[str]:
    """The files inside the wheel, built once from this checkout."""
    out = tmp_path_factory.mktemp("wheel")
    command = builder(out)
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)
    if done.returncode and "pip" in command:
        pytest.skip("hatchling is not installed here, and pip could not fetch it: pip install hatchling")
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = out.glob("rankfirst-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def package_files() -> set[str]:
    """Every file of the package in the checkout, as a wheel names it."""
    files = (path for path in (SOURCE / "rankfirst").rglob("*") if path.is_file())
    return {path.relative_to(SOURCE).as_posix() for path in files if "__pycache__" not in path.parts}


def test_every_file_of_the_package_is_in_it_and_nothing_else(names: Sequence[str]) -> None:
    assert {name for name in names if ".dist-info/" not in name} == package_files()


def test_what_is_no_python_is_in_it(names: Sequence[str]) -> None:
    templates = {name for name in names if name.startswith("rankfirst/report/templates/")}
    assert "rankfirst/py.typed" in names
    assert "rankfirst/report/templates/report.html.j2" in templates
    assert {"rankfirst/sample/phrases/en.toml", "rankfirst/sample/phrases/zh.toml"} <= set(names)
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_no_tests_tools_or_examples_are_in_it(names: Sequence[str]) -> None:
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"rankfirst"}
    assert not [name for name in names if "test" in name.casefold() and name.endswith(".py")]


def test_the_command_is_declared(names: Sequence[str]) -> None:
    assert any(name.endswith(".dist-info/entry_points.txt") for name in names)
