"""`python -m rankfirst.sample OUT`: write the synthetic sample into a folder."""

import argparse
import sys
from pathlib import Path

from rankfirst.messages import LANGS
from rankfirst.sample import write_sample


def main(argv: list[str] | None = None) -> int:
    """Parse the arguments, write the files, and print their folder."""
    parser = argparse.ArgumentParser(prog="python -m rankfirst.sample", description="Write SYNTHETIC intent data.")
    parser.add_argument("out", type=Path, help="folder for train.csv, val.csv, test.csv, planted.json, README.txt")
    parser.add_argument("--lang", choices=LANGS, default="en")
    parser.add_argument("--rows", type=int, default=1600)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--single", action="store_true", help="one label per row")
    arguments = parser.parse_args(argv)
    try:
        files = write_sample(arguments.out, arguments.lang, arguments.rows, arguments.seed, multi=not arguments.single)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    sys.stdout.write(f"synthetic sample ({arguments.lang}, {arguments.rows} rows): {files.train.parent}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
