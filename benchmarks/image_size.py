"""What the packages of the image in docker/ take, beside all that rankfirst[serve] asks for, as installed here.

Usage: python -m benchmarks.image_size    (appends to results/image_size.csv). torch is whatever build is installed:
that for CPUs is the smallest, the one that pip takes by itself on Linux brings CUDA and is several times as large.
"""

import tomllib
from importlib.metadata import Distribution, PackageNotFoundError, distribution, version
from pathlib import Path

from packaging.requirements import Requirement

from benchmarks.tables import append

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Two lines."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = (ROOT / "docker" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    wanted = {"rankfirst[serve]": project["dependencies"] + project["optional-dependencies"]["serve"],
              "docker/requirements.txt": [line for line in lines if line and not line.startswith("#")]}  # fmt: skip
    for name, asked in wanted.items():
        found = closure(asked)
        append("image_size", {"list": name, "packages": len(found), "megabytes": round(sum(map(size, found.values()))),
                              "torch": version("torch") if "torch" in found else "none"})  # fmt: skip


def closure(asked: list[str]) -> dict[str, Distribution]:
    """The distributions that are asked for, and those that they ask for."""
    found: dict[str, Distribution] = {}
    todo, seen = [(line, "") for line in asked], set[str]()
    while todo:
        line, extra = todo.pop()
        need = Requirement(line)
        if line in seen or (need.marker is not None and not need.marker.evaluate({"extra": extra})):
            continue
        seen.add(line)
        try:
            made = distribution(need.name)
        except PackageNotFoundError:
            continue  # of another system
        found[made.metadata["Name"].lower()] = made
        todo += [(more, extra) for more in made.requires or [] for extra in ("", *need.extras)]
    return found


def size(made: Distribution) -> float:
    """Megabytes of its files."""
    paths = [Path(str(made.locate_file(file))) for file in made.files or []]
    return sum(path.stat().st_size for path in paths if path.is_file()) / 1e6


if __name__ == "__main__":
    main()
