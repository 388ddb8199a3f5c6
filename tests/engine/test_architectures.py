"""One tiny probe and one delivery a family of base models."""

from pathlib import Path

import numpy as np
import pytest

from rankfirst.engine.base_models.sources import resolve
from rankfirst.engine.local import LocalEngine
from rankfirst.engine.network.sites import fused
from rankfirst.records import ALL_ROLES, Health, Role, Sites
from tests.engine import tiny
from tests.engine.export.test_adapter import plain_logits

TOP = tiny.recipe(sites=Sites(ALL_ROLES, 1), dropout=0.0)  # two of three blocks are frozen and cached


@pytest.fixture(params=tiny.kinds())
def made(request: pytest.FixtureRequest, tmp_path: Path) -> LocalEngine:
    """An engine on a random base of this architecture."""
    return tiny.engine(resolve(str(tiny.write_base(tmp_path / "base", request.param))), tmp_path / "work")


def test_features_then_a_probe_with_cached_blocks(made: LocalEngine) -> None:
    made.features("train")
    recipe = TOP.with_(lr=2e-3)
    cached = made.probe(recipe, 1)
    assert cached.health is Health.FINE and cached.last.train_loss < cached.start.train_loss
    made.corpus.cacheable = lambda depth: False  # type: ignore[method-assign]
    uncached = made.probe(recipe, 1)
    assert cached.val_log_loss == pytest.approx(uncached.val_log_loss, abs=1e-4)
    assert cached.train_loss == pytest.approx(uncached.train_loss, abs=1e-4)


def test_plain_peft_answers_as_the_engine(made: LocalEngine, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    weight = rng.normal(0, 0.1, (len(tiny.CLASSES), made.facts.hidden)).astype(np.float32)
    made.use_head("mean", weight, np.zeros(len(tiny.CLASSES), dtype=np.float32))
    checkpoint = made.probe(tiny.recipe(sites=Sites(ALL_ROLES, 3)), 1).checkpoint
    made.export(checkpoint, str(tmp_path / "model"))
    got = plain_logits(made.source.folder, tmp_path / "model", made.dataset.test.texts)
    assert np.abs(got - made.logits(checkpoint, "test")).max() < 1e-5


def test_every_role_is_found(made: LocalEngine) -> None:
    absent = {Role.K.value, Role.V.value} if fused(made.model.stack[0]) else set()
    assert set(made.facts.shapes) == {r.value for r in ALL_ROLES} - absent


@pytest.mark.parametrize("kind", ["gpt_neox", "falcon", "bloom"])
def test_every_role_of_gpt_neox_and_its_kin_is_found(tmp_path: Path, kind: str) -> None:
    sizes = tiny.SIZES | {"num_attention_heads": 2, "n_layer": 3, "n_head": 2, "intermediate_size": 24}
    engine = tiny.engine(resolve(str(tiny.write_base(tmp_path / "base", kind, **sizes))), tmp_path / "work")
    assert set(engine.facts.shapes) == {"q", "o", "ffn_in", "ffn_out"} and fused(engine.model.stack[0])
    assert engine.probe(TOP, 1).health is Health.FINE


@pytest.mark.parametrize(
    "kind",
    ["bert", "roberta", "xlm-roberta", "distilbert", "electra", "albert", "gpt2", "mpnet", "camembert"],
)
def test_texts_longer_than_the_positions_are_cut(tmp_path: Path, kind: str) -> None:
    sizes = tiny.ARCHITECTURES.get(kind, tiny.ARCHITECTURES["roberta"]) | {
        "n_positions" if kind == "gpt2" else "max_position_embeddings": 9,
        "pad_token_id": 1 if kind in ("roberta", "xlm-roberta", "mpnet", "camembert") else 0,
    }
    engine = tiny.engine(resolve(str(tiny.write_base(tmp_path / "base", kind, **sizes))), tmp_path / "work")
    assert engine.info.truncated_share > 0
    assert np.isfinite(engine.features("train")["mean"]).all()


def test_a_shared_block_costs_as_often_as_it_runs(tmp_path: Path) -> None:
    work = []
    for kind in ("bert", "albert"):
        source = resolve(str(tiny.write_base(tmp_path / kind, kind)))
        work.append(tiny.engine(source, tmp_path / f"{kind}-work").probe(tiny.recipe(sites=tiny.FFN_TOO), 1).work)
    assert work[1] == pytest.approx(work[0])


def test_several_labels_a_row_train_too(tmp_path: Path) -> None:
    source = resolve(str(tiny.write_base(tmp_path / "base", "bert")))
    engine = tiny.engine(source, tmp_path / "work", tiny.dataset(multi_label=True))
    curve = engine.probe(tiny.recipe(), 3)
    assert curve.health is Health.FINE and curve.last.train_loss < curve.start.train_loss
    assert {len(row) for row in curve.val_predicted} - {1}
