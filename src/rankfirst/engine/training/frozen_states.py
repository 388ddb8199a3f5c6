"""Where the states of the frozen blocks are kept: in memory, or in a mapped file when they are large.

A file is named by a hash of what decides its content (token ids, the base's weights, depth, type), so a run that was
killed finds its own states again and can never meet another's. It lives in the run's work folder until the run ends.
"""

import hashlib
import os
import shutil
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from filelock import FileLock
from torch import Tensor

from rankfirst.engine.parallel.world import ALONE, World

MEMORY_MEGABYTES = 1024.0  # of all stores in memory together; larger ones go to a file
DISK_MEGABYTES = 32_768.0  # of one run's files together ...
DISK_SHARE = 0.5  # ... and of the free disk; beyond either the frozen blocks are simply run again


class StateStore:
    """States of many rows, packed without padding, and which rows are there."""

    def __init__(self, lengths: Sequence[int], hidden: int, dtype: torch.dtype, path: Path | None = None) -> None:
        """Args: lengths: (n,) tokens a row. path: keep them in this file (and `path`.rows) instead of in memory.

        Raises: OSError when the disk is full.
        """
        self.lengths = torch.tensor(lengths, dtype=torch.long)
        self.offsets = torch.cumsum(self.lengths, 0) - self.lengths
        shape = (int(self.lengths.sum()), hidden)
        if path is None:
            self.packed = torch.empty(shape, dtype=dtype)  # (total tokens, d)
            self.filled = torch.zeros(len(lengths), dtype=torch.bool)
        else:
            self.packed = _mapped(path, shape[0] * hidden, dtype).view(shape)
            self.filled = _mapped(path.with_suffix(".rows"), len(lengths), torch.bool)
        self.in_memory = path is None

    @property
    def megabytes(self) -> float:
        return self.packed.numel() * self.packed.element_size() / 2**20

    def missing(self, rows: Sequence[int]) -> list[int]:
        """Those of `rows` that were never put."""
        chosen = torch.tensor(rows, dtype=torch.long)
        found: list[int] = chosen[~self.filled[chosen]].tolist()
        return found

    def put(self, rows: Sequence[int], states: Tensor) -> None:
        """Keep the real tokens of (B, T, d) padded states."""
        for i, row in enumerate(rows):
            n, at = int(self.lengths[row]), int(self.offsets[row])
            self.packed[at : at + n] = states[i, :n].to("cpu", self.packed.dtype)
            self.filled[row] = True  # after the states: a kill in between costs one row, not its truth

    def get(self, rows: Sequence[int], width: int, device: torch.device) -> Tensor:
        """(B, width, d); positions past a row's end repeat its last token, and the attention mask hides them."""
        chosen = torch.tensor(rows)
        within = torch.minimum(torch.arange(width)[None], self.lengths[chosen][:, None] - 1)
        flat = (self.offsets[chosen][:, None] + within).reshape(-1)
        return self.packed.index_select(0, flat).view(len(rows), width, -1).to(device)


class StateCache:
    """The stores of one run. Makes room in memory by dropping the oldest."""

    def __init__(self, folder: Path, base_sha256: str, hidden: int, shared: bool = False, world: World = ALONE) -> None:
        """Args: shared: by all processes of this machine that train for the run: every store is a file."""
        self.world = world
        # A folder a machine: a mapped file on a network disk is not one memory.
        self.folder = folder / socket.gethostname() if shared else folder
        self.base_sha256, self.hidden, self.shared = base_sha256, hidden, shared
        self.dtype = torch.float32
        self.stores: dict[tuple[str, int], StateStore] = {}

    def megabytes(self, tokens: int) -> float:
        """What the states of so many tokens take."""
        return tokens * self.hidden * self.dtype.itemsize / 2**20

    def room(self, tokens: int) -> bool:
        """Whether so many tokens can be kept at one depth, in memory or on disk."""
        need = self.megabytes(tokens)
        return need <= MEMORY_MEGABYTES or need <= self._disk()

    def store(self, split: str, depth: int, ids: Sequence[Sequence[int]]) -> StateStore:
        """The states of a split below `depth`; some rows may not be there yet."""
        key = (split, depth)
        if key not in self.stores:
            lengths = [len(row) for row in ids]
            need = self.megabytes(sum(lengths))
            self._make_room(need)
            path = None
            large = need > MEMORY_MEGABYTES / 2  # such stores would push each other out of memory
            if (large or self.shared) and need <= self._disk():
                self.folder.mkdir(parents=True, exist_ok=True)
                path = self.folder / f"{self._name(depth, ids)}.states"
            self.stores[key] = StateStore(lengths, self.hidden, self.dtype, path)
            self.world.exchange(list)  # nobody writes while another still makes room
        return self.stores[key]

    @contextmanager
    def filling(self, split: str, depth: int) -> Iterator[None]:
        """One process fills a shared store at a time: their last bits depend on which rows met.

        Those that train one recipe together fill it together.
        """
        if not (self.shared and self.world.alone):
            yield
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder / f"{split}-{depth}.lock"):
            yield

    def clear(self) -> None:
        """Forget everything, the files too."""
        self.stores.clear()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _make_room(self, need: float) -> None:
        held = {key: s for key, s in self.stores.items() if s.in_memory}
        while held and need + sum(s.megabytes for s in held.values()) > MEMORY_MEGABYTES:
            oldest = next(iter(held))
            del held[oldest], self.stores[oldest]

    def _name(self, depth: int, ids: Sequence[Sequence[int]]) -> str:
        whole = hashlib.sha256(f"{self.base_sha256} {depth} {self.dtype}".encode())
        for row in ids:
            whole.update(torch.tensor([*row, -1], dtype=torch.int32).numpy().tobytes())
        return whole.hexdigest()[:32]

    def _disk(self) -> float:
        """MiB a store may take on disk, where its own file may stand already."""
        here = next(p for p in (self.folder, *self.folder.parents) if p.exists())
        held = sum(p.stat().st_size for p in self.folder.glob("*.states")) if self.folder.is_dir() else 0
        return self.world.least(min(DISK_MEGABYTES, DISK_SHARE * (shutil.disk_usage(here).free + held) / 2**20))


def _mapped(path: Path, size: int, dtype: torch.dtype) -> Tensor:
    """(size,) values in a file, zeros when it is new. The blocks are claimed first: a sparse file would end the
    process with a bus error when the disk fills up.
    """
    with path.open("ab") as file:
        if hasattr(os, "posix_fallocate") and size:
            os.posix_fallocate(file.fileno(), 0, size * dtype.itemsize)
    return torch.from_file(str(path), shared=True, size=size, dtype=dtype)
