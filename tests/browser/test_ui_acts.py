"""What the page does, in a browser: with the mouse, by keys, without scripts, silent, readable for everybody."""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("python_multipart", reason="the page needs its extra (pip install -e '.[ui]')")
from rankfirst.records import to_json
from rankfirst.ui.acts.jobs import Job, write
from tests.browser.test_report import broken_rules
from tests.browser.test_ui import silent, until
from tests.report import assessment_example as assessed
from tests.report import journal_example as example
from tests.ui.acts.conftest import ROWS
from tests.ui.acts.test_review import CLASSES, row
from tests.ui.conftest import HOSTILE, changed
from tests.ui.conftest import write as write_run
from tests.ui.server import served

pytestmark = pytest.mark.slow
KEPT = Path(__file__).parents[1] / "first_edition"
ASSESSED = "1796068951989-291bd7"
LONG = f"where is parcel 1? {HOSTILE} and please answer until Friday, " * 3


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """(address, folder) of a page over three made-up runs, a real one, a file of rows and an assessment of it."""
    folder = tmp_path_factory.mktemp("acts")
    for seed, name in enumerate(("first", "second", "third")):
        write_run(folder / name, changed(example.told(), "run", seed=seed))
    for kept in ("single", "base"):
        shutil.copytree(KEPT / kept, folder / ("real" if kept == "single" else "base"))
    (folder / "data").mkdir()
    (folder / "data" / "rows.csv").write_text(ROWS, encoding="utf-8")
    assessment(folder)
    with served(str(folder), cwd=folder) as (address, _):
        yield address.rstrip("/"), folder


def assessment(folder: Path) -> None:
    out, jobs = folder / "assessments" / "rows", folder / ".rankfirst-ui" / "jobs"
    doubted = (row(2, "where is parcel 0", "delivery", "refund"), row(3, "i want money 0 back", "refund", "delivery"),
               row(4, LONG, "delivery", "refund"))  # fmt: skip
    base = assessed.assessment()
    profile = replace(base.profile, classes=CLASSES, class_counts=(20, 20), tail_classes=(), multi_label=False)
    for path in (out, jobs):
        path.mkdir(parents=True)
    made = to_json(replace(base, reviews={"suspects": doubted}, pairs=(), profile=profile))
    (out / "assessment.json").write_text(json.dumps(made), encoding="utf-8")
    words = ("assess", str(folder / "data" / "rows.csv"), "-o", str(out), "--text=text", "--label=label")
    write(jobs, Job(ASSESSED, "assess", words, "data/rows.csv", str(out), "done"))


def runs(eyes, address: str) -> dict[str, str]:
    """name -> id"""
    eyes.open(f"{address}/api/runs")
    return {run["name"]: run["id"] for run in json.loads(eyes.js("return document.body.innerText"))["runs"]}


def click(eyes, css: str) -> None:
    eyes.driver.find_element("css selector", css).click()


def keys(eyes, text: str, css: str = "body") -> None:
    eyes.driver.find_element("css selector", css).send_keys(text)


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1280])
def test_a_file_is_uploaded_assessed_and_leads_to_a_fit(site, eyes, tmp_path, width):
    address, folder = site
    file = tmp_path / "my rows.csv"
    file.write_text(ROWS, encoding="utf-8")
    eyes.open(f"{address}/", width)
    keys(eyes, "n") if width > 600 else click(eyes, "a[href='/new']")
    until(eyes, "location.pathname === '/new'")
    keys(eyes, str(file), "input[type=file]")
    click(eyes, "#new details > summary")
    click(eyes, "input[name=quick]")
    click(eyes, "button[value=assess]")
    until(eyes, "location.pathname.startsWith('/assessment/') && document.querySelector('#fit')", 120)
    assert (folder / "uploads" / ("my-rows.csv" if width == 390 else "my-rows-2.csv")).exists()
    assert eyes.js("return document.documentElement.scrollWidth") <= width
    silent(eyes, address + "/")


@pytest.mark.slow
def test_a_fit_is_stopped_and_taken_from_the_list(site, eyes):
    address, _ = site
    eyes.open(f"{address}/new?file=data/rows.csv")
    click(eyes, "button[value=fit]")
    until(eyes, "location.pathname.startsWith('/job/')")
    until(eyes, "document.querySelector('#job .chip.running')", 20)
    click(eyes, "#stop")
    until(eyes, "document.querySelector('.jobs .chip.stopped')", 40)
    click(eyes, "[id^=forget-]")
    until(eyes, "!document.querySelector('.jobs .chip.stopped')")
    silent(eyes, address + "/")


@pytest.mark.slow
def test_a_text_is_tried_on_a_delivered_model(site, eyes):
    address, _ = site
    eyes.open(f"{address}/run/{runs(eyes, address)['real/run']}")
    keys(eyes, "t")
    until(eyes, "location.pathname.endsWith('/try')")
    keys(eyes, "where is my parcel", "textarea")
    click(eyes, "#try button")
    until(eyes, "document.querySelector('#answer .tile .big')", 90)
    told = eyes.js("return document.getElementById('answer').innerText")
    assert "Confidence" in told and "abstain" in told and location(eyes).endswith("/try")
    eyes.scroll()
    silent(eyes, address + "/")


def location(eyes) -> str:
    return str(eyes.js("return location.pathname"))


def test_labels_are_reviewed_by_keys_and_a_cleaned_file_is_written(site, eyes):
    address, folder = site
    eyes.open(f"{address}/assessment/{ASSESSED}/review")
    keys(eyes, "k")
    until(eyes, "document.querySelector('blockquote').innerText.includes('money 0')")
    keys(eyes, "l")
    until(eyes, "document.activeElement.name === 'label'")
    keys(eyes, "delivery\n", "input[name=label]")
    until(eyes, "document.querySelector('blockquote').innerText.includes('Friday')")
    keys(eyes, "d")
    until(eyes, "!document.querySelector('blockquote')")
    click(eyes, "#clean button")
    until(eyes, "document.querySelector('#cleaned')")
    assert "where is parcel 1," not in (folder / "uploads" / "rows-cleaned.csv").read_text("utf-8")
    assert eyes.js("return document.images.length") == 0
    silent(eyes, address + "/")
    (folder / "assessments" / "rows" / "review.json").unlink()


@pytest.mark.parametrize("width", [390, 1280])
def test_three_runs_are_compared_and_sorted(site, eyes, width):
    address, _ = site
    eyes.open(f"{address}/", width)
    eyes.js("[...document.querySelectorAll('#rows tr')].filter(r => /(first|second|third) ·/.test(r.textContent))"
            ".forEach(r => r.querySelector('input').click())")  # fmt: skip
    click(eyes, "#compare")
    until(eyes, "location.pathname === '/compare' && document.querySelector('table.many')")
    eyes.scroll()
    assert eyes.js("return document.querySelectorAll('figure.drawn').length") == 2
    if width > 600:
        click(eyes, "table.many thead button.sort")
        names = eyes.js("return [...document.querySelectorAll('table.many tbody th a')].map(a => a.innerText)")
        assert names == ["first", "second", "third"]
    assert eyes.js("return document.documentElement.scrollWidth") <= width
    silent(eyes, address + "/")


def test_a_note_tags_and_the_archive(site, eyes):
    address, _ = site
    id = runs(eyes, address)["third"]
    eyes.open(f"{address}/run/{id}")
    click(eyes, "details.notes > summary")
    keys(eyes, "waits for May", "textarea[name=note]")
    keys(eyes, "shop, 上线", "input[name=tags]")
    click(eyes, "input[name=archived]")
    click(eyes, "details.notes button")
    until(eyes, "document.querySelector('.noted')")
    assert "waits for May" in eyes.js("return document.querySelector('.noted').innerText")
    eyes.open(f"{address}/")
    assert not eyes.js(f"return Boolean(document.querySelector('tr[data-id=\"{id}\"]'))")
    click(eyes, "a.plain")
    until(eyes, f"document.querySelector('tr[data-id=\"{id}\"] .tags')")
    box = eyes.driver.find_element("css selector", "input[type=search]")
    box.send_keys("上线")
    assert eyes.js("return document.querySelectorAll('#rows tr:not(.folded)').length") == 1
    silent(eyes, address + "/")


def comes(condition: Callable[[], bool], seconds: float = 8) -> None:
    """Waits for the next page, as `until` does where scripts may run."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds
        time.sleep(0.05)


def test_without_scripts_the_forms_still_act(site, eyes):
    address, folder = site
    eyes.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        eyes.driver.get(f"{address}/assessment/{ASSESSED}/review")
        click(eyes, "#keep")
        comes(lambda: "row=3" in eyes.driver.current_url)
        assert json.loads((folder / "assessments" / "rows" / "review.json").read_text("utf-8"))["2"] == {
            "decision": "keep"
        }
        eyes.driver.get(f"{address}/new")
        click(eyes, "button[value=assess]")
        comes(lambda: "choose a file first" in eyes.driver.page_source)
    finally:
        eyes.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
        (folder / "assessments" / "rows" / "review.json").unlink(missing_ok=True)


PAGES = ["/", "/new", "/run/{0}/try", "/assessment/{2}", "/assessment/{2}/review?row=4", "/run/{0}",
         "/compare?run={0}&run={1}&run={3}"]  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(("dark", "width", "lang"), [(False, 1280, "zh"), (True, 390, "en")], ids=["light", "dark"])
def test_readable_for_everybody(site, eyes, page, dark, width, lang):
    address, _ = site
    known = runs(eyes, address)
    at = page.format(known["first"], known["second"], ASSESSED, known["third"])
    eyes.open(f"{address}{at}{'&' if '?' in at else '?'}lang={lang}", width, dark)
    eyes.js("document.querySelectorAll('details').forEach(d => d.open = true)")
    eyes.scroll()
    assert eyes.js("return document.documentElement.scrollWidth") <= width
    assert broken_rules(eyes) == []
    silent(eyes, address + "/")
