"""`assess` from files to the record: faults that were planted are found, with the line they stand in."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import rankfirst
from rankfirst import policy
from rankfirst.engine.base import FullRun
from rankfirst.errors import EngineError, OptionError, RankfirstError
from rankfirst.records import Answer, Assessment, BaseFacts, Curve, Evaluation, Health, Verdict, from_json, to_json
from rankfirst.report import summary, write_assessment
from rankfirst.run.assessment import Appraisal, Wanted

SUBJECTS = ("card", "loan", "account", "transfer")
WAYS = ("where is", "please cancel", "how do i open", "what does it cost to keep", "i cannot find", "tell me about")
ENDS = ("today", "for my son", "from abroad", "without a fee", "by phone", "at the branch", "in the app", "again")


def rows(extra: str = "") -> list[list[str]]:
    return [[f"{way} my {subject} {end}{extra}", subject] for way in WAYS for subject in SUBJECTS for end in ENDS]


def written(path: Path, table: list[list[str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["text", "label"], *table])
    return path


@pytest.fixture(scope="module")
def assessed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rows")
    table = rows()
    table[10][1] = next(name for name in SUBJECTS if name != table[10][1])  # line 12
    table.append([table[20][0], next(name for name in SUBJECTS if name != table[20][1])])  # conflicts with line 22
    newer = written(
        folder / "newer.csv", [[text.replace(" my ", " the lost "), label] for text, label in rows(" asap")]
    )
    return rankfirst.assess(written(folder / "tickets.csv", table), compare=newer, encoder=False)


def test_suspects_are_looked_for_in_every_split_and_named_by_line(assessed):
    told = assessed.assessment.reviews["suspects"]
    assert 12 in {row.line for row in told}
    assert {row.file for row in told} == {assessed.dataset.train.file}


def test_conflicts_and_what_may_be_dropped(assessed):
    told = {row.line for row in assessed.assessment.reviews["conflicts"]}
    held = {line for split in (assessed.dataset.val, assessed.dataset.test) for line in split.lines}
    assert told == {22, 194} - held
    assert assessed.lines["conflicts"] == told


def test_a_second_file_is_compared(assessed):
    (shift,) = assessed.assessment.shifts
    assert (shift.between, shift.verdict) == ("compare", Verdict.PRESENT)
    assert shift.words
    assert len(assessed.assessment.reviews["shifted"]) == shift.outside > 20  # all of them, not the few a page shows


def test_the_limits_are_told(assessed):
    told = assessed.assessment
    assert told.ceiling is not None and told.ceiling.low <= told.ceiling.macro_f1 <= told.ceiling.high
    assert told.need is not None and told.need.answer in (Answer.UNKNOWN, Answer.UNLIKELY)
    assert [rung.name for rung in told.rungs] == ["majority", "tfidf"]
    assert told.base_model == ""


def test_the_record_survives_json_and_is_told_in_both_languages(assessed, tmp_path):
    told = assessed.assessment
    assert from_json(Assessment, to_json(told)) == told
    for lang in ("en", "zh"):
        assert summary(told, lang, 80)
        write_assessment(told, tmp_path / lang, lang)
        assert (tmp_path / lang / "suspects.csv").exists()


def test_only_rows_that_leak_into_a_file_of_its_own_may_be_dropped(tmp_path):
    twice = rankfirst.assess(written(tmp_path / "twice.csv", [*rows(), *rows("s")]), encoder=False)
    assert twice.assessment.reviews["leaks"]  # near-duplicates of one file, held out by chance
    assert twice.lines["leaks"] == frozenset()
    table = rows()
    val = written(tmp_path / "val.csv", [["is anybody there", "card"], *table[4:6], ["hello once more", "loan"]])
    told = rankfirst.assess(written(tmp_path / "tickets.csv", table), val=val, test=val, encoder=False)
    assert {6, 7} <= told.lines["leaks"]


class Short:
    """An engine without the memory for a first evaluation."""

    facts = BaseFacts("short", 2, 8, {}, 1, 1, 1, 1, 1, 1)

    def finish(self, recipe, *rest):
        return Curve(recipe, Health.OUT_OF_MEMORY, 0.0, 1, (), (), (), (), (), (), (), 0, 0.0, 0, 0.0)

    def has(self, checkpoint):
        return False

    def full(self, *rest, **more):
        return FullRun(Health.OUT_OF_MEMORY, (), (), np.zeros((0, 2), dtype=np.float32), 1, 0.0)


def test_a_trained_rung_that_could_not_be_judged_is_no_rung(assessed):
    story = Appraisal(assessed.dataset, Short(), Wanted(probe=True, full=True))
    profile = assessed.assessment.profile
    assert (story.lora(story.engine, profile), story.full(story.engine, profile)) == (None, None)


class Trained(Short):
    """LoRA whose best epoch is the first of two: it has the better macro-F1, the last one the lower log-loss."""

    def __init__(self, rows: int) -> None:
        self.rows, self.recipes = rows, []

    def finish(self, recipe, plan, *rest):
        self.recipes.append(recipe)
        seen = [Evaluation(n, float(n), 1.0, 0.5, 0.5, (), 1.0, 0.5, f1) for n, f1 in ((0, 0.5), (1, 0.9), (2, 0.6))]
        best, last = (1.0,) * self.rows, (0.5,) * self.rows
        same = ((0,),) * self.rows
        curve = Curve(recipe, Health.FINE, 2.0, 1, (1,), (1.0,), (1.0,), tuple(seen), best, same, (), 0, 0.0, 0, 0.0)
        return replace(curve, checkpoint="best", kept_epoch=1.0, end="end", end_log_loss=last, end_predicted=same)

    def has(self, checkpoint):
        return True

    def logits(self, checkpoint, split, tick):
        self.checkpoint = checkpoint
        return np.zeros((self.rows, len(SUBJECTS)), dtype=np.float32)

    def ms_per_text(self):
        return 1.0


def test_lora_is_measured_as_fit_would_train_its_first_recipe(assessed):
    profile, engine = assessed.assessment.profile, Trained(len(assessed.dataset.val))
    story = Appraisal(assessed.dataset, engine, Wanted(probe=True))
    rung = story.lora(engine, profile)
    assert rung is not None and engine.recipes == [policy.start(profile, engine.facts)]
    assert engine.checkpoint == "end" and story.epochs == ()  # the last epoch is kept, and nothing was picked


def test_a_trained_rung_needs_the_encoder(tmp_path):
    with pytest.raises(OptionError):
        rankfirst.assess(written(tmp_path / "tickets.csv", rows()), encoder=False, probe=True)


@pytest.mark.encoder
@pytest.mark.slow
def test_with_the_encoder_lora_can_be_measured_too(tmp_path):
    steps: list[str] = []
    told = rankfirst.assess(
        written(tmp_path / "tickets.csv", rows()), probe=True, tick=lambda what, done, total: steps.append(what)
    ).assessment
    assert [rung.name for rung in told.rungs] == ["majority", "tfidf", "frozen", "lora"]
    assert told.need is not None and told.need.answer in (Answer.YES, Answer.NO, Answer.UNKNOWN)
    assert told.learning is not None and len(told.learning.rows) == 3
    assert told.capacity["rank"] >= 8
    assert {"checks", "tfidf", "features", "frozen", "lora"} <= set(steps)
    assert told.rungs[2].ms_per_text > 0


def test_memory_and_bits_that_cannot_be_used_are_refused(tmp_path):
    from tests.engine import tiny

    base, path = tiny.write_base(tmp_path / "bert", "bert"), written(tmp_path / "tickets.csv", rows())
    for memory, code in (("plenty", "option.bad_memory"), ("1MiB", "memory.base")):
        with pytest.raises(RankfirstError) as caught:
            rankfirst.assess(path, base_model=str(base), memory=memory)
        assert caught.value.code == code
    with pytest.raises(EngineError, match="weights in 4 bits cannot be trained"):
        rankfirst.assess(path, base_model=str(base), full=True, base_bits=4)


@pytest.mark.slow
def test_memory_is_limited_as_for_fit(tmp_path, monkeypatch):
    from rankfirst.engine.training.footprint import Planner
    from tests.engine import tiny

    base, path = tiny.write_base(tmp_path / "bert", "bert"), written(tmp_path / "tickets.csv", rows())
    monkeypatch.setattr(Planner, "room", lambda *a: None)
    with pytest.raises(EngineError) as caught:
        rankfirst.assess(path, base_model=str(base), memory="60GiB", probe=True, prefix="")
    assert caught.value.code == "memory.too_little"


def imbalanced(folder: Path) -> Path:
    table = [[f"my parcel {i} has not arrived", "ok"] for i in range(297)]
    return written(folder / "rows.csv", [*table, *([f"please refund purchase {i}", "fraud"] for i in range(3))])


def test_one_row_of_a_class_is_no_proof_that_ngrams_are_enough(tmp_path):
    told = rankfirst.assess(imbalanced(tmp_path), encoder=False).assessment
    assert told.need.answer is Answer.UNKNOWN and told.need.code in ("need.wide", "need.no_curve")
    low, high = told.rungs[1].val.interval
    assert low < 0.9 and low < high


def test_classes_without_validation_rows_are_named(tmp_path):
    rows_of_one = written(tmp_path / "val.csv", [[f"my order {i} has not arrived", "ok"] for i in range(60)])
    assessment = rankfirst.assess(imbalanced(tmp_path), val=rows_of_one, encoder=False).assessment
    assert assessment.need.code == "need.unjudged" and assessment.rungs[1].val.unjudged == ("fraud",)
    for lang, verdict in (("en", "Cannot tell"), ("zh", "无法判断")):
        text = " ".join(line.text for line in summary(assessment, lang, 10_000))
        assert text.count("fraud") >= 2 and verdict in text
        write_assessment(assessment, tmp_path / lang, lang)
        assert '"unjudged": ["fraud"]' in (tmp_path / lang / "assessment.json").read_text("utf-8")


def test_validation_rows_that_are_training_rows_judge_nothing(tmp_path):
    path = imbalanced(tmp_path)
    told = rankfirst.assess(path, val=path, encoder=False).assessment
    assert told.need.code == "need.leaked"


def grouped(folder: Path, own: bool) -> Path:
    """Rows of forty customers; with `own`, each customer's words tell the class of its rows, and of no others."""
    rng = np.random.default_rng(0)
    words = [f"{a}{b}" for a in ("ka", "lo", "mi", "nu", "pe", "ro") for b in ("ba", "do", "fi", "gu", "ha", "je")]
    phrases = {(g, c): " ".join(rng.choice(words, 4)) for g in range(40 if own else 1) for c in range(3)}
    table = [["text", "label", "customer"]]
    for i in range(600):
        g, c = int(rng.integers(40)), int(rng.integers(3))
        table.append([f"{phrases[g if own else 0, c]} {i}", "abc"[c], f"C{g}"])
    path = folder / "rows.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(table)
    return path


@pytest.mark.parametrize(("own", "code"), [(True, "data.note.apart_falls"), (False, "data.note.apart_same")])
def test_the_fall_against_a_random_split_is_a_finding(tmp_path, own, code):
    told = rankfirst.assess(grouped(tmp_path, own), group="customer", encoder=False).assessment
    (found,) = [dict(numbers) for name, numbers in told.notes if name == code]
    assert (float(found["fall"]) > 30) is own
    for lang in ("en", "zh"):
        text = " ".join(line.text for line in summary(told, lang, 10_000))
        assert found["random"] in text and found["apart"] in text
