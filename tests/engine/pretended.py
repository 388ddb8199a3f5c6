"""A pretended GPU: tensors stay in the machine's memory and are computed there, but obey the rules of a device.

Within `gpu()`, "cuda" is a device. A tensor that was moved to it or computed from one that was may not meet a tensor
of the CPU in one operation, is no array of numpy, and draws from no generator of the CPU. So what breaks on the first
GPU breaks here; numbers are those of the CPU, bit for bit. Nothing is said about speed, memory or CUDA's kernels.
"""

import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

CUDA, CPU = torch.device("cuda", 0), torch.device("cpu")
TOTAL = 8 << 30  # bytes of the pretended GPU
INDEXED = ("index.", "index_put", "_index_put_impl", "_unsafe_index")  # may have their indexes on the CPU
ACROSS = ("copy_", "_to_copy", "set_")  # move between devices
NO_TENSOR = ("_parse_to", "device")  # functions that take a device and make nothing on it
FUSED = ("_fused_adamw_", "_fused_adam_")  # on a GPU, even the step counts must be there


class There:
    """Which tensors are on the GPU, by their storage."""

    def __init__(self) -> None:
        self.storages: set[int] = set()

    def has(self, tensor: Tensor) -> bool:
        return tensor.layout is torch.strided and tensor.untyped_storage()._cdata in self.storages

    def add(self, tensor: Tensor) -> None:
        if tensor.layout is torch.strided and not self.has(tensor):
            storage = tensor.untyped_storage()
            self.storages.add(storage._cdata)
            weakref.finalize(storage, self.storages.discard, storage._cdata).atexit = False


class Operations(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """What operations may take, and where their results are; the backward pass included."""

    def __init__(self, there: There) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.there = there

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = func.name().removeprefix("aten::")
        given = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, Tensor)]
        there = [each for each in given if self.there.has(each)]
        if there and not name.startswith(ACROSS):
            self._check(name, args, given, kwargs)
        out = func(*args, **kwargs)
        if there and not name.startswith("copy_"):
            for leaf in tree_leaves(out):
                if isinstance(leaf, Tensor):
                    self.there.add(leaf)
        return out

    def _check(self, name: str, args: Any, given: list[Tensor], kwargs: Mapping[str, Any]) -> None:
        here = [each for each in given if not self.there.has(each)]
        scalars_too = name.startswith(FUSED)
        wrong = [each for each in here if each.dim() or scalars_too]
        if wrong and not (name.startswith(INDEXED) and self.there.has(args[0])):
            raise RuntimeError(f"{name}: expected all tensors to be on the same device, found cuda:0 and cpu")
        if isinstance(kwargs.get("generator"), torch.Generator):
            raise RuntimeError(f"{name}: expected a 'cuda' device type for generator but found 'cpu'")


class Functions(TorchFunctionMode):
    """What tensors say of their device, and how they move."""

    def __init__(self, there: There) -> None:
        super().__init__()
        self.there = there

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        answer = ANSWERS.get(func)
        if answer is not None:
            return answer(self.there, func, args, kwargs)
        kwargs.pop("pin_memory", None)  # such memory is of the CPU, and this machine has none
        wanted = kwargs.get("device")
        if wanted is None or not _on_gpu(wanted) or func.__name__ in NO_TENSOR:
            return func(*args, **kwargs)
        kwargs["device"] = CPU
        out = func(*args, **kwargs)
        for leaf in tree_leaves(out):
            if isinstance(leaf, Tensor):
                self.there.add(leaf)
        return out


def _is_device(value: Any) -> bool:
    return isinstance(value, torch.device) or (isinstance(value, str) and value.split(":")[0] in ("cuda", "cpu"))


def _on_gpu(value: Any) -> bool:
    return torch.device(value).type == "cuda"


def _device(there: There, func: Any, args: Any, kwargs: Any) -> torch.device:
    return CUDA if there.has(args[0]) else func(*args)  # type: ignore[no-any-return]


def _moved(there: There, func: Any, args: Any, kwargs: Any) -> Tensor:
    """`Tensor.to`: a copy where the device or the type changes."""
    tensor, *rest = args
    if rest and isinstance(rest[0], Tensor):
        rest = [CUDA if there.has(rest[0]) else CPU, rest[0].dtype, *rest[1:]]
    devices = [each for each in (kwargs.get("device"), *rest) if _is_device(each)]
    rest = [CPU if _is_device(each) else each for each in rest]
    kwargs = {name: CPU if name == "device" else value for name, value in kwargs.items()}
    out: Tensor = func(tensor, *rest, **kwargs)
    if not devices or _on_gpu(devices[0]) == there.has(tensor):
        return out
    return _copy(there, out, to_gpu=_on_gpu(devices[0]))


def _copy(there: There, tensor: Tensor, to_gpu: bool) -> Tensor:
    made = torch.empty_like(tensor, device=CPU)  # of no input that is on the GPU: `empty_like` would be there, too
    made = torch.empty_strided(tensor.size(), tensor.stride(), dtype=tensor.dtype) if there.has(made) else made
    made.copy_(tensor.detach())
    if to_gpu:
        there.add(made)
    return made


def _to_cpu(there: There, func: Any, args: Any, kwargs: Any) -> Tensor:
    tensor: Tensor = args[0]
    return _copy(there, tensor, to_gpu=False) if there.has(tensor) else tensor


def _array(there: There, func: Any, args: Any, kwargs: Any) -> Any:
    if there.has(args[0]):
        raise TypeError("can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu()")
    return func(*args, **kwargs)


Answer = Callable[[There, Any, Any, Any], Any]
ANSWERS: dict[Any, Answer] = {
    Tensor.device.__get__: _device,  # type: ignore[attr-defined]
    Tensor.is_cuda.__get__: lambda there, func, args, kwargs: there.has(args[0]),  # type: ignore[attr-defined]
    Tensor.is_cpu.__get__: lambda there, func, args, kwargs: not there.has(args[0]),  # type: ignore[attr-defined]
    Tensor.to: _moved,
    Tensor.cpu: _to_cpu,
    Tensor.numpy: _array,
    Tensor.__array__: _array,
}


@contextmanager
def gpu() -> Iterator[There]:
    """Within this context, "cuda" is a pretended GPU of TOTAL bytes that nothing else uses."""
    there = There()
    state = torch.zeros(16, dtype=torch.uint8)
    with pytest.MonkeyPatch.context() as patch:
        for name, answer in {
            "synchronize": None, "mem_get_info": (TOTAL, TOTAL), "memory_reserved": 0, "memory_allocated": 0,
            "get_rng_state": state, "set_rng_state": None, "device_count": 1, "current_device": 0,
            "is_bf16_supported": True,
        }.items():  # fmt: skip
            patch.setattr(torch.cuda, name, lambda *args, answer=answer, **kwargs: answer)
        with Operations(there), Functions(there):
            yield there
