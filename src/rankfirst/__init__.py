"""rankfirst: fine-tune text classifiers with LoRA by measurement.

The public names, each loaded at first use (PEP 562): importing rankfirst loads no torch, transformers, peft or sklearn.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from rankfirst.api import assess, fit
    from rankfirst.callback import RankFirstCallback
    from rankfirst.classifier import Classifier, load
    from rankfirst.errors import DataError, EngineError, ModelError, OptionError, RankfirstError, RunError
    from rankfirst.estimator import LoraClassifier  # type: ignore[import-not-found, unused-ignore]
    from rankfirst.execution import Result
    from rankfirst.log_advice import advise
    from rankfirst.renew import continue_run

    __version__: str

__all__ = [
    "Classifier",
    "DataError",
    "EngineError",
    "LoraClassifier",
    "ModelError",
    "OptionError",
    "RankFirstCallback",
    "RankfirstError",
    "Result",
    "RunError",
    "__version__",
    "advise",
    "assess",
    "continue_run",
    "fit",
    "load",
]

_HOMES: Final = {
    "Classifier": "rankfirst.classifier",
    "DataError": "rankfirst.errors",
    "EngineError": "rankfirst.errors",
    "LoraClassifier": "rankfirst.estimator",
    "ModelError": "rankfirst.errors",
    "OptionError": "rankfirst.errors",
    "RankFirstCallback": "rankfirst.callback",
    "RankfirstError": "rankfirst.errors",
    "Result": "rankfirst.execution",
    "RunError": "rankfirst.errors",
    "advise": "rankfirst.log_advice",
    "assess": "rankfirst.api",
    "continue_run": "rankfirst.renew",
    "fit": "rankfirst.api",
    "load": "rankfirst.classifier",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("rankfirst")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
