"""Write the locked requirements of the image: every package with its version and hashes, for both kinds of processor.

Usage: python tools/lock_image.py    (asks the package index; docker/NAME.txt -> docker/NAME.lock)
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "docker"
PYTHON = "3.11"  # of the Dockerfile
MACHINES = ("x86_64", "aarch64")
SYSTEMS = ("manylinux_2_28", "manylinux_2_27", "manylinux_2_17", "manylinux2014")  # of Debian's slim images
HEAD = "# Written by tools/lock_image.py from {name}; do not edit.\n"


def report(requirements: Path, machine: str) -> list[dict[str, Any]]:
    """What pip would install on such a machine."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "report.json"
        platforms = [word for system in SYSTEMS for word in ("--platform", f"{system}_{machine}")]
        command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet", "--report",
                   str(told), "--only-binary", ":all:", "--python-version", PYTHON, *platforms, "--target", folder,
                   "-r", str(requirements)]  # fmt: skip
        subprocess.run(command, check=True)
        found: list[dict[str, Any]] = json.loads(told.read_text(encoding="utf-8"))["install"]
        return found


def lock(requirements: Path) -> str:
    """The locked file. Raises: ValueError if the machines would get different versions."""
    versions: dict[str, str] = {}
    hashes: dict[str, set[str]] = {}
    for machine in MACHINES:
        for package in report(requirements, machine):
            name, version = package["metadata"]["name"].lower().replace("_", "-"), package["metadata"]["version"]
            if versions.setdefault(name, version) != version:
                raise ValueError(f"{name}: {versions[name]} and {version}")
            hashes.setdefault(name, set()).add(package["download_info"]["archive_info"]["hashes"]["sha256"])
    lines = []
    for name in sorted(versions):
        words = [f"{name}=={versions[name]}", *(f"--hash=sha256:{each}" for each in sorted(hashes[name]))]
        lines.append(" \\\n    ".join(words))
    return HEAD.format(name=requirements.name) + "\n".join(lines) + "\n"


if __name__ == "__main__":
    for path in sorted(FOLDER.glob("*.txt")):
        path.with_suffix(".lock").write_text(lock(path), encoding="utf-8")
