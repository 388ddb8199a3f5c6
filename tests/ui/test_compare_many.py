"""Any number of runs: one table, what differs, charts, and what cannot be compared."""

from pathlib import Path
from typing import Any

import pytest

from rankfirst.ui.compare_many import compare_many
from rankfirst.ui.run_index import RunIndex
from tests.report import journal_example as example
from tests.ui.conftest import HOSTILE, changed, client_of, events, ids, unfinished, write


@pytest.fixture
def three(tmp_path: Path) -> Path:
    write(tmp_path / "a")
    write(tmp_path / "b", changed(example.told(), "run", seed=3))
    write(tmp_path / "c", unfinished(changed(example.told(), "run", fingerprint="f" * 64)))
    return tmp_path


def many(folder: Path, *told: Any) -> Any:
    cards = {card.name: card for card in RunIndex([folder]).cards()}
    return compare_many([cards[name] for name in "abc"], told)


def test_what_differs_is_a_column_and_other_rows_are_named(three: Path) -> None:
    view = many(three, events(example.told()), events(changed(example.told(), "run", seed=3)),
                events(unfinished(changed(example.told(), "run", fingerprint="f" * 64))))  # fmt: skip
    names = [name.en for name in view.columns]
    assert any("eed" in name for name in names) and not any("ingerprint" in name for name in names)
    assert [row.comparable for row in view.rows] == [True, True, False] and view.apart == 1
    assert all(len(row.values) == len(names) for row in view.rows)
    assert view.rows[0].shipped is not None and view.rows[2].shipped is None and view.rows[2].work is None
    assert len(view.plots) == 2 and len(view.plots[0].series) == 3


def test_the_page_in_both_languages(three: Path) -> None:
    client = client_of(three)
    query = "&".join(f"run={id}" for id in ids(client).values())
    page = client.get(f"/compare?{query}&lang=zh")
    assert (
        page.status_code == 200
        and page.text.count("<tr>") >= 4
        and "other rows" in page.text
        and "数据不同" in page.text
    )
    assert 'class="runs many sortable"' in page.text and page.text.count('<figure class="plot"') == 2
    assert "echarts" in page.text and "default-src 'none'" in page.headers["content-security-policy"]


def test_names_stay_names_and_odd_journals_do_not_break_it(tmp_path: Path) -> None:
    write(tmp_path / "a", changed(example.told(HOSTILE), "run", base_model=HOSTILE))
    write(tmp_path / "b", changed(example.told(), "result", recipe={"rank": "?"}, costs=3, peak_memory_mb="x"))
    write(tmp_path / "c", [])
    client = client_of(tmp_path)
    page = client.get("/compare?" + "&".join(f"run={id}" for id in ids(client).values()))
    assert page.status_code == 200 and "<img" not in page.text.split("<script>")[0]


def test_too_many_are_refused(three: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rankfirst.ui.app.MOST_COMPARED", 2)
    client = client_of(three)
    assert client.get("/compare?" + "&".join(f"run={id}" for id in ids(client).values())).status_code == 400
