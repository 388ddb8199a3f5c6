"""`rankfirst predict`: answers for a file of texts."""

import json
from pathlib import Path
from typing import Annotated

import typer

from rankfirst.cli.options import Run, Speak, Text, flag, language

CHUNK = 2048  # texts answered at a time, so that the first answers come early


def predict(run: Run, file: Annotated[Path, typer.Argument(help=flag("file").help, show_default=False)],
            text: Text = None, probabilities: Annotated[bool, flag("probabilities", "--probabilities")] = False,
            abstain: Annotated[bool, flag("abstain", "--abstain")] = False,
            backend: Annotated[str, flag("backend")] = "torch", lang: Speak = None) -> None:  # fmt: skip
    from rankfirst import data
    from rankfirst.classifier import load

    language(lang)
    model = load(run, backend)
    texts, _ = data.read_texts(file, text)
    for start in range(0, len(texts), CHUNK):
        part = texts[start : start + CHUNK]
        shares = model.predict_proba(part)
        for i, answer in enumerate(model.answers(shares, abstain)):
            row = answer
            if probabilities:
                values = {name: round(float(p), 6) for name, p in zip(model.classes, shares[i], strict=True)}
                row = {"label": answer, "probabilities": values}
            typer.echo(json.dumps(row, ensure_ascii=False))
