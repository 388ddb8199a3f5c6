"""The image of docker/: its short list of packages is all that serving loads, so that torch stays out of it."""

import json
import re
import subprocess
import sys
import urllib.request
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import pytest

from rankfirst.model import export as exporting
from tests import runs
from tests.engine import tiny

for needed in ("onnxscript", "fastapi", "packaging"):
    pytest.importorskip(needed, reason="serving needs the extras onnx and serve (pip install -e '.[dev]')")

ROOT = Path(__file__).parents[2]
CODE = """
import sys
absent = set(sys.argv.pop(1).split(","))
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in absent:
            raise ModuleNotFoundError(f"not in the image: {name}", name=name)
sys.meta_path.insert(0, Absent())
from rankfirst.cli.main import main
main()
"""


def listed() -> set[str]:
    """Distributions of the image: those of the list, and whatever they ask for."""
    from packaging.requirements import Requirement

    lines = (ROOT / "docker" / "requirements.txt").read_text().splitlines()
    todo = [line for line in lines if line and not line.startswith("#")]
    found = set[str]()
    while todo:
        asked = Requirement(todo.pop())
        name = re.sub(r"[-_.]+", "-", asked.name).lower()
        if name in found or (asked.marker is not None and not asked.marker.evaluate({"extra": ""})):
            continue
        found.add(name)
        try:
            todo += requires(asked.name) or []
        except PackageNotFoundError:
            continue  # of another system
    return found


@pytest.mark.slow
def test_the_server_needs_no_unlisted_package(tmp_path: Path) -> None:
    image = listed()
    assert not image & {"torch", "transformers", "peft", "accelerate"}
    absent = {top for top, owners in packages_distributions().items() if top != "rankfirst"
              and not any(re.sub(r"[-_.]+", "-", owner).lower() in image for owner in owners)}  # fmt: skip
    assert {"torch", "transformers"} <= absent
    base, rows = tiny.write_base(tmp_path / "base" / "tiny-bert", "bert"), runs.write_rows(tmp_path)
    runs.fit_frozen(rows, tmp_path / "run", base)
    exporting.export(tmp_path / "run", ["onnx"])
    words = ["serve", str(tmp_path / "run"), "--backend", "onnx", "--port", "0", "--lang", "en"]
    command = [sys.executable, "-c", CODE, ",".join(sorted(absent)), *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None and server.stderr is not None
        line = server.stdout.readline()
        try:
            address = re.search(r"http://[\d.:]+\d", line)
            assert address is not None, server.stderr.read()
            body = json.dumps({"texts": ["send my card"], "abstain": True}).encode()
            asked = urllib.request.Request(f"{address[0]}/v1/classify", body, {"content-type": "application/json"})
            with urllib.request.urlopen(asked, timeout=30) as told:
                assert len(json.load(told)["answers"]) == 1
        finally:
            server.terminate()


def test_the_image_has_a_user_and_a_health_check() -> None:
    lines = (ROOT / "docker" / "Dockerfile").read_text()
    assert "\nUSER served\n" in lines and "\nHEALTHCHECK " in lines and "--no-deps" in lines
