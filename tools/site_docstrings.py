"""Docstrings as the site shows them: one line may describe several parameters, a list needs one each.

Where the parameters are the fields of a record (rankfirst.options.keywords), they are shown as `help` shows them.
"""

import inspect
import re
from pydoc import locate
from typing import Any

import griffe


class OneEach(griffe.Extension):
    """`a: x. b, c: y` becomes an item for a, for b and for c, where these are parameters."""

    def on_function(self, *, func: griffe.Function, **kwargs: Any) -> None:
        """griffe calls it for every function it has read."""
        _complete(func)
        _rewrite(func, [p.name for p in func.parameters])

    def on_class_members(self, *, cls: griffe.Class, **kwargs: Any) -> None:
        """And for every class, once its methods are known."""
        if "__init__" in cls.members:
            _complete(cls.members["__init__"])
            _rewrite(cls, [p.name for p in cls.parameters])


def _complete(func: Any) -> None:
    """Give a function the parameters that it has once its decorator made them. Raises: ValueError without such one."""
    if any(re.match(r"(takes|keeps)\(", str(decorator.value)) for decorator in func.decorators):
        found = locate(func.path)
        if found is None:
            raise ValueError(f"{func.path} cannot be imported")
        func.parameters = griffe.Parameters(*map(_parameter, inspect.signature(found).parameters.values()))


def _parameter(told: inspect.Parameter) -> griffe.Parameter:
    hint = None if told.annotation is told.empty else inspect.formatannotation(told.annotation)
    shown = None if hint is None else re.sub(r"\b(?:\w+\.)+(?=\w)", "", hint)  # without modules
    kind = griffe.ParameterKind[told.kind.name.lower()]
    default = None if told.default is told.empty else repr(told.default)
    return griffe.Parameter(told.name, annotation=shown, kind=kind, default=default)


def _rewrite(node: Any, names: list[str]) -> None:
    if node.docstring is not None:
        told = one_each(node.docstring.value, "Args", names)
        node.docstring.value = one_each(told, "Attributes", re.findall(r"\b[a-z]+_(?=:)", told))


def one_each(docstring: str, section: str, names: list[str]) -> str:
    """The docstring with one of its sections split into an item for each of `names`; the rest stays."""
    head, mark, rest = docstring.partition(f"{section}:\n")
    indented = re.match(r"(?:[ ]{4,}\S.*\n?|\n(?=[ ]{4}))*", rest)
    if not mark or indented is None or not names:
        return docstring
    told = " ".join(indented.group().split())
    name = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    items = re.split(rf"(?:^|(?<=[.;]) )((?:{name})(?:, (?:{name}))*): ", told)
    if items[0]:  # does not begin with one of them: some other habit
        return docstring
    lines = []
    for known, text in zip(items[1::2], items[2::2], strict=True):
        lines += [f"    {each}: {text.rstrip(';')}" for each in known.split(", ")]
    # "Raises: X ..." right behind the section would be read as part of the last item.
    return head + mark + "\n".join(lines) + "\n\n" + rest[indented.end() :]
