"""Every sentence of the assessment in two languages with the same numbers, and every one of them in use."""

import re
from pathlib import Path
from string import Formatter

import rankfirst
from rankfirst.messages.assess import SENTENCES

ROOM = Path(rankfirst.__file__).parent
FILES = [
    *ROOM.glob("report/*.py"),
    *ROOM.glob("report/templates/*.j2"),
    *ROOM.glob("data/**/*.py"),
    *ROOM.glob("cli/*.py"),
]
SOURCE = "".join(path.read_text("utf-8") for path in FILES)


def numbers(text):
    return {(name, spec) for _, name, spec, _ in Formatter().parse(text) if name is not None}


def test_both_languages_tell_the_same_numbers(subtests):
    for code, (english, chinese) in SENTENCES.items():
        with subtests.test(code=code):
            assert numbers(english) == numbers(chinese)
            assert "\n" not in english + chinese and not re.search("[\u4e00-\u9fff]", english)


def test_every_sentence_is_used_and_every_one_asked_for_exists():
    named = {f"assess.{code}" for code in re.findall(r'\b(?:spoken|a|over|moved)\(\s*"([a-z_.0-9]+)"[,)]', SOURCE)}
    whole = set(re.findall(r'"((?:assess|fix)\.[a-z_.]+)"', SOURCE)) | named
    begun = {f"assess.{code}" for code in re.findall(r'spoken\(f"([a-z_.]+\.)\{', SOURCE)}
    begun |= set(re.findall(r'f"((?:assess|fix)\.[a-z_.]+)\{', SOURCE))
    begun |= {"assess.nav.", "assess.verdict.", "assess.col."}
    assert named <= SENTENCES.keys()
    assert not [code for code in SENTENCES if code not in whole and not code.startswith(tuple(begun))]
