"""On disk and back: the same probabilities to the bit, without pickle, whole files only."""

import json
import pickle

import numpy as np
import pytest

from rankfirst.baselines import TfidfModel, fit_tfidf
from rankfirst.baselines.tfidf_model import NGrams
from tests.baselines.rows import multi, single

WAYS = [NGrams("char", 1, 5), NGrams("char_wb", 2, 5), NGrams("char_wb", 2, 5, 2)]


@pytest.mark.parametrize("grams", WAYS, ids=lambda grams: grams.words)
@pytest.mark.parametrize("data", [single(), multi()], ids=["single", "multi"])
def test_round_trip_is_exact(data, grams, tmp_path):
    model = fit_tfidf(data, tail=[], grams=grams).model
    model.save(tmp_path / "new" / "folder")
    again = TfidfModel.load(tmp_path / "new" / "folder")
    texts = [*data.val.texts, "", "unseen 词 🙂"]
    np.testing.assert_array_equal(again.predict_proba(texts), model.predict_proba(texts))
    assert again.megabytes == model.megabytes


def test_megabytes_are_what_is_on_disk(tmp_path):
    model = fit_tfidf(single(), tail=[]).model
    model.save(tmp_path)
    assert sum(f.stat().st_size for f in tmp_path.iterdir()) / 1e6 == pytest.approx(model.megabytes, rel=0.05)


def test_no_pickle_and_no_leftovers(tmp_path, monkeypatch):
    model = fit_tfidf(single(), tail=[]).model

    def refuse(*args, **kwargs):
        raise AssertionError("pickle was used")

    for name in ("dump", "dumps", "load", "loads"):
        monkeypatch.setattr(pickle, name, refuse)
    model.save(tmp_path)
    TfidfModel.load(tmp_path)
    assert sorted(f.name for f in tmp_path.iterdir()) == ["tfidf.json", "tfidf.safetensors"]


def test_a_failed_write_leaves_the_old_model(tmp_path, monkeypatch):
    old = fit_tfidf(single(), tail=[]).model
    old.save(tmp_path)
    before = {f.name: f.read_bytes() for f in tmp_path.iterdir()}

    def full_disk(tensors, path):
        path.write_bytes(b"half")
        raise OSError("no space left")

    monkeypatch.setattr("rankfirst.baselines.tfidf_model.save_file", full_disk)
    with pytest.raises(OSError):
        old.save(tmp_path)
    assert {name: (tmp_path / name).read_bytes() for name in before} == before


def test_a_model_saved_before_whole_words_were_counted_still_answers(tmp_path):
    model = fit_tfidf(single(), tail=[], grams=NGrams("char_wb", 2, 5)).model
    model.save(tmp_path)
    header = json.loads((tmp_path / "tfidf.json").read_text(encoding="utf-8"))
    del header["ngrams"]["longest_words"]
    (tmp_path / "tfidf.json").write_text(json.dumps(header), encoding="utf-8")
    texts = single().val.texts
    np.testing.assert_array_equal(TfidfModel.load(tmp_path).predict_proba(texts), model.predict_proba(texts))
