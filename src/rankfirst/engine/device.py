"""The device and library versions on which this machine trains."""

import os
import platform
import time
from importlib.metadata import version
from pathlib import Path

import torch

DTYPE = "float32"  # until `calibrate` has measured that another one is faster and accurate enough


def best_device() -> str:
    """cuda, else cpu. MPS is left to the user's choice until its determinism is measured."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def nearest(device: str) -> str:
    """The kind of device on which workers compute, if this machine has it, else cpu."""
    return "cuda" if device.startswith("cuda") and torch.cuda.is_available() else "cpu"


def now(device: torch.device) -> float:
    """Seconds of `time.perf_counter` once the device has done all it was asked for: CUDA answers before that."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter()


def be_deterministic(device: torch.device) -> None:
    """Make the same steps give the same numbers, as far as the device can."""
    if device.type == "cuda":
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.set_float32_matmul_precision("highest")  # a notebook may have allowed TF32, whose error is 1e-3
    torch.use_deterministic_algorithms(True, warn_only=True)
    # No code here reads uninitialised memory, and filling it takes 2% of a step.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


def bfloat16_units(device: torch.device) -> tuple[str, ...]:
    """What computes in bfloat16 on this device, such as ("amx_bf16", "avx512_bf16"); () if it would be emulated."""
    if device.type == "cuda":
        return ("cuda",) if torch.cuda.is_bf16_supported(including_emulation=False) else ()
    if device.type != "cpu":
        return (device.type,)  # a measurement must tell
    known = getattr(torch.cpu, "get_capabilities", None)  # not in older versions of torch
    found = [name for name, there in known().items() if there is True] if known else _cpu_flags()
    return tuple(sorted({name for name in found if "bf16" in name}))


def _cpu_flags() -> list[str]:
    """The features of the processor as Linux names them; [] on another system."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    return next((line.split() for line in lines if line.startswith(("flags", "Features"))), [])


def versions(packed: bool) -> dict[str, str]:
    """Names and versions of the libraries that train. Args: packed: whether the base is in 4 bits."""
    import peft
    import transformers

    names = {"python": platform.python_version(), "torch": torch.__version__, "transformers": transformers.__version__,
             "peft": peft.__version__}  # fmt: skip
    return names | ({"bitsandbytes": version("bitsandbytes")} if packed else {})


def device_facts() -> dict[str, str]:
    """Device with its name, thread count and precision with which training would run."""
    device = best_device()
    name = torch.cuda.get_device_name(0) if device == "cuda" else platform.processor() or platform.machine()
    return {"device": f"{device} ({name})", "threads": str(torch.get_num_threads()), "dtype": DTYPE}
