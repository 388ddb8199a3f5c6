"""Cached states of the frozen blocks: in memory, or in a memory-mapped file if they are large.

A file's name is a hash of everything that determines its content (token ids, the base's weights, depth, dtype). So a
killed run finds its states again and never reads those of another. Files stay in the work folder until the run ends.
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

MEMORY_MEGABYTES = 1024.0  # MiB of all stores in memory together; larger ones go to a file
DISK_MEGABYTES = 32_768.0  # MiB of one run's files together ...
DISK_SHARE = 0.5  # ... and share of the free disk; beyond either, the frozen blocks run again in each epoch


class StateStore:
    """States of many rows, packed without padding, with a flag for each row that is filled."""

    def __init__(self, lengths: Sequence[int], hidden: int, dtype: torch.dtype, path: Path | None = None) -> None:
        """Args: lengths: (n,) tokens per row. path: file for the states (with `path`.rows beside it); None: in memory.

        Raises: OSError if the disk is full.
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
        """Those of `rows` without stored states."""
        chosen = torch.tensor(rows, dtype=torch.long)
        missing: list[int] = chosen[~self.filled[chosen]].tolist()
        return missing

    def put(self, rows: Sequence[int], states: Tensor) -> None:
        """Store (B, T, d) padded states, without the padding."""
        states = states.to("cpu", self.packed.dtype)  # at once: from a GPU, each copy waits for all that runs there
        for i, row in enumerate(rows):
            n, at = int(self.lengths[row]), int(self.offsets[row])
            self.packed[at : at + n] = states[i, :n]
            # After the states: a kill in between loses one row, but never marks a wrong one as filled.
            self.filled[row] = True

    def get(self, rows: Sequence[int], width: int, device: torch.device) -> Tensor:
        """(B, width, d) states; positions beyond a row's end repeat its last token and are masked in attention."""
        chosen = torch.tensor(rows)
        within = torch.minimum(torch.arange(width)[None], self.lengths[chosen][:, None] - 1)
        flat = (self.offsets[chosen][:, None] + within).reshape(-1)
        return self.packed.index_select(0, flat).view(len(rows), width, -1).to(device)


class JoinedStates:
    """Two stores, read as one: the rows of the first, then those of the second."""

    def __init__(self, first: StateStore, second: StateStore) -> None:
        self.first, self.second = first, second

    def get(self, rows: Sequence[int], width: int, device: torch.device) -> Tensor:
        """As `StateStore.get`."""
        border, packed = len(self.first.lengths), self.first.packed
        out = torch.empty((len(rows), width, packed.shape[1]), dtype=packed.dtype, device=device)
        for store, start, end in ((self.first, 0, border), (self.second, border, border + len(self.second.lengths))):
            places = [place for place, row in enumerate(rows) if start <= row < end]
            if places:
                out[places] = store.get([rows[place] - start for place in places], width, device)
        return out


class StateCache:
    """The stores of one run. The oldest are dropped if memory gets short."""

    def __init__(self, folder: Path, base_sha256: str, hidden: int, shared: bool = False, world: World = ALONE) -> None:
        """Args: shared: whether all of the run's processes on this machine share the stores; each is then a file."""
        self.world = world
        # One folder per machine: a mapped file on a network disk is not shared memory.
        self.folder = folder / socket.gethostname() if shared else folder
        self.base_sha256, self.hidden, self.shared = base_sha256, hidden, shared
        self.dtype = torch.float32
        self.stores: dict[tuple[str, int], StateStore] = {}

    def megabytes(self, tokens: int) -> float:
        """MiB that the states of `tokens` tokens take."""
        return tokens * self.hidden * self.dtype.itemsize / 2**20

    def room(self, tokens: int) -> bool:
        """Whether the states of `tokens` tokens at one depth can be kept, in memory or on disk."""
        need = self.megabytes(tokens)
        return need <= MEMORY_MEGABYTES or need <= self._disk()

    def store(self, split: str, depth: int, ids: Sequence[Sequence[int]]) -> StateStore:
        """The store of a split's states below `depth`; some rows may still be missing."""
        key = (split, depth)
        if key not in self.stores:
            lengths = [len(row) for row in ids]
            need = self.megabytes(sum(lengths))
            self._make_room(need)
            path = None
            large = need > MEMORY_MEGABYTES / 2  # two such stores would evict each other
            if (large or self.shared) and need <= self._disk():
                self.folder.mkdir(parents=True, exist_ok=True)
                path = self.folder / f"{self._name(depth, ids)}.states"
            self.stores[key] = StateStore(lengths, self.hidden, self.dtype, path)
            self.world.exchange(list)  # a barrier: no process writes before all have allocated
        return self.stores[key]

    @contextmanager
    def filling(self, split: str, depth: int) -> Iterator[None]:
        """Lock a shared store, so that one process fills it: the last bits depend on which rows share a batch.

        Processes that train one recipe together fill it together.
        """
        if not (self.shared and self.world.alone):
            yield
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder / f"{split}-{depth}.lock"):
            yield

    def clear(self) -> None:
        """Drop all stores and delete their files."""
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
        """MiB that a store may take on disk, counting files that exist already."""
        here = next(p for p in (self.folder, *self.folder.parents) if p.exists())
        held = sum(p.stat().st_size for p in self.folder.glob("*.states")) if self.folder.is_dir() else 0
        return self.world.least(min(DISK_MEGABYTES, DISK_SHARE * (shutil.disk_usage(here).free + held) / 2**20))


def _mapped(path: Path, size: int, dtype: torch.dtype) -> Tensor:
    """(size,) values in a memory-mapped file; zeros if it is new.

    Disk blocks are allocated first: writing to a sparse file on a full disk would kill the process with a bus error.
    """
    with path.open("ab") as file:
        if hasattr(os, "posix_fallocate") and size:
            os.posix_fallocate(file.fileno(), 0, size * dtype.itemsize)
    return torch.from_file(str(path), shared=True, size=size, dtype=dtype)
