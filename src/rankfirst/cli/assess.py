"""`rankfirst assess`: what the data allow."""

import json

import typer

from rankfirst.cli.options import Json, Label, Speak, Test, Text, Train, Val, language


def assess(train: Train, val: Val = None, test: Test = None, text: Text = None, label: Label = None,
           lang: Speak = None, as_json: Json = False) -> None:  # fmt: skip
    from rankfirst import api
    from rankfirst.records import to_json
    from rankfirst.report import tell

    payload = to_json(api.assess(train, val=val, test=test, text=text, label=label))
    lines = [json.dumps(payload, ensure_ascii=False)] if as_json else tell("profile", "", payload, language(lang))
    typer.echo("\n".join(lines))
