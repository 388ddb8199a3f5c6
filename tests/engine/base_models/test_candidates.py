"""Which base models compete, and which are there."""

from pathlib import Path

import pytest

from rankfirst.engine.base_models import candidates, sources
from rankfirst.engine.network.model import text_prefix
from rankfirst.errors import ModelError, OptionError
from tests.engine import tiny

LISTED = {row for lists in candidates.LISTS.values() for rows in lists.values() for row in rows}


@pytest.mark.parametrize("name", candidates.LISTS)
def test_every_script_has_candidates_that_can_be_named(name: str):
    for script in ("en", "zh", "mixed", "other"):
        specs = candidates.specs(f"auto:{name}", script)
        assert len(specs) == len(set(specs)) >= 2


def test_the_table_says_the_prefix_that_the_engine_uses():
    for row in LISTED:
        assert row.prefix == text_prefix(row.spec), row.spec


def test_what_is_listed_reads_the_texts_of_its_list():
    for lists in candidates.LISTS.values():
        assert all(set(row.languages) - {"en"} or script == "en" for script, rows in lists.items() for row in rows)


def test_a_list_of_ones_own_keeps_its_order_and_counts_a_name_once():
    assert candidates.specs("auto:b, a ,b", "en") == ("b", "a")


@pytest.mark.parametrize("asked", ["auto:", "auto:smal", "auto:only-one", "auto:,"])
def test_what_names_no_list_is_refused_with_those_there_are(asked: str):
    with pytest.raises(OptionError, match="auto:small"):
        candidates.specs(asked, "en")


def test_missing_ones_are_told_and_the_same_weights_count_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    a, b = (str(tiny.write_base(tmp_path / name, "bert")) for name in ("a", "b"))
    found, missing = candidates.find([a, "nobody/has-this", b, str(tmp_path / "not-there")])
    assert [source.spec for source in found] == [a]
    assert [(spec, error.code) for spec, error in missing] == [
        ("nobody/has-this", "model.offline"),
        (str(tmp_path / "not-there"), "model.no_folder"),
    ]
    with pytest.raises(ModelError, match="none of these"):
        candidates.find(["nobody/has-this"])


def test_an_unreachable_hub_is_asked_once(monkeypatch: pytest.MonkeyPatch):
    asked: list[tuple[str, bool]] = []

    def resolve(spec: str, local_only: bool = False) -> sources.Source:
        asked.append((spec, local_only))
        raise ModelError("model.offline", spec=spec)

    monkeypatch.setattr(candidates.sources, "resolve", resolve)
    with pytest.raises(ModelError):
        candidates.find(["a/a", "b/b", "c/c"])
    assert asked == [("a/a", False), ("b/b", True), ("c/c", True)]


@pytest.mark.parametrize("page", ["base-model.md", "base-model.zh.md"])
def test_the_page_shows_the_table(page: str):
    told = (Path(__file__).parents[3] / "docs" / "howto" / page).read_text(encoding="utf-8").splitlines()
    for row in LISTED:
        line = next(line for line in told if f"`{row.spec}`" in line and line.startswith("|"))
        assert f"| {row.millions:.0f} M | {row.licence} | {row.since} |" in line
        assert all(f"`{name}`" in line for name, lists in candidates.LISTS.items() if row in sum(lists.values(), ()))
        assert line.rstrip("| ").endswith(row.pooling)
        assert (f"`{row.prefix}`" in line) == bool(row.prefix)
