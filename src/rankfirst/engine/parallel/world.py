"""The processes that train one recipe together, as each of them sees the others; by default there are none.

Every process makes the same requests in the same order. What they have to agree on (memory, disk, lack of either) is
agreed on here, so that none takes a turn that the others do not take: those would wait for it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

import torch
from torch import Tensor, nn

from rankfirst.engine.training.out_of_memory import halving, out_of_memory
from rankfirst.errors import EngineError

T = TypeVar("T")


@dataclass(frozen=True)
class World:
    """This process, `rank` of `size`; alone it exchanges nothing."""

    rank: int = 0
    size: int = 1
    sharded: bool = False  # each holds a part of the base, and a forward pass takes all of them

    @property
    def alone(self) -> bool:
        return self.size == 1

    @property
    def first(self) -> bool:
        """Whether this is the one that writes files and answers."""
        return self.rank == 0

    def share(self, count: int) -> range:
        """Which of `count` rows this process has; they come in order, and there may be none."""
        return range(count * self.rank // self.size, count * (self.rank + 1) // self.size)

    def exchange(self, work: Callable[[], list[T]]) -> list[T]:
        """What `work` returned in all processes, one list after the other. Lack of memory in one is lack in all.

        Raises: MemoryError or torch's own where some process has too little; EngineError where the base is in parts,
            since then the others wait inside a pass that this one cannot finish.
        """
        if self.alone:
            return work()
        from accelerate.utils import gather_object

        found, short = [], False
        try:
            found = work()
        except (RuntimeError, MemoryError) as error:
            if not out_of_memory(error):
                raise
            if self.sharded:
                raise EngineError("processes.no_memory", process=self.rank + 1, count=self.size) from None
            short = True
        # Outside the handler: inside it, the traceback would keep the tensors of the failed attempt alive.
        gathered: list[tuple[bool, list[T]]] = gather_object([(short, found)])
        if any(lacking for lacking, _ in gathered):
            raise MemoryError
        return [one for _, some in gathered for one in some]

    def spread(
        self,
        batches: Sequence[list[int]],
        work: Callable[[list[int]], T],
        keep: Callable[[list[int], T], None],
        progress: Callable[[int], None] = lambda rows: None,
    ) -> None:
        """Each batch is worked on by one process, in smaller parts where memory is short; `keep` gets all in each.

        Args: progress: called with the number of rows done. Raises: as `exchange`.
        """
        done = 0
        for at in range(0, len(batches), self.size):
            turn = batches[at : at + self.size]
            for batch, answer in self.exchange(partial(self._worked, turn, work)):
                keep(batch, answer)
            done += sum(map(len, turn))
            progress(done)

    def _worked(self, turn: Sequence[list[int]], work: Callable[[list[int]], T]) -> list[tuple[list[int], T]]:
        found: list[tuple[list[int], T]] = []
        if self.sharded:  # whoever has nothing to do goes through the last batch with the others
            mine = turn[min(self.rank, len(turn) - 1)]
            answer = work(mine)
            return [(mine, answer)] if self.rank < len(turn) else []
        if self.rank < len(turn):
            halving(turn[self.rank], lambda batch: found.append((batch, work(batch))))
        return found

    def add_up(self, parameters: Iterable[nn.Parameter]) -> None:
        """Put the sum of every process's gradients in place of its own."""
        if self.alone:
            return
        gradients = [p.grad for p in parameters if p.grad is not None]
        whole = torch.cat([g.reshape(-1) for g in gradients])  # one message, not hundreds
        torch.distributed.all_reduce(whole)
        for gradient, summed in zip(gradients, torch.split(whole, [g.numel() for g in gradients]), strict=True):
            gradient.copy_(summed.view_as(gradient))

    def least(self, number: float) -> float:
        """The smallest of what the processes say."""
        return min(self.exchange(lambda: [number]))

    @contextmanager
    def in_turn(self, device: torch.device) -> Iterator[Any]:
        """One process after the other where the base is in parts: each holds the whole of it for a moment.

        Yields: the mesh of devices for `shard`, made by all of them at once.
        """
        if not self.sharded:
            yield None
            return
        from torch.distributed.device_mesh import init_device_mesh

        mesh = init_device_mesh(device.type, (self.size,))
        for _ in range(self.rank):
            self.exchange(list)
        try:
            yield mesh
        finally:  # an error here is one there, too: their turns come all the same
            for _ in range(self.rank, self.size):
                self.exchange(list)

    def shard(self, encoder: Any, blocks: Iterable[nn.Module], mesh: Any) -> None:
        """Keep this process's part of every block and of the word embeddings; a block is whole while it runs.

        Adapter and head come later and stay whole in each process, so that whoever reads or writes them sees all.
        """
        if not self.sharded:
            return
        from torch.distributed.fsdp import fully_shard

        # Each a root of its own: a pass may end early, and a root above them all would not hear of it.
        for module in (*blocks, encoder.get_input_embeddings()):
            fully_shard(module, mesh=mesh, reshard_after_forward=True)
        for parameter in encoder.parameters():
            if not _parted(parameter):  # a view of the base's file would keep all of it mapped
                parameter.data = parameter.data.clone()


ALONE: Final = World()


def held_weights(module: nn.Module) -> int:
    """Weights of a module that this process holds."""
    parameters: list[Any] = list(module.parameters())
    return sum((p.to_local() if _parted(p) else p).numel() for p in parameters)


def _parted(parameter: Tensor) -> bool:
    return hasattr(parameter, "to_local")
