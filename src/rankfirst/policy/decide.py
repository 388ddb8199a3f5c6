"""One decision from one table."""

from rankfirst.policy import thresholds as t
from rankfirst.policy.evidence import Evidence
from rankfirst.policy.rules import TABLES
from rankfirst.records import Change, Decision, Experiment, Finding, Number, Stage, Verdict

LIMITS = {
    Stage.CAPACITY: t.MAX_CAPACITY_MOVES,
    Stage.OPTIMISE: t.MAX_OPTIMISE_MOVES,
    Stage.RECHECK: t.MAX_RECHECK_MOVES,
}


def decide(e: Evidence) -> Decision:
    """Choose the next move from the evidence of one probe.

    Args:
        e: the probe and everything known beside it; its stage picks the table.
    Returns: the first rule PRESENT with room to act; findings up to it in table order; what was turned down.
    Raises: ValueError if no rule fires, which a table ending in always -> advance rules out.
    """
    findings: list[tuple[str, Finding]] = []
    turned_down: list[tuple[str, str]] = []
    for rule in TABLES[e.stage]:
        finding = rule.symptom(e)
        findings.append((rule.id, finding))
        if finding.verdict is not Verdict.PRESENT:
            continue
        move = rule.action(e)
        reason = "no_room" if move is None else _unaffordable(e, move)
        if move is None or reason:
            turned_down.append((rule.id, reason))
            continue
        return Decision(
            stage=e.stage,
            rule_id=rule.id,
            move=move,
            recipe=e.curve.recipe,
            findings=tuple(findings),
            turned_down=tuple(turned_down),
            refused=rule.refuses,
            numbers=_numbers(e, move),
            work=e.curve.work,
        )
    raise ValueError(f"no rule fired in {e.stage}")


def _unaffordable(e: Evidence, move: object) -> str:
    """Why a move that has room is still not made: the stage's limit or the budget; "" when it is."""
    if isinstance(move, Change):
        if move.recipe.key in e.tried:
            return ""  # taking a move back costs nothing
        if e.moves >= LIMITS[e.stage]:
            return "move_limit"
        if e.facts.probe_work(move.recipe, t.FIRST_PROBE_EPOCHS) > e.work_left:
            return "no_budget"
    if isinstance(move, Experiment):
        per_step = 1 / max(1, e.facts.probe_steps)
        cost = sum(e.facts.epoch_work(a.recipe, e.facts.train_tokens) for a in move.arms) * t.ARM_STEPS * per_step
        if cost > e.work_left:
            return "no_budget"
    return ""


def _numbers(e: Evidence, move: object) -> dict[str, Number]:
    """What the sentence of the move needs: from and to."""
    numbers: dict[str, Number] = {"knobs": "", "recipe": e.curve.recipe.key}
    if isinstance(move, Change):
        old, new = e.curve.recipe, move.recipe
        changed = [
            f"{name} {_plain(getattr(old, name))} -> {_plain(getattr(new, name))}"
            for name in ("rank", "sites", "lr", "scaling", "dropout", "safe_numerics")
            if getattr(old, name) != getattr(new, name)
        ]
        numbers["knobs"] = "; ".join(changed)
    return numbers


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
