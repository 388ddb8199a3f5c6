"""The public names: all there, all lazy, and all visible to type checkers."""

import ast
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import rankfirst

HEAVY = ("torch", "transformers", "peft", "sklearn")
COMING = [] if find_spec("rankfirst.estimator") else ["LoraClassifier"]  # its module is not written yet


def loaded_by(code: str) -> str:
    """The heavy packages that `code` leaves loaded in a fresh interpreter."""
    told = f"import sys\n{code}\nprint([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", told], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("import rankfirst", id="package"),
        pytest.param("import rankfirst; dir(rankfirst); rankfirst.__version__", id="dir-and-version"),
        pytest.param("from rankfirst import DataError, RankfirstError", id="errors"),
    ],
)
def test_importing_loads_nothing_heavy(code: str) -> None:
    assert loaded_by(code) == "[]"


def test_the_check_above_can_fail() -> None:
    assert loaded_by("import sklearn") == "['sklearn']"


@pytest.mark.parametrize("name", rankfirst.__all__)
def test_every_name_is_there(name: str) -> None:
    if name in COMING:
        pytest.skip("rankfirst.estimator is not there yet")
    assert getattr(rankfirst, name) is not None


def test_names_are_sorted_listed_and_without_twins() -> None:
    assert rankfirst.__all__ == sorted(set(rankfirst.__all__))
    assert set(rankfirst.__all__) <= set(dir(rankfirst))
    assert dir(rankfirst) == sorted(dir(rankfirst))


def test_type_checkers_see_the_same_names_in_the_same_modules() -> None:
    tree = ast.parse(Path(rankfirst.__file__).read_text(encoding="utf-8"))
    block = next(n for n in tree.body if isinstance(n, ast.If) and ast.unparse(n.test) == "TYPE_CHECKING")
    seen = {alias.name: n.module for n in block.body if isinstance(n, ast.ImportFrom) for alias in n.names}
    assert seen == rankfirst._HOMES
    assert {*seen, "__version__"} == set(rankfirst.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        rankfirst.nonsense  # noqa: B018
