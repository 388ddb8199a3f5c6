"""What int8 costs, and which way of it costs least: answers, macro-F1, size of a delivered model's formats.

Usage: python -m benchmarks.export_formats RUN ROWS.csv [MOST]    (a run whose ONNX was exported; at most MOST labelled
rows, default 1,000; appends to results/export_formats.csv)
"""

import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.tables import append
from rankfirst.engine.export import formats
from rankfirst.measure.calibration import probabilities
from rankfirst.measure.scores import macro_f1, predict_labels
from rankfirst.model.classifier import Classifier
from rankfirst.model.export import labelled
from rankfirst.model.onnx import FILES, Runtime

# A scale a tensor or a channel; eight bits or seven; embeddings too or the products alone; the head or not.
WAYS: Final[Mapping[str, Mapping[str, Any]]] = {
    "tensor": {},
    "tensor, 7 bits": {"reduce_range": True},
    "channel": {"per_channel": True},
    "channel, 7 bits (as exported)": {"per_channel": True, "reduce_range": True},
    "channel, 7 bits, head too": {"per_channel": True, "reduce_range": True, "head": True},
    "channel, 7 bits, products alone": {"per_channel": True, "reduce_range": True, "op_types_to_quantize": ["MatMul"]},
}


def main(run: Path, rows: Path, most: int = 1000) -> None:
    """Measure float32 against torch, then every way of int8 against float32."""
    model = Classifier(run / "model")
    texts, truth = labelled(run, rows, None, None)
    chosen = np.random.default_rng(0).permutation(len(texts))[:most]
    texts, truth = tuple(texts[i] for i in chosen), truth[chosen]
    reference = model.predictor.logits(texts).astype(np.float64)
    source = run / "model" / FILES["onnx"]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "model"
        folder.mkdir()
        (folder / "tokenizer").symlink_to((run / "model" / "tokenizer").resolve())
        (folder / FILES["onnx"]).symlink_to(source.resolve())
        _row(run, "float32", model, folder, "onnx", texts, truth, reference)
        for name, way in WAYS.items():
            _quantize(source, folder / FILES["int8"], dict(way))
            _row(run, name, model, folder, "int8", texts, truth, reference)


def _quantize(source: Path, out: Path, way: dict[str, Any]) -> None:
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    nodes = onnx.load(str(source)).graph.node
    kept = [] if way.pop("head", False) else [node.name for node in nodes if formats.HEAD in node.input]
    with formats._quiet():
        quantize_dynamic(str(source), str(out), weight_type=QuantType.QInt8, nodes_to_exclude=kept, **way)


def _row(run: Path, name: str, model: Classifier, folder: Path, kind: str, texts: tuple[str, ...], truth: Any,
         reference: Any) -> None:  # fmt: skip
    began = time.perf_counter()
    found = Runtime(folder, model.facts, kind).logits(texts).astype(np.float64)
    seconds = time.perf_counter() - began
    fitted = model.calibration
    thresholds = None if fitted.thresholds is None else np.asarray(fitted.thresholds)
    shares = (probabilities(logits, model.multi_label, fitted.temperature) for logits in (reference, found))
    answers = [predict_labels(p, model.multi_label, thresholds, fitted.at_least_one) for p in shares]
    append("export_formats", {
        "run": run.name, "rows": len(texts), "way": name, "mb": round((folder / FILES[kind]).stat().st_size / 1e6, 1),
        "difference": float(f"{np.abs(found - reference).max() / np.abs(reference).max():.2g}"),
        "same": round(float((answers[0] == answers[1]).all(axis=1).mean()), 4),
        "macro_f1": round(macro_f1(truth, answers[1]), 4), "torch_macro_f1": round(macro_f1(truth, answers[0]), 4),
        "ms_a_text": round(1000 * seconds / len(texts), 2),
    })  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:]))
