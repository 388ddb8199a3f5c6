"""Every test of this room speaks the stand-in sentences."""

import pytest

from rankfirst import words

from .sentences import SENTENCES


@pytest.fixture(autouse=True)
def stand_ins(monkeypatch):
    for code, told in SENTENCES.items():
        monkeypatch.setitem(words._ALL, code, told)
