"""Progress for Python users: in place in a notebook, a bar on a terminal if wanted, silent elsewhere."""

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import rankfirst
from rankfirst.engine.base import Pulse
from rankfirst.messages import Lang
from rankfirst.progress.notebook import EVERY, Progress, Snapshot, both, follow, in_notebook
from rankfirst.records import ATTENTION_QV, Recipe, Sites, to_json

RECIPE = Recipe(rank=8, sites=Sites(ATTENTION_QV, 2), scaling=1.0, lr=4e-4, dropout=0.05)
ROWS = [(f"{word} number {i}", word) for word in ("card", "loan", "transfer") for i in range(20)]


class Kernel:
    """IPython as a kernel offers it: `display` returns a handle if a display_id is asked for, `update` replaces."""

    def __init__(self) -> None:
        self.displays: list[list[Snapshot]] = []

    def display(self, shown: Any, display_id: bool | None = None) -> Any:
        assert display_id is True
        outputs = [shown]
        self.displays.append(outputs)
        return SimpleNamespace(update=outputs.append)


def ipython(monkeypatch: pytest.MonkeyPatch, shell: object, kernel: Kernel | None = None) -> None:
    main, display = ModuleType("IPython"), ModuleType("IPython.display")
    vars(main)["get_ipython"] = lambda: shell
    vars(display)["display"] = kernel.display if kernel else None
    monkeypatch.setitem(sys.modules, "IPython", main)
    monkeypatch.setitem(sys.modules, "IPython.display", display)


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Kernel:
    made = Kernel()
    ipython(monkeypatch, SimpleNamespace(kernel=object()), made)
    return made


def event(kind: str, payload: Any, key: str = "") -> dict[str, Any]:
    return {"n": 1, "at": "", "seconds": 61.0, "kind": kind, "key": key, "payload": payload}


def test_a_notebook_is_a_kernel(monkeypatch: pytest.MonkeyPatch, kernel: Kernel) -> None:
    assert in_notebook()
    ipython(monkeypatch, SimpleNamespace())  # IPython on a terminal
    assert not in_notebook()
    ipython(monkeypatch, None)  # imported by a script
    assert not in_notebook()
    monkeypatch.delitem(sys.modules, "IPython")
    assert not in_notebook()


@pytest.mark.parametrize(("lang", "words"), [("en", "Finished in "), ("zh", "已完成，用时 ")])
def test_an_assessment_shows_one_display_that_is_updated(kernel: Kernel, lang: Lang, words: str) -> None:
    rankfirst.assess(ROWS, encoder=False, lang=lang)
    (outputs,) = kernel.displays
    assert len(outputs) >= 2 and outputs[-1].line.startswith(words)
    assert "<script" not in outputs[0]._repr_html_() and words in outputs[-1]._repr_html_()


def test_nothing_is_shown_if_it_is_not_wanted(kernel: Kernel, capsys: pytest.CaptureFixture[str]) -> None:
    rankfirst.assess(ROWS, encoder=False, progress=False)
    assert not kernel.displays
    with follow(False, "en") as shown:
        assert shown is None
    assert capsys.readouterr() == ("", "")


def test_a_script_is_silent_and_a_terminal_shows_a_bar_on_request(capsys: pytest.CaptureFixture[str]) -> None:
    with follow(None, "en") as shown:
        assert shown is None
    with follow(True, "en") as shown:
        assert shown is not None
        shown.tick("features", 1, 4)
    assert capsys.readouterr().out == ""


def test_an_error_ends_the_display(kernel: Kernel) -> None:
    with pytest.raises(rankfirst.DataError):
        rankfirst.assess([("a", "b")], encoder=False)
    assert kernel.displays[0][-1].line.startswith("Stopped after ")
    with pytest.raises(KeyboardInterrupt), follow(None, "en") as shown:
        assert shown is not None
        shown.event(event("run", {"budget_seconds": None, "budget_work": 8.0}))
        raise KeyboardInterrupt
    assert "the same call continues" in kernel.displays[1][-1].line


def test_what_a_run_shows() -> None:
    at, shown = [0.0], list[Snapshot]()
    progress = Progress(shown.append, "en", now=lambda: at[0])
    progress.start()
    progress.event(event("rung", {"val": {"macro_f1": 0.48}}, "frozen"))
    progress.event(event("start", {"recipe": to_json(RECIPE)}))
    for step in range(1, 11):
        at[0] += EVERY / 2
        progress.tick("train 1/2", step, 10)
        progress.pulse(Pulse(RECIPE, step, val_macro_f1=0.5))
    assert len(shown) == 1 + 5  # not every tick
    last = shown[-1]
    assert last.stages[last.at] == "Capacity" and last.step == "probe 1, epoch 1 of 2" and last.share == 0.5
    html = last._repr_html_()
    assert "<b>Capacity</b>" in html and 'aria-valuenow="50"' in html and "probe 1, epoch 1 of 2 · 50%" in html
    assert "val F1 50.0%" in last.facts and len(html) < 2500
    progress.end("progress.done")
    assert shown[-1].line == "Finished in 2.5 s."


def test_a_text_of_the_run_never_becomes_markup() -> None:
    assert "<img" not in Snapshot("en", ("a",), 0, "<img src=x>", said="<img src=y>")._repr_html_()


def test_the_callers_own_callback_is_called_first() -> None:
    called: list[str] = []
    both(lambda: called.append("own"), lambda: called.append("shown"))()
    both(None, lambda: called.append("shown"))()
    assert called == ["own", "shown", "shown"]
