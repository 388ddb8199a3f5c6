"""Long texts: cut as the tokenizer would cut them, or read in overlapping windows that give one state a text."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from rankfirst.engine.base import Source
from rankfirst.engine.base_models.sources import resolve
from rankfirst.engine.export.predictor import Predictor
from rankfirst.engine.local import LocalEngine
from rankfirst.engine.network import token_windows
from rankfirst.engine.network.model import TextModel
from rankfirst.engine.network.token_windows import MOST_WINDOWS, Frame, Ragged, Texts, starts
from rankfirst.engine.training import frozen_states
from rankfirst.engine.training.batches import pieces, sorted_batches
from rankfirst.engine.training.footprint import Planner, Room
from rankfirst.engine.training.loop import Loop
from rankfirst.errors import OptionError
from rankfirst.records import Dataset, Split
from tests.engine import tiny

FRAME = Frame((2,), (50, 51), (3,), False)
NEUTRAL = ("my", "please", "the", "help", "now", "rate")
LIMIT = 10


def long_rows(train: int = 60, val: int = 30, longest: int = 30) -> Dataset:
    """Texts of neutral words whose label is told by one word behind the first LIMIT tokens."""
    rng = np.random.default_rng(7)

    def split(n: int) -> Split:
        texts = []
        for i in range(n):
            words = [str(w) for w in rng.choice(NEUTRAL, size=int(rng.integers(LIMIT + 8, longest)))]
            words[int(rng.integers(LIMIT, len(words)))] = tiny.CLASSES[i % 3]
            texts.append(" ".join(words))
        return Split(tuple(texts), tuple((i % 3,) for i in range(n)))

    return Dataset("long", tiny.CLASSES, False, split(train), split(val), split(9))


@pytest.fixture
def model(bert: Source) -> TextModel:
    return TextModel(bert, torch.device("cpu"))


@pytest.fixture
def engine(bert: Source, tmp_path: Path) -> LocalEngine:
    return tiny.engine(bert, tmp_path / "work", long_rows(), max_tokens=LIMIT, windows=True)


# --- cutting ---


@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize("limit", [4, 5, 9])
def test_a_text_is_cut_as_its_tokenizer_would(model: TextModel, side: str, limit: int) -> None:
    model.tokenizer.truncation_side = side
    texts = ["", "send", "send cash please", "lost my card now please help block the card now"]
    own = model.tokenizer(["help " + t for t in texts], truncation=True, max_length=limit)["input_ids"]
    read = model.tokenize(texts, "help ", limit)
    assert list(read.windows) == own and read.counts(range(4)) == [1] * 4
    assert list(read.full) == [3, 4, 6, 13]


def test_a_real_tokenizer_is_followed_too() -> None:
    from transformers import AutoTokenizer

    from rankfirst.engine.base_models import sources

    try:
        folder = sources.resolve(sources.DEFAULT_EN).folder
    except Exception:
        pytest.skip("the packaged encoder is not installed")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    text = "query: " + "where is my parcel, it was unbelievably overdue yesterday? " * 9
    frame = Frame.of(tokenizer, "query: ")
    for limit in (8, 33, 64):
        whole = tokenizer(text, verbose=False)["input_ids"]
        assert frame.cut(whole, limit, False) == [tokenizer(text, truncation=True, max_length=limit)["input_ids"]]
    pieces = frame.cut(whole, 64, True)
    assert len(pieces) > 2 and {tuple(p[:3]) for p in pieces} == {(*frame.head, *frame.lead)}


def test_the_frame_is_read_off_the_tokenizer(model: TextModel) -> None:
    assert Frame.of(model.tokenizer, "") == Frame((2,), (), (3,), False)
    assert Frame.of(model.tokenizer, "help ").lead == (12,)


def test_every_window_has_specials_and_prefix_and_half_of_its_own_tokens_again() -> None:
    ids = [2, 50, 51, *range(100, 120), 3]
    pieces = FRAME.cut(ids, 12, windows=True)
    assert all(len(p) <= 12 and p[:3] == [2, 50, 51] and p[-1] == 3 for p in pieces)
    own = [p[3:-1] for p in pieces]
    assert own == [list(range(a, min(a + 8, 120))) for a in (100, 104, 108, 112)]
    assert FRAME.cut(ids[:12], 12, windows=True) == [ids[:12]]  # not longer than the limit


def test_a_prefix_that_grew_together_with_the_text_is_repeated_as_far_as_it_is_there() -> None:
    pieces = FRAME.cut([2, 50, 99, *range(100, 120), 3], 12, windows=True)
    assert {tuple(p[:2]) for p in pieces} == {(2, 50)} and pieces[0][2] == 99


@pytest.mark.parametrize("room", [2, 3, 8, 61])
def test_windows_reach_from_start_to_end_without_gaps(room: int) -> None:
    for tokens in range(room, room * MOST_WINDOWS + 1):
        begun = starts(tokens, room)
        assert begun[0] == 0 and begun[-1] + room >= tokens and begun[-1] < tokens
        assert all(0 < b - a <= room for a, b in pairwise(begun))
        assert len(begun) <= MOST_WINDOWS


def test_more_than_eight_are_eight_spread_evenly() -> None:
    assert starts(1000, 100) == [round(i * 900 / 7) for i in range(8)]
    assert starts(450, 100) == [0, 50, 100, 150, 200, 250, 300, 350]
    assert len(starts(451, 100)) == 8 and starts(451, 100)[-1] == 351


def test_a_text_within_reach_is_read_whole_and_a_longer_one_is_not() -> None:
    reach = FRAME.reach(12, windows=True)
    assert (reach, FRAME.reach(12, windows=False)) == (4 + 8 * 8, 12)
    for full, whole in ((reach, True), (reach + 1, False)):
        ids = [2, 50, 51, *range(100, 100 + full - 4), 3]
        assert ({t for p in FRAME.cut(ids, 12, True) for t in p} == set(ids)) is whole


def test_windows_without_room_for_text_are_refused(bert: Source, tmp_path: Path) -> None:
    with pytest.raises(OptionError) as refused:
        tiny.engine(bert, tmp_path, long_rows(), max_tokens=9, prefix="help me now please my rate ", windows=True)
    assert refused.value.code == "option.narrow_window"
    assert "10" in str(refused.value)
    tiny.engine(bert, tmp_path, long_rows(), max_tokens=10, prefix="help me now please my rate ", windows=True)


# --- batches ---


def test_evaluation_batches_keep_to_their_tokens_and_keep_a_text_together() -> None:
    counts, widths = [1, 8, 3, 1, 2, 8], [5, 64, 64, 3, 64, 64]
    batches = sorted_batches(widths, counts, tokens=64 * 9, rows=10)
    assert sorted(r for b in batches for r in b) == list(range(6))
    for batch in batches:
        assert sum(counts[r] for r in batch) * max(widths[r] for r in batch) <= 64 * 9
    assert sorted_batches(widths, [1] * 6) == sorted_batches(widths)


def test_training_pieces_are_smaller_where_windows_would_crowd(engine: LocalEngine) -> None:
    cut = pieces(range(8), engine.corpus.lengths["train"], 8 * LIMIT)
    assert sorted(r for p in cut for r in p) == list(range(8)) and len(cut) > 2
    texts = engine.corpus.texts["train"]
    assert all(len(p) == 1 or sum(texts.counts(p)) <= 8 for p in cut)


def test_a_step_in_pieces_is_the_step_in_one(bert: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    curves = []
    for tokens in (10**6, 8 * LIMIT):
        monkeypatch.setattr(Planner, "room", lambda planner, recipe, tokens=tokens: Room(tokens))
        made = tiny.engine(bert, tmp_path / str(tokens), long_rows(), max_tokens=LIMIT, windows=True)
        curves.append(made.probe(tiny.recipe(dropout=0.0), 1))
    assert curves[0].train_loss == pytest.approx(curves[1].train_loss, rel=1e-4)


def test_owner_is_none_where_every_text_is_one_window(engine: LocalEngine) -> None:
    texts = Texts([([[2, 5, 3]], 3), ([[2, 5, 3], [2, 6, 3]], 4)], FRAME)
    assert engine.model.batch(texts, [0])[2] is None
    owner = engine.model.batch(texts, [1, 0])[2]
    assert owner is not None and owner.tolist() == [0, 0, 1]
    assert list(texts.lengths) == [3, 6] and len(texts) == 2


# --- states and logits ---


@pytest.mark.parametrize("pooling", ["mean", "cls", "max"])
def test_a_text_is_the_mean_of_its_windows_by_their_tokens(engine: LocalEngine, pooling: str) -> None:
    model, texts = engine.model, engine.corpus.texts["val"]
    rows = [3, 0, 5]
    with torch.no_grad():
        got = engine.features("val")[pooling][rows]
        for row, state in zip(rows, got, strict=True):
            alone = [model.pad([texts.windows[w]]) for w in texts.of([row])]
            pooled = torch.cat([model.pool(model.hidden_states(i, m).float(), m, pooling) for i, m in alone])
            weight = torch.tensor([float(m.sum()) for _, m in alone])
            assert len(alone) > 1
            np.testing.assert_allclose(state, (weight @ pooled / weight.sum()).numpy(), atol=1e-5)


def test_short_texts_are_the_same_with_and_without_windows(bert: Source, tmp_path: Path) -> None:
    plain, windowed = (tiny.engine(bert, tmp_path / str(w), windows=w) for w in (False, True))
    assert plain.facts == windowed.facts
    for name, states_ in plain.features("train").items():
        assert (windowed.features("train")[name] == states_).all()
    assert plain.probe(tiny.recipe(), 2) == windowed.probe(tiny.recipe(), 2)


def test_costs_count_the_tokens_of_every_window(engine: LocalEngine) -> None:
    texts = engine.corpus.texts["train"]
    assert engine.facts.full_tokens == sum(map(len, texts.windows)) > sum(texts.full)
    curve = engine.probe(tiny.recipe(), 1)
    assert curve.work > 0


def both_ways(bert: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **options: Any) -> list[LocalEngine]:
    """An engine that caches the states of its frozen block, and one that finds no room for them."""
    cached = tiny.engine(bert, tmp_path / "cached", long_rows(), max_tokens=LIMIT, windows=True, **options)
    plain = tiny.engine(bert, tmp_path / "plain", long_rows(), max_tokens=LIMIT, windows=True, **options)
    monkeypatch.setattr(plain.corpus, "cacheable", lambda depth: False)
    return [cached, plain]


def test_cached_states_of_windows_change_nothing(bert: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cached, plain = both_ways(bert, tmp_path, monkeypatch)
    recipe = tiny.recipe()
    loops = [Loop(e.corpus, recipe, None, e.heads[recipe.head]) for e in (cached, plain)]
    assert [loop.depth for loop in loops] == [1, 0]
    curves = [e.probe(recipe, 2) for e in (cached, plain)]
    assert curves[0].train_loss == pytest.approx(curves[1].train_loss, rel=1e-4)
    got, expected = (e.logits(c.checkpoint, "val") for e, c in zip((cached, plain), curves, strict=True))
    assert np.abs(got - expected).max() < 1e-4
    assert cached.corpus.store("train", 1).lengths.tolist() == [len(w) for w in cached.corpus.texts["train"].windows]


def test_states_seen_while_encoding_are_those_the_cache_would_compute(
    bert: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frozen_states, "MEMORY_MEGABYTES", 64.0)
    kept, filled = (
        tiny.engine(bert, tmp_path / name, long_rows(), max_tokens=LIMIT, windows=True) for name in ("kept", "filled")
    )
    kept.expect(tiny.recipe())
    kept.features("train")
    filled.corpus.fill("train", 1, range(60))
    one, other = (e.corpus.store("train", 1) for e in (kept, filled))
    assert one.filled.all() and other.filled.all()
    torch.testing.assert_close(one.packed, other.packed)


def test_the_predictor_reads_windows_as_the_engine_did(engine: LocalEngine, tmp_path: Path) -> None:
    checkpoint = engine.probe(tiny.recipe(), 2).checkpoint
    engine.export(checkpoint, str(tmp_path / "model"))
    facts = {"kind": "lora", "base_model": engine.source.spec, "base_sha256": engine.source.sha256, "pooling": "mean",
             "prefix": engine.prefix, "max_tokens": engine.max_tokens}  # fmt: skip
    texts = engine.dataset.test.texts  # type: ignore[union-attr]
    expected = engine.logits(checkpoint, "test")
    got = Predictor(tmp_path / "model", facts | {"windows": engine.info.windows}).logits(texts)
    assert np.abs(got - expected).max() < 1e-5
    older = Predictor(tmp_path / "model", facts).logits(texts)  # a model of before windows says nothing of them
    assert np.abs(older - expected).max() > 1e-3


def test_a_decoder_reads_windows_by_their_last_tokens(tmp_path: Path) -> None:
    source = resolve(str(tiny.write_base(tmp_path / "base", "gpt2")))
    made = tiny.engine(source, tmp_path / "work", long_rows(), max_tokens=LIMIT, windows=True)
    texts, state = made.corpus.texts["val"], made.features("val")["last"][4]
    alone = [made.model.pad([texts.windows[w]]) for w in texts.of([4])]
    with torch.no_grad():
        last = torch.cat([made.model.hidden_states(*one)[:, -1] for one in alone])
    weight = torch.tensor([float(mask.sum()) for _, mask in alone])
    assert len(alone) > 1 and made.model.pooling == "last"
    np.testing.assert_allclose(state, (weight @ last / weight.sum()).numpy(), atol=1e-5)
    assert made.probe(tiny.recipe(), 1).health == "fine"


def test_memory_halves_by_texts(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = engine.features("val")["mean"]
    most = max(engine.corpus.texts["val"].counts(range(30)))
    real = TextModel.hidden_states

    def hidden_states(self: TextModel, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        if len(ids) > most:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return real(self, ids, mask)

    monkeypatch.setattr(TextModel, "hidden_states", hidden_states)
    assert engine.features("val")["mean"] == pytest.approx(whole, abs=1e-5)
    assert engine.probe(tiny.recipe(), 1).health == "fine"


@pytest.mark.slow
def test_windows_learn_the_word_that_cutting_takes_away(bert: Source, tmp_path: Path) -> None:
    recipe = tiny.recipe(sites=tiny.FFN_TOO, rank=8, lr=0.01, dropout=0.0)
    rows, scores = long_rows(train=400, val=60, longest=24), {}
    for read in (False, True):
        made = tiny.engine(bert, tmp_path / str(read), rows, max_tokens=LIMIT, windows=read)
        scores[read] = made.probe(recipe, 6).best.val_macro_f1
    assert scores[True] > 0.85 and scores[False] < 0.6, scores


def test_what_was_read_is_told(engine: LocalEngine, bert: Source, tmp_path: Path) -> None:
    told = engine.info.lengths
    assert told is not None and engine.info.windows and told.windows
    assert (told.max_tokens, told.over, told.cut, told.suggested) == (LIMIT, 1.0, 0.0, 0)
    plain = tiny.engine(bert, tmp_path / "plain", long_rows(), max_tokens=LIMIT).info
    assert plain.truncated_share == 1.0 and plain.lengths is not None
    assert plain.lengths.suggested == 32 and plain.lengths.suggested_cut == 0.0


def test_a_text_exactly_at_the_limit_is_not_cut(bert: Source, tmp_path: Path) -> None:
    split = Split(("send cash now",) * 3, ((0,), (1,), (2,)))
    made = tiny.engine(bert, tmp_path, Dataset("even", tiny.CLASSES, False, split, split, None), max_tokens=5)
    assert made.info.truncated_share == 0


def test_the_number_of_windows_is_bounded(bert: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_windows, "MOST_WINDOWS", 2)
    made = tiny.engine(bert, tmp_path, long_rows(), max_tokens=LIMIT, windows=True)
    assert set(made.corpus.texts["train"].counts(range(60))) == {2}
    assert made.info.lengths is not None and made.info.lengths.cut > 0


def test_packed_windows_are_a_sequence_of_lists() -> None:
    rows = [[2, 5, 3], [2, 3], [2, 70_000, 9, 3]]
    packed = Ragged()
    for row in rows:
        packed.append(row)
    assert list(packed) == rows
    assert (packed[-1], packed[::2], packed[:2], len(packed)) == (rows[-1], rows[::2], rows[:2], 3)
    assert [packed.size(i) for i in range(3)] == [3, 2, 4]
    with pytest.raises(IndexError):
        packed[3]
