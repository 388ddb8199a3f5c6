"""Progress in words: the stage, the step, and the time that is left."""

import math

from rankfirst.messages import Lang, say, sentences
from rankfirst.progress.run_state import View
from rankfirst.report.phrases import known


def stage_name(stage: str, lang: Lang) -> str:
    """The name of a stage of `View.stages`."""
    return known("stage", stage)[lang] if f"report.stage.{stage}" in sentences() else say(f"live.{stage}", lang)


def step_words(what: str, view: View, lang: Lang) -> tuple[str, ...]:
    """A step in long and short words: "train 1/2" -> "probe 3, epoch 1 of 2"; unknown words stay."""
    name, _, epoch = what.partition(" ")
    at, _, of = epoch.partition("/")
    if name == "train" and at.isdecimal() and of.isdecimal():
        kind = {"final": "final", "lora": "lora_epoch"}.get(view.stage, "probe")
        return tuple(say(f"live.{kind}{form}", lang, n=view.probes + 1, at=at, of=of) for form in ("", "_short"))
    table = sentences()
    return (" ".join(say(f"cli.step.{w}", lang) if f"cli.step.{w}" in table else w for w in what.split()),)


def left_words(left: tuple[float, float] | None, lang: Lang) -> str:
    """A span of seconds as "about 1-4 min left"; "" if there is no estimate."""
    if left is None:
        return ""
    low, high = (_rounded(seconds) for seconds in left)
    if not left[0]:
        return say("live.most", lang, time=say(f"live.time.{high[1]}", lang, n=high[0]))
    if low == high:
        return say("live.left", lang, time=say(f"live.time.{high[1]}", lang, n=high[0]))
    if low[1] == high[1]:
        return say("live.left", lang, time=say(f"live.time.{high[1]}", lang, n=f"{low[0]}–{high[0]}"))
    first, last = (say(f"live.time.{unit}", lang, n=n) for n, unit in (low, high))
    return say("live.left", lang, time=say("live.time.span", lang, first=first, last=last))


def _rounded(seconds: float) -> tuple[str, str]:
    """A number and its unit, rounded to the precision of an estimate."""
    if seconds < 55:
        return str(max(5, 5 * math.ceil(seconds / 5))), "s"
    minutes = seconds / 60
    if minutes < 9.5:
        return str(max(1, round(minutes))), "min"
    if minutes < 57.5:
        return str(5 * round(minutes / 5)), "min"
    return f"{round(2 * minutes / 60) / 2:g}", "h"
