"""Delivered classifiers that load their sessions through one library, so that shared parts are loaded once."""

from functools import cached_property
from pathlib import Path
from typing import Any, Final

from rankfirst.baselines import TfidfModel
from rankfirst.baselines.tfidf_model import TENSORS, VOCABULARY
from rankfirst.errors import OptionError
from rankfirst.measure.abstain_scores import FILE as SCOPE
from rankfirst.model import manifest
from rankfirst.model.classifier import CHECK, EXPORTS, Classifier
from rankfirst.model.onnx.runtime import FILES
from rankfirst.model.onnx.shared import Library, Part, Shared, cost
from rankfirst.server.tenants import Loader

TFIDF_FILES = (VOCABULARY, TENSORS)
CALLERS: Final = 16  # tenants of a fleet whose texts can be in one batch; those that wait for a turn cost nothing


class TenantClassifier(Classifier):
    """A `Classifier` that takes its large parts from a library."""

    def __init__(self, folder: Path, backend: str, library: Library, weighed: bool = False) -> None:
        """Args: weighed: only its cost is needed, so large files are not read to verify them."""
        self.library, self.weighed = library, weighed
        super().__init__(folder, backend)

    @property
    def _unread(self) -> tuple[str, ...]:
        large = (*EXPORTS, *TFIDF_FILES, SCOPE) if self.weighed else ()
        return (*super()._unread, *(name for name in large if name != CHECK))

    @property
    def cost(self) -> int:
        """Bytes that loading it would add. Raises: RunError if it was not exported."""
        if self.facts["kind"] == "tfidf":
            return sum(file.stat().st_size for file in self.folder.glob("tfidf*"))
        self.require_exported()
        return cost(self.folder, self.facts, self.backend, self.library)

    @cached_property
    def ngrams(self) -> TfidfModel:
        model: TfidfModel = self._part.value
        return model

    @cached_property
    def _part(self) -> Part:
        hashes = " ".join(manifest.sha256(self.folder / name) for name in TFIDF_FILES)
        return self.library.part(f"tfidf {hashes}", self.cost, self.load_ngrams)

    @cached_property
    def predictor(self) -> Any:
        """Raises: RunError if it was not exported, if its self-test failed or a file is damaged."""
        self.require_exported()
        with self.damage(self.folder):
            loaded = Shared(self.folder, self.facts, self.backend, self.library)
        self.verified.unchanged()
        return loaded


def loader(backend: str) -> Loader:
    """The loader of tenants' models. Raises: OptionError for torch, which would load a whole network per tenant.

    Args: backend: onnx or int8; or fleet, and one of the others for a run that was not exported for a fleet.
    """
    if backend == "torch":
        raise OptionError("serve.tenants_torch")
    library = Library()

    def backend_of(run: Path) -> str:
        kinds = ("fleet", "onnx", "int8") if backend == "fleet" else ()
        return next((kind for kind in kinds if (run / "model" / FILES[kind]).is_file()), backend)

    return Loader(
        load=lambda run: TenantClassifier(run / "model", backend_of(run), library),
        cost=lambda run: TenantClassifier(run / "model", backend_of(run), library, weighed=True).cost,
        bytes=lambda: library.bytes,
        callers=CALLERS if backend == "fleet" else 1,
    )
