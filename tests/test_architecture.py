"""Importing the torch-free rooms loads no torch."""

import subprocess
import sys


def test_story_and_rooms_load_without_torch() -> None:
    code = (
        "import sys, rankfirst.autopilot, rankfirst.report, rankfirst.data, rankfirst.ladder, rankfirst.policy;"
        "assert 'torch' not in sys.modules and 'transformers' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
