"""Which folders hold runs: found a few levels down, each once, never outside the folder that was given."""

from pathlib import Path

import pytest

from rankfirst.ui.scan import DEPTH, scan
from tests.ui.conftest import write


def names(*roots: Path) -> set[str]:
    return {found.name for found in scan(roots)}


def test_runs_are_found_recursively_and_named_by_their_path(runs: Path) -> None:
    assert names(runs) == {"shop/first", "shop/second", "broken"}


def test_a_run_folder_itself_can_be_given(runs: Path) -> None:
    assert names(runs / "shop" / "first") == {"first"}


def test_the_same_run_is_listed_once_and_keeps_its_id(runs: Path) -> None:
    found = scan([runs, runs / "shop", runs / "shop"])
    assert len(found) == len({f.id for f in found}) == 3
    assert {f.id for f in found} == {f.id for f in scan([runs])}


def test_runs_hidden_folders_and_deep_folders_are_not_searched(tmp_path: Path) -> None:
    write(tmp_path / "run")
    write(tmp_path / "run" / "work" / "inner")
    write(tmp_path / ".cache" / "hidden")
    deep = Path(*[f"d{n}" for n in range(DEPTH)])
    write(tmp_path / deep)
    write(tmp_path / deep.parent / "x" / "too" / "deep")
    assert names(tmp_path) == {"run", deep.as_posix()}


def test_links_are_followed_only_within_the_root(tmp_path: Path) -> None:
    root = tmp_path / "root"
    write(root / "real")
    write(tmp_path / "secret")
    try:
        (root / "out").symlink_to(tmp_path / "secret")
        (root / "again").symlink_to(root / "real")
        (root / "round").symlink_to(root)
    except OSError:
        pytest.skip("this file system has no links")
    (root / "fake").mkdir()
    (root / "fake" / "journal.jsonl").symlink_to(tmp_path / "secret" / "journal.jsonl")
    assert {found.folder for found in scan([root])} == {(root / "real").resolve()}


def test_a_missing_folder_has_no_runs(tmp_path: Path) -> None:
    assert scan([tmp_path / "gone"]) == []
