"""Delivered classifiers whose sessions come from one library, so that what they share is loaded once."""

from functools import cached_property
from pathlib import Path
from typing import Any

from rankfirst.classifier import Classifier
from rankfirst.errors import OptionError, RunError
from rankfirst.ladder import TfidfModel
from rankfirst.server.tenants import Loader
from rankfirst.serving.shared import Library, Part, Shared, cost


class Member(Classifier):
    """As `Classifier`, with its heavy parts from a library."""

    def __init__(self, folder: Path, backend: str, library: Library) -> None:
        super().__init__(folder, backend)
        self.library = library

    @property
    def cost(self) -> int:
        """Bytes that loading it would add. Raises: RunError where it was not exported."""
        if self.facts["kind"] == "tfidf":
            return sum(file.stat().st_size for file in self.folder.glob("tfidf*"))
        if self.backend in self._failed():
            raise RunError("run.failed_export", kind=self.backend, path=str(self.folder), run=str(self.folder.parent))
        return cost(self.folder, self.facts, self.backend, self.library)

    @cached_property
    def _tfidf(self) -> TfidfModel:
        made: TfidfModel = self._held.value
        return made

    @cached_property
    def _held(self) -> Part:
        key = f"tfidf {self.folder} {(self.folder / 'decision.json').stat().st_mtime_ns}"
        return self.library.part(key, self.cost, lambda: TfidfModel.load(self.folder))

    @cached_property
    def predictor(self) -> Any:
        """Raises: RunError where it was not exported, or its self-test failed."""
        _ = self.cost
        return Shared(self.folder, self.facts, self.backend, self.library)


def loader(backend: str) -> Loader:
    """Raises: OptionError for a backend that would load a network of torch's a tenant."""
    if backend == "torch":
        raise OptionError("serve.tenants_torch")
    library = Library()
    return Loader(
        load=lambda run: Member(run / "model", backend, library),
        cost=lambda run: Member(run / "model", backend, library).cost,
        bytes=lambda: library.bytes,
    )
