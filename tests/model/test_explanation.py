"""Why an answer was given, for every kind of delivery; texts of rows only from the run's own data, on request."""

import json
import shutil
from pathlib import Path

import pytest

from rankfirst.cli.main import app
from rankfirst.data import load_dataset
from rankfirst.errors import RunError
from rankfirst.model import nearest_rows
from rankfirst.model.classifier import load
from rankfirst.model.explanation import ROWS, columns
from tests.model import deliveries


@pytest.fixture(scope="module")
def run(lora_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy, whose rows stay where they were."""
    return Path(shutil.copytree(lora_run, tmp_path_factory.mktemp("explained") / "run"))


def test_a_lora_delivery_tells_words_rows_and_margin(run: Path, rows: Path) -> None:
    model, train = load(run), load_dataset(rows).train
    text = train.texts[4]
    (told,) = model.explain([text])
    assert told.labels == (model.predict([text])[0],) == (told.because[0].label,)
    p = model.predict_proba([text, *(" ".join(text.split()[:n] + text.split()[n + 1 :]) for n in range(3))])
    first = next(word for word in told.because[0].words if word.start == 0)
    at = model.classes.index(told.labels[0])
    assert (first.text, text[first.start : first.end]) == (text.split()[0],) * 2
    assert first.without == pytest.approx(p[1][at], abs=1e-5)
    assert (first.effect > 0) == (p[1][at] < p[0][at])
    assert len(told.nearest) == ROWS and told.nearest[0].similarity > 0.98
    near = told.nearest[0]
    assert train.texts[near.row].split()[:-1] == text.split()[:-1] and near.text is None
    assert near.labels == tuple(model.classes[c] for c in train.labels[near.row])
    assert near.line == train.lines[near.row]
    margin = told.margin
    assert margin.value is not None and margin.threshold is not None and margin.share_below is not None
    assert margin.abstained == (margin.value < margin.threshold) == (model.predict([text], abstain=True)[0] is None)


def test_rows_are_quoted_only_from_the_runs_own_data(run: Path, rows: Path, tmp_path: Path) -> None:
    train = load_dataset(rows).train
    (told,) = load(run).explain([train.texts[0]], quote=True)
    assert [near.text for near in told.nearest] == [train.texts[near.row] for near in told.nearest]
    assert not any(text.encode() in (run / "model" / nearest_rows.FILE).read_bytes() for text in train.texts)
    other = Path(shutil.copytree(run, tmp_path / "run"))
    journal = (other / "journal.jsonl").read_text("utf-8").replace(str(rows), str(tmp_path / "gone.csv"))
    (other / "journal.jsonl").write_text(journal, encoding="utf-8")
    with pytest.raises(RunError) as refused:
        load(other).explain(["a"], quote=True)
    assert refused.value.code == "explain.no_rows"


def test_a_damaged_file_is_one_line_and_predicting_goes_on(run: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(run, tmp_path / "run"))
    (other / "model" / nearest_rows.FILE).write_bytes(b"x" * 9)
    assert load(other).predict(["send my card"])
    with pytest.raises(RunError):
        load(other).explain(["send my card"])


@pytest.mark.parametrize("name", ["single", "multi"])
def test_older_deliveries_tell_words_and_margin(tmp_path: Path, name: str) -> None:
    model = load(deliveries.old(tmp_path, name))
    texts = [*deliveries.TEXTS, "", "卡 丢了"]
    told = model.explain(texts)
    assert [list(each.labels) if model.multi_label else each.labels[0] for each in told] == model.predict(texts)
    for each, text in zip(told, texts, strict=True):
        assert each.because and not each.nearest
        assert all(text[word.start : word.end] == word.text for because in each.because for word in because.words)
    assert told[5].because[0].words == ()
    assert len(columns(told)["because"]) == len(texts)
    json.dumps([each.as_dict() for each in told], allow_nan=False)


def test_several_columns_stay_apart(tmp_path: Path) -> None:
    (told,) = load(deliveries.old(tmp_path)).explain([("send my", "card")])
    assert {word.text for word in told.because[0].words} == {"send", "my", "card"}


def test_the_command_prints_it_and_writes_columns(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "new.csv").write_text("text\nsend my card\nblock it now\n", encoding="utf-8")
    with pytest.raises(SystemExit):
        app(["predict", str(run), str(tmp_path / "new.csv"), "--quote"])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [set(line) for line in lines] == [{"label", "explanation"}] * 2
    assert lines[0]["explanation"]["nearest"][0]["text"]
    out = tmp_path / "out.csv"
    with pytest.raises(SystemExit):
        app(["predict", str(run), str(tmp_path / "new.csv"), "-o", str(out), "--explain"])
    assert out.read_text("utf-8").splitlines()[0] == "text,label,confidence,abstained,because,nearest,margin"
