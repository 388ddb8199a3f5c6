"""`rankfirst sign`: sign a delivered model, so that others can require the signature."""

from pathlib import Path
from typing import Annotated

import typer

from rankfirst.cli.flags import Run, Speak, flag, language
from rankfirst.messages import say


def sign(run: Run, key: Annotated[Path, flag("sign_key", "--key")], lang: Speak = None) -> None:
    from rankfirst.errors import RunError, refusals
    from rankfirst.model import manifest, signature

    folder = run / "model"
    with refusals("manifest.gone"):
        verified = manifest.verify(folder, trusted=True)
        if not (folder / manifest.DECISION).is_file():
            raise RunError("run.unfinished" if (run / "journal.jsonl").is_file() else "run.missing", path=str(run))
        if not verified.digest:
            raise RunError("signature.no_manifest", path=str(folder), run=str(run))
        signature.sign(folder, verified.digest, key)
    typer.echo(say("cli.sign.done", language(lang), path=str(folder / signature.FILE), digest=verified.digest[:16]))
