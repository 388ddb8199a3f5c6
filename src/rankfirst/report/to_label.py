"""Lines for the terminal: which rows were chosen to be labelled, and what that may gain."""

from collections import Counter
from typing import Final

from rankfirst.messages import Lang
from rankfirst.records import Gain, ToLabel
from rankfirst.report.assessment_lines import Line
from rankfirst.report.phrases import Both, both, clean, same
from rankfirst.report.text_layout import wrapped

_WIDEST: Final = 110
_GROUPS: Final = 5  # new groups that are named
_REASONS: Final = ("new_group", "abstains", "between", "whether", "unsure")
_LEFT_OUT: Final = ("labelled", "trained", "repeated", "empty")


def label_summary(found: ToLabel, lang: Lang, width: int = 80) -> list[Line]:
    """How many rows were chosen and why, the new groups, what was left out, and the expected gain."""
    prose = min(width, _WIDEST)
    counted = Counter(row.why.rpartition(".")[2] for row in found.rows)
    parts = [_words(f"line.{name}", rows=counted[name]) for name in _REASONS if counted[name]]
    chosen = _words("line.chosen", rows=len(found.rows), looked=found.looked, reasons=_listed(parts))
    made = [Line(text, "verdict") for text in wrapped(chosen[lang], prose)]
    for group in found.groups[:_GROUPS]:
        line = _words("line.group", name=clean(group.name), rows=group.rows, chosen=group.chosen, nearest=group.nearest)
        made += [Line(text, "plain") for text in wrapped(line[lang], prose, "  ", "    ")]
    if len(found.groups) > _GROUPS:
        made.append(Line("  " + _words("line.more_groups", groups=len(found.groups) - _GROUPS)[lang], "plain"))
    out = [_words(f"line.{name}", rows=found.left_out[name]) for name in _LEFT_OUT if found.left_out.get(name)]
    if out:
        made += [Line(text, "quiet") for text in wrapped(_words("line.left_out", parts=_listed(out))[lang], prose)]
    return [*made, *(Line(text, "plain") for text in wrapped(gain_words(found)[lang], prose))]


def gain_words(found: ToLabel) -> Both:
    """The expected gain with its interval; that it cannot be estimated; or why there is none."""
    if found.gain is None:
        return both(found.why_no_gain or "label.no_gain.rows", {"run": found.run})
    gain = found.gain
    numbers = {"rows": len(found.rows), "points": gain.points, "low": gain.low, "high": gain.high,
               "model": _words(f"model.{gain.model}"), "curve": _curve(gain), "trained": gain.train_rows}  # fmt: skip
    return _words("gain.likely" if gain.low > 0 else "gain.less" if gain.high < 0 else "gain.unsure", **numbers)


def _curve(gain: Gain) -> Both:
    return _listed([_words("gain.point", rows=rows, f1=f1) for rows, f1 in gain.curve])


def _listed(parts: list[Both]) -> Both:
    return Both(", ".join(each.en for each in parts), "，".join(each.zh for each in parts)) if parts else same("-")


def _words(code: str, **numbers: object) -> Both:
    return both(f"label.{code}", numbers)
