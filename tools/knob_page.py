"""The page "Which knob?" in English and Chinese: rules, values and locks of the policy, beside what was measured.

Rendered from the policy's tables, its sentences and result files, so that it cannot disagree with the code.
"""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from rankfirst.messages import LANGS, Lang, sentences
from rankfirst.policy import thresholds as t
from rankfirst.policy.rules import CAPACITY, GUARD, TABLES, Rule
from rankfirst.policy.search_space import MEASURED
from rankfirst.records import KNOBS, QV_FFN, Recipe, Sites, Stage
from rankfirst.records.meaning import Family
from rankfirst.report.phrases import knob_name, lr_words, phrase, sites_words

RESULTS: Final = Path(__file__).resolve().parent.parent / "benchmarks" / "results"
_NO_KNOB: Final = (Family.IMPROVING, Family.AMBIGUOUS, Family.DATA, Family.NO_CHANGE, Family.CAPACITY_SUFFICIENT)
_NUMBERS: Final = re.compile(r"\s*[(（][^()（）]*\{[^()（）]*[)）]")  # brackets that hold figures of a run
_WAYS: Final = {1: "↑", -1: "↓", 0: ""}

WORDS: Final[dict[str, tuple[str, str]]] = {
    "title": ("Which knob?", "该动哪个旋钮？"),
    "intro": (
        "rank and target modules are the capacity knobs: they decide whether the model can learn the "
        "task. lr, scaling and "
        "dropout are the optimisation knobs: they decide how well it is trained. So capacity is settled "
        "first, and only a "
        "model that can learn but learns badly is a case for lr or scaling. This is the rule of [the "
        "seed](seed.zh.txt); "
        "`rankfirst fit` follows the tables below, and `rankfirst explain RUN` says which row fired.",
        "rank 和 target modules 是容量旋钮，决定模型“能不能学到”；lr、缩放 a 和 dropout 是训练动力旋钮"
        "，决定“学得好不好”。"
        "所以先定容量；只有在“能学到但学得不好”时，才动 lr 或 a。这是[原始流程](seed.zh.txt)的总原则；"
        "`rankfirst fit` 按下面"
        "的表做决定，`rankfirst explain RUN` 会说明用到了哪一行。",
    ),
    "see": ("What you see", "现象"),
    "says": ("What it means", "结论"),
    "knob": ("Knob", "旋钮"),
    "leave": ("Leave alone", "不要动"),
    "right": ("Right on the atlas", "在对照表上判断正确"),
    "again": ("The rows of the capacity stage once more, and:", "容量阶段的各行再判断一遍，另有："),
    "precedence": (
        "From the top down: the first row whose evidence is there decides. Details and thresholds: [the "
        "rules](rules.md).",
        "从上往下，第一条证据成立的规则起作用。细节和阈值见[规则](rules.md)。",
    ),
    "atlas": (
        "The last column counts answers in which the rule had a part on eight data sets "
        "(benchmarks/results/atlas_rules.csv); what counts as right, and the limits of "
        "these figures: [decisions](decisions.md).",
        "最后一列统计在八个数据集上该规则参与的判断（benchmarks/results/atlas_rules.csv）；"
        "怎样算正确、这些数字有什么局限，见[决定的质量如何衡量](decisions.md)。",
    ),
    "values": ("Where each knob starts, and its values", "各旋钮的起点与取值"),
    "start": ("Start", "起点"),
    "ladder": ("Values", "取值"),
    "locked": ("Locked", "锁定"),
    "locked_in": ("in {stage}: {why}", "{stage}阶段：{why}"),
    "sites": (
        "q/v in the top block up to every linear layer of every block",
        "从顶层的 q/v 直到所有层的全部线性层",
    ),
    "band": (
        "{low} to {high} is the usual band; each step beyond one step past it needs an experiment",
        "常用范围 {low} ～ {high}；再往外超过一步，每一步都要有实验支持",
    ),
    "scaling": ("Scaling and lr, measured", "缩放 a 与 lr 的实测"),
    "scaled": (
        "Test macro-F1 / exact match of single trainings, r 16, q/v and FFN of the top four blocks, one seed "
        "(benchmarks/results/lr_scaling.csv).",
        "单次训练的测试集宏平均 F1 / 完全匹配率：r 16，顶部四层的 q/v 与 FFN，单个种子"
        "（benchmarks/results/lr_scaling.csv）。",
    ),
    "set": ("Set", "数据集"),
    "more": ("More of what was measured", "更多实测"),
    "findings": (
        "[Findings](findings.md) holds every measurement with its date, the negative ones included: the "
        "head that LoRA starts "
        "from, depth and rank where gains are too small to be seen, probes that must end as final training "
        "does. Not every "
        "row above was reached in these measurements; `–` says so.",
        "全部测量（含负面结果）及日期见[实验记录](findings.md)：LoRA 从什么样的分类头开始、增益小到看"
        "不出时的层数与 rank、试跑为什么要像"
        "最终训练一样衰减学习率。上表并非每一行都在这些测量中出现过，`–` 表示没有。",
    ),
}  # fmt: skip


def page(lang: Lang, finding_code: Callable[..., str]) -> str:
    """The page in one language, without the header of generated files. Args: finding_code: code of a symptom."""

    def say(code: str) -> str:
        return WORDS[code][LANGS.index(lang)]

    parts = [f"# {say('title')}", say("intro"), say("precedence")]
    before = {rule.id for rule in CAPACITY}
    for stage, rules in TABLES.items():
        rows = [
            _row(stage.value, rule, f"{finding_code(rule.symptom)}.present", lang)
            for rule in rules
            if _shown(rule) and not (stage is Stage.RECHECK and rule.id in before)
        ]
        head = tuple(say(code) for code in ("see", "says", "knob", "leave", "right"))
        parts += [
            f"## {phrase(f'stage.{stage.value}')[lang]}",
            *([say("again")] if stage is Stage.RECHECK else []),
            table(head, rows),
        ]
    parts += [
        say("atlas"),
        f"## {say('values')}",
        table(("", *map(say, ("start", "ladder", "locked"))), _values(lang, say)),
    ]
    return "\n\n".join([*parts, *_scaling(say), f"## {say('more')}", say("findings")]) + "\n"


def _shown(rule: Rule) -> bool:
    """Whether a rule is about a knob, or says that none is the answer; not numerics, memory or taking back."""
    meaning = rule.meaning
    return meaning.family is not Family.DIVERGENCE and (bool(meaning.knobs) or meaning.family in _NO_KNOB)


def _row(stage: str, rule: Rule, seen_code: str, lang: Lang) -> tuple[str, ...]:
    knobs = [
        f"{knob_name(knob)[lang]} {_WAYS[rule.meaning.way]}".rstrip() for knob in rule.meaning.knobs if rule.meaning.way
    ]
    why = [_plain(code, lang) for code in rule.left_alone.values()]
    return (
        _plain(seen_code, lang),
        _plain(f"conclusion.{rule.id}", lang),
        " / ".join(knobs) or "–",
        " ".join(why) or "–",
        _right(stage, rule.id),
    )


def _plain(code: str, lang: Lang) -> str:
    """A sentence of the policy without the figures of a run."""
    return _NUMBERS.sub("", sentences()[code][LANGS.index(lang)])


def _right(stage: str, rule: str) -> str:
    for row in _read("atlas_rules"):
        if (row["stage"], row["rule"]) == (stage, rule):
            return f"{row['right']} / {row['cases']}"
    return "–"


def _values(lang: Lang, say: Callable[[str], str]) -> Iterator[tuple[str, ...]]:
    space, layers = MEASURED, t.START_TOP_LAYERS
    start = sites_words(Sites(QV_FFN, layers[0]))[lang]
    band = say("band").format(low=lr_words(space.band[0]), high=lr_words(space.band[1]))
    told = {
        "rank": (str(space.start_rank), _list(space.ranks)),
        "sites": (start.replace(str(layers[0]), f"{layers[0]}–{layers[1]}"), say("sites")),
        "scaling": (f"{space.start_scaling:g}", _list(space.scalings)),
        "lr": (lr_words(space.start_lr), f"{', '.join(map(lr_words, space.lrs))}; {band}"),
        "dropout": (f"{space.start_dropout:g}", _list(t.DROPOUTS)),
    }  # fmt: skip
    for knob in KNOBS:
        locked = [say("locked_in").format(stage=phrase(f"stage.{stage.value}")[lang], why=_plain(code, lang))
                  for (stage, name), code in GUARD.items() if name == knob]  # fmt: skip
        yield (knob_name(knob)[lang], *told[knob], " ".join(locked) or "–")


def _list(values: Sequence[float]) -> str:
    return ", ".join(f"{value:g}" for value in values)


def _scaling(say: Callable[[str], str]) -> Iterator[str]:
    alike = Recipe(16, Sites(QV_FFN, 4), 1.0, t.START_LR, t.START_DROPOUT).key.partition("-a")[0]
    rows = [row for row in _read("lr_scaling") if row["recipe"].startswith(f"{alike}-a")]
    columns = sorted({float(row["a"]) for row in rows})
    found = {(row["set"], float(row["lr"]), float(row["a"])): row for row in rows}
    cells = [
        (name, lr_words(lr), *(_scores(found.get((name, lr, a))) for a in columns))
        for name, lr in dict.fromkeys((row["set"], float(row["lr"])) for row in rows)
    ]
    yield f"## {say('scaling')}"
    yield say("scaled")
    yield table((say("set"), "lr", *(f"a {a:g}" for a in columns)), cells)


def _scores(row: dict[str, str] | None) -> str:
    return "–" if row is None else f"{100 * float(row['test_macro_f1']):.1f} / {100 * float(row['test_exact']):.1f}"


def _read(name: str) -> list[dict[str, str]]:
    with (RESULTS / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def table(head: Sequence[str], rows: Iterator[Sequence[str]] | Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)
