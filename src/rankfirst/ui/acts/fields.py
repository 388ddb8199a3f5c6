"""The everyday options of a form as words of a command line."""

import re
from collections.abc import Mapping
from typing import Final

from rankfirst.errors import OptionError
from rankfirst.options.field import Options, options_of

# Of `FitOptions`, in the order of the form.
NAMES: Final = ("text", "label", "budget", "prefer", "base_model", "drop_suspects", "val", "test")
FILES: Final = ("val", "test")  # of these: files that a scan finds
# A name of a model, never a path: a page that others may open must not read any folder of this machine.
_BASE: Final = re.compile(r"(?:(?:auto|pkg|ms):)?\w[\w.-]*(?:/\w[\w.-]*)?(?:,\w[\w.-]*(?:/\w[\w.-]*)?)*")


def words(given: Mapping[str, str], kind: type[Options]) -> tuple[str, ...]:
    """The flags of the options that differ from their defaults, each with its value in one word.

    Args: given: name -> text; others than `NAMES` and options that `kind` lacks are passed over.
    Raises: OptionError for a value that cannot be used.
    """
    known = {name: one for name, one in options_of(kind).items() if name in NAMES}
    values = {name: given[name].strip() for name in known if given.get(name, "").strip()}
    base = values.get("base_model", "")
    if base and not _BASE.fullmatch(base):
        raise OptionError("ui.base_path", text=base)
    typed = {name: True if known[name].kind is bool else value for name, value in values.items()}
    chosen = kind(**typed).chosen()
    return tuple(known[n].flag if value is True else f"{known[n].flag}={value}" for n, value in chosen.items())
