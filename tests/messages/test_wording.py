"""The kinds of wording that a machine can check: native English, and one Chinese term for one thing."""

import re
from pathlib import Path
from string import Formatter

import rankfirst
from rankfirst.messages import LANGS, sentences

ROOT = Path(__file__).resolve().parents[2]
# What a template calls, and its tags; the text that is left is shown as it is.
CALLS = re.compile(r"\{[{%#].*?[}%#]\}|<[^<>]*>", re.DOTALL)

# pattern: what to write instead
ENGLISH = {
    r"so many|likewise|nobody|somebody|of no class|for no reason|flatter(?:s|ed)?": "name the quantity or the thing",
    r"of (?:its|their|our|your|one's) own": "its own threshold, its own process",
    r"(?:fallen|falling|fall) to nothing": "decays to zero",
    r"mixed up|mix-ups?": "confused, confusions",
    r"rungs?|ladder": "baseline, model, search space",
    r"as hard to guess as": "effective",
    r"(?:steps|lr|rank) (?:are |is )?too (?:small|large)|steps (?:are|were) (?:small|large)": "too low, too high",
    r"(?:may be|by|explains? by|alone is) chance alone|chance alone": "random variation",
    r"cannot be told|could not be told|told apart": "cannot tell whether",
    r"(?:asked|asks) for|what was asked": "requested, required, target",
    r"where (?:there|it) (?:is|was) (?:none|no)": "if there is no",
    r"(?<!here )is no (?!longer|gain|such|better)[a-z]+": "is not a",
    r"(?:nats|points|labels?|ms|[GT]FLOP|rows|object|line|cost) an? (?:row|text|example|epoch|class|line)": "per",
    r"(?:held|holds?|kept) in 4 bits|base in 4 bits(?! and)": "stored in 4 bits, 4-bit base model",
    r"the walk|stands? in (?:its|their|the)|lies? flat": "tuning, appears, is flat",
    r"lr, a (?:and|or)|lr or a|a or lr": "scaling",
}

# term: the one that is used
CHINESE = {
    r"宏 F1": "宏平均 F1",
    r"折外": "交叉验证（out-of-fold）",
    r"不作答|拒答": "拒识",
    r"偶然": "随机波动",
    r"步子": "学习率",
    r"千比特": "kbit",
    r"配方": "超参",
    r"受限于": "瓶颈在",
    r"基座": "底座",
    r"冻结编码器": "冻结底座",
    r"探针": "试跑",
    r"附加项|附加依赖": "扩展",
    r"(?<!\d)4 位": "4 比特",
    r"阶梯": "基线",
    r"(?:训练|验证)损失": "loss",
    r"汇聚": "池化",
    r"词元": "token",
    r"全参数微调": "全量微调",
}


def words_of(sentence: str) -> str:
    """A sentence without its placeholders; those that choose between words keep both."""
    parts = [
        text + (f" {spec.replace('|', ' ')} " if kind in ("p", "w") else " 0 " if name is not None else "")
        for text, name, spec, kind in Formatter().parse(sentence)
    ]
    return re.sub(r"\s+", " ", "".join(parts))


def test_words_and_terms() -> None:
    english = {code: words_of(told[LANGS.index("en")]) for code, told in sentences().items()}
    chinese = {code: words_of(told[LANGS.index("zh")]) for code, told in sentences().items()}
    package = Path(rankfirst.__file__).parent
    english |= {path.name: CALLS.sub(" ", path.read_text("utf-8")) for path in package.rglob("*.html.j2")}
    pages = [ROOT / "README.zh.md", *(ROOT / "docs").rglob("*.zh.md")]
    chinese |= {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in pages}
    wrong = [
        f"{where}: {found[0]!r} -> {better}"
        for texts, kinds, edge in ((english, ENGLISH, r"\b"), (chinese, CHINESE, ""))
        for pattern, better in kinds.items()
        for where, text in texts.items()
        if (found := re.search(f"{edge}(?:{pattern}){edge}", text, re.IGNORECASE))
    ]
    assert not wrong, "\n" + "\n".join(wrong)


def test_the_status_of_a_finding_agrees_with_its_sentence() -> None:
    """A sentence of what is absent says what is fine instead: "NO: memory is sufficient" would contradict itself."""
    table = sentences()
    absent = [told for code, told in table.items() if code.endswith(".absent") and not code.startswith("report.")]
    assert table["report.chip.absent"] == ("OK", "正常") and table["report.chip.present"] == ("FOUND", "出现")
    assert absent and not [english for english, _ in absent if re.match(r"(?:Yes|No\b:)", english)]
    unknown = [chinese for code, (_, chinese) in table.items() if code.endswith(".unknown") and "判断" in chinese]
    assert not [chinese for chinese in unknown if "无法判断：" in chinese and "是否" not in chinese]
