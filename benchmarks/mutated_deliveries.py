"""Damage delivered models in many ways and ask them all the same: is any answer different without a word?

Each case changes a delivery (a flipped bit, bytes swapped, a file cut, emptied, removed, replaced by one of another run
or of the same, a JSON list or the rows of a tensor in another order, files added), and loads it in every way: torch,
ONNX, int8, the gate, the sketch that `drift` reads. It must answer as before, or refuse in one line. If so many files
were taken from the other run that all which are read are its own, it may answer as that run: that is a delivery too.

Usage: python -m benchmarks.mutated_deliveries [CASES] [SEED] [first|later] [plain]   (2,000 cases, seed 0; appends to
results/mutated_deliveries.csv; `plain`: without ONNX and int8; `later`: links, pipes, names, manifests
and JSON in ways that came later; the models are those of tests/first_edition, nothing is trained)
"""

import contextlib
import io
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
from safetensors.numpy import load_file, save_file
from tests.model import deliveries

from benchmarks.tables import append
from rankfirst.errors import EngineError, RankfirstError
from rankfirst.lifecycle.gate import gate
from rankfirst.model import export, manifest
from rankfirst.model.classifier import load

TEXTS: Final = deliveries.TEXTS
PATIENCE: Final = 60  # seconds in which a case answers or refuses; else the process ends
LIKE: Final = 1e-6  # of a probability: threads may add in another order
OUTCOMES: Final = ("as before", "refused", "the other run's, whole", "silently different", "traceback")
Mutation = Callable[[random.Random, Path, Path], str]
Answers = dict[str, Any]


def answers(run: Path) -> Answers:
    """What a delivery answers in each way, or why it refuses."""
    return asked(run, ("torch", "onnx", "int8", "gate", "sketch"), _ask)


def asked(run: Path, ways: Iterable[str], ask: Callable[[Path, str], Any]) -> Answers:
    """Way -> what `ask` returns, or the error by which it refuses; an exception of another type is raised."""
    found: Answers = {}
    for way in ways:
        try:
            found[way] = ask(run, way)
        except RankfirstError as error:
            lines = [error.sentence(lang) for lang in ("en", "zh")]
            assert not any("\n" in line for line in lines), lines
            found[way] = error
    return found


def _ask(run: Path, way: str) -> Any:
    if way == "gate":
        return [(point.code, point.verdict, repr(point.numbers)) for point in gate(run, 0.5)]
    if way == "sketch":
        sketch = load(run).sketch()
        return None if sketch is None else (sketch.classes, sketch.predicted, sketch.vectors.tobytes())
    model = load(run, way)
    read = model.read(TEXTS)
    return model.classes, model.answers(read), model.abstains(read).tolist(), read.probabilities


def differs(before: Any, after: Any) -> bool:
    """Whether an answer was given, and not the one from before. What was refused before may not answer now."""
    if isinstance(after, RankfirstError):
        return False
    if isinstance(before, RankfirstError):
        return True
    if isinstance(before, tuple) and len(before) == 4:
        return before[:3] != after[:3] or not np.allclose(before[3], after[3], rtol=0, atol=LIKE)
    return bool(before != after)


# Each changes RUN/model and says what it did. The other run is a delivery of the same classes with other weights.


def flip(draw: random.Random, run: Path, other: Path) -> str:
    """Flip one to eight bits of a file."""
    path = _any(draw, run)
    content = bytearray(path.read_bytes())
    for _ in range(draw.choice((1, 1, 1, 2, 8))):
        if content:
            content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    path.write_bytes(content)
    return f"flip {path.name}"


def cut(draw: random.Random, run: Path, other: Path) -> str:
    """Cut a file short, or empty it."""
    path = _any(draw, run)
    size = path.stat().st_size
    path.write_bytes(path.read_bytes()[: draw.choice((0, max(0, size - 1), draw.randrange(size + 1)))])
    return f"cut {path.name}"


def swap_bytes(draw: random.Random, run: Path, other: Path) -> str:
    """Swap two stretches of a file."""
    path = _any(draw, run)
    content = bytearray(path.read_bytes())
    size = draw.choice((1, 4, 64, 256))
    if len(content) > 2 * size:
        a, b = (draw.randrange(len(content) - size) for _ in range(2))
        content[a : a + size], content[b : b + size] = content[b : b + size], content[a : a + size]
    path.write_bytes(content)
    return f"swap bytes {path.name}"


def insert(draw: random.Random, run: Path, other: Path) -> str:
    """Put bytes into a file, or add them to its end."""
    path = _any(draw, run)
    content, more = path.read_bytes(), draw.randbytes(draw.choice((1, 8, 4096)))
    at = draw.choice((len(content), draw.randrange(len(content) + 1)))
    path.write_bytes(content[:at] + more + content[at:])
    return f"insert {path.name}"


def swap_files(draw: random.Random, run: Path, other: Path) -> str:
    """Swap two files of the delivery."""
    one, two = _any(draw, run), _any(draw, run)
    a, b = one.read_bytes(), two.read_bytes()
    one.write_bytes(b)
    two.write_bytes(a)
    return f"swap {one.name} {two.name}"


def remove(draw: random.Random, run: Path, other: Path) -> str:
    """Remove a file or a folder."""
    path = draw.choice(sorted((run / "model").rglob("*")))
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    return f"remove {path.name}"


def foreign(draw: random.Random, run: Path, other: Path) -> str:
    """Take one or several files from another run."""
    names = [path.relative_to(other) for path in sorted((other / "model").rglob("*")) if path.is_file()]
    taken = draw.sample(names, draw.choice((1, 1, 2, len(names) - 1)))
    for name in taken:
        (run / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(other / name, run / name)
    return f"foreign {' '.join(sorted(name.name for name in taken[:3]))}"


def reorder(draw: random.Random, run: Path, other: Path) -> str:
    """Put the lists of a JSON file, or the rows of every tensor of a file, in another order."""
    paths = [path for path in _files(run) if path.suffix in (".json", ".safetensors")]
    path = draw.choice(paths)
    if path.suffix == ".json":
        path.write_text(json.dumps(_shuffled(draw, json.loads(path.read_bytes()))), encoding="utf-8")
    else:
        tensors = load_file(path)
        save_file({n: np.ascontiguousarray(t[::-1]) for n, t in tensors.items()}, path)
    return f"reorder {path.name}"


def add(draw: random.Random, run: Path, other: Path) -> str:
    """Add files that some loader might prefer."""
    names = ("adapter/adapter_model.bin", "adapter/pytorch_model.bin", "model.onnx.data", "model.safetensors",
             "tokenizer/vocab.txt", "tokenizer/added_tokens.json", "adapter/config.json", "tfidf.json",
             "tfidf.safetensors", "config.json", "manifest.sig", "decision.json.bak")  # fmt: skip
    name = draw.choice(names)
    path = run / "model" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_bytes(draw.choice((b"{}", b"", b"\x80\x04.", (other / "model" / "head.safetensors").read_bytes())))
    return f"add {name}"


def without_manifest(draw: random.Random, run: Path, other: Path) -> str:
    """Remove the manifest, or take another's, and change a file."""
    path = run / "model" / manifest.NAME
    path.unlink() if draw.random() < 0.5 else shutil.copyfile(other / "model" / manifest.NAME, path)
    return f"no manifest, {draw.choice((flip, reorder, foreign))(draw, run, other)}"


def link(draw: random.Random, run: Path, other: Path) -> str:
    """Put a link in the place of a file or folder: to the other run's, to nothing, to itself, to a device."""
    path = draw.choice([*(run / "model").rglob("*"), run / "model" / manifest.NAME])
    aims = {"other": other / path.relative_to(run), "nothing": run / "gone", "itself": path, "zeros": Path("/dev/zero")}
    aim = draw.choice(list(aims))
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    path.symlink_to(aims[aim])
    return f"link {path.name} to {aim}"


def pipe(draw: random.Random, run: Path, other: Path) -> str:
    """Put a pipe that nobody writes, or a folder, in the place of a file."""
    path = draw.choice([*_files(run), run / "model" / manifest.NAME])
    path.unlink()
    made = draw.choice((os.mkfifo, os.mkdir))
    made(path)
    return f"{made.__name__} {path.name}"


def rename(draw: random.Random, run: Path, other: Path) -> str:
    """Change the case of a name, or write a letter of it with another code point that looks or normalises alike."""
    path = draw.choice(sorted((run / "model").rglob("*")))
    like = {"a": "\u0430", "e": "\u0435", "o": "\uff4f", "s": "\u017f", "i": "i\u0307"}
    name = draw.choice(
        (path.name.upper(), path.name.title(), f"{path.name} ", path.name.translate(str.maketrans(like)))
    )
    path.rename(path.with_name(name))
    return f"rename {path.name}"


def cut_at_block(draw: random.Random, run: Path, other: Path) -> str:
    """Cut a file at the border of a block, or fill it up to one, as a full disk or a lost write does."""
    path = _any(draw, run)
    content, block = path.read_bytes(), draw.choice((64, 512, 4096))
    kept = block * (len(content) // block)
    zeros = bytes(-len(content) % block)
    path.write_bytes(draw.choice((content[:kept], content + zeros, content[:kept] + bytes(len(content) - kept))))
    return f"cut at block {path.name}"


def entries(draw: random.Random, run: Path, other: Path) -> str:
    """Take entries out of the manifest, add some, take some of the other run's or odd ones; its own hash may fit."""
    path = run / "model" / manifest.NAME
    value, theirs = json.loads(path.read_bytes()), json.loads((other / "model" / manifest.NAME).read_bytes())
    names = sorted(value["files"])
    what = draw.choice(("without", "more", "theirs", "odd", "names", "top"))
    for name in draw.sample(names, draw.choice((1, 1, 2))):
        if what == "without":
            del value["files"][name]
            (run / "model" / name).write_bytes((run / "model" / name).read_bytes()[::-1])
        elif what == "theirs" and name in theirs["files"]:
            value["files"][name] = theirs["files"][name]
            shutil.copyfile(other / "model" / name, run / "model" / name)
        elif what == "odd":
            key = draw.choice(("bytes", "sha256"))
            value["files"][name][key] = draw.choice(
                (float("inf"), float("nan"), -1, None, [], {}, "", "1" * 5000, True)
            )
    if what == "more":
        value["files"][draw.choice(("gone.bin", "adapter/more.bin", "x" * 300, "tokenizer"))] = {
            "sha256": "0",
            "bytes": 0,
        }
    elif what == "names":
        value["files"][draw.choice(("../result.json", "/etc/passwd", "a//b", ".", "\ud800", "a\x00", "C:x"))] = {
            "sha256": "0", "bytes": 0}  # fmt: skip
    elif what == "top":
        value[draw.choice(("version", "files", "run", "sha256"))] = draw.choice((None, [], {}, "1", -1, float("inf")))
    # Whoever writes a manifest that fits may deliver what he likes: the other run's files, or fewer files.
    fits = what not in ("theirs", "without") and draw.random() < 0.5
    if fits:
        with contextlib.suppress(Exception):
            files, beside = (manifest._entries(value[key]) for key in ("files", "run"))
            value["sha256"] = manifest.Manifest(files, beside).digest
    path.write_text(json.dumps(value), encoding="utf-8")
    return f"entries {what}{' that fit' if fits else ''}"


def twice(draw: random.Random, run: Path, other: Path) -> str:
    """Write a key of a JSON file twice, the second time with the other run's value or none."""
    path = draw.choice([path for path in _files(run) if path.suffix == ".json"])
    value, theirs = json.loads(path.read_bytes()), other / path.relative_to(run)
    if not isinstance(value, dict) or not value:
        return f"twice {path.name}, nothing"
    name = draw.choice(sorted(value))
    new = json.loads(theirs.read_bytes()).get(name) if theirs.is_file() and draw.random() < 0.7 else None
    pairs = [json.dumps({name: each})[1:-1] for each in draw.sample((value[name], new), 2)]
    rest = json.dumps({key: each for key, each in value.items() if key != name})[1:-1]
    path.write_text("{" + ", ".join([*pairs, *([rest] if rest else [])]) + "}", encoding="utf-8")
    return f"twice {name} of {path.name}"


def encoded(draw: random.Random, run: Path, other: Path) -> str:
    """Write a JSON file in another encoding, with a mark, with more behind it, or nested beyond any reader."""
    path = draw.choice([path for path in _files(run) if path.suffix == ".json"])
    text = path.read_text("utf-8")
    path.write_bytes(draw.choice((text.encode("utf-16"), text.encode("utf-8-sig"), f"{text}\n{{}}".encode(),
                                  b"[" * 100_000, text.replace("0.", "00.").encode(), text[:-1].encode())))  # fmt: skip
    return f"encoded {path.name}"


LATER: Final[tuple[Mutation, ...]] = (
    link, link, pipe, rename, rename, cut_at_block, cut_at_block, entries, entries, entries, twice, twice, encoded,
)  # fmt: skip
MUTATIONS: Final[tuple[Mutation, ...]] = (
    flip, flip, cut, swap_bytes, insert, swap_files, remove, foreign, foreign, reorder, reorder, add, without_manifest,
)  # fmt: skip


def _files(run: Path) -> list[Path]:
    return sorted(path for path in (run / "model").rglob("*") if path.is_file())


def _any(draw: random.Random, run: Path) -> Path:
    return draw.choice([*_files(run), *(path for path in [run / "result.json"] if path.is_file())])


def _shuffled(draw: random.Random, value: Any) -> Any:
    if isinstance(value, list):
        return draw.sample(value, len(value))
    if isinstance(value, dict):  # names keep their place, values move
        moved = list(value.values())
        if len(value) > 8:  # a vocabulary
            draw.shuffle(moved)
        return {name: _shuffled(draw, each) for name, each in zip(value, moved, strict=True)}
    return value


@contextmanager
def prepared(exported: bool) -> Iterator[tuple[list[tuple[str, Path]], Path]]:
    """(name, run) of each kind of delivery, and another run. Args: exported: export the first as ONNX and int8."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        lora, tfidf, other = (
            deliveries.new(place / "a"),
            deliveries.new(place / "b", "multi"),
            deliveries.new(place / "c"),
        )
        other_weights(other)
        if exported:
            for run in (lora, other):
                with contextlib.suppress(EngineError):  # int8 may lose too much of so small a base: then it is refused
                    export.export(run, ["onnx", "int8"])
        yield [("lora", lora), ("tfidf", tfidf)], other


def other_weights(run: Path) -> None:
    """Change the weights of a LoRA delivery, and its manifest."""
    for path in (run / "model" / "head.safetensors", run / "model" / "adapter" / "adapter_model.safetensors"):
        save_file({n: np.ascontiguousarray(t[::-1] + 1) for n, t in load_file(path).items()}, path)
    manifest.write(run / "model")


def case(draw: random.Random, run: Path, other: Path, before: Answers, theirs: Answers,
         mutations: Sequence[Mutation] = MUTATIONS,
         ask: Callable[[Path], Answers] = answers) -> tuple[str, str, str]:  # fmt: skip
    """Damage a copy, ask it, put everything back. Returns: what was done, the outcome, and which way it concerns."""
    kept = Path(shutil.copytree(run, run.with_name("kept"), dirs_exist_ok=True))
    what = draw.choice(mutations)(draw, run, other)
    signal.signal(signal.SIGALRM, _late)
    signal.alarm(PATIENCE)
    try:
        after = ask(run)
    except Exception:
        return what, "traceback", traceback.format_exc()
    finally:
        signal.alarm(0)
        shutil.rmtree(run)
        kept.rename(run)
    other_answers = [way for way in after if differs(before[way], after[way])]
    silent = [way for way in other_answers if differs(theirs[way], after[way])]
    if silent:
        return what, "silently different", " ".join(silent)
    if other_answers:
        return what, "the other run's, whole", " ".join(other_answers)
    refused = [way for way in after if isinstance(after[way], RankfirstError)
               and not isinstance(before[way], RankfirstError)]  # fmt: skip
    return what, "refused" if refused else "as before", " ".join(refused)


def _late(*_: Any) -> None:
    raise TimeoutError("neither an answer nor a refusal")


def main(cases: int = 2000, seed: int = 0, exported: bool = True, kinds: str = "first") -> Counter[str]:
    """Run the cases. Args: kinds: "first" or "later". Returns: outcome -> number of cases."""
    draw, outcomes = random.Random(seed), Counter[str]()
    mutations = LATER if kinds == "later" else MUTATIONS
    with prepared(exported) as (runs, other):
        before, theirs = {name: answers(run) for name, run in runs}, answers(other)
        for n in range(cases):
            name, run = draw.choice(runs)
            with contextlib.redirect_stderr(io.StringIO()):
                what, outcome, detail = case(draw, run, other, before[name], theirs, mutations)
            outcomes[outcome] += 1
            if n % 100 == 99:
                print(n + 1, dict(outcomes), flush=True)
            if outcome in ("traceback", "silently different"):
                print(f"case {n} of {name}: {what}: {outcome}: {detail}", flush=True)
    return outcomes


if __name__ == "__main__":
    cases, seed = (int(word) for word in (*sys.argv[1:3], *("2000", "0")[len(sys.argv[1:3]) :]))
    kinds, exported = sys.argv[3] if len(sys.argv) > 3 else "first", "plain" not in sys.argv
    told = main(cases, seed, exported, kinds)
    append("mutated_deliveries", {"cases": cases, "seed": seed, **{outcome: told[outcome] for outcome in OUTCOMES},
        "kinds": kinds if exported else f"{kinds}, not exported"})  # fmt: skip
