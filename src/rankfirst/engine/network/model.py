"""The network: a frozen base, LoRA at the sites of a recipe, pooling, and a linear head."""

import contextlib
import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from rankfirst.engine.base import Source
from rankfirst.engine.base_models import sentence_settings
from rankfirst.engine.base_models.sources import DEFAULT_MANY, DEFAULT_ZH
from rankfirst.engine.network import attention, nf4, sites
from rankfirst.engine.network.float_types import narrowed, round_weights
from rankfirst.engine.network.lora import Dropout, Part, quicken, update_norm
from rankfirst.engine.network.token_windows import LEAST_ROOM, Frame, Texts
from rankfirst.engine.parallel.world import ALONE, World
from rankfirst.engine.training.out_of_memory import out_of_memory
from rankfirst.errors import EngineError, ModelError, first_line
from rankfirst.records import JOINT, Recipe

POOLINGS = ("mean", "cls", "max")
DECODER_POOLINGS = ("last", "mean")
# Without one of these files transformers creates an empty tokenizer that maps every word to [UNK].
VOCABULARIES = ("tokenizer.json", "vocab.*", "*.model", "*.tiktoken")
TOKENIZED = 512  # texts tokenised at a time, since they are not truncated by then
# Share of the tokens of words in letters. MiniLM turns 65% of Chinese into [UNK] and below 1% of English; names and
# typing errors in a language that a base reads stay far below (assumption).
MOST_UNKNOWN = 0.05
SAMPLED = 1000  # texts whose tokens are looked at
LEAST_VOCABULARY = 1000  # entries; a smaller vocabulary is made for one task, and unknown words are its intention
_LETTERS = re.compile(r"[^\W\d_]+")
SAME = 1e-4  # relative to the largest state: rounding is below 1e-6, another token changes states by over 1e-3


def text_prefix(spec: str) -> str:
    """The instruction that a base's name calls for: "query: " for E5 encoders (their model card), or none."""
    name = spec.rstrip("/").rsplit("/", 1)[-1].lower()
    return "query: " if "e5" in name.replace("_", "-").split("-") else ""


class TextModel:
    """A base model that carries at most one adapter at a time; its own weights never change."""

    def __init__(self, source: Source, device: torch.device, bits: int | None = None, world: World = ALONE) -> None:
        """Load the base.

        Args: bits: 4 to quantise the base's linear layers; None: unquantised.
        Raises: ModelError if the base cannot be loaded or trained by this package; EngineError if it does not fit on
            the device; OptionError if an extra is missing.
        """
        self.source, self.device, self.bits, self.world = source, device, bits, world
        with world.in_turn(device) as mesh:
            self.encoder, self.tokenizer = _load(source, device, bits)
            self.encoder.eval().requires_grad_(False)
            self.stack_name, self.stack = sites.blocks(self.encoder)
            world.shard(self.encoder, self.stack, mesh)
        config: Any = self.encoder.config
        config.use_cache = False  # decoders would keep keys and values for generating text
        _move(self.encoder, source, device)
        # ALBERT runs its one block several times.
        self.passes = max(1, int(getattr(config, "num_hidden_layers", 1)) // len(self.stack))
        self.hidden = int(config.hidden_size)
        limit = int(getattr(config, "max_position_embeddings", 512) or 512)
        # RoBERTa, MPNet and CamemBERT number positions from the padding id upwards.
        table = getattr(getattr(self.encoder, "embeddings", None), "position_embeddings", None)
        pad = getattr(table, "padding_idx", None)
        self.max_positions = limit if pad is None else limit - pad - 1
        self.causal = self._try_out()
        self.settings = sentence_settings.read(source.spec, source.folder)
        self.pooling = self.poolings[0]
        self.head = nn.Linear(self.hidden, 1).to(device)
        self.normalize = False  # whether `classify` brings states to unit length first, as some frozen deliveries do
        self.exact: nn.Module | None = None  # the base in float32, if kept beside a rounded `encoder`
        self.rate_pools: dict[tuple[float, torch.dtype], Tensor] = {}
        self.part = Part()

    @torch.no_grad()
    def _try_out(self) -> bool:
        """Whether attention is causal, by a test: encoders derived from decoders keep the decoder's class name.

        Raises: ModelError if there is not one state per token, or if padding changes the states of real tokens.
        """
        config: Any = self.encoder.config
        size = min(int(config.vocab_size), len(self.tokenizer))
        row, more = [size * k // 8 for k in (2, 3, 4, 5)], [size * k // 8 for k in (6, 7)]
        try:
            alone = self.hidden_states(*self.pad([row]))
            padded, longer = self.hidden_states(*self.pad([row, row + more]))[:, : len(row)]
        except Exception as error:
            raise ModelError("model.unloadable", spec=self.source.spec, why=first_line(error)) from error
        if alone.shape != (1, len(row), self.hidden):
            raise ModelError("model.no_states", spec=self.source.spec, hidden=self.hidden)
        if (padded - alone[0]).abs().max() > SAME * alone.abs().max():
            raise ModelError("model.padding", spec=self.source.spec)
        return bool((longer - alone[0]).abs().max() <= SAME * alone.abs().max())

    @property
    def prefix(self) -> str:
        """The prefix for this base: the prompt in its own files, or the usual one for its family, by name."""
        return text_prefix(self.source.spec) if self.settings.prompt is None else self.settings.prompt

    @property
    def poolings(self) -> tuple[str, ...]:
        """Those to choose from, the base's own first. The first token of a decoder has seen no other one."""
        usual, own = DECODER_POOLINGS if self.causal else POOLINGS, self.settings.pooling
        fits = own and not (self.causal and own == "cls")
        return tuple(dict.fromkeys((own, *usual))) if fits else usual

    @property
    def layers(self) -> int:
        return len(self.stack)

    def tokenize(self, texts: Sequence[str], prefix_text: str, limit: int, windows: bool = False) -> Texts:
        """Token ids of each text (at least one), truncated to `limit` tokens or in windows of `limit` tokens.

        Raises: OptionError if a window has no room for text; ModelError for a token without an embedding in the base.
        """
        frame, rows, separator = Frame.of(self.tokenizer, prefix_text), self.vectors, self.separator
        if windows:
            frame.check(limit)

        def encoded() -> Iterator[tuple[list[list[int]], int]]:
            alone = {"return_attention_mask": False, "return_token_type_ids": False}
            for start in range(0, len(texts), TOKENIZED):
                chunk = [prefix_text + t.replace(JOINT, separator) for t in texts[start : start + TOKENIZED]]
                # Truncated here and not by the tokenizer, which would not return the full lengths.
                for ids in self.tokenizer(chunk, verbose=False, **alone)["input_ids"]:
                    if max(ids, default=0) >= rows:
                        raise ModelError("model.token", spec=self.source.spec, token=max(ids), rows=rows)
                    yield frame.cut(ids or [self.pad_id], limit, windows), len(ids)

        return Texts(encoded(), frame)

    def check_reads(self, texts: Sequence[str]) -> None:
        """Raises: ModelError if the tokenizer turns too many words of a sample of the texts into an unknown token.

        Digits, punctuation and emoji are left out: they say nothing about the language.
        """
        unknown = self.tokenizer.unk_token_id
        if unknown is None or len(self.tokenizer) < LEAST_VOCABULARY:
            return
        step = max(1, len(texts) // SAMPLED)
        words = [" ".join(_LETTERS.findall(text)) for text in texts[::step]]
        alone = {"return_attention_mask": False, "return_token_type_ids": False, "add_special_tokens": False}
        ids = [token for row in self.tokenizer(words, verbose=False, **alone)["input_ids"] for token in row]
        share = ids.count(unknown) / max(1, len(ids))
        if share > MOST_UNKNOWN:
            raise ModelError("model.unknown_tokens", spec=self.source.spec, share=share, most=MOST_UNKNOWN,
                             zh=DEFAULT_ZH, many=DEFAULT_MANY)  # fmt: skip

    @property
    def separator(self) -> str:
        """What the tokenizer reads between two texts, as a string; a line feed if it has no such token."""
        return str(self.tokenizer.sep_token or "\n")

    @property
    def vectors(self) -> int:
        """Number of token embeddings of the base."""
        encoder: Any = self.encoder
        return len(encoder.get_input_embeddings().weight)

    def has_room(self, prefix_text: str, limit: int) -> bool:
        """Whether this prefix leaves more than half of `limit` tokens to the text."""
        return 2 * len(Frame.of(self.tokenizer, prefix_text).lead) < limit - LEAST_ROOM

    @property
    def pad_id(self) -> int:
        pad = self.tokenizer.pad_token_id
        return int(pad if pad is not None else (self.tokenizer.eos_token_id or 0))

    def pad(self, rows: Sequence[Sequence[int]], width: int = 0) -> tuple[Tensor, Tensor]:
        """(B, T) ids and (B, T) mask, padded on the right (pooling counts real tokens, so the side does not matter).

        Args: width: the minimum of T.
        """
        width = max(width, *map(len, rows))
        ids = torch.full((len(rows), width), self.pad_id, dtype=torch.long)
        mask = torch.zeros((len(rows), width), dtype=torch.bool)
        for i, row in enumerate(rows):
            ids[i, : len(row)] = torch.tensor(row)
            mask[i, : len(row)] = True
        return ids.to(self.device), mask.to(self.device)

    def batch(self, texts: Texts, rows: Sequence[int], width: int = 0) -> tuple[Tensor, Tensor, Tensor | None]:
        """(W, T) ids and mask of the windows of B texts, and (W,) their text indexes; None if each has one window."""
        ids, mask = self.pad([texts.windows[w] for w in texts.of(rows)], width)
        if len(ids) == len(rows):
            return ids, mask, None
        counts = torch.tensor(texts.counts(rows))
        return ids, mask, torch.repeat_interleave(torch.arange(len(rows)), counts).to(self.device)

    def hidden_states(self, ids: Tensor, mask: Tensor) -> Tensor:
        """(B, T, d) states of the last block. Without padding no mask is passed: attention is faster without one."""
        full = bool(mask.all())
        with attention.for_base(self.dtype, self.device):
            output = self.encoder(input_ids=ids, attention_mask=None if full else mask.long())
        return output.last_hidden_state  # type: ignore[no-any-return]

    def narrow(self, dtype: str, keep: bool = False) -> None:
        """Detach the adapter and convert the frozen base to another float type; trained weights stay float32.

        A 4-bit base keeps its weights and only changes its compute dtype. Args: keep: for `float_types.exactly`.
        """
        self.detach()
        self.exact = self.encoder if keep else None
        if keep and not self.bits:
            self.use(narrowed(self.encoder, getattr(torch, dtype)))
        else:
            self.round_to(dtype)

    def use(self, encoder: nn.Module) -> None:
        """Compute with another copy of the base."""
        self.encoder = encoder
        self.stack_name, self.stack = sites.blocks(encoder)

    def round_to(self, dtype: str) -> None:
        """As `narrow`, but an attached adapter stays attached."""
        if self.bits:
            nf4.compute_in(self.encoder, getattr(torch, dtype))
        else:
            round_weights(self.encoder, getattr(torch, dtype))

    def thaw(self) -> None:
        """Dequantise a 4-bit base to float32; no adapter may be attached."""
        nf4.thaw(self.encoder)
        self.bits = None

    @property
    def dtype(self) -> str:
        """The compute dtype of the base."""
        dtype = nf4.dtype(self.encoder) if self.bits else next(self.encoder.parameters()).dtype
        return str(dtype).removeprefix("torch.")

    def pool(self, states: Tensor, mask: Tensor, pooling: str, owner: Tensor | None = None) -> Tensor:
        """(W, T, d) -> (B, d). `owner`: (W,) text index of each window; None: one window per text."""
        if owner is not None:
            return _mean_of_windows(self.pool(states, mask, pooling), mask, owner)
        if pooling == "cls":
            return states[:, 0]
        if pooling == "last":
            return states[torch.arange(len(states), device=states.device), mask.sum(1) - 1]
        if pooling == "max":
            return states.masked_fill(~mask[..., None], float("-inf")).amax(1)
        return (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)

    def logits(self, ids: Tensor, mask: Tensor, owner: Tensor | None = None) -> Tensor:
        """(B, C) logits. `owner`: see `pool`."""
        states = self.hidden_states(ids, mask).float()
        return self.classify(self.pool(states, mask, self.pooling, owner))

    def classify(self, pooled: Tensor) -> Tensor:
        """(B, d) pooled states -> (B, C) logits."""
        return self.head(nn.functional.normalize(pooled) if self.normalize else pooled)  # type: ignore[no-any-return]

    def attach(self, recipe: Recipe) -> None:
        """Attach fresh LoRA layers (B = 0, so the function does not change) at the recipe's sites."""
        from peft import LoraConfig, inject_adapter_in_model

        self.detach()
        torch.manual_seed(recipe.seed)
        config = LoraConfig(
            r=recipe.rank,
            lora_alpha=recipe.scaling * recipe.rank,  # PEFT multiplies B·A by lora_alpha / r
            lora_dropout=0.0,
            target_modules=sites.target_modules(self.encoder, recipe.sites),
            fan_in_fan_out="GPT2" in type(self.encoder).__name__,
        )
        inject_adapter_in_model(config, self.encoder)
        for module in self._adapted():
            module.lora_dropout["default"] = Dropout(recipe.dropout)
            quicken(module)
            module.lora_A.float()  # PEFT creates them in the base's type
            module.lora_B.float()
        self.encoder.to(self.device).eval()

    def detach(self) -> None:
        """Remove the adapter; the base is unchanged."""
        for name, module in list(self.encoder.named_modules()):
            if hasattr(module, "lora_A"):
                self.encoder.set_submodule(name, module.get_base_layer())
        if hasattr(self.encoder, "peft_config"):
            del self.encoder.peft_config  # or PEFT warns of a second adapter

    def _adapted(self) -> list[Any]:
        return [m for m in self.encoder.modules() if hasattr(m, "lora_A")]

    def train_mode(self, on: bool, seed: int = 0) -> None:
        """Switch LoRA's dropout on or off. The base's own dropout stays off, as in its cached states."""
        self.part = Part()
        for i, module in enumerate(self._adapted()):
            drop = module.lora_dropout["default"]
            drop.train(on)
            drop.part = self.part
            if on and drop.rate:
                drop.random = torch.Generator().manual_seed(seed * 1009 + i)
                drop.pool = self._pool(drop.rate, nf4.input_type(module.get_base_layer()))

    def _pool(self, rate: float, dtype: torch.dtype) -> Tensor:
        if (rate, dtype) not in self.rate_pools:
            others = {key: pool for key, pool in self.rate_pools.items() if key[0] == rate}
            self.rate_pools = others | {(rate, dtype): Dropout.draw(rate).to(self.device, dtype)}
        return self.rate_pools[rate, dtype]

    def adapter(self) -> dict[str, nn.Parameter]:
        """The trainable LoRA matrices by full name."""
        return {n: p for n, p in self.encoder.named_parameters() if ".lora_A." in n or ".lora_B." in n}

    def trainable(self) -> dict[str, nn.Parameter]:
        """The trainable parameters of adapter and head by full name."""
        return self.adapter() | {f"head.{n}": p for n, p in self.head.named_parameters()}

    def update_norm(self) -> float:
        """Frobenius norm of scaling·B·A over all sites together."""
        return update_norm(self._adapted())

    def set_head(self, weight: Tensor, bias: Tensor) -> None:
        """Replace the head by a copy of (C, d) weights and (C,) bias."""
        self.head = nn.Linear(weight.shape[1], weight.shape[0]).to(self.device)
        with torch.no_grad():
            self.head.weight.copy_(weight)
            self.head.bias.copy_(bias)


def _mean_of_windows(pooled: Tensor, mask: Tensor, owner: Tensor) -> Tensor:
    """(W, d) -> (B, d), each window weighted by its share of its text's tokens."""
    texts = int(owner[-1]) + 1  # windows come text by text
    tokens = mask.sum(1).to(pooled.dtype)
    whole = tokens.new_zeros(texts).index_add(0, owner, tokens)
    share = tokens / whole[owner]
    return pooled.new_zeros(texts, pooled.shape[1]).index_add(0, owner, pooled * share[:, None])


def _load(source: Source, device: torch.device, bits: int | None) -> tuple[nn.Module, Any]:
    """The base in float32 or 4 bits, whatever type its file has, and its tokenizer. Raises: ModelError, OptionError."""
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import logging as transformers_logging

    nf4.hush()
    transformers_logging.disable_progress_bar()  # we report progress ourselves, and pipes should get whole lines
    how: dict[str, Any] = {"quantization_config": nf4.settings(), "device_map": {"": str(device)}} if bits else {}
    try:
        with _without_report():
            encoder, report = AutoModel.from_pretrained(
                source.folder, dtype=torch.float32, trust_remote_code=False, use_safetensors=True,
                output_loading_info=True, ignore_mismatched_sizes=True, **how,
            )  # fmt: skip
        if bits:
            nf4.take_over(encoder)
        # Weights of another shape count as missing: transformers initialises them randomly, too.
        _check(source, encoder, {*report["missing_keys"], *(key for key, *_ in report["mismatched_keys"])})
        if not any(path for pattern in VOCABULARIES for path in source.folder.glob(pattern)):
            raise ValueError("it has no tokenizer")
        tokenizer = AutoTokenizer.from_pretrained(source.folder, trust_remote_code=False)
        tokenizer(["a"])  # settings of a wrong type fail only here
        return encoder, tokenizer
    except ModelError:
        raise
    except Exception as error:
        raise ModelError("model.unloadable", spec=source.spec, why=first_line(error)) from error


def _move(encoder: Any, source: Source, device: torch.device) -> None:
    """Move the base to its device. Raises: EngineError if it does not fit there."""
    try:
        encoder.to(device)
    except RuntimeError as error:
        if not out_of_memory(error):
            raise
        raise EngineError("engine.no_memory", name=source.spec) from error


@contextlib.contextmanager
def _without_report() -> Iterator[None]:
    """Suppress transformers' table of mismatched weights on stderr; `_check` reports what matters in one line."""
    logger = logging.getLogger("transformers.modeling_utils")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


def _check(source: Source, encoder: Any, missing: Iterable[str]) -> None:
    """Raises: ModelError or ValueError if the base does not read text, or if weights are missing or not finite."""
    config: Any = encoder.config
    reads_text = encoder.main_input_name == "input_ids" and hasattr(config, "vocab_size")
    if not reads_text or getattr(config, "is_encoder_decoder", False):
        raise ModelError("model.not_text", spec=source.spec, kind=str(config.model_type))
    # transformers initialises missing weights randomly. A random pooler is harmless: `pool` uses the last block.
    lost = [name for name in missing if not name.startswith("pooler.")]
    if lost:
        raise ValueError(f"{len(lost)} of its weights are in no file or of another shape, {min(lost)} for one")
    # Large models saved as float16 may have overflowed; every training loss would be NaN.
    spoilt = [name for name, p in encoder.named_parameters() if not nf4.unpacked(p).isfinite().all()]
    if spoilt:
        raise ModelError("model.not_finite", spec=source.spec, count=len(spoilt), name=spoilt[0])
