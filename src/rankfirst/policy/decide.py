"""Make one decision: apply the rules of a stage to the evidence of a probe."""

from rankfirst.policy import thresholds as t
from rankfirst.policy.evidence import Evidence
from rankfirst.policy.experiments import ORDER, followed, gain_numbers
from rankfirst.policy.final_training import probe_epochs
from rankfirst.policy.rules import GUARD, TABLES
from rankfirst.records import (
    KNOBS,
    Change,
    Decision,
    Experiment,
    Extend,
    Family,
    Finding,
    Meaning,
    Move,
    Number,
    Recipe,
    Stage,
    Verdict,
)

MOVE_LIMITS = {
    Stage.CAPACITY: t.MAX_CAPACITY_MOVES,
    Stage.OPTIMISE: t.MAX_OPTIMISE_MOVES,
    Stage.RECHECK: t.MAX_RECHECK_MOVES,
}


def most_probes() -> int:
    """The most probes of a search: the first, one without doubtful rows, all arms from every recipe it may reach."""
    return 2 + sum((MOVE_LIMITS[stage] + 1) * len(arms) for stage, arms in ORDER.items())


def decide(e: Evidence) -> Decision:
    """Choose the next move from the evidence of one probe.

    Args:
        e: the probe and all that is known besides; its stage picks the table.
    Returns: the decision of the first rule that is PRESENT and has room to act, with the findings up to it in table
        order and the rules that were turned down.
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
        if move is None or isinstance(move, str):
            turned_down.append((rule.id, move or "no_room"))
            continue
        guarded = rule.meaning.family is not Family.DIVERGENCE  # numerics is neither capacity nor dynamics
        reason = _forbidden(e, move, guarded) or _unaffordable(e, move)
        if reason:
            turned_down.append((rule.id, reason))
            continue
        arm = followed(e, move, finding)
        return Decision(
            stage=e.stage,
            rule_id=rule.id,
            move=move,
            recipe=e.curve.recipe,
            findings=tuple(findings),
            turned_down=tuple(turned_down),
            refused=tuple(rule.left_alone.values()),
            numbers=_numbers(e, move) | gain_numbers(arm),
            work=e.curve.work,
            meanings={each.id: each.meaning for each in TABLES[e.stage]},
            proven=None if arm is None else arm.beyond_noise,
        )
    raise ValueError(f"no rule fired in {e.stage}")


def requested(e: Evidence, recipe: Recipe) -> Decision:
    """The decision to try the user's setting first in its stage; the result is judged like that of any other move."""
    move = Change(recipe)
    meanings = {"asked": Meaning(Family.REQUESTED)}
    return Decision(e.stage, "asked", move, e.curve.recipe, (), numbers=_numbers(e, move), work=e.curve.work,
                    meanings=meanings)  # fmt: skip


def moved(old: Recipe, new: Recipe) -> tuple[str, ...]:
    """The knobs in which two recipes differ."""
    return tuple(knob for knob in KNOBS if getattr(old, knob) != getattr(new, knob))


def _forbidden(e: Evidence, move: Move, guarded: bool) -> str:
    """Why the move is forbidden: the guard's reason, or "pinned" for a knob the user set; "" if it is allowed.

    Taking a move back is always allowed, since it returns to an earlier recipe.

    Args: guarded: whether the guard applies; a knob the user set stays in either case.
    """
    back = e.incumbent is not None and isinstance(move, Change) and move.recipe.key == e.incumbent.recipe.key
    if not isinstance(move, Change) or back:
        return ""
    knobs = moved(e.curve.recipe, move.recipe)
    locked = Stage.CAPACITY if e.stage is Stage.RECHECK else e.stage
    reasons = [GUARD[locked, knob] for knob in knobs if guarded and (locked, knob) in GUARD]
    return reasons[0] if reasons else "pinned" if e.pinned & set(knobs) else ""


def _unaffordable(e: Evidence, move: Move) -> str:
    """Why an allowed move is not made: "move_limit" of the stage or "no_budget"; "" if it is made."""
    new = isinstance(move, Change) and move.recipe.key not in e.tried and moved(e.curve.recipe, move.recipe)
    if (new or isinstance(move, Experiment)) and e.moves >= MOVE_LIMITS[e.stage]:  # no arm that could not be followed
        return "move_limit"
    work = cost(e, move)
    return "no_budget" if work > max(0.0, e.work_left) else ""


def cost(e: Evidence, move: Move) -> float:
    """TFLOP that a move takes; 0 if it trains nothing, such as taking a move back."""
    if isinstance(move, Change):
        epochs = max(probe_epochs(e.facts), e.curve.epochs)
        return 0.0 if move.recipe.key in e.tried | e.probed else e.facts.probe_work(move.recipe, epochs)
    if isinstance(move, Extend):
        return e.facts.probe_work(e.curve.recipe, move.epochs)
    if isinstance(move, Experiment):
        epochs, known = max(probe_epochs(e.facts), e.curve.epochs), e.tried | e.probed
        return sum(e.facts.probe_work(arm.recipe, epochs) for arm in move.arms if arm.recipe.key not in known)
    return 0.0


def _numbers(e: Evidence, move: Move) -> dict[str, Number]:
    """The numbers for the sentence of the move: old and new values."""
    numbers: dict[str, Number] = {"knobs": "", "recipe": e.curve.recipe.key}
    if isinstance(move, Change):
        numbers["knobs"] = changes(e.curve.recipe, move.recipe)
    return numbers


def changes(old: Recipe, new: Recipe) -> str:
    """What changes from one recipe to another: "rank 16 -> 4; lr 4e-4 -> 1e-4"."""
    names = (*moved(old, new), *(["safe_numerics"] if new.safe_numerics != old.safe_numerics else []))
    return "; ".join(f"{n} {plain(n, getattr(old, n))} -> {plain(n, getattr(new, n))}" for n in names)


def plain(knob: str, value: object) -> str:
    """A knob's value in usual notation: lr 4e-4, scaling 2, rank 8."""
    if knob == "lr":
        return _scientific(float(str(value)))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _scientific(value: float) -> str:
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa.removesuffix('.0')}e{int(exponent)}"
