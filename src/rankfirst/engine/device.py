"""What this machine trains on."""

import platform

import torch

DTYPE = "float32"  # until `calibrate` has measured another one faster and harmless


def best_device() -> str:
    """cuda, else cpu. MPS is left to the user's choice until its determinism is measured."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def device_facts() -> dict[str, str]:
    """What training would run on: device with its name, threads, precision."""
    device = best_device()
    name = torch.cuda.get_device_name(0) if device == "cuda" else platform.processor() or platform.machine()
    return {"device": f"{device} ({name})", "threads": str(torch.get_num_threads()), "dtype": DTYPE}
