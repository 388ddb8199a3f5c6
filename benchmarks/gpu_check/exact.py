"""Does the engine compute on this device what it computes on a CPU, twice the same, alone and packed?"""

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

import numpy as np
import torch
from tests.engine import tiny

from benchmarks.gpu_check.box import Box, give_head, rows
from rankfirst.engine.base import FinalPlan, Source
from rankfirst.engine.base_models.sources import resolve
from rankfirst.engine.local import LocalEngine
from rankfirst.engine.network import attention
from rankfirst.engine.training.frozen_prefix import replaced_below
from rankfirst.engine.training.loop import Loop
from rankfirst.records import ALL_ROLES, ATTENTION_QV, Curve, Pace, Recipe, Sites

PLAN = FinalPlan(epochs=2)
BATCH = [3, 0, 7, 12, 5]  # texts of several lengths
LOSS, GRADIENT, LEARNT = 1e-5, 1e-4, 2e-3  # relative; the last after some steps, which amplify rounding


def flow(made: LocalEngine, recipes: tuple[Recipe, ...]) -> dict[str, Any]:
    """All that a run asks of an engine, and the numbers that come back."""
    out: dict[str, Any] = {"features": made.features("val"), "sampled": made.sample_features([3, 1], "")}
    give_head(made)
    made.expect(recipes[0])
    head = np.full((len(made.dataset.classes), made.facts.hidden), 0.1, dtype=np.float32)
    out["probes"] = made.probes(recipes, 2)
    out["probe"] = (made.probe(recipes[0], 1),)
    out["finish"] = (made.finish(recipes[-1], PLAN, "final"),)
    out["refit"] = (made.refit(recipes[-1], PLAN, 1, "again", (head, head[:, 0])),)
    out["logits"] = {"": made.logits("final-best", "test")}
    out["read"] = dict(zip(("states", "logits"), made.read("final-best", made.dataset.val.texts), strict=True))
    out["full"] = made.full(1, 1e-3).val_macro_f1
    out["tokens"] = made.footprint(recipes[0]).tokens
    made.export("final-best", str(made.folder / "exported"))
    return out


def recipes_of(layers: int) -> tuple[Recipe, ...]:
    """Recipes of several ranks and depths, one of them of rank 1."""
    first = Recipe(2, Sites(ATTENTION_QV, layers - 1), 2.0, 0.01, 0.1, batch_size=8)
    return first, first.with_(rank=1, lr=0.02), first.with_(scaling=1.0, sites=Sites(ALL_ROLES, layers))


def numbers(curve: Curve) -> Mapping[str, Any]:
    """What depends on no clock."""
    return {"train_loss": curve.train_loss, "grad_norm": curve.grad_norm, "val_log_loss": curve.val_log_loss,
            "update_norm": (curve.update_norm,)}  # fmt: skip


def step(made: LocalEngine, recipe: Recipe) -> tuple[float, dict[str, torch.Tensor]]:
    """Loss and gradients of one step with an adapter that is not zero."""
    loop = Loop(made.corpus, recipe, None, made.heads[recipe.head])
    random = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for name, p in made.model.adapter().items():
            if ".lora_B." in name:
                p.copy_(torch.randn(p.shape, generator=random) * 0.1)
    if loop.depth:
        made.corpus.fill("train", loop.depth, BATCH)
    made.model.train_mode(True, 4)
    with replaced_below(made.model.stack, loop.depth, made.corpus.tuple_blocks) as replay:
        loss = loop._backward(BATCH, len(BATCH), replay)
    return loss, {n: p.grad.cpu() for n, p in made.model.trainable().items() if p.grad is not None}


def tiny_source(box: Box, kind: str) -> Source:
    folder = box.folder / "bases" / f"tiny-{kind}"
    if not folder.is_dir():
        tiny.write_base(folder, kind)
    return resolve(str(folder))


def one_step(box: Box) -> None:
    """Loss and gradients of one step against the CPU's, with dropout, in every family."""
    for kind in box.size.families:
        both = []
        for device in (str(box.device), "cpu"):
            made = tiny.engine(tiny_source(box, kind), box.folder / "work" / f"step-{kind}-{device}", device=device)
            both.append([step(made, recipe) for recipe in recipes_of(3)])
        for mine, theirs in zip(*both, strict=True):
            box.close(f"{kind} loss", mine[0], theirs[0], LOSS)
            gap = max(float((mine[1][n] - g).norm() / g.norm().clamp_min(1e-12)) for n, g in theirs[1].items())
            box.note(**{f"{kind} gradients": gap})
            box.expect(gap <= GRADIENT, f"{kind}: gradients differ by {gap:.1e}")


def whole_flow(box: Box) -> None:
    """Everything a run asks, in short texts and in windows, against the CPU; then a delivery read on the device."""
    for kind in box.size.families:
        for way, options in {"short": {}, "windows": {"windows": True, "max_tokens": 6}}.items():
            both = []
            for device in (str(box.device), "cpu"):
                work = box.folder / "work" / f"{kind}-{way}-{device}"
                made = tiny.engine(tiny_source(box, kind), work, device=device, pack=True, **options)
                both.append(flow(made, recipes_of(3)))
            _compare(box, f"{kind} {way}", *both)
            if kind != box.size.families[0]:
                break  # windows are ours and not the family's


def _compare(box: Box, name: str, mine: dict[str, Any], theirs: dict[str, Any]) -> None:
    for part in ("features", "sampled", "logits", "read"):
        for key, array in theirs[part].items():
            box.close(f"{name} {part} {key}".strip(), mine[part][key], array, LEARNT)
    for part in ("probes", "probe", "finish", "refit"):
        for curve, other in zip(mine[part], theirs[part], strict=True):
            for key, values in numbers(other).items():
                box.close(f"{name} {part} {key}", numbers(curve)[key], values, LEARNT)
            box.expect(curve.health is other.health, f"{name} {part}: {curve.health} for {other.health}")
    box.expect(mine["tokens"] == theirs["tokens"], f"{name}: a step of {mine['tokens']} tokens for {theirs['tokens']}")


def repeats(box: Box) -> None:
    """The same training twice, to the last bit: long texts, both float types, alone and packed; and what it costs."""
    data = rows(64 if box.size.name == "real" else 16, box.size.long, 16)
    source = box.source("bert")
    plain = attention.for_base
    for dtype in ("float32", "bfloat16"):
        made = box.engine(source, data, f"repeats-{dtype}", max_tokens=512, pack=True)
        made.adopt(Pace(str(box.device), dtype, torch.get_num_threads(), ()))
        recipe = Recipe(8, Sites(ALL_ROLES, made.model.layers), 2.0, 1e-3, 0.1, batch_size=16)
        for way, asked in {"alone": (recipe,), "packed": (recipe, recipe.with_(lr=2e-3))}.items():
            with box.timed(f"{dtype} {way} s"):
                first = made.probes(asked, 1)
            same = [numbers(c) for c in first] == [numbers(c) for c in made.probes(asked, 1)]
            box.note(**{f"{dtype} {way} same": same})
            box.expect(same, f"{dtype} {way}: two trainings with one seed differ")
        attention.for_base = lambda dtype, device: (
            nullcontext()
        )  # as torch has it: is our care needed, what does it cost?
        try:
            with box.timed(f"{dtype} as torch has it s"):
                first = made.probes((recipe,), 1)
            box.note(**{f"{dtype} as torch has it same": numbers(first[0]) == numbers(made.probe(recipe, 1))})
        finally:
            attention.for_base = plain


def packed(box: Box) -> None:
    """Recipes packed against the same in turn, in both float types and in short and long texts."""
    for words in (12, box.size.long // 2):
        data = rows(128 if box.size.name == "real" else 24, words, 16)
        for dtype, allowed in (("float32", LEARNT), ("bfloat16", 0.05)):
            made = box.engine(box.source("bert"), data, f"packed-{dtype}-{words}", max_tokens=512)
            made.adopt(Pace(str(box.device), dtype, torch.get_num_threads(), ()))
            asked = recipes_of(made.model.layers)
            curves = []
            for pack in (True, False):
                made.pack = pack
                curves.append(made.probes(asked, 1))
            for n, (mine, theirs) in enumerate(zip(*curves, strict=True)):
                box.close(f"{dtype} {words} words, recipe {n}", mine.train_loss, theirs.train_loss, allowed)


class Stopped(Exception):
    """Ends a training in its second epoch."""


def resumes(box: Box) -> None:
    """A training that was cut off goes on from its checkpoint as if it had not been."""
    data, source = rows(48, 12, 16), box.source("bert")
    recipe = Recipe(4, Sites(ATTENTION_QV, 2), 2.0, 1e-3, 0.1, batch_size=8)
    whole = box.engine(source, data, "whole").finish(recipe, PLAN, "final")

    def stop(what: str, done: int, total: int) -> None:
        if what == "train 2/2" and done > 1:
            raise Stopped

    try:
        box.engine(source, data, "cut").finish(recipe, PLAN, "final", stop)
    except Stopped:
        pass
    else:
        box.expect(False, "the training was not cut off")
    again = box.engine(source, data, "cut").finish(recipe, PLAN, "final")
    box.close("loss", again.train_loss, whole.train_loss, LOSS)
    box.note(same=numbers(again) == numbers(whole))


def precision(box: Box) -> None:
    """What calibration measures here for a base-size encoder, and what training in bfloat16 gives."""
    data = rows(box.size.rows // 8, 24, 32)
    made = box.engine(box.source("bert"), data, "precision")
    pace = made.calibrate()
    box.note(chosen=pace.dtype, threads=pace.threads,
             trials=[[t.dtype, t.threads, t.tokens_per_second, t.deviation] for t in pace.trials],
             tflops_without_training=made.speed(), ms_per_text=made.ms_per_text())  # fmt: skip
    narrow_too = len(pace.units) == 0 or "bfloat16" in {t.dtype for t in pace.trials}
    box.expect(narrow_too, "bfloat16 was not measured, though the device has units for it")
    recipe = Recipe(8, Sites(ATTENTION_QV, 2), 2.0, 1e-3, 0.0)
    wide = made.probe(recipe, 1)
    made.adopt(Pace(str(box.device), "bfloat16", torch.get_num_threads(), ()))
    made.features("train")
    narrow = made.probe(recipe, 1)
    box.close("loss in bfloat16", narrow.train_loss, wide.train_loss, 0.05)
    box.expect({p.dtype for p in made.model.trainable().values()} == {torch.float32}, "an adapter is not in float32")


def exported_as_trained(box: Box, made: LocalEngine, device: str) -> None:
    """What is exported and loaded with PEFT on another device has the tensors that were trained."""
    from safetensors.torch import load_file

    made.probe(tiny.recipe(), 1)
    name = f"{tiny.recipe().key}-e1"
    folder = made.folder / "exported"
    made.export(name, str(folder))
    delivered = load_file(folder / "adapter" / "adapter_model.safetensors", device=device)
    box.expect(
        len(delivered) > 0 and all(t.isfinite().all() for t in delivered.values()), "an exported tensor is not finite"
    )
