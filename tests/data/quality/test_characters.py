"""Kinds of characters and words, row by row, whatever the chunk."""

import numpy as np
import pytest

from rankfirst.data.quality import characters, word_ids
from rankfirst.data.quality.characters import Mark, Script, characters_of
from rankfirst.data.quality.word_ids import wording_of

TEXTS = ["Hi 订单 42", "", "naïve ＡＢ😀", "где", "<b>", "x\ud800"]


@pytest.mark.parametrize("chunk", [1, 2, 100])
def test_characters_are_counted_row_by_row(monkeypatch, chunk):
    monkeypatch.setattr(characters, "_CHUNK", chunk)
    found = characters_of(TEXTS)
    assert found.count(Script.IDEOGRAPH).tolist() == [2, 0, 0, 0, 0, 0]
    assert found.count(Script.LATIN).tolist() == [2, 0, 4, 0, 1, 1]
    assert found.count(Script.ACCENTED).tolist() == [0, 0, 1, 0, 0, 0]
    assert found.count(Script.OTHER).tolist() == [0, 0, 0, 3, 0, 0]
    assert found.count(Script.DIGIT).tolist() == [2, 0, 0, 0, 0, 0]
    assert np.flatnonzero(found.has(Mark.EMOJI | Mark.ANGLE)).tolist() == [2, 4]


@pytest.mark.parametrize("chunk", [1, 2, 100])
def test_words_are_counted_row_by_row(monkeypatch, chunk):
    monkeypatch.setattr(word_ids, "_CHUNK", chunk)
    found = wording_of(["Don't pay, DON’T", "", "我要pay 12", "été"])
    assert found.lengths.tolist() == [3, 0, 1, 1]
    assert dict(zip(found.vocabulary, found.counts.tolist(), strict=True)) == {"\n": 0, "don't": 2, "pay": 2, "été": 1}
    assert found.hits({"don't", "été"}).tolist() == [2, 0, 0, 1]
