"""The checks in order of worth, and which branch of src/ that only a GPU takes is reached by which of them."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Check:
    """A function of a module of this package; groups run in processes of their own."""

    group: str
    module: str
    name: str
    seconds: float  # expected on a GPU, as an assumption until one has run it
    small: bool = True  # whether it runs on a CPU, too
    patience: float = 0.0  # seconds more than it may take

    @property
    def deadline(self) -> float:
        """Seconds after which it is ended."""
        return 3 * self.seconds + 30 + self.patience


CHECKS: Final = (
    Check("exact", "exact", "one_step", 15),
    Check("exact", "exact", "whole_flow", 60),
    Check("exact", "exact", "repeats", 20),
    Check("exact", "exact", "packed", 15),
    Check("exact", "exact", "precision", 10),
    Check("whole", "whole", "sample", 60),
    Check("memory", "memory", "recovers", 20),
    Check("memory", "memory", "forecast", 30),
    Check("speed", "speed", "products", 5),
    Check("speed", "speed", "step_rates", 25),
    Check("speed", "speed", "sweep", 45),
    Check("large", "large", "decoder", 35),
    Check("large", "large", "four_bits", 25),
    Check("parts", "large", "in_parts", 15),
    Check("banking", "whole", "banking", 70, small=False),
    Check("attention", "speed", "attend", 10),
    Check("attention", "speed", "varlen", 5, small=False),
    Check("rest", "exact", "resumes", 5),
    Check("rest", "memory", "limited", 10, small=False),
    Check("compile", "speed", "compiled", 45),
    Check("several", "large", "several", 40, small=False),
)

# File under src/rankfirst and function (empty: the module) -> the checks that reach it. A function that names CUDA and
# is missing here fails tests/benchmarks/test_gpu_check.py.
BRANCHES: Final[dict[tuple[str, str], tuple[str, ...]]] = {
    ("engine/device.py", "best_device"): ("sample", "banking"),
    ("engine/device.py", "nearest"): ("sample", "banking"),
    ("engine/device.py", "now"): ("precision",),
    ("engine/device.py", "be_deterministic"): ("repeats",),
    ("engine/device.py", "bfloat16_units"): ("precision", "sample"),
    ("engine/device.py", "device_facts"): ("sample",),
    ("engine/local.py", "LocalEngine.__init__"): ("sample", "whole_flow"),
    ("engine/network/attention.py", "for_base"): ("repeats", "whole_flow"),
    ("engine/network/attention.py", "_attend"): ("repeats", "attend"),
    ("engine/parallel/distributed.py", "DistributedEngine.__init__"): ("several",),
    ("engine/parallel/processes.py", "_start"): ("several",),
    ("engine/parallel/worker_process.py", "WorkerProcess._begin"): ("several",),
    ("engine/ray/tasks.py", "each"): (),  # hands GPUs to Ray's tasks: no check starts Ray
    ("engine/ray/workers.py", "WorkerPool.__init__"): (),
    ("engine/training/footprint.py", ""): ("forecast",),
    ("engine/training/footprint.py", "Planner.limit"): ("sample", "forecast"),
    ("engine/training/footprint.py", "Planner._states"): ("forecast",),
    ("engine/training/footprint.py", "held"): ("forecast", "limited"),
    ("engine/training/footprint.py", "whole_bytes"): ("sample", "forecast"),
    ("engine/training/footprint.py", "check_base"): ("sample", "decoder"),
    ("engine/training/full_finetuning.py", "all_learn"): ("whole_flow", "recovers"),
    ("engine/training/out_of_memory.py", ""): ("recovers",),
    ("engine/training/pace.py", "Threads.heed"): ("whole_flow",),
    ("engine/training/pace.py", "measure"): ("precision", "sample"),
}
