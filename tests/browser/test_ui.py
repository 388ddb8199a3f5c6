"""The local page in a browser: from the list to a run to two of them, followed live, silent, readable for everybody."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="the page needs its extra (pip install -e '.[ui]')")
from rankfirst.run.folder import open_run
from tests.browser.conftest import Eyes
from tests.browser.test_report import broken_rules
from tests.report import journal_example as example
from tests.ui.conftest import HOSTILE, changed, unfinished, write
from tests.ui.server import served


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """(address, folder) of a server over five runs."""
    folder = tmp_path_factory.mktemp("runs")
    write(folder / "first")
    write(folder / "second", changed(example.told(), "run", dataset="banking", seed=3))
    write(folder / "cut", unfinished(upto="experiment"))
    write(folder / "live", unfinished(upto="probe"))
    write(folder / "hostile", changed(example.told(HOSTILE), "run", base_model=HOSTILE, command=HOSTILE))
    with served(str(folder)) as (address, _):
        yield address, folder


def silent(eyes: Eyes, address: str) -> None:
    """No complaint in the console, no request to anybody else."""
    assert eyes.complaints() == []
    assert {url.split("/")[2] for url in eyes.asked()} <= {address.split("/")[2]}


def until(eyes: Eyes, condition: str, seconds: float = 8) -> None:
    """Waits for a condition of the page."""
    began = time.monotonic()
    while not eyes.js(f"return Boolean({condition})"):
        assert time.monotonic() - began < seconds, condition
        time.sleep(0.05)


@pytest.mark.parametrize("width", [390, 1280])
def test_from_the_list_to_a_run_and_to_two(site, eyes, width):
    address, _ = site
    eyes.open(address, width)
    assert eyes.js("return document.querySelectorAll('#rows tr').length") == 5
    assert eyes.js("return document.documentElement.scrollWidth") <= width
    assert eyes.js("return document.getElementById('compare').disabled")
    for name in ("first", "second"):
        row = f"[...document.querySelectorAll('#rows tr')].find(r => r.textContent.includes('{name} ·'))"
        eyes.js(f"{row}.querySelector('input').click()")
    assert not eyes.js("return document.getElementById('compare').disabled")
    silent(eyes, address)
    eyes.js("document.getElementById('compare').click()")
    until(eyes, "location.pathname === '/compare' && document.querySelector('.sides')")
    assert eyes.js("return document.querySelectorAll('tr.differs').length") == 2
    assert eyes.js("return document.documentElement.scrollWidth") <= width
    silent(eyes, address)
    eyes.js("document.querySelector('.side').click()")
    until(eyes, "location.pathname.startsWith('/run/') && document.querySelector('#verdict')")
    assert eyes.js("return document.documentElement.scrollWidth") <= width
    eyes.js("document.querySelectorAll('details.fold').forEach(section => { section.open = true })")  # on a phone
    eyes.scroll()
    assert eyes.js("return document.querySelectorAll('figure.drawn').length") > 0
    silent(eyes, address)


def test_the_list_is_sorted_filtered_and_stays_so_when_a_run_comes(site, eyes):
    address, folder = site
    eyes.open(address)
    names = "return [...document.querySelectorAll('#rows tr:not(.folded)')].map(r => r.querySelector('th a').innerText)"
    eyes.js("document.querySelector('#table thead button.sort').click()")
    box = eyes.driver.find_element("css selector", "input[type=search]")
    box.send_keys("banking")
    assert eyes.js(names) == ["banking"]
    write(folder / "third", changed(example.told(), "run", dataset="a banking run"))
    until(eyes, "document.getElementById('count').textContent === '6'")
    assert eyes.js(names) == ["a banking run", "banking"]
    (folder / "third" / "journal.jsonl").unlink()
    until(eyes, "document.getElementById('count').textContent === '5'")
    silent(eyes, address)


def test_a_run_is_followed_where_the_reader_is_in_the_language_chosen(site, eyes):
    address, folder = site
    told = example.told()
    with open_run(folder / "live") as journal:
        eyes.open(address)
        eyes.js(
            "[...document.querySelectorAll('#rows a')].find(a => a.closest('th').textContent.includes('live')).click()"
        )
        until(eyes, "document.getElementById('bar') && document.getElementById('bar').dataset.state === 'running'")
        eyes.driver.find_element("id", "switch").click()
        eyes.js("document.querySelector('#data details, #data').scrollIntoView()")
        eyes.driver.execute_async_script("setTimeout(arguments[0], 200)")
        eyes.js("document.getElementById('ladder').kept = true")
        before = eyes.js("return document.getElementById('data').getBoundingClientRect().top")
        for kind, key, payload in told[journal.count :]:
            journal.remember(kind, key, lambda payload=payload: payload)
            if kind == "experiment":
                until(eyes, "document.querySelectorAll('#probes figure').length")
                until(eyes, "/[一-龥]/.test(document.getElementById('newest').innerText)")
                assert abs(eyes.js("return document.getElementById('data').getBoundingClientRect().top") - before) < 2
                assert eyes.js("return document.getElementById('ladder').kept") is True
                eyes.scroll()
                until(eyes, "document.querySelectorAll('#probes figure.drawn').length")
        until(eyes, "document.getElementById('verdict')")
    until(
        eyes, "document.getElementById('bar').dataset.state === 'finished' && !document.querySelector('.banner.warn')"
    )
    assert eyes.js("return document.documentElement.lang") == "zh-CN"
    assert eyes.js("return [...document.querySelectorAll('main > section')].map(s => s.id)")[:2] == ["verdict", "six"]
    silent(eyes, address)
    eyes.driver.refresh()
    assert eyes.js("return document.documentElement.lang") == "zh-CN"
    eyes.driver.delete_all_cookies()


@pytest.mark.parametrize("page", ["/", "/run/{0}", "/compare?run={0}&run={1}"])
@pytest.mark.parametrize(("dark", "width"), [(False, 1280), (True, 390)], ids=["light", "dark"])
def test_readable_for_everybody_and_hostile_names_stay_names(site, eyes, page, dark, width):
    address, _ = site
    eyes.open(f"{address}api/runs")
    runs = {run["name"]: run["id"] for run in json.loads(eyes.js("return document.body.innerText"))["runs"]}
    eyes.open(address.rstrip("/") + page.format(runs["hostile"], runs["second"]), width, dark)
    eyes.js("document.querySelectorAll('details').forEach(d => d.open = true)")
    eyes.scroll()
    assert eyes.js("return document.images.length") == 0 and "onerror" in eyes.js("return document.body.innerText")
    assert eyes.js("return document.documentElement.scrollWidth") <= width
    assert broken_rules(eyes) == []
    silent(eyes, address)
