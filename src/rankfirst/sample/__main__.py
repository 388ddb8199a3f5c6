"""`python -m rankfirst.sample OUT`: write the synthetic sample into a folder."""

import argparse
import sys
from pathlib import Path

from rankfirst.messages import LANGS
from rankfirst.sample import ACTS, MESSY, write_sample


def main(argv: list[str] | None = None) -> int:
    """Parse the arguments, write the files, and print their folder."""
    parser = argparse.ArgumentParser(prog="python -m rankfirst.sample", description="Write SYNTHETIC intent data.")
    parser.add_argument("out", type=Path, help="folder for train.csv, val.csv, test.csv, planted.json, README.txt")
    parser.add_argument("--lang", choices=LANGS, default="en")
    parser.add_argument("--rows", type=int, default=1600)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--single", action="store_true", help="one label per row")
    parser.add_argument("--act", choices=[act.name for act in ACTS], help="the rows of this run of `rankfirst demo`")
    arguments = parser.parse_args(argv)
    rows, multi, mix = arguments.rows, not arguments.single, MESSY
    if arguments.act:
        act = next(act for act in ACTS if act.name == arguments.act)
        rows, multi, mix = act.rows, act.mix.several > 0, act.mix
    try:
        files = write_sample(arguments.out, arguments.lang, rows, arguments.seed, multi, mix)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    sys.stdout.write(f"synthetic sample ({arguments.lang}, {rows} rows): {files.train.parent}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
