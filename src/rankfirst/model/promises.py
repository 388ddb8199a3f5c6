"""model/promise.json: what a delivered model promises, and the rule by which every loader keeps it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from rankfirst.errors import RecordError, RunError
from rankfirst.measure.answer_sets import Candidates
from rankfirst.measure.disk import write_json, write_whole
from rankfirst.measure.scores import Bools
from rankfirst.messages import Lang, say
from rankfirst.model import manifest
from rankfirst.model.onnx.fleet import FACTORS
from rankfirst.model.onnx.runtime import FILES
from rankfirst.records import Clause, Promise, from_json, to_json

FILE: Final = "promise.json"
CARD: Final = "README.md"
_BEGIN, _END = "<!-- promise -->", "<!-- /promise -->"
_KINDS: Final = ("recall", "precision")


def load(verified: manifest.Verified, classes: Sequence[str]) -> Promise | None:
    """The promise of a delivery, if any. Raises: RunError if the file is damaged or names other classes."""
    if not verified.has(FILE):  # one that lies there without being listed is of another delivery
        return None
    path = verified.folder / FILE
    try:
        promise: Promise = from_json(Promise, json.loads(path.read_text(encoding="utf-8")))
        whole = all(_whole(own, classes) and not own.others for own in promise.others) and _whole(promise, classes)
    except (RecordError, ValueError, TypeError, RecursionError):
        whole = False
    if not whole:
        raise RunError("promise.damaged", path=str(path))
    return promise


def _whole(promise: Promise, classes: Sequence[str]) -> bool:
    """Whether every number and name can be of a promise of this model."""
    shares = [promise.confidence, *(clause.least for clause in promise.clauses)]
    whole = bool(promise.clauses) and all(type(share) is float and 0 < share < 1 for share in shares)
    whole = whole and 0 <= promise.level <= 1 and (promise.ratio is None or 0 < promise.ratio <= 1)
    whole = whole and (promise.ratio is not None or not promise.wanted)
    whole = whole and all(isinstance(each, str) for each in (promise.backend, promise.graph))
    for clause in promise.clauses:
        named = clause.name in classes or (not clause.name and clause.kind == "precision")
        whole = whole and clause.kind in _KINDS and named
    return whole


def of_backend(promise: Promise, backend: str, verified: manifest.Verified) -> Promise | None:
    """The promise as the answers of a backend showed it; None if they did not, or it was exported again since."""
    for own in (promise, *promise.others):
        if own.backend == "tfidf" or (own.backend == backend and own.graph == graph(verified, backend)):
            return own
    return None


def graph(verified: manifest.Verified, backend: str) -> str:
    """SHA-256 of the exported files that give the answers of a backend; "" for torch, whose files come with `fit`."""
    files = [FILES[backend], *([FACTORS] if backend == "fleet" else [])] if backend in FILES else []
    if verified.manifest is None:
        return " ".join(manifest.sha256(verified.folder / name) for name in files)
    return " ".join(verified.manifest.files[name].sha256 for name in files if name in verified.manifest.files)


class Keeper:
    """Answers as a promise demands."""

    def __init__(self, promise: Promise, classes: Sequence[str]) -> None:
        self.promise = promise
        self.wanted = [classes.index(name) for name in promise.wanted]

    def sets(self, candidates: Candidates) -> Bools:
        """(n, C) answer sets."""
        return candidates.sets(self.wanted, self.promise.ratio)

    def abstains(self, candidates: Candidates) -> Bools:
        """(n,) whether no label may be given: a person chooses, from the answer set if it has more than one label."""
        return ~candidates.answered(self.sets(candidates), self.promise.level)


def write(promise: Promise | None, folder: Path, lang: Lang) -> tuple[str, ...]:
    """Write promise.json and its section of the card; None withdraws the promise. Returns: names of the files."""
    if promise is None:
        (folder / FILE).unlink(missing_ok=True)
    else:
        write_json(folder / FILE, to_json(promise))
    card = folder / CARD
    if card.is_file():
        write_whole(card, with_section(card.read_text(encoding="utf-8"), promise, lang))
    return FILE, CARD


def with_section(card: str, promise: Promise | None, lang: Lang) -> str:
    """A model card with the section on this promise instead of the one it has."""
    before, begun, rest = card.partition(_BEGIN)
    after = rest.partition(_END)[2] if begun else ""
    plain = f"{before.rstrip()}\n{after.lstrip()}" if begun else card
    if promise is None:
        return plain
    text = "\n".join([f"## {say('promise.title', lang)}", "", *(f"- {line}" for line in told(promise, lang))])
    return f"{plain.rstrip()}\n\n{_BEGIN}\n{text}\n{_END}\n"


def of_folder(folder: Path) -> Promise | None:
    """The promise in a folder that is being written; None without one."""
    path = folder / FILE
    if not path.is_file():
        return None
    promise: Promise = from_json(Promise, json.loads(path.read_text(encoding="utf-8")))
    return promise


def told(promise: Promise, lang: Lang) -> list[str]:
    """The promise in sentences: its clauses, how it is kept, the rows that showed it."""
    lines = [say(code, lang, **numbers) for code, numbers in map(_clause, promise.clauses)]
    joined = ", ".join(promise.wanted)
    if joined:
        lines.append(say("promise.kept.sets", lang, names=joined))
    given = {"answered": promise.answered, "left": 1 - promise.answered}
    lines.append(say("promise.kept.given", lang, **given))
    source = say(f"promise.source.{promise.source}", lang, file=promise.file)
    lines.append(say("promise.shown", lang, rows=promise.rows, source=source, confidence=promise.confidence))
    if not promise.checked:
        lines.append(say("promise.unchecked", lang, file=promise.file))
    if promise.others:
        lines.append(say("promise.others", lang, own=promise.backend, names=_shares(promise.others)))
    if promise.unshown:
        lines.append(say("promise.unshown", lang, names=", ".join(promise.unshown)))
    return lines


def _shares(others: Sequence[Promise]) -> str:
    return ", ".join(f"{own.backend} ({own.answered:.1%})" for own in others)


def short(clause: Clause, lang: Lang) -> str:
    """A clause in a few words."""
    return say(f"promise.short.{_code(clause)}", lang, name=clause.name, least=clause.least)


def _code(clause: Clause) -> str:
    return clause.kind if clause.name else f"{clause.kind}_all"


def _clause(clause: Clause) -> tuple[str, Mapping[str, Any]]:
    numbers = {"name": clause.name, "least": clause.least, "rows": clause.rows, "kept": clause.kept}
    return f"promise.clause.{_code(clause)}", numbers | {
        "share": clause.share if clause.rows else 0.0,
        "low": clause.low,
    }
