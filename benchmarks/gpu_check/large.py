"""A decoder of half a billion weights, a base in 4 bits, a base in parts, several GPUs."""

from importlib.util import find_spec
from typing import Any

import torch
from tests.engine import tiny

from benchmarks.gpu_check.box import Box, MissingError, rows
from benchmarks.gpu_check.exact import LEARNT, exported_as_trained, tiny_source
from rankfirst.engine.parallel.world import World, held_weights
from rankfirst.records import ALL_ROLES, ATTENTION_QV, Health, Pace, Recipe, Sites


def decoder(box: Box) -> None:
    """Probes of two recipes over it in bfloat16, packed and alone, and what they take."""
    made = box.engine(box.source("qwen2"), rows(box.size.rows // 8, 60, 16), "decoder", max_tokens=256)
    box.note(weights=sum(p.numel() for p in made.model.encoder.parameters()), causal=made.model.causal)
    box.expect(made.model.causal, "a decoder is taken for an encoder")
    made.adopt(Pace(str(box.device), "bfloat16", torch.get_num_threads(), ()))
    first = Recipe(16, Sites(ATTENTION_QV, made.model.layers // 2), 2.0, 2e-4, 0.1)
    made.expect(first)
    made.features("train")
    both = first, first.with_(lr=4e-4)
    for name, pack in {"packed": True, "in turn": False}.items():
        made.pack = pack
        box.peak(begin=True)
        with box.timed(f"{name} s"):
            curves = made.probes(both, 1)
        box.note(**{f"{name} bytes": box.peak(), f"{name} loss": [c.train_loss[-1] for c in curves]})
        box.expect(all(c.health is Health.FINE for c in curves), f"{name}: {[c.health for c in curves]}")
    box.note(forecast=made.footprint(first).peak)


def four_bits(box: Box) -> None:
    """A tiny base in 4 bits against the CPU; a large one: what it holds, a probe, and its delivery read back."""
    if find_spec("bitsandbytes") is None:
        raise MissingError("bitsandbytes: pip install 'rankfirst[bnb]'")
    features, probes = [], []
    for device in (str(box.device), "cpu"):
        work = box.folder / "work" / f"four-{device}"
        made = tiny.engine(tiny_source(box, "bert"), work, device=device, base_bits=4, pack=True)
        features.append(made.features("val")["mean"])
        probes.append(made.probes((tiny.recipe(), tiny.recipe(lr=0.02)), 2))
    box.close("features", *features, 1e-3)
    for n, (mine, theirs) in enumerate(zip(*probes, strict=True)):
        box.close(f"losses {n}", mine.train_loss, theirs.train_loss, LEARNT)
    large = box.engine(box.source("qwen2"), rows(64, 40, 16), "four", base_bits=4, max_tokens=128)
    box.note(held=box.peak())
    large.adopt(Pace(str(box.device), "bfloat16", torch.get_num_threads(), ()))
    recipe = Recipe(8, Sites(ALL_ROLES, 2), 2.0, 2e-4, 0.1)
    large.expect(recipe)
    large.features("train")
    with box.timed("probe s"):
        curve = large.probe(recipe, 1)
    box.expect(curve.health is Health.FINE, f"a probe over 4 bits: {curve.health}")
    exported_as_trained(box, made, "cpu")


def in_parts(box: Box) -> None:
    """A base in parts (FSDP) over one process against the whole base: the same losses."""
    backend = "nccl" if box.gpu else "gloo"
    if not torch.distributed.is_available() or (box.gpu and not torch.distributed.is_nccl_available()):
        raise MissingError(f"{backend} in this torch")
    meeting = box.folder / "meeting"
    meeting.unlink(missing_ok=True)
    if box.gpu:
        torch.cuda.set_device(0)
    torch.distributed.init_process_group("cuda:nccl,cpu:gloo" if box.gpu else "gloo", init_method=meeting.as_uri(),
                                         rank=0, world_size=1)  # fmt: skip
    try:
        device = f"{box.device.type}:0" if box.gpu else "cpu"
        data, source = rows(48, 12, 16), box.source("bert")
        recipe = Recipe(4, Sites(ATTENTION_QV, 2), 2.0, 1e-3, 0.1, batch_size=8)
        curves: list[Any] = []
        for name, world in {"parts": World(0, 1, sharded=True), "whole": World()}.items():
            made = box.engine(source, data, f"in-{name}", world, device=device)
            curves.append(made.probe(recipe, 1))
            box.note(**{f"{name} weights": held_weights(made.model.encoder), f"{name} bytes": box.peak()})
        box.close("losses", curves[0].train_loss, curves[1].train_loss, LEARNT)
        total = torch.ones(3, device=box.device)
        torch.distributed.all_reduce(total)
        box.expect(total.tolist() == [1, 1, 1], "a sum over one process is another one")
    finally:
        torch.distributed.destroy_process_group()


def several(box: Box) -> None:
    """`--processes 2`, with a GPU each, against one process."""
    if box.gpu and torch.cuda.device_count() < 2:
        raise MissingError("a second GPU")
    if not box.gpu:
        raise MissingError("a GPU: processes on CPUs are tested (tests/engine/parallel)")
    from benchmarks.gpu_check.box import head_for
    from rankfirst.engine.base import EngineOptions
    from rankfirst.engine.parallel.distributed import DistributedEngine
    from rankfirst.engine.parallel.processes import Processes

    data, source = rows(64, 12, 16), box.source("bert")
    recipe = Recipe(4, Sites(ATTENTION_QV, 2), 2.0, 1e-3, 0.1, batch_size=8)
    alone = box.engine(source, data, "alone").probe(recipe, 1)
    for sharded in (False, True):
        made = DistributedEngine(data, source, box.folder / "work" / f"two-{sharded}", Processes(2, sharded),
                                 EngineOptions(device="cuda"))  # fmt: skip
        try:
            made.use_head("mean", *head_for(data, made.facts.hidden))
            box.close(
                f"losses {'in parts' if sharded else 'whole'}",
                made.probe(recipe, 1).train_loss,
                alone.train_loss,
                LEARNT,
            )
        finally:
            made.release()
