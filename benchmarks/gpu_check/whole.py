"""Whole runs of `fit`: on rows of our own writing, and on BANKING77 where its rows lie."""

import csv
import os
import time
from pathlib import Path
from typing import Any

from benchmarks.gpu_check.box import Box, MissingError
from benchmarks.gpu_check.exact import LEARNT
from rankfirst.engine.device import device_facts

FIT_SECONDS = 60.0  # aimed at for BANKING77


def _words(files: list[Path]) -> list[str]:
    """The words of these files, as the tokenizer of a random base splits them."""
    from tokenizers import normalizers, pre_tokenizers

    split, lower = pre_tokenizers.Whitespace(), normalizers.Lowercase()
    found: dict[str, None] = {}
    for path in files:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                found |= {word: None for word, _ in split.pre_tokenize_str(lower.normalize_str(row["text"]))}
    return list(found)


def _base(box: Box, name: str, files: list[Path]) -> str:
    return box.base or str(box.source("bert", _words(files), name=f"bert-{name}").folder)


def _fit(box: Box, name: str, files: list[Path], **options: Any) -> dict[str, Any]:
    from rankfirst import fit

    began = time.perf_counter()
    result = fit(files[0], out=box.folder / "runs" / name, val=files[1], test=files[2], overwrite=True,
                 base_model=_base(box, name, files), progress=False, **options)  # fmt: skip
    summary = result.summary
    box.note(seconds=time.perf_counter() - began, delivered=summary.get("ship"), time=summary.get("time"),
             device=device_facts()["device"])  # fmt: skip
    return dict(summary)


def sample(box: Box) -> None:
    """`fit` on the sample's rows with a random encoder, to a delivered LoRA; it answers on the device as on the CPU."""
    from rankfirst.model.classifier import Classifier
    from rankfirst.sample import MIN_ROWS, write_sample

    wide = box.size.name == "real"
    files = write_sample(box.folder / "sample", "en", 1600 if wide else MIN_ROWS, multi=False)
    _fit(box, "sample", [files.train, files.val, files.test], always_lora=True, budget="90s")
    texts = ["please send my card again", "where is the refund"]
    folder = box.folder / "runs" / "sample" / "model"
    here, there = (Classifier(folder, device=device).predict_proba(texts) for device in (str(box.device), "cpu"))
    box.close("delivered probabilities", here, there, LEARNT)


def banking(box: Box) -> None:
    """A whole `fit` of BANKING77's rows, with the encoder that --base names or a random one of base size."""
    shared = Path(os.environ.get("RANKFIRST_SHARED", Path(__file__).parents[3] / "shared"))
    folder = shared / "data" / "banking77"
    files = [folder / f"{split}.csv" for split in ("train", "val", "test")]
    if not files[0].is_file() or not box.gpu:
        raise MissingError("a GPU, and BANKING77 under RANKFIRST_SHARED/data/banking77")
    _fit(box, "banking77", files)
    box.target("seconds of the fit", box.figures["seconds"], most=FIT_SECONDS)
    if box.base is None:
        box.note(remark="the encoder is random: its decisions, and so its work, are not those of a trained one")
