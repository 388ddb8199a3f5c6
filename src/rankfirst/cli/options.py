"""What the commands share: their language, and the flags most of them have."""

import locale
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from rankfirst.errors import OptionError
from rankfirst.words import LANGS, Lang, say


def language(asked: str | None) -> Lang:
    """The language asked for, else RANKFIRST_LANG, else the locale's."""
    if asked is not None and asked not in LANGS:
        raise OptionError("option.bad_lang", text=asked)
    set_once = os.environ.get("RANKFIRST_LANG", "")
    spoken = asked or (set_once if set_once in LANGS else _of_the_locale())
    return "zh" if spoken == "zh" else "en"


def _of_the_locale() -> str:
    return "zh" if (locale.getlocale()[0] or "").lower().startswith(("zh", "chinese")) else "en"


def asked_language() -> Lang:
    """--lang of this command line, also when the command failed before it could use it."""
    words = sys.argv
    asked = words[words.index("--lang") + 1 :][:1] if "--lang" in words else []
    joined = [word.removeprefix("--lang=") for word in words if word.startswith("--lang=")]
    found = (asked + joined)[:1]
    return language(found[0] if found and found[0] in LANGS else None)


def described(code: str) -> str:
    """The help of a command or flag, in the language of this command line."""
    return say(f"cli.{code}", asked_language())


def flag(name: str, *spelled: str) -> Any:
    """A flag with its help."""
    return typer.Option(*spelled, help=described(f"help.{name}"))


def number(name: str) -> Any:
    """A number of `policy.held`, whose error is one line in both languages where typer's is a box in English."""

    def read(text: str) -> float:
        from rankfirst.policy import held

        return held.number(f"--{name.replace('_', '-')}", text)

    return _number(name, read)


def wish(name: str) -> Any:
    """A number of `policy.answering`, likewise."""

    def read(text: str) -> float:
        from rankfirst.policy import answering

        return answering.number(f"--{name.replace('_', '-')}", text)

    return _number(name, read)


def _number(name: str, read: Callable[[str], float]) -> Any:
    return typer.Option(help=described(f"help.{name}"), parser=read, metavar="NUMBER")


def bits() -> Any:
    """The bits of the base, likewise."""

    def read(text: str) -> int | None:
        from rankfirst import asked

        return asked.packed(text)

    return typer.Option(help=described("help.base_bits"), parser=read, metavar="4")


Train = Annotated[Path, typer.Argument(help=described("help.train"), show_default=False)]
Run = Annotated[Path, typer.Argument(help=described("help.run"), show_default=False)]
Out = Annotated[Path, flag("out", "-o", "--out")]
Val = Annotated[Path | None, flag("val")]
Test = Annotated[Path | None, flag("test")]
Text = Annotated[str | None, flag("text")]
Label = Annotated[str | None, flag("label")]
BaseModel = Annotated[str | None, flag("base_model")]
Seed = Annotated[int, typer.Option(min=0, help=described("help.seed"))]
Prefix = Annotated[str | None, flag("prefix")]
MaxTokens = Annotated[int, typer.Option(min=8, help=described("help.max_tokens"))]
BaseBits = Annotated[int | None, bits()]
Memory = Annotated[str | None, flag("memory")]
Engine = Annotated[str, flag("engine")]
Workers = Annotated[int | None, typer.Option(min=1, help=described("help.workers"))]
Threads = Annotated[int | None, typer.Option(min=1, help=described("help.threads"))]
Storage = Annotated[str | None, flag("storage")]
Gpus = Annotated[float, typer.Option(min=0, help=described("help.gpus"))]
Processes = Annotated[int | None, flag("processes")]
Shard = Annotated[bool, flag("shard", "--shard")]
Speak = Annotated[str | None, flag("lang", "--lang")]
Json = Annotated[bool, flag("json", "--json")]
Quiet = Annotated[bool, flag("quiet", "-q", "--quiet")]
Stream = Annotated[bool, flag("stream", "--json")]
