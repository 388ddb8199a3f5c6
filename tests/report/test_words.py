"""Every sentence of the report in two languages with the same numbers, and every one of them in use."""

import re
from pathlib import Path
from string import Formatter

import rankfirst.report
from rankfirst.messages import answering, continue_run, counted, memory, page
from rankfirst.messages.report import SENTENCES as OWN

LENT = continue_run.SENTENCES | memory.SENTENCES | answering.SENTENCES
SENTENCES = OWN | page.SENTENCES | counted.SENTENCES | {c: told for c, told in LENT.items() if c.startswith("report.")}
ROOM = Path(rankfirst.report.__file__).parent
SOURCE = "".join(path.read_text("utf-8") for path in [*ROOM.glob("*.py"), *ROOM.glob("templates/*.j2")])


def placeholders(sentence: str) -> set[tuple[str, str]]:
    told = [(name, spec or "", kind) for _, name, spec, kind in Formatter().parse(sentence) if name is not None]
    return {(name, spec) for name, spec, kind in told if kind not in ("p", "w")}  # those hold words of one language


def test_both_languages_tell_the_same_numbers(subtests):
    for code, (english, chinese) in SENTENCES.items():
        with subtests.test(code=code):
            assert code.startswith(("report.", "six."))
            assert placeholders(english) == placeholders(chinese)
            assert "\n" not in english + chinese
            assert not re.search("[\u4e00-\u9fff]", english)


def used() -> tuple[set[str], set[str]]:
    """Codes written out in the source, and beginnings of codes that end in a name."""
    whole = {f"report.{code}" for code in re.findall(r'(?<!\w)(?:phrase|w|cap)\(\s*"([a-z_.0-9]+)"[,)]', SOURCE)}
    whole |= {f"report.tell.{code}" for code in re.findall(r'_say\("([a-z_]+)"', SOURCE)}
    whole |= {f"report.{a}" for pair in re.findall(r'"([a-z_.]+)" if [^"\n]+ else "([a-z_.]+)"', SOURCE) for a in pair}
    whole |= {f"report.tell.{a}" for pair in re.findall(r'"(\w+)" if [^"\n]+ else "(\w+)"', SOURCE) for a in pair}
    begun = {f"report.{code}." for code in re.findall(r'known\("([a-z_]+)"', SOURCE)}
    begun |= {f"report.{code}" for code in re.findall(r'phrase\(f"([a-z_.]+\.)\{', SOURCE)}
    return whole, begun | {
        "report.nav.",
        "report.tell.probe",
        "report.tell.final",
        "report.trust.",
        "report.term.",
        "report.meaning.",
        "report.plan.memory.",
        "report.plan_basis.",
    }


def test_every_code_the_room_asks_for_exists():
    asked = {f"report.{code}" for code in re.findall(r'(?<!\w)(?:phrase|w|cap)\(\s*"([a-z_.0-9]+)"[,)]', SOURCE)}
    asked |= {f"report.tell.{code}" for code in re.findall(r'_say\("([a-z_]+)"', SOURCE)}
    assert len(asked) > 100 and asked <= SENTENCES.keys()


def test_every_sentence_is_used():
    whole, begun = used()
    asked = {code for code in SENTENCES if code.startswith("report.")}  # test_six.py reaches the others
    assert not [code for code in asked if code not in whole and not code.startswith(tuple(begun))]
