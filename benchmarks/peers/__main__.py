"""rankfirst beside other packages on the same rows, with the same encoder, threads and clock (docs/peers.md).

Usage: make peers                                       (environments under .peers/, once)
       python -m benchmarks.peers run [--peers P ...] [--sets S ...] [--seconds N] [--threads N] [--seed N]
       python -m benchmarks.peers table                 (prints what was measured; docs and README are written from it)

`run` appends to results/peers.csv and does not measure again what it holds; a row that failed or was not installed is
tried again with --again. The sets are in RANKFIRST_SHARED/data.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from benchmarks.end_results import SHARED
from benchmarks.peers import table
from benchmarks.peers.peers import PEERS

SETTLED = ("ok", "time limit")


def main(arguments: Sequence[str] | None = None) -> None:
    """One of the two steps."""
    from benchmarks.peers.cases import CASES

    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers")
    parser.add_argument("step", choices=("run", "table"))
    parser.add_argument("--peers", nargs="+", choices=list(PEERS), default=list(PEERS), metavar="PEER")
    parser.add_argument("--sets", nargs="+", choices=list(CASES), default=list(CASES), metavar="SET")
    parser.add_argument("--seconds", type=float, default=7200, help="what one training may take")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--again", action="store_true", help="also what failed before")
    parser.add_argument("--keep", type=Path, help="a folder for logs, journals and models, which are removed otherwise")
    options = parser.parse_args(arguments)
    if options.step == "table":
        print(table.page())
        return
    if not (SHARED / "data").is_dir():
        print(f"skipped: no labelled sets at {SHARED / 'data'}; name their folder with RANKFIRST_SHARED")
        return
    from benchmarks.peers.measure import measure

    done = {(row["peer"], row["set"], int(row["seed"])) for row in table.read()
            if row["status"] in SETTLED or not options.again}  # fmt: skip
    for name in options.sets:
        for peer in options.peers:
            if (peer, name, options.seed) not in done:
                measure(PEERS[peer], CASES[name], options.seed, options.seconds, options.threads, options.keep)


if __name__ == "__main__":
    main()
