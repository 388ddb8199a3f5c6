"""Functions and classes whose keywords are the fields of a dataclass, so that no option is spelled twice."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

P = ParamSpec("P")
C = TypeVar("C")
R = TypeVar("R")


def takes(made: Callable[P, C]) -> Callable[[Callable[[C], R]], Callable[P, R]]:
    """Turn a function of one dataclass into a function of its fields; type checkers and `help` see each field."""

    def wrap(function: Callable[[C], R]) -> Callable[P, R]:
        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            return function(made(*args, **kwargs))

        shown = inspect.signature(made)
        call.__annotations__ = {name: each.annotation for name, each in shown.parameters.items()}
        call.__annotations__["return"] = function.__annotations__["return"]
        vars(call)["__signature__"] = shown.replace(return_annotation=call.__annotations__["return"])
        return call

    return wrap


def keeps(made: Callable[P, object]) -> Callable[[Callable[[Any], None]], Callable[Concatenate[Any, P], None]]:
    """Make an `__init__` that stores each field of a dataclass as it is given, as scikit-learn requires."""

    def wrap(function: Callable[[Any], None]) -> Callable[Concatenate[Any, P], None]:
        def __init__(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> None:
            bound = shown.bind(*args, **kwargs)
            bound.apply_defaults()
            vars(self).update(bound.arguments)
            function(self)

        shown = inspect.signature(made)
        own = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
        vars(__init__)["__signature__"] = shown.replace(parameters=[own, *shown.parameters.values()])
        return __init__

    return wrap
