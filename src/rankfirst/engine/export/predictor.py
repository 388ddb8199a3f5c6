"""Predict with a delivered encoder model."""

import shutil
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from rankfirst.engine.base import Floats, Source, Tick, no_tick
from rankfirst.engine.base_models.sources import check_companions, resolve
from rankfirst.engine.export.adapter import ADAPTER_FILES, check_tensors, read_head
from rankfirst.engine.network.encode import adapted, pooled
from rankfirst.engine.network.model import TextModel
from rankfirst.engine.network.token_windows import Texts
from rankfirst.errors import EngineError, ModelError, RunError
from rankfirst.measure.unit_length import unit_length


class Predictor:
    """Base, adapter (if any) and head of a delivery folder."""

    def __init__(
        self, folder: Path, facts: Mapping[str, Any], base_alone: bool = False, dtype: str = "float32",
        thawed: bool = False, device: str = "cpu",
    ) -> None:  # fmt: skip
        """Load the model.

        Args:
            facts: decision.json. base_alone: leave out the adapter.
            dtype: of the base's weights; of a 4-bit base, the compute dtype.
            thawed: convert a 4-bit base to float32 layers with the same values, into which an adapter can be merged.
            device: where it computes; on the CPU if the base does not fit there.
        """
        source = resolve(facts["base_model"])
        if source.sha256 != facts["base_sha256"]:
            expected = str(facts["base_sha256"])[:16]
            raise ModelError("model.wrong_hash", spec=source.spec, found=source.sha256[:16], expected=expected)
        if facts.get("base_files"):  # older deliveries know the weights alone
            check_companions(source, facts["base_files"])
        self.folder, self.facts = folder, facts
        self.model = _model(source, torch.device(device), facts.get("base_bits"))
        if int(facts["max_tokens"]) > self.model.max_positions:  # the run limits it, so the file was changed later
            raise RunError("run.bad_model", path=str(folder / "decision.json"))
        if thawed and self.model.bits:
            self.model.thaw()
        # By kind: an adapter that lies in the folder of a frozen delivery is none of its files.
        if facts["kind"] == "lora" and not base_alone:
            for name in ADAPTER_FILES:  # or PEFT asks the hub for them
                if not (folder / "adapter" / name).is_file():
                    raise RunError("manifest.gone", path=str(folder / "adapter" / name))
            from peft import PeftModel

            with (
                warnings.catch_warnings(),  # PEFT uses an attribute that transformers 5 has renamed
                # PEFT maps the file: if a new delivery cut it short meanwhile, the process would be killed.
                tempfile.TemporaryDirectory(prefix="rankfirst-", ignore_cleanup_errors=True) as place,
            ):
                warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)
                copy = shutil.copytree(folder / "adapter", Path(place) / "adapter")
                # Without a device PEFT takes a GPU if there is one, though the model may be on the CPU.
                carrier = PeftModel.from_pretrained(self.model.encoder, str(copy), torch_device=str(self.model.device))
            check_tensors(carrier, folder / "adapter")
            # Quantising the sum would round the adapter away, so it is not merged into a 4-bit base.
            merged = carrier.get_base_model() if self.model.bits else carrier.merge_and_unload()
            self.model.encoder = merged.eval()
        if dtype != "float32":
            self.model.round_to(dtype)
        self.model.pooling = facts["pooling"]
        self.model.set_head(*read_head(folder))
        self.model.normalize = bool(facts.get("normalize"))  # deliveries of older versions never do

    def whole(self) -> TextModel:
        """The same network as one float encoder, for formats without 4-bit weights."""
        return Predictor(self.folder, self.facts, thawed=True).model if self.model.bits else self.model

    def logits(self, texts: Sequence[str]) -> Floats:
        """(n, C) logits, in the order of the texts."""
        return self.read(texts)[1]

    def read(self, texts: Sequence[str]) -> tuple[Floats, Floats]:
        """(n, d) pooled states and (n, C) logits, in the order of the texts."""
        return adapted(self.model, self._read(texts), no_tick)

    def vectors(self, texts: Sequence[str], tick: Tick = no_tick) -> Floats:
        """(n, d) pooled states, the input of the head."""
        return pooled(self.model, self._read(texts), tick)[self.model.pooling]

    def of_vectors(self, vectors: Floats) -> Floats:
        """(n, d) pooled states -> (n, C) logits."""
        weight, bias = (p.detach().cpu().numpy() for p in (self.model.head.weight, self.model.head.bias))
        read = unit_length(vectors) if self.model.normalize else vectors
        return np.asarray(read @ weight.T + bias, dtype=np.float32)

    def _read(self, texts: Sequence[str]) -> Texts:
        facts = self.facts
        return self.model.tokenize(texts, facts["prefix"], int(facts["max_tokens"]), bool(facts.get("windows")))


def _model(source: Source, device: torch.device, bits: int | None) -> TextModel:
    """The base on this device, or on the CPU: a run that reads back its delivery still has a base on the GPU."""
    try:
        return TextModel(source, device, bits)
    except EngineError:
        if device.type == "cpu":
            raise
    return TextModel(source, torch.device("cpu"), bits)
