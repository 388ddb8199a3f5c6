"""Who may read: this machine by its own names, or whoever holds the token; reading only, under a strict policy."""

import base64
import hashlib
import re
from pathlib import Path
from typing import Any

import pytest

from tests.ui.conftest import client_of, ids

TOKEN = "s3cret-token"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:9", "localhost:8770", "[::1]:8770", "LOCALHOST", "127.9.9.9"])
def test_loopback_host_names_are_accepted(client: Any, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8770", "127.0.0.1.evil.example",
                                  "localhost.evil.example",
                                  "192.168.1.4:8770", "0.0.0.0", "[::1", "", "a@127.0.0.1x", "::"])  # fmt: skip
def test_a_foreign_host_name_is_rejected(client: Any, host: str) -> None:
    for address in ("/", "/api/runs", "/openapi.json", "/nowhere"):
        assert client.get(address, headers={"Host": host}).status_code == 421


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_only_reading_methods_are_allowed(client: Any, method: str) -> None:
    answer = client.request(method, "/api/runs")
    assert answer.status_code == 405 and answer.headers["allow"] == "GET, HEAD"


def test_head_is_answered_like_get(client: Any) -> None:
    assert client.head("/").status_code == 200
    assert client.head(f"/api/run/{ids(client)['shop/first']}/events").status_code == 405


@pytest.mark.parametrize("address", ["/", "/part/runs", "/run/{0}", "/run/{0}/part", "/compare?run={0}&run={1}",
                                     "/nowhere",
                                     "/api/runs", "/api/run/{0}", "/openapi.json", "/favicon.ico"])  # fmt: skip
def test_every_answer_is_sent_under_a_strict_policy(client: Any, address: str) -> None:
    known = ids(client)
    headers = client.get(address.format(known["shop/first"], known["shop/second"])).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store" and headers["x-frame-options"] == "DENY"
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize("address", ["/", "/run/{0}", "/compare?run={0}&run={1}", "/nowhere"])
def test_the_policy_allows_only_the_pages_scripts_and_style(client: Any, address: str) -> None:
    known = ids(client)
    answer = client.get(address.format(known["shop/first"], known["shop/second"]))
    policy = answer.headers["content-security-policy"]
    acting = re.findall(r"<(?:script|style)>(.*?)</(?:script|style)>", answer.text, re.DOTALL)
    hashes = {base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in acting}
    assert set(re.findall(r"'sha256-([^']+)'", policy)) == hashes and len(acting) >= 3
    meta = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', answer.text)
    assert meta is not None and policy.startswith(meta[1].replace("&#39;", "'"))


def guarded(runs: Path) -> Any:
    return client_of(runs, token=TOKEN)


def test_nothing_is_shown_without_the_token(runs: Path) -> None:
    client = guarded(runs)
    for address in ("/", "/api/runs", "/openapi.json", "/nowhere", "/?token=wrong", "/?token="):
        answer = client.get(address, follow_redirects=False)
        assert answer.status_code == 401 and "service-intents" not in answer.text and TOKEN not in answer.text


def test_the_token_becomes_a_cookie_and_leaves_the_address(runs: Path) -> None:
    client = guarded(runs)
    answer = client.get(f"/api/runs?token={TOKEN}&x=1", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/api/runs?x=1")
    assert "HttpOnly" in answer.headers["set-cookie"] and "SameSite=Strict" in answer.headers["set-cookie"]
    assert client.get("/api/runs", headers={"Host": "gpu-box.local"}).status_code == 200


@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example", "///evil.example", "/%0d%0aX: y"])
def test_the_redirect_stays_on_this_server(runs: Path, path: str) -> None:
    answer = guarded(runs).get(f"http://127.0.0.1:8770{path}?token={TOKEN}", follow_redirects=False)
    assert re.match(r"/(?![/\\])", answer.headers["location"]) and "x" not in answer.headers.get("X", "")


def test_programs_send_the_token_as_bearer(runs: Path) -> None:
    client = guarded(runs)
    assert client.get("/api/runs", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    assert client.get("/api/runs", headers={"Authorization": "Bearer é".encode()}).status_code == 401
    assert client.get("/api/runs", headers={"Cookie": "rankfirst=é;;=; \x01".encode()}).status_code == 401
