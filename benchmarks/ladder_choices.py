"""What the choices of the rungs below LoRA gain and cost: n-grams of the TF-IDF rung, the prefix of the frozen one.

Usage: python -m benchmarks.ladder_choices ngrams [SET ...]    every way of counting n-grams; results/ladder_ngrams.csv
       python -m benchmarks.ladder_choices prefix [SET ...]    every prefix; results/ladder_prefix.csv
Sets of RANKFIRST_SHARED/data; validation rows only.
"""

import sys
import tempfile
import time
from pathlib import Path

from threadpoolctl import threadpool_limits

from benchmarks.end_results import SHARED
from benchmarks.ladder_scale import engine_of, features_of, rows_of
from benchmarks.tables import append
from rankfirst.baselines import choose_prefix, fit_frozen, fit_tfidf, prefix_rows
from rankfirst.baselines.tfidf import choose_ngrams
from rankfirst.baselines.tfidf_model import NGrams
from rankfirst.records import Dataset

SETS = (
    "banking77",
    "clinc150",
    "snips",
    "mixatis",
    "tnews",
    "smp2017",
    "crosswoz_acts",
    "online_shopping_zh",
    "iflytek",
)
DENSE = tuple(NGrams("char", 1, longest) for longest in (2, 3, 4, 5))
SPACED = (*(NGrams("char_wb", 2, 5, words) for words in (0, 1, 2)), NGrams("char_wb", 2, 4, 2))


def ngrams(name: str, dataset: Dataset) -> None:
    """One line a way."""
    for grams in DENSE if choose_ngrams(dataset.train.texts).analyzer == "char" else SPACED:
        fitted = fit_tfidf(dataset, [], grams=grams)
        model, rung = fitted.model, fitted.rung
        row = {"set": name, "analyzer": grams.analyzer, "ngrams": grams.words, "features": len(model.vocabulary)}
        figures = {"val_macro_f1": round(rung.val.macro_f1, 4), "val_log_loss": round(rung.val.log_loss, 4)}
        cost = {"seconds": round(rung.seconds, 1), "megabytes": round(rung.megabytes, 1)}
        append(
            "ladder_ngrams", row | figures | cost | {"ms_per_text": round(rung.ms_per_text, 3), "C": rung.details["C"]}
        )


def prefix(name: str, dataset: Dataset) -> None:
    """What is chosen on the sample, and what every prefix is worth when all rows are read with it."""
    with tempfile.TemporaryDirectory() as work:
        engine = engine_of(name, dataset, Path(work))
        rows = prefix_rows(dataset, 0)
        began = time.perf_counter()
        trials = {p: engine.sample_features(rows, p) for p in engine.prefixes}
        choice = choose_prefix(trials, dataset, rows)
        seconds = time.perf_counter() - began
        for text in engine.prefixes:
            engine.adopt_prefix(text)
            if text == engine.prefixes[0]:
                train, val = features_of(name, dataset)
            else:
                train, val = engine.features("train"), engine.features("val")
            rung = fit_frozen(train, val, dataset, []).rung
            sample = {"sample_f1": round(choice.macro_f1[text], 4), "sample_log_loss": round(choice.log_loss[text], 4)}
            figures = {"val_macro_f1": round(rung.val.macro_f1, 4), "val_log_loss": round(rung.val.log_loss, 4)}
            row = {"set": name, "rows": len(dataset.train), "sample": choice.rows, "prefix": text or "(none)"}
            append(
                "ladder_prefix",
                row | sample | {"chosen": text == choice.prefix} | figures | {"seconds": round(seconds, 1)},
            )


def main(what: str, names: list[str]) -> None:
    """Each set in turn."""
    if not (SHARED / "data").is_dir():
        print(f"skipped: no labelled sets at {SHARED / 'data'}; name their folder with RANKFIRST_SHARED")
        return
    threadpool_limits(1)  # so that seconds mean the same on a busy machine
    for name in names or SETS:
        {"ngrams": ngrams, "prefix": prefix}[what](name, rows_of(name))


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in {"ngrams", "prefix"}:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])
