"""Every sentence exists in both languages, with the same placeholders."""

import re
import string

import pytest
from tools import render_docs

from rankfirst.messages import sentences
from rankfirst.policy.rules import GUARD, TABLES


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_take_the_same_numbers(subtests: pytest.Subtests) -> None:
    for code, (english, chinese) in sorted(sentences().items()):
        with subtests.test(code=code):
            assert placeholders(english) == placeholders(chinese)


def test_every_rule_and_guard_can_be_said() -> None:
    known = sentences()
    codes = {f"conclusion.{r.id}" for table in TABLES.values() for r in table}
    codes |= {c for table in TABLES.values() for r in table for c in r.left_alone.values()} | set(GUARD.values())
    assert codes <= known.keys()


OTHERS = frozenset({"--help", "--no-deps"})  # that every command has; of other programs


def test_every_option_that_a_sentence_names_exists(subtests: pytest.Subtests) -> None:
    known = {word for told in render_docs.commands() for one in told.parameters for word in one.names} | OTHERS
    for code, pair in sorted(sentences().items()):
        named = {flag for text in pair for flag in re.findall(r"(?<![\w-])--[a-z][a-z0-9-]*[a-z0-9]", text)}
        with subtests.test(code=code):
            assert named <= known
