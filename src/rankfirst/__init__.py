"""rankfirst: fine-tune text classifiers with LoRA by measurement.

The public names, each loaded at first use (PEP 562): importing rankfirst loads no torch, transformers, peft or sklearn.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from rankfirst.advice import advise
    from rankfirst.advice.callback import RankFirstCallback
    from rankfirst.api import assess, fit
    from rankfirst.errors import DataError, EngineError, ModelError, OptionError, RankfirstError, RunError
    from rankfirst.estimator import LoraClassifier  # type: ignore[import-not-found, unused-ignore]
    from rankfirst.execution import Result
    from rankfirst.lifecycle.continue_training import continue_run
    from rankfirst.lifecycle.label_next import label_next
    from rankfirst.lifecycle.promise import promise
    from rankfirst.model.classifier import Classifier, load
    from rankfirst.run.assessment import Assessed

    __version__: str

__all__ = [
    "Assessed",
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
    "label_next",
    "load",
    "promise",
]

_HOMES: Final = {
    "Assessed": "rankfirst.run.assessment",
    "Classifier": "rankfirst.model.classifier",
    "DataError": "rankfirst.errors",
    "EngineError": "rankfirst.errors",
    "LoraClassifier": "rankfirst.estimator",
    "ModelError": "rankfirst.errors",
    "OptionError": "rankfirst.errors",
    "RankFirstCallback": "rankfirst.advice.callback",
    "RankfirstError": "rankfirst.errors",
    "Result": "rankfirst.execution",
    "RunError": "rankfirst.errors",
    "advise": "rankfirst.advice",
    "assess": "rankfirst.api",
    "continue_run": "rankfirst.lifecycle.continue_training",
    "fit": "rankfirst.api",
    "label_next": "rankfirst.lifecycle.label_next",
    "load": "rankfirst.model.classifier",
    "promise": "rankfirst.lifecycle.promise",
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
