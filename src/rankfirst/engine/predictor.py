"""A delivered encoder model, ready to answer."""

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from rankfirst.engine.base import Floats
from rankfirst.engine.batches import sorted_batches
from rankfirst.engine.export import read_head
from rankfirst.engine.model import TextModel
from rankfirst.engine.sources import resolve
from rankfirst.errors import ModelError


class Predictor:
    """Base, adapter (when there is one) and head of a delivery folder."""

    def __init__(self, folder: Path, facts: Mapping[str, Any]) -> None:
        source = resolve(facts["base_model"])
        if source.sha256 != facts["base_sha256"]:
            expected = str(facts["base_sha256"])[:16]
            raise ModelError("model.wrong_hash", spec=source.spec, found=source.sha256[:16], expected=expected)
        self.model, self.facts = TextModel(source, torch.device("cpu")), facts
        if (folder / "adapter").is_dir():
            from peft import PeftModel

            with warnings.catch_warnings():  # PEFT asks a transformers 5 model for what is called otherwise there
                warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)
                merged = PeftModel.from_pretrained(self.model.encoder, str(folder / "adapter"))
            self.model.encoder = merged.merge_and_unload().eval()
        self.model.pooling = facts["pooling"]
        self.model.set_head(*read_head(folder))

    @torch.no_grad()
    def logits(self, texts: Sequence[str]) -> Floats:
        """(n, C), in the order of the texts."""
        facts = self.facts
        read = self.model.tokenize(texts, facts["prefix"], int(facts["max_tokens"]), bool(facts.get("windows")))
        out = np.zeros((len(read), self.model.head.out_features))
        for rows in sorted_batches(*read.shapes(range(len(read)))):
            out[rows] = self.model.logits(*self.model.batch(read, rows)).double().numpy()
        return out.astype(np.float32)
