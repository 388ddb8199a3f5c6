"""Commands that would measure what a run did not: the run's own with other options and another folder."""

import shlex

from rankfirst.report.narrative.ledger import Ledger
from rankfirst.report.phrases import clean


def again(ledger: Ledger, options: str, suffix: str) -> str:
    """The run's own command with these options replaced, into another folder."""
    command = _command(ledger)
    if not command or "-o" not in command[:-1]:
        return f"rankfirst fit TRAIN -o OTHER {options}"
    command = _without(command, shlex.split(options))
    at = command.index("-o") + 1
    command[at] = f"{command[at]}-{suffix}"
    return f"{shlex.join(command)} {options}"


def _command(ledger: Ledger) -> list[str]:
    """The words of the run's own command; none if it cannot be split."""
    try:
        return shlex.split(clean(ledger.run[1].get("command") or ""))
    except ValueError:
        return []


def _without(command: list[str], new: list[str]) -> list[str]:
    """A command line without what a new option with a value replaces; of --set, the same knob only."""
    if len(new) < 2:
        return [word for word in command if word != new[0]]
    kept: list[str] = []
    words = iter(command)
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
    command = _command(ledger)
    return shlex.quote(command[2]) if len(command) > 2 and not command[2].startswith("-") else "TRAIN"
