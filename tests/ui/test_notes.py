"""Notes, tags, archive: a file beside the journal, which stays as it is."""

from pathlib import Path
from typing import Any

import pytest

from rankfirst.ui.notes import FILE, Notes, notes, read, write
from tests.ui.conftest import HOSTILE, acting, client_of, ids, post


@pytest.fixture
def page(runs: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("rankfirst.ui.acts.jobs.Queue.wake", lambda queue: None)
    return acting(runs)


def test_a_note_and_tags_show_in_the_list_and_on_the_run(page: Any, runs: Path) -> None:
    journal = (runs / "shop" / "first" / "journal.jsonl").read_bytes()
    address = f"/run/{ids(page)['shop/first']}"
    mark = page.get("/part/runs").headers["etag"]
    saved = post(page, f"{address}/notes", note=f"the best so far\n{HOSTILE}", tags="shop, 上线，shop")
    assert saved.status_code == 303 and saved.headers["location"] == address
    assert page.get("/part/runs", headers={"If-None-Match": mark}).status_code == 200
    for shown in (page.get("/").text, page.get(address).text, client_of(runs).get("/").text):
        assert "the best so far" in shown and "上线</span>" in shown and "<img" not in shown.split("<script>")[0]
    assert read(runs / "shop" / "first").tags == ("shop", "上线")
    assert (runs / "shop" / "first" / "journal.jsonl").read_bytes() == journal
    post(page, f"{address}/notes")
    assert not (runs / "shop" / "first" / FILE).exists()


def test_an_archived_run_is_left_out_of_the_list_until_wanted(page: Any, runs: Path) -> None:
    known = ids(page)
    post(page, f"/run/{known['shop/first']}/notes", archived="yes")
    for address in ("/", "/part/runs"):
        assert "shop/first ·" not in page.get(address).text and "shop/second" in page.get(address).text
        assert "shop/first ·" in page.get(f"{address}?archived=true").text
    assert (
        "archived runs (1)" in page.get("/").text
        and 'data-part="/part/runs?archived=true"' in page.get("/?archived=true").text
    )
    assert ids(page) == known and page.get(f"/run/{known['shop/first']}").status_code == 200


def test_limits_and_files_that_cannot_be_read(tmp_path: Path) -> None:
    given = notes("x" * 9_000, [f"tag {n} " + "y" * 99 for n in range(40)], False)
    assert len(given.note) == 4_000 and len(given.tags) == 20 and max(map(len, given.tags)) == 40
    write(tmp_path, given)
    assert read(tmp_path) == given
    for text in ("[", "[]", '{"tags": 3}', '{"tags": null}', '"x"'):
        (tmp_path / FILE).write_text(text, encoding="utf-8")
        assert read(tmp_path) == Notes()
    assert post_missing(tmp_path) == 404


def post_missing(folder: Path) -> int:
    page = acting(folder)
    return int(post(page, "/run/000000000000/notes", note="x").status_code)


def test_a_run_that_is_begun_again_keeps_its_note(tmp_path: Path) -> None:
    from rankfirst.run.folder import open_run

    write(tmp_path, Notes("mine"))
    (tmp_path / "journal.jsonl").touch()
    with open_run(tmp_path, overwrite=True):
        pass
    assert read(tmp_path).note == "mine"
