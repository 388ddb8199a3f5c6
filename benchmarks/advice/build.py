"""The benchmark's files from an atlas (benchmarks/atlas): any atlas whose runs are a grid of recipes.

Usage: python -m benchmarks.advice build [--key KEY]

Whole sets are open or sealed, so that what is tuned on open cases is judged on other data. Sealed sets go by number.
"""

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from benchmarks.advice import seal
from benchmarks.advice.cases import DATA, NOTHING
from benchmarks.atlas import design, judge, store
from benchmarks.atlas.store import Atlas
from rankfirst.measure.scores import indicator, macro_f1
from rankfirst.records import Curve, Health, Recipe, Rung

# Sets on which rules of rankfirst were chosen are open; the others are sealed.
SEALED: Final = frozenset({"banking77", "clinc150", "snips", "mixsnips", "online_shopping_zh"})
DIGITS: Final = 4  # significant ones of every figure


def build(key: str | None = None, folder: Path = DATA) -> None:
    """Write both halves and their answers."""
    atlases = [store.load(name) for name in store.names()]
    for half in ("open", "sealed"):
        chosen = [atlas for atlas in atlases if (atlas.name.split("-")[0] in SEALED) == (half == "sealed")]
        cases, answers, defaults = _half(half, chosen)
        lines = [{"defaults": defaults, "canary": "rankfirst advice benchmark: not for training corpora"}, *cases]
        text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
        (folder / f"{half}.jsonl").write_text(text, encoding="utf-8")
        if half == "sealed":
            seal.seal(answers, folder / "sealed_answers.bin", key)
        else:
            told = json.dumps(answers, separators=(",", ":")).replace("},", "},\n")
            (folder / "open_answers.json").write_text(told + "\n", encoding="utf-8")
        print(f"{half}: {len(cases)} cases of {len(chosen)} sets")


def _half(half: str, atlases: Sequence[Atlas]) -> tuple[list[dict[str, Any]], dict[str, Any], dict[str, str]]:
    """Cases, answers by case, and the case that a search of each set begins with."""
    cases, answers, defaults = [], {}, {}
    for number, atlas in enumerate(atlases, 1):
        name = atlas.name if half == "open" else f"sealed-{number}"
        rows = _rows(atlas)
        for recipe in atlas.grid:
            cases.append(_case(atlas, recipe, name, rows))
            answers[case_id(atlas, recipe)] = _answer(atlas, recipe)
        defaults[name] = case_id(atlas, design.BASE)
    return cases, answers, defaults


def case_id(atlas: Atlas, recipe: Recipe) -> str:
    """The same for the same set and recipe, and telling neither."""
    return sha256(f"{atlas.name} {recipe.key}".encode()).hexdigest()[:12]


def _case(atlas: Atlas, recipe: Recipe, name: str, rows: dict[str, Any]) -> dict[str, Any]:
    ran = atlas.runs[recipe.key]
    there = {move: to for move, to in judge.moves(recipe).items() if to.key in atlas.runs}
    last = ran.full.last
    return {
        "id": case_id(atlas, recipe),
        "set": name,
        "rows": rows,
        "recipe": {"rank": recipe.rank, "scaling": recipe.scaling, "lr": recipe.lr, "dropout": recipe.dropout,
                   "batch_size": recipe.batch_size, "modules": list(recipe.sites.roles),
                   "top_layers": recipe.sites.top_layers},
        "probe": _probe(ran.cooled),
        "full": _rounded({"work": ran.full.work, "val_macro_f1": last.val_macro_f1 if ran.test else 0.0,
                          "val_loss": last.val_loss if ran.test else None}),
        "moves": {move: case_id(atlas, to) for move, to in there.items()},
    }  # fmt: skip


def _rows(atlas: Atlas) -> dict[str, Any]:
    return _rounded({
        "train": atlas.profile.n_train, "val": len(atlas.val), "classes": atlas.classes,
        "multi_label": atlas.multi_label, "labels_a_row": sum(map(len, atlas.val)) / len(atlas.val),
        "layers": atlas.facts.layers,
        "frozen_val_macro_f1": _f1(atlas, atlas.frozen), "tfidf_val_macro_f1": _f1(atlas, atlas.tfidf),
    })  # fmt: skip


def _f1(atlas: Atlas, rung: Rung) -> float:
    return macro_f1(*(indicator(rows, atlas.classes) for rows in (atlas.val, rung.val_predicted)))


def _probe(curve: Curve) -> dict[str, Any]:
    keys = ("epoch", "train_loss", "val_loss", "train_macro_f1", "val_macro_f1", "val_accuracy")
    told: dict[str, Any] = {
        "epochs": curve.epochs, "work": curve.work, "train_loss": list(curve.train_loss),
        "grad_norm": list(curve.grad_norm), "diverged": curve.health is not Health.FINE,
        "evaluations": [{key: getattr(e, key) for key in keys} for e in curve.evaluations],
    }  # fmt: skip
    return _rounded(told) | {"val_row_loss": [round(loss, 3) for loss in curve.end_log_loss]}


def _answer(atlas: Atlas, recipe: Recipe) -> dict[str, Any]:
    truth = judge.truth(atlas, recipe)
    gains = {move: round(gain, 2) for move, gain in truth.gains.items()}
    assert gains[NOTHING] == 0.0
    return {"score": round(100 * atlas.score(recipe), 2), "gains": gains, "right": sorted(truth.right),
            "harmful": sorted(truth.harmful)}  # fmt: skip


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    return {key: _rounded(each) for key, each in value.items()} if isinstance(value, dict) else value
