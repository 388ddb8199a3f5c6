"""Shared by the commands: the language of the output, and common flags."""

import inspect
import locale
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final, get_args

import typer

from rankfirst.errors import OptionError
from rankfirst.messages import LANGS, Lang, say
from rankfirst.options.field import OneOf, Option, Panel, options_of
from rankfirst.options.fit_options import RowOptions

MANY: Final = 14  # a command with more flags groups them in panels, and shows those in panels by --help-all only
Command = Callable[..., None]


def language(lang: str | None) -> Lang:
    """The language by flag, RANKFIRST_LANG or locale, in this order. Raises: OptionError for another one."""
    if lang is not None and lang not in LANGS:
        raise OptionError("option.bad_lang", text=lang)
    variable = os.environ.get("RANKFIRST_LANG", "")
    spoken = lang or (variable if variable in LANGS else _of_the_locale())
    return "zh" if spoken == "zh" else "en"


def _of_the_locale() -> str:
    """By the first variable that names a locale, even one that is not installed here; without any, by the system."""
    named = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    if named in ("", "C", "POSIX") or named.startswith("C."):
        named = locale.getlocale()[0] or ""
    return "zh" if named.lower().startswith(("zh", "chinese")) else "en"


def asked_language() -> Lang:
    """The language of this command line, even before its flags are parsed or if parsing fails."""
    words = sys.argv
    separate = words[words.index("--lang") + 1 :][:1] if "--lang" in words else []
    joined = [word.removeprefix("--lang=") for word in words if word.startswith("--lang=")]
    values = (separate + joined)[:1]
    return language(values[0] if values and values[0] in LANGS else None)


def described(code: str) -> str:
    """The help of a command or flag, in the language of this command line."""
    return say(f"cli.{code}", asked_language())


def flag(name: str, *spelled: str, panel: str = "") -> Any:
    """A flag with its help, in a panel of `--help`."""
    return typer.Option(*spelled, help=described(f"help.{name}"), rich_help_panel=_title(panel))


def _title(panel: str) -> str | None:
    """The title of a panel; None: the general panel."""
    return say(f"help.group.{panel}", asked_language()) if panel else None


def takes_options(kind: type, only: Callable[[Option], bool] = lambda one: True) -> Callable[[Command], Command]:
    """Add a flag for each option of a dataclass; the first parameter of the command receives name -> value."""
    flags = {name: one for name, one in options_of(kind).items() if only(one)}

    def wrap(command: Command) -> Command:
        _, *own = inspect.signature(command).parameters.values()
        grouped = len(flags) + len(own) > MANY
        inorder = sorted(flags.values(), key=lambda one: get_args(Panel).index(one.panel))
        shown = [*own, *(_parameter(one, grouped) for one in inorder), *([_HELP_ALL] if grouped else [])]

        def called(**values: Any) -> None:
            values.pop(_HELP_ALL.name, None)
            options = {name: values.pop(name) for name in flags}
            command({n: flags[n].default if value is None else value for n, value in options.items()}, **values)

        called.__name__, called.__doc__ = command.__name__, command.__doc__
        called.__annotations__ = {each.name: each.annotation for each in shown}
        vars(called)["__signature__"] = inspect.Signature(shown)
        return called

    return wrap


def _parameter(one: Option, grouped: bool) -> inspect.Parameter:
    """The flag for typer. Numbers are parsed here, because typer reports bad ones in an English box."""
    number = one.kind in (int, float)
    setting = typer.Option(
        one.flag,
        help=described(f"help.{one.help}"),
        parser=one.read if number else None,
        metavar=f"<{one.check}>" if number or isinstance(one.check, OneOf) else None,
        rich_help_panel=_title(one.panel) if grouped and not one.everyday else None,
    )
    hint: Any = list[str] if one.kind is list else one.kind
    default = None if one.kind is list else one.default
    return inspect.Parameter(one.name, inspect.Parameter.KEYWORD_ONLY, default=default,
                             annotation=Annotated[hint | None if default is None else hint, setting])  # fmt: skip


def _show_all(ctx: typer.Context, wanted: bool) -> None:
    if wanted:
        vars(ctx.command)["everything"] = True  # see `help_pages.Command`
        typer.echo(ctx.get_help())
        raise typer.Exit


_HELP_ALL: Final = inspect.Parameter(
    "help_all",
    inspect.Parameter.KEYWORD_ONLY,
    default=False,
    annotation=Annotated[
        bool, typer.Option("--help-all", help=described("help.help_all"), is_eager=True, callback=_show_all)
    ],
)
Train = Annotated[Path, typer.Argument(help=described("help.train"), show_default=False)]
Signed = Annotated[Path | None, flag("require_signature", "--require-signature")]
Run = Annotated[Path, typer.Argument(help=described("help.run"), show_default=False)]
Out = Annotated[Path, flag("out", "-o", "--out")]
Text = Annotated[str | None, flag("text")]
Label = Annotated[str | None, flag("label")]
Encoding = Annotated[str | None, flag("encoding")]
Seed = _parameter(options_of(RowOptions)["seed"], False).annotation
Speak = Annotated[str | None, flag("lang", "--lang")]
Json = Annotated[bool, flag("json", "--json")]
Quiet = Annotated[bool, flag("quiet", "-q", "--quiet")]
Verbose = Annotated[bool, flag("verbose", "-v", "--verbose")]
Stream = Annotated[bool, flag("stream", "--json")]
Overwrite = Annotated[bool, flag("overwrite", "--overwrite")]
