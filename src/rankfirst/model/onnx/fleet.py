"""Many adapters in one graph: low-rank factors are its inputs, so a tenant is kilobytes and a batch may mix tenants."""

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from rankfirst.errors import RunError
from rankfirst.measure.disk import read_tensors
from rankfirst.measure.scores import Matrix
from rankfirst.measure.unit_length import unit_length

FACTORS: Final = "fleet.safetensors"
STATES: Final = "states"
TOKENS: Final = 512  # most padded tokens of a batch that several callers share

Feed = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Tenant:
    """What is one tenant's own: the factors of the layers that its adapter changes, and its head."""

    factors: Mapping[str, Matrix]  # input of the graph -> A (d, r), or B (r, out) with its scaling
    weight: Matrix  # (d, C)
    bias: Matrix  # (C,)
    normalize: bool = False  # whether the head reads states of unit length

    @classmethod
    def load(cls, folder: Path, normalize: bool = False) -> "Tenant":
        """Read the files of a delivery. Raises: RunError if they are damaged."""
        path = folder / FACTORS
        try:
            factors = {name: tensor for name, tensor in read_tensors(path).items() if tensor.ndim == 2}
            path = folder / "head.safetensors"
            head = read_tensors(path)
            weight, bias = head["weight"].T.copy(), head["bias"]
        except Exception:  # readers raise all sorts of errors for a damaged file
            raise RunError("run.bad_model", path=str(path)) from None
        return cls(factors, weight, bias, normalize)

    def logits(self, states: Matrix) -> Matrix:
        """(n, d) pooled states -> (n, C)."""
        read = unit_length(states) if self.normalize else states
        return np.asarray(read @ self.weight + self.bias, dtype=np.float32)

    @property
    def bytes(self) -> int:
        """In memory."""
        return sum(each.nbytes for each in (*self.factors.values(), self.weight, self.bias))


@dataclass(eq=False)
class _Job:
    """The rows of one call, which one tenant answers."""

    tenant: Tenant
    ids: Any  # (n, T)
    mask: Any
    done: "Future[Matrix]" = field(default_factory=Future)  # (n, d) states


class Fleet:
    """A session whose callers are different tenants. Calls that wait at the same time are computed as one batch."""

    def __init__(self, session: Any, turns: int = 1) -> None:
        """Args: session: of an exported fleet graph. turns: batches that are computed at the same time."""
        self.session, self._turns = session, threading.Semaphore(turns)
        self._queue: deque[_Job] = deque()
        self._lock = threading.Lock()
        sizes = {each.name: each.shape for each in session.get_inputs() if ":" in each.name}
        self.wide = {name: int(shape[1] if name.startswith("A:") else shape[2]) for name, shape in sizes.items()}

    def check(self, tenant: Tenant, path: Path) -> None:
        """Raises: RunError if the tenant's factors or head do not fit the graph. Args: path: of them, for errors."""
        for name, factor in tenant.factors.items():
            other = tenant.factors.get(f"{'B' if name[0] == 'A' else 'A'}{name[1:]}")
            side = 0 if name[0] == "A" else 1
            fits = name in self.wide and factor.shape[side] == self.wide[name] and np.isfinite(factor).all()
            if not fits or other is None or factor.shape[1 - side] != other.shape[side]:
                raise RunError("delivery.fleet", path=str(path), name=name)

    def states(self, tenant: Tenant, ids: Any, mask: Any) -> Matrix:
        """(n, d) pooled states of (n, T) tokens with the tenant's adapter; blocks until they are computed."""
        job = _Job(tenant, ids, mask)
        with self._lock:
            self._queue.append(job)
        while not job.done.done():
            with self._turns:
                batch = [] if job.done.done() else self._take()
                if batch:
                    self._answer(batch)
            if not batch and not job.done.done():  # another caller computes it
                break
        return job.done.result()

    def _take(self) -> list[_Job]:
        """The jobs that have waited longest, as many as fit into a batch; at least one if any waits."""
        with self._lock:
            batch, rows, width = list[_Job](), 0, 0
            while self._queue:
                n, tokens = self._queue[0].ids.shape
                if batch and (rows + n) * max(width, tokens) > TOKENS:
                    break
                rows, width = rows + n, max(width, tokens)
                batch.append(self._queue.popleft())
            return batch

    def _answer(self, batch: Sequence[_Job]) -> None:
        try:
            states = self.session.run([STATES], self.feed(batch))[0]
        except BaseException as error:  # or the other callers would wait for ever
            for job in batch:
                job.done.set_exception(error)
            if not isinstance(error, Exception):
                raise
            return
        at = 0
        for job in batch:
            job.done.set_result(states[at : at + len(job.ids)])
            at += len(job.ids)

    def feed(self, batch: Sequence[_Job]) -> Feed:
        """The inputs of the graph for the rows of all jobs, padded to the longest row and the largest rank."""
        width = max(job.ids.shape[1] for job in batch)
        tenants = list({id(job.tenant): job.tenant for job in batch}.values())
        place = {id(tenant): n for n, tenant in enumerate(tenants)}

        def padded(rows: Any, fill: int) -> Any:
            return np.pad(rows, ((0, 0), (0, width - rows.shape[1])), constant_values=fill)

        whole: Feed = {
            "input_ids": np.concatenate([padded(job.ids, 0) for job in batch]),
            "attention_mask": np.concatenate([padded(job.mask, 0) for job in batch]),
            "tenant": np.concatenate([np.full(len(job.ids), place[id(job.tenant)]) for job in batch]),
        }
        for name in self.wide:
            whole[name] = self._stacked(name, [tenant.factors.get(name) for tenant in tenants])
        return whole

    def _stacked(self, name: str, factors: Sequence[Matrix | None]) -> Any:
        """(u, d, r) or (u, r, out) factors of one input, filled up with zeros to the largest rank."""
        if len(factors) == 1 and factors[0] is not None:
            return factors[0][None]
        axis = 1 if name.startswith("A:") else 0  # of the rank
        rank = max((factor.shape[axis] for factor in factors if factor is not None), default=1)
        shape = (self.wide[name], rank) if axis else (rank, self.wide[name])
        stack = np.zeros((len(factors), *shape), dtype=np.float32)
        for own, factor in zip(stack, factors, strict=True):
            if factor is not None:
                own[: factor.shape[0], : factor.shape[1]] = factor
        return stack


def as_tenant(fleet: Fleet, folder: Path, normalize: bool = False) -> "OneTenant":
    """The fleet as the delivery in `folder` uses it. Raises: RunError if its files are damaged or do not fit."""
    tenant = Tenant.load(folder, normalize)
    fleet.check(tenant, folder / FACTORS)
    return OneTenant(fleet, tenant)


class OneTenant:
    """A fleet as one tenant sees it; same interface as an onnxruntime session."""

    def __init__(self, fleet: Fleet, tenant: Tenant) -> None:
        self.fleet, self.tenant = fleet, tenant

    def get_outputs(self) -> Sequence[str]:
        """One entry per output; only the count is used."""
        return ("logits", STATES)

    def run(self, outputs: Sequence[str] | None, feed: Mapping[str, Any]) -> list[Any]:
        """As for a session whose graph contains this tenant's adapter and head."""
        states = self.fleet.states(self.tenant, feed["input_ids"], feed["attention_mask"])
        computed = {"logits": self.tenant.logits(states), STATES: states}
        return [computed[name] for name in outputs or ("logits", STATES)]
