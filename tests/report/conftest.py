"""Every test of this room speaks the stand-in sentences."""

import pytest

from rankfirst import messages
from tests.report.sentences import SENTENCES


@pytest.fixture(autouse=True)
def stand_ins(monkeypatch):
    for code, told in SENTENCES.items():
        monkeypatch.setitem(messages._ALL, code, told)
