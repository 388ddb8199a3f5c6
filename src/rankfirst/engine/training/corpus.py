"""The rows as inputs of the network: token ids, targets, and cached states of the frozen blocks."""

from collections.abc import Hashable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from rankfirst.engine.base import Tick, no_tick
from rankfirst.engine.network.float_types import is_exact
from rankfirst.engine.network.model import TextModel
from rankfirst.engine.network.token_windows import Texts
from rankfirst.engine.parallel.world import ALONE
from rankfirst.engine.training.batches import probe_subset, sorted_batches
from rankfirst.engine.training.evaluation import Judged
from rankfirst.engine.training.frozen_prefix import Enough, Replay, capture_output
from rankfirst.engine.training.frozen_states import JoinedStates, StateCache, StateStore
from rankfirst.measure.scores import Bools, indicator
from rankfirst.measure.wall_clock import span
from rankfirst.records import Dataset, Split

# Most rows of the fixed training subset whose loss and F1 every evaluation reports: 512 rows resolve macro-F1 to one or
# two points. Of few rows a quarter, since evaluating all after each epoch takes a third of its time. Assumption.
SUBSET_ROWS, SUBSET_SHARE, SUBSET_LEAST = 512, 4, 128
ALL = "all"  # the split of the training rows followed by the validation rows; `Corpus.join` makes it


class Corpus:
    """Tokenised splits of one data set under one base model."""

    def __init__(
        self,
        dataset: Dataset,
        model: TextModel,
        folder: Path,
        prefix: str,
        max_tokens: int,
        probe_rows: int,
        seed: int,
        windows: bool = False,
        shared: bool = False,
    ) -> None:
        """Args: folder: for cached states too large for memory. The others: see `LocalEngine`."""
        self.model = model
        self.states = StateCache(folder, model.source.sha256, model.hidden, shared, model.world)
        self.dataset = dataset
        self.classes = len(dataset.classes)
        self.splits: dict[str, Split] = {"train": dataset.train, "val": dataset.val}
        if dataset.test is not None:
            self.splits["test"] = dataset.test
        self.max_tokens, self.windows = max_tokens, windows
        self.read(prefix)
        self.truth: dict[str, Bools] = {n: indicator(s.labels, self.classes) for n, s in self.splits.items()}
        self.targets: dict[str, Tensor] = {n: self._target(t) for n, t in self.truth.items()}
        self.probe_rows = probe_subset(dataset.train.labels, self.classes, probe_rows, seed)
        # Drawn from the probe rows, so that probes have trained on the subset, too.
        size = min(SUBSET_ROWS, max(SUBSET_LEAST, len(dataset.train) // SUBSET_SHARE))
        inside = probe_subset([dataset.train.labels[r] for r in self.probe_rows], self.classes, size, seed + 1)
        self.subset = [self.probe_rows[i] for i in inside]
        # Length of the tuples that this architecture's blocks return, 0 if they return a tensor; set in the first pass.
        self.tuple_blocks = 0
        self.starts: dict[Hashable, tuple[Tensor, Judged]] = {}  # evaluations before the first step (`Loop.evaluate`)

    def read(self, prefix: str) -> None:
        """Tokenise every text with that prefix, and drop cached states."""
        self.texts: dict[str, Texts] = {
            name: self.model.tokenize(split.texts, prefix, self.max_tokens, self.windows)
            for name, split in self.splits.items()
        }
        self.lengths = {name: texts.lengths for name, texts in self.texts.items()}
        self.states.stores.clear()  # not the files: their names contain a hash of the ids
        self.starts = {}

    def join(self) -> None:
        """Make the split ALL; it reads the cached states of its two parts."""
        self.texts[ALL] = self.texts["train"].followed_by(self.texts["val"])
        self.lengths[ALL] = self.texts[ALL].lengths
        self.truth[ALL] = np.concatenate([self.truth["train"], self.truth["val"]])
        self.targets[ALL] = torch.cat([self.targets["train"], self.targets["val"]])

    def _target(self, truth: Bools) -> Tensor:
        if self.dataset.multi_label:
            return torch.from_numpy(truth.astype("float32"))
        return torch.from_numpy(truth.argmax(axis=1))

    def tokens(self, split: str, rows: Sequence[int] | None = None) -> int:
        """Real tokens of some rows of a split."""
        lengths = self.lengths[split]
        return sum(lengths) if rows is None else sum(lengths[r] for r in rows)

    def cacheable(self, depth: int) -> bool:
        """Whether the states below `depth` can be cached for train and val, and used now."""
        if is_exact(self.model):  # cached states are those of the rounded base
            return False
        once = self.model.passes == 1  # with a block that runs several times (ALBERT) no states are "below" it
        return once and depth > 0 and self.states.room(self.tokens("train") + self.tokens("val"))

    def store(self, split: str, depth: int) -> StateStore:
        """The cached states of a split's windows below `depth`; some may still be missing."""
        return self.states.store(split, depth, self.texts[split].windows)

    def _states(self, split: str, depth: int) -> StateStore | JoinedStates:
        """The cached states to read."""
        if split == ALL:
            return JoinedStates(self.store("train", depth), self.store("val", depth))
        return self.store(split, depth)

    @span("cache")
    @torch.no_grad()
    def fill(self, split: str, depth: int, rows: Sequence[int], tick: Tick = no_tick) -> None:
        """Run the frozen blocks for rows whose states are missing. No block may be replaced by a `Replay` meanwhile."""
        if split == ALL:
            border = len(self.texts["train"])
            train = [row for row in rows if row < border]
            self.fill("train", depth, train, tick)
            self.fill("val", depth, [row - border for row in rows if row >= border], tick)
            self.fill("train", depth, train, tick)  # the new store may have taken the memory of the old one
            return
        with self.states.filling(split, depth):
            self._fill(split, depth, rows, tick)

    def _fill(self, split: str, depth: int, rows: Sequence[int], tick: Tick) -> None:
        store, texts = self.store(split, depth), self.texts[split]
        missing = store.missing(texts.of(rows))
        # A store in memory belongs to one process, so the others do not fill it.
        world = ALONE if store.in_memory else self.model.world
        world.exchange(list)  # a barrier: all know what is missing before the first of them adds to it

        def run(batch: list[int]) -> None:
            chosen = [missing[i] for i in batch]
            ids, mask = self.model.pad([texts.windows[w] for w in chosen])
            with capture_output(self.model.stack[depth - 1], stop=True) as seen, suppress(Enough):
                self.model.hidden_states(ids, mask)
            store.put(chosen, self._unpack(seen[0]))

        batches = sorted_batches([texts.windows.size(w) for w in missing])
        world.spread(batches, run, lambda batch, _: None, lambda done: tick("cache", done, len(missing)))
        self.tuple_blocks = -int(world.least(-self.tuple_blocks))  # a process without a batch has not seen a tuple

    def keep(self, split: str, depth: int, rows: Sequence[int], output: object) -> None:
        """Store states that another pass computed anyway, if all processes can see the store."""
        store, states = self.store(split, depth), self._unpack(output)
        if self.model.world.alone or not store.in_memory:
            store.put(self.texts[split].of(rows), states)

    def _unpack(self, output: object) -> Tensor:
        self.tuple_blocks = len(output) if isinstance(output, tuple) else 0
        return output[0] if isinstance(output, tuple) else output  # type: ignore[return-value]

    def batch(
        self, split: str, rows: Sequence[int], replay: Replay | None, depth: int, width: int = 0
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        """(ids, mask, owner) of some rows, as `TextModel.batch`; their cached states are handed to `replay`."""
        texts = self.texts[split]
        ids, mask, owner = self.model.batch(texts, rows, width)
        if replay is not None:
            replay.states = self._states(split, depth).get(texts.of(rows), ids.shape[1], self.model.device)
        return ids, mask, owner

    def own(self, split: str, rows: Sequence[int]) -> tuple[Sequence[int], int, bool]:
        """(rows for this process, common padded width, whether they count); also sets its part of the dropout masks.

        A process without rows runs the first row along with the others, and its result does not count.
        """
        texts, world = self.texts[split], self.model.world
        if world.alone:
            return rows, 0, True
        share = world.share(len(rows))
        chosen = share or range(1)
        mine = rows[chosen.start : chosen.stop]
        part = self.model.part
        part.before, part.own, part.whole = (sum(texts.counts(r)) for r in (rows[: chosen.start], mine, rows))
        width = max(map(texts.windows.size, texts.of(rows)))
        part.tokens = part.own * width
        return mine, width, bool(share)

    def shapes(self, split: str, rows: Sequence[int]) -> tuple[list[int], list[int]]:
        """The arguments of `sorted_batches` for some rows."""
        return self.texts[split].shapes(rows)
