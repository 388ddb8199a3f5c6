"""N-grams by script, rare classes, empty rows, the same result twice."""

import numpy as np
import pytest

from rankfirst.baselines import fit_tfidf, tfidf
from rankfirst.baselines.tfidf import choose_ngrams
from rankfirst.baselines.tfidf_model import NGrams
from tests.baselines.rows import dataset, multi, single

CHINESE = ("我要退款", "快递到哪了", "怎么开发票", "密码忘记了")


@pytest.mark.parametrize(
    ("texts", "analyzer", "words"),
    [
        (CHINESE, "char", "1-3"),
        (("iPhone 15 多少钱", "帮我打开 WiFi 设置"), "char", "1-3"),
        (("where is my parcel", "naïve café"), "char_wb", "2-5 + words 1-2"),
        (("please open 熊猫 books for me, thanks",), "char_wb", "2-5 + words 1-2"),
        (("", " "), "char_wb", "2-5 + words 1-2"),
    ],
)
def test_ngrams_follow_the_script(texts, analyzer, words):
    grams = choose_ngrams(texts)
    assert (grams.analyzer, grams.words) == (analyzer, words)


@pytest.mark.parametrize("data", [single(), multi()], ids=["single", "multi"])
def test_learns_what_the_words_say(data):
    fitted = fit_tfidf(data, tail=[0])
    model, rung = fitted.model, fitted.rung
    assert rung.name == "tfidf"
    assert rung.val.macro_f1 > 0.95
    assert rung.details["C"] in (1.0, 10.0, 100.0)
    assert rung.megabytes == model.megabytes > 0
    assert rung.seconds > 0
    assert len(rung.val_predicted) == len(rung.val_log_loss) == len(data.val)


def test_learns_chinese():
    rows = [(i % 4,) for i in range(80)]
    data = dataset(rows, rows[:20], texts=lambda row, i: f"{CHINESE[row[0]]}，第{i}次")
    assert fit_tfidf(data, tail=[]).rung.val.macro_f1 > 0.95


def test_single_label_probabilities_sum_to_one():
    model = fit_tfidf(single(), tail=[]).model
    probs = model.predict_proba(["refund please", "", "词"])
    assert probs.shape == (3, 4)
    assert probs.dtype == np.float64
    np.testing.assert_allclose(probs.sum(axis=1), 1)


def test_classes_of_one_row_do_not_stop_it():
    data = dataset([(0,)] * 20 + [(1,)] * 2 + [(2,)] + [(3,)], [(0,), (3,)])
    fitted = fit_tfidf(data, tail=[2, 3])
    model, rung = fitted.model, fitted.rung
    assert model.predict_proba(["x"]).shape == (1, 4)
    assert np.isfinite(rung.val.log_loss)


def test_a_label_of_every_row_does_not_stop_it():
    rows = [(0,), (0, 1)] * 15
    assert fit_tfidf(dataset(rows, rows[:6], multi_label=True), tail=[]).rung.val.macro_f1 == 1.0


def test_the_same_twice():
    one, two = (fit_tfidf(single(), tail=[], seed=3).model for _ in range(2))
    np.testing.assert_array_equal(one.weights.coef, two.weights.coef)


def test_more_rows_than_it_reads_are_sampled_and_counted(monkeypatch):
    monkeypatch.setattr(tfidf, "MOST_ROWS", 100)
    rung = fit_tfidf(single(n=400), tail=[0]).rung
    assert rung.details["rows"] == 100 and rung.val.macro_f1 > 0.95
    assert fit_tfidf(single(n=50), tail=[0]).rung.details["rows"] == 54


def test_whole_words_are_counted_beside_characters():
    grams = NGrams("char_wb", 2, 5, 2)
    fitted = fit_tfidf(single(), tail=[], grams=grams)
    model, rung = fitted.model, fitted.rung
    assert rung.details["ngrams"] == "2-5 + words 1-2" and rung.ms_per_text > 0
    assert {"\trefund number", "\trefund", " refu"} <= set(model.vocabulary)
