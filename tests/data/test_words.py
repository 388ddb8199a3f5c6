"""Every code of the room has its two sentences, with the same numbers in both."""

import re
from pathlib import Path
from string import Formatter

import rankfirst.data
from rankfirst.messages import answering, checks, continue_run, data, formats, reading

LENT = {
    code: told
    for code, told in (continue_run.SENTENCES | answering.SENTENCES | formats.SENTENCES).items()
    if code.startswith("data.")
}
SENTENCES = data.SENTENCES | reading.SENTENCES | checks.SENTENCES | LENT
ROOM = Path(rankfirst.data.__file__).parent
TELLS = ROOM.parent / "report" / "ceilings.py"  # picks between sentences of one ceiling
SOURCE = "".join(path.read_text("utf-8") for path in (*ROOM.rglob("*.py"), TELLS))


def placeholders(sentence: str) -> set[tuple[str, str]]:
    """Numbers and how they are written; an English plural ("!p") is no number told."""
    parts = [part for part in Formatter().parse(sentence) if part[1] is not None and part[3] != "p"]
    return {(name or "", spec or "") for _, name, spec, _ in parts}


def test_both_languages_contain_the_same_numbers(subtests):
    for code, (english, chinese) in SENTENCES.items():
        with subtests.test(code=code):
            assert code.startswith("data.")
            assert placeholders(english) == placeholders(chinese)
            assert "\n" not in english + chinese
            assert re.search("[\u4e00-\u9fff]", chinese)
            assert not re.search("[\u4e00-\u9fff]", english)


def test_codes_in_the_source_and_sentences_match():
    used = set(re.findall(r'f?"(data\.[a-z_.{}]+)"', SOURCE))
    whole = {code for code in used if "{" not in code}
    parts = [re.compile(re.sub(r"\{\w+\}", r"\\w+", re.escape(code).replace(r"\{", "{").replace(r"\}", "}")))
             for code in used - whole]  # fmt: skip
    assert whole <= SENTENCES.keys()
    unused = {code for code in SENTENCES if code not in whole and not any(p.fullmatch(code) for p in parts)}
    assert not unused
