"""The benchmark of advice: scores, costs and the seal, on three made-up cases."""

import json
from pathlib import Path

import pytest
from benchmarks.advice import __main__ as command
from benchmarks.advice import baselines, cases, score, seal

EVALUATION = {"epoch": 2, "train_loss": 0.5, "val_loss": 0.6, "train_macro_f1": 0.8, "val_macro_f1": 0.75}


def _case(name: str, losses: list[float], moves: dict[str, str]) -> dict[str, object]:
    probe = {"work": 1.0, "diverged": False, "val_row_loss": losses, "evaluations": [EVALUATION]}
    return {"id": name, "set": "s", "rows": {"train": 9}, "recipe": {"lr": 1e-4}, "probe": probe,
            "full": {"work": 4.0, "val_macro_f1": 1 - losses[0], "val_loss": losses[0]},
            "moves": {"none": name} | moves}  # fmt: skip


CASES = [_case("a", [0.9, 0.8, 0.9], {"lr+": "b", "rank+": "c"}), _case("b", [0.2, 0.3, 0.2], {"lr-": "a"}),
         _case("c", [0.95, 0.9, 0.9], {"rank-": "a"})]  # fmt: skip
ANSWERS = {
    "a": {"score": 70.0, "gains": {"none": 0.0, "lr+": 8.0, "rank+": -1.0}, "right": ["lr+"], "harmful": ["rank+"]},
    "b": {"score": 78.0, "gains": {"none": 0.0, "lr-": -8.0}, "right": ["none"], "harmful": ["lr-"]},
    "c": {"score": 69.0, "gains": {"none": 0.0, "rank-": 1.0}, "right": ["rank-"], "harmful": []},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lines = [{"defaults": {"s": "a"}}, *CASES]
    for half in cases.HALVES:
        (tmp_path / f"{half}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (tmp_path / "open_answers.json").write_text(json.dumps(ANSWERS))
    seal.seal(ANSWERS, tmp_path / "sealed_answers.bin")
    return tmp_path


def _score(told: dict[str, score.Advice], folder: Path) -> score.Score:
    half, truth = cases.load("open", folder), score.truths("open", folder)
    return score.score([pair for pairs in score.by_set(half, told, truth).values() for pair in pairs])


def test_hits_count_only_where_something_must_be_done(folder: Path) -> None:
    half = cases.load("open", folder)
    still = _score(score.ask(baselines.nothing, half), folder)
    assert (still.cases, still.needed, still.hit, still.alarms, still.harm) == (3, 2, 0.0, 0.0, 0.0)
    assert still.captured == 0.0 and still.regret == pytest.approx(3.0) and still.coverage == 1.0
    bought = _score(score.ask(baselines.probe_all, half), folder)
    assert bought.captured == pytest.approx(1.0) and bought.hit == 1.0
    assert bought.runs == pytest.approx((2 + 1 + 1) / 4 / 3)  # probes of 1 TFLOP, full trainings of 4


def test_a_move_without_room_is_nothing_done_and_harm_is_counted(folder: Path) -> None:
    told = score.ask(baselines.raise_rank, cases.load("open", folder))
    assert {id: advice.move for id, advice in told.items()} == {"a": "rank+", "b": "none", "c": "none"}
    assert _score(told, folder).harm == pytest.approx(1 / 3)
    with pytest.raises(ValueError, match="no move"):
        score.ask(lambda start: "wd+", cases.load("open", folder))


def test_a_file_of_answers_pays_for_what_it_looked_at(folder: Path) -> None:
    path = folder / "mine.jsonl"
    path.write_text('{"id": "a", "move": "lr+", "looked": ["lr+", "rank+"]}\n{"id": "b", "move": null}\n')
    told = command.advice(str(path), cases.load("open", folder))
    assert told == {"a": score.Advice("lr+", 0.5), "b": score.Advice(None), "c": score.Advice(None)}
    assert _score(told, folder).coverage == pytest.approx(1 / 3)


def test_a_search_pays_once_for_each_training(folder: Path) -> None:
    half, truth = cases.load("open", folder), score.truths("open", folder)
    assert score.search(baselines.everything, half, truth) == {"s": (0.0, 3.0)}
    assert score.search(baselines.default, half, truth) == {"s": (8.0, 0.0)}


def test_an_entry_may_be_a_file(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def mine(start):\n    return 'lr+'\n")
    told = command.advice(f"{tmp_path / 'mine.py'}:mine", cases.load("open", folder))
    assert told["a"].move == "lr+"


def test_sealed_answers_open_with_their_key_only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / "sealed_answers.bin"
    assert score.truths("sealed", folder) == score.truths("open", folder)
    assert b"gains" not in path.read_bytes()
    seal.seal(ANSWERS, path, "of the contest")
    with pytest.raises(seal.SealError, match="another key"):
        seal.unseal(path)
    monkeypatch.setenv(seal.KEY, "of the contest")
    assert seal.unseal(path) == ANSWERS
    path.write_bytes(b"something else")
    with pytest.raises(seal.SealError, match="no file of sealed answers"):
        seal.unseal(path)


def test_the_files_are_whole() -> None:
    for name in cases.HALVES:
        half, truth = cases.load(name), score.truths(name)
        assert half.cases.keys() == truth.keys() and set(half.defaults) == set(half.sets)
        for id, case in half.cases.items():
            assert case.moves["none"] == id and set(case.moves) <= set(cases.MOVES)
            assert set(case.moves) == set(truth[id].gains) >= truth[id].right
            assert all(to in half.sets[case.set] for to in case.moves.values())
