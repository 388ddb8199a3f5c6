"""Does a step that does not fit run in pieces, and does the forecast of memory hold?"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from benchmarks.gpu_check.box import Box, rows
from benchmarks.gpu_check.exact import LEARNT, LOSS
from rankfirst.engine.local import LocalEngine
from rankfirst.engine.network.model import TextModel
from rankfirst.engine.training.footprint import NO_LIMIT, Planner, Room
from rankfirst.errors import EngineError
from rankfirst.records import ALL_ROLES, ATTENTION_QV, Curve, Health, Pace, Recipe, Sites

WITHIN = 0.3  # of the measured peak


@contextmanager
def short(box: Box, extra: int, tokens: int) -> Iterator[None]:
    """Memory for `extra` bytes beside what is held; without a GPU, for passes of `tokens` padded tokens."""
    if box.gpu:
        torch.cuda.empty_cache()
        total = torch.cuda.mem_get_info(box.device)[1]
        torch.cuda.set_per_process_memory_fraction((torch.cuda.memory_reserved(box.device) + extra) / total, box.device)
        try:
            yield
        finally:
            torch.cuda.set_per_process_memory_fraction(1.0, box.device)
        return
    whole = TextModel.hidden_states

    def refuse(model: TextModel, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        if ids.numel() > tokens:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate more than there is (pretended).")
        return whole(model, ids, mask)

    TextModel.hidden_states = refuse  # type: ignore[method-assign]
    try:
        yield
    finally:
        TextModel.hidden_states = whole  # type: ignore[method-assign]


def _blind(planner: Any, recipe: Recipe) -> Room:
    """A planner that believes everything fits: then it must be the step that recovers."""
    return Room()


def measured(box: Box, made: LocalEngine, recipe: Recipe) -> tuple[Curve, int]:
    """A probe, and the bytes that it needed beside what was held."""
    before = box.peak(begin=True)
    return made.probe(recipe, 1), box.peak() - before


def recovers(box: Box) -> None:
    """Too little memory: steps in pieces with the same losses; hopeless: a result, and the next training is whole."""
    plan, Planner.room = Planner.room, _blind  # type: ignore[method-assign]
    try:
        data = rows(64 if box.size.name == "real" else 16, box.size.long // 2, 16, vary=False)
        made = box.engine(box.source("bert"), data, "short", max_tokens=512)
        recipe = Recipe(8, Sites(ALL_ROLES, made.model.layers), 2.0, 1e-3, 0.0, batch_size=16)
        whole, peak = measured(box, made, recipe)
        tokens = 16 * made.planner.longest
        with short(box, peak // 3, tokens // 3):
            cut = made.probe(recipe, 1)
        box.note(bytes_of_a_step=peak, pieces=cut.pieces)
        box.expect(cut.health is Health.FINE and cut.pieces is not None, f"no pieces: {cut.health}, {cut.pieces}")
        box.close("losses in pieces", cut.train_loss, whole.train_loss, LEARNT)
        with short(box, peak // 40, made.planner.longest - 1):
            hopeless = made.probe(recipe, 1)
        box.expect(hopeless.health is Health.OUT_OF_MEMORY, f"hopeless, but {hopeless.health}")
        after = made.probe(recipe, 1)
        box.expect(after.train_loss == whole.train_loss, "after lack of memory a training has other losses")
        _encodes(box, made, peak)
        _full(box, made, peak)
    finally:
        Planner.room = plan  # type: ignore[method-assign]


def _encodes(box: Box, made: LocalEngine, peak: int) -> None:
    """Encoding in halves, and one line where not even one text fits."""
    whole = made.features("val")["mean"]
    with short(box, peak // 20, 2 * made.planner.longest):
        box.close("features in halves", made.features("val")["mean"], whole, LOSS)
    try:
        with short(box, 0, 1):
            made.features("val")
        box.note(encoded_without_memory=True)
    except EngineError as error:
        box.note(encoded_without_memory=error.code)


def _full(box: Box, made: LocalEngine, peak: int) -> None:
    """Full fine-tuning that does not fit is a result, and gives the base back bit for bit."""
    before = {name: t.detach().cpu().clone() for name, t in made.model.encoder.state_dict().items()}
    with short(box, peak // 40, 1):
        run = made.full(1, 1e-3) if box.gpu else None
    if run is not None:
        box.expect(run.health is Health.OUT_OF_MEMORY, f"full fine-tuning: {run.health}")
    same = all(torch.equal(t.cpu(), before[name]) for name, t in made.model.encoder.state_dict().items())
    box.expect(same, "full fine-tuning without memory changed the base")


def forecast(box: Box) -> None:
    """The planner's peak against the allocator's, over lengths, recipes and float types."""
    for words in (24, 120, box.size.long) if box.size.name == "real" else (8,):
        data = rows(64 if box.size.name == "real" else 16, words, 16, vary=False)
        for dtype in ("float32", "bfloat16"):
            made = box.engine(box.source("bert"), data, f"forecast-{words}-{dtype}", max_tokens=512)
            made.adopt(Pace(str(box.device), dtype, torch.get_num_threads(), ()))
            for name, sites in {"top": Sites(ATTENTION_QV, 2), "all": Sites(ALL_ROLES, made.model.layers)}.items():
                recipe = Recipe(8, sites, 2.0, 1e-3, 0.1)
                made.expect(recipe)
                plan = made.planner.predict(recipe, Room(), NO_LIMIT)
                made.probe(recipe, 1)  # fills the cache
                box.peak(begin=True)
                made.probe(recipe, 1)
                ratio = plan.peak / box.peak() if box.gpu else None
                box.note(
                    **{f"{words} words {dtype} {name}": {"forecast": plan.peak, "measured": box.peak(), "ratio": ratio}}
                )
                box.expect(
                    ratio is None or abs(ratio - 1) <= WITHIN, f"{words} words {dtype} {name}: forecast {ratio} of it"
                )


def limited(box: Box) -> None:
    """With --memory a step is planned in pieces or twice, stays below it, and loses nothing."""
    data = rows(64 if box.size.name == "real" else 16, box.size.long, 16, vary=False)
    made = box.engine(box.source("bert"), data, "limited", max_tokens=512)
    recipe = Recipe(8, Sites(ALL_ROLES, made.model.layers), 2.0, 1e-3, 0.0)
    whole = made.probe(recipe, 1)
    plan = made.planner.predict(recipe, Room(), NO_LIMIT)
    made.planner.user_limit = (
        plan.peak + made.planner.plan(recipe, 0).peak
    ) // 2  # between the whole step and the least
    room = made.planner.room(recipe)
    box.expect(room is not None and room != Room(), f"planned as if there were room: {room}")
    box.peak(begin=True)
    cut = made.probe(recipe, 1)
    box.note(room=str(room), limit=made.planner.user_limit, measured=box.peak(), recomputed=cut.recomputed)
    box.expect(not box.gpu or box.peak() <= 1.1 * made.planner.user_limit, "more than --memory was used")
    box.close("losses", cut.train_loss, whole.train_loss, LEARNT)
