"""The model card, RUN/model/README.md: how to load the model, its scores, its limits."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rankfirst.measure.disk import write_whole
from rankfirst.messages import Lang, say
from rankfirst.model import promises
from rankfirst.report import read
from rankfirst.report.answers import score_name
from rankfirst.report.events import Event
from rankfirst.report.figure_notes import unjudged_words
from rankfirst.report.phrases import both, clean, percent, six_sentence
from rankfirst.report.side_events import refit_words

_ADAPTER = 'encoder = PeftModel.from_pretrained(encoder, MODEL + "/adapter").eval()'
_FLOATS = "encoder = AutoModel.from_pretrained(BASE, dtype=torch.float32).eval()"
_PACKED = [
    'nf4 = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True, '
    "bnb_4bit_compute_dtype=torch.float32)",
    'if BASE.endswith("merged"):',
    f"    {_FLOATS}",
    "else:  # the values of 4 bits in float32; without .dequantize(), and on a GPU, they take the memory of 4 bits",
    '    encoder = AutoModel.from_pretrained(BASE, dtype=torch.float32, quantization_config=nf4, device_map="cpu")',
    "    encoder = encoder.dequantize().eval()",
]
_POOL = {
    "mean": "pooled = (states * mask).sum(1) / mask.sum(1)",
    "cls": "pooled = states[:, 0]",
    "max": 'pooled = states.masked_fill(mask == 0, float("-inf")).amax(1)',
    "last": "pooled = states[range(len(texts)), (mask.sum(1) - 1).flatten().tolist()]",
}


def loading_code(facts: Mapping[str, Any]) -> str:
    """Python code that computes logits of `texts` with transformers, PEFT and safetensors alone.

    It works for the base with the adapter, and for the `merged` folder as base, without the adapter.
    """
    adapted = facts["kind"] == "lora"
    lines = [
        "import torch",
        *(["from peft import PeftModel"] if adapted else []),
        "from safetensors.torch import load_file",
        f"from transformers import AutoModel, AutoTokenizer{', BitsAndBytesConfig' if facts.get('base_bits') else ''}",
        "tokenizer = AutoTokenizer.from_pretrained(BASE)",
        *(_PACKED if facts.get("base_bits") else [_FLOATS]),
        *(['if not BASE.endswith("merged"):', f"    {_ADAPTER}"] if adapted else []),
        'head = load_file(MODEL + "/head.safetensors")',
        f"read = [{json.dumps(facts['prefix'], ensure_ascii=False)} + text for text in texts]" if facts["prefix"]
        else "read = list(texts)",
        f"batch = tokenizer(read, padding=True, truncation=True, max_length={int(facts['max_tokens'])}, "
        'padding_side="right", return_tensors="pt")',
        "with torch.no_grad():",
        '    states = encoder(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).last_hidden_state',
        '    mask = batch["attention_mask"][..., None]',
        f"    {_POOL[facts['pooling']]}",
        *(["    pooled = torch.nn.functional.normalize(pooled)"] if facts.get("normalize") else []),
        '    logits = pooled @ head["weight"].T + head["bias"]',
    ]  # fmt: skip
    return "\n".join(lines)


def write_card(run: Path, facts: Mapping[str, Any], base_license: str, lang: Lang, folder: Path) -> None:
    """Write README.md into `folder` from the run's journal. Raises: RunError for a damaged journal."""
    journal = run / "journal.jsonl"
    events = {event.kind: event.payload for event in (read(journal) if journal.is_file() else [])}
    text = render(facts, events, base_license, lang, facts["kind"] == "lora" and adapter_is_zero(folder))
    write_whole(folder / "README.md", promises.with_section(text, promises.of_folder(folder), lang))


def adapter_is_zero(folder: Path) -> bool:
    """Whether no LoRA layer of the delivery changes anything, since one of its two matrices is zero."""
    from safetensors.numpy import load_file

    tensors = load_file(folder / "adapter" / "adapter_model.safetensors")
    zero = {name for name, tensor in tensors.items() if not tensor.any()}
    return all(name in zero or name.replace(".lora_A.", ".lora_B.") in zero for name in tensors if ".lora_A." in name)


def render(facts: Mapping[str, Any], events: Mapping[str, Mapping[str, Any]], base_license: str, lang: Lang,
           zero: bool = False) -> str:  # fmt: skip
    """The card as Markdown; facts that the journal lacks are left out. Args: zero: the adapter changes nothing."""

    def sentence(code: str, **numbers: object) -> str:
        return say(f"card.{code}", lang, **numbers)

    result, run = events.get("result", {}), events.get("run", {})
    name = clean(run.get("dataset") or "rankfirst")
    trained = refit_words(Event("refit", "", dict(events.get("refit", {}))), bool(result.get("test")))
    parts = [
        f"# {_plain(name)}",
        sentence(f"what.{facts['kind']}", classes=len(facts["classes"])),
        sentence("normalize") if facts.get("normalize") else "",
        sentence("zero") if zero else "",
        _scores(result, sentence),
        " ".join(words[lang] for words in trained),
    ]
    if facts["kind"] == "tfidf":
        parts += [f"## {sentence('load')}", '```python\nimport rankfirst\nmodel = rankfirst.load("RUN")\n```']
    else:
        code = f"```python\n{loading_code(facts)}\n```"
        bits = sentence("load.bits") if facts.get("base_bits") else ""
        parts += [f"## {sentence('load')}", sentence("load.note"), bits, code, sentence("load.more")]
    parts += [f"## {sentence('classes')}", _classes(facts["classes"], result, lang, sentence)]
    parts += [f"## {sentence('tuned')}", *_six(result, lang)]
    parts += [f"## {sentence('limits')}", *_limits(events.get("profile", {}), result, lang, sentence)]
    parts += [f"## {sentence('origin')}", _origin(facts, run, base_license, sentence)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _plain(text: str) -> str:
    """Escape Markdown, so that nothing in the text can begin a link, a heading, a table or HTML."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>|#!&" else c for c in clean(text))


def _scores(result: Mapping[str, Any], sentence: Any) -> str:
    rows = []
    for split in ("val", "test"):
        scores = result.get(split)
        if scores:
            low, high = scores.get("interval") or (None, None)
            span = f" ({percent(low)}–{percent(high)})" if isinstance(low, float) and isinstance(high, float) else ""
            rows.append(f"| {sentence(split)} | {percent(scores['macro_f1'])}{span} | {percent(scores['accuracy'])} |")
    if not rows:
        return ""
    return "\n".join(
        [f"| | {sentence('f1')} ({sentence('interval')}) | {sentence('accuracy')} |", "| --- | --- | --- |", *rows]
    )


def _classes(classes: Sequence[str], result: Mapping[str, Any], lang: Lang, sentence: Any) -> str:
    recall = [(result.get(split) or {}).get("per_class_recall", {}) for split in ("val", "test")]
    lines = [f"| {sentence('class')} | {sentence('recall_val')} | {sentence('recall_test')} |", "| --- | --- | --- |"]
    for name in classes:
        shares = [by_class.get(name) for by_class in recall]
        lines.append(
            f"| {_plain(name)} | " + " | ".join(percent(s if isinstance(s, float) else None) for s in shares) + " |"
        )
    unjudged = [
        _plain(words[lang]) for split in ("val", "test") if (words := unjudged_words(split, result.get(split) or {}))
    ]
    return "\n".join([*lines, *(f"\n{note}" for note in unjudged)])


def _six(result: Mapping[str, Any], lang: Lang) -> list[str]:
    six = [six_sentence(str(s.get("code")), s.get("numbers") or {}) for s in result.get("six") or []]
    return ["\n".join(f"{n}. {_plain(words[lang])}" for n, words in enumerate(six, 1))] if six else []


def _limits(profile: Mapping[str, Any], result: Mapping[str, Any], lang: Lang, sentence: Any) -> list[str]:
    checks = [c for c in profile.get("checks") or [] if c.get("level") == "warn"]
    lines = [f"- {_plain(both(str(c['code']), c.get('numbers') or {})[lang])}" for c in checks]
    fitted = result.get("calibration") or {}
    lines += [f"- {line}" for line in _deciding(fitted, result.get("outside") or {}, lang, sentence)]
    return ["\n".join([*lines, f"- {sentence('unseen')}"])]


def _deciding(fitted: Mapping[str, Any], on_test: Mapping[str, Any], lang: Lang, sentence: Any) -> list[str]:
    """When the model abstains, how well that works on out-of-scope texts, and what its errors cost."""
    lines = []
    abstain = fitted.get("abstain")
    if abstain and abstain.get("asked") is None:  # an older run, which chose the threshold that halves the errors
        shares = {name: percent(abstain[name]) for name in ("threshold", "coverage", "accuracy_kept", "accuracy_all")}
        lines.append(sentence("abstain", **shares))
    elif abstain:
        trial: Mapping[str, Any] = next((each for each in abstain["trials"] if each["score"] == abstain["score"]), {})
        scores = on_test or ({**trial, "rows": abstain["outside"] // 2} if trial else {})
        measured = sentence("scope.measured", rows=scores["rows"], auroc=f"{scores['auroc']:.3f}",
                        recall=percent(scores["recall"])) if scores else sentence("scope.unmeasured")  # fmt: skip
        lines.append(sentence("scope", score=score_name(abstain["score"])[lang], measured=measured,
                          coverage=percent(abstain["coverage"]), kept=percent(abstain["accuracy_kept"]),
                          every=percent(abstain["accuracy_all"])))  # fmt: skip
    if fitted.get("cost_after") is not None:
        costs = {name: f"{fitted[f'cost_{name}']:.3g}" for name in ("before", "after")}
        lines.append(sentence("costs", **costs))
    return lines


def _origin(facts: Mapping[str, Any], run: Mapping[str, Any], base_license: str, sentence: Any) -> str:
    lines = [
        (sentence("base"), f"{_plain(str(facts['base_model']))}"),
        (sentence("base_license"), _plain(base_license or sentence("unknown"))),
        (sentence("base_sha256"), f"`{facts['base_sha256']}`"),
        (sentence("data"), f"{_plain(str(run.get('dataset', '–')))}, sha256 `{run.get('fingerprint', '–')}`"),
        (sentence("seed"), str(run.get("seed", "–"))),
        (sentence("versions"), _plain(", ".join(f"{k} {v}" for k, v in (run.get("versions") or {}).items()) or "–")),
    ]
    return "\n".join(f"- {name}: {value}" for name, value in lines)
