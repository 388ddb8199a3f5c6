"""Does `fit` with its defaults deliver what is best on test? Shipped models beside every alternative.

Usage: python -m benchmarks.outcomes fits [SET ...] [--runs FOLDER]    (appends to results/outcomes_fits.csv)
       python -m benchmarks.outcomes fixed [SET ...]                   (appends to results/outcomes_fixed.csv)
       python -m benchmarks.outcomes table [SET ...]                   (writes results/outcomes.csv)

`fits` runs `rankfirst fit` once per set, as a user does. `fixed` trains fixed LoRA recipes and full fine-tuning to
their end, from the head that `fit` starts from; what its CSV holds is not trained again. `table` joins both. SET is a
name of `sets.CASES`; default: all. The sets are in RANKFIRST_SHARED/data.
"""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.end_results import SHARED
from benchmarks.outcomes import table
from benchmarks.outcomes.sets import CASES, Case


def main(arguments: Sequence[str] | None = None) -> None:
    """One of the three steps. A set that cannot be trained is named, and the next one begins."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.outcomes")
    parser.add_argument("step", choices=("fits", "fixed", "table"))
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"of {', '.join(CASES)}; default: all")
    parser.add_argument("--runs", type=Path, help="keep the runs of `fits` in this folder")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.sets) - set(CASES))
    if unknown:
        parser.error(f"no such set: {', '.join(unknown)}")
    cases = [case for name, case in CASES.items() if not options.sets or name in options.sets]
    if options.step == "table":
        table.write([case.name for case in cases])
        return
    if not (SHARED / "data").is_dir():
        print(f"skipped: no labelled sets at {SHARED / 'data'}; name their folder with RANKFIRST_SHARED")
        return
    step = _step(options.step, options.runs)
    for case in cases:
        try:
            step(case)
        except Exception as error:  # one set must not end a measurement of hours
            print(f"{case.name}: failed: {type(error).__name__}: {error}", flush=True)


def _step(name: str, runs: Path | None) -> Callable[[Case], None]:
    """The step for one set. torch is imported only for `fixed`."""
    if name == "fits":
        from benchmarks.outcomes import fits

        return lambda case: fits.measure(case, runs)
    from benchmarks.outcomes import fixed

    return fixed.measure


if __name__ == "__main__":
    main()
