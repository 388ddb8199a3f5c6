"""Docstrings as the site shows them: one line may describe several parameters, a list needs one each."""

import re
from typing import Any

import griffe


class OneEach(griffe.Extension):
    """`a: x. b, c: y` becomes an item for a, for b and for c, where these are parameters."""

    def on_function(self, *, func: griffe.Function, **kwargs: Any) -> None:
        """griffe calls it for every function it has read."""
        _rewrite(func, [p.name for p in func.parameters])

    def on_class_members(self, *, cls: griffe.Class, **kwargs: Any) -> None:
        """And for every class, once its methods are known."""
        if "__init__" in cls.members:
            _rewrite(cls, [p.name for p in cls.parameters])


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
