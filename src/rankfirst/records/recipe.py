"""A recipe: the configuration of one training run."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Self

from rankfirst.records.codec import SPARSE
from rankfirst.records.objective import PLAIN, Objective, exact


class Role(StrEnum):
    """The function of a linear layer in a transformer block, independent of the architecture's naming."""

    Q = "q"
    K = "k"
    V = "v"
    O = "o"  # noqa: E741 - the field's own name for the attention output projection
    FFN_IN = "ffn_in"
    FFN_OUT = "ffn_out"


ATTENTION_QV = (Role.Q, Role.V)
FFN = (Role.FFN_IN, Role.FFN_OUT)
QV_FFN = (*ATTENTION_QV, *FFN)
ALL_ROLES = tuple(Role)
SITE_ROLES = {"qv": ATTENTION_QV, "qv+ffn": QV_FFN, "all": ALL_ROLES}  # by the names of `--set sites=`


@dataclass(frozen=True)
class Sites:
    """Which linear layers carry LoRA (PEFT `target_modules`), by role and by depth."""

    roles: tuple[Role, ...]  # in the order of Role
    top_layers: int  # the last k blocks, k >= 1
    everywhere: tuple[Role, ...] = field(default=(), metadata=SPARSE)  # the part of `roles` that every block carries

    def blocks_with(self, role: str, layers: int) -> int:
        """In how many of `layers` blocks, counted from the top, this role carries LoRA."""
        if role in self.everywhere:
            return layers
        return min(self.top_layers, layers) if role in self.roles else 0

    def depth(self, layers: int) -> int:
        """Number of blocks from the lowest adapted one to the top; those below are frozen."""
        return layers if self.everywhere else min(self.top_layers, layers)

    def within(self, layers: int) -> Self:
        """The same layers of a base with `layers` blocks, in the one way to write them."""
        if self.top_layers < layers:
            return self
        return replace(self, top_layers=layers, everywhere=())

    @property
    def only_on_top(self) -> tuple[Role, ...]:
        """The roles that the blocks below the top ones do not carry."""
        return tuple(role for role in self.roles if role not in self.everywhere)

    @property
    def setting(self) -> str | None:
        """These sites as `--set sites=` takes them: qv@2, qv+ffn@4, qv+ffn@4+qv; None if no such name holds them."""
        names = {roles: name for name, roles in SITE_ROLES.items()} | {(): ""}
        top, everywhere = names.get(self.roles), names.get(self.everywhere)
        if not top or everywhere is None:
            return None
        return f"{top}@{self.top_layers}" + (f"+{everywhere}" if everywhere else "")

    def __str__(self) -> str:
        if self.everywhere:
            return f"{_named(self.everywhere)} everywhere, {_named(self.roles)} top {self.top_layers}"
        return f"{_named(self.roles)}, top {self.top_layers}"


def _named(roles: tuple[Role, ...]) -> str:
    return {ATTENTION_QV: "q/v", QV_FFN: "q/v+FFN", ALL_ROLES: "all linear"}.get(roles, "/".join(roles))


KNOBS = ("rank", "sites", "lr", "scaling", "dropout")  # what a policy may change: capacity before optimisation


class Head(StrEnum):
    """Initialisation of the classification head."""

    PROBE = "probe"  # the solution of the frozen baseline
    ZERO = "zero"
    RANDOM = "random"


@dataclass(frozen=True)
class Recipe:
    """One point of the search space. `scaling` multiplies B·A; only the engine converts it to PEFT's lora_alpha."""

    rank: int
    sites: Sites
    scaling: float
    lr: float  # peak, AdamW
    dropout: float  # on the input of A
    head: Head = Head.PROBE
    batch_size: int = 32  # rows per optimiser step
    seed: int = 0
    safe_numerics: bool = False  # tighter clipping, larger Adam epsilon, longer warm-up
    head_lr: float | None = None  # peak, of the head alone; None: lr
    objective: Objective = PLAIN
    without: tuple[int, ...] = field(default=(), metadata=SPARSE)  # training rows that are left out, ascending

    @property
    def key(self) -> str:
        """A short name, equal exactly if the recipes are equal, so that no recipe is trained twice."""
        sites = f"{_letters(self.sites.roles)}{self.sites.top_layers}"
        sites += f"_{_letters(self.sites.everywhere)}" if self.sites.everywhere else ""
        return (
            f"r{self.rank}-{sites}-a{self.scaling:g}-lr{self.lr:g}-d{self.dropout:g}"
            f"-{self.head.value}-b{self.batch_size}-s{self.seed}{'-safe' if self.safe_numerics else ''}"
            f"{'' if self.head_lr is None else f'-hlr{exact(self.head_lr)}'}{self.objective.key}"
            f"{'' if not self.without else f'-x{len(self.without)}.{_digest(self.without)}'}"
        )

    def with_(self, **changes: object) -> Self:
        """A copy with some fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


def _digest(rows: tuple[int, ...]) -> str:
    """Eight hexadecimal digits, different for other rows."""
    return hashlib.sha256(",".join(map(str, rows)).encode()).hexdigest()[:8]


def _letters(roles: Iterable[Role]) -> str:
    """One letter per role, different for each."""
    return "".join(role.value[0] if role not in FFN else role.value[-1] for role in roles)
