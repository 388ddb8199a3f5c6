"""The pages and the JSON, over HTTP, without a browser."""

import re
from pathlib import Path
from typing import Any

import pytest

from rankfirst.report import build
from rankfirst.run.folder import open_run
from rankfirst.ui.light_events import lean
from tests.report import journal_example as example
from tests.ui.conftest import HOSTILE, changed, client_of, events, ids, unfinished, write


def test_the_list_shows_every_run_with_its_state(client: Any) -> None:
    page = client.get("/").text
    for words in ("service-intents", "shop/first", "88.4%", "interrupted", "damaged", "line 1 of journal.jsonl"):
        assert words in page
    assert "rankfirst fit service-intents" in page and "已中断" in page


def test_the_list_is_sent_again_only_when_it_has_changed(client: Any, runs: Path) -> None:
    first = client.get("/part/runs")
    mark = first.headers["etag"]
    assert first.text.count("<tr") == 3
    assert client.get("/part/runs", headers={"If-None-Match": mark}).status_code == 304
    write(runs / "shop" / "second")
    assert client.get("/part/runs", headers={"If-None-Match": mark}).status_code == 200


def test_the_page_of_a_run_is_its_current_report(client: Any, runs: Path) -> None:
    (runs / "shop" / "first" / "report.html").write_text("an old report", encoding="utf-8")
    page = client.get(f"/run/{ids(client)['shop/first']}")
    assert page.status_code == 200 and "an old report" not in page.text
    assert 'id="verdict"' in page.text and 'id="walk"' in page.text and "echarts" in page.text
    assert 'id="bar"' in page.text and f"/run/{ids(client)['shop/second']}" not in page.text
    assert f"run={ids(client)['shop/second']}" in page.text


def test_the_page_needs_no_per_row_values() -> None:
    told = events(example.told())
    rows = [e for e in told if e.payload.get("val_log_loss") or "curve" in e.payload or "arms" in e.payload]
    assert len(rows) >= 8 and all("0.4" not in str(e.payload.get("val_log_loss")) for e in lean(rows))
    assert build(lean(told)) == build(told)


def test_a_running_run_shows_no_resume_command(client: Any, runs: Path) -> None:
    address = f"/run/{ids(client)['shop/second']}"
    assert "Repeat the same command" in client.get(address).text
    with open_run(runs / "shop" / "second"):
        page = client.get(address).text
    assert "Repeat the same command" not in page and "This run is in progress" in page


def test_a_running_run_says_how_far_it_is(client: Any, runs: Path) -> None:
    address = f"/run/{ids(client)['shop/second']}"
    assert client.get(f"{address}/now").text.strip() == ""
    with open_run(runs / "shop" / "second"):
        page, now = client.get(address).text, client.get(f"{address}/now").text
    assert 'aria-current="step"' in now and "Capacity" in now and "容量" in now and now.strip() in page


def test_the_live_part_has_the_same_sections_as_the_page(client: Any) -> None:
    address = f"/run/{ids(client)['shop/second']}"
    sections = [re.findall(r'<section[^>]* id="(\w+)"', client.get(a).text) for a in (address, f"{address}/part")]
    assert sections[0] == sections[1] and "walk" in sections[0]


def test_rows_of_the_data_are_shown_unless_disabled(runs: Path) -> None:
    row = {"is": "Example", "text": "where is my parcel", "labels": ["x"], "suggested": ["y"], "line": 1, "file": "a"}
    rows = '{"checks": {"data.check.suspects": [' + str(row).replace("'", '"') + "]}}"
    (runs / "shop" / "first" / "examples.json").write_text(rows, encoding="utf-8")
    for texts in (True, False):
        client = client_of(runs, texts=texts)
        page = client.get(f"/run/{ids(client)['shop/first']}").text
        assert ("where is my parcel" in page) is texts


def test_two_runs_side_by_side_in_both_languages(client: Any) -> None:
    known = ids(client)
    page = client.get(f"/compare?run={known['shop/first']}&run={known['shop/second']}&lang=zh").text
    assert 'class="show-zh"' in page and "Cannot tell yet" in page and "尚不能判断" in page
    assert "Decisions, stage by stage" in page and "rank 8 → 32" in page


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/nowhere", 404, "no such page"),
        ("/run/000000000000", 404, "no such run"),
        ("/run/..%2F..%2Fetc/passwd", 404, "no such"),
        ("/run/%2e%2e/part", 404, "no such"),
        ("/compare", 400, "two different runs"),
        ("/compare?run=a&run=a", 400, "two different runs"),
        ("/compare?run=a&run=b", 404, "no such run"),
        ("/api/run/x", 404, "no such run"),
        ("/api/run/x/events", 404, "no such run"),
        ("/api/run/x/journal?after=-1", 422, ""),
    ],
)
def test_a_missing_page_is_an_error_without_a_traceback(client: Any, address: str, status: int, words: str) -> None:
    answer = client.get(address)
    assert answer.status_code == status and words in answer.text and "Traceback" not in answer.text


def test_a_damaged_journal_is_reported_and_not_raised(client: Any) -> None:
    answer = client.get(f"/run/{ids(client)['broken']}")
    assert answer.status_code == 409 and "line 1 of journal.jsonl" in answer.text


def test_an_id_is_never_a_path(client: Any, runs: Path) -> None:
    write(runs.parent / "outside")
    for id in ("../outside", "..%2foutside", str(runs / "shop" / "first"), "shop/first"):
        assert client.get(f"/api/run/{id}").status_code == 404


def test_the_json_api(client: Any) -> None:
    known = ids(client)
    one = client.get(f"/api/run/{known['shop/first']}").json()
    assert (one["state"], one["ship"], one["val"]["value"], one["result"]["verdict"]) == (
        "finished", "lora", 0.884, "lora")  # fmt: skip
    told = client.get(f"/api/run/{known['shop/first']}/journal?after=3").json()["events"]
    assert [event["line"] for event in told] == list(range(4, len(example.told()) + 1))


def test_non_finite_numbers_are_encoded_as_in_the_journal(tmp_path: Path) -> None:
    told = changed(example.told(), "verdict", numbers={"gain": {"float": "inf"}, "noise": {"float": "nan"}})
    write(tmp_path / "run", told)
    line = '{"n": 1, "kind": "x", "key": "", "seconds": NaN, "payload": {"a": NaN}}\n'
    with (tmp_path / "run" / "journal.jsonl").open("a", encoding="utf-8") as file:
        file.write(line)
    client = client_of(tmp_path)
    run = client.get("/api/runs").json()["runs"][0]
    assert run["gain"] == {"float": "inf"} and run["noise"] is None
    assert client.get(f"/api/run/{run['id']}/journal").json()["events"][-1]["payload"] == {"a": {"float": "nan"}}
    assert client.get("/").status_code == 200


def test_the_schema_is_served_and_no_page_loads_remote_resources(client: Any) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert set(paths) == {"/api/runs", "/api/run/{id}", "/api/run/{id}/journal", "/api/run/{id}/events"}
    assert client.get("/docs").status_code == client.get("/redoc").status_code == 404


def test_hostile_texts_are_escaped(tmp_path: Path) -> None:
    classes = (HOSTILE, "top_up", "fee", "x", HOSTILE + "2", "y")
    told = changed(example.told(HOSTILE, classes, HOSTILE), "run", base_model=HOSTILE, command=HOSTILE)
    write(tmp_path / "one", told)
    write(tmp_path / "two", unfinished(told))
    client = client_of(tmp_path)
    one, two = ids(client).values()
    for address in ("/", "/part/runs", f"/run/{one}", f"/run/{one}/part", f"/compare?run={one}&run={two}"):
        page, *scripts = client.get(address).text.split("<script>")
        assert "<img" not in page and "</script" not in page and "&lt;/script&gt;" in page, address
        assert all(script.count("</script>") == 1 and "alert(1)" not in script for script in scripts)


def test_no_page_refers_to_other_hosts(client: Any) -> None:
    known = ids(client)
    for address in (
        "/",
        f"/run/{known['shop/first']}",
        f"/compare?run={known['shop/first']}&run={known['shop/second']}",
    ):
        page = client.get(address).text.split("<script>")[0]
        assert not re.search(r'(?:src|href|action)="(?!/|#)', page)


def test_a_list_without_runs(tmp_path: Path) -> None:
    assert "rankfirst demo" in client_of(tmp_path).get("/").text


def test_the_language_that_was_chosen_last_is_kept(client: Any) -> None:
    assert 'class="show-en"' in client.get("/").text
    assert 'class="show-zh"' in client.get("/?lang=zh").text
    client.cookies.set("rankfirst-lang", "zh")
    assert 'class="show-zh"' in client.get("/").text
    assert 'class="show-en"' in client.get("/?lang=en").text
    client.cookies.set("rankfirst-lang", "<x>")
    assert 'class="show-en"' in client.get("/").text


STRANGE = [
    pytest.param("result", {"recipe": {"rank": "?", "lr": []}}, id="recipe"),
    pytest.param("verdict", {"numbers": [1]}, id="numbers"),
    pytest.param("probe", {"evaluations": [{"val_macro_f1": None}]}, id="evaluations"),
    pytest.param("run", {"versions": 3, "fingerprint": {"a": 1}, "base_model": [1], "command": {}}, id="run"),
]


@pytest.mark.parametrize(("kind", "more"), STRANGE)
def test_one_malformed_journal_does_not_break_the_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, more: dict[str, Any]
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))  # where the details of a fault go
    write(tmp_path / "odd", changed(example.told(), kind, **more))
    write(tmp_path / "good")
    client = client_of(tmp_path)
    assert "88.4%" in client.get("/").text
    known = ids(client)
    for address in (
        f"/run/{known['odd']}",
        f"/compare?run={known['odd']}&run={known['good']}",
        f"/api/run/{known['odd']}",
    ):
        answer = client.get(address)
        assert answer.status_code == 200 and "Traceback" not in answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert client.get(f"/run/{known['good']}").status_code == 200


def test_an_internal_error_is_one_line_with_details_in_a_file(
    client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("rankfirst.ui.pages.build", lambda *given: 1 / 0)
    answer = client.get(f"/run/{ids(client)['shop/first']}")
    assert answer.status_code == 500 and "ZeroDivisionError" in answer.text and "Traceback" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    (log,) = tmp_path.glob("rankfirst-error-*.log")
    assert "Traceback" in log.read_text(encoding="utf-8")


def test_one_follower_too_many_gets_503(runs: Path) -> None:
    client = client_of(runs, most=0)
    answer = client.get(f"/api/run/{ids(client)['shop/first']}/events")
    assert answer.status_code == 503 and answer.headers["retry-after"] == "30"


def test_a_run_is_shown_at_every_stage(tmp_path: Path) -> None:
    told = example.told()
    for n in (0, 1, 5, 9, 12, 20, len(told) - 1):
        write(tmp_path / f"at{n}", told[:n])
    write(tmp_path / "whole")
    client = client_of(tmp_path)
    known = ids(client)
    for id in known.values():
        assert client.get(f"/run/{id}").status_code == client.get(f"/run/{id}/part").status_code == 200
        other = known["whole" if id != known["whole"] else "at0"]
        assert client.get(f"/compare?run={id}&run={other}").status_code == 200
