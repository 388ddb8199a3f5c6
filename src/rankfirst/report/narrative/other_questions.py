"""Answers about things other than knobs of the policy: LoRA itself, full fine-tuning, class weights, more data, ..."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from rankfirst.options.field import options_of
from rankfirst.options.fit_options import FitOptions
from rankfirst.report import side_events
from rankfirst.report.events import mapping, number
from rankfirst.report.evidence import outcome_words
from rankfirst.report.narrative.decisions import rule_words
from rankfirst.report.narrative.document import Block, Code, para, point, words
from rankfirst.report.narrative.ledger import Ledger
from rankfirst.report.narrative.questions import Question
from rankfirst.report.narrative.rerun_commands import again, train_file
from rankfirst.report.phrases import Both, both, clean, duration, known, percent, plain_number
from rankfirst.report.rungs import one, rung_words

_FLAGS: Final = {name: one for name, one in options_of(FitOptions).items() if one.worth}


def command(ledger: Ledger, options: str, suffix: str) -> Code:
    """The run's own command with other options, into another folder."""
    return Code(again(ledger, options, suffix))


def _lora(ledger: Ledger, question: Question) -> list[Block]:
    """Whether LoRA is delivered, and by which comparison."""
    line, shipping = ledger.shipping
    if shipping is None:
        return [para(words("why.no_verdict"))]
    trained = any(event.key == "lora" for _, event in ledger.of("rung"))
    code = "why.lora_shipped" if shipping.ship == "lora" else "why.lora_tried" if trained else "why.untrained"
    blocks: list[Block] = [para(words(code), lines=[line]), *_rungs(ledger)]
    blocks += [point(side_events.clock_words(event), lines=[n]) for n, event in ledger.of("clock")]
    told_code = both(shipping.code, shipping.numbers) if shipping.code else Both("", "")
    blocks.append(para(told_code, lines=[line]))
    if shipping.ship != "lora" and trained:
        blocks += [para(words("why.measure_always")), command(ledger, "--always-lora", "lora")]
    return blocks


def _rungs(ledger: Ledger, *names: str) -> list[Block]:
    """Validation macro-F1 of rungs with their intervals."""
    measured = [(n, one(event.payload, event.key)) for n, event in ledger.of("rung")]
    return [point(rung_words(rung), lines=[n]) for n, rung in measured if not names or rung.name in names]


def _cheaper(ledger: Ledger, question: Question) -> list[Block]:
    """Why a rung below LoRA is not delivered, or that it is."""
    line, shipping = ledger.shipping
    rungs = _rungs(ledger)
    if shipping is None:
        return [para(words("why.no_verdict")), *rungs]
    name = known("rung", question.subject)
    first = words("why.shipped" if shipping.ship == question.subject else "why.rung_tried", rung=name)
    return [para(first, lines=[line]), *rungs, para(both(shipping.code, shipping.numbers), lines=[line])]


def _full(ledger: Ledger, question: Question) -> list[Block]:
    measured = _rungs(ledger, "full")
    if measured:
        return measured
    return [
        para(words("why.full"), lines=[ledger.run[0]] if ledger.run[0] else []),
        Code(f"rankfirst assess {train_file(ledger)} --full"),
    ]


def _flag(ledger: Ledger, question: Question) -> list[Block]:
    """An option of `fit` that no rule moves."""
    flag = _FLAGS[question.subject]
    line, run = ledger.run
    given = run.get(flag.journal or flag.name)
    if given not in (None, "", "none"):
        return [para(words("why.flag_set", flag=flag.flag, value=clean(given)), lines=[line]), *_tail(ledger)]
    value = clean(question.value) if question.value else flag.worth
    return [
        para(words("why.flag", flag=flag.flag), lines=[line]),
        *_tail(ledger),
        para(words("why.measure"), words("why.compare")),
        command(ledger, f"{flag.flag} {shlex.quote(value)}", question.subject),
    ]


def _tail(ledger: Ledger) -> list[Block]:
    """The recall of rare classes, since most of these options concern them."""
    line, result = ledger.result
    tail = number(mapping(result.get("val")).get("tail_recall"))
    at, profile = ledger.profile
    if tail is None or profile is None or not profile.rare:
        return []
    sentence = words("why.tail", recall=percent(tail), classes=len(profile.rare))
    return [para(sentence, lines=[line, at])]


def _batch(ledger: Ledger, question: Question) -> list[Block]:
    line, recipe, _ = ledger.start
    size = [] if recipe is None else [words("why.batch_now", rows=recipe.batch_size)]
    return [para(*size, words("why.batch"), lines=[line] if recipe else [])]


def _seed(ledger: Ledger, question: Question) -> list[Block]:
    """Probes under other seeds, and the noise due to sampling of rows."""
    line, run = ledger.run
    own = number(run.get("seed")) or 0
    blocks: list[Block] = [para(words("why.seed", seed=f"{own:.0f}"), lines=[line])]
    others = [p for p in ledger.probes if p.curve.recipe.seed != own]
    blocks += [
        point(words("why.seed_probe", seed=p.curve.recipe.seed, outcome=outcome_words(p.curve)), lines=[p.line])
        for p in others
    ]
    seed = f"{question.value:.0f}" if question.value is not None else f"{own + 1:.0f}"
    return [*blocks, para(words("why.measure")), command(ledger, f"--seed {seed}", f"seed-{seed}")]


def _epochs(ledger: Ledger, question: Question) -> list[Block]:
    """The plan of the final training, and the epoch that is kept."""
    plan, payload = ledger.last("final_plan")
    if not ledger.finals:
        return [para(words("why.no_final"))]
    final = ledger.finals[-1]
    curve = final.curve
    allowed = number(payload.get("epochs"))
    first = [words("why.epochs_allowed", epochs=f"{allowed:.0f}")] if allowed is not None else []
    which = "last" if curve.evaluations and curve.kept is curve.last else "earlier"
    kept = [words(f"why.epochs_{which}", epoch=f"{curve.kept.epoch:g}", f1=percent(curve.kept.val_macro_f1))] if (
        curve.evaluations) else []  # fmt: skip
    done = words("why.epochs_done", epochs=f"{curve.epochs:g}")
    return [para(*first, done, *kept, words("why.epochs"), lines=[final.line, *([plan] if plan else [])])]


def _data(ledger: Ledger, question: Question) -> list[Block]:
    line, profile = ledger.profile
    blocks: list[Block] = []
    if profile is not None:
        blocks.append(para(words("why.data_now", rows=profile.n_train, classes=len(profile.classes),
                               tail=len(profile.rare)), lines=[line]))  # fmt: skip
    return [*blocks, para(words("why.data")), Code(f"rankfirst assess {train_file(ledger)}")]


def _base(ledger: Ledger, question: Question) -> list[Block]:
    line, run = ledger.run
    sentence = words("why.base", base=clean(run.get("base_model", "–")))
    return [para(sentence, words("why.measure"), lines=[line] if line else []),
            command(ledger, "--base-model OTHER_MODEL", "other-base")]  # fmt: skip


def _prefix(ledger: Ledger, question: Question) -> list[Block]:
    """Every prefix that was tried, with its held-out score."""
    line, choice = ledger.last("prefix")
    if not line:
        set_by_user = ledger.run[1].get("prefix")
        code = "why.prefix_one" if set_by_user is None else "why.prefix_set"
        return [para(words(code, prefix=clean(set_by_user or "")), lines=[ledger.run[0]])]
    none = words("why.no_prefix")
    chosen = clean(choice.get("prefix") or "")
    blocks: list[Block] = [para(words("why.prefix", prefix=chosen or none, rows=choice.get("rows", "–")), lines=[line])]
    losses = mapping(choice.get("log_loss"))
    for name, value in mapping(choice.get("macro_f1")).items():
        numbers = {"f1": percent(number(value)), "loss": plain_number(number(losses.get(name)))}
        blocks.append(point(words("why.prefix_tried", prefix=clean(name) or none, **numbers), lines=[line]))
    return blocks


def _lengths(ledger: Ledger, question: Question) -> list[Block]:
    line, _ = ledger.last("lengths")
    if not line:
        return [para(words("why.lengths_unknown"))]
    sentences = side_events.lengths_words(ledger.events[line - 1])
    if question.value is None:
        return [para(*sentences, lines=[line])]
    tokens = f"{question.value:.0f}"
    return [para(*sentences, lines=[line]), para(words("why.measure")),
            command(ledger, f"--max-tokens {tokens}", f"tokens-{tokens}")]  # fmt: skip


def _budget(ledger: Ledger, question: Question) -> list[Block]:
    """The steps that the clock forbade, if any."""
    line, run = ledger.run
    limit, work = number(run.get("budget_seconds")), number(run.get("budget_work"))
    blocks: list[Block] = []
    if limit is not None:
        blocks.append(para(words("why.budget_clock", time=duration(limit)), lines=[line]))
    elif work is not None:
        blocks.append(para(words("why.budget_work", work=side_events.work_words(work)), lines=[line]))
    forbidden = [point(side_events.clock_words(event), lines=[n]) for n, event in ledger.of("clock")]
    short = [
        point(words("why.budget_short", rule=rule_words(made, rule)), lines=[made.line])
        for made in ledger.decisions
        for rule, code in made.decision.turned_down
        if code == "no_budget"
    ]
    if not forbidden and not short:
        return [*blocks, para(words("why.budget_enough"))]
    return [*blocks, *forbidden, *short, para(words("why.measure")), command(ledger, "--budget 2h", "longer")]


Teller = Callable[[Ledger, Question], Sequence[Block]]
TELLERS: Final[Mapping[str, Teller]] = {
    "lora": _lora,
    "full": _full,
    "frozen": _cheaper,
    "tfidf": _cheaper,
    **dict.fromkeys(_FLAGS, _flag),
    "batch_size": _batch,
    "seed": _seed,
    "epochs": _epochs,
    "data": _data,
    "base_model": _base,
    "prefix": _prefix,
    "max_tokens": _lengths,
    "budget": _budget,
}
