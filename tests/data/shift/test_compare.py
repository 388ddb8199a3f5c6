"""Two samples of made-up texts: what is called a shift, what is not, and which rows are foreign."""

import numpy as np
import pytest

from rankfirst.data.shift.changes import units, words_moved
from rankfirst.data.shift.compare import LEAST_TEXTS, NEEDED_TEXTS, Side, shift
from rankfirst.messages import say
from rankfirst.records import Verdict

CLASSES = ("card", "loan", "transfer")
ACTS = ("lost", "blocked", "late", "wrong", "missing", "double", "open", "slow", "cheap", "new")
THINGS = ("fee", "limit", "number", "letter", "branch", "app", "code", "rate", "date", "name")
TAILS = ("today", "again", "please", "now", "since monday", "for my son", "abroad", "at night", "twice", "help")


def rows(n, seed, classes=CLASSES):
    """n distinct texts in three classes, and two-dimensional features around one centre a class."""
    rng = np.random.default_rng(seed)
    texts, labels, features = {}, [], []
    while len(texts) < n:
        c = int(rng.integers(len(classes)))
        words = [classes[c], *(str(rng.choice(kind)) for kind in (ACTS, THINGS, TAILS))]
        text = " ".join(rng.permutation(words)) + f" {int(rng.integers(100))}"
        if text not in texts:
            texts[text] = None
            labels.append((c,))
            centre = np.eye(8)[c] * 6
            features.append(rng.normal(centre, 1.0))
    return list(texts), labels, np.array(features, dtype=np.float32)


def sides(n=700, encoder=True):
    texts, labels, features = rows(2 * n, 0)
    return tuple(
        Side(texts[part], labels[part], features[part] if encoder else None) for part in (slice(0, n), slice(n, 2 * n))
    )


def told(found):
    """The finding, after making sure both sentences can be said."""
    for lang in ("en", "zh"):
        assert say(found.code, lang, **found.numbers)
        if "evidence" in found.numbers:
            assert say(f"shift.evidence.{found.numbers['evidence']}", lang)
    return found


@pytest.mark.parametrize("encoder", [True, False])
def test_two_halves_of_one_sample_are_no_shift(encoder):
    before, after = sides(encoder=encoder)
    found = told(shift(before, after, "val", CLASSES))
    assert (found.verdict, found.code, found.words, found.classes) == (Verdict.ABSENT, "shift.val.absent", (), ())


def test_shift_is_deterministic_for_a_seed():
    before, after = sides(100)
    assert shift(before, after, "test", CLASSES, seed=3) == shift(before, after, "test", CLASSES, seed=3)


def test_a_new_topic_of_five_percent_is_found_and_its_rows_listed():
    before, after = sides()
    new, _, _ = rows(35, 9, ("insurance",))
    far = np.random.default_rng(1).normal(np.eye(8)[5] * 6, 1.0, (35, 8)).astype(np.float32)
    mixed = Side([*after.texts, *new], None, np.concatenate([after.features, far]), lines=range(2, 737), file="new.csv")
    found = told(shift(before, mixed, "compare", CLASSES))
    assert found.verdict is Verdict.PRESENT
    assert found.words[0][0] == "insurance"
    assert found.words[0][1:] == pytest.approx((0, 35 / 735))
    assert found.outside >= 30
    assert sum("insurance" in row.text for row in found.rows) >= 19
    first = found.rows[0]
    assert (first.file, mixed.texts[first.line - 2]) == ("new.csv", first.text)
    scores = [row.score for row in found.rows]
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] > 1


def test_a_class_that_grows_is_listed_with_its_shares():
    texts, labels, features = rows(2000, 0)
    main = np.array([row[0] for row in labels])
    new = np.concatenate([np.flatnonzero(main == 0)[:400], np.flatnonzero(main > 0)[:300]])
    old = np.setdiff1d(np.arange(2000), new)
    take = [Side([texts[i] for i in part], [labels[i] for i in part], features[part]) for part in (old, new)]
    found = told(shift(*take, "date", CLASSES, cut="2024-01-31"))
    assert found.verdict is Verdict.PRESENT
    assert found.classes[0][0] == "card"
    assert found.classes[0][2] == pytest.approx(400 / 700)
    assert "2024-01-31" in say(found.code, "en", **found.numbers)


def test_classes_are_predicted_if_the_new_rows_have_no_labels():
    before, after = sides()
    p = [np.eye(3)[[row[0] for row in side.labels]] for side in (before, after)]
    p[1][:300] = (0, 0, 1)
    known, new = Side(before.texts, None, None, p[0]), Side(after.texts, None, None, p[1])
    found = told(shift(known, new, "compare", CLASSES))
    assert (found.verdict, found.numbers["evidence"], found.classes[0][0]) == (Verdict.PRESENT, "classes", "transfer")


def test_repeated_rows_are_no_shift():
    before, after = sides()
    doubled = Side([*before.texts] * 2, [*before.labels] * 2, np.concatenate([before.features] * 2))
    assert shift(doubled, after, "val", CLASSES).verdict is Verdict.ABSENT
    assert shift(before, doubled, "val", CLASSES).verdict is Verdict.ABSENT


def test_a_text_that_suddenly_repeats_is_a_shift():
    before, after = sides()
    greet = "hello there"
    known = Side([*before.texts, *[greet] * 10], None)
    new = Side([*after.texts, *[greet] * 200], None)
    found = told(shift(known, new, "compare", CLASSES))
    assert (found.verdict, found.numbers["evidence"]) == (Verdict.PRESENT, "repeats")


def test_numbered_templates_do_not_fill_one_fold():
    texts = [f"ticket {i}" for i in np.random.default_rng(0).permutation(2000)]
    found = shift(Side(texts[::2]), Side(texts[1::2]), "test", CLASSES)
    assert found.numbers["p_texts"] > 0.01


def test_multi_label_shares():
    texts, labels, features = rows(1400, 0)
    both = [(c, 2) if c != 2 and i < 700 and i % 3 == 0 else (c,) for i, (c,) in enumerate(labels)]
    take = [Side(texts[part], both[part], features[part]) for part in (slice(0, 700), slice(700, 1400))]
    found = told(shift(*take, "val", CLASSES, multi_label=True))
    assert (found.verdict, found.classes[0][0]) == (Verdict.PRESENT, "transfer")


def test_few_rows_are_unknown_with_the_number_needed():
    before, after = sides(100)
    found = told(shift(before, after, "test", CLASSES))
    assert (found.verdict, found.code, found.numbers["least"]) == (Verdict.UNKNOWN, "shift.test.unknown", NEEDED_TEXTS)
    few = after.take(np.arange(LEAST_TEXTS - 1))
    assert told(shift(before, few, "test", CLASSES)).code == "shift.test.too_few"
    assert told(shift(before, after.take(np.arange(0)), "test", CLASSES)).verdict is Verdict.UNKNOWN


def test_units_are_words_and_short_runs_of_ideographs():
    assert units("My Card's lost!") == {"my", "card's", "lost"}
    assert units("查APP") == {"app"}
    assert units("信用卡") == {"信用", "用卡", "信用卡"}


def test_parts_of_a_longer_ngram_are_not_listed_with_it():
    before = [f"查询余额{i}" for i in range(200)]
    after = [*before[:100], *[f"信用卡{i}" for i in range(100)]]
    moved, p = words_moved(before, after)
    assert moved[0][0] in {"信用卡", "询余额", "查询余"}
    assert p < 1e-6
    assert not {"信用", "用卡"} & {name for name, _, _ in moved}
