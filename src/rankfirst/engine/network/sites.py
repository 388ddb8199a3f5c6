"""Map roles to module names: which linear layers of an architecture are q, k, v, o, FFN input or FFN output."""

import re
from collections.abc import Mapping
from typing import Any, Final

from torch import nn

from rankfirst.errors import ModelError
from rankfirst.records import Role, Sites

_FUSED: Final = r"(Wqkv|c_attn|query_key_value|qkv_proj|in_proj)$"  # q, k and v in one matrix

# Path inside one block -> role; the first match wins, so the attention output comes before the plain output.
_PATTERNS: Final[tuple[tuple[str, Role], ...]] = (
    (r"(attention|attn|self_attn)\b.*(output\.dense|out_proj|out_lin|o_proj|\.dense|\.Wo|c_proj|\.o)$", Role.O),
    (rf"(attention|attn|self_attn)\b.*{_FUSED}", Role.Q),
    (r"(query|query_proj|q_proj|q_lin|\bq)$", Role.Q),
    (r"(key|key_proj|k_proj|k_lin|\bk)$", Role.K),
    (r"(value|value_proj|v_proj|v_lin|\bv)$", Role.V),
    (r"(intermediate\.dense|lin1|fc1[12]?|up_proj|gate_proj|c_fc|fc_in|dense_h_to_4h|\bffn|mlp\.Wi)$", Role.FFN_IN),
    (r"(output\.dense|lin2|fc2|down_proj|ffn_output|c_proj|fc_out|dense_4h_to_h|mlp\.Wo)$", Role.FFN_OUT),
)


def blocks(encoder: nn.Module) -> tuple[str, nn.ModuleList]:
    """(dotted name, transformer blocks): the longest ModuleList of one class whose modules hold known linear layers.

    Raises: ModelError for a model without such a list.
    """
    longest: tuple[str, nn.ModuleList] | None = None
    for name, module in encoder.named_modules():
        if not isinstance(module, nn.ModuleList) or len(module) == 0:
            continue
        alike = len({type(block) for block in module}) == 1
        if alike and roles_of(module[0]) and (longest is None or len(module) > len(longest[1])):
            longest = (name, module)
    if longest is None:
        raise ModelError("model.no_blocks", name=type(encoder).__name__)
    return longest


def is_linear(module: nn.Module) -> bool:
    """Whether LoRA can adapt this module: a linear layer, or GPT-2's Conv1D."""
    return isinstance(module, nn.Linear) or type(module).__name__ == "Conv1D"


def roles_of(block: nn.Module) -> Mapping[Role, tuple[str, ...]]:
    """Role -> paths inside one block; gated FFNs have two input layers."""
    roles: dict[Role, tuple[str, ...]] = {}
    for path, module in block.named_modules():
        if not is_linear(module):
            continue
        for pattern, role in _PATTERNS:
            if re.search(pattern, path):
                roles[role] = (*roles.get(role, ()), path)
                break
    return {role: roles[role] for role in Role if role in roles}


def fused(block: nn.Module) -> bool:
    """Whether q, k and v are one matrix, which is then treated as Role.Q."""
    return any(re.search(_FUSED, path) for path in roles_of(block).get(Role.Q, ()))


def shapes(block: nn.Module) -> Mapping[str, tuple[int, int]]:
    """Role value -> (inputs, outputs), summed over the layers of a role."""
    sizes: dict[str, tuple[int, int]] = {}
    for role, paths in roles_of(block).items():
        for path in paths:
            module: Any = block.get_submodule(path)
            if isinstance(module, nn.Linear):  # its weight may be packed
                way_in, way_out = int(module.in_features), int(module.out_features)
            else:
                way_in, way_out = (int(n) for n in module.weight.shape)
            before = sizes.get(role.value, (0, 0))
            sizes[role.value] = (before[0] + way_in, before[1] + way_out)
    return sizes


def target_modules(encoder: nn.Module, sites: Sites) -> list[str]:
    """Full dotted names of the linear layers that get LoRA, for PEFT's `target_modules`.

    Raises: ModelError if the architecture has none of the roles.
    """
    name, stack = blocks(encoder)
    held = {role: sites.blocks_with(role, len(stack)) for role in Role}
    names = []
    for depth, block in enumerate(stack):
        wanted = {role for role in Role if held[role] >= len(stack) - depth}
        wanted |= {Role.Q} if fused(block) and {Role.V, Role.K} & wanted else set()
        roles = roles_of(block)
        names += [f"{name}.{depth}.{path}" for role in roles if role in wanted for path in roles[role]]
    if not names:
        raise ModelError("model.no_sites", name=type(encoder).__name__, sites=str(sites))
    return names
