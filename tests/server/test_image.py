"""The image of docker/: its short list of packages is all that serving loads, so that torch stays out of it."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import pytest

from rankfirst.measure.abstain_scores import FILE as SCOPE
from rankfirst.model import canary, manifest, promises, signature
from rankfirst.model import export as exporting
from rankfirst.model.agreement import HEAD
from rankfirst.model.classifier import CHECK, UNREAD
from rankfirst.model.onnx.runtime import FILES
from tests import runs
from tests.engine import tiny

for needed in ("onnxscript", "fastapi", "packaging"):
    pytest.importorskip(needed, reason="serving needs the extras onnx and serve (pip install -e '.[dev]')")

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "docker"
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


def unlisted() -> set[str]:
    """Modules of packages that are not in the image."""
    image = listed()
    assert not image & {"torch", "transformers", "peft", "accelerate"}
    absent = {top for top, owners in packages_distributions().items() if top != "rankfirst"
              and not any(re.sub(r"[-_.]+", "-", owner).lower() in image for owner in owners)}  # fmt: skip
    assert {"torch", "transformers"} <= absent
    return absent


@pytest.mark.slow
def test_the_server_needs_no_unlisted_package(tmp_path: Path) -> None:
    absent = unlisted()
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


@dataclass(frozen=True)
class Step:
    """An instruction of the Dockerfile."""

    name: str
    words: tuple[str, ...]  # without flags; of the JSON form its strings
    flags: tuple[str, ...] = ()
    line: str = ""


def steps(**arguments: str) -> list[Step]:
    """The instructions, with build arguments inserted; those given replace the defaults."""
    text = re.sub(r"^\s*#.*\n", "", (DOCKER / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    values, found = dict[str, str](), list[Step]()
    for line in filter(str.strip, re.sub(r"\\\n\s*", " ", text).splitlines()):
        name, _, rest = line.strip().partition(" ")
        if name == "ARG":
            key, _, default = rest.partition("=")
            values[key] = arguments.get(key, values.get(key, default))
        for key, value in values.items():
            rest = rest.replace(f"${{{key}}}", value)
        words = json.loads(rest) if rest.startswith("[") else rest.split()
        flags = tuple(word for word in words if word.startswith("--")) if name in ("COPY", "HEALTHCHECK") else ()
        found.append(Step(name, tuple(word for word in words if word not in flags), flags, rest))
    return found


def locked(name: str) -> dict[str, tuple[str, list[str]]]:
    """Package -> (version, hashes) of a locked file."""
    lines = re.sub(r"\\\n\s*", " ", (DOCKER / name).read_text(encoding="utf-8")).splitlines()
    found = {}
    for line in lines:
        if line and not line.startswith("#"):
            package, *hashes = line.split()
            name, _, version = package.partition("==")
            found[name] = version, [each.removeprefix("--hash=sha256:") for each in hashes]
    return found


def test_the_dockerfile_is_well_formed() -> None:
    found = steps()
    known = {"ARG", "FROM", "COPY", "RUN", "USER", "EXPOSE", "HEALTHCHECK", "CMD"}
    assert {step.name for step in found} <= known and [step.name for step in found[:2]] == ["ARG", "FROM"]
    last = {step.name: step for step in found}  # of the last stage
    assert last["USER"].words == ("served",) and last["CMD"].words[:2] == ("rankfirst", "serve")
    order = [step.name for step in found]
    assert order.index("USER") > max(n for n, name in enumerate(order) if name in ("RUN", "COPY"))
    assert json.loads(last["HEALTHCHECK"].line.partition("CMD ")[2])[0] == "python"
    for step in found:
        if step.name == "FROM":
            assert ":" in step.words[0] and not step.words[0].endswith(":latest")
        if step.name == "RUN" and "pip" in step.words:
            assert "--no-cache-dir" in step.words and {"--require-hashes", "--no-deps"} & set(step.words)
        if step.name == "COPY" and not any(flag.startswith("--from") for flag in step.flags):
            for source in step.words[:-1]:
                assert source.startswith("run/model/") or (ROOT / source).exists(), source


def test_every_file_that_answers_is_copied() -> None:
    """A delivery whose manifest lists a file that is not in the image is refused."""
    copied = [source for step in steps() if step.name == "COPY" for source in step.words[:-1]]
    read = (manifest.NAME, manifest.DECISION, manifest.LABELS, CHECK, HEAD, SCOPE, promises.FILE, signature.FILE,
            canary.FILE, "tokenizer", FILES["onnx"], FILES["int8"])  # fmt: skip
    assert not [name for name in read if not any(fnmatch(f"run/model/{name}", source) for source in copied)]
    assert not [name for name in UNREAD if any(fnmatch(f"run/model/{name}", source) for source in copied)]


def test_the_base_is_pinned_by_digest() -> None:
    bases = [step.words[0] for step in steps() if step.name == "FROM"]
    assert len(bases) == 2 and all(re.fullmatch(r"python:3\.11-slim@sha256:[0-9a-f]{64}", each) for each in bases)
    pinned = "python:3.11-slim@sha256:" + "0" * 64
    assert [step.words[0] for step in steps(BASE=pinned) if step.name == "FROM"] == [pinned, pinned]


@pytest.mark.parametrize("name", ["requirements", "requirements-build"])
def test_every_package_of_the_image_is_locked_by_version_and_hash(name: str) -> None:
    from packaging.requirements import Requirement

    found = locked(f"{name}.lock")
    assert all(hashes and all(re.fullmatch("[0-9a-f]{64}", each) for each in hashes) for _, hashes in found.values())
    lines = (DOCKER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    for asked in (Requirement(line) for line in lines if line and not line.startswith("#")):
        version, _ = found[asked.name.lower().replace("_", "-")]
        assert asked.specifier.contains(version), asked
    if name == "requirements":
        assert not set(found) & {"torch", "transformers", "peft", "accelerate", "rankfirst"}


class Folder:
    """A Dockerfile carried out in folders, a stage each, where there is no docker."""

    def __init__(self, context: Path, place: Path) -> None:
        self.context, self.place = context, place
        self.stages: dict[str, Path] = {}
        self.root = place

    def carry_out(self, step: Step) -> None:
        """One instruction. Packages of others are not installed: the tests' own stand in for them."""
        if step.name == "FROM":
            name = step.words[2] if "AS" in step.words else "last"
            self.root = self.stages[name] = self.place / name
            (self.root / "tmp").mkdir(parents=True)
        elif step.name == "COPY":
            stage = [flag.partition("=")[2] for flag in step.flags if flag.startswith("--from=")]
            self._copy(step.words[:-1], step.words[-1], self.stages[stage[0]] if stage else self.context)
        elif step.name == "RUN" and "--require-hashes" not in step.words:
            for command in step.line.split(" && "):
                self._run(command.split())

    def _copy(self, sources: tuple[str, ...], to: str, start: Path) -> None:
        found = [path for source in sources for path in sorted(start.glob(source.lstrip("/")))]
        assert all(list(start.glob(source.lstrip("/"))) or "[" in source for source in sources), sources
        target = self.root / to.lstrip("/")
        for path in found:
            if path.is_dir():  # docker copies what is in it
                shutil.copytree(path, target, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
                continue
            assert len(found) == 1 or to.endswith("/")
            destination = target / path.name if to.endswith("/") else target
            destination.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, destination)

    def _run(self, words: list[str]) -> None:
        placed = [str(self.root / word.lstrip("/")) if word.startswith("/") else word for word in words]
        if words[0] == "pip":
            more = ["--target", str(self.root / "site")] if words[1] == "install" else []
            subprocess.run([sys.executable, "-m", *placed, *more, "--quiet"], check=True, timeout=200)
        elif words[0] == "rm":
            for path in map(Path, placed[2:]):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        else:
            assert words[0] == "useradd"


@pytest.mark.slow
def test_the_steps_of_the_image_make_a_server_that_is_healthy(tmp_path: Path) -> None:
    context = tmp_path / "context"
    context.mkdir()
    for name in ("docker", "pyproject.toml", "README.md", "LICENSE", "src"):
        (context / name).symlink_to(ROOT / name)
    base, rows = tiny.write_base(tmp_path / "base" / "tiny-bert", "bert"), runs.write_rows(tmp_path)
    runs.fit_frozen(rows, context / "run", base)
    exporting.export(context / "run", ["onnx"])
    image, found = Folder(context, tmp_path / "image"), steps()
    for step in found:
        image.carry_out(step)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    last = {step.name: step for step in found}
    words = [str(image.root / "srv" / "run") if word == "/srv/run" else {"int8": "onnx"}.get(word, word)
             for word in last["CMD"].words[1:]]  # fmt: skip
    own = f"sys.path.insert(0, {str(image.root / 'site')!r})\nimport rankfirst\nassert 'site' in rankfirst.__file__\n"
    command = [
        sys.executable,
        "-c",
        CODE.replace("from rankfirst.cli", f"{own}from rankfirst.cli"),
        ",".join(sorted(unlisted())),
        *words,
        "--port",
        port,
        "--lang",
        "en",
    ]
    given = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | {"RANKFIRST_TOKEN": "s3cret"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=given) as server:
        assert server.stdout is not None and server.stderr is not None
        try:
            assert "http" in server.stdout.readline(), server.stderr.read()
            health = json.loads(last["HEALTHCHECK"].line.partition("CMD ")[2].replace("8771", port))
            for _ in range(50):
                if subprocess.run([sys.executable, *health[1:]], capture_output=True, timeout=30).returncode == 0:
                    break
            else:
                raise AssertionError("not healthy")
        finally:
            server.terminate()
