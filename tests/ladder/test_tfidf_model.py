"""On disk and back: the same probabilities to the bit, without pickle, whole files only."""

import pickle

import numpy as np
import pytest

from rankfirst.ladder import TfidfModel, fit_tfidf

from .rows import multi, single


@pytest.mark.parametrize("data", [single(), multi()], ids=["single", "multi"])
def test_round_trip_is_exact(data, tmp_path):
    model, _ = fit_tfidf(data, tail=[])
    model.save(tmp_path / "new" / "folder")
    again = TfidfModel.load(tmp_path / "new" / "folder")
    texts = [*data.val.texts, "", "unseen 词 🙂"]
    np.testing.assert_array_equal(again.predict_proba(texts), model.predict_proba(texts))
    assert again.megabytes == model.megabytes


def test_megabytes_are_what_is_on_disk(tmp_path):
    model, _ = fit_tfidf(single(), tail=[])
    model.save(tmp_path)
    assert sum(f.stat().st_size for f in tmp_path.iterdir()) / 1e6 == pytest.approx(model.megabytes, rel=0.05)


def test_no_pickle_and_no_leftovers(tmp_path, monkeypatch):
    model, _ = fit_tfidf(single(), tail=[])

    def refuse(*args, **kwargs):
        raise AssertionError("pickle was used")

    for name in ("dump", "dumps", "load", "loads"):
        monkeypatch.setattr(pickle, name, refuse)
    model.save(tmp_path)
    TfidfModel.load(tmp_path)
    assert sorted(f.name for f in tmp_path.iterdir()) == ["tfidf.json", "tfidf.safetensors"]


def test_a_failed_write_leaves_the_old_model(tmp_path, monkeypatch):
    old, _ = fit_tfidf(single(), tail=[])
    old.save(tmp_path)
    before = {f.name: f.read_bytes() for f in tmp_path.iterdir()}

    def full_disk(tensors, path):
        path.write_bytes(b"half")
        raise OSError("no space left")

    monkeypatch.setattr("rankfirst.ladder.tfidf_model.save_file", full_disk)
    with pytest.raises(OSError):
        old.save(tmp_path)
    assert {name: (tmp_path / name).read_bytes() for name in before} == before
