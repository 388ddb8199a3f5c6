"""The site of docs/: nothing is missing, both languages show the same commands, and it asks nobody for anything."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from tools import render_docs, site_hooks

import rankfirst
from rankfirst.cli.main import app
from tests.test_docs_current import command_lines

DOCS = render_docs.ROOT / "docs"
PAGES = sorted(path for path in DOCS.rglob("*.md") if not path.name.endswith(".zh.md"))
TRANSLATED = sorted(DOCS.rglob("*.zh.md"))
GUIDES = [
    *DOCS.glob("tutorial*.md"),
    *DOCS.glob("index*.md"),
    *(DOCS / "howto").glob("*.md"),
    *DOCS.glob("trackers*.md"),
]


class _Loader(yaml.SafeLoader):
    """mkdocs.yml without mkdocs."""


def config() -> dict[str, Any]:
    found: dict[str, Any] = yaml.load((render_docs.ROOT / "mkdocs.yml").read_text(encoding="utf-8"), _Loader)
    return found


def listed(nav: Any) -> Iterator[str]:
    """Every page of a menu."""
    if isinstance(nav, str):
        yield nav
    for inner in nav.values() if isinstance(nav, dict) else nav if isinstance(nav, list) else ():
        yield from listed(inner)


def test_the_menu_holds_every_page_once_and_none_that_is_not_there() -> None:
    assert sorted(listed(config()["nav"])) == sorted(path.relative_to(DOCS).as_posix() for path in PAGES)


def test_every_entry_of_the_menu_is_chinese_in_the_chinese_site() -> None:
    (i18n,) = [plugin["i18n"] for plugin in config()["plugins"] if isinstance(plugin, dict) and "i18n" in plugin]
    (chinese,) = [language for language in i18n["languages"] if language["locale"] == "zh"]
    titles = {key for top in config()["nav"] for key in top} | {
        key
        for top in config()["nav"]
        for inner in top.values()
        for page in inner
        if isinstance(page, dict)
        for key in page
    }
    assert titles - chinese["nav_translations"].keys() == {"result.json", "journal.jsonl"}


@pytest.mark.parametrize("page", TRANSLATED, ids=lambda page: page.name)
def test_a_translated_page_shows_the_same_commands(page: Path) -> None:
    def commands(path: Path) -> list[str]:
        lines = command_lines(path.read_text(encoding="utf-8"))
        return [re.sub(r" --lang \w+", "", line).strip() for line in lines]

    assert commands(page) == commands(page.with_name(page.name.replace(".zh.md", ".md")))


def test_guides_exist_in_both_languages() -> None:
    for page in [*map(DOCS.joinpath, ("index.md", "tutorial.md", "trackers.md")), *(DOCS / "howto").glob("*.md")]:
        twin = page if page.name.endswith(".zh.md") else page.with_name(f"{page.stem}.zh.md")
        assert twin.is_file(), twin


@pytest.mark.parametrize("page", sorted(GUIDES), ids=lambda page: page.name)
def test_every_command_of_a_guide_is_taken_by_the_command_line(page: Path) -> None:
    """Not only its flags exist: values have their type, nothing is missing, nothing too much."""
    whole: Any = typer.main.get_command(app)
    for line in command_lines(page.read_text(encoding="utf-8")):
        _, name, *words = shlex.split(line)
        command = whole.commands[name]
        with command.make_context(name, words):
            pass


def test_every_public_name_is_on_the_page_of_the_python_interface() -> None:
    page = (DOCS / "api.md").read_text(encoding="utf-8")
    told = {line.rpartition(".")[2] for line in page.splitlines() if line.startswith("::: ")}
    assert told | {"__version__"} == set(rankfirst.__all__)


def test_a_line_that_describes_several_parameters_becomes_several() -> None:
    pytest.importorskip("griffe", reason="the site's tools are not installed: make docs")
    from tools.site_docstrings import one_each

    told = "Fit.\n\nArgs:\n    a: x, see: y. b, c: their\n        names; d: last.\nReturns: z.\n"
    assert one_each(told, "Args", list("abcd")) == (
        "Fit.\n\nArgs:\n    a: x, see: y.\n    b: their names\n    c: their names\n    d: last.\n\nReturns: z.\n"
    )
    for left in ("No section.", "Args:\n    unknown: x\n"):
        assert one_each(left, "Args", ["a"]) == left


def test_chinese_paragraphs_are_joined_and_nothing_else() -> None:
    told = "# 题\n\n一行，\n又一行 a\nb。\n\n- 项目\n  续行\n- 第二项\n\n```\n甲\n乙\n```\n\n| 甲 |\n| 乙 |\n"
    wanted = "# 题\n\n一行，又一行 a\nb。\n\n- 项目续行\n- 第二项\n\n```\n甲\n乙\n```\n\n| 甲 |\n| 乙 |\n"
    assert site_hooks.unwrapped(told) == wanted


def test_a_request_to_another_machine_is_seen_and_a_link_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        '<script src="https://cdn.example/x.js"></script><link rel="stylesheet" href="//fonts.example/y">'
        '<a href="https://example.org">link</a><link rel="canonical" href="https://here/"><script src="own.js">'
    )
    (tmp_path / "b.css").write_text("@import url(https://fonts.example/z);")
    assert len(site_hooks.requests_of(tmp_path)) == 3
    assert site_hooks.main(str(tmp_path)) == 1


@pytest.mark.slow
def test_the_site_is_built_without_a_warning_and_stands_alone(tmp_path: Path) -> None:
    if any(find_spec(name) is None for name in ("mkdocs", "material", "mkdocstrings", "mkdocs_static_i18n", "jieba")):
        pytest.skip('the site\'s tools are not installed: pip install "rankfirst[docs]", or make docs')
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(command, cwd=render_docs.ROOT, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"}, check=False,
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert site_hooks.requests_of(tmp_path / "site") == []
    index = (tmp_path / "site/search/search_index.json").read_text(encoding="utf-8")
    told = " ".join(page["text"] for page in json.loads(index)["docs"])
    assert "容量\u200b" in told, "Chinese text is cut into words"
    for name in ("tutorial.html", "zh/tutorial.html", "api.html", "seed.zh.txt", "search/search_index.js"):
        assert (tmp_path / "site" / name).is_file(), name
