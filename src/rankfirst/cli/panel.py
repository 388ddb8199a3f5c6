"""Render a `View` of a run as lines of at most `width` cells; pure, independent of the terminal."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from rankfirst.cli.glyphs import Glyphs, bar, sparkline
from rankfirst.messages import Lang, say
from rankfirst.progress.run_state import View
from rankfirst.progress.words import left_words, stage_name, step_words
from rankfirst.records import Sites
from rankfirst.report.phrases import duration, knob_values, knob_words, percent, points, recipe_words, same

GAP: Final = "   "
BARS, SPARKS = (40, 24, 16, 8), (60, 40, 28, 18, 10)  # widths in cells, the widest first


@dataclass(frozen=True)
class Segment:
    """A piece of a row: `forms` from the longest to the shortest. A higher `drop` is shortened and dropped first."""

    forms: tuple[str, ...]
    drop: int = 0  # 0: never dropped
    style: str = ""


def draw(view: View, width: int, height: int, lang: Lang, glyphs: Glyphs) -> list[Text]:
    """The panel; on a terminal with few lines only its most important rows."""
    rows = [
        ("", _stages(view, lang, glyphs)),
        ("now", _now(view, lang, glyphs)),
        ("recipe", _recipe(view, lang, glyphs)),
        ("loss", _loss(view, lang, glyphs)),
        ("best", _best(view, lang)),
        ("spent", _spent(view, lang)),
    ]
    names = {name: say(f"live.{name}", lang) if name else "" for name, _ in rows}
    column = max(map(cell_len, names.values()))
    wanted = [name for name in ("", "now", "spent", "loss", "best", "recipe")][: max(1, height // 2 - 1)]
    lines = [Text(glyphs.rule * width, style="dim")]
    for name, segments in rows:
        if name not in wanted or not segments:
            continue
        label = names[name] + " " * (column - cell_len(names[name]))
        head = [Segment((label,), style="dim")] if name else []
        lines.append(row([*head, *segments], width, glyphs))
    return lines


def row(segments: Sequence[Segment], width: int, glyphs: Glyphs) -> Text:
    """The segments side by side, shortened and dropped until they fit into `width` cells."""
    taken = [0] * len(segments)
    texts = [[glyphs.words(form) for form in segment.forms] for segment in segments]
    order = sorted(range(len(segments)), key=lambda i: -segments[i].drop)
    shown = set(range(len(segments)))

    def needed() -> int:
        return sum(cell_len(texts[i][taken[i]]) for i in shown) + len(GAP) * (len(shown) - 1)

    for i in order:
        while needed() > width and taken[i] + 1 < len(texts[i]):
            taken[i] += 1
    for i in order:
        if needed() > width and segments[i].drop:
            shown.discard(i)
    line = Text(GAP).join(Text(texts[i][taken[i]], style=segments[i].style) for i in sorted(shown))
    if line.cell_len > width:
        line.truncate(width - cell_len(glyphs.more), overflow="crop")
        line.append(glyphs.more)
    return line


def _stages(view: View, lang: Lang, glyphs: Glyphs) -> list[Segment]:
    at, names = view.stages.index(view.stage), [stage_name(stage, lang) for stage in view.stages]
    track = [f"[{name}]" if i == at else name for i, name in enumerate(names)]
    short = say("live.stage", lang, name=names[at], at=at + 1, of=len(view.stages))
    return [Segment((f" {glyphs.then} ".join(track), glyphs.then.join(track), short), style="bold")]


def _now(view: View, lang: Lang, glyphs: Glyphs) -> list[Segment]:
    if not view.what:
        return [Segment((say(f"live.idle.{view.stage}", lang),))]
    name = Segment(step_words(view.what, view, lang))
    if view.total <= 1:  # a step without a count
        return [name]
    left = "" if view.step_left is None else left_words((view.step_left, view.step_left), lang)
    return [
        name,
        Segment(tuple(bar(view.share, n, glyphs) for n in BARS), drop=2, style="cyan"),
        Segment((f"{view.share:4.0%}",), drop=1),
        *([Segment((left,), drop=3)] if left else []),
    ]


def _recipe(view: View, lang: Lang, glyphs: Glyphs) -> list[Segment]:
    if view.recipe is None:
        return []
    values = knob_values(view.recipe) | {"sites": same(_sites(view.recipe.sites))}
    short = [knob_words(name, value)[lang] for name, value in values.items()]
    main = [knob_words(name, values[name])[lang] for name in ("rank", "sites", "scaling", "lr", "dropout")]
    return [Segment((recipe_words(view.recipe)[lang], *(" · ".join(some) for some in (short, main, main[:-1]))))]


def _sites(sites: Sites) -> str:
    """q/v+FFN@4, or q/v@all, q/v+FFN@4."""
    return str(sites).replace(" everywhere", "@all").replace(", top ", "@").replace(" top ", "@")


def _loss(view: View, lang: Lang, glyphs: Glyphs) -> list[Segment]:
    segments = []
    if view.losses:
        segments = [
            Segment(tuple(sparkline(view.losses, n, glyphs) for n in SPARKS), drop=2, style="cyan"),
            Segment((f"{view.losses[0]:.3f} → {view.losses[-1]:.3f}", f"{view.losses[-1]:.3f}"), drop=1),
        ]
    if view.f1 is not None:
        segments.append(Segment(_scored("live.f1", view.f1, view.frozen, lang)))
    return segments


def _best(view: View, lang: Lang) -> list[Segment]:
    if view.best is None:
        if view.frozen is None:
            return []
        return [Segment((say("live.to_beat", lang, score=percent(view.frozen)),))]
    used = say("live.probes", lang, n=view.probes)
    return [Segment(_scored("live.best_f1", view.best, view.frozen, lang)), Segment((used,), drop=1)]


def _scored(code: str, score: float, frozen: float | None, lang: Lang) -> tuple[str, ...]:
    """A score with its difference to the frozen rung, in a long and a short form."""
    if frozen is None:
        return (say(code, lang, score=percent(score)),)
    gain = score - frozen
    long = say("live.against", lang, score=percent(score), points=points(gain)[lang])
    forms = (long, f"{percent(score)} ({100 * gain:+.1f})")
    return tuple(say(code, lang, score=form) for form in forms)


def _spent(view: View, lang: Lang) -> list[Segment]:
    if not view.elapsed:
        return []
    whole = int(view.elapsed)  # `duration` shows tenths below ten seconds
    time = duration(whole)[lang] if whole >= 10 else say("live.time.s", lang, n=whole)
    if view.limit is not None:
        time = say("live.of", lang, used=time, limit=duration(view.limit)[lang])
    segments = [Segment((time,))]
    if view.work:
        work = f"{view.work:.1f}"
        if view.work_limit is not None:
            work = say("live.of", lang, used=work, limit=f"{view.work_limit:g}")
        segments.append(Segment((say("live.work", lang, work=work), f"{work} TFLOP"), drop=2))
    left = left_words(view.left, lang)
    return [*segments, Segment((left,), drop=1, style="bold")] if left else segments
