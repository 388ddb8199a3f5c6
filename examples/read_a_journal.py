"""Print what a run decided, from its journal, with the standard library alone: `python examples/read_a_journal.py RUN`.

docs/journal.md describes every event. For the same in sentences: `rankfirst explain RUN`.
"""

import json
import sys
from pathlib import Path
from typing import Any


def events(run: Path) -> list[dict[str, Any]]:
    """The events of a run, oldest first; a last line that a kill cut short is no event yet."""
    lines = (run / "journal.jsonl").read_text(encoding="utf-8", errors="replace").split("\n")
    return [json.loads(line) for line in lines[:-1]]


def told(decision: dict[str, Any]) -> str:
    """A decision in one line: where, which rule, what next, on which findings."""
    present = [rule for rule, finding in decision["findings"] if finding["verdict"] == "present"]
    unknown = [rule for rule, finding in decision["findings"] if finding["verdict"] == "unknown"]
    line = f"{decision['stage']:<9} {decision['rule_id']:<15} {decision['move']['is']:<10}"
    line += f" {decision['numbers'].get('knobs', '')}".rstrip()
    line += f"  | present: {', '.join(present)}"
    return line + (f" | cannot tell: {', '.join(unknown)}" if unknown else "")


def main(run: Path) -> None:
    found = events(run)
    for event in found:
        if event["kind"] == "decision":
            print(told(event["payload"]))
            for code in event["payload"]["refused"]:
                print(f"{'':<9} left alone: {code}")
        elif event["kind"] == "verdict":
            print(f"verdict: {event['payload']['ship']} ({event['payload']['code']})")
    if not any(event["kind"] == "result" for event in found):
        print("(not finished: repeat the same `rankfirst fit` command)")


if __name__ == "__main__":
    if len(sys.argv) != 2 or not (Path(sys.argv[1]) / "journal.jsonl").is_file():
        sys.exit("usage: python examples/read_a_journal.py RUN (a folder that `rankfirst fit -o RUN` wrote)")
    main(Path(sys.argv[1]))
