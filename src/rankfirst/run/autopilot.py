"""One run, stage by stage: assess -> baselines -> first probe -> capacity -> optimise -> re-check -> final training.

The journal records every step. If a killed run is repeated, it takes the same steps and trains nothing twice.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from rankfirst import baselines, data, policy
from rankfirst.engine.base import Engine, FinalPlan, Floats, Tick, no_tick
from rankfirst.measure import abstain_scores
from rankfirst.measure.decoding import Decoding
from rankfirst.measure.wall_clock import span
from rankfirst.policy import final_training, noise, user_settings
from rankfirst.policy import thresholds as t
from rankfirst.records import (
    Curve,
    Dataset,
    Number,
    Pace,
    Profile,
    Recipe,
    Rung,
    Shipping,
    from_json,
    to_json,
)
from rankfirst.run.assessment import choose_prefix, part, taken
from rankfirst.run.cross_fit import CrossFit
from rankfirst.run.journal import Journal
from rankfirst.run.search import Walk, Wishes
from rankfirst.run.time_budget import Clock


@dataclass
class Outcome:
    """The result of a search, from which the model is delivered."""

    profile: Profile
    rungs: dict[str, Rung]
    frozen: baselines.FrozenFit
    tfidf: baselines.TfidfFit
    lora: baselines.Fit | None
    shipping: Shipping
    final: Curve | None
    decisions: int
    compared: tuple[int, ...] = ()  # (m,) training rows that abstention scores by states compare a text with
    compared_states: Any = None  # (m, d) states of these rows from the unchanged base, in the frozen rung's pooling
    val_states: Any = None  # (n_val, d) states of the validation rows, the same way
    train_states: Any = None  # (n_train, d) states of all training rows, the same way


class Autopilot:
    """Joins policy and engine: the policy decides, the engine trains, the journal records."""

    def __init__(
        self, dataset: Dataset, engine: Engine, journal: Journal, wishes: Wishes, tick: Tick = no_tick
    ) -> None:
        self.dataset, self.engine, self.journal, self.wishes, self.tick = dataset, engine, journal, wishes, tick
        self.clock = Clock(wishes.budget.max_seconds, lambda: journal.seconds)
        self.spent = 0.0  # TFLOP of the search
        self.tally: Mapping[str, Number] = {}  # of the search: how many changes it kept, and how many are proven
        self.states: tuple[tuple[int, ...], Any, Any, Any] = ((), None, None, None)  # the last four of `Outcome`

    def run(self) -> Outcome:
        """Run all stages in order, up to the verdict which model to deliver."""
        lengths = self.engine.info.lengths
        if lengths is not None:
            self.journal.remember("lengths", "", lambda: to_json(lengths))
        with span("pace"):
            measured = self.journal.remember("pace", "", lambda: to_json(self.engine.calibrate()))
            self.engine.adopt(from_json(Pace, measured))
        now, later = self.split_settings()
        profile, frozen, tfidf, rungs = self.fit_baselines(now)
        rung = rungs["frozen"]
        self.start_from(frozen, rung)
        final, decisions = self.tune(profile, rung, now, later) if self.trains else (None, 0)
        lora = None if final is None else self.judge(final, profile, rung.at_least_one)
        if lora is not None:
            rungs["lora"] = lora.rung
        verdict = policy.unless_leaked(self.ship(rungs, frozen, tfidf, lora, final), profile)
        verdict = replace(verdict, numbers={**verdict.numbers, **self.tally})
        shipping: Shipping = from_json(Shipping, self.journal.remember("verdict", "", lambda: to_json(verdict)))
        return Outcome(profile, rungs, frozen, tfidf, lora, shipping, final, decisions, *self.states)

    @span("decisions")
    def tune(
        self, profile: Profile, frozen: Rung, now: Mapping[str, Any], later: Mapping[str, Any]
    ) -> tuple[Curve | None, int]:
        """Search and final training: (the final curve, None if nothing was trained; number of decisions)."""
        recipe, limit = self.begin(profile, now)
        truth, classes = self.dataset.val.labels, len(self.dataset.classes)
        floor = noise.floor(truth, frozen.val_predicted, frozen.val_log_loss, classes)
        self.journal.remember("noise", "", lambda: to_json(floor))
        walk = Walk(self.dataset, self.engine, self.journal, self.wishes, self.clock, self.tick, profile, limit, floor,
                    pinned=frozenset(now) | frozenset(later))  # fmt: skip
        layers = self.engine.facts.layers
        settled = walk.through(recipe, lambda reached: user_settings.applied(reached, later, layers))
        self.spent, self.tally = walk.work, walk.tally
        final = None if settled is None else self.finish(settled, profile)
        if final is not None and self.wishes.origin is None and len(truth) >= t.LEAST_VAL_ROWS:
            wanted = policy.rival(recipe, final.recipe, walk.results.values(), self.engine.facts, self.wishes.space,
                                  walk.pinned)  # fmt: skip
            if wanted is not None:
                name = "start" if wanted.key == recipe.key else "rival"
                final = self.with_rival(final, wanted, name, profile, frozen.at_least_one)
        return final, walk.decisions

    @span("decisions")
    def ship(
        self,
        rungs: Mapping[str, Rung],
        frozen: baselines.FrozenFit,
        tfidf: baselines.TfidfFit,
        lora: baselines.Fit | None,
        final: Curve | None,
    ) -> Shipping:
        """Which model to deliver, by validation; by held-out training rows as well, if more rows could change that."""
        rows = len(self.dataset.val)
        # An epoch that was picked on these rows looks better than it is; the last one was not picked.
        picked = final is not None and final.kept_epoch != final.last.epoch
        epochs = [e.judged_f1 for e in final.evaluations[1:]] if final and picked else ()

        def verdict(truth: Sequence[tuple[int, ...]], on: Mapping[str, Rung]) -> Shipping:
            return policy.ship(truth, len(self.dataset.classes), on["tfidf"], on["frozen"], on.get("lora"),
                               self.wishes.always_lora, epochs, self.wishes.prefer, rows)  # fmt: skip

        truth, on = self.dataset.val.labels, dict(rungs)
        shipping = verdict(truth, on)
        # The delivered weights of a continued run have seen these rows; random parts break groups and times.
        random = self.wishes.origin is None and not self.wishes.apart
        if final is None or lora is None or not random or self.journal.has("verdict", ""):
            return shipping
        cross = CrossFit(self.dataset, self.engine, self.journal, self.tick, self.clock, frozen, tfidf, lora, final,
                         self.states[3], self.states[2])  # fmt: skip
        parts = cross.parts(self.room(final))
        while policy.undecided(shipping) and (part := next(parts, None)) is not None:
            truth = (*truth, *(self.dataset.train.labels[row] for row in part.rows))
            on |= {name: policy.with_rows(on[name], part) for name in part.predicted}
            shipping = verdict(truth, on)
        return shipping

    def room(self, final: Curve) -> float:
        """TFLOP that the budget leaves after search and final training, less a training on all rows."""
        whole = final_training.full_run(self.engine.facts, final.recipe, len(self.dataset.train))
        return self.wishes.budget.full_runs * whole - self.spent - final.work - whole

    @property
    def trains(self) -> bool:
        """Whether LoRA is trained: always, unless this run continues one that delivered no LoRA."""
        origin = self.wishes.origin
        return origin is None or origin.recipe is not None

    def first(self, profile: Profile) -> Recipe:
        """The first recipe: the conservative start, or the recipe that the continued run had delivered."""
        origin = self.wishes.origin
        if origin is not None and origin.recipe is not None:
            return origin.recipe
        return policy.start(profile, self.engine.facts, self.wishes.seed, self.wishes.space)

    def fit_baselines(
        self, now: Mapping[str, Any]
    ) -> tuple[Profile, baselines.FrozenFit, baselines.TfidfFit, dict[str, Rung]]:
        """Profile the data and fit the models below LoRA; `now`: the user's settings that hold from the start."""
        seed = self.wishes.seed
        with span("checks"):
            profile = data.profile(self.dataset)
        self.adopt_prefix()
        facts = self.engine.facts
        self.engine.expect(user_settings.applied(self.first(profile), now, facts.layers))
        with span("baselines"):
            majority = baselines.majority(self.dataset, profile.tail_classes)
            tfidf = baselines.fit_tfidf(self.dataset, profile.tail_classes, seed)
        began = time.perf_counter()
        with span("encode"):
            train = self.pooled(self.engine.features("train", self.tick))
            val = self.pooled(self.engine.features("val", self.tick))
        spent, work = time.perf_counter() - began, self.engine.facts.features_work()
        self.clock.learn(work, spent, rough=True)
        self.journal.remember("features", "", lambda: {"rows": profile.n_train + profile.n_val, "work": work})
        with span("baselines"):
            # Begun by a version without class prototypes, or without states of unit length?
            older = self.journal.events.get(("rung", "frozen"))
        mixes, unit = (older is None or name in older["details"] for name in ("prototypes", "normalize"))
        frozen = baselines.fit_frozen(train, val, self.dataset, profile.tail_classes, seed, mixes, unit)
        with span("checks"):
            near = data.neighbours_of(part(self.dataset, frozen.rows), taken(train[frozen.pooling], frozen.rows))
            held = [int(row) for row in frozen.rows]
            profile = data.with_out_of_fold(profile, self.dataset, frozen.sober, near, held)
            profile = data.with_val_suspects(profile, self.dataset, frozen.val.probabilities)
        rows = baselines.subsample(self.dataset.train.labels, abstain_scores.ROWS, seed)
        states = train[frozen.pooling]
        self.states = tuple(rows.tolist()), taken(states, rows), val[frozen.pooling], states
        self.journal.remember("profile", "", lambda: to_json(profile))
        encoded = replace(frozen.rung, seconds=frozen.rung.seconds + spent,  # the rung needs the encoding
                          ms_per_text=frozen.rung.ms_per_text + self.engine.ms_per_text())  # fmt: skip
        rungs = {r.name: r for r in (majority, tfidf.rung, encoded)}
        for name, rung in rungs.items():
            rungs[name] = from_json(Rung, self.journal.remember("rung", name, partial(to_json, rung)))
        return profile, frozen, tfidf, rungs

    def start_from(self, frozen: baselines.FrozenFit, rung: Rung) -> None:
        """Hand the engine the head that LoRA starts from, and say so if the rung's own has memorised its rows."""
        older = "start_C" not in rung.details  # a run begun by a version that started from the rung's own head
        head = frozen.head if older else frozen.start
        seen = float(rung.details.get("train_f1", 0.0))
        if seen >= t.MEMORISED:
            numbers = {"seen": seen, "val": rung.val.macro_f1, "c": rung.details["start_C"]}
            self.journal.remember("note", "head.memorised", lambda: {"code": "head.memorised", "numbers": numbers})
        self.engine.use_head(frozen.pooling, head.weight.astype(np.float32), head.bias.astype(np.float32))

    def pooled(self, features: Mapping[str, Floats]) -> Mapping[str, Floats]:
        """The poolings to choose from; if training continues from delivered weights, only theirs."""
        kept = self.wishes.origin.pooling if self.wishes.origin else None
        return features if kept is None or kept not in features else {kept: features[kept]}

    @span("baselines")
    def adopt_prefix(self) -> None:
        """Adopt the prefix with the best frozen rung, unless the user set one."""
        predates = self.journal.has("features", "") and not self.journal.has("prefix", "")  # a run of an older version
        if len(self.engine.prefixes) < 2 or predates:
            return

        def choose() -> Any:
            return to_json(choose_prefix(self.engine, self.dataset, self.wishes.seed, self.tick))

        chosen: baselines.PrefixChoice = from_json(baselines.PrefixChoice, self.journal.remember("prefix", "", choose))
        self.engine.adopt_prefix(chosen.prefix)

    def split_settings(self) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """(settings of the user that apply from the start, those that wait for the OPTIMISE stage)."""
        now, later, refusals = user_settings.guarded(self.wishes.settings, self.wishes.force)
        for refusal in refusals:
            self.journal.remember("refusal", refusal.knob, partial(to_json, refusal))
        return now, later

    def begin(self, profile: Profile, now: Mapping[str, Any]) -> tuple[Recipe, policy.Ceiling]:
        """The first recipe, and the ceiling that no rule may exceed."""
        facts = self.engine.facts
        limit = policy.ceiling(profile, facts)
        recipe = user_settings.applied(self.first(profile), {**now, **self.wishes.fixed}, facts.layers)
        for code in facts.remarks:
            numbers = {"passes": facts.passes}
            self.journal.remember("note", code, partial(dict, code=code, numbers=numbers))
        self.journal.remember("start", "", lambda: {"recipe": to_json(recipe), "ceiling": to_json(limit)})
        return recipe, limit

    def finish(self, settled: Curve, profile: Profile) -> Curve | None:
        """Train the chosen recipe to its best validation macro-F1; the probe itself if the clock allows no epoch."""
        epochs = self.planned_epochs(settled.recipe)
        if epochs < 1:
            self.journal.remember("clock", "final", lambda: self.clock.event("final"))
            return settled if settled.checkpoint else None
        curve = self.train_to_end(settled.recipe, epochs, profile, "final")
        return curve if curve.checkpoint else None

    def with_rival(self, final: Curve, recipe: Recipe, name: str, profile: Profile, at_least_one: bool) -> Curve:
        """Train the rival to its end too, if the budget allows, and return the better of both by validation.

        Args: name: "start" if the rival is the first recipe, else "rival"; part of the code of the note.
        """
        if self.journal.has("rung", "lora") and not self.journal.has("note", "rival"):
            return final  # a run of a version without rivals
        if not self.journal.has("final_plan", recipe.key):
            work = final_training.full_run(self.engine.facts, recipe, len(self.dataset.train))
            late = not self.clock.allows(work + final.work)  # the training on all rows has to fit as well
            if late or work > self.room(final):
                self.record_rival(f"{name}.clock" if late else f"{name}.budget", final.recipe, recipe)
                return final
        epochs = self.planned_epochs(recipe)
        curve = self.train_to_end(recipe, epochs, profile, "rival")
        if not curve.checkpoint:
            self.spent += curve.work
            self.record_rival(f"{name}.failed", final.recipe, recipe)
            return final
        both = (self.as_rung(each, profile, at_least_one).rung for each in (final, curve))
        won, numbers = policy.contest(self.dataset.val.labels, len(self.dataset.classes), *both)
        code = self.record_rival(f"{name}.won" if won else f"{name}.lost", final.recipe, recipe, numbers)
        won = code.endswith(".won")  # as it was recorded first
        self.spent += (final if won else curve).work  # that of the delivered one counts as final work
        if not won:
            return final
        delivered = to_json(replace(curve, work=0.0))  # it is paid for above
        self.journal.remember("final", f"{recipe.key}-E{epochs}", lambda: delivered)
        return curve

    def record_rival(self, code: str, settled: Recipe, rival: Recipe,
                      numbers: Mapping[str, Number] | None = None) -> str:  # fmt: skip
        """Record the outcome of the rival. Returns: its code; in a resumed run, the one recorded first."""
        figures = {"knobs": policy.changes(settled, rival), **(numbers or {})}
        return str(self.journal.remember("note", "rival", lambda: {"code": code, "numbers": figures})["code"])

    def planned_epochs(self, recipe: Recipe) -> int:
        """Epochs of final training of this recipe; in a resumed run, those recorded first."""
        plan = self.journal.remember("final_plan", recipe.key, lambda: {"epochs": self.final_epochs(recipe)})
        return int(plan["epochs"])

    def train_to_end(self, recipe: Recipe, epochs: int, profile: Profile, kind: str) -> Curve:
        """Train the recipe on all rows, to the end of its plan. Args: kind: of the event, "final" or "rival"."""
        plan = FinalPlan(epochs, profile.tail_classes, t.TAIL_SLACK, t.NOISE_SES)
        name = f"{recipe.key}-E{epochs}"
        truth, classes = self.dataset.val.labels, len(self.dataset.classes)

        def train() -> Any:
            with span("final"):
                curve = self.engine.finish(recipe, plan, f"final-{name}", self.tick)
            fresh = self.wishes.origin is None  # else the start may be the best: it is the delivered model
            return to_json(final_training.kept(curve, truth, classes) if fresh else curve)

        curve: Curve = from_json(Curve, self.journal.remember(kind, name, train))
        if curve.checkpoint and not self.engine.has(curve.checkpoint):
            train()  # the files were lost; the recorded curve stays
        return curve

    def final_epochs(self, recipe: Recipe) -> int:
        """Epochs of final training, as far as the clock allows; delivery keeps what encoding the rows took."""
        facts = self.engine.facts
        epoch = facts.epoch_work(recipe, facts.full_tokens) + facts.evaluation_work(recipe)
        wanted = final_training.final_epochs(len(self.dataset.train), recipe.batch_size, self.dataset.multi_label)
        kept = self.journal.took.get(("features", ""), 0.0)
        return int(min(wanted, self.clock.room(epoch, kept)))

    @span("calibration")
    def judge(self, final: Curve, profile: Profile, at_least_one: bool) -> baselines.Fit:
        """The LoRA rung on validation; in a resumed run, as recorded first."""
        fit = self.as_rung(final, profile, at_least_one)
        return replace(fit, rung=from_json(Rung, self.journal.remember("rung", "lora", lambda: to_json(fit.rung))))

    def as_rung(self, final: Curve, profile: Profile, at_least_one: bool) -> baselines.Fit:
        """A final training as a rung: calibrated, and decoded like the rungs below it."""
        return baselines.trained(
            "lora",
            self.engine.logits(final.checkpoint, "val", tick=self.tick).astype(np.float64),
            self.dataset,
            profile.tail_classes,
            sum(s for (kind, _), s in self.journal.took.items() if kind in {"probe", "experiment", "final", "rival"}),
            4e-6 * (final.adapter_parameters + len(self.dataset.classes) * (self.engine.facts.hidden + 1)),
            {"recipe": final.recipe.key},
            self.engine.ms_per_text(),  # that of the base, since delivered adapters are merged into it
            Decoding(self.dataset.multi_label, at_least_one),
        )
