"""Files by names that a scan finds, and names from a browser that cannot leave their folder."""

import io
from pathlib import Path

import pytest

from rankfirst.ui.acts.home import Home, plain, split_name


@pytest.fixture
def home(place: Path) -> Home:
    found = Home.of([place])
    assert found is not None
    return found


def test_files_of_runs_assessments_and_hidden_folders_are_left_out(home: Home, place: Path) -> None:
    for name in ("first/inside.csv", "done/suspects.csv", ".hidden/a.csv", "data/.b.csv", "data/notes.md"):
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_text("text,label\n", encoding="utf-8")
    (place / "done" / "assessment.json").write_text("{}", encoding="utf-8")
    assert list(home.files()) == ["data/rows.csv"]


def test_a_link_that_leads_out_is_no_file(home: Home, place: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.csv"
    outside.write_text("text,label\n", encoding="utf-8")
    (place / "data" / "link.csv").symlink_to(outside)
    assert list(home.files()) == ["data/rows.csv"] and not home.holds(place / "data" / "link.csv")


@pytest.mark.parametrize(("given", "made"), [
    ("my rows.CSV", ("my-rows", ".csv")), ("../../etc/passwd.csv", ("passwd", ".csv")),
    ("C:\\x\\工单.tsv", ("工单", ".tsv")),
    ("rows.csv.gz", ("rows", ".csv.gz")), (".hidden.csv", ("hidden", ".csv")), ("-o.csv", ("o", ".csv")),
    ("\x00\n.csv", ("data", ".csv")), ("v1.2.csv", ("v1.2", ".csv")),
])  # fmt: skip
def test_names_from_a_browser_are_made_safe(given: str, made: tuple[str, str]) -> None:
    assert split_name(given) == made


@pytest.mark.parametrize("given", ["rows", "rows.exe", "rows.csv.sh", "", ".csv/.."])
def test_an_unknown_suffix_is_refused(given: str) -> None:
    with pytest.raises(ValueError):
        split_name(given)


def test_uploads_replace_nothing(home: Home) -> None:
    first, second = (home.keep("rows.csv", io.BytesIO(text)) for text in (b"one", b"two"))
    assert (first.name, second.name) == ("rows.csv", "rows-2.csv") and first.read_bytes() == b"one"
    assert list(home.uploads.iterdir()) and not list(home.uploads.glob(".*"))


def test_a_new_folder_never_exists(home: Home, place: Path) -> None:
    assert home.made(place, "first").name == "first-2" and plain("../..") == "data"
