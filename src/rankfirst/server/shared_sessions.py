"""Delivered classifiers that load their sessions through one library, so that shared parts are loaded once."""

from functools import cached_property
from pathlib import Path
from typing import Any

from rankfirst.baselines import TfidfModel
from rankfirst.errors import OptionError, RunError
from rankfirst.model.classifier import Classifier
from rankfirst.model.onnx.shared import Library, Part, Shared, cost
from rankfirst.server.tenants import Loader


class TenantClassifier(Classifier):
    """A `Classifier` that takes its large parts from a library."""

    def __init__(self, folder: Path, backend: str, library: Library) -> None:
        super().__init__(folder, backend)
        self.library = library

    @property
    def cost(self) -> int:
        """Bytes that loading it would add. Raises: RunError if it was not exported."""
        if self.facts["kind"] == "tfidf":
            return sum(file.stat().st_size for file in self.folder.glob("tfidf*"))
        if self.backend in self._failed():
            raise RunError("run.failed_export", kind=self.backend, path=str(self.folder), run=str(self.folder.parent))
        return cost(self.folder, self.facts, self.backend, self.library)

    @cached_property
    def _tfidf(self) -> TfidfModel:
        model: TfidfModel = self._part.value
        return model

    @cached_property
    def _part(self) -> Part:
        key = f"tfidf {self.folder} {(self.folder / 'decision.json').stat().st_mtime_ns}"
        return self.library.part(key, self.cost, lambda: TfidfModel.load(self.folder))

    @cached_property
    def predictor(self) -> Any:
        """Raises: RunError if it was not exported, or if its self-test failed."""
        _ = self.cost
        return Shared(self.folder, self.facts, self.backend, self.library)


def loader(backend: str) -> Loader:
    """The loader of tenants' models. Raises: OptionError for torch, which would load a whole network per tenant."""
    if backend == "torch":
        raise OptionError("serve.tenants_torch")
    library = Library()
    return Loader(
        load=lambda run: TenantClassifier(run / "model", backend, library),
        cost=lambda run: TenantClassifier(run / "model", backend, library).cost,
        bytes=lambda: library.bytes,
    )
