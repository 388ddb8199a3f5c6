"""How predictions follow from probabilities, in words and as pairs: thresholds by F-beta, costs, abstention."""

import math
from collections.abc import Mapping
from typing import Any

from rankfirst.messages.grammar import INTERVAL
from rankfirst.report.events import listing, mapping, number
from rankfirst.report.phrases import Both, clean, known, percent, phrase, same
from rankfirst.report.phrases import plain_number as plain

Facts = list[tuple[Both, Both]]


def answers_words(payload: Mapping[str, Any]) -> list[Both]:
    """Lines about a `calibration`; defaults are left out."""
    lines = []
    if number(payload.get("fbeta_after")) is not None:
        shares = {name: percent(number(payload.get(f"fbeta_{name}"))) for name in ("before", "after")}
        lines.append(phrase("beta.line", beta=plain(number(payload.get("beta")), "g"), **shares))
    if number(payload.get("cost_after")) is not None:
        costs = {name: _cost(payload.get(f"cost_{name}")) for name in ("before", "after")}
        lines.append(phrase("costs.line", **costs))
    abstain = mapping(payload.get("abstain"))
    if not abstain:
        return lines
    fields = {"coverage": "coverage", "kept": "accuracy_kept", "every": "accuracy_all"}
    shares = {name: percent(number(abstain.get(field))) for name, field in fields.items()}
    if number(abstain.get("asked")) is None:  # an older run, which chose the threshold that halves the errors
        threshold = percent(number(abstain.get("threshold")), 0)
        return [*lines, phrase("calibration.abstain", threshold=threshold, **shares)]
    asked = percent(number(abstain.get("asked")))
    lines.append(phrase("scope.line", score=score_name(abstain.get("score")), asked=asked, **shares))
    trials = [mapping(trial) for trial in listing(abstain.get("trials"))]
    for trial in trials:
        mark = phrase("scope.mark") if trial.get("score") == abstain.get("score") else same("")
        lines.append(phrase("scope.trial", score=score_name(trial.get("score")), mark=mark, **_found(trial)))
    return lines if trials else [*lines, phrase("scope.unmeasured")]


def abstaining_helps(abstain: Mapping[str, Any], rows: int) -> bool:
    """Whether abstaining raises accuracy beyond noise: the rows left unanswered are wrong more often than the others.

    Args: abstain: JSON of `Abstain`. rows: validation rows. With out-of-scope texts it was chosen for those: always.
    """
    if number(abstain.get("outside")):
        return True
    coverage, kept, every = (number(abstain.get(name)) for name in ("coverage", "accuracy_kept", "accuracy_all"))
    if coverage is None or kept is None or every is None or coverage >= 1 or rows <= 0:
        return False
    left = (1 - coverage) * rows
    right = (every - coverage * kept) / (1 - coverage)  # share of the unanswered rows
    return kept - right > INTERVAL * math.sqrt(max(kept * (1 - kept), 1 / (4 * left)) / left)


def tested_words(result: Mapping[str, Any]) -> list[Both]:
    """Lines about a result: abstention and costs on rows that no choice was based on."""
    lines = []
    outside, test = mapping(result.get("outside")), mapping(mapping(result.get("mistakes")).get("test"))
    if outside:
        rows = plain(number(outside.get("rows")), ",.0f")
        coverage = percent(number(outside.get("coverage")))
        lines.append(phrase("scope.test", rows=rows, coverage=coverage, **_found(outside)))
    if test:
        lines.append(phrase("costs.test", before=_cost(test.get("likeliest")), after=_cost(test.get("given"))))
    dear = number(mapping(mapping(result.get("calibration")).get("costs")).get("abstain"))
    if test and dear is not None:
        answered = percent(number(test.get("answered")))
        cost = _cost(test.get("with_abstaining"))
        lines.append(phrase("costs.abstaining", abstain=plain(dear, "g"), cost=cost, answered=answered))
    return lines


def answers_facts(payload: Mapping[str, Any]) -> Facts:
    """The lines of `answers_words` as pairs."""
    facts: Facts = []
    if number(payload.get("fbeta_after")) is not None:
        before, after = (percent(number(payload.get(f"fbeta_{name}"))) for name in ("before", "after"))
        facts.append((phrase("trust.fbeta"), same(f"{before} → {after}")))
    if number(payload.get("cost_after")) is not None:
        change = f"{_cost(payload.get('cost_before'))} → {_cost(payload.get('cost_after'))}"
        facts.append((phrase("trust.costs"), same(change)))
    abstain = mapping(payload.get("abstain"))
    asked = number(abstain.get("asked"))
    if asked is not None:
        facts.append((phrase("trust.score"), score_name(abstain.get("score"))))
        facts.append((phrase("trust.asked"), same(percent(asked))))
    for name, value in abstain.items():
        if name not in {"threshold", "coverage", "accuracy", "accuracy_kept", "accuracy_all"} and asked is not None:
            continue
        if name == "is" or (name == "threshold" and asked is not None and abstain.get("score") != "max_prob"):
            continue
        share = number(value)
        words = clean(value) if share is None else percent(share, 0) if name == "threshold" else percent(share)
        facts.append((known("abstain", clean(name)), same(words)))
    for trial in map(mapping, listing(abstain.get("trials"))):
        called = score_name(trial.get("score"))
        if trial.get("score") == abstain.get("score"):
            called = phrase("trust.chosen_score", score=called)
        facts.append((phrase("trust.trial", score=called), same(" · ".join(_found(trial).values()))))
    return facts


def tested_facts(result: Mapping[str, Any]) -> Facts:
    """The lines of `tested_words` as pairs."""
    facts: Facts = []
    outside, test = mapping(result.get("outside")), mapping(mapping(result.get("mistakes")).get("test"))
    if outside:
        facts.append((phrase("trust.outside_test"), same(" · ".join(_found(outside).values()))))
    if test:
        facts.append((phrase("trust.costs_test"), same(f"{_cost(test.get('likeliest'))} → {_cost(test.get('given'))}")))
    return facts


def score_name(score: object) -> Both:
    """An abstention score in words."""
    return known("scope", clean(score))


def _found(payload: Mapping[str, Any]) -> dict[str, str]:
    return {"auroc": plain(number(payload.get("auroc")), ".3f"), "recall": percent(number(payload.get("recall")))}


def _cost(value: object) -> str:
    return plain(number(value), ".3g")
