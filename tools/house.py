"""Figures of the code's structure: `python tools/house.py [ROOT]`, where ROOT is a checkout (default: this one).

Prints the number of first-level names, layers, import circles, long functions and lines, in how many files an option is
spelled, which files one rule takes, and the way of a row from the command to the trained model. Reads the source with
`ast` alone, so that it also measures an older checkout. docs/findings.md records what it printed.
"""

import ast
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from statistics import median

PACKAGE = "rankfirst"
RULES = ("rank_limited", "overfit", "too_little")
HOPS = 2  # from the row to its symptom or action, and to what that calls
OLD_JOURNALS = f"{PACKAGE}.records.old_journals"
LONG = 50  # lines of a function
LISTED = 3  # a signature, call, dict or class body that names this many options is a list of options
USERS = {"data", "engine", "policy", "records", "sample"}
# Parameters of `fit` that are no options of a run: what it reads and writes, and who listens.
NOT_OPTIONS = {"train", "out", "lang", "listen", "tick", "stream", "watch", "synthetic"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class House:
    """The parsed source of one checkout."""

    root: Path

    @cached_property
    def source(self) -> Path:
        return self.root / "src" / PACKAGE

    @cached_property
    def trees(self) -> Mapping[str, ast.Module]:
        """Dotted module name -> its syntax tree."""
        return {self.module(path): ast.parse(path.read_text("utf-8")) for path in sorted(self.source.rglob("*.py"))}

    def module(self, path: Path) -> str:
        parts = path.relative_to(self.source.parent).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @cached_property
    def imports(self) -> Mapping[str, frozenset[str]]:
        """Module -> modules it imports, inside functions too; imports for type checking alone do not count."""
        return {name: frozenset(self._targets(tree)) - {name} for name, tree in self.trees.items()}

    def _targets(self, tree: ast.Module) -> Iterator[str]:
        for node in _nodes_at_run_time(tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names if alias.name in self.trees)
            elif isinstance(node, ast.ImportFrom) and node.module in self.trees:
                for alias in node.names:
                    inner = f"{node.module}.{alias.name}"
                    yield inner if inner in self.trees else str(node.module)

    @cached_property
    def rooms(self) -> Mapping[str, frozenset[str]]:
        """First-level name -> first-level names it imports."""
        found: dict[str, set[str]] = defaultdict(set)
        for module, targets in self.imports.items():
            found[_room(module)] |= {_room(target) for target in targets} - {_room(module)}
        return {room: frozenset(targets) for room, targets in found.items()}

    @cached_property
    def floors(self) -> Mapping[str, int]:
        """First-level name -> length of the longest chain of imports below it."""
        known: dict[str, int] = {}

        def floor(room: str, above: frozenset[str] = frozenset()) -> int:
            if room not in known:
                below = [floor(r, above | {room}) for r in self.rooms.get(room, ()) if r not in above]
                known[room] = 1 + max(below, default=0)
            return known[room]

        for room in self.rooms:
            floor(room)
        return known


def _nodes_at_run_time(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node but those below `if TYPE_CHECKING`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        yield node
        yield from _nodes_at_run_time(node)


def _room(module: str) -> str:
    return module.split(".")[1] if "." in module else "__init__"


def first_level(house: House) -> list[str]:
    """Names a reader sees when the package's folder is opened."""
    return sorted(p.name for p in house.source.iterdir() if p.suffix == ".py" or (p.is_dir() and any(p.glob("*.py"))))


def layers(house: House) -> int:
    """Layers of the import contract."""
    contracts = tomllib.loads((house.root / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    return max(len(contract.get("layers", ())) for contract in contracts)


def circles(house: House) -> list[list[str]]:
    """Groups of modules that import each other."""
    reach = {name: _reachable(house.imports, name) for name in house.imports}
    found = {tuple(sorted(m for m in reach[name] if name in reach.get(m, ()))) for name in reach}
    return [list(circle) for circle in sorted(found) if len(circle) > 1]


def _reachable(graph: Mapping[str, frozenset[str]], start: str) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for target in graph.get(waiting.pop(), ()):
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    return seen


def long_functions(house: House) -> list[str]:
    """Functions of more than LONG lines."""
    return [
        f"{module}.{node.name}"
        for module, tree in house.trees.items()
        for node in ast.walk(tree)
        if isinstance(node, Function) and (node.end_lineno or 0) - node.lineno + 1 > LONG
    ]


def lines(house: House) -> int:
    """Lines of Python."""
    return sum(len(path.read_text("utf-8").splitlines()) for path in house.source.rglob("*.py"))


def option_names(house: House) -> list[str]:
    """Fields of FitOptions, or the parameters of `fit` in a checkout that has no such class."""
    for tree in house.trees.values():
        classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
        if "FitOptions" in classes:
            return list(dict.fromkeys(_inherited(classes, "FitOptions")))
    fit = next(n for n in house.trees[f"{PACKAGE}.api"].body if isinstance(n, ast.FunctionDef) and n.name == "fit")
    return [a.arg for a in (*fit.args.args, *fit.args.kwonlyargs) if a.arg not in NOT_OPTIONS]


def _inherited(classes: Mapping[str, ast.ClassDef], name: str) -> Iterator[str]:
    """The fields of a class and of its bases in the same module."""
    yield from _fields(classes[name])
    for base in classes[name].bases:
        if isinstance(base, ast.Name) and base.id in classes:
            yield from _inherited(classes, base.id)


def option_places(house: House) -> Mapping[str, list[str]]:
    """Option -> places that spell it: as a flag, in its sentence, or in a list of options that is handed on.

    A place is a module; a room of USERS counts once, since there the option is at work.
    """
    names = option_names(house)
    places: dict[str, set[str]] = {name: set() for name in names}
    for module, tree in house.trees.items():
        strings = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
        for name in names:
            spelled = {f"--{name.replace('_', '-')}", f"help.{name}", f"cli.help.{name}"}
            if strings & spelled:
                places[name].add(_place(module))
        for listed in _lists(tree):
            shown = listed & set(names)
            for name in shown if len(shown) >= LISTED else ():
                places[name].add(_place(module))
    return {name: sorted(found) for name, found in places.items()}


def _place(module: str) -> str:
    return _room(module) if _room(module) in USERS else module.removeprefix(f"{PACKAGE}.")


def _lists(tree: ast.AST) -> Iterator[set[str]]:
    """The names in each signature, call, dict, tuple and class body."""
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield {a.arg for a in (*node.args.args, *node.args.kwonlyargs)}
        elif isinstance(node, ast.Call):
            yield {k.arg for k in node.keywords if k.arg} | {a.attr for a in node.args if isinstance(a, ast.Attribute)}
        elif isinstance(node, ast.Dict):
            yield {str(k.value) for k in node.keys if isinstance(k, ast.Constant)}
        elif isinstance(node, ast.Tuple | ast.List | ast.Set):
            yield {str(e.value) for e in node.elts if isinstance(e, ast.Constant)}
        elif isinstance(node, ast.ClassDef):
            yield set(_fields(node))


def _fields(node: ast.ClassDef) -> Iterator[str]:
    for field in node.body:
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            yield field.target.id


def rule_files(house: House, rule: str) -> list[str]:
    """Modules to read for one rule: its row, where the row's symptom and action stand, what these call, its sentences.

    Types need not be opened, nor the frozen table that names the rules of old journals. Any other module
    that spells the rule's id counts.
    """
    table = f"{PACKAGE}.policy.rules"
    row = next(n for n in ast.walk(house.trees[table]) if isinstance(n, ast.Call) and _is_rule(n, rule))
    read, seen = {table}, set[tuple[str, str]]()
    waiting: list[tuple[str, int, Sequence[ast.AST]]] = [(table, 0, row.args[1:3])]
    while waiting:
        module, hops, nodes = waiting.pop()
        for target, name in _names_in(house, module, nodes):
            further = hops + (target != module)
            if (target, name) in seen or not target.startswith(f"{PACKAGE}.policy.") or further > HOPS:
                continue
            seen.add((target, name))
            definition = _definition(house.trees[target], name)
            if isinstance(definition, ast.ClassDef) or definition is None:
                continue
            read.add(target)
            if isinstance(definition, Function):
                waiting.append((target, further, definition.body))
    ids = {rule, f"conclusion.{rule}", f"policy.conclusion.{rule}", f"finding.{rule}"}
    spelled = {
        module
        for module, tree in house.trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and node.value in ids
    }
    return sorted((read | spelled) - {OLD_JOURNALS})


def _rule_id(node: ast.AST) -> bool:
    named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Rule"
    return named and len(node.args) >= 3 and isinstance(node.args[0], ast.Constant)  # type: ignore[attr-defined]


def _is_rule(node: ast.Call, rule: str) -> bool:
    first = node.args[0] if node.args else None
    return isinstance(first, ast.Constant) and first.value == rule and len(node.args) >= 3


def _names_in(house: House, module: str, nodes: Sequence[ast.AST]) -> Iterator[tuple[str, str]]:
    """(module, name) of each name that these nodes take from the package."""
    aliases = _aliases(house, module)
    for top in nodes:
        for node in ast.walk(top):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in aliases:
                target, name = aliases[node.value.id]
                if not name:
                    yield target, node.attr
            elif isinstance(node, ast.Name):
                yield aliases.get(node.id, (module, node.id))


def _aliases(house: House, module: str) -> dict[str, tuple[str, str]]:
    """Local name -> (module, name in it); the name is empty for a module itself."""
    found: dict[str, tuple[str, str]] = {}
    for node in ast.walk(house.trees[module]):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner, local = f"{node.module}.{alias.name}", alias.asname or alias.name
                found[local] = (inner, "") if inner in house.trees else (node.module, alias.name)
    return found


def _definition(tree: ast.Module, name: str) -> ast.stmt | None:
    for node in tree.body:
        if isinstance(node, Function | ast.ClassDef) and node.name == name:
            return node
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            return node
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == name:
            return node
    return None


class Walk:
    """One parameter, followed call by call in the order in which the code is written; each function is entered once.

    A value made from the parameter is the parameter. A stop is a first-level name that it enters from another one. A
    call whose callee is known neither by its name nor by the declared type of its receiver is passed over.
    """

    def __init__(self, house: House) -> None:
        self.house = house
        self.entered: set[tuple[str, str]] = set()
        self.stops: list[str] = []
        self.functions: dict[tuple[str, str], Function] = {}
        for module, tree in house.trees.items():
            for node in tree.body:
                if isinstance(node, Function):
                    self.functions[module, node.name] = node
                elif isinstance(node, ast.ClassDef):
                    for inner in node.body:
                        if isinstance(inner, Function):
                            self.functions[module, f"{node.name}.{inner.name}"] = inner

    @property
    def climbs(self) -> int:
        """Moves to a room that stands higher than the one before."""
        floors = [self.house.floors[room] for room in self.stops]
        return sum(b > a for a, b in pairwise(floors))

    def enter(self, module: str, name: str, carried: set[str]) -> None:
        """Follow `carried`, names of parameters, through one function."""
        room = _room(module)
        if not self.stops or self.stops[-1] != room:
            self.stops.append(room)
        if (module, name) in self.entered:
            return
        self.entered.add((module, name))
        aliases, function = _aliases(self.house, module), self.functions[module, name]
        types = {
            a.arg: self._through(*aliases.get(a.annotation.id, (module, a.annotation.id)))
            for a in (*function.args.args, *function.args.kwonlyargs)
            if isinstance(a.annotation, ast.Name)
        }
        for node in _in_order(function):
            if isinstance(node, ast.Call):
                self._call(module, name, node, carried, aliases, types)
            elif isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and _mentions(node.value, carried):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for target in targets:
                    carried |= {n.id for n in ast.walk(target) if isinstance(n, ast.Name) and n.id != "self"}
                    self._typed(target, node.value, module, aliases, types)

    def _typed(self, target: ast.expr, value: ast.expr | None, module: str, aliases: dict[str, tuple[str, str]],
               types: dict[str, tuple[str, str]]) -> None:  # fmt: skip
        if isinstance(target, ast.Name) and isinstance(value, ast.Call):
            callee = self._named(value.func, module, aliases)
            if callee and (callee[0], f"{callee[1]}.__init__") in self.functions:
                types[target.id] = callee

    def _call(self, module: str, name: str, call: ast.Call, carried: set[str], aliases: dict[str, tuple[str, str]],
              types: dict[str, tuple[str, str]]) -> None:  # fmt: skip
        receiver = call.func.value if isinstance(call.func, ast.Attribute) else None
        given = [_mentions(argument, carried) for argument in call.args]
        named = {k.arg for k in call.keywords if k.arg and _mentions(k.value, carried)}
        mine = receiver is not None and _mentions(receiver, carried)
        if not (any(given) or named or mine):
            return
        found = self._resolve(module, name, call.func, aliases, types)
        if found is None:
            return
        function = self.functions[found]
        parameters = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
        bound = "." in found[1] and parameters[:1] in (["self"], ["cls"])
        inner = {p for p, g in zip(parameters[bound:], given, strict=False) if g} | named
        if bound and (mine or found[1].endswith(".__init__")):
            inner.add("self")
        self.enter(*found, inner)

    def _named(self, func: ast.expr, module: str, aliases: dict[str, tuple[str, str]]) -> tuple[str, str] | None:
        if isinstance(func, ast.Name):
            return self._through(*aliases.get(func.id, (module, func.id)))
        if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) and func.value.id in aliases:
            target, inner = aliases[func.value.id]
            return self._through(target, func.attr) if not inner else (target, f"{inner}.{func.attr}")
        return None

    def _through(self, module: str, name: str) -> tuple[str, str]:
        """Where a name that a package hands on is defined."""
        if module not in self.house.trees:
            return module, name
        if _definition(self.house.trees[module], name) is None:
            inner = _aliases(self.house, module).get(name)
            if inner and inner[1] and inner != (module, name):
                return self._through(*inner)
        return module, name

    def _resolve(self, module: str, name: str, func: ast.expr, aliases: dict[str, tuple[str, str]],
                 types: dict[str, tuple[str, str]]) -> tuple[str, str] | None:  # fmt: skip
        named = self._named(func, module, aliases)
        if named is not None:
            made = (named[0], f"{named[1]}.__init__")
            return named if named in self.functions else made if made in self.functions else None
        if not isinstance(func, ast.Attribute):
            return None
        if isinstance(func.value, ast.Name):
            owner = types.get(func.value.id)
            if func.value.id == "self" and "." in name:
                owner = module, name.split(".")[0]
            if owner and (owner[0], f"{owner[1]}.{func.attr}") in self.functions:
                return owner[0], f"{owner[1]}.{func.attr}"
        return None


def _mentions(node: ast.AST | None, names: set[str]) -> bool:
    return node is not None and any(isinstance(n, ast.Name) and n.id in names for n in ast.walk(node))


def _in_order(node: ast.AST) -> Iterator[ast.AST]:
    """Nodes below, arguments before the call that takes them, a value before the name it gets."""
    for child in ast.iter_child_nodes(node):
        yield from _in_order(child)
        yield child


def way(house: House) -> Walk:
    """From `rankfirst fit` with its rows to the trained model."""
    walk = Walk(house)
    walk.enter(f"{PACKAGE}.cli.fit", "fit", {"train"})
    return walk


def main(root: Path) -> None:
    """Print every figure, one a line."""
    house = House(root)
    places, walk = option_places(house), way(house)
    counts = [len(found) for found in places.values()]
    most = max(places, key=lambda name: len(places[name]))
    names, around, long = first_level(house), circles(house), long_functions(house)
    print(f"first-level names: {len(names)} ({' '.join(names)})")
    print(f"layers: {layers(house)}")
    print(f"import circles: {len(around)} {around or ''}")
    print(f"functions over {LONG} lines: {len(long)} {' '.join(long)}")
    print(f"lines of Python: {lines(house)}")
    print(f"places that spell an option: median {median(counts):g}, most {max(counts)}")
    print(f"  {most}: {' '.join(places[most])}")
    for rule in RULES:
        files = rule_files(house, rule)
        print(f"files to read {rule}: {len(files)} ({' '.join(f.removeprefix(PACKAGE + '.') for f in files)})")
    every = {n.args[0].value for n in ast.walk(house.trees[f"{PACKAGE}.policy.rules"]) if _rule_id(n)}
    print(f"files to read a rule, median of {len(every)}: {median(len(rule_files(house, rule)) for rule in every):g}")
    print(f"the way of `train`: {len(walk.stops)} stops, {walk.climbs} climbs")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent)
