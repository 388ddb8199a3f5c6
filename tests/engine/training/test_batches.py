"""Batches: the same for the same seed and epoch, little padding, cut by tokens."""

import pytest

from rankfirst.engine.training.batches import epoch_batches, padding_share, pieces, sorted_batches

LENGTHS = [3 + (7 * i) % 40 for i in range(500)]


def test_an_epoch_holds_every_row_once_and_is_the_same_again() -> None:
    batches = epoch_batches(LENGTHS, 32, seed=1, epoch=2)
    assert sorted(r for b in batches for r in b) == list(range(500))
    assert batches == epoch_batches(LENGTHS, 32, seed=1, epoch=2) != epoch_batches(LENGTHS, 32, seed=1, epoch=3)


def test_grouping_by_length_leaves_little_padding() -> None:
    plain = [list(range(i, i + 20)) for i in range(0, 500, 20)]
    assert padding_share(LENGTHS, epoch_batches(LENGTHS, 20, 0, 0)) < 0.06 < 0.4 < padding_share(LENGTHS, plain)
    assert padding_share([5, 5], [[0, 1]]) == 0


@pytest.mark.parametrize("tokens", [1, 40, 100, 10_000])
def test_no_piece_holds_more_tokens_than_allowed(tokens: int) -> None:
    rows = [4, 99, 12, 300, 7]
    cut = pieces(rows, LENGTHS, tokens)
    assert sorted(r for p in cut for r in p) == sorted(rows)
    assert all(len(p) == 1 or len(p) * max(LENGTHS[r] for r in p) <= tokens for p in cut)
    assert (cut == [rows]) == (tokens == 10_000)


def test_evaluation_batches_keep_to_their_budget() -> None:
    for batch in sorted_batches(LENGTHS, tokens=300, rows=20):
        assert len(batch) <= 20 and len(batch) * max(LENGTHS[r] for r in batch) <= 300
