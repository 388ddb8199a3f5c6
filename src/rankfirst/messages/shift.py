"""Sentences: distribution shift, one a verdict and pair of samples."""

from typing import Final

# Pair of samples -> (first, second) in English, (first, second) in Chinese.
_PAIRS: Final = {
    "val": ("training rows", "validation rows", "训练集", "验证集"),
    "test": ("training rows", "test rows", "训练集", "测试集"),
    "date": ("rows before {cut}", "rows from {cut} on", "{cut} 之前的数据", "{cut} 及之后的数据"),
    "compare": ("known rows", "rows of the new file", "已有数据", "新文件"),
}

_OUTSIDE: Final = (
    " {outside} of {looked} {second} examined seem to fit no class (about {expected:.0f} expected by chance).",
    "在查看的 {looked} 条{second}文本中，有 {outside} 条不像属于任何已知类别（随机情况下约有 {expected:.0f} 条）。",
)

_FRAMES: Final = {
    "present": (
        "The {second} differ from the {first} ({after} and {before} distinct texts): a classifier separates them with "
        "AUROC {auroc:.2f} (by chance below {chance:.2f}); {p!q} after correction for {tests} tests, limit {limit:.0%}."
        + _OUTSIDE[0],
        "{second}与{first}的分布不同（分别有 {after} 条和 {before} 条不同的文本）：分类器区分两者的 AUROC 为 {auroc:.2f}"
        "（随机情况下低于 {chance:.2f}）；按 {tests} 项检验校正后 {p!q}，判定界限为 {limit:.0%}。" + _OUTSIDE[1],
    ),
    "absent": (
        "No shift was found between the {first} and the {second} ({before} and {after} distinct texts): AUROC "
        "{auroc:.2f} (by chance below {chance:.2f}); {p!q} after correction for {tests} tests, limit {limit:.0%}."
        + _OUTSIDE[0],
        "未发现{first}与{second}之间的分布偏移（分别有 {before} 条和 {after} 条不同的文本）：AUROC 为 {auroc:.2f}"
        "（随机情况下低于 {chance:.2f}）；按 {tests} 项检验校正后 {p!q}，判定界限为 {limit:.0%}。" + _OUTSIDE[1],
    ),
    "unknown": (
        "Too few rows to rule out a shift between the {first} and the {second}: {before} and {after} distinct texts, "
        "and {least} on each side are needed. So far AUROC {auroc:.2f} (by chance below {chance:.2f}), {p!q} "
        "after correction for {tests} tests, limit {limit:.0%}." + _OUTSIDE[0],
        "数据太少，无法排除{first}与{second}之间的分布偏移：分别只有 {before} 条和 {after} 条不同的文本，"
        "每一侧需要 {least} 条。目前 AUROC 为 {auroc:.2f}（随机情况下低于 {chance:.2f}），"
        "按 {tests} 项检验校正后 {p!q}，判定界限为 {limit:.0%}。" + _OUTSIDE[1],
    ),
    "too_few": (
        "Too few rows to compare the {first} with the {second}: {before} and {after} distinct texts; {least} on each "
        "side are needed.",
        "数据太少，无法比较{first}与{second}：分别只有 {before} 条和 {after} 条不同的文本，每一侧需要 {least} 条。",
    ),
}


def _sentence(frame: str, first: str, second: str) -> str:
    return frame.replace("{first}", first).replace("{second}", second)


SENTENCES: Final[dict[str, tuple[str, str]]] = {
    f"shift.{pair}.{verdict}": (_sentence(en, names[0], names[1]), _sentence(zh, names[2], names[3]))
    for pair, names in _PAIRS.items()
    for verdict, (en, zh) in _FRAMES.items()
} | {
    "shift.evidence.texts": (
        "Strongest evidence: wording (a classifier on character n-grams).",
        "最强的证据：用词和写法（字符 n-gram 分类器）。",
    ),
    "shift.evidence.novelty": (
        "Strongest evidence: spellings and words not seen before (typos, another register, new names).",
        "最强的证据：从未出现过的写法和词语（错别字、语体变化、新名称）。",
    ),
    "shift.evidence.features": (
        "Strongest evidence: meaning (a classifier on the encoder's features).",
        "最强的证据：语义（基于编码器特征的分类器）。",
    ),
    "shift.evidence.kernel": (
        "Strongest evidence: the overall distribution of meaning (kernel test).",
        "最强的证据：语义的整体分布（核检验）。",
    ),
    "shift.evidence.outside": (
        "Strongest evidence: rows that seem to fit no class.",
        "最强的证据：不像属于任何已知类别的数据。",
    ),
    "shift.evidence.classes": (
        "Strongest evidence: the class shares.",
        "最强的证据：各类别所占的比例。",
    ),
    "shift.evidence.words": (
        "Strongest evidence: words that appeared or disappeared.",
        "最强的证据：个别词语的增减。",
    ),
    "shift.evidence.repeats": (
        "Strongest evidence: how often the same texts are repeated.",
        "最强的证据：相同文本的重复频率。",
    ),
}
