"""Write rows in the formats that annotation tools import: Argilla 2, Label Studio, doccano.

Checked against the sources and manuals of the tools: Argilla's `Record.from_dict`, Label Studio's JSON of tasks with
predictions, doccano's JSON and JSON Lines with `text` and a list `label`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import quoteattr

from rankfirst.errors import OptionError
from rankfirst.measure.disk import write_whole

AGENT: Final = "rankfirst"  # who suggests the labels
QUESTION, TEXT = "label", "text"  # names of the question (Label Studio: control) and of the text in all three tools
TOOLS: Final[Mapping[str, tuple[str, ...]]] = {
    "argilla": (".json",),
    "label-studio": (".json",),
    "doccano": (".jsonl", ".json"),
}


@dataclass(frozen=True)
class Task:
    """A row for an annotator."""

    text: str
    suggested: tuple[str, ...] = ()  # shown as a suggestion, where the tool has them
    given: tuple[str, ...] = ()  # labels that the row has
    score: float | None = None  # confidence of the suggestion
    about: Mapping[str, object] = field(default_factory=dict)  # other columns, to be shown beside the text


def tool_named(to: str | None) -> str | None:
    """The tool of that name, however it is spelled. Raises: OptionError for an unknown one."""
    if to is not None and _folded(to) not in TOOLS:
        raise OptionError("option.bad_choice", flag="--to", value=to, known=", ".join(TOOLS))
    return None if to is None else _folded(to)


def tool_for(out: Path, to: str | None) -> str | None:
    """The tool that `to` names, or that the file's name ends in (`next.argilla.json`); None: a plain table.

    Raises: OptionError for an unknown tool, or a suffix that it does not import.
    """
    ends = [_folded(suffix[1:]) for suffix in out.suffixes[-2:-1]]
    tool = tool_named(to) or next((end for end in ends if end in TOOLS), None)
    if tool is not None and out.suffix.lower() not in TOOLS[tool]:
        raise OptionError("label.tool_suffix", path=str(out), tool=tool, known=", ".join(TOOLS[tool]))
    return tool


def named_for(stem: str, tool: str) -> str:
    """A file name that says which tool imports it: `next.argilla.json`."""
    return f"{stem}.{tool}{TOOLS[tool][0]}"


def _folded(name: str) -> str:
    return name.strip().lower().replace("_", "-").replace(" ", "-").replace("labelstudio", "label-studio")


def write_tasks(tool: str, tasks: Sequence[Task], multi_label: bool, out: Path) -> None:
    """Write the rows atomically in the format that `tool` imports. Raises: OSError."""
    if tool == "doccano":
        rows = [_doccano(task) for task in tasks]
    elif tool == "argilla":
        rows = [_argilla(task, n, multi_label) for n, task in enumerate(tasks, 1)]
    else:
        rows = [_label_studio(task) for task in tasks]
    if out.suffix.lower() == ".jsonl":
        write_whole(out, "".join(_json(row) + "\n" for row in rows))
    else:
        write_whole(out, "[\n" + ",\n".join(map(_json, rows)) + "\n]\n")


def labelling_config(classes: Sequence[str], multi_label: bool) -> str:
    """The labelling interface of a Label Studio project into which these tasks are imported."""
    choices = "".join(f"    <Choice value={quoteattr(name)}/>\n" for name in classes)
    kind = "multiple" if multi_label else "single"
    text = f'  <Text name="{TEXT}" value="${TEXT}"/>\n'
    control = f'  <Choices name="{QUESTION}" toName="{TEXT}" choice="{kind}">\n{choices}  </Choices>\n'
    return f"<View>\n{text}{control}</View>\n"


def _label_studio(task: Task) -> dict[str, Any]:
    row: dict[str, Any] = {"data": {**_beside(task), TEXT: task.text}}
    if task.suggested:
        result = {"from_name": QUESTION, "to_name": TEXT, "type": "choices", "value": {"choices": list(task.suggested)}}
        prediction = {"model_version": AGENT, "result": [result]}
        row["predictions"] = [prediction if task.score is None else {**prediction, "score": round(task.score, 6)}]
    return row


def _argilla(task: Task, number: int, multi_label: bool) -> dict[str, Any]:
    suggestions: dict[str, Any] = {}
    if task.suggested:
        value = list(task.suggested) if multi_label else task.suggested[0]
        score = None if task.score is None or multi_label else round(task.score, 6)
        suggestions[QUESTION] = {"value": value, "score": score, "agent": AGENT}
    return {"id": str(task.about.get("line") or number), "fields": {TEXT: task.text}, "metadata": _beside(task),
            "suggestions": suggestions, "responses": {}, "vectors": {}}  # fmt: skip


def _doccano(task: Task) -> dict[str, Any]:
    # doccano has no suggestions: labels that it imports count as annotated.
    return {TEXT: task.text, QUESTION: list(task.given), **_beside(task)}


def _beside(task: Task) -> dict[str, object]:
    """The other columns; a column that would hide the text or the label is left out."""
    kept = {name: cell for name, cell in task.about.items() if name not in (TEXT, QUESTION) and cell not in (None, "")}
    return {name: cell if isinstance(cell, str | int | float) else str(cell) for name, cell in kept.items()}


def _json(row: Mapping[str, Any]) -> str:
    return json.dumps(row)  # ASCII: Argilla opens it in the locale's encoding, and doccano guesses one
