"""A chosen prefix holds for everything that is read afterwards, and its states meet no others."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from rankfirst.engine.base import Source
from rankfirst.engine.base_models.sources import resolve
from rankfirst.engine.local import LocalEngine
from tests.engine import tiny

RECIPE = tiny.recipe()


def probed(engine: LocalEngine) -> object:
    engine.expect(RECIPE)
    engine.features("train"), engine.features("val")
    return engine.probe(RECIPE, 1)


def test_adopting_is_the_same_as_having_been_made_with_it(bert: Source, tmp_path: Path) -> None:
    made, adopted = tiny.engine(bert, tmp_path / "a", prefix="query: "), tiny.engine(bert, tmp_path / "b")
    adopted.features("train")
    adopted.adopt_prefix("query: ")
    assert (adopted.facts, adopted.info) == (made.facts, made.info)
    for split in ("train", "val", "test"):
        for pooling, array in made.features(split).items():
            np.testing.assert_array_equal(array, adopted.features(split)[pooling])
    assert probed(made) == probed(adopted)


def test_states_of_another_prefix_are_not_met_again(
    bert: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit in (1024.0, 0.0):  # in memory, in files
        monkeypatch.setattr("rankfirst.engine.training.frozen_states.MEMORY_MEGABYTES", limit)
        fresh = probed(tiny.engine(bert, tmp_path / f"{limit}-a", prefix="query: "))
        engine = tiny.engine(bert, tmp_path / f"{limit}-b")
        plain = probed(engine)
        engine.adopt_prefix("query: ")
        assert probed(engine) == fresh != plain


def test_what_the_user_chose_is_not_up_for_choice(bert: Source, tmp_path: Path) -> None:
    assert tiny.engine(bert, tmp_path, prefix="").prefixes == ("",)


def test_a_base_that_was_trained_with_one_is_tried_with_it_first(bert: Source, tmp_path: Path) -> None:
    folder = tmp_path / "tiny-e5"
    shutil.copytree(bert.folder, folder)
    engine = tiny.engine(resolve(str(folder)), tmp_path / "work")
    assert engine.prefixes == ("query: ", "") and engine.info.prefix == "query: "


def test_a_prefix_that_would_fill_the_window_is_not_tried(bert: Source, tmp_path: Path) -> None:
    assert tiny.engine(bert, tmp_path, max_tokens=5).prefixes == ("",)


def test_other_texts_are_read_as_the_training_rows_are(bert: Source, tmp_path: Path) -> None:
    engine = tiny.engine(bert, tmp_path, prefix="query: ")
    texts = engine.dataset.train.texts[:5]
    for pooling, array in engine.encode(texts).items():
        np.testing.assert_allclose(array, engine.features("train")[pooling][:5], atol=1e-5)
