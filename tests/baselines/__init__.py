"""Tests of the ladder room, file by file."""
