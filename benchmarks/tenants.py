"""What many tenants cost in memory and time: one frozen delivery many times, sharing its session or not.

Usage: python -m benchmarks.tenants RUN [TENANTS] [BACKEND]   (an exported frozen run; default 8 tenants, int8; appends
to results/tenants.csv; Linux: resident memory is read from /proc)
"""

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.tables import append
from rankfirst.model.onnx.shared import Library
from rankfirst.server.shared_sessions import TenantClassifier

TEXTS = ["my card has not arrived", "why was I charged twice for this?", "how do I change my PIN"]


def resident() -> float:
    """Megabytes of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def main(run: Path, tenants: int = 8, backend: str = "int8") -> None:
    """A line with a session for all, and one with a session each."""
    for shared in (True, False):
        with tempfile.TemporaryDirectory() as place:
            library, held, began = Library(), [], resident()
            first, loads, lone = 0.0, [], []
            for n in range(tenants):
                folder = Path(shutil.copytree(run / "model", Path(place) / f"t{n}" / "model"))
                libraries = [library, *(Library() for _ in range(0 if shared else n))]
                start = time.perf_counter()
                model = TenantClassifier(folder, backend, libraries[-1])
                model.predict_proba(TEXTS)
                loads.append(time.perf_counter() - start)
                model.predict_proba([text * 12 for text in TEXTS * 8])  # a large batch
                held.append(model)
                estimated = library.bytes * (1 if shared else n + 1)
                first = first or resident() - began
            for _ in range(100):
                start = time.process_time()
                held[0].predict_proba(TEXTS[:1])
                lone.append(time.process_time() - start)
            append("tenants", {
                "backend": backend, "tenants": tenants, "shared": shared, "first_mb": round(first, 1),
                "next_mb": round((resident() - began - first) / max(1, tenants - 1), 1),
                "estimated_mb": round(estimated / 1e6, 1), "load_seconds": round(median(loads), 2),
                "lone_text_cpu_ms": round(1000 * median(lone), 2),
            })  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:3]), *sys.argv[3:4])
