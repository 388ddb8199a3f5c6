"""What a check is given: a device, sizes, a folder for bases and runs; and where its figures and failures go."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from rankfirst.engine.base import EngineOptions, Floats, Source
from rankfirst.engine.base_models.sources import resolve
from rankfirst.engine.local import LocalEngine
from rankfirst.engine.parallel.world import ALONE, World
from rankfirst.records import Dataset, Split

SPECIAL: Final = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
WORDS: Final = tuple(LETTERS[n // 676] + LETTERS[n // 26 % 26] + LETTERS[n % 26] for n in range(2000))
CLASSES: Final = 8

BASES: Final[dict[str, dict[str, dict[str, Any]]]] = {
    "real": {
        "bert": {"hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072},
        "qwen2": {"vocab_size": 151_936, "hidden_size": 896, "num_hidden_layers": 24, "num_attention_heads": 14,
                  "num_key_value_heads": 2, "intermediate_size": 4864},
    },
    "small": {
        "bert": {"hidden_size": 16, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 24},
        "qwen2": {"hidden_size": 16, "num_hidden_layers": 3, "num_attention_heads": 2, "num_key_value_heads": 1,
                  "intermediate_size": 24},
    },
}  # fmt: skip


@dataclass(frozen=True)
class Size:
    """How much is measured: `real` on a GPU, `small` in a test."""

    name: str
    rows: int  # of the training split
    long: int  # words of a long text
    recipes: int  # of a sweep
    products: int  # width of the matrices of the GEMM rate
    families: tuple[str, ...]  # of tiny bases


SIZES: Final = {
    "real": Size("real", 2048, 500, 8, 8192, ("bert", "modernbert", "deberta-v2", "gpt2", "qwen2", "gemma2")),
    "small": Size("small", 48, 20, 2, 64, ("bert",)),
}


class MissingError(Exception):
    """The machine lacks what the check needs; the message says what."""


@dataclass
class Box:
    """One check's machine and notes."""

    device: torch.device
    size: Size
    folder: Path
    base: str | None = None  # a real encoder, if the user named one
    figures: dict[str, Any] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    @property
    def gpu(self) -> bool:
        return self.device.type == "cuda"

    def note(self, **figures: Any) -> None:
        """Keep figures."""
        self.figures |= figures

    def expect(self, holds: bool, what: str) -> None:
        """Record a failure unless it holds; the check goes on."""
        if not holds:
            self.failures.append(what)

    def close(self, name: str, mine: Any, theirs: Any, relative: float) -> None:
        """Keep the largest difference, relative to the largest value, and expect it to be small."""
        a, b = np.asarray(mine, dtype=np.float64), np.asarray(theirs, dtype=np.float64)
        if a.shape != b.shape:
            self.expect(False, f"{name}: shapes {a.shape} and {b.shape}")
            return
        gap = float(np.abs(a - b).max(initial=0) / max(1e-12, np.abs(b).max(initial=0)))
        self.figures[name] = gap
        self.expect(
            gap <= relative, f"{name}: differs by {gap:.2e} of the largest value, at most {relative:.0e} is right"
        )

    def target(self, name: str, value: float, least: float | None = None, most: float | None = None) -> None:
        """Keep a figure with what it should be. Missing it is no failure: it is told."""
        met = (least is None or value >= least) and (most is None or value <= most)
        self.figures[name] = {
            "value": value,
            "least": least,
            "most": most,
            "met": met if self.size.name == "real" else None,
        }

    def source(self, kind: str, words: Sequence[str] = WORDS, name: str = "", **changes: Any) -> Source:
        """A random base of this kind with a tokenizer of whole words; written once a folder."""
        folder = self.folder / "bases" / (name or kind)
        if not (folder / "done").is_file():
            sizes = BASES[self.size.name][kind] | changes
            write_base(folder, kind, words, sizes)
            (folder / "done").touch()
        return resolve(str(folder))

    def engine(self, source: Source, rows: Dataset, name: str, world: World = ALONE, **options: Any) -> LocalEngine:
        """An engine on the device, with a small random head."""
        given = EngineOptions(**({"device": str(self.device)} | options))
        made = LocalEngine(rows, source, self.folder / "work" / name, given, world)
        give_head(made)
        return made

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Keep the seconds that this takes; the device is waited for."""
        self.wait()
        began = time.perf_counter()
        yield
        self.wait()
        self.figures[name] = time.perf_counter() - began

    def wait(self) -> None:
        if self.gpu:
            torch.cuda.synchronize(self.device)

    def peak(self, begin: bool = False) -> int:
        """Bytes of the GPU at most since `begin`; 0 without one."""
        if not self.gpu:
            return 0
        if begin:
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats(self.device)
        return torch.cuda.max_memory_allocated(self.device)


def give_head(engine: LocalEngine) -> None:
    """The same small random head every time."""
    engine.use_head(engine.model.poolings[0], *head_for(engine.dataset, engine.facts.hidden))


def head_for(data: Dataset, hidden: int) -> tuple[Floats, Floats]:
    """(C, d) small random weights and (C,) zeros."""
    weight = np.random.default_rng(0).normal(0, 0.1, (len(data.classes), hidden)).astype(np.float32)
    return weight, np.zeros(len(data.classes), dtype=np.float32)


def rows(train: int, words: int, val: int = 64, multi_label: bool = False, vary: bool = True) -> Dataset:
    """Random words and, in the middle, one that tells the class. `vary`: from half of `words` to all of them."""
    rng = np.random.default_rng(7)

    def split(n: int) -> Split:
        texts, labels = [], []
        for row in range(n):
            length = int(rng.integers(max(1, words // 2), words + 1)) if vary else words
            drawn = [WORDS[int(k)] for k in rng.integers(100, len(WORDS), length)]
            drawn[length // 2] = WORDS[row % CLASSES]
            texts.append(" ".join(drawn))
            labels.append(tuple(sorted({row % CLASSES, row // CLASSES % 2})) if multi_label else (row % CLASSES,))
        return Split(tuple(texts), tuple(labels))

    names = tuple(f"class {n}" for n in range(CLASSES))
    return Dataset("random words", names, multi_label, split(train), split(val), split(16))


def write_base(folder: Path, kind: str, words: Sequence[str], sizes: dict[str, Any]) -> None:
    """A base with random weights, and a tokenizer that knows these words."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import AutoConfig, AutoModel, PreTrainedTokenizerFast

    vocabulary = {word: n for n, word in enumerate(dict.fromkeys((*SPECIAL, *words)))}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    names = {f"{each}_token": f"[{each.upper()}]" for each in ("pad", "unk", "cls", "sep", "mask")}
    torch.manual_seed(3)
    shared = {"vocab_size": len(vocabulary), "pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3}
    config = AutoConfig.for_model(kind, **(shared | {"max_position_embeddings": 512} | sizes))
    AutoModel.from_config(config).save_pretrained(str(folder))
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(str(folder))


def remembered(box: Box, name: str) -> Any:
    """A figure that an earlier check left for others; None if it did not."""
    path = box.folder / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def remember(box: Box, name: str, value: Any) -> None:
    (box.folder / f"{name}.json").write_text(json.dumps(value), encoding="utf-8")
