"""Which way to tell the words that moved an answer is faithful: delete the words it names, and see the answer change.

Usage: python -m benchmarks.word_effects DATA BASE [SETS banking77,smp2017,nlupp] [TEXTS 100] [ROWS 1500]
(DATA holds the sets, BASE an encoder; appends to results/word_effects.csv)

A frozen encoder with a head fitted on ROWS training rows answers test texts of at least four pieces. Every way ranks
the pieces of a text; `deleted` is the fall of the answered label's probability without the first k, `kept` with these
k alone, each averaged over k = 1 ... 5. The more deleting costs and the less keeping costs, the more faithful it is.
`asked` is how often the model was asked per text (a gradient counts as one, though it costs about three).
"""

import sys
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from benchmarks.tables import append
from rankfirst import baselines, data
from rankfirst.engine.base_models.sources import resolve
from rankfirst.engine.network.encode import adapted
from rankfirst.engine.network.model import TextModel, text_prefix
from rankfirst.measure.calibration import probabilities
from rankfirst.measure.scores import indicator
from rankfirst.model.word_effects import Pieces, effects, evidence

LIMIT: Final = 64  # tokens
DEPTHS: Final = (1, 2, 3, 4, 5)
Array = np.ndarray[Any, Any]


class Asked:
    """A frozen encoder with a fitted head."""

    def __init__(self, base: str, dataset: Any, limit: int) -> None:
        self.model = TextModel(resolve(base), torch.device("cpu"))
        self.prefix, self.multi = text_prefix(base), dataset.multi_label
        rows = baselines.subsample(dataset.train.labels, limit, 0)
        truth = indicator([dataset.train.labels[row] for row in rows], len(dataset.classes))
        states = self._read([dataset.train.texts[row] for row in rows])[0]
        own = LogisticRegression(C=100.0, max_iter=300)
        way = OneVsRestClassifier(own) if self.multi else own
        way.fit(states, truth if self.multi else truth.argmax(1))
        parts = way.estimators_ if self.multi else [own]
        weight = np.zeros((truth.shape[1], states.shape[1]), dtype=np.float32)
        bias = np.full(truth.shape[1], -20, dtype=np.float32)
        for n, part in enumerate(parts):
            at: Any = [n] if self.multi else own.classes_
            if hasattr(part, "coef_"):
                weight[at], bias[at] = part.coef_, part.intercept_
        self.model.set_head(torch.from_numpy(weight), torch.from_numpy(bias))

    def _read(self, texts: list[str]) -> tuple[Array, Array]:
        return adapted(self.model, self.model.tokenize(texts, self.prefix, LIMIT), lambda *_: None)

    def ask(self, texts: list[str]) -> Array:
        """(n, C) probabilities."""
        return np.asarray(probabilities(self._read(texts)[1].astype(np.float64), self.multi))

    def gradient(self, pieces: Pieces, label: int) -> Array:
        """(m,) gradient of the label's log-odds times input, summed over the tokens of each part."""
        found = self.model.tokenizer(self.prefix + pieces.text, return_offsets_mapping=True, truncation=True,
                                     max_length=LIMIT)  # fmt: skip
        ids, mask = torch.tensor([found["input_ids"]]), torch.ones(1, len(found["input_ids"]), dtype=torch.long)
        inputs = self.model.encoder.get_input_embeddings()(ids).detach().requires_grad_()
        states = self.model.encoder(inputs_embeds=inputs, attention_mask=mask).last_hidden_state
        logits = self.model.head(self.model.pool(states, mask, self.model.pooling))[0]
        rest = torch.cat([logits[:label], logits[label + 1 :]])
        (logits[label] - (0 if self.multi else torch.logsumexp(rest, 0))).backward()
        each = (inputs.grad * inputs).sum(-1)[0].detach().numpy()
        place = [(a - len(self.prefix), b - len(self.prefix)) for a, b in found["offset_mapping"]]
        return np.array([sum(v for v, (a, b) in zip(each, place, strict=True) for s, e in group if a < e and b > s)
                         for group in pieces.groups])  # fmt: skip


def ways(model: Asked, pieces: Pieces, label: int, whole: float, draw: np.random.Generator) -> dict[str, Any]:
    """Way -> (how often it asks, (m,) effects)."""
    m = len(pieces.groups)
    found: dict[str, Any] = {"random": (0, draw.random(m)), "gradient x input": (1, model.gradient(pieces, label))}
    out = effects(whole, model.ask(list(pieces.without))[:, label])
    alone = [pieces.keeping([n == k for n in range(m)]) for k in range(m)]
    first = evidence(model.ask(alone)[:, label]) - evidence(model.ask([""])[0, label])
    found["leave one out"] = (m, out)
    found["leave one out + it alone"] = (2 * m, out + first)
    for times in (1, 2):
        masks = draw.random((times * m, m)) < 0.5
        said = evidence(model.ask([pieces.keeping(list(each)) for each in masks])[:, label])
        x = np.vstack([masks, np.ones((1, m))]).astype(float)
        y = np.append(said, evidence(whole))
        x, y = x - x.mean(0), y - y.mean()
        found[f"random halves, ridge, {times} x"] = (times * m, np.linalg.solve(x.T @ x + 0.3 * np.eye(m), x.T @ y))
    return found


def main(folder: Path, base: str, sets: str = "banking77,smp2017,nlupp", texts: int = 100, rows: int = 1500) -> None:
    """A line per set and way."""
    for name in sets.split(","):
        dataset = data.load_dataset(*(folder / name / f"{split}.csv" for split in ("train", "val", "test")))
        model, draw = Asked(base, dataset, rows), np.random.default_rng(0)
        assert dataset.test is not None
        fit = [text for text in dataset.test.texts if len(Pieces.of(text).groups) >= 4]
        lost: dict[str, list[tuple[float, float, int]]] = {}
        for text in draw.choice(fit, min(texts, len(fit)), replace=False):
            pieces = Pieces.of(str(text))
            p = model.ask([pieces.text])[0]
            label = int(p.argmax())
            for way, (asked, effect) in ways(model, pieces, label, p[label], draw).items():
                order = np.argsort(-effect)
                tops = [np.isin(np.arange(len(effect)), order[:k]) for k in DEPTHS]
                changed = [pieces.keeping(list(~top)) for top in tops] + [pieces.keeping(list(top)) for top in tops]
                falls = p[label] - model.ask(changed)[:, label]
                lost.setdefault(way, []).append((falls[: len(DEPTHS)].mean(), falls[len(DEPTHS) :].mean(), asked))
        best = np.array([each[0] for each in lost["leave one out"]])
        for way, found in lost.items():
            deleted, kept, asked = (np.array(each) for each in zip(*found, strict=True))
            error = (deleted - best).std(ddof=1) / np.sqrt(len(deleted))
            append("word_effects", {
                "set": name, "rows": rows, "way": way, "texts": len(found), "asked": round(asked.mean(), 1),
                "deleted": round(deleted.mean(), 3), "kept": round(kept.mean(), 3),
                "deleted_minus_leave_one_out": round((deleted - best).mean(), 3), "se": round(error, 3)})  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], *sys.argv[3:4], *map(int, sys.argv[4:]))
