"""Many tenants: each with its own labels, limits and token; bounded memory; a broken one disturbs nobody."""

import gc
import hashlib
import json
import os
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("fastapi", reason="serving needs the extra serve (pip install -e '.[dev]')")
pytest.importorskip("prometheus_client", reason="serving needs the extra serve (pip install -e '.[dev]')")
from starlette.testclient import TestClient

from rankfirst.errors import OptionError, RunError
from rankfirst.model.classifier import Reading
from rankfirst.server import serve_many, tenant_routes, tenants
from rankfirst.server.tenants import BrokenError, GoneError, Limits, Loader, NoRoomError, Tenants, read_limits

SIZE = 100  # bytes of a model


class Model:
    """Knows one label: that of its folder."""

    multi_label, calibration = False, None
    alive = 0

    def __init__(self, folder: Path) -> None:
        told = (folder / "model" / "decision.json").read_text()
        if told == "broken":
            raise RunError("run.bad_model", path=str(folder))
        self.classes: tuple[str, ...] = (f"{folder.name}{told}", "-")
        type(self).alive += 1

    def __del__(self) -> None:
        type(self).alive -= hasattr(self, "classes")

    def read(self, texts: Sequence[str]) -> Any:
        if "slow" in texts:
            time.sleep(0.3)
        if "boom" in texts:
            raise ZeroDivisionError
        p = np.array([[0.9, 0.1]] * len(texts))
        return Reading(p, p, None)

    def answers(self, read: Any, abstain: bool = False) -> list[Any]:
        return [self.classes[0]] * len(read)


def loader() -> Loader:
    def cost(folder: Path) -> int:
        return 10_000 if (folder / "large").exists() else SIZE

    return Loader(Model, cost, lambda: SIZE * Model.alive)


def put(root: Path, name: str, told: str = "") -> Path:
    """A delivery, newer than the one before it."""
    path = root / name / "model" / "decision.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(told)
    now = time.time_ns() + 10_000_000 * (len(told) + 1)
    os.utime(path, ns=(now, now))
    return root / name


@pytest.fixture
def root(tmp_path: Path) -> Path:
    gc.collect()  # models of servers of before, which would be missing in the count below
    Model.alive = 0
    for name in ("acme", "bolt", "corp"):
        put(tmp_path, name)
    return tmp_path


@pytest.fixture
def client(root: Path) -> Iterator[TestClient]:
    with TestClient(tenant_routes.create(Tenants(root, loader(), 2, 1000)), raise_server_exceptions=False) as made:
        yield made


def ask(client: TestClient, name: str, texts: Sequence[str] = ("hello",), token: str = "") -> Any:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return client.post(f"/v1/{name}/classify", json={"texts": list(texts)}, headers=headers)


def test_each_tenant_answers_with_its_own_labels(client: TestClient) -> None:
    for name in ("acme", "bolt", "corp", "acme"):
        told = ask(client, name).json()
        assert told["answers"][0]["labels"] == [name] and told["model"].startswith(f"{name}@")
        assert client.get(f"/v1/{name}/labels").json() == [name, "-"]
    assert [one["name"] for one in client.get("/v1/tenants").json()] == ["acme", "bolt", "corp"]


@pytest.mark.parametrize("name", ["nobody", "..", "%2e%2e", "acme%2f..%2fbolt", "acme%00", "ACME", "x" * 300])
def test_an_unknown_tenant_is_404(client: TestClient, name: str) -> None:
    assert ask(client, name).status_code == 404


def test_the_least_recently_used_model_is_evicted(root: Path) -> None:
    held = Tenants(root, loader(), 2, 1000)
    for name in ("acme", "bolt", "acme", "corp"):
        held.answer(name, ["x"])
    assert [t.name for t in held.by_name.values() if t.holder is not None] == ["acme", "corp"]
    assert (held.loaded, held.counts.loads, held.counts.evictions, Model.alive) == (2, 3, 1, 2)


def test_memory_is_limited_as_well_as_the_number_of_models(root: Path) -> None:
    held = Tenants(root, loader(), 32, 2 * SIZE)
    for name in ("acme", "bolt", "corp", "acme", "bolt"):
        held.answer(name, ["x"])
        assert Model.alive <= 2
    (root / "corp" / "large").touch()
    with pytest.raises(BrokenError, match="too_large"):
        held.answer("corp", ["x"])
    assert held.loaded == 2  # nobody was evicted for it


def test_a_model_that_is_answering_is_not_evicted(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tenants, "PATIENCE", 0.05)
    held = Tenants(root, loader(), 1, 1000)
    held.answer("acme", ["x"])
    busy = threading.Thread(target=held.answer, args=("acme", ["slow"]))
    busy.start()
    time.sleep(0.05)
    with pytest.raises(NoRoomError):
        held.answer("bolt", ["x"])
    busy.join()
    held.answer("bolt", ["x"])
    assert held.by_name["acme"].holder is None


def test_requests_at_once_load_a_model_once(root: Path) -> None:
    held = Tenants(root, loader(), 3, 1000)
    asking = [threading.Thread(target=held.answer, args=(name, ["slow"])) for name in ("acme", "bolt") * 8]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert held.counts.loads == 2 and all(t.answering == 0 for t in held.by_name.values())


def test_a_broken_tenant_does_not_affect_others(root: Path) -> None:
    put(root, "dead", "broken")
    with TestClient(tenant_routes.create(Tenants(root, loader(), 2, 1000)), raise_server_exceptions=False) as client:
        told = ask(client, "dead")
        assert told.status_code == 503 and "run.bad_model" in told.json()["detail"]
        assert client.get("/v1/dead/readyz").status_code == 503
        assert ask(client, "acme", ["boom"]).status_code == 500
        assert ask(client, "acme").status_code == 200 and client.get("/v1/acme/readyz").json()["loaded"]
        assert client.get("/readyz").json() == {"status": "ready", "tenants": 4, "broken": 1, "loaded": 1}


def test_new_deliveries_take_over_unless_broken_and_repaired_ones_are_retried(root: Path) -> None:
    held = Tenants(root, loader(), 3, 1000)
    held.answer("acme", ["x"])
    put(root, "acme", "2")
    held.refresh()
    assert held.model("acme").classes[0] == "acme2" and held.counts.reloads == 1
    put(root, "acme", "broken")
    held.refresh()
    held.refresh()
    assert held.model("acme").classes[0] == "acme2" and held.counts.failures == 1
    put(root, "bolt", "broken")
    held.refresh()
    with pytest.raises(BrokenError):
        held.answer("bolt", ["x"])
    put(root, "bolt", "mended now")
    held.refresh()
    assert held.model("bolt").classes[0] == "boltmended now"


def test_tenants_are_added_and_removed(root: Path) -> None:
    import shutil

    held = Tenants(root, loader(), 3, 1000)
    held.answer("acme", ["x"])
    put(root, "dove")
    put(root, "not a name")
    shutil.rmtree(root / "acme")
    held.refresh()
    assert set(held.by_name) == {"bolt", "corp", "dove"} and Model.alive == 0
    assert held.counts.ignored == {"not a name"}
    with pytest.raises(GoneError):
        held.answer("acme", ["x"])


def test_limits_are_per_tenant(root: Path) -> None:
    (root / "acme" / "serve.json").write_text('{"most_texts": 2, "most_waiting": 3}')
    with TestClient(tenant_routes.create(Tenants(root, loader(), 2, 1000))) as client:
        assert ask(client, "acme", ["x"] * 3).status_code == 422
        assert ask(client, "bolt", ["x"] * 3).status_code == 200
        assert ask(client, "acme", ["x"] * 2).status_code == 200
        found: list[int] = []
        asking = [threading.Thread(target=lambda: found.append(ask(client, "acme", ["slow", "x"]).status_code))
                  for _ in range(6)]  # fmt: skip
        for thread in asking:
            thread.start()
        time.sleep(0.05)
        assert ask(client, "bolt").status_code == 200  # somebody else's queue is full, not this one
        for thread in asking:
            thread.join()
        assert 429 in found and 200 in found


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"more": 1}', '{"most_texts": 0}', '{"most_texts": true}', '{"most_texts": 257}',
             '{"most_waiting": "9"}', '{"token_sha256": "x"}', "[" * 5000],
    ids=lambda text: text[:20],
)  # fmt: skip
def test_invalid_settings_break_only_their_tenant(root: Path, text: str) -> None:
    (root / "acme" / "serve.json").write_text(text)
    with pytest.raises(OptionError, match="token_sha256"):
        read_limits(root / "acme" / "serve.json")
    held = Tenants(root, loader(), 2, 1000)
    assert held.by_name["acme"].problem == "serve.bad_settings" and held.broken == 1
    held.answer("bolt", ["x"])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
@pytest.mark.parametrize("what", ["pipe", "device", "folder", "itself", "nothing"])
def test_settings_that_are_no_file_break_only_their_tenant_at_once(root: Path, what: str) -> None:
    path = root / "acme" / "serve.json"
    if what == "pipe":
        os.mkfifo(path)
    elif what == "folder":
        path.mkdir()
    else:
        path.symlink_to({"device": "/dev/zero", "itself": path.name, "nothing": "gone"}[what])
    held = Tenants(root, loader(), 2, 1000)  # a pipe or a device would be read for ever
    assert held.by_name["acme"].problem and held.broken == 1
    held.answer("bolt", ["x"])


def test_tokens_grant_the_right_access(root: Path) -> None:
    own = {"token_sha256": hashlib.sha256(b"acme's").hexdigest()}
    (root / "acme" / "serve.json").write_text(json.dumps(own))
    with TestClient(tenant_routes.create(Tenants(root, loader(), 3, 1000), token="operator")) as client:
        assert [ask(client, "acme", token=t).status_code for t in ("acme's", "operator", "", "no")] == [
            200,
            200,
            401,
            401,
        ]
        assert [ask(client, "bolt", token=t).status_code for t in ("acme's", "operator")] == [401, 200]
        assert [ask(client, "nobody", token=t).status_code for t in ("acme's", "operator")] == [401, 404]
        for place in ("/v1/tenants", "/metrics"):
            assert client.get(place, headers={"authorization": "Bearer acme's"}).status_code == 401
            assert client.get(place, headers={"authorization": "Bearer operator"}).status_code == 200
    with TestClient(tenant_routes.create(Tenants(root, loader(), 3, 1000))) as client:
        assert ask(client, "acme").status_code == 401 and ask(client, "bolt").status_code == 200


def test_metrics_have_labels_for_tenants_but_not_for_unknown_names(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tenant_routes, "NAMED", 2)
    for name in ("acme", "bolt", "corp", "evil", "evil2"):
        ask(client, name, ["secret text"])
    told = client.get("/metrics").text
    for name, status in (("acme", 200), ("bolt", 200), ("other", 200), ("", 404)):
        assert f'rankfirst_requests_total{{status="{status}",tenant="{name}"}}' in told
    assert "evil" not in told and "corp" not in told and "secret" not in told
    assert "rankfirst_tenants_loaded 2.0" in told and "rankfirst_tenants_evictions 1.0" in told


def test_a_folder_without_tenants_is_a_one_line_error(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(OptionError):
            Tenants(path, loader(), 1, 1000)


def test_default_limits() -> None:
    assert read_limits(Path("nowhere")) == Limits()


def test_a_server_of_many_finds_its_routes(tmp_path: Path) -> None:
    with pytest.raises(OptionError) as refused:
        serve_many(tmp_path, "torch", 1, 1)
    assert refused.value.code == "serve.tenants_torch"


def test_a_link_out_of_the_folder_is_refused(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = put(tmp_path_factory.mktemp("outside"), "foreign")
    (root / "dora").symlink_to(outside)
    (root / "erik").mkdir()
    (root / "erik" / "model").symlink_to(outside / "model")
    (put(root, "fred") / "model" / "head.safetensors").symlink_to(outside / "model" / "decision.json")
    (root / "gail").symlink_to(root / "acme")
    held = Tenants(root, loader(), 9, 10 * SIZE)
    for name in ("dora", "erik", "fred"):
        assert held.by_name[name].problem == "serve.outside"
        with pytest.raises(BrokenError):
            held.answer(name, ["a"])
    assert held.answer("acme", ["a"]) and held.answer("gail", ["a"])
    shutil.rmtree(root / "bolt" / "model")
    (root / "bolt" / "model").symlink_to(outside / "model")  # after it was looked at
    with pytest.raises(BrokenError):
        held.answer("bolt", ["a"])
