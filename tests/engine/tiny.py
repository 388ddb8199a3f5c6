"""A data set, base models and an engine small enough to train in a blink."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rankfirst.engine.base import EngineOptions, Source
from rankfirst.engine.local import LocalEngine
from rankfirst.engine.parallel.world import ALONE, World
from rankfirst.records import ATTENTION_QV, Dataset, Recipe, Role, Sites, Split

WORDS = ("send", "cash", "card", "lost", "my", "please", "the", "help", "block", "limit", "rate", "now")
CLASSES = ("card", "limit", "send")
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
SIZES = {"vocab_size": len(SPECIAL) + len(WORDS), "hidden_size": 16, "num_hidden_layers": 3, "pad_token_id": 0}
BERT = SIZES | {"num_attention_heads": 2, "intermediate_size": 24, "initializer_range": 0.3}
DECODER = BERT | {"num_key_value_heads": 1, "bos_token_id": 2, "eos_token_id": 3}

GEMMA = DECODER | {"head_dim": 8, "query_pre_attn_scalar": 8, "sliding_window": 4}
DEBERTA = BERT | {"relative_attention": True, "pos_att_type": ["p2c", "c2p"], "position_buckets": 8}

# By what the families call themselves in config.json: bge-m3 and multilingual E5 are xlm-roberta; mmBERT, GTE and
# Granite R2 modernbert; Qwen3-Embedding qwen3; EmbeddingGemma gemma3_text that looks both ways.
ARCHITECTURES: dict[str, dict[str, Any]] = {
    "bert": BERT,
    "roberta": BERT | {"max_position_embeddings": 66},
    "xlm-roberta": BERT | {"max_position_embeddings": 66, "pad_token_id": 1},
    "distilbert": {"vocab_size": SIZES["vocab_size"], "dim": 16, "n_layers": 3, "n_heads": 2, "hidden_dim": 24},
    "electra": BERT | {"embedding_size": 12},
    "ernie": BERT,
    "mpnet": BERT | {"pad_token_id": 1},
    "deberta-v2": DEBERTA,
    "deberta-v3": DEBERTA | {"share_att_key": True, "norm_rel_ebd": "layer_norm"},
    "albert": BERT | {"embedding_size": 12},
    "modernbert": BERT | {"cls_token_id": 2, "sep_token_id": 3, "bos_token_id": 2, "eos_token_id": 3},
    "nomic_bert": BERT | {"head_dim": 8},
    "eurobert": DECODER | {"head_dim": 8, "mask_token_id": 4},
    "jina_embeddings_v3": BERT | {"bos_token_id": 2, "eos_token_id": 3},
    "gpt2": {"vocab_size": SIZES["vocab_size"], "n_embd": 16, "n_layer": 3, "n_head": 2, "n_positions": 64}
    | {"bos_token_id": 2, "eos_token_id": 3},
    "qwen2": DECODER,
    "qwen3": DECODER | {"head_dim": 8},
    "llama": DECODER,
    "mistral": DECODER | {"head_dim": 8},
    "gemma": DECODER | {"head_dim": 8},
    "gemma2": GEMMA,
    "gemma3_text": GEMMA,
    "embedding-gemma": GEMMA | {"use_bidirectional_attention": True},
    "phi3": DECODER,
}
MODEL_TYPES = {"deberta-v3": "deberta-v2", "embedding-gemma": "gemma3_text"}  # the others are called by their own
DECODERS = ("gpt2", "qwen2", "qwen3", "llama", "mistral", "gemma", "gemma2", "gemma3_text", "phi3")
FUSED = ("modernbert", "gpt2", "phi3")


def kinds(names: Iterable[str] = ARCHITECTURES) -> list[Any]:
    """These families as parameters, all but a few of them slow."""
    import pytest

    few = ("bert", "deberta-v2", "gpt2", "qwen2")  # an encoder, one with tuple blocks, a fused decoder, a grouped one
    return [name if name in few else pytest.param(name, marks=pytest.mark.slow) for name in names]


def dataset(train: int = 40, val: int = 15, multi_label: bool = False, noise: float = 0.2) -> Dataset:
    """Rows of two to nine words whose label is told by one of them, some labels wrong."""
    rng = np.random.default_rng(5)

    def split(n: int) -> Split:
        labels = [(i % 3,) for i in range(n)]
        texts = []
        for (label,) in labels:
            words = [*rng.choice(WORDS, size=int(rng.integers(1, 9))), CLASSES[label]]
            texts.append(" ".join(str(w) for w in rng.permutation(words)))
        shown = [(int(rng.integers(3)),) if rng.random() < noise else row for row in labels]
        if multi_label:
            shown = [() if i % 5 == 0 else tuple(sorted({*row, i % 2})) for i, row in enumerate(shown)]
        return Split(tuple(texts), tuple(shown))

    return Dataset("tiny", CLASSES, multi_label, split(train), split(val), split(7))


def recipe(**changes: Any) -> Recipe:
    """Rank 2 on query and value of the top two blocks: one block is frozen and cached."""
    return Recipe(2, Sites(ATTENTION_QV, 2), 2.0, 0.01, 0.1, batch_size=8).with_(**changes)


FFN_TOO = Sites((*ATTENTION_QV, Role.FFN_IN, Role.FFN_OUT), 3)
FFN_ON_TOP = Sites(FFN_TOO.roles, 1, ATTENTION_QV)  # query and value in every block


def write_tokenizer(folder: Path, words: Sequence[str] = WORDS) -> None:
    """Whole words only, in `tokenizer.json`, which every architecture can read. Args: words: or Chinese characters."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    vocabulary = {word: i for i, word in enumerate((*SPECIAL, *words))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase() if words is WORDS else normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    names = {f"{kind}_token": f"[{kind.upper()}]" for kind in ("pad", "unk", "cls", "sep", "mask")}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(str(folder))


def write_base(folder: Path, kind: str, **changes: Any) -> Path:
    """A random base model of this architecture with its tokenizer."""
    import torch
    from transformers import AutoConfig, AutoModel

    torch.manual_seed(3)
    config = AutoConfig.for_model(MODEL_TYPES.get(kind, kind), **(ARCHITECTURES.get(kind, {}) | changes))
    AutoModel.from_config(config).save_pretrained(str(folder))
    write_tokenizer(folder)
    return folder


def engine(
    source: Source, work: Path, rows: Dataset | None = None, world: World = ALONE, **options: Any
) -> LocalEngine:
    """An engine with a head that is neither zero nor good."""
    made = LocalEngine(rows or dataset(), source, work, EngineOptions(**({"device": "cpu"} | options)), world)
    give_head(made)
    return made


def give_head(made: Any) -> None:
    """The same small random head every time."""
    weight = np.random.default_rng(0).normal(0, 0.1, (len(CLASSES), made.facts.hidden)).astype(np.float32)
    pooling = "last" if getattr(getattr(made, "model", None), "causal", False) else "mean"
    made.use_head(pooling, weight, np.zeros(len(CLASSES), dtype=np.float32))
