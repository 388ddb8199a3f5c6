"""`--base-model auto:...` from the command to the report: compared once, remembered, told, and the same on a repeat."""

import os
from pathlib import Path

import pytest

import rankfirst
from rankfirst.api import plan
from rankfirst.data import load_dataset
from rankfirst.engine.base import EngineOptions
from rankfirst.engine.base_models import sources
from rankfirst.engine.local import LocalEngine
from rankfirst.errors import ModelError, RunError
from rankfirst.records import Assessment, Dataset, Split, from_json, to_json
from rankfirst.report import explain, summary, write_assessment
from rankfirst.run import base_selection
from rankfirst.run.journal import Journal
from rankfirst.sample import write_sample
from tests import runs
from tests.engine import tiny

QUICK = {"budget": "3s", "max_tokens": 32}


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A base of three blocks, and a cheaper one of one block."""
    folder = tmp_path_factory.mktemp("bases")
    return (
        str(tiny.write_base(folder / "three", "bert")),
        str(tiny.write_base(folder / "one", "bert", num_hidden_layers=1)),
    )


@pytest.fixture(scope="module")
def run(two: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run that chose its base."""
    out = tmp_path_factory.mktemp("run") / "out"
    rankfirst.fit(runs.write_rows(out.parent), out, base_model=auto(two), **QUICK)
    return out


def auto(two: tuple[str, str], *more: str) -> str:
    return f"auto:{','.join([*two, 'nobody/has-this', *more])}"


def events(out: Path, kind: str) -> list[dict]:
    return [event for event in runs.events(out) if event["kind"] == kind]


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


def test_the_choice_is_an_event_before_the_run_and_the_run_uses_it(run: Path, two: tuple[str, str]):
    (choice,) = events(run, "base_choice")
    (told,) = events(run, "run")
    assert choice["n"] < told["n"]
    assert told["payload"]["base_model"] == choice["payload"]["spec"] in two
    assert told["payload"]["base_sha256"] == choice["payload"]["sha256"]
    assert {v["spec"] for v in choice["payload"]["verdicts"]} == set(two)
    assert [m["spec"] for m in choice["payload"]["missing"]] == ["nobody/has-this"]
    assert len(events(run, "base_trial")) == 2


def test_the_report_and_the_story_tell_it(run: Path, two: tuple[str, str]):
    page = (run / "report.html").read_text()
    assert 'id="bases"' in page
    assert two[0] in page
    for lang, missing in (("en", "Not compared, because"), ("zh", "未参与比较")):
        told = explain(run / "journal.jsonl", lang)
        assert missing in told
        assert two[1] in told


def test_a_repeat_compares_nothing_again(
    run: Path, two: tuple[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    before = (run / "journal.jsonl").read_bytes()
    monkeypatch.setattr(base_selection, "_trial", lambda *a: pytest.fail("tried again"))
    heard: list[int] = []
    rankfirst.fit(runs.write_rows(tmp_path), run, base_model=auto(two), stream=lambda e: heard.append(e["n"]), **QUICK)
    assert (run / "journal.jsonl").read_bytes() == before
    assert heard[:4] == [1, 2, 3, 4]  # two trials, the choice, the run


def test_the_base_it_took_continues_it_too(run: Path, two: tuple[str, str], tmp_path: Path):
    """A script may name the base that was chosen; what the run is made of is the same."""
    (choice,) = events(run, "base_choice")
    before = (run / "journal.jsonl").read_bytes()
    rankfirst.fit(runs.write_rows(tmp_path), run, base_model=choice["payload"]["spec"], **QUICK)
    assert (run / "journal.jsonl").read_bytes() == before


def test_other_candidates_are_another_run(run: Path, two: tuple[str, str], tmp_path: Path):
    before = (run / "journal.jsonl").read_bytes()
    with pytest.raises(RunError, match="base_model"):
        rankfirst.fit(runs.write_rows(tmp_path), run, base_model=auto(two, "and/another"), **QUICK)
    assert (run / "journal.jsonl").read_bytes() == before


def test_a_run_with_a_named_base_is_not_left_to_choose(two: tuple[str, str], tmp_path: Path):
    journal = Journal(tmp_path / "journal.jsonl")
    journal.remember("run", "", lambda: {"base_sha256": "x"})
    with pytest.raises(RunError, match="base_model"):
        rankfirst.fit(runs.write_rows(tmp_path / "rows"), tmp_path, base_model=auto(two), **QUICK)


def test_killed_between_two_candidates_only_the_second_is_tried(
    two: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    rows, found = tiny.dataset(), tuple(map(sources.resolve, two))
    asked = base_selection.Bases("auto:x", found)
    plain = base_selection._trial

    def stop(rows, source, *more):
        if source == found[1]:
            raise KeyboardInterrupt
        return plain(rows, source, *more)

    def engine_of(part, source, folder):
        return tiny.engine(source, folder, part)

    monkeypatch.setattr(base_selection, "_trial", stop)
    with pytest.raises(KeyboardInterrupt):
        asked.choose(rows, engine_of, tmp_path, Journal(tmp_path / "journal.jsonl").remember)
    monkeypatch.setattr(
        base_selection, "_trial", lambda rows, source, *more: source == found[1] and plain(rows, source, *more)
    )
    journal = Journal(tmp_path / "journal.jsonl")
    choice, source = asked.choose(rows, engine_of, tmp_path, journal.remember)
    assert source.spec == choice.spec
    assert [key for kind, key in journal.events if kind == "base_trial"] == list(two)
    monkeypatch.setattr(base_selection, "_trial", plain)
    whole, _ = asked.choose(rows, engine_of, tmp_path)  # never killed
    assert choice.spec == whole.spec
    assert [v.macro_f1 for v in choice.verdicts] == [v.macro_f1 for v in whole.verdicts]


def test_one_that_cannot_be_loaded_takes_no_part(two: tuple[str, str], tmp_path: Path):
    broken = tiny.write_base(tmp_path / "broken", "bert", num_hidden_layers=2)
    (broken / "tokenizer.json").unlink()
    asked = base_selection.Bases("auto:x", tuple(map(sources.resolve, (*two, str(broken)))))
    choice, _ = asked.choose(tiny.dataset(), lambda part, source, folder: tiny.engine(source, folder, part), tmp_path)
    assert {verdict.spec for verdict in choice.verdicts} == set(two)
    assert [(m.spec, m.code) for m in choice.missing] == [(str(broken), "model.unloadable")]


def test_nothing_to_compare_is_said(two: tuple[str, str], tmp_path: Path):
    choice, source = base_selection.Bases.of(f"auto:{two[0]},nobody/has-this", tiny.dataset()).choose(
        tiny.dataset(), lambda *a: pytest.fail("nothing to try"), tmp_path
    )
    assert (choice.code, source.spec) == ("bases.because.only", two[0])
    with pytest.raises(ModelError, match="none of these"):
        base_selection.Bases.of("auto:nobody/has-this,nor/that", tiny.dataset())


def test_a_dry_run_chooses_and_says_so(two: tuple[str, str], tmp_path: Path):
    told = plan(runs.write_rows(tmp_path), base_model=auto(two))
    assert told["base_model"] == told["base_choice"]["spec"]


def test_assess_chooses_too(two: tuple[str, str], tmp_path: Path):
    assessed = rankfirst.assess(runs.write_rows(tmp_path), base_model=auto(two)).assessment
    assert assessed.base_choice is not None
    assert assessed.base_model == assessed.base_choice.spec
    assert from_json(Assessment, to_json(assessed)) == assessed
    write_assessment(assessed, tmp_path / "out", "zh")
    assert 'id="bases"' in (tmp_path / "out" / "assessment.html").read_text()
    assert any(two[0] in line.text.replace(" ", "") for line in summary(assessed, "en", 400))


@pytest.mark.slow
def test_real_encoders_on_synthetic_english_rows(tmp_path: Path):
    """The packaged one of six blocks against a bilingual one of twelve: of the two, the cheap one is enough here."""
    shared = os.environ.get("RANKFIRST_SHARED", "")
    zh = Path(shared) / "models" / "e5-small-zh"
    if not shared or not zh.is_dir():
        pytest.skip("no second encoder: RANKFIRST_SHARED names no folder with models/e5-small-zh")
    try:
        sources.resolve(sources.DEFAULT_EN)
    except ModelError:
        pytest.skip(f"{sources.DEFAULT_EN} is not installed")
    files = write_sample(tmp_path / "rows", "en", rows=600)
    dataset = load_dataset(files.train, files.val)
    choice, _ = base_selection.Bases.of(f"auto:{zh},{sources.DEFAULT_EN}", dataset).choose(
        dataset, lambda rows, source, folder: LocalEngine(rows, source, folder, EngineOptions(max_tokens=32)), tmp_path
    )
    assert choice.spec == sources.DEFAULT_EN
    prefixes = {verdict.spec: verdict.prefix for verdict in choice.verdicts}
    assert prefixes == {str(zh): "query: ", sources.DEFAULT_EN: ""}


WRITTEN = {
    "ru": ["Где посылка", "Верните деньги"],
    "ko": ["택배 언제 와요", "환불해 주세요"],
    "ja": ["荷物はいつ届きますか", "返金してください"],
    "zh": ["我的包裹在哪里", "请退款"],
    "de": ["Wo ist mein Päckchen", "Ich möchte umtauschen"],
    "en": ["Where is my parcel", "I want my money back"],
}


def in_language(language: str) -> Dataset:
    texts = tuple(f"{text} {i}" for i, text in enumerate(WRITTEN[language] * 20))
    split = Split(texts, tuple((i % 2,) for i in range(40)))
    return Dataset("rows", ("a", "b"), False, split, split, None)


@pytest.mark.parametrize(("language", "code"), [("ru", "many"), ("ko", "many"), ("ja", "many"), ("zh", "zh")])
def test_the_default_follows_the_script_and_is_named_if_it_is_not_here(
    language: str, code: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sources, "_hub", missing)
    with pytest.raises(ModelError) as caught:
        base_selection.default_base(in_language(language))
    assert caught.value.code == f"model.{code}_default"
    expected = {"many": sources.DEFAULT_MANY, "zh": sources.DEFAULT_ZH}[code]
    told = caught.value.sentence("en")
    assert expected in told and ("mostly Chinese" in told) == (language == "zh")
    monkeypatch.setattr(sources, "resolve", lambda spec, local_only=False: None)
    assert base_selection.default_base(in_language(language))[0] == expected


def test_other_languages_in_latin_letters_fall_back_to_the_english_base_with_a_note(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sources, "_hub", missing)
    spec, rows = base_selection.default_base(in_language("de"))
    assert spec == sources.DEFAULT_EN and rows.notes[-1][0] == "data.note.base_not_english"
    assert base_selection.default_base(in_language("en")) == (sources.DEFAULT_EN, in_language("en"))
    monkeypatch.setattr(sources, "resolve", lambda spec, local_only=False: None)
    assert base_selection.default_base(in_language("de"))[0] == sources.DEFAULT_MANY


def missing(spec: str, local_only: bool) -> Path:
    raise ModelError("model.offline", spec=spec)


def test_a_base_that_cannot_read_the_texts_is_refused(tmp_path: Path):
    minilm = sources.resolve(sources.DEFAULT_EN)
    with pytest.raises(ModelError) as caught:
        LocalEngine(in_language("zh"), minilm, tmp_path)
    assert caught.value.code == "model.unknown_tokens" and caught.value.fields["share"] > 0.3
    for lang in ("en", "zh"):
        told = caught.value.sentence(lang)
        assert "[UNK]" in told and sources.DEFAULT_ZH in told and "\n" not in told
    LocalEngine(in_language("de"), minilm, tmp_path)
