"""The device and library versions on which this machine trains."""

import platform
import time
from importlib.metadata import version

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
