"""What every family of base models must do: sites, an untouched start, cached blocks, padding, the causal mask."""

from collections.abc import Iterator

import pytest
import torch

from rankfirst.engine.base_models.sources import resolve
from rankfirst.engine.local import LocalEngine
from rankfirst.engine.network import sites
from rankfirst.engine.training.loop import Loop, Trace
from rankfirst.engine.training.schedules import warm_hold_fall
from rankfirst.records import ALL_ROLES, ATTENTION_QV, Role, Sites
from tests.engine import tiny

Names = dict[Role, tuple[str, ...]]
LLAMA: Names = {
    Role.Q: ("self_attn.q_proj",),
    Role.V: ("self_attn.v_proj",),
    Role.FFN_IN: ("mlp.gate_proj", "mlp.up_proj"),
    Role.FFN_OUT: ("mlp.down_proj",),
}
DENSE: Names = {Role.FFN_IN: ("intermediate.dense",), Role.FFN_OUT: ("output.dense",)}
BERT: Names = {Role.Q: ("attention.self.query",), Role.V: ("attention.self.value",)} | DENSE
DEBERTA: Names = {Role.Q: ("attention.self.query_proj",), Role.V: ("attention.self.value_proj",)} | DENSE
# Where LoRA goes for q, v and FFN, in one block.
NAMES: dict[str, Names] = {
    **dict.fromkeys(("bert", "roberta", "xlm-roberta", "electra", "ernie"), BERT),
    **dict.fromkeys(("qwen2", "qwen3", "llama", "mistral", "gemma", "gemma2", "gemma3_text"), LLAMA),
    "embedding-gemma": LLAMA,
    "nomic_bert": LLAMA,
    "eurobert": LLAMA,
    "jina_embeddings_v3": {
        Role.Q: ("self_attn.q_proj",),
        Role.V: ("self_attn.v_proj",),
        Role.FFN_IN: ("mlp.fc1",),
        Role.FFN_OUT: ("mlp.fc2",),
    },
    "distilbert": {
        Role.Q: ("attention.q_lin",),
        Role.V: ("attention.v_lin",),
        Role.FFN_IN: ("ffn.lin1",),
        Role.FFN_OUT: ("ffn.lin2",),
    },
    "deberta-v2": DEBERTA | {Role.Q: ("attention.self.query_proj", "attention.self.pos_query_proj")},
    "deberta-v3": DEBERTA,
    "mpnet": {Role.Q: ("attention.attn.q",), Role.V: ("attention.attn.v",)} | DENSE,
    "albert": {
        Role.Q: ("albert_layers.0.attention.query",),
        Role.V: ("albert_layers.0.attention.value",),
        Role.FFN_IN: ("albert_layers.0.ffn",),
        Role.FFN_OUT: ("albert_layers.0.ffn_output",),
    },
    "modernbert": {Role.Q: ("attn.Wqkv",), Role.FFN_IN: ("mlp.Wi",), Role.FFN_OUT: ("mlp.Wo",)},
    "gpt2": {Role.Q: ("attn.c_attn",), Role.FFN_IN: ("mlp.c_fc",), Role.FFN_OUT: ("mlp.c_proj",)},
    "phi3": {Role.Q: ("self_attn.qkv_proj",), Role.FFN_IN: ("mlp.gate_up_proj",), Role.FFN_OUT: ("mlp.down_proj",)},
}
ROWS = ([2, 7, 8, 9, 10, 11, 3], [2, 12, 3], [2, 13, 14, 6, 3])  # token ids of three lengths
EVERYWHERE = tiny.recipe(sites=Sites(ALL_ROLES, 3), dropout=0.0)
TOP = tiny.recipe(sites=Sites(ALL_ROLES, 1), dropout=0.0)  # two of three blocks are frozen and cached


@pytest.fixture(scope="module", params=tiny.kinds())
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def made(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalEngine]:
    """An engine on a random base of this family; the tests below share it."""
    folder = tmp_path_factory.mktemp(kind)
    yield tiny.engine(resolve(str(tiny.write_base(folder / "base", kind))), folder / "work")


@pytest.fixture(autouse=True)
def fresh(made: LocalEngine) -> None:
    made.model.detach()
    made.model.pooling = made.model.poolings[0]


def some_adapter(engine: LocalEngine) -> None:
    """LoRA at every site, B not zero."""
    engine.model.attach(EVERYWHERE)
    shake(engine)


def shake(engine: LocalEngine) -> None:
    random = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, p in engine.model.adapter().items():
            if ".lora_B." in name:
                p.normal_(0, 0.2, generator=random)


@torch.no_grad()
def answers(engine: LocalEngine, rows: tuple[list[int], ...] = ROWS) -> torch.Tensor:
    weight, bias = engine.heads[EVERYWHERE.head]
    engine.model.set_head(weight, bias)
    return engine.model.logits(*engine.model.pad(rows))


def test_roles_are_found_under_the_names_of_the_family(made: LocalEngine, kind: str) -> None:
    wanted = Sites((*ATTENTION_QV, Role.FFN_IN, Role.FFN_OUT), 2)
    stack, blocks = made.model.stack_name, range(made.model.layers)[-2:]
    expected = {f"{stack}.{i}.{path}" for i in blocks for paths in NAMES[kind].values() for path in paths}
    found = sites.target_modules(made.model.encoder, wanted)
    assert set(found) == expected and len(found) == len(expected)


def test_q_and_v_reach_every_block_and_ffn_the_top_ones(made: LocalEngine, kind: str) -> None:
    stack, layers, names = made.model.stack_name, made.model.layers, NAMES[kind]
    expected = {f"{stack}.{layers - 1}.{path}" for paths in names.values() for path in paths}
    attention = [path for role in ATTENTION_QV for path in names.get(role, ())]
    expected |= {f"{stack}.{i}.{path}" for i in range(layers) for path in attention}
    found = sites.target_modules(made.model.encoder, tiny.FFN_ON_TOP)
    assert set(found) == expected and len(found) == len(expected)


def test_what_is_counted_is_what_is_attached(made: LocalEngine, kind: str) -> None:
    for asked in (Sites(ATTENTION_QV, 2), tiny.FFN_TOO, tiny.FFN_ON_TOP, Sites(ALL_ROLES, 1)):
        made.model.attach(tiny.recipe(sites=asked, rank=3))
        assert made.facts.adapter_parameters(3, asked) == sum(p.numel() for p in made.model.adapter().values())


def test_q_and_v_that_cannot_be_separated_are_known(made: LocalEngine, kind: str) -> None:
    assert sites.fused(made.model.stack[0]) == (kind in tiny.FUSED)
    assert made.model.passes == (3 if kind == "albert" else 1)


def test_a_fresh_adapter_changes_nothing_and_a_step_does(made: LocalEngine) -> None:
    before = answers(made)
    made.model.attach(EVERYWHERE)
    assert (answers(made) - before).abs().max() <= 1e-6
    loop = Loop(made.corpus, EVERYWHERE, None, made.heads[EVERYWHERE.head])
    loop.train(range(8), warm_hold_fall(10**6), Trace(1))
    after = made.model.logits(*made.model.pad(ROWS))
    assert torch.isfinite(after).all() and (after - before).abs().max() > 1e-5


def test_answers_from_cached_blocks_are_those_of_the_whole_model(made: LocalEngine) -> None:
    loop = Loop(made.corpus, TOP, None, made.heads[TOP.head])
    assert loop.depth == made.model.layers - 1
    shake(made)
    cached = loop.logits("val")
    loop.depth = 0
    assert abs(cached - loop.logits("val")).max() <= 1e-5


def test_padding_does_not_change_an_answer(made: LocalEngine) -> None:
    some_adapter(made)
    for pooling in made.model.poolings:
        made.model.pooling = pooling
        alone = torch.cat([answers(made, (row,)) for row in ROWS])
        assert (answers(made) - alone).abs().max() <= 1e-5


def test_decoders_look_back_only_and_encoders_both_ways(made: LocalEngine, kind: str) -> None:
    some_adapter(made)
    row = ROWS[0]
    with torch.no_grad():
        ids, mask = made.model.pad([row, [*row[:-1], 5]])
        states = made.model.hidden_states(ids, mask)
    earlier = float((states[0] - states[1])[:-1].abs().max())
    assert made.model.causal == (kind in tiny.DECODERS)
    assert earlier <= 1e-5 if made.model.causal else earlier > 1e-4


def test_pooling_the_last_token_takes_a_real_one(made: LocalEngine, kind: str) -> None:
    assert ("last" in made.model.poolings) == (kind in tiny.DECODERS)
    ids, mask = made.model.pad(ROWS)
    with torch.no_grad():
        states = made.model.hidden_states(ids, mask)
    pooled = made.model.pool(states, mask, "last")
    assert all(torch.equal(pooled[i], states[i, len(row) - 1]) for i, row in enumerate(ROWS))
