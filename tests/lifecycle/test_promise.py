"""A promise is shown on rows that nothing else used, kept by whoever loads the delivery, and checked by the gate."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

import rankfirst
from rankfirst.baselines import TfidfModel
from rankfirst.baselines.logistic import Weights
from rankfirst.baselines.tfidf_model import WORD_MARK, NGrams
from rankfirst.errors import OptionError, RankfirstError, RunError
from rankfirst.lifecycle.drift.without_labels import rows_with_sets, watched_promise
from rankfirst.lifecycle.gate import gate
from rankfirst.lifecycle.promise import promise, withdraw
from rankfirst.model import manifest, promises
from rankfirst.model.batch_predict import predict_file
from rankfirst.records import Calibration, Clause, Promise, to_json
from tests.engine import tiny
from tests.model import deliveries

WORDS = ("refund", "parcel", "login")


def delivered(place: Path, multi: bool = False) -> Path:
    """A run whose n-gram model knows one word a class."""
    model = place / "run" / "model"
    model.mkdir(parents=True)
    coef = (9.0 * np.eye(3)).astype(np.float32)
    bias = np.array([-4.0, -4.0, -4.0] if multi else [-1.0, 0.0, 0.0], dtype=np.float32)  # refund loses a draw
    grams = NGrams("char", 9, 9, longest_words=1)
    words = tuple(WORD_MARK + word for word in WORDS)
    TfidfModel(grams, words, np.ones(3, dtype=np.float32), Weights(coef, bias), multi).save(model)
    fitted = Calibration("tfidf", 1.0, 0.0, 0.0, None, 0, False, 1.0, 1.0, None)
    facts = {"kind": "tfidf", "multi_label": multi, "classes": list(WORDS), "calibration": to_json(fitted)}
    (model / manifest.DECISION).write_text(json.dumps(facts | {manifest.CLAIM: True}), encoding="utf-8")
    (model / manifest.LABELS).write_text(json.dumps(WORDS), encoding="utf-8")
    (model / "README.md").write_text("# card\n", encoding="utf-8")
    scores = {"macro_f1": 0.9, "per_class_recall": dict.fromkeys(WORDS, 0.9), "class_rows": dict.fromkeys(WORDS, 400)}
    (place / "run" / "result.json").write_text(json.dumps({"test": scores}), encoding="utf-8")
    manifest.write(model)
    return place / "run"


def labelled(path: Path, each: int = 120, mixed: int = 20, wrong: int = 0, label: str = "label") -> Path:
    """Rows of each class: `mixed` of them hold a second word, and so do `wrong` with the other word's label."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["text", label])
        for c, word in enumerate(WORDS):
            other = WORDS[(c + 1) % 3]
            for i in range(each):
                text = f"{word} {other}" if i < mixed else other if i < mixed + wrong else word
                writer.writerow([f"{text} {word[0]}{i}", word])
    return path


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return delivered(tmp_path)


def test_a_promise_is_kept_by_predict_python_and_the_server(run: Path, tmp_path: Path) -> None:
    rows = labelled(tmp_path / "rows.csv")
    made = promise(run, {"refund": 0.9}, precision_all=0.9, rows=rows)
    assert [clause.kind for clause in made.clauses] == ["recall", "precision"]
    model = rankfirst.load(run)
    assert model.promise == made
    texts = ["refund", "refund parcel", "parcel"]
    assert model.predict(texts) == ["refund", None, "parcel"]  # without asking it to abstain
    assert model.answer_sets(model.read(texts)) == [["refund"], ["refund", "parcel"], ["parcel"]]
    predict_file(model, rows, tmp_path / "answers.jsonl")
    answers = [json.loads(line) for line in (tmp_path / "answers.jsonl").read_text("utf-8").splitlines()]
    assert all(answer["abstained"] == (answer["predicted_label"] is None) for answer in answers)
    refunds = [answer for answer in answers if answer["label"] == "refund"]
    assert np.mean(["refund" in answer["answer_set"] for answer in refunds]) >= 0.9


def test_the_server_names_the_answer_set_of_a_model_with_a_promise_only(run: Path, tmp_path: Path) -> None:
    from rankfirst.server.app import answers_of
    from rankfirst.server.schema import ClassifyRequest

    def served() -> dict[str, object]:
        model, texts = rankfirst.load(run), ["refund parcel"]
        return dict(answers_of(model, model.read(texts), ClassifyRequest(texts=texts))[0])

    assert "answer_set" not in served()
    promise(run, {"refund": 0.9}, rows=labelled(tmp_path / "rows.csv"))
    answer = served()
    assert (answer["labels"], answer["abstained"], answer["answer_set"]) == ([], True, ["refund", "parcel"])


@pytest.mark.parametrize("multi", [False, True])
def test_a_text_without_a_label_is_explained_compared_and_shown_on_the_page(tmp_path: Path, multi: bool) -> None:
    from rankfirst.lifecycle.continue_training import continuation
    from rankfirst.ui.acts import trial

    run = delivered(tmp_path, multi)
    clause = Clause("precision", "", 0.9, 100, 100, 0.95)
    promises.write(Promise(0.95, (clause,), 1.0, None, 100, 0.0, backend="tfidf"), run / "model", "en")
    manifest.write(run / "model")
    model, text = rankfirst.load(run), "refund parcel"
    assert model.predict([text]) == [None]
    (why,) = model.explain([text])
    assert why.labels == () and why.margin.abstained and why.because[0].label in WORDS
    assert continuation._answers(run, [text, "login"], WORDS)[1] == (2,)  # compared by the labels that it would give
    told = trial.Trials(rankfirst.load).ask(run, text, rows=False)
    assert told.abstains and told.promised and set(told.answer) <= set(WORDS) and told.answer


def test_a_promise_is_part_of_the_delivery(run: Path, tmp_path: Path) -> None:
    before = manifest.digest(run / "model")
    promise(run, {"refund": 0.9}, rows=labelled(tmp_path / "rows.csv"), lang="zh")
    assert manifest.digest(run / "model") != before
    card = (run / "model" / "README.md").read_text("utf-8")
    assert card.startswith("# card")
    assert card.count("## 承诺") == 1
    promise(run, {"refund": 0.8}, rows=tmp_path / "rows.csv")  # it replaces the first
    assert (run / "model" / "README.md").read_text("utf-8").count("<!-- promise -->") == 1
    path = run / "model" / "promise.json"
    path.write_text(path.read_text("utf-8").replace("0.8", "0.7"), encoding="utf-8")
    with pytest.raises(RunError, match=r"promise\.json is not the file"):
        rankfirst.load(run)
    path.unlink()
    with pytest.raises(RunError, match="missing"):
        rankfirst.load(run)


def test_a_promise_that_is_withdrawn_leaves_the_delivery_as_it_was(run: Path, tmp_path: Path) -> None:
    before = manifest.digest(run / "model")
    promise(run, {"refund": 0.9}, rows=labelled(tmp_path / "rows.csv"))
    withdraw(run)
    assert manifest.digest(run / "model") == before
    with pytest.raises(RunError, match="no promise"):
        withdraw(run)


@pytest.mark.parametrize(
    ("value", "why"), [("{", "damaged"), ('{"is": "Promise"}', "damaged"), ("[]", "damaged"), (None, "damaged")]
)
def test_a_promise_that_cannot_be_read_is_one_line(run: Path, tmp_path: Path, value: str | None, why: str) -> None:
    promise(run, {"refund": 0.9}, rows=labelled(tmp_path / "rows.csv"))
    path = run / "model" / "promise.json"
    other = json.loads(path.read_text("utf-8"))
    other["clauses"][0]["name"] = "a class of another model"
    path.write_text(json.dumps(other) if value is None else value, encoding="utf-8")
    manifest.write(run / "model")
    with pytest.raises(RunError, match=why):
        rankfirst.load(run)


def test_too_few_rows_are_refused_with_the_number_needed(run: Path, tmp_path: Path) -> None:
    few = labelled(tmp_path / "few.csv", each=20)
    with pytest.raises(RunError, match=r"refund has 20 rows.*at least 29 rows"):
        promise(run, {"refund": 0.9}, rows=few)
    assert not (run / "model" / "promise.json").exists()


def test_copies_of_a_row_are_one_row(run: Path, tmp_path: Path) -> None:
    few = labelled(tmp_path / "few.csv", each=20)
    lines = few.read_text("utf-8").splitlines()
    few.write_text("\n".join([lines[0], *(lines[1:] * 5)]), encoding="utf-8")
    with pytest.raises(RunError, match="refund has 20 rows"):
        promise(run, {"refund": 0.9}, rows=few)


def test_what_the_rows_do_not_show_is_refused(run: Path, tmp_path: Path) -> None:
    rows = labelled(tmp_path / "rows.csv", mixed=0, wrong=30)
    with pytest.raises(RunError, match=r"recall of 95.0% for refund cannot be shown.*90 of 120 rows"):
        promise(run, {"refund": 0.95}, rows=rows)
    with pytest.raises(RunError, match=r"precision of 95.0% cannot be shown"):
        promise(run, precision_all=0.95, rows=rows)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({}, "Nothing is promised"),
        ({"recall": {"refunds": 0.9}}, "'refunds' is not a class.*refund, parcel, login"),
        ({"recall": {"refund": 1.0}}, "above 0 and below 1"),
        ({"precision_all": 90.0}, "above 0 and below 1"),
        ({"precision_all": 0.9, "confidence": 1.0}, "confidence"),
    ],
)
def test_impossible_wishes_are_refused(run: Path, tmp_path: Path, asked: dict[str, object], why: str) -> None:
    with pytest.raises(OptionError, match=why):
        promise(run, **asked, rows=labelled(tmp_path / "rows.csv"))  # type: ignore[arg-type]


def test_rows_come_from_the_run_or_are_named(run: Path) -> None:
    with pytest.raises(RankfirstError, match="--rows"):
        promise(run, {"refund": 0.9})


def test_several_labels_a_row(tmp_path: Path) -> None:
    run, rows = delivered(tmp_path, multi=True), tmp_path / "rows.csv"
    with rows.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "labels"])
        for i in range(300):
            names = [WORDS[i % 3]] if i % 5 else list(WORDS[:2])
            writer.writerow([f"{' '.join(names)} {i}", "|".join(names)])
    made = promise(run, {"refund": 0.9}, precision_all=0.9, rows=rows)
    assert made.rows == 300
    model = rankfirst.load(run)
    assert model.predict(["refund"]) == [["refund"]]


def test_the_gate_checks_the_promise(run: Path, tmp_path: Path) -> None:
    def verdicts(**more: object) -> list[tuple[str, str]]:
        return [(point.code, point.verdict) for point in gate(run, **more)][1:]  # type: ignore[arg-type]

    good, bad = labelled(tmp_path / "good.csv"), labelled(tmp_path / "bad.csv", wrong=60)
    few = labelled(tmp_path / "few.csv", each=5, mixed=0)
    assert verdicts(promise=True) == [("gate.promise_none", "failed")]
    promise(run, {"refund": 0.9}, rows=good)
    assert verdicts(promise=True) == [("gate.promise", "passed")]
    assert verdicts(rows=good)[1:] == [("gate.promise_kept", "passed")]
    assert verdicts(rows=bad)[1:] == [("gate.promise_broken", "failed")]
    assert verdicts(rows=few)[1:] == [("gate.promise_unsure", "unsure")]


def test_the_gate_asks_for_what_the_model_in_use_promises(run: Path, tmp_path: Path) -> None:
    old = delivered(tmp_path / "old")
    promise(old, {"refund": 0.9}, rows=labelled(tmp_path / "rows.csv"))
    points = gate(run, max_recall_drop=0.1, against=old)
    assert ("gate.promise_gone", "failed") in [(point.code, point.verdict) for point in points]
    promise(run, {"refund": 0.95}, rows=labelled(tmp_path / "rows.csv"))
    points = gate(run, max_recall_drop=0.1, against=old)
    assert "gate.promise_gone" not in [point.code for point in points]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--recall", "refund=0.9"], 0, "recall of refund at least 90.0%"),
        (["--recall", "refund=0.9", "--lang", "zh"], 0, "refund 的召回率不低于 90.0%"),
        (["--recall", "refund"], 2, "is not CLASS=SHARE"),
        (["--recall", "refund=0.9", "--recall", "refund=0.8"], 2, "twice"),
        (["--recall", "refund=0.9", "--withdraw"], 2, "takes no other option"),
        ([], 2, "Nothing is promised"),
    ],
)
def test_the_command_line_answers_with_its_exit_code(
    run: Path, tmp_path: Path, words: list[str], code: int, told: str, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    from rankfirst.cli.main import main

    rows = ["--rows", str(labelled(tmp_path / "rows.csv"))] if words else []
    monkeypatch.setattr("sys.argv", ["rankfirst", "promise", str(run), *rows, *words])
    monkeypatch.setenv("RANKFIRST_LANG", "en")
    with pytest.raises(SystemExit) as ended:
        main()
    out = capsys.readouterr()
    assert (ended.value.code or 0) == code
    assert told in out.out + out.err
    assert len((out.out + out.err).splitlines()) == (6 if code == 0 else 1)


def adapted(place: Path, **more: object) -> Path:
    """A tiny LoRA delivery that promises a precision, shown as `more` says."""
    run = deliveries.new(place)
    clause = Clause("precision", "", 0.5, 40, 40, 0.9)
    promises.write(Promise(0.95, (clause,), 0.0, None, 40, 1.0, **more), run / "model", "en")  # type: ignore[arg-type]
    manifest.write(run / "model")
    return run


def test_a_backend_keeps_the_rule_that_its_own_answers_showed(tmp_path: Path) -> None:
    own = Promise(0.95, (Clause("precision", "", 0.5, 40, 40, 0.9),), 0.99, None, 40, 0.5)
    run = adapted(tmp_path, backend="int8", graph="f00d", others=(own,))
    model = rankfirst.load(run)
    assert model.promise == own  # its level, not that of int8
    assert None in model.predict(deliveries.TEXTS)


def test_a_backend_whose_answers_showed_nothing_refuses_in_one_line(tmp_path: Path) -> None:
    from rankfirst.server.reload import Holder

    run = adapted(tmp_path, backend="int8", graph="f00d")
    model = rankfirst.load(run)
    assert model.predict_proba(deliveries.TEXTS).shape[0] == len(deliveries.TEXTS)
    for ask in (lambda: model.predict(deliveries.TEXTS), lambda: model.answer_sets(model.read(["card"])),
                lambda: Holder(lambda: rankfirst.load(run), run / "model" / manifest.DECISION)):  # fmt: skip
        with pytest.raises(RunError, match=r"not shown with the answers of torch.*shown: int8") as refused:
            ask()
        assert refused.value.code == "promise.other_backend" and "\n" not in str(refused.value)
    withdraw(run)
    assert None not in rankfirst.load(run).predict(deliveries.TEXTS)


def test_drift_watches_a_promise_that_another_backend_showed(tmp_path: Path) -> None:
    clause = Clause("precision", "", 0.5, 40, 40, 0.9)
    run = adapted(tmp_path, backend="int8", graph="f00d")
    model, p = rankfirst.load(run), np.array([[0.5, 0.3, 0.2], [0.98, 0.01, 0.01]])
    assert model.promise_shown is None and watched_promise(model) == model.promised
    promises.write(Promise(0.95, (clause,), 0.9, None, 40, 1.0, backend="int8", graph="f00d"), run / "model", "en")
    manifest.write(run / "model")
    assert rows_with_sets(rankfirst.load(run), p).answered.tolist() == [False, True]


def test_a_promise_of_before_backends_were_recorded_is_that_of_torch(tmp_path: Path) -> None:
    run = adapted(tmp_path)
    path = run / "model" / promises.FILE
    kept = json.loads(path.read_text("utf-8"))
    assert {"graph", "others", "unshown"}.isdisjoint(kept)
    del kept["backend"]
    path.write_text(json.dumps(kept), encoding="utf-8")
    manifest.write(run / "model")
    assert rankfirst.load(run).promise is not None


@pytest.mark.slow
def test_every_exported_format_is_asked_and_one_exported_again_refuses(tmp_path: Path) -> None:
    pytest.importorskip("onnxscript", reason="exporting needs the extra onnx (pip install -e '.[dev]')")
    from rankfirst.model import export

    run, rows = deliveries.new(tmp_path), tmp_path / "rows.csv"
    calibration = json.loads((run / "model" / manifest.DECISION).read_text("utf-8"))["calibration"]
    deliveries.edit(run, calibration=calibration | {"abstain": None})
    manifest.write(run / "model")
    export.export(run, ["onnx"])
    texts = [" ".join((a, b, c)) for a in tiny.WORDS for b in tiny.WORDS for c in tiny.WORDS][:300]
    answers = rankfirst.load(run).predict(texts)
    lines = [f"{text},{answer}" for text, answer in zip(texts, answers, strict=True)]
    rows.write_text("text,label\n" + "\n".join(lines), encoding="utf-8")
    made = promise(run, precision_all=0.9, rows=rows)
    assert (made.backend, [own.backend for own in made.others], made.unshown) == ("torch", ["onnx"], ())
    assert rankfirst.load(run, "onnx").predict(texts[:5]) == rankfirst.load(run).predict(texts[:5])
    assert [point.verdict for point in gate(run, rows=rows)][-2:] == ["passed", "passed"]
    listed = manifest.read(run / "model")
    (run / "model" / "model.onnx").write_bytes((run / "model" / "model.onnx").read_bytes() + b"\x12\x01x")
    manifest.write(run / "model", run, listed, ["model.onnx"])
    with pytest.raises(RunError) as refused:
        rankfirst.load(run, "onnx").predict(texts[:1])
    assert refused.value.code == "promise.other_backend"
