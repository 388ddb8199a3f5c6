"""The report as a browser shows it: from a file, silent, drawn, sorted, filtered, switched, printed, and read aloud."""

import json
from pathlib import Path

import pytest

from rankfirst import messages
from rankfirst.report import write_html
from rankfirst.report.assessment import render
from tests.report import assessment_example as assessed
from tests.report import journal_example as example
from tests.report.sentences import SENTENCES

HOSTILE = "</script><img src=x onerror=\"document.title='hacked'\"><script>document.title='hacked'</script>"
MANY = tuple(f"class_{n:03}" for n in range(40))


@pytest.fixture(autouse=True)
def stand_ins(monkeypatch):
    for code, told in SENTENCES.items():
        monkeypatch.setitem(messages._ALL, code, told)


def made(folder: Path, told=None, rows=None) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    if rows is not None:
        (folder / "examples.json").write_text(json.dumps(rows), encoding="utf-8")
    write_html(example.write(folder, told), folder / "report.html", "en")
    return (folder / "report.html").as_uri()


def hostile_run(folder: Path) -> str:
    classes = (HOSTILE, "top_up", "fee", "x", HOSTILE + "2", "y")
    row = {"is": "Example", "text": HOSTILE, "labels": [HOSTILE], "suggested": ["2"], "line": 1, "file": HOSTILE}
    told = example.told(HOSTILE, classes, HOSTILE)
    return made(folder, told, {"checks": {"data.check.suspects": [row]}, "confusions": []})


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_from_a_file_without_a_complaint_or_a_request_and_with_every_chart(tmp_path, eyes, width):
    address = made(tmp_path)
    eyes.open(address, width)
    assert eyes.complaints() == []
    assert eyes.asked() == [address]
    assert eyes.js("return document.documentElement.scrollWidth") <= width
    eyes.js("document.querySelectorAll('details').forEach(d => d.open = true)")
    eyes.scroll()
    sizes = eyes.js("return [...document.querySelectorAll('figure[data-plot]')].map(f => "
                    "[f.querySelectorAll('canvas').length, f.querySelector('.live').clientWidth])")  # fmt: skip
    assert len(sizes) >= 8 and all(count >= 1 and 200 < wide <= width for count, wide in sizes)
    assert eyes.complaints() == []


def test_a_chart_shows_ink_and_answers_the_pointer(tmp_path, eyes):
    eyes.open(made(tmp_path))
    inked = eyes.js("""
        const canvas = document.querySelector('#probes canvas'), c = canvas.getContext('2d');
        const pixels = c.getImageData(0, 0, canvas.width, canvas.height).data; const seen = new Set();
        for (let i = 0; i < pixels.length; i += 4) if (pixels[i + 3] > 200) seen.add(pixels.slice(i, i + 3).join());
        return seen.size;""")
    assert inked > 10
    before = eyes.js("return document.querySelector('#probes .live canvas').toDataURL()")
    eyes.js("""
        const box = document.querySelector('#probes .live canvas'), at = box.getBoundingClientRect();
        for (const name of ['mousemove', 'mousemove']) box.parentNode.dispatchEvent(new MouseEvent(name,
          {bubbles: true, clientX: at.left + at.width / 2, clientY: at.top + at.height / 2}));""")
    eyes.driver.execute_async_script("setTimeout(arguments[0], 300)")
    assert eyes.js("return document.querySelector('#probes .live canvas').toDataURL()") != before


def test_a_curve_can_be_left_out_by_keyboard(tmp_path, eyes):
    eyes.open(made(tmp_path))
    pressed = eyes.js("""
        const key = document.querySelector('#probes figure.drawn [data-series]');
        const before = key.closest('figure').querySelector('canvas').toDataURL();
        key.focus();
        key.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true}));
        return [key.getAttribute('aria-pressed'), document.activeElement === key, before];""")
    eyes.driver.execute_async_script("setTimeout(arguments[0], 100)")
    after = eyes.js("return document.querySelector('#probes figure.drawn canvas').toDataURL()")
    assert pressed[:2] == ["false", True] and after != pressed[2]


def test_the_other_language_and_light_also_in_the_charts(tmp_path, eyes):
    eyes.open(made(tmp_path))
    read = """return [document.documentElement.lang, document.querySelector('.verdict h2').innerText,
        document.querySelector('#probes .live').getAttribute('aria-label'),
        getComputedStyle(document.body).backgroundColor]"""
    english = eyes.js(read)
    eyes.driver.find_element("id", "switch").click()
    eyes.driver.find_element("id", "light").click()
    chinese = eyes.js(read)
    assert english[0] == "en" and chinese[0] == "zh-CN"
    assert all(a != b for a, b in zip(english, chinese, strict=True))
    assert "Ship" not in chinese[1] and any("\u4e00" <= c <= "\u9fff" for c in chinese[2])
    eyes.js("localStorage.clear()")


def column(eyes, n: int) -> list[str]:
    rows = "[...document.querySelectorAll('#classes tbody tr:not(.folded)')]"
    return eyes.js(f"return {rows}.map(r => r.cells[arguments[0]].innerText.trim())", n)


def test_classes_are_folded_sorted_and_filtered(tmp_path, eyes):
    eyes.open(made(tmp_path, example.told(classes=MANY)))
    assert len(column(eyes, 0)) == 15
    head = eyes.driver.find_elements("css selector", "#classes thead button.sort")[0]
    eyes.js("arguments[0].click()", head)
    assert column(eyes, 0)[:2] == ["class_000", "class_001"]
    assert eyes.js("return document.querySelector('#classes th').getAttribute('aria-sort')") == "ascending"
    eyes.js("arguments[0].click()", head)
    assert column(eyes, 0)[0].startswith("class_039")
    box = eyes.driver.find_element("css selector", "#recall input[type=search]")
    box.send_keys("_01")
    assert len(column(eyes, 0)) == 10
    box.clear()
    box.send_keys(" ")
    eyes.js("document.querySelector('button.all').click()")
    assert len(column(eyes, 0)) == 40
    eyes.js("arguments[0].click()", eyes.driver.find_elements("css selector", "#classes thead button.sort")[1])
    shares = [float(text.rstrip("%")) for text in column(eyes, 2) if text != "–"]
    assert shares == sorted(shares)


def test_the_list_of_sections_says_where_the_reader_is(tmp_path, eyes):
    eyes.open(made(tmp_path))
    eyes.js("document.getElementById('recall').scrollIntoView()")
    eyes.driver.execute_async_script("setTimeout(arguments[0], 250)")
    here = eyes.js("return [...document.querySelectorAll('#sections [aria-current]')].map(a => a.getAttribute('href'))")
    assert here == ["#recall"]


def test_on_paper_there_are_still_pictures_and_everything_is_unfolded(tmp_path, eyes):
    eyes.open(made(tmp_path, example.told(classes=MANY)))
    eyes.js("dispatchEvent(new Event('beforeprint'))")
    eyes.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    shown = eyes.js("""
        const there = css => [...document.querySelectorAll(css)].filter(e => e.getClientRects().length).length;
        return [there('figure.plot > svg') === there('figure.plot'), there('.live'), there('nav'),
          there('#classes tbody tr'), document.querySelectorAll('details:not([open])').length,
          getComputedStyle(document.querySelector('section')).backgroundColor];""")
    eyes.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert shown == [True, 0, 0, 40, 0, "rgb(255, 255, 255)"]


@pytest.mark.parametrize("width", [390, 1280])
def test_hostile_texts_stay_texts(tmp_path, eyes, width):
    address = hostile_run(tmp_path)
    eyes.open(address, width)
    eyes.js("document.querySelectorAll('details').forEach(d => d.open = true)")
    eyes.scroll()
    assert "hacked" not in (eyes.js("return document.title") or "").replace(HOSTILE, "")
    assert eyes.js("return [document.images.length, document.scripts.length]") == [0, 2]
    assert HOSTILE in eyes.js("return document.querySelector('h1').textContent")
    assert eyes.complaints() == [] and eyes.asked() == [address]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_readable_for_everybody(tmp_path, eyes, dark, width):
    eyes.open(made(tmp_path), width, dark)
    eyes.js("document.querySelectorAll('details').forEach(d => d.open = true)")
    eyes.scroll()
    assert broken_rules(eyes) == []


def broken_rules(eyes) -> list[list[object]]:
    """Rules of accessibility that are broken in earnest, by axe."""
    axe = pytest.importorskip("axe_core_python", reason="needs the rules of axe-core-python (pip install -e '.[dev]')")
    eyes.js(next(Path(next(iter(axe.__path__))).rglob("axe.min.js")).read_text("utf-8"))
    found = eyes.driver.execute_async_script(
        "const done = arguments[0];"
        "axe.run(document, {resultTypes: ['violations']}).then(r => done(r.violations.map(v => "
        "[v.id, v.impact, v.nodes.length, v.nodes[0].html.slice(0, 160), v.nodes[0].failureSummary])));"
    )
    return [v for v in found if v[1] in ("serious", "critical")]


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_of_an_assessment_too(tmp_path, eyes, width):
    page = tmp_path / "assessment.html"
    page.write_text(render(assessed.assessment(), "zh"), encoding="utf-8")
    eyes.open(page.as_uri(), width)
    eyes.js("document.querySelectorAll('details').forEach(d => d.open = true)")
    eyes.scroll()
    assert eyes.complaints() == [] and eyes.asked() == [page.as_uri()]
    assert eyes.js("return document.documentElement.scrollWidth") <= width
    assert broken_rules(eyes) == []


def test_on_a_phone_sections_are_folded_until_they_are_wanted(tmp_path, eyes):
    eyes.open(made(tmp_path), 390)
    assert eyes.js("return document.documentElement.scrollHeight") < 7000
    assert not eyes.js("return document.querySelectorAll('details.fold[open]').length")
    eyes.js("document.querySelector('nav a[href=\"#data\"]').click()")
    eyes.js("return new Promise(done => setTimeout(done, 50))")
    assert eyes.js("return [...document.querySelectorAll('details.fold[open]')].map(d => d.parentNode.id)") == ["data"]
    eyes.open(made(tmp_path), 1280)
    assert not eyes.js("return document.querySelectorAll('details.fold:not([open])').length")


def test_the_confusion_matrix_can_be_enlarged_and_names_its_cells(tmp_path, eyes):
    told = [(kind, key, payload | {"matrix": [[0, 1, 5], [2, 1, 1]]} if kind == "result" else payload)
            for kind, key, payload in example.told()]  # fmt: skip
    eyes.open(made(tmp_path, told))
    assert eyes.complaints() == []
    size = "return document.querySelector('svg.matrix').getBoundingClientRect().width"
    before = eyes.js(size)
    eyes.js("document.querySelector('[data-zoom=\"1.25\"]').click()")
    assert eyes.js(size) == pytest.approx(1.25 * before, rel=0.01)
    names = eyes.js("return [...document.querySelectorAll('svg.matrix rect title')].map(t => t.textContent)")
    assert any(name.startswith(f"{example.CLASSES[0]} → {example.CLASSES[1]}: 5 / ") for name in names)
