"""Sentences of moves: what follows an arm, as a claim if its gain is proven, else as a bet; why the six sentences say a knob moved."""

from typing import Final

_GAIN: Final = (
    "validation loss {gain!w:lower|higher} by {gain!m:.4f} ± {gain_se!i:.4f} nats per example, {interval}",
    "验证 loss 每条{gain!w:降低|升高} {gain!m:.4f} ± {gain_se!i:.4f} nats，{interval}",
)
_EXCLUDES: Final = ("95% interval", "95% 区间")
_CONTAINS: Final = ("a 95% interval that contains zero", "95% 区间包含零")

# What an arm showed: (claim, bet) in English, (claim, bet) in Chinese.
_SHOWN: Final[dict[str, tuple[str, str, str, str]]] = {
    "sites": ("More target modules help", "More target modules are the better bet, but not proven",
              "增加 target modules 有效", "增加 target modules 预期更优，但尚未得到证实"),
    "rank": ("A higher rank helps", "A higher rank is the better bet, but not proven",
             "提高 rank 有效", "提高 rank 预期更优，但尚未得到证实"),
    "lr": ("A higher lr helps", "A higher lr is the better bet, but not proven",
           "提高 lr 有效", "提高 lr 预期更优，但尚未得到证实"),
    "lr_down": ("A lower lr helps", "A lower lr is the better bet, but not proven",
                "降低 lr 有效", "降低 lr 预期更优，但尚未得到证实"),
    "scaling": ("A higher scaling helps", "A higher scaling is the better bet, but not proven",
                "增大 a 有效", "增大 a 预期更优，但尚未得到证实"),
    "dropout": ("More dropout helps", "More dropout is the better bet, but not proven",
                "增大 dropout 有效", "增大 dropout 预期更优，但尚未得到证实"),
    "dropped": ("Training without the rows of suspect labels helps",
                "Training without the rows of suspect labels is the better bet, but not proven",
                "去掉可疑标注的行再训练有效", "去掉可疑标注的行再训练预期更优，但尚未得到证实"),
    "rank_down": ("A lower rank is better", "A lower rank is as good within noise",
                  "更低的 rank 更好", "更低的 rank 在随机波动范围内同样好"),
    "sites_down": ("Fewer target modules are better", "Fewer target modules are as good within noise",
                   "更少的 target modules 更好", "更少的 target modules 在随机波动范围内同样好"),
}  # fmt: skip
_SMALLER: Final = ("rank_down", "sites_down")  # of which nothing has to be proven

# Rule: (the arm it follows, what is said first if anything, what is done) in English and Chinese.
_RULES: Final[dict[str, tuple[str, tuple[str, str], tuple[str, str]]]] = {
    "data_dropped": ("dropped", ("", ""), ("go on without them (--drop-suspects)", "去掉这些行，继续（--drop-suspects）")),
    "sites_limited": ("sites", ("", ""), ("increase capacity ({knobs})", "增加容量（{knobs}）")),
    "rank_limited": ("rank", ("", ""), ("increase capacity ({knobs})", "增加容量（{knobs}）")),
    "lr_limited": ("lr", ("Capacity stays as it is. ", "容量保持不变。"),
                   ("on to optimisation", "进入优化阶段")),
    "lr_small": ("lr", ("", ""), ("raise lr ({knobs})", "提高 lr（{knobs}）")),
    "lr_large": ("lr_down", ("", ""), ("lower lr ({knobs})", "降低 lr（{knobs}）")),
    "insensitive": ("scaling", ("Loss barely responds to lr. ", "loss 对 lr 不敏感。"),
                    ("increase scaling ({knobs})", "增大 a（{knobs}）")),
    "branch_weak": ("scaling", ("Capacity is settled. ", "容量已定。"), ("increase scaling ({knobs})", "增大 a（{knobs}）")),
    "over_confident": ("dropout", ("", ""), ("increase dropout ({knobs})", "增大 dropout（{knobs}）")),
    "rank_spare": ("rank_down", ("", ""), ("keep the smaller adapter ({knobs})", "保留更小的适配器（{knobs}）")),
    "sites_spare": ("sites_down", ("", ""), ("keep the smaller adapter ({knobs})", "保留更小的适配器（{knobs}）")),
}  # fmt: skip


# What training without the doubtful rows shows, in English and Chinese; then its figures; then those on sound rows.
_WITHOUT: Final[dict[str, tuple[str, str]]] = {
    "proven": ("helps", "有效"),
    "bet": ("is the better bet, but not proven", "预期更优，但尚未得到证实"),
    "none": ("is not the better bet", "没有更好"),
}
_WITHOUT_GAIN: Final = (
    "validation loss {gain!w:lower|higher} by {gain!m:.4f} ± {gain_se!i:.4f} nats per example, macro-F1 {f1:+.1f} ± {f1_se!i:.1f} points (95% intervals)",
    "验证 loss 每条{gain!w:降低|升高} {gain!m:.4f} ± {gain_se!i:.4f} nats，宏平均 F1 {f1:+.1f} ± {f1_se!i:.1f} 个百分点（95% 区间）",
)
_WITHOUT_CLEAN: Final = (
    "; on the {clean} validation rows that are not suspect, macro-F1 {clean_f1:+.1f} ± {clean_f1_se!i:.1f} points",
    "；只看 {clean} 行标注不可疑的验证数据，宏平均 F1 {clean_f1:+.1f} ± {clean_f1_se!i:.1f} 个百分点",
)
_REVIEW: Final = (
    " Look through them: `rankfirst assess` lists them in suspects.csv and conflicts.csv. --drop-suspects trains LoRA without them.",
    "请检查这些行：`rankfirst assess` 把它们列在 suspects.csv 和 conflicts.csv 里；加上 --drop-suspects 则 LoRA 不用这些行训练。",
)


def _sentences() -> dict[str, tuple[str, str]]:
    made: dict[str, tuple[str, str]] = {}
    for arm, (claim, bet, claim_zh, bet_zh) in _SHOWN.items():
        unsure = _EXCLUDES if arm in _SMALLER else _CONTAINS
        for said, english, chinese, span in (("proven", claim, claim_zh, _EXCLUDES), ("bet", bet, bet_zh, unsure)):
            en, zh = (gain.replace("{interval}", words) for gain, words in zip(_GAIN, span, strict=True))
            made[f"experiment.{arm}.{said}"] = (f"{english} ({en}).", f"{chinese}（{zh}）。")
        if arm not in _SMALLER:  # the finding: as the experiment's answer, with the numbers under the name of the arm
            found = (words.replace("{gain", f"{{{arm}") for words in made[f"experiment.{arm}.bet"])
            made[f"limit_{arm}.bet"] = next(found), next(found)
    for said, (en, zh) in _WITHOUT.items():
        told = (f"Training without {{left_out}} rows of suspect labels ({{share:.1%}}) {en}: {_WITHOUT_GAIN[0]}",
                f"去掉 {{left_out}} 行可疑标注（{{share:.1%}}）再训练{zh}：{_WITHOUT_GAIN[1]}")  # fmt: skip
        end = (".", "。") if said == "none" else (f".{_REVIEW[0]}", f"。{_REVIEW[1]}")
        made[f"experiment.data.{said}"] = (f"{told[0]}{end[0]}", f"{told[1]}{end[1]}")
        made[f"experiment.data.{said}.clean"] = (f"{told[0]}{_WITHOUT_CLEAN[0]}{end[0]}",
                                                 f"{told[1]}{_WITHOUT_CLEAN[1]}{end[1]}")  # fmt: skip
    for rule, (arm, first, then) in _RULES.items():
        for said in ("proven", "bet"):
            shown = (text.rstrip(".。") for text in made[f"experiment.{arm}.{said}"])
            en, zh = (f"{a}{b}" for a, b in zip(first, shown, strict=True))
            made[f"conclusion.{rule}.{said}"] = (f"{en}: {then[0]}.", f"{zh}：{then[1]}。")
    return {code: words for code, words in made.items() if "dropped." not in code or code.startswith("conclusion.")}


SENTENCES: Final[dict[str, tuple[str, str]]] = _sentences() | {
    "experiment.data.failed": (
        "Training without {left_out} rows of suspect labels ({share:.1%}) did not end in a model that can be compared.",
        "去掉 {left_out} 行可疑标注（{share:.1%}）的训练没有得到可比较的模型。",
    ),
    "account.limit.bet": (
        "The experiment makes {what} the better bet, not proven (loss {gain!w:lower|higher} by {gain!m:.4f} ± {reach:.4f} nats per example, 95% interval).",
        "在对照实验中，{what}预期更优，但尚未得到证实（loss 每条{gain!w:降低|升高} {gain!m:.4f} ± {reach:.4f} nats，95% 区间）。",
    ),
    # Why a rule moved the target modules, as one of the six sentences.
    "six.5.sites_limited": (
        "Target modules went from {roles_from} in the top {layers_from} layers to {roles} in the top {layers} layers because an experiment favoured them ({sites:+.4f} ± {sites_se:.4f} nats per example, 95% interval), not out of habit.",
        "target modules 从 {roles_from}、顶部 {layers_from} 层改为 {roles}、顶部 {layers} 层：对照实验支持这样改"
        "（每条数据 {sites:+.4f} ± {sites_se:.4f} nats，95% 区间），而不是盲目加。",
    ),
    "six.5.underfit": (
        "Target modules went from {roles_from} in the top {layers_from} layers to {roles} in the top {layers} layers "
        "because the training rows were not learnt (training F1 {train_f1:.1%}), not out of habit.",
        "target modules 从 {roles_from}、顶部 {layers_from} 层改为 {roles}、顶部 {layers} 层：训练数据没有学会"
        "（训练 F1 {train_f1:.1%}），而不是盲目加。",
    ),
    "six.5.overfit": (
        "Target modules went from {roles_from} in the top {layers_from} layers to {roles} in the top {layers} layers "
        "because the model memorised (training loss {train_from:.2f} → {train_to:.2f} while validation got worse).",
        "target modules 从 {roles_from}、顶部 {layers_from} 层改为 {roles}、顶部 {layers} 层：模型在记忆训练集"
        "（训练 loss {train_from:.2f} → {train_to:.2f}，验证却变差）。",
    ),
    "six.5.sites_limited_bet": (
        "Target modules went from {roles_from} in the top {layers_from} layers to {roles} in the top {layers} layers because an experiment made them the better bet, though not a proven one ({sites:+.4f} ± {sites_se:.4f} nats per example, 95% interval).",
        "target modules 从 {roles_from}、顶部 {layers_from} 层改为 {roles}、顶部 {layers} 层：对照实验中预期更优，但尚未得到证实"
        "（每条数据 {sites:+.4f} ± {sites_se:.4f} nats，95% 区间）。",
    ),
}

_TURNS: Final[dict[str, tuple[str, str]]] = {
    # knob and rule: (English, Chinese), before the values it went through
    "3.oscillate": (
        "training was unstable (loss variation {variation:.2f}, F1 swing {swing:.1f} points)",
        "训练不稳（loss 波动 {variation:.2f}，F1 摆动 {swing:.1f} 个百分点）",
    ),
    "3.seeds": (
        "seeds differed by {spread:.1f} points, more than {limit:.1f}",
        "随机种子相差 {spread:.1f} 个百分点，超过 {limit:.1f}",
    ),
    "3.lr_small": (
        "an experiment favoured a higher one ({lr:+.4f} ± {lr_se:.4f} nats per example, 95% interval)",
        "对照实验支持更高的 lr（每条数据 {lr:+.4f} ± {lr_se:.4f} nats，95% 区间）",
    ),
    "3.lr_large": (
        "an experiment favoured a lower one ({lr_down:+.4f} ± {lr_down_se:.4f} nats per example, 95% interval)",
        "对照实验支持更低的 lr（降低后每条数据 {lr_down:+.4f} ± {lr_down_se:.4f} nats，95% 区间）",
    ),
    "3.lr_small_bet": (
        "an experiment made a higher one the better bet, though not a proven one ({lr:+.4f} ± {lr_se:.4f} nats per example, 95% interval)",
        "对照实验中更高的 lr 预期更优，但尚未得到证实（每条数据 {lr:+.4f} ± {lr_se:.4f} nats，95% 区间）",
    ),
    "3.lr_large_bet": (
        "an experiment made a lower one the better bet, though not a proven one ({lr_down:+.4f} ± {lr_down_se:.4f} nats per example, 95% interval)",
        "对照实验中更低的 lr 预期更优，但尚未得到证实（降低后每条数据 {lr_down:+.4f} ± {lr_down_se:.4f} nats，95% 区间）",
    ),
    "3.unlearning": (
        "training destroyed what the head already knew (training F1 down by {fell:.1f} points)",
        "训练破坏了分类头原本掌握的内容（训练 F1 下降 {fell:.1f} 个百分点）",
    ),
    "3.falls_slowly": (
        "loss fell, but slowly ({rate:.1%} per epoch, training F1 {train_f1:.1%})",
        " loss 能降但慢（每轮 {rate:.1%}，训练 F1 {train_f1:.1%}）",
    ),
    "4.branch_weak": (
        "an experiment at the same lr favoured a higher one ({scaling:+.4f} ± {scaling_se:.4f} nats per example, 95% interval)",
        "lr 不变的对照实验支持更大的 a（每条数据 {scaling:+.4f} ± {scaling_se:.4f} nats，95% 区间）",
    ),
    "4.insensitive_bet": (
        "loss barely responded to lr (it changed by {change:.1%}), and an experiment made a higher one the better bet, though not a proven one",
        " loss 对 lr 不敏感（变化 {change:.1%}），对照实验中更大的 a 预期更优，但尚未得到证实",
    ),
    "4.branch_weak_bet": (
        "an experiment at the same lr made a higher one the better bet, though not a proven one ({scaling:+.4f} ± {scaling_se:.4f} nats per example, 95% interval)",
        "lr 不变的对照实验中更大的 a 预期更优，但尚未得到证实（每条数据 {scaling:+.4f} ± {scaling_se:.4f} nats，95% 区间）",
    ),
    "4.insensitive": (
        "loss barely responded to lr (it changed by {change:.1%}) and rank was settled",
        " loss 对 lr 不敏感（变化 {change:.1%}），且 rank 已定",
    ),
}
for _name, (_en, _zh) in _TURNS.items():
    _knob, _shown = ("lr", "lr") if _name.startswith("3") else ("Scaling", "a")
    _told = (
        f"{_knob} changed only after capacity was settled (changes: {{count}}), because {_en}: {{path}}",
        f"容量确定之后才动 {_shown}（{{count}} 次），因为{_zh}：{{path}}",
    )
    SENTENCES[f"six.{_name}"] = (f"{_told[0]}.", f"{_told[1]}。")
    SENTENCES[f"six.{_name}_back"] = (
        f"{_told[0]}; the change that made results worse was reverted.",
        f"{_told[1]}；变差的一步已撤回。",
    )
