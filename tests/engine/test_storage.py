"""A run's second home: files whole or not at all, one clear line where it fails, and runs that go on elsewhere."""

import itertools
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rankfirst import api
from rankfirst.engine import storage
from rankfirst.engine.base import EngineOptions, FinalPlan, Source
from rankfirst.engine.base_models.sources import resolve
from rankfirst.engine.local import LocalEngine
from rankfirst.engine.network.lora import Dropout
from rankfirst.engine.storage import Storage, mirrored
from rankfirst.engine.training.checkpoint_store import CheckpointStore
from rankfirst.engine.training.loop import Loop
from rankfirst.errors import OptionError, RunError
from tests import runs
from tests.engine import tiny

_NUMBERS = itertools.count()
POOL = Dropout.POOL  # as other processes have it: the fixtures of this package make it smaller


@pytest.fixture(params=["folder", "file", "fsspec"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """pyarrow's local files, by path and by address, and an object store of fsspec's."""
    made = {"folder": str(tmp_path / "there"), "file": (tmp_path / "there").as_uri()}
    return made.get(request.param, f"memory://bucket{next(_NUMBERS)}/run")


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "WAITS", (0.0, 0.0))


def test_what_was_put_there_comes_back(address: str, tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"one")
    there = Storage(address)
    assert there.names() == []
    there.push(tmp_path / "a.bin", "work/a.bin")
    (tmp_path / "a.bin").write_bytes(b"another")
    there.push(tmp_path / "a.bin", "work/a.bin")
    assert there.names() == ["work/a.bin"]
    assert Storage(address).pull("work/a.bin", tmp_path / "deep" / "b.bin")
    assert (tmp_path / "deep" / "b.bin").read_bytes() == b"another"
    assert not there.pull("work/c.bin", tmp_path / "c.bin")
    there.remove(["work/a.bin"])
    assert there.names() == []


@pytest.mark.parametrize("text", ["s3://", "", "  "])
def test_no_address(text: str) -> None:
    with pytest.raises(OptionError) as told:
        Storage(text)
    assert told.value.code == "storage.bad_address"


@pytest.mark.parametrize("text", ["s3://key:secret@bucket/run", "s3://bucket/run?access_key=abc", "abfs://c/x?sas=1"])
def test_credentials_have_no_place_in_an_address(text: str) -> None:
    with pytest.raises(OptionError) as told:
        Storage(text)
    assert told.value.code == "storage.secret"
    assert "secret@" not in str(told.value) and "abc" not in str(told.value)


def test_an_unknown_scheme_is_told_in_one_line() -> None:
    with pytest.raises(RunError, match="nosuch") as told:
        Storage("nosuch://bucket/run")
    assert "\n" not in str(told.value)


def test_a_hiccup_is_tried_again_and_an_outage_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there, fails = Storage(str(tmp_path / "there")), [2]
    (tmp_path / "a").write_bytes(b"x")

    class Shaky:
        type_name = "local"

        def __init__(self, files: Any) -> None:
            self.files = files

        def __getattr__(self, name: str) -> Any:
            if name == "create_dir" and fails[0]:
                fails[0] -= 1
                raise OSError(5, "the network is gone")
            return getattr(self.files, name)

    monkeypatch.setattr(there, "_files", Shaky(there._files))
    there.push(tmp_path / "a", "a")
    assert there.names() == ["a"]
    fails[0] = 3
    with pytest.raises(RunError, match="the network is gone"):
        there.push(tmp_path / "a", "a")


def test_a_checkpoint_is_fetched_by_a_machine_that_has_none(tmp_path: Path, address: str) -> None:
    base = resolve(str(tiny.write_base(tmp_path / "base", "bert")))
    here, elsewhere = (_engine(base, tmp_path / name, address) for name in ("here", "elsewhere"))
    curve = here.probe(tiny.recipe(), 1)
    assert elsewhere.has(curve.checkpoint) and not elsewhere.has("nothing")
    np.testing.assert_array_equal(here.logits(curve.checkpoint, "val"), elsewhere.logits(curve.checkpoint, "val"))


def test_final_training_goes_on_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base, there = resolve(str(tiny.write_base(tmp_path / "base", "bert"))), str(tmp_path / "there")
    plan = FinalPlan(epochs=3)
    whole = _engine(base, tmp_path / "whole", None).finish(tiny.recipe(), plan, "final")
    save, count = CheckpointStore.save, itertools.count(1)

    def killed(self: CheckpointStore, name: str, state: Any) -> None:
        save(self, name, state)
        if name.endswith("-state") and next(count) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(CheckpointStore, "save", killed)
        _engine(base, tmp_path / "first", there).finish(tiny.recipe(), plan, "final")
    second = _engine(base, tmp_path / "second", there)
    trained: list[int] = []
    begin = Loop.begin_epoch
    monkeypatch.setattr(Loop, "begin_epoch", lambda self, *told: trained.append(1) or begin(self, *told))
    assert second.finish(tiny.recipe(), plan, "final") == whole
    assert len(trained) == 1


def _engine(base: Source, folder: Path, address: str | None) -> LocalEngine:
    engine = LocalEngine(tiny.dataset(), base, folder / "work", EngineOptions(device="cpu", storage=address))
    tiny.give_head(engine)
    return engine


def test_overwriting_clears_the_storage_too(tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").write_bytes(b"{}\n")
    there = Storage(str(tmp_path / "there"))
    for name in ("journal.jsonl", "work/old.safetensors", "somebody/else.txt"):
        there.push(tmp_path / "journal.jsonl", name)
    with mirrored(tmp_path / "run", str(tmp_path / "there"), ("journal.jsonl", "model"), overwrite=True):
        assert there.names() == ["somebody/else.txt"]


def test_no_key_leads_out_of_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pulled: list[str] = []
    monkeypatch.setattr(Storage, "names", lambda self: ["journal.jsonl", "model/../../evil", "model/a"])
    monkeypatch.setattr(Storage, "pull", lambda self, name, path: pulled.append(name))
    with mirrored(tmp_path / "run", str(tmp_path / "there"), ("journal.jsonl", "model"), overwrite=False):
        assert pulled == ["journal.jsonl", "model/a"]


@pytest.mark.slow
def test_a_run_whose_machine_was_lost_goes_on_at_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Dropout, "POOL", POOL)
    rows, base = runs.write_rows(tmp_path), tiny.write_base(tmp_path / "base", "bert")
    kept = str(tmp_path / "there")
    whole = runs.finish(runs.command(rows, base, tmp_path / "whole"))
    assert whole.returncode == 0, whole.stderr

    class Lost(BaseException):
        pass

    def listen(kind: str, key: str, payload: Any) -> None:
        if kind == "probe":
            raise Lost

    same: dict[str, Any] = {"base_model": str(base), "always_lora": True, "storage": kept}
    with pytest.raises(Lost):
        api.fit(rows, tmp_path / "first", listen=listen, **same)
    shutil.rmtree(tmp_path / "first")
    done = runs.finish(runs.command(rows, base, tmp_path / "second", "--storage", kept))
    assert done.returncode == 0, done.stderr
    assert _decided(tmp_path / "second") == _decided(tmp_path / "whole")
    assert {"journal.jsonl", "result.json", "report.html", "model/decision.json"} <= set(Storage(kept).names())
    assert not (tmp_path / "third").exists()
    again = runs.finish(runs.command(rows, base, tmp_path / "third", "--storage", kept))
    assert again.returncode == 0, again.stderr
    assert len(runs.events(tmp_path / "third")) == len(runs.events(tmp_path / "second"))


def _decided(run: Path) -> list[Any]:
    found = [(e["kind"], e["key"], e["payload"]) for e in runs.events(run) if e["kind"] in {"decision", "verdict"}]
    for name in ("minutes", "ms_per_text"):  # of the verdict: what the clock said
        found[-1][2]["numbers"].pop(name)
    return found
