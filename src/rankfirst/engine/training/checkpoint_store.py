"""Checkpoints and their curves, stored in the engine's folder and in the run's remote storage if there is one."""

from pathlib import Path

from rankfirst.engine.storage import Storage
from rankfirst.engine.training import checkpoint
from rankfirst.engine.training.recorder import Recorder
from rankfirst.records import Curve


class CheckpointStore:
    """Checkpoints by name. A missing one is fetched from storage, so that any machine can continue from it."""

    def __init__(self, folder: Path, storage: Storage | None = None, writes: bool = True) -> None:
        """Args: writes: whether this process writes; True in exactly one of the processes that train together."""
        self.folder, self.storage, self.writes = folder, storage, writes

    def save(self, name: str, state: checkpoint.State) -> None:
        """Raises: OSError, RunError."""
        if self.writes:
            checkpoint.save(state, self.path(name))
            self._push(self.path(name))

    def load(self, name: str) -> checkpoint.State:
        """Raises: OSError or SafetensorError when missing or damaged; RunError."""
        self.has(name)
        return checkpoint.load(self.path(name))

    def has(self, name: str) -> bool:
        """Whether `load` would succeed. Raises: RunError."""
        if not name:
            return False
        here = checkpoint.readable(self.path(name))
        return here or (self._pull(self.path(name)) and checkpoint.readable(self.path(name)))

    def write_curve(self, name: str, curve: Curve) -> None:
        """Raises: OSError, RunError."""
        if self.writes:
            Recorder.write(curve, self._curve(name))
            self._push(self._curve(name))

    def curve(self, name: str) -> Curve:
        """Raises: OSError, RunError."""
        path = self._curve(name)
        if not path.exists():
            self._pull(path)
        return Recorder.read(path)

    def path(self, name: str) -> Path:
        """The file of a checkpoint."""
        return self.folder / f"{name}.safetensors"

    def _curve(self, name: str) -> Path:
        return self.folder / f"{name}.curve.json"

    def _push(self, path: Path) -> None:
        if self.storage is not None:
            self.storage.push(path, f"work/{path.name}")

    def _pull(self, path: Path) -> bool:
        return self.storage is not None and self.storage.pull(f"work/{path.name}", path)
