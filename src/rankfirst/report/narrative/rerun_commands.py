"""Commands that would measure what a run did not: the run's own with other options and another folder."""

import shlex

from rankfirst.report.narrative.ledger import Ledger
from rankfirst.report.phrases import clean


def again(ledger: Ledger, options: str, suffix: str) -> str:
    """The run's own command with these options replaced, into another folder."""
    said = _command(ledger)
    if not said or "-o" not in said[:-1]:
        return f"rankfirst fit TRAIN -o OTHER {options}"
    said = _without(said, shlex.split(options))
    at = said.index("-o") + 1
    said[at] = f"{said[at]}-{suffix}"
    return f"{shlex.join(said)} {options}"


def _command(ledger: Ledger) -> list[str]:
    """The words of the run's own command; none if it cannot be split."""
    try:
        return shlex.split(clean(ledger.run[1].get("command") or ""))
    except ValueError:
        return []


def _without(said: list[str], new: list[str]) -> list[str]:
    """A command line without what a new option with a value replaces; of --set, the same knob only."""
    if len(new) < 2:
        return [word for word in said if word != new[0]]
    kept: list[str] = []
    words = iter(said)
    for word in words:
        if word == new[0]:
            value = next(words, "")
            if word != "--set" or value.partition("=")[0] == new[1].partition("=")[0]:
                continue
            kept += [word, value]
        else:
            kept.append(word)
    return kept


def train_file(ledger: Ledger) -> str:
    """The training file of the run's command, or a stand-in."""
    said = _command(ledger)
    return shlex.quote(said[2]) if len(said) > 2 and not said[2].startswith("-") else "TRAIN"
