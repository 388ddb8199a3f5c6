"""Export a delivered model for other programs; each format is tested in a separate process first."""

import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from rankfirst.errors import EngineError, OptionError
from rankfirst.measure import abstain_scores
from rankfirst.measure.calibration import probabilities
from rankfirst.measure.disk import plain_os_errors, write_json
from rankfirst.measure.scores import Bools, Floats, indicator, macro_f1
from rankfirst.messages import Lang
from rankfirst.model import canary, manifest
from rankfirst.model.classifier import CHECK, Classifier, Reading
from rankfirst.model.model_card import write_card
from rankfirst.model.onnx.fleet import FACTORS
from rankfirst.model.onnx.runtime import FILES
from rankfirst.model.staging import link_over, staged
from rankfirst.run.folder import hold, unwritable
from rankfirst.run.source_rows import row_options, rows_of

USUAL: Final = ("merged", "onnx", "int8")
FORMATS: Final = (*USUAL, "fleet", "classifier", "vllm")
OWN: Final = ("adapter", "head")  # what every other format is made of: if it fails, nothing may go out
SCALED: Final = ("classifier", "vllm")  # their logits are divided by the temperature
# Largest difference of a logit, relative to the largest logit: float32 in another order of operations stays below 1e-5
# (measured on MiniLM and the tiny models of the tests). int8 is judged by its predictions.
LIMITS: Final[dict[str, float | None]] = {
    "adapter": 1e-4, "head": 1e-4, "merged": 1e-4, "onnx": 1e-3, "int8": None, "fleet": 1e-3, "classifier": 1e-4,
    "vllm": 1e-4,
}  # fmt: skip
# Least share of texts with the same prediction; int8: assumption.
LEAST_SAME: Final = dict.fromkeys(LIMITS, 1.0) | {"onnx": 0.999, "fleet": 0.999, "int8": 0.95}
# A large base may compute in bfloat16 during a run, its delivery in float32: borderline predictions may change, a lost
# head changes most.
SAVED_SAME: Final = 0.9
READ_BACK_MOST: Final = 2_000_000_000  # bytes of base weights up to which a second copy is loaded to read it back
SAVED_ROWS: Final = 128  # validation rows to read back
F1_LOSS: Final = 0.01  # macro-F1 that int8 may lose on labelled rows; if there are any, this decides (assumption)
SECONDS: Final = 600.0  # timeout of a self-test
HELD_OUT: Final = 1_000  # validation rows of the run to test the formats on, if the files still exist
TEXTS: Final = 96  # generated texts to test on if there are no rows
Tick = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Checked:
    """The result of the self-test of one format."""

    kind: str
    megabytes: float
    difference: float  # largest difference of a logit, relative to the largest logit
    limit: float | None  # of `difference`; None: judged by predictions alone
    same: float  # share of texts with the same prediction
    rows: int
    f1: float | None = None  # macro-F1 on labelled rows; None without any
    reference: float | None = None  # macro-F1 of the trained model
    abstains: float | None = None  # share of texts with the same decision to abstain as the trained model

    @property
    def passed(self) -> bool:
        return not self.failed

    @property
    def failed(self) -> str:
        """The first criterion that is not met: "f1", "same", "logits" or "abstains"; "" if all are."""
        lost = None if self.f1 is None or self.reference is None else self.reference - self.f1
        by_f1 = self.limit is None and lost is not None
        criteria = {
            "f1": self.limit is None and lost is not None and lost > F1_LOSS,
            "same": not by_f1 and self.same < LEAST_SAME[self.kind],
            "logits": self.limit is not None and not self.difference <= self.limit,
            "abstains": self.abstains is not None and self.abstains < LEAST_SAME[self.kind],
        }
        return next((name for name, unmet in criteria.items() if unmet), "")


def export(run: Path, formats: Sequence[str] = USUAL, texts: Sequence[str] = (), truth: Bools | None = None,
           lang: Lang = "en", tick: Tick = lambda *a: None) -> tuple[Checked, ...]:  # fmt: skip
    """Write `formats` into RUN/model with tokenizer, labels.json and card, and compare their logits with torch's.

    Args:
        texts: to compare on; empty: generated texts. truth: (n, C) labels of `texts`.
    Returns: the self-test's results, first that of the adapter (or head); RUN/model/check.json keeps them.
    Raises: RunError if nothing was delivered or the folder cannot be written; OptionError for a model or format that
        cannot be exported; EngineError if a format's predictions differ from those of the trained model, after all were
        written and tested: check.json names it under "refused", and says "deliverable": false if it is the adapter or
        head itself.
    """
    wanted = _wanted(formats)
    model = Classifier(run / "model")
    if model.facts["kind"] == "tfidf":
        raise OptionError("export.tfidf")
    graphs = [kind for kind in wanted if kind != "merged"]
    if model.facts.get("windows") and graphs:
        raise OptionError("export.windows", kind=graphs[0])
    folder = run / "model"
    try:
        with hold(run), plain_os_errors(), staged(folder) as part:
            predictor = _write(model, run, part, wanted, lang, tick)
            results = _tested(model, predictor, part, wanted, texts, truth, tick)
            _keep(part / CHECK, results)
            manifest.write(part, run, model.verified.manifest, _written(wanted))
    except OSError as error:
        raise unwritable(folder, error) from error
    refused = next((one for one in results if not one.passed), None)
    if refused is not None:
        raise _refusal(refused, folder, [one.kind for one in results if one.passed])
    return results


def _tested(model: Classifier, predictor: Any, folder: Path, wanted: Sequence[str], texts: Sequence[str],
            truth: Bools | None, tick: Tick) -> tuple[Checked, ...]:  # fmt: skip
    """The self-test of the files in `folder`. Raises: EngineError."""
    shown, asked = list(texts) or _own_texts(model.classes), canary.texts(folder, model.classes)
    kinds = ("adapter", *wanted) if model.facts["kind"] == "lora" else ("head", *wanted)
    tick("selftest", 0, 1)
    model.__dict__["predictor"] = predictor
    reference = model.read(shown)
    outputs = _outputs(folder, str(predictor.model.source.folder), [*shown, *asked], kinds)
    tick("selftest", 1, 1)
    for kind in (kind for kind in kinds if kind in FILES):
        scaled = np.asarray(outputs[kind][len(shown) :], dtype=np.float64) / model.calibration.temperature
        canary.record(folder, kind, model.classes, probabilities(scaled, model.multi_label))
    outputs = {name: rows[: len(shown)] for name, rows in outputs.items()}
    return tuple(
        _checked(model, folder, kind, reference, outputs[kind], outputs.get(f"{kind}:states"), truth) for kind in kinds
    )


def _written(wanted: Sequence[str]) -> tuple[str, ...]:
    """Files and folders of a delivery that an export writes."""
    formats = (FILES.get(kind, kind) for kind in wanted)
    factors = (FACTORS,) if "fleet" in wanted else ()
    return ("tokenizer", manifest.LABELS, manifest.DECISION, "README.md", CHECK, canary.FILE, *factors, *formats)


def _refusal(one: Checked, folder: Path, fine: Sequence[str]) -> EngineError:
    """Why a format is refused, with the figures of the criterion that failed. Args: fine: the formats that passed."""
    code = {"f1": "lost_f1", "same": "predicts_otherwise", "logits": "far_logits", "abstains": "abstains_otherwise"}
    loss = (one.reference or 0.0) - (one.f1 or 0.0)
    figures = vars(one) | {"f1": one.f1 or 0.0, "reference": one.reference or 0.0, "abstains": one.abstains or 0.0}
    more = {"path": str(folder), "least": LEAST_SAME[one.kind], "most": 100 * F1_LOSS, "loss": 100 * loss,
            "fine": ", ".join(fine) or "–"}  # fmt: skip
    return EngineError(f"engine.{code[one.failed]}", **(figures | more))


def _keep(path: Path, results: Sequence[Checked]) -> None:
    """Write check.json: the latest result of each format; a failure stays until the format is exported again.

    The model stays deliverable unless its own weights fail: a refused format is not loaded, others are not affected.
    """
    try:
        before = {str(result["kind"]): result for result in json.loads(path.read_text(encoding="utf-8"))["formats"]}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        before = {}
    every = before | {
        result.kind: vars(result) | {"passed": result.passed, "failed": result.failed} for result in results
    }
    refused = [kind for kind, result in every.items() if not result.get("passed", True)]
    write_json(path, {"deliverable": not set(refused) & set(OWN), "refused": refused, "formats": list(every.values())})


def on_save(model: Classifier | None, texts: Sequence[str], measured: Floats) -> dict[str, float]:
    """Compare the predictions of a delivery read back from disk with those of the model in memory.

    Args: model: the delivery; None: it is too large to be read back here (`rankfirst export` does). measured: (n, C)
        probabilities of `texts` from the model in memory.
    Returns: rows, share of rows with the same prediction, largest difference of a probability.
    Raises: EngineError if predictions differ: a head or adapter was not saved correctly.
    """
    if model is None:
        return {"rows": 0}
    restored = model.predict_proba(texts)
    answers = [model.answers(p) for p in (measured, restored)]
    same = sum(a == b for a, b in zip(*answers, strict=True)) / len(texts)
    difference = float(np.abs(restored - measured).max())
    if same < SAVED_SAME:
        raise EngineError("engine.undeliverable", kind="RUN/model", path=str(model.folder), rows=len(texts), same=same,
                          difference=difference, least=SAVED_SAME)  # fmt: skip
    return {"rows": len(texts), "same": same, "difference": difference}


def labelled(run: Path, rows: Path, text: str | None, label: str | None) -> tuple[tuple[str, ...], Bools]:
    """Texts of a file and their (n, C) labels in the order of the model's classes; rows with other labels are left out.

    Raises: DataError if the file cannot be read; OptionError if no row has a class of the model.
    """
    from rankfirst.data import Reading, read_labelled

    model = Classifier(run / "model")
    options = row_options(run)
    how = Reading.of(options, model.multi_label, model.classes)
    read = read_labelled(rows, text=text, label=label, how=how, trained=(options.get("text"), options.get("label")),
                         encoding=options.get("encoding"))  # fmt: skip
    place = {name: i for i, name in enumerate(model.classes)}
    kept = [i for i, row in enumerate(read.names) if row and all(name in place for name in row)]
    if not kept:
        raise OptionError("export.no_rows", path=str(rows), classes=len(place), name=model.classes[0])
    labels = tuple(tuple(sorted(place[name] for name in read.names[i])) for i in kept)
    return tuple(read.texts[i] for i in kept), indicator(labels, len(place))


def held_out(run: Path) -> tuple[tuple[str, ...], Bools | None]:
    """Rows of the run that the model was not trained on, and their (n, C) labels; empty if its files are gone or have
    changed. Validation rows, or test rows for a model trained on all others; its validation rows if there are none.

    Losses of int8 show on such rows. On generated texts, which fit no class of the model, all probabilities are close
    to each other.
    """
    model, dataset = Classifier(run / "model"), rows_of(run)
    if dataset is None or tuple(dataset.classes) != tuple(model.classes):
        return (), None
    split = dataset.test if model.trained_on("val") and dataset.test else dataset.val
    if not len(split):
        return (), None
    rows = range(0, len(split), -(-len(split) // HELD_OUT))
    labels = [split.labels[row] for row in rows]
    return tuple(split.texts[row] for row in rows), indicator(labels, len(model.classes))


def _wanted(formats: Sequence[str]) -> list[str]:
    unknown = [kind for kind in formats if kind not in FORMATS]
    if unknown or not formats:
        raise OptionError("export.bad_format", text=unknown[0] if unknown else "")
    needed = {*formats, *(["onnx"] if "int8" in formats else [])}
    return [kind for kind in FORMATS if kind in needed]


def _write(model: Classifier, run: Path, folder: Path, wanted: Sequence[str], lang: Lang, tick: Tick) -> Any:
    """Write the files into `folder`. Returns: the predictor whose outputs they must reproduce."""
    from rankfirst.engine.base_models import sources
    from rankfirst.engine.export import formats as portable
    from rankfirst.engine.export import sequence_classifier

    predictor = model.predictor
    text_model = predictor.whole()
    steps, frozen = len(wanted) + 1, model.facts["kind"] == "frozen"
    for kind in set(wanted) & set(SCALED):
        sequence_classifier.check(text_model, kind)  # before anything is written
    tick("export", 0, steps)
    portable.write_tokenizer(text_model, folder / "tokenizer")
    write_json(folder / manifest.LABELS, list(model.classes))
    model.facts["frame"] = portable.frame(text_model, model.facts["prefix"])
    write_card(run, model.facts, sources.licence(text_model.source), lang, folder)
    for done, kind in enumerate(wanted, 1):
        tick("export", done, steps)
        if kind == "merged":
            limit, prefix = int(model.facts["max_tokens"]), model.facts["prefix"]
            portable.write_merged(text_model, folder / "merged", limit, prefix)
        elif kind in SCALED:
            heat = model.calibration.temperature
            sequence_classifier.write(text_model, folder / kind, kind, model.classes, model.facts, heat)
        elif kind == "onnx":
            abstain = model.calibration.abstain
            # The graph outputs states so that several frozen deliveries can share one session (a merged LoRA is a
            # network of its own), or because the model abstains by them.
            states = frozen or (abstain is not None and abstain.score in abstain_scores.BY_STATES)
            portable.write_onnx(text_model, folder / FILES["onnx"], states)
        elif kind == "fleet":
            _write_fleet(model, folder, run)
        else:
            portable.write_int8(folder / FILES["onnx"], folder / FILES["int8"])
        if (frozen or kind == "fleet") and kind in FILES:
            shared = model.facts.get("graphs") or {}
            model.facts["graphs"] = {**shared, kind: portable.encoder_sha256(folder / FILES[kind])}
    model.facts[manifest.CLAIM] = True
    write_json(folder / manifest.DECISION, model.facts)
    tick("export", steps, steps)
    return predictor


def _write_fleet(model: Classifier, folder: Path, run: Path) -> None:
    """Write the graph of the base, and the adapter as its inputs. Raises: OptionError for a base in 4 bits."""
    from rankfirst.engine.export import fleet
    from rankfirst.engine.export.predictor import Predictor

    if model.facts.get("base_bits"):
        raise OptionError("export.fleet", kind="fleet", name="base_bits")
    path = folder / FILES["fleet"]
    fleet.write_factors(model.folder / "adapter" if model.facts["kind"] == "lora" else None, folder / FACTORS)
    fleet.write_fleet(Predictor(model.folder, model.facts, base_alone=True).model, path)
    for other in sorted(run.absolute().parent.glob(f"*/model/{path.name}")):  # of one base, one file on disk is enough
        with contextlib.suppress(OSError):
            if other.stat().st_size == path.stat().st_size and manifest.sha256(other) == manifest.sha256(path):
                link_over(other, path)
                return


def _outputs(folder: Path, base: str, texts: Sequence[str], kinds: Sequence[str]) -> dict[str, Floats]:
    """Logits of each kind, and KIND:states, computed in a separate process. Raises: EngineError."""
    with tempfile.TemporaryDirectory() as place:
        out = Path(place) / "logits.npz"
        request = json.dumps({"texts": list(texts), "kinds": list(kinds)})
        command = [sys.executable, "-m", "rankfirst.model.subprocess_check", str(folder.resolve()), base, str(out)]
        try:
            done = subprocess.run(command, input=request, capture_output=True, text=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise EngineError("engine.selftest", why=f"> {SECONDS:.0f} s") from None
        if done.returncode:
            raise EngineError("engine.selftest", why=(done.stderr.strip().splitlines() or ["?"])[-1][:300])
        with np.load(out) as arrays:
            return {name: arrays[name].astype(np.float64) for name in arrays.files}


def _checked(
    model: Classifier, folder: Path, kind: str, reference: Reading, logits: Floats, states: Any, truth: Bools | None
) -> Checked:
    path = folder / {"head": "head.safetensors", **FILES}.get(kind, kind)
    size = sum(f.stat().st_size for f in path.rglob("*")) if path.is_dir() else path.stat().st_size
    scaled = logits if kind in SCALED else logits / model.calibration.temperature
    exported = Reading(probabilities(scaled, model.multi_label), scaled, states)
    answers = [model.decide(read.probabilities) for read in (reference, exported)]
    f1 = None if truth is None else [macro_f1(truth, answer) for answer in answers]
    scale = float(np.abs(reference.logits).max()) or 1.0
    return Checked(
        kind=kind, megabytes=size / 1e6, difference=float(np.abs(scaled - reference.logits).max()) / scale,
        limit=LIMITS[kind], same=float((answers[0] == answers[1]).all(axis=1).mean()), rows=len(reference),
        f1=f1[1] if f1 else None, reference=f1[0] if f1 else None,
        abstains=None if states is None else float((model.doubts(reference) == model.doubts(exported)).mean()),
    )  # fmt: skip


def _own_texts(classes: Sequence[str]) -> list[str]:
    """Generated messages in two languages, short and long ones, and the names of the classes."""
    from rankfirst.sample import generate

    texts = [row.text for lang in ("en", "zh") for row in generate(lang, 400)[: TEXTS // 2]]
    return [*texts, *classes[: TEXTS // 4], " ".join(texts[:40]), "?", "好"]
