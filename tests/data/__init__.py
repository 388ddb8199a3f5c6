"""Tests of the data room, file by file."""
