"""Sentences of the data checks, one a finding."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "data.check.small_classes": (
        "{classes} classes, each with fewer than {tail_rows} training rows (the largest {largest}, the smallest {smallest}).<< {single} classes have a single row.>>",
        "共 {classes} 个类别，每类训练数据都不足 {tail_rows} 行（最多 {largest} 行，最少 {smallest} 行）。<<{single} 个类别只有一行。>>",
    ),
    "data.check.class_sizes": (
        "{classes} classes (effective: {effective:.1f}); the largest has {largest} rows, the smallest {smallest} ({ratio:.1f} : 1).<< Long tail: {tail} classes under {tail_rows} rows, {tail_share:.1%} of the rows.>><< {single} classes have a single row.>>",
        "共 {classes} 个类别（有效类别数 {effective:.1f}）；最大类 {largest} 行，最小类 {smallest} 行（{ratio:.1f} : 1）。<<长尾：{tail} 个类别不足 {tail_rows} 行，占全部数据的 {tail_share:.1%}。>><<{single} 个类别只有一行。>>",
    ),
    "data.check.held_out_classes": (
        "<<{val_missing} of {classes} training classes have no validation row ({val_share:.1%} of the training labels), so no validation score covers them. >><<{test_missing} of {classes} training classes have no test row ({test_share:.1%}), so no test score covers them. >>Class shares differ from training by {val_shift:.1%} in validation and {test_shift:.1%} in test (total variation; {val_chance:.1%} and {test_chance:.1%} would be chance).",
        "<<训练集有 {val_missing} 个类别（共 {classes} 个，占训练标注的 {val_share:.1%}）在验证集里没有数据，验证分数反映不出它们的好坏。>><<训练集有 {test_missing} 个类别（共 {classes} 个，占 {test_share:.1%}）在测试集里没有数据，测试分数反映不出它们的好坏。>>类别分布与训练集的差异（总变差距离）：验证集 {val_shift:.1%}，测试集 {test_shift:.1%}（随机波动约为 {val_chance:.1%} 和 {test_chance:.1%}）。",
    ),
    "data.check.conflicts": (
        "{conflicts} training rows ({share:.1%}) share their text with a row that has other labels ({texts} texts); no setting can learn both.",
        "有 {conflicts} 行训练数据（{share:.1%}）文本相同、标签冲突（涉及 {texts} 条文本）；调任何参数都无法同时学会。",
    ),
    "data.check.near_conflicts": (
        "{pairs} pair(s) of training texts ({rows} rows, {share:.1%}) differ by a letter or two, or by punctuation, but carry different labels; one label of each pair is probably wrong.",
        "有 {pairs} 对训练文本（{rows} 行，{share:.1%}）只差一两个字符或标点，标签却不同；每对中很可能有一个标错。",
    ),
    "data.check.leakage": (
        "Texts that also occur in training: <<{val} validation rows ({val_share:.1%})||{test} test rows ({test_share:.1%})||{other_labels} of these {other_labels!p:carries|carry} labels that differ from their training copy||{near_val} validation rows ({near_val_share:.1%}) with a near duplicate in training||{near_test} test rows ({near_test_share:.1%}) with a near duplicate in training>>. A near duplicate differs by a letter or two, punctuation or word order.",
        "与训练集重复的泄漏文本：<<验证集 {val} 行（{val_share:.1%}）||测试集 {test} 行（{test_share:.1%}）"
        "||其中 {other_labels} 行的标签与训练集不一致||验证集近似重复 {near_val} 行（{near_val_share:.1%}）"
        "||测试集近似重复 {near_test} 行（{near_test_share:.1%}）>>。近似重复指只差一两个字符、标点或语序。",
    ),
    "data.check.duplicates": (
        "{duplicates} of {rows} training rows ({share:.1%}) repeat an earlier text "
        "({texts} texts occur more than once).",
        "{rows} 行训练数据中有 {duplicates} 行（{share:.1%}）与前面的文本重复（{texts} 条文本出现不止一次）。",
    ),
    "data.check.near_duplicates": (
        "{near} of {rows} training rows ({share:.1%}) nearly repeat another text, with a different letter or two, punctuation or word order ({groups} groups).<< {numbered} more rows differ from another only in a number.>>",
        "{rows} 行训练数据中有 {near} 行（{share:.1%}）与其他文本近似重复：只差一两个字符、标点或语序（共 {groups} 组）。"
        "<<另有 {numbered} 行与其他行只有数字不同。>>",
    ),
    "data.check.label_sets": (
        "{per_row:.2f} labels per row, {sets} different label sets<< ({once} of them in a single row)>><<, {unlabelled:.1%} of the rows without a label>>.<< {unseen_val:.1%} of the validation rows have a label set that does not occur in training.>><< {unseen_test:.1%} of the test rows have one that does not occur in training.>>",
        "平均每行 {per_row:.2f} 个标签，共 {sets} 种标签组合<<（其中 {once} 种只出现一行）>><<，{unlabelled:.1%} 的行没有标签>>。<<验证集 {unseen_val:.1%} 的行带有训练集中没有出现过的组合。>><<测试集 {unseen_test:.1%} 的行带有训练集中没有出现过的组合。>>",
    ),
    "data.check.label_names": (
        "Label names: <<{twins} pair(s) differ by a letter or two ({pairs})||{numeric} are bare numbers||{empty} mean no label ({empty_names})||{long} are as long as a text||{mixed} are in the rarer of two languages||{catch_all_share:.1%} of all labels are catch-all ones>>.",
        "标签名：<<{twins} 对只差一两个字符（{pairs}）||{numeric} 个只是数字||{empty} 个等于没有标签（{empty_names}）||{long} 个长得像文本||{mixed} 个与其余标签名的语言不同||“其他”一类的兜底标签占全部标注的 {catch_all_share:.1%}>>。",
    ),
    "data.check.lengths": (
        "Text length in characters: mean {mean:.0f}, median {median:.0f}, 95% up to {p95:.0f}, longest {max}<<; {far} {far!p:is an outlier|are outliers} above {far_chars}>>.",
        "文本平均 {mean:.0f} 个字符，一半不超过 {median:.0f} 个，95% 不超过 {p95:.0f} 个，最长 {max} 个<<；{far} 条远超其余（多于 {far_chars} 个字符）>>。",
    ),
    "data.check.short_texts": (
        "{share:.1%} of the training texts say little on their own: <<{short} are very short (one word or two Chinese characters)||{elliptical} need the previous turn (“that one?”)>>.",
        "{share:.1%} 的训练文本单看信息不足：<<{short} 条非常短（只有一个词或不超过两个汉字）||{elliptical} 条离不开上文（如“那个呢”）>>。",
    ),
    "data.check.scripts": (
        "Training texts: <<{mixed} ({mixed_share:.1%}) mix Chinese characters and Latin words||{full_width} ({full_width_share:.1%}) have full-width letters or digits||{points} ({points_share:.1%}) mix full-width and half-width punctuation>>.",
        "训练文本：<<{mixed} 条（{mixed_share:.1%}）中英文混写||{full_width} 条（{full_width_share:.1%}）含全角字母或数字||{points} 条（{points_share:.1%}）全角与半角标点混用>>。",
    ),
    "data.check.markup": (
        "{share:.1%} of the training texts contain artefacts: <<{markup} with tags or entities||{urls} with web addresses||{emoji} with emoji or symbols||{placeholders} with placeholders||{markdown} with Markdown>>.",
        "{share:.1%} 的训练文本带有杂质：<<{markup} 条含标签或实体代码||{urls} 条含网址||{emoji} 条含表情或符号||{placeholders} 条含占位符||{markdown} 条含 Markdown 标记>>。",
    ),
    "data.check.private": (
        "Possible personal data in training texts: <<{emails} with an e-mail address||{phones} with a telephone number||{identities} with a Chinese identity number||{cards} with a bank card number||{ibans} with an IBAN||{ips} with an IP address||{numbers} with another long number>>.",
        "训练文本中疑似含有个人信息：<<{emails} 条含邮箱地址||{phones} 条含电话号码||{identities} 条含身份证号||{cards} 条含银行卡号||{ibans} 条含 IBAN 账号||{ips} 条含 IP 地址||{numbers} 条含其他长数字>>。",
    ),
    "data.check.label_pairs": (
        "Rows with one label {one:.1%}<<, two {two:.1%}>><<, more {more:.1%} (at most {most})>>.<< {implied} {implied!p:label almost always comes|labels almost always come} with another label>><<, {twins} pair(s) in both directions>><< ({pairs}).>><< {never_alone} {never_alone!p:label never occurs|labels never occur} alone ({never_names}).>>",
        "一个标签的行占 {one:.1%}<<，两个占 {two:.1%}>><<，更多占 {more:.1%}（最多 {most} 个）>>。<<{implied} 个标签出现时几乎必带另一个标签>><<，其中 {twins} 对互相绑定>><<（{pairs}）。>><<{never_alone} 个标签从不单独出现（{never_names}）。>>",
    ),
    "data.check.label_words": (
        "Every text was searched for the name of its label.<< {written} labels ({written_share:.1%}) appear in their own text in program notation: the answer leaked into the text.>><< {named} labels ({share:.1%}) are mentioned in their own text in words.>><< {classes} class(es) are mentioned in at least {limit:.0%} of their rows and rarely elsewhere ({names}): a keyword search may suffice for them.>>",
        "已在每条文本中查找其自身的标签名。<<有 {written} 个标注（{written_share:.1%}）的标签名以程序写法原样出现在自己的文本中：答案被一并写进了文本。>><<按字面词语提到标签名的有 {named} 个（{share:.1%}）。>><<{classes} 个类别至少 {limit:.0%} 的行含有自己的标签名，而其他行很少含有（{names}）：这些类别靠关键词匹配也许就够了。>>",
    ),
    "data.check.length_by_class": (
        "{classes} class(es), {share:.1%} of the rows, can be recognised by text length (median characters: {names}; all texts: {median:.0f}); for the clearest class, length alone has an AUC of {auc:.2f}.",
        "有 {classes} 个类别（占 {share:.1%} 的行）仅凭文本长度就能认出（字符数中位数：{names}；全部文本：{median:.0f}）；最明显的一类仅凭长度的 AUC 为 {auc:.2f}。",
    ),
    "data.check.variants": (
        "{traditional} training texts ({traditional_share:.1%}) contain traditional Chinese characters, {simplified} ({simplified_share:.1%}) simplified ones<<, {both} both>>: the same word has two spellings.",
        "有 {traditional} 条训练文本（{traditional_share:.1%}）含繁体字，{simplified} 条（{simplified_share:.1%}）含简体字<<，{both} 条两者都有>>：同一个词有两种写法。",
    ),
    "data.check.garbled": (
        "Training texts: <<{broken} contain broken characters||{escapes} contain unresolved escape sequences||{invisible} ({invisible_share:.2%}) contain invisible characters>><< (broken or unresolved: {share:.2%} of the texts)>>.",
        "训练文本：<<{broken} 条含乱码||{escapes} 条残留转义符||{invisible} 条（{invisible_share:.2%}）含不可见字符>><<（乱码或转义符合计 {share:.2%}）>>。",
    ),
    "data.check.boilerplate": (
        "{share:.1%} of {looked_at} distinct texts examined ({texts}) begin or end with one of {phrases} phrases, each shared by at least {least} of them: {shown}.",
        "在查看的 {looked_at} 条不同文本中，{share:.1%}（{texts} 条）以 {phrases} 个固定短语之一开头或结尾，每个短语至少有 {least} 条文本共用：{shown}。",
    ),
    "data.check.typos": (
        "Training texts: <<{typos} ({share:.1%}) contain one of {words} rare words that look mistyped, one letter away from a word seen at least {least} times||{rare} ({rare_share:.1%}) contain a rare Chinese character>>.",
        "训练文本：<<{typos} 条（{share:.1%}）含疑似拼写错误，{words} 个罕见词与至少出现 {least} 次的词只差一个字母||{rare} 条（{rare_share:.1%}）含生僻汉字>>。",
    ),
    "data.check.fillers": (
        "{fillers} training texts ({share:.1%}) have fillers or chat spellings (um, pls, gonna); they do no harm if production texts have as many.",
        "有 {fillers} 条训练文本（{share:.1%}）含口语填充词或网络用语（嗯、呃、哈哈）；线上文本若同样如此则无妨。",
    ),
    "data.check.languages": (
        "Languages of the training texts: <<{zh} Chinese||{en} English||{latin} other Latin-script||{other} other scripts||{none} without letters>><<; {foreign} ({foreign_share:.1%}) are not in the main language>>.",
        "训练文本的语言：<<中文 {zh} 条||英文 {en} 条||其他拉丁字母语言 {latin} 条||其他文字 {other} 条||不含文字 {none} 条>><<；{foreign} 条（{foreign_share:.1%}）不是主要语言>>。",
    ),
    "data.check.language_by_label": (
        "{classes} class(es) are written in another language than the rest ({names}); the label explains {explained:.1%} of the variation in language ({foreign_share:.1%} of the texts are not in the main one): the classifier may learn the language.",
        "有 {classes} 个类别的语言与其余数据不同（{names}）；标签可解释文本语言的 {explained:.1%}（{foreign_share:.1%} 的文本不是主要语言）：分类器可能学到的是语言而不是意图。",
    ),
    "data.check.suspects": (
        "{suspects} training rows ({share:.1%}) carry a label that out-of-fold predictions contradict.",
        "有 {suspects} 行训练数据（{share:.1%}）的标签与交叉验证（out-of-fold）预测相矛盾，疑似标错。",
    ),
    "data.check.ambiguous_pairs": (
        "The most confused pair of classes is {worst}: {rate:.1%} of their rows.<< {pairs} pairs are confused in at least {limit:.0%} of their rows.>>",
        "最易混淆的一对类别是 {worst}：其数据的 {rate:.1%} 互相混淆。<<{pairs} 对类别至少 {limit:.0%} 互相混淆。>>",
    ),
    "data.ceiling.noise": (
        "Against these labels, even a perfect classifier would score a macro-F1 of only about {macro_f1:.1%} ({low:.1%} to {high:.1%}): {sure_wrong} of the {sure} most confident out-of-fold predictions contradict the given label<<, and {conflicts:.1%} of the rows disagree with the majority label of the same text>>. Hard or ambiguous texts are not counted.",
        "即使是从不出错的分类器，用这样的标签来评，宏平均 F1 也只有约 {macro_f1:.1%}（{low:.1%} 至 {high:.1%}）：在置信度最高的 {sure} 个交叉验证（out-of-fold）预测中，有 {sure_wrong} 个与给定标签相矛盾<<；另有 {conflicts:.1%} 的行与同文本的多数标签不一致>>。难例和歧义文本不计入在内。",
    ),
    "data.ceiling.clean": (
        "Nothing shows that the labels limit macro-F1 ({low:.1%} to {high:.1%}): none of the {sure} most confident out-of-fold predictions contradicts the given label. Hard or ambiguous texts are not counted.",
        "没有迹象表明标签限制了宏平均 F1（{low:.1%} 至 {high:.1%}）：置信度最高的 {sure} 个交叉验证（out-of-fold）预测都与给定标签一致。难例和歧义文本不计入在内。",
    ),
    "data.ceiling.unclear": (
        "How far the labels limit macro-F1 is uncertain, between {low:.1%} and {high:.1%}. {sure_wrong} of the {sure} most confident out-of-fold predictions contradict the given label, but no row is certainly mislabelled; these may be texts that fit several classes. If all were mislabelled, the best possible score would be about {macro_f1:.1%}.",
        "标签对宏平均 F1 的限制无法确定，在 {low:.1%} 到 {high:.1%} 之间。在置信度最高的 {sure} 个交叉验证（out-of-fold）预测中，有 {sure_wrong} 个与给定标签相矛盾，但没有一行能确定标错，它们可能是同时符合多个类别的文本。假如全是标错，宏平均 F1 最高约为 {macro_f1:.1%}。",
    ),
    "data.ceiling.mixed": (
        "How far the labels limit macro-F1 is uncertain, between {low:.1%} and {high:.1%}. {sure_wrong} of the {sure} most confident out-of-fold predictions contradict the given label, but only {certain:.1%} of the rows are certainly mislabelled or contradictory; the rest may be texts that fit several classes. If all were mislabelled, the best possible score would be about {macro_f1:.1%}.",
        "标签对宏平均 F1 的限制无法确定，在 {low:.1%} 到 {high:.1%} 之间。在置信度最高的 {sure} 个交叉验证（out-of-fold）预测中，有 {sure_wrong} 个与给定标签相矛盾，但能确定标错或互相冲突的行只占 {certain:.1%}，其余可能是同时符合多个类别的文本。假如它们全是标错，宏平均 F1 最高约为 {macro_f1:.1%}。",
    ),
}
