"""A delivery takes the place of another as a whole, whatever happens meanwhile."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rankfirst.model import manifest, staging
from rankfirst.model.staging import carry, next_to, recover, staged
from rankfirst.run.folder import hold

FILES = 12
# Delivers version after version until it is killed, as an export does: some files anew, the others as they were.
DELIVERING = f"""
import sys
from pathlib import Path
from rankfirst.measure.disk import write_whole
from rankfirst.model import manifest, staging
model, exchanging = Path(sys.argv[1]), sys.argv[2] == "exchange"
if not exchanging:
    staging._exchange = lambda one, other: False
for version in range(1, 10**6):
    with staging.staged(model) as part:
        for n in range({FILES}):
            write_whole(part / f"{{n}}.txt", f"{{version}}" * 1000)
        write_whole(part / "decision.json", '{{"manifest": true}}')
        (part / manifest.PENDING).mkdir(exist_ok=True)
        write_whole(part / manifest.PENDING / "result.json", f"{{version}}" * 1000)
        listed = manifest.write(part, model.parent)
    manifest.settle(model, listed)
    print(version, flush=True)
"""


def version_of(model: Path) -> str:
    """The one version of all files of a delivery, verified."""
    assert manifest.verify(model).manifest is not None
    (version,) = {(model / f"{n}.txt").read_text("utf-8") for n in range(FILES)}
    return version


def kills(place: Path, tries: int, how: str) -> int:
    """Kill a delivery `tries` times at random moments. Returns: how often the folder was not there until recovered."""
    model, draw, gone = place / "run" / "model", random.Random(0), 0
    model.parent.mkdir(parents=True)
    for _ in range(tries):
        words = [sys.executable, "-c", DELIVERING, str(model), how]
        process = subprocess.Popen(
            words, stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        )
        assert process.stdout is not None and process.stdout.readline()
        time.sleep(draw.uniform(0, 0.05))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        gone += not model.is_dir()
        recover(model)
        manifest.verify(model, run=True)
        assert (model.parent / "result.json").read_text("utf-8") == version_of(model)
    return gone


@pytest.mark.parametrize("how", ["exchange", "rename"])
@pytest.mark.parametrize("tries", [4, pytest.param(200, marks=pytest.mark.slow)])
def test_a_kill_leaves_the_old_delivery_or_the_new_one(tmp_path: Path, how: str, tries: int) -> None:
    gone = kills(tmp_path, tries, how)
    assert how == "rename" or gone == 0
    with staged(tmp_path / "run" / "model"):
        pass
    assert sorted(os.listdir(tmp_path / "run")) == ["model", "result.json"]  # nothing is left over


def deliver(model: Path, version: str) -> None:
    with staged(model) as part:
        for n in range(FILES):
            (part / f"{n}.txt").unlink(missing_ok=True)
            (part / f"{n}.txt").write_text(version, encoding="utf-8")
        (part / "decision.json").unlink(missing_ok=True)
        (part / "decision.json").write_text('{"manifest": true}', encoding="utf-8")
        manifest.write(part)


def test_a_failure_leaves_the_old_delivery(tmp_path: Path) -> None:
    deliver(tmp_path / "model", "old")

    def fail() -> None:
        with staged(tmp_path / "model") as part:
            (part / "0.txt").unlink()
            (part / "0.txt").write_text("new", encoding="utf-8")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert version_of(tmp_path / "model") == "old" and not next_to(tmp_path / "model").exists()


@pytest.mark.parametrize("exchanges", [True, False])
def test_the_new_delivery_takes_the_place_of_the_old(
    tmp_path: Path, exchanges: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not exchanges:
        monkeypatch.setattr(staging, "_exchange", lambda one, other: False)
    for version in ("old", "new"):
        deliver(tmp_path / "model", version)
    assert version_of(tmp_path / "model") == "new" and os.listdir(tmp_path) == ["model"]


def deliver_both(run: Path, version: str) -> manifest.Manifest:
    """Deliver a model together with the figures of the run and the weights to continue from."""
    with staged(run / "model", empty=True) as part:
        (part / "decision.json").write_text('{"manifest": true}', encoding="utf-8")
        (part / manifest.PENDING / "held_out").mkdir(parents=True)
        for name in ("result.json", "held_out/head.bin"):
            (part / manifest.PENDING / name).write_text(version, encoding="utf-8")
        return manifest.write(part, run)


def figures(run: Path) -> str:
    """The one version of the files beside the delivery, verified."""
    assert manifest.verify(run / "model", run=True).manifest is not None
    (version,) = {(run / name).read_text("utf-8") for name in ("result.json", "held_out/head.bin")}
    return version


def test_figures_and_weights_beside_the_model_change_with_it(tmp_path: Path) -> None:
    for version in ("old", "new"):
        manifest.settle(tmp_path / "model", deliver_both(tmp_path, version))
        assert not (tmp_path / "model" / manifest.PENDING).exists() and figures(tmp_path) == version


@pytest.mark.parametrize("done", [(), ("result.json",), ("result.json", "held_out/head.bin")])
def test_a_kill_before_they_are_in_place_is_made_good_by_the_next_reader(tmp_path: Path, done: tuple[str, ...]) -> None:
    manifest.settle(tmp_path / "model", deliver_both(tmp_path, "old"))
    deliver_both(tmp_path, "new")
    for name in done:
        (tmp_path / "model" / manifest.PENDING / name).replace(tmp_path / name)
    assert figures(tmp_path) == "new"


def test_a_kill_before_the_exchange_leaves_the_old_figures(tmp_path: Path) -> None:
    manifest.settle(tmp_path / "model", deliver_both(tmp_path, "old"))
    with pytest.raises(RuntimeError), staged(tmp_path / "model", empty=True) as part:
        (part / manifest.PENDING).mkdir()
        (part / manifest.PENDING / "result.json").write_text("new", encoding="utf-8")
        raise RuntimeError
    assert figures(tmp_path) == "old"


def test_nothing_but_listed_files_leaves_the_delivery(tmp_path: Path) -> None:
    """Whoever may write the folder cannot have a reader write others."""
    listed = deliver_both(tmp_path, "old")
    pending = tmp_path / "model" / manifest.PENDING
    (pending / "journal.jsonl").write_text("new", encoding="utf-8")
    (pending / "result.json").write_text("other", encoding="utf-8")
    manifest.settle(tmp_path / "model", listed)
    assert sorted(os.listdir(tmp_path)) == ["held_out", "model"]


def test_a_reader_puts_back_what_a_kill_left_aside_unless_the_run_is_at_work(tmp_path: Path) -> None:
    deliver(tmp_path / "model", "old")
    with hold(tmp_path):
        (tmp_path / "model").rename(tmp_path / ".model.before")
        with pytest.raises(AssertionError):
            version_of(tmp_path / "model")
    assert version_of(tmp_path / "model") == "old"


def test_a_link_to_the_delivery_stays_a_link(tmp_path: Path) -> None:
    deliver(tmp_path / "real", "old")
    (tmp_path / "model").symlink_to(tmp_path / "real")
    deliver(tmp_path / "model", "new")
    assert (tmp_path / "model").is_symlink() and version_of(tmp_path / "real") == "new"


def test_files_are_carried_over_if_they_are_as_delivered(tmp_path: Path) -> None:
    deliver(tmp_path / "model", "old")
    (tmp_path / "model" / "1.txt").write_text("OLD", encoding="utf-8")
    kept = manifest.intact(tmp_path / "model", ["0.txt", "1.txt", "2.txt", "none"])
    assert kept == ["0.txt", "2.txt"]
    (tmp_path / "part").mkdir()
    carry(tmp_path / "model", tmp_path / "part", kept)
    assert sorted(os.listdir(tmp_path / "part")) == kept
