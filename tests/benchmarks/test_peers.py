"""Beside other packages: what a peer is given, its limits, its scores, and the tables."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from benchmarks.peers import child, environments, measure, peers, protocol, table
from benchmarks.peers.adapters import heads
from benchmarks.peers.cases import Few

JOB = protocol.Job(
    texts=("refund my money", "parcel is late", "refund please", "late courier") * 6,
    targets=((0,), (1,), (0,), (1,)) * 6,
    val_texts=("money refund", "late parcel"),
    val_targets=((0,), (1,)),
    labels=("refund", "delivery"),
    multi_label=False,
    encoder=str(Path(__file__).parent),
    prefix="query: ",
    chinese=False,
    seed=0,
    seconds=60,
)
ROW = {
    "peer": "tfidf_svm",
    "set": "banking77-800",
    "seed": "0",
    "status": "ok",
    "test_macro_f1": "0.7",
    "test_exact": "0.71",
    "test_log_loss": "",
    "seconds": "9",
    "cpu_seconds": "3",
    "ms_a_text": "0.1",
    "peak_mb": "180",
    "mb": "6",
    "base_mb": "0",
    "note": "C 1",
}


def test_a_job_survives_its_file(tmp_path: Path) -> None:
    protocol.write(JOB, tmp_path / "job.json")
    assert protocol.read(tmp_path / "job.json") == JOB
    assert JOB.all_texts[-2:] == JOB.val_texts and JOB.read(["a"]) == ["query: a"]
    assert JOB.matrix([(0, 1), ()]).tolist() == [[True, True], [False, False]]


def test_answers_are_the_likeliest_label_or_all_at_half() -> None:
    p = np.array([[0.6, 0.5], [0.2, 0.3]])
    assert protocol.answered(p, False).labels.tolist() == [[True, False], [False, True]]
    assert protocol.answered(p, True).labels.tolist() == [[True, True], [False, False]]


def test_a_peer_runs_in_a_process_of_its_own(tmp_path: Path) -> None:
    status, told = measure.run(peers.PEERS["tfidf_svm"], JOB, ["my refund", "the parcel"], tmp_path, 1)
    assert status == "ok" and told["versions"].startswith("scikit-learn=")
    assert 0 < told["cpu_seconds"] and 0 < told["seconds"] and told["mb"] > 0 and told["base_mb"] == 0
    assert np.load(tmp_path / "answers.npz")["labels"].tolist() == [[True, False], [False, True]]


def test_what_is_not_installed_or_fails_or_takes_too_long_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = peers.Peer("Nobody", "nobody", "nowhere")
    assert measure.run(unknown, JOB, ["a"], tmp_path, 1) == ("not installed: run make peers", {})
    monkeypatch.setattr(environments, "FOLDER", tmp_path)
    (tmp_path / "nowhere.failed").write_text("Collecting\nERROR: no such version\n")
    assert measure.run(unknown, JOB, ["a"], tmp_path, 1) == ("not installed: ERROR: no such version", {})
    broken = peers.Peer("Broken", "nobody", "")
    status, _ = measure.run(broken, JOB, ["a"], tmp_path, 1)
    assert status.startswith("failed: ModuleNotFoundError")
    monkeypatch.setattr(measure, "GRACE", -60.0)
    assert measure.run(broken, JOB, ["a"], tmp_path, 1) == ("time limit", {})


def test_every_peer_has_its_adapter_and_environment() -> None:
    folder = Path(child.__file__).parent / "adapters"
    for peer in peers.PEERS.values():
        assert "class Peer" in (folder / f"{peer.adapter}.py").read_text(encoding="utf-8")
        assert peer.environment in {"", *environments.ENVIRONMENTS}
    assert all("==" in package for packages in environments.ENVIRONMENTS.values() for package in packages)


def test_few_rows_are_drawn_from_each_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = tmp_path / "data" / "some"
    whole.mkdir(parents=True)
    lines = [("text", "label"), *((f"t{i}", "ab"[i % 2]) for i in range(20))]
    for name in ("train", "test"):
        with (whole / f"{name}.csv").open("w", newline="") as file:
            csv.writer(file).writerows(lines)
    monkeypatch.setattr("benchmarks.peers.cases.SHARED", tmp_path)
    drawn = [(Few("some", 3, draw).folder(tmp_path / str(draw)) / "train.csv").read_text() for draw in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert sorted(line[-1] for line in drawn[0].split()[1:]) == list("aaabbb")


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(table, "RESULTS", tmp_path)
    return tmp_path


def _write(folder: Path, name: str, rows: list[dict[str, str]]) -> None:
    with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), restval="")
        writer.writeheader()
        writer.writerows(rows)


def test_losing_and_missing_cells_stay_in_the_tables(results: Path) -> None:
    few = [ROW | {"set": f"banking77-5each-{draw}", "test_macro_f1": f1} for draw, f1 in ((0, "0.6"), (1, "0.62"))]
    refused = ROW | {"peer": "autointent", "status": "failed: ValueError: empty rows", "test_macro_f1": ""}
    ours = few[0] | {"peer": "rankfirst", "test_macro_f1": "0.65"}
    _write(results, "peers", [ROW, refused, *few, ours])
    fit = {"set": "banking77-800", "rows": "800", "verdict": "frozen", "commit": "abc", "test_macro_f1": "0.69",
           "test_exact": "0.7", "test_log_loss": "1", "seconds": "90"}  # fmt: skip
    _write(results, "outcomes_fits", [fit])
    assert table.measured()["banking77-5each"]["tfidf_svm"].draws == 1
    page = table.page()
    assert "Behind: BANKING77, 800 rows (1.0 points behind)" in page and "1 of 2 sets" in page
    assert "| TF-IDF + SVM | **70.0** |" in page and "failed: ValueError: empty rows" in page
    assert "| rankfirst | 69.0 | 70.0 | not measured | 90 |" in page
    assert "## BANKING77, 5 rows a class" in page and "* SetFit: " in page
    row = next(line for line in table.block("en").splitlines() if line.startswith("| BANKING77, 5"))
    assert row == "| BANKING77, 5 rows a class | 60.0 | – | **65.0** |"  # of the draw that both were run on
    assert "| failed |" in table.block("en") and table.block("zh").startswith("| 数据 |")


def test_the_last_try_counts(results: Path) -> None:
    _write(results, "peers", [ROW | {"status": "failed: once", "test_macro_f1": ""}, ROW])
    assert table.measured()["banking77-800"]["tfidf_svm"].status == "ok"
    assert json.dumps(table.read("nothing")) == "[]"


def test_a_whole_fit_is_set_beside_one_training(results: Path) -> None:
    one = ROW | {"peer": "trainer_recipe", "cpu_seconds": "40", "test_macro_f1": "0.8"}
    _write(results, "peers", [one, ROW | {"peer": "rankfirst", "cpu_seconds": "50", "test_macro_f1": "0.82"}])
    assert "| BANKING77, 800 rows | 50 | 40 | 1.25 | 82.0 | 80.0 | met |" in table.page()
    _write(results, "peers", [one])
    assert "What a whole fit costs" not in table.page()


def test_several_labels_get_a_threshold_from_rows_that_were_not_trained_on(tmp_path: Path) -> None:
    truth = np.array([[True, False], [False, True], [True, True], [False, False]])
    assert heads.best_threshold(truth, np.where(truth, 0.3, 0.1)) == (0.3, 1.0)
    several = replace(JOB, multi_label=True, targets=((0,), (1,), (0, 1), ()) * 6)
    status, told = measure.run(peers.PEERS["tfidf_svm"], several, ["my refund", "the parcel"], tmp_path, 1)
    assert status == "ok" and told["note"].startswith("C ") and "threshold" in told["note"]
    assert np.load(tmp_path / "answers.npz")["labels"].shape == (2, 2)


def test_what_a_run_leaves_is_kept_where_it_was_asked_for(tmp_path: Path) -> None:
    with measure._folder(None) as gone:
        assert gone.is_dir()
    assert not gone.exists()
    for _ in range(2):
        with measure._folder(tmp_path / "kept") as kept:
            assert not list(kept.iterdir())
            (kept / "log").touch()
    assert (tmp_path / "kept" / "log").exists()


def test_rows_of_an_adapter_as_it_was_before_are_no_set_of_their_own(results: Path) -> None:
    _write(results, "peers", [ROW, ROW | {"peer": "tfidf_svm_half", "set": "nlupp-400"}])
    assert list(table.measured()) == ["banking77-800"] and "NLU++" not in table.page()
