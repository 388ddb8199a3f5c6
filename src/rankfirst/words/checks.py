"""Sentences of the data checks, one a finding."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "data.check.class_sizes": (
        "{classes} classes, as hard to guess as {effective:.1f} even ones; the largest has {largest} rows, "
        "the smallest {smallest} ({ratio:.1f} : 1). Long tail: {tail} classes under {tail_rows} rows, "
        "{tail_share:.1%} of the rows; {single} with a single row.",
        "共 {classes} 个类别，相当于 {effective:.1f} 个均衡类别；最大类 {largest} 行，"
        "最小类 {smallest} 行（{ratio:.1f} : 1）。"
        "长尾：{tail} 个类别不足 {tail_rows} 行，占全部数据的 {tail_share:.1%}；其中 {single} 个只有一行。",
    ),
    "data.check.conflicts": (
        "{conflicts} training rows ({share:.1%}) share a text with a row that has other labels ({texts} texts); "
        "no setting can learn both.",
        "有 {conflicts} 行训练数据（{share:.1%}）文本相同、标签冲突（涉及 {texts} 条文本）；调任何参数都无法同时学会。",
    ),
    "data.check.near_conflicts": (
        "{pairs} pair(s) of training texts ({rows} rows, {share:.1%}) differ by a letter or two, or by punctuation, "
        "but carry other labels; one label of each pair is likely wrong.",
        "有 {pairs} 对训练文本（{rows} 行，{share:.1%}）只差一两个字符或标点，标签却不同；每对中很可能有一个标错。",
    ),
    "data.check.leakage": (
        "Texts that also occur in train: {val} validation rows ({val_share:.1%}) and {test} test rows "
        "({test_share:.1%}), {other_labels} of them with labels train never gives them. Nearly in train, a letter or "
        "two, punctuation or word order apart: {near_val} validation rows ({near_val_share:.1%}) and {near_test} test "
        "rows ({near_test_share:.1%}).",
        "与训练集重复的泄漏文本：验证集 {val} 行（{val_share:.1%}），测试集 {test} 行（{test_share:.1%}），"
        "其中 {other_labels} 行的标签与训练集不一致。与训练集近似重复（只差一两个字符、标点或语序）："
        "验证集 {near_val} 行（{near_val_share:.1%}），测试集 {near_test} 行（{near_test_share:.1%}）。",
    ),
    "data.check.duplicates": (
        "{duplicates} of {rows} training rows ({share:.1%}) repeat an earlier text "
        "({texts} texts occur more than once).",
        "{rows} 行训练数据中有 {duplicates} 行（{share:.1%}）与前面的文本重复（{texts} 条文本出现不止一次）。",
    ),
    "data.check.near_duplicates": (
        "{near} of {rows} training rows ({share:.1%}) nearly repeat another text: a letter or two, punctuation or word "
        "order apart ({groups} groups). {numbered} more rows differ from another only in a number.",
        "{rows} 行训练数据中有 {near} 行（{share:.1%}）与其他文本近似重复：只差一两个字符、标点或语序（共 {groups} 组）。"
        "另有 {numbered} 行与其他行只有数字不同。",
    ),
    "data.check.label_sets": (
        "{per_row:.2f} labels a row, {sets} different label sets, {unlabelled:.1%} of the rows without a label; sets "
        "that train never shows: {unseen_val:.1%} of validation, {unseen_test:.1%} of test.",
        "平均每行 {per_row:.2f} 个标签，共 {sets} 种标签组合，{unlabelled:.1%} 的行没有标签；"
        "训练集中没有出现过的组合：验证集 {unseen_val:.1%}，测试集 {unseen_test:.1%}。",
    ),
    "data.check.label_names": (
        "{twins} pair(s) of label names differ by a letter or two ({pairs}); {numeric} names are bare numbers.",
        "有 {twins} 对标签名只差一两个字符（{pairs}）；{numeric} 个标签名只是数字。",
    ),
    "data.check.lengths": (
        "Texts have {mean:.0f} characters on average, {p95:.0f} at the 95th percentile, {max} at most.",
        "文本平均 {mean:.0f} 个字符，95% 的文本不超过 {p95:.0f} 个，最长 {max} 个。",
    ),
    "data.check.short_texts": (
        "{short} training texts ({share:.1%}) are very short: one word, or two Chinese characters.",
        "有 {short} 条训练文本（{share:.1%}）非常短：只有一个词，或不超过两个汉字。",
    ),
    "data.check.scripts": (
        "{mixed} training texts ({mixed_share:.1%}) mix Chinese characters and Latin words; {full_width} "
        "({full_width_share:.1%}) have full-width letters or digits.",
        "有 {mixed} 条训练文本（{mixed_share:.1%}）中英文混写；"
        "{full_width} 条（{full_width_share:.1%}）含全角字母或数字。",
    ),
    "data.check.markup": (
        "{share:.1%} of the training texts carry remains of other systems: {markup} with markup, {urls} with web "
        "addresses, {emoji} with emoji or symbols.",
        "{share:.1%} 的训练文本带有杂质：{markup} 条含标记代码，{urls} 条含网址，{emoji} 条含表情或符号。",
    ),
    "data.check.private": (
        "Hints of personal data in training texts: {emails} with an e-mail address, {phones} with a telephone number.",
        "训练文本中疑似含有个人信息：{emails} 条含邮箱地址，{phones} 条含电话号码。",
    ),
    "data.check.suspects": (
        "{suspects} training rows ({share:.1%}) carry a label that out-of-fold predictions contradict.",
        "有 {suspects} 行训练数据（{share:.1%}）的标签与折外预测相矛盾，疑似标错。",
    ),
    "data.check.ambiguous_pairs": (
        "{pairs} pair(s) of classes are mixed up in at least {limit:.0%} of their rows; the most confused is {worst} "
        "({rate:.1%}).",
        "有 {pairs} 对类别至少 {limit:.0%} 的数据互相混淆；最易混淆的是 {worst}（{rate:.1%}）。",
    ),
    "data.ceiling.noise": (
        "Even a classifier that is never wrong would score a macro-F1 of about {macro_f1:.1%} ({low:.1%} to {high:.1%}) "
        "against labels like these: {sure_wrong} of the {sure} surest out-of-fold answers contradict the label given, and "
        "{conflicts:.1%} of the rows are outvoted by rows with the same text. Hard or ambiguous texts are not counted.",
        "即使是从不出错的分类器，用这样的标签来评，macro-F1 也只有约 {macro_f1:.1%}（{low:.1%} 至 {high:.1%}）："
        "在最有把握的 {sure} 个折外预测中，有 {sure_wrong} 个与给定标签相矛盾；另有 {conflicts:.1%} 的行与同文本的多数标签不一致。"
        "难例和歧义文本不计入在内。",
    ),
    "data.ceiling.mixed": (
        "How far the labels limit macro-F1 cannot be told: somewhere between {low:.1%} and {high:.1%}. {sure_wrong} of the "
        "{sure} surest out-of-fold answers contradict the label given, but only {certain:.1%} of the rows are surely "
        "mislabelled or contradictory; the rest may be texts that fit several classes. If all were wrong labels, "
        "about {macro_f1:.1%} would be the best possible.",
        "标签对 macro-F1 的限制无法确定，在 {low:.1%} 到 {high:.1%} 之间。在最有把握的 {sure} 个折外预测中，"
        "有 {sure_wrong} 个与给定标签相矛盾，但能确定标错或互相冲突的行只占 {certain:.1%}，其余可能是同时符合多个类别的文本。"
        "假如它们全是标错，macro-F1 最高约为 {macro_f1:.1%}。",
    ),
}
