"""What one graph for many tenants would cost: each row's LoRA factors are gathered inside it, beside a merged model.

Usage, of a run on a BERT-like base that `rankfirst export` wrote as onnx and int8 (frozen: its adapters are random):
python -m benchmarks.fleet_graph RUN [TENANTS 1000]    (appends to results/fleet_graph.csv)

Before each adapted product y = xW the graph gathers A (d, r) and B (r, out) of each row's tenant and adds (xA)B. The
factors of all tenants are inputs, one array a site and factor, so that a new tenant needs no new session. Every row of
a batch is of another tenant. CPU time of the one thread that computes, in turns; a merged model is the graph without
these nodes. `difference` is the largest of a logit against graphs with A B merged into W, for three tenants.
"""

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from benchmarks.tables import append
from rankfirst.model.onnx.runtime import session

RANK, TOKENS = 8, 13
SITES = {
    "q, v": (0, 2),
    "all linear": (0, 1, 2, 3, 4, 5),
}  # among the six products of a layer with a weight of their own
BATCHES = {1: 100, 8: 30, 32: 15}  # texts -> times
Site = tuple[str, str, str, tuple[int, int]]  # input, weight, output, (d, out)
Factors = dict[str, np.ndarray[Any, Any]]


def sites(graph: Any, which: tuple[int, ...]) -> list[Site]:
    """The adapted products of a float graph."""
    weights = {each.name: tuple(each.dims) for each in graph.initializer}
    found = [(node.input[0], node.input[1], node.output[0], weights[node.input[1]]) for node in graph.node
             if node.op_type == "MatMul" and len(weights.get(node.input[1], ())) == 2]  # fmt: skip
    return [site for n, site in enumerate(found[: len(found) // 6 * 6]) if n % 6 in which]  # without the head


def gathered(model: Any, found: list[Site]) -> bytes:
    """The graph with gathered factors at the sites; `tenant` (n,) says whose a row is."""
    graph = model.graph
    graph.input.append(helper.make_tensor_value_info("tenant", TensorProto.INT64, ["n"]))
    nodes = []
    outputs = {output: (x, n) for n, (x, _, output, _) in enumerate(found)}
    for n, (_, _, _, (d, out)) in enumerate(found):
        for name, shape in ((f"A{n}", ["t", d, RANK]), (f"B{n}", ["t", RANK, out])):
            graph.input.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
    for node in graph.node:
        nodes.append(node)
        if node.output and node.output[0] in outputs:
            x, n = outputs[node.output[0]]
            output, node.output[0] = node.output[0], f"{node.output[0]}_base"
            nodes += [helper.make_node("Gather", [f"A{n}", "tenant"], [f"a{n}"]),
                      helper.make_node("Gather", [f"B{n}", "tenant"], [f"b{n}"]),
                      helper.make_node("MatMul", [x, f"a{n}"], [f"xa{n}"]),
                      helper.make_node("MatMul", [f"xa{n}", f"b{n}"], [f"xab{n}"]),
                      helper.make_node("Add", [f"{output}_base", f"xab{n}"], [output])]  # fmt: skip
    del graph.node[:]
    graph.node.extend(nodes)
    content: bytes = model.SerializeToString()
    return content


def merged(model: Any, found: list[Site], factors: Factors, tenant: int) -> bytes:
    """The float graph with one tenant's factors merged into its weights."""
    places = {weight: n for n, (_, weight, _, _) in enumerate(found)}
    for each in model.graph.initializer:
        if each.name in places:
            n = places[each.name]
            weight = numpy_helper.to_array(each) + factors[f"A{n}"][tenant] @ factors[f"B{n}"][tenant]
            each.CopyFrom(numpy_helper.from_array(weight.astype(np.float32), each.name))
    content: bytes = model.SerializeToString()
    return content


def feed(texts: int, seed: int = 0) -> dict[str, Any]:
    """A batch of random tokens."""
    ids = np.random.default_rng(seed).integers(1000, 20000, (texts, TOKENS))
    return {"input_ids": ids, "attention_mask": np.ones_like(ids)}


def main(run: Path, tenants: int = 1000) -> None:
    """A line per set of sites, base and size of a batch."""
    random = np.random.default_rng(0)
    files = {"float": run / "model" / "model.onnx", "int8": run / "model" / "model-int8.onnx"}
    for name, which in SITES.items():
        found = sites(onnx.load(files["float"]).graph, which)
        factors: Factors = {}
        for n, (_, _, _, (d, out)) in enumerate(found):
            factors[f"A{n}"] = random.normal(0, 0.05, (tenants, d, RANK)).astype(np.float32)
            factors[f"B{n}"] = random.normal(0, 0.05, (tenants, RANK, out)).astype(np.float32)
        kilobytes = sum(each[0].nbytes for each in factors.values()) / 1000
        for base, path in files.items():
            own = session(gathered(onnx.load(path), found))
            usual = session(path.read_bytes())
            difference = ""  # int8 would compare two quantisations
            if base == "float":
                far = max(_difference(own, path, found, factors, tenant) for tenant in (0, 1, tenants - 1))
                difference = f"{far:.1e}"
            for texts, times in BATCHES.items():
                asked = feed(texts)
                mixed = asked | factors | {"tenant": random.choice(tenants, texts, replace=False)}
                took: dict[str, list[float]] = {"gathered": [], "merged": []}
                for _ in range(times):
                    for way, made, given in (("gathered", own, mixed), ("merged", usual, asked)):
                        began = time.thread_time()
                        made.run(["logits"], given)
                        took[way].append(1000 * (time.thread_time() - began))
                p50 = {way: float(np.median(each)) for way, each in took.items()}
                append("fleet_graph", {"sites": name, "base": base, "tenants": tenants, "rank": RANK, "texts": texts,
                                       "tokens": TOKENS, "kb_a_tenant": round(kilobytes),
                                       "merged_ms": round(p50["merged"], 2), "gathered_ms": round(p50["gathered"], 2),
                                       "ratio": round(p50["gathered"] / p50["merged"], 2),
                                       "difference": difference})  # fmt: skip


def _difference(own: Any, path: Path, found: list[Site], factors: Factors, tenant: int) -> float:
    asked = feed(8, tenant)
    given = asked | factors | {"tenant": np.full(8, tenant)}
    alone = session(merged(onnx.load(path), found, factors, tenant)).run(["logits"], asked)[0]
    return float(np.abs(own.run(["logits"], given)[0] - alone).max())


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
