"""Who may act: a form of this page, in this session, of a bounded size. Nothing on a page that only reads."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

import rankfirst.ui
from tests.ui.conftest import acting, client_of, post


def posts(client: Any) -> list[str]:
    """The address of every route that acts."""
    routes = client.app.app.routes
    paths = [route.path for route in routes if "POST" in (getattr(route, "methods", None) or ())]
    assert len(paths) >= 2
    return [path.replace("{id}", "x").replace("{act}", "stop") for path in paths]


def test_every_act_needs_the_token_of_its_session(page: Any) -> None:
    for address in posts(page):
        for token in ("", "x" * 64, page.csrf[:-1]):
            answer = page.post(address, data={"csrf": token})
            assert answer.status_code == 403 and "no longer valid" in answer.text, address
        assert page.post(address, data={"csrf": page.csrf}).status_code != 403, address


def test_no_act_without_a_session(page: Any) -> None:
    page.cookies.clear()
    for address in posts(page):
        assert page.post(address, data={"csrf": page.csrf}).status_code == 403, address


@pytest.mark.parametrize("header", [{"Origin": "http://evil.example"}, {"Origin": "null"},
                                    {"Origin": "http://127.0.0.1:9"}, {"Sec-Fetch-Site": "cross-site"},
                                    {"Sec-Fetch-Site": "same-site"}])  # fmt: skip
def test_a_form_of_another_site_is_rejected(page: Any, header: dict[str, str]) -> None:
    for address in posts(page):
        answer = page.post(address, data={"csrf": page.csrf}, headers=header)
        assert answer.status_code == 403 and "another site" in answer.text


def test_the_address_that_is_not_this_machine_is_rejected(page: Any) -> None:
    for address in posts(page):
        answer = page.post(address, data={"csrf": page.csrf}, headers={"Host": "evil.example"})
        assert answer.status_code == 421


def test_a_form_of_this_page_is_taken(page: Any) -> None:
    assert '<meta name="referrer" content="same-origin">' in page.get("/new").text  # else its `Origin` is null
    same = {"Origin": "http://127.0.0.1:8770", "Sec-Fetch-Site": "same-origin"}
    assert page.post("/new", data={"csrf": page.csrf}, headers=same).status_code == 400  # no file


def test_forms_are_bounded(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert page.post("/new", data={"csrf": page.csrf, "file": "x" * (1 << 21)}).status_code == 413
    assert page.post("/new", content=iter([b"csrf="])).status_code == 411
    monkeypatch.setattr("rankfirst.ui.access.MOST_UPLOAD", 100)
    assert post(page, "/new", {"upload": ("a.csv", b"x" * 200)}).status_code == 413


def test_a_page_that_only_reads_has_no_form(place: Path) -> None:
    client = client_of(place)
    for address in ("/", f"/run/{client.get('/api/runs').json()['runs'][0]['id']}"):
        page = client.get(address)
        assert "<form method" not in page.text and 'name="csrf"' not in page.text and "var htmx" not in page.text
        assert "set-cookie" not in page.headers
    assert client.get("/new").status_code == 404 and client.post("/new").status_code == 405


def test_a_folder_that_is_a_run_is_only_read(place: Path) -> None:
    from rankfirst.ui.acts.home import Home

    assert Home.of([place / "first"]) is None
    other = Home.of([place / "first", place])
    assert other is not None and other.folder == place


def test_the_session_is_a_strict_cookie(place: Path) -> None:
    client = acting(place)
    client.cookies.clear()
    cookie = client.get("/").headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and client.csrf not in cookie


def test_htmx_is_the_release_that_its_notice_names(page: Any) -> None:
    folder = Path(rankfirst.ui.__file__).parent / "static"
    digest = hashlib.sha256((folder / "htmx.min.js").read_bytes()).hexdigest()
    assert digest in (folder / "HTMX-NOTICE").read_text(encoding="utf-8")
    scripts = page.get("/new").text.split("<script>")[1:]
    assert len(scripts) == 3 and '"allowEval": false' in scripts[0] and "unsafe" not in page.get("/new").text[:4000]
