"""Collectives of the processes that train one recipe together; by default there is only this process.

Every process gets the same requests in the same order. Anything they must agree on (memory and disk limits, lack of
memory) is exchanged here, so that no process takes a branch that the others do not take: they would deadlock.
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
    """This process, `rank` of `size`; a single process exchanges nothing."""

    rank: int = 0
    size: int = 1
    sharded: bool = False  # each process holds a shard of the base, so all take part in a forward pass

    @property
    def alone(self) -> bool:
        return self.size == 1

    @property
    def first(self) -> bool:
        """Whether this process writes files and answers requests."""
        return self.rank == 0

    def share(self, count: int) -> range:
        """This process's part of `count` rows, in the order of ranks; may be empty."""
        return range(count * self.rank // self.size, count * (self.rank + 1) // self.size)

    def exchange(self, work: Callable[[], list[T]]) -> list[T]:
        """Concatenate the results of `work` from all processes, in the order of ranks.

        Raises: MemoryError (or torch's error) in every process if any of them runs out of memory; EngineError if the
            base is sharded, since then the others wait in a pass that this process cannot finish.
        """
        if self.alone:
            return work()
        from accelerate.utils import gather_object

        results, short = [], False
        try:
            results = work()
        except (RuntimeError, MemoryError) as error:
            if not out_of_memory(error):
                raise
            if self.sharded:
                raise EngineError("processes.no_memory", process=self.rank + 1, count=self.size) from None
            short = True
        # Outside the handler: inside it, the traceback would keep the tensors of the failed attempt alive.
        gathered: list[tuple[bool, list[T]]] = gather_object([(short, results)])
        if any(lacking for lacking, _ in gathered):
            raise MemoryError
        return [result for _, results in gathered for result in results]

    def spread(
        self,
        batches: Sequence[list[int]],
        work: Callable[[list[int]], T],
        keep: Callable[[list[int], T], None],
        progress: Callable[[int], None] = lambda rows: None,
    ) -> None:
        """Distribute batches over the processes; a batch is split if memory is short.

        Args: keep: called in every process with every batch and its result. progress: called with the rows done.
        Raises: as `exchange`.
        """
        done = 0
        for at in range(0, len(batches), self.size):
            turn = batches[at : at + self.size]
            for batch, answer in self.exchange(partial(self._worked, turn, work)):
                keep(batch, answer)
            done += sum(map(len, turn))
            progress(done)

    def _worked(self, turn: Sequence[list[int]], work: Callable[[list[int]], T]) -> list[tuple[list[int], T]]:
        results: list[tuple[list[int], T]] = []
        if self.sharded:  # a process without a batch takes part in the pass with the last batch
            mine = turn[min(self.rank, len(turn) - 1)]
            answer = work(mine)
            return [(mine, answer)] if self.rank < len(turn) else []
        if self.rank < len(turn):
            halving(turn[self.rank], lambda batch: results.append((batch, work(batch))))
        return results

    def add_up(self, parameters: Iterable[nn.Parameter]) -> None:
        """Replace the gradients by their sum over all processes."""
        if self.alone:
            return
        gradients = [p.grad for p in parameters if p.grad is not None]
        whole = torch.cat([g.reshape(-1) for g in gradients])  # one message, not hundreds
        torch.distributed.all_reduce(whole)
        for gradient, summed in zip(gradients, torch.split(whole, [g.numel() for g in gradients]), strict=True):
            gradient.copy_(summed.view_as(gradient))

    def least(self, number: float) -> float:
        """The minimum of `number` over all processes."""
        return min(self.exchange(lambda: [number]))

    @contextmanager
    def in_turn(self, device: torch.device) -> Iterator[Any]:
        """Load one process after the other if the base is sharded, since each loads the whole base first.

        Yields: the device mesh for `shard`, created by all processes together; None if the base is not sharded.
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
        finally:  # also after an error: the other processes still take their turns
            for _ in range(self.rank, self.size):
                self.exchange(list)

    def shard(self, encoder: Any, blocks: Iterable[nn.Module], mesh: Any) -> None:
        """Keep this process's shard of every block and of the word embeddings; a block is gathered while it runs.

        Adapter and head are attached later and not sharded, so that each process can read and write all of them.
        """
        if not self.sharded:
            return
        from torch.distributed.fsdp import fully_shard

        # Each module is a root of its own: a pass may end early, which a common root would not notice.
        for module in (*blocks, encoder.get_input_embeddings()):
            fully_shard(module, mesh=mesh, reshard_after_forward=True)
        for parameter in encoder.parameters():
            if not _is_sharded(parameter):  # it is a view that keeps the base's whole file mapped
                parameter.data = parameter.data.clone()


ALONE: Final = World()


def held_weights(module: nn.Module) -> int:
    """Number of a module's weights that this process holds."""
    parameters: list[Any] = list(module.parameters())
    return sum((p.to_local() if _is_sharded(p) else p).numel() for p in parameters)


def _is_sharded(parameter: Tensor) -> bool:
    return hasattr(parameter, "to_local")
