"""`rankfirst promise`: a recall or precision that a delivered model keeps with a stated confidence."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rankfirst import data
from rankfirst.data.files.second_file import read_against
from rankfirst.data.files.texts import text_key
from rankfirst.data.shift.compare import first_occurrences
from rankfirst.errors import DataError, OptionError, RankfirstError, RunError
from rankfirst.measure.guarantee import Test, Unkept, Wish
from rankfirst.measure.scores import Bools, indicator
from rankfirst.messages import Lang
from rankfirst.model import manifest, promises
from rankfirst.model.classifier import BACKENDS, Classifier, load
from rankfirst.model.onnx.runtime import FILES
from rankfirst.model.staging import staged
from rankfirst.records import Promise, Split
from rankfirst.run.folder import hold, unwritable
from rankfirst.run.source_rows import row_options, rows_of

CONFIDENCE = 0.95
Tick = Callable[[str, int, int], None]


@dataclass(frozen=True, eq=False)
class Rows:
    """Labelled rows that the model was neither trained nor calibrated on, distinct texts."""

    texts: Sequence[str]
    truth: Bools  # (n, C)
    source: str  # "test" or "file"
    file: str = ""
    left_out: int = 0  # rows without a label, repeats, rows of the training or validation split
    checked: bool = True  # whether these splits were at hand


def promise(run: Path | str, recall: Mapping[str, float] | None = None, precision: Mapping[str, float] | None = None,
            precision_all: float | None = None, confidence: float = CONFIDENCE, rows: Path | str | None = None,
            backend: str = "torch", lang: Lang = "en", seed: int = 0) -> Promise:  # fmt: skip
    """Choose when a delivered model gives a label so that the guarantee holds, and write it into the delivery.

    Args:
        recall: class -> least share of its rows that have it in their answer set. precision: class -> least share of
            the given labels of this class that are right. precision_all: the same of all given labels; multi-label: of
            the answers, all labels of which have to be right.
        confidence: that all of it holds, on rows that resemble those it is shown on.
        rows: labelled rows that nothing else used; default: the test rows of the run.
        backend: whose answers must show it. Every other format that was exported gets a rule of its own if its answers
            show it too, and refuses to answer if they do not.
        lang: of the section on the model card.
    Raises: RunError if the rows do not show it, in one line with the number of rows that can; OptionError, DataError.
    """
    folder = Path(run)
    model = load(folder, backend)
    wishes = _wishes(model, recall or {}, precision or {}, precision_all, confidence)
    judged = judged_rows(folder, model, None if rows is None else Path(rows))
    made = _shown(model, judged, wishes, confidence, seed)
    if isinstance(made, Unkept):
        raise _refusal(made, judged, confidence)
    others, unshown = list[Promise](), list[str]()
    for other in _others(model):
        with contextlib.suppress(RankfirstError):  # a format that failed its self-test: it answers nobody
            own = _shown(load(folder, other), judged, wishes, confidence, seed)
            unshown += [other] if isinstance(own, Unkept) else []
            others += [] if isinstance(own, Unkept) else [own]
    made = replace(made, others=tuple(others), unshown=tuple(unshown))
    _write(folder, model, made, lang)
    return made


def _shown(model: Classifier, judged: Rows, wishes: Sequence[Wish], confidence: float, seed: int) -> Promise | Unkept:
    """What the answers of a model show on the rows, by the rule that is best for them."""
    candidates = model.candidates(model.read(judged.texts))
    test = Test(candidates, judged.truth, wishes, confidence, seed)
    rule = test.choose()
    if isinstance(rule, Unkept):
        return rule
    form = "tfidf" if model.facts["kind"] == "tfidf" else model.backend
    return replace(test.promise(*rule, judged.source, judged.file), checked=judged.checked, backend=form,
                   graph=promises.graph(model.verified, form))  # fmt: skip


def _others(model: Classifier) -> list[str]:
    """The other backends that the delivery can be asked with."""
    if model.facts["kind"] == "tfidf":
        return []
    return [kind for kind in BACKENDS if kind != model.backend
            and (kind == "torch" or model.verified.has(FILES[kind]))]  # fmt: skip


def withdraw(run: Path | str, lang: Lang = "en") -> None:
    """Remove the promise from a delivery, which then answers as before. Raises: RunError if it makes none."""
    model = load(Path(run))
    if model.promised is None:
        raise RunError("promise.none", path=str(model.folder))
    _write(Path(run), model, None, lang)


def judged_rows(run: Path, model: Classifier, file: Path | None) -> Rows:
    """Labelled rows that nothing else used. Args: file: None: the test rows of the run.

    Raises: RunError if the run has no test rows or they are gone; DataError if the file has no labels.
    """
    dataset = rows_of(run)
    foreign: Sequence[Sequence[str]] = ()
    if file is None:
        if dataset is None:
            raise RunError("promise.rows_gone", path=str(run))
        if not dataset.test or model.trained_on("test"):
            raise RunError("promise.no_test_rows", path=str(run))
        split, source = dataset.test, "test"
        empty = model.multi_label
    else:
        options = row_options(run)
        how = data.Reading.of(options, model.multi_label, model.classes)
        split, foreign = read_against(file, how, options.get("text"), options.get("label"), options.get("encoding"))
        source, empty = "file", model.multi_label and how.empty_is_none
    used = (
        set() if dataset is None else {text_key(text) for part in (dataset.train, dataset.val) for text in part.texts}
    )
    kept = _kept(split, foreign, used, empty)
    if not len(kept):
        raise DataError("promise.no_labels", path=str(file or run), rows=len(split))
    truth = indicator([split.labels[row] for row in kept], len(model.classes))
    name = "" if file is None else file.name
    return Rows([split.texts[row] for row in kept], truth, source, name, len(split) - len(kept), dataset is not None)


def _kept(split: Split, foreign: Sequence[Sequence[str]], used: set[str], empty: bool) -> list[int]:
    """Positions of the rows to judge by: labelled, once each, of no text that the model has seen.

    A row whose label the model does not know stays: no answer to it is right. Args: empty: no label is a label, too.
    """
    keys = [text_key(text) for text in split.texts]
    return [int(row) for row in first_occurrences(keys)
            if keys[row] not in used and (split.labels[row] or empty or (foreign and foreign[row]))]  # fmt: skip


def _wishes(model: Classifier, recall: Mapping[str, float], precision: Mapping[str, float],
            precision_all: float | None, confidence: float) -> list[Wish]:  # fmt: skip
    """Raises: OptionError."""
    if not 0.5 <= confidence < 1:
        raise OptionError("promise.bad_confidence", value=confidence)
    named = [("recall", name, least) for name, least in recall.items()]
    named += [("precision", name, least) for name, least in precision.items()]
    if precision_all is not None:
        named.append(("precision", "", precision_all))
    if not named:
        raise OptionError("promise.nothing")
    for kind, name, least in named:
        if name and name not in model.classes:
            raise OptionError("promise.unknown_class", name=name, classes=_some(model.classes))
        if not 0 < least < 1:
            raise OptionError("promise.bad_share", kind=kind, value=least)
    return [Wish(kind, name, model.classes.index(name) if name else -1, float(least)) for kind, name, least in named]


def _some(names: Sequence[str], most: int = 8) -> str:
    return ", ".join(names[:most]) + (f" (+{len(names) - most})" if len(names) > most else "")


def _refusal(unkept: Unkept, judged: Rows, confidence: float) -> RunError:
    numbers = {"name": unkept.name, "least": unkept.least, "rows": unkept.rows, "kept": unkept.kept,
            "needed": unkept.needed, "low": int(1000 * unkept.low) / 1000, "confidence": confidence,
            "share": unkept.kept / unkept.rows if unkept.rows else 0.0}  # fmt: skip
    reason = "few" if unkept.too_few else "unkept"
    every = "" if unkept.name else "_all"
    return RunError(f"promise.{reason}.{unkept.kind}{every}", source=judged.source, **numbers)


def _write(run: Path, model: Classifier, made: Promise | None, lang: Lang) -> None:
    folder = run / "model"
    try:
        with hold(run), staged(folder) as part:
            model.verified.unchanged()
            before = manifest.read(folder)
            written = promises.write(made, part, lang)
            manifest.write(part, run, before, written)
    except OSError as error:
        raise unwritable(folder, error) from error


def shares(model: Classifier, judged: Rows) -> tuple[Bools, Bools, Bools]:
    """Under the delivery's promise: (n, C) labels decided on, (n, C) answer sets, (n,) whether a label is given."""
    kept = model.promise
    assert kept is not None
    candidates = model.candidates(model.read(judged.texts))
    keeper = promises.Keeper(kept, model.classes)
    return candidates.decided, keeper.sets(candidates), ~keeper.abstains(candidates)
