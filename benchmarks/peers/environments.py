"""The environments of the peers: each package at one version in a folder of its own, none of them a dependency.

Usage: python -m benchmarks.peers.environments [NAME ...]      (builds what is missing under .peers/)

An environment sees the project's own packages behind its own ones, so that torch is neither downloaded again nor
replaced by another build. What cannot be installed is named with its reason in .peers/NAME.failed, and the others are
built all the same.
"""

import subprocess
import sys
import sysconfig
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / ".peers"
INSTALLED: Final = ".installed"  # in an environment that is whole
# Environment -> what is installed. "" is the project's own.
ENVIRONMENTS: Final = {
    "trainer": ("optuna==5.0.0",),
    "setfit": ("setfit==1.2.0", "sentence-transformers==6.2.0"),
    # AutoIntent asks for transformers below 5, so it brings its own.
    "autointent": ("autointent[transformers,sentence-transformers,peft,catboost]==0.4.0",),
    "model2vec": ("model2vec[distill]==0.10.0",),
}


def python(environment: str) -> Path:
    """The interpreter of an environment; whether it is there is for the caller to see."""
    return Path(sys.executable) if not environment else FOLDER / environment / "bin" / "python"


def missing(environment: str) -> str:
    """Why an environment is not there; empty if it is."""
    if not environment or (FOLDER / environment / INSTALLED).exists():
        return ""
    failed = FOLDER / f"{environment}.failed"
    return _last(failed.read_text(encoding="utf-8")) if failed.exists() else "run make peers"


def _last(told: str) -> str:
    return told.strip().splitlines()[-1] if told.strip() else "pip failed"


def build(name: str) -> str:
    """Install one environment. Returns: why it failed; empty if it is there."""
    failed = FOLDER / f"{name}.failed"
    if (FOLDER / name / INSTALLED).exists():
        return ""
    venv.create(FOLDER / name, with_pip=False, clear=True)
    packages = FOLDER / name / Path(sysconfig.get_path("purelib")).relative_to(sys.prefix)
    (packages / "project.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    command = [str(python(name)), "-m", "pip", "install", "--disable-pip-version-check", "-q", *ENVIRONMENTS[name]]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        failed.write_text(done.stderr, encoding="utf-8")
        return _last(done.stderr)
    failed.unlink(missing_ok=True)
    (FOLDER / name / INSTALLED).touch()
    return ""


def main(names: Sequence[str]) -> None:
    """Build these, or all."""
    for name in names or ENVIRONMENTS:
        why = build(name)
        print(f"{name}: {'failed: ' + why if why else 'ready'}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
