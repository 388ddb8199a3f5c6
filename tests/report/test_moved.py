"""Changed settings as a policy writes them, told as those of a report."""

import pytest

from rankfirst.report.phrases import both, moved_words


@pytest.mark.parametrize(
    ("written", "english", "chinese"),
    [
        ("scaling 16 -> 64", "scaling 16 → 64", "a 16 → 64"),
        ("rank 16 -> 4; lr 4e-4 -> 1e-4", "rank 16 → 4; lr 4e-4 → 1e-4", "rank 16 → 4；lr 4e-4 → 1e-4"),
        ("sites all linear, top 6 -> q/v+FFN, top 4",
         "target modules all linear layers, top 6 layers → q/v + FFN, top 4 layers",
         "target modules 全部线性层，顶部 6 层 → q/v + FFN，顶部 4 层"),
        ("sites q/v everywhere, q/v+FFN top 4 -> k/o, top 2",
         "target modules q/v in all layers, FFN in the top 4 → k/o, top 2 layers",
         "target modules q/v 用于全部层，FFN 用于顶部 4 层 → k/o，顶部 2 层"),
        ("safe_numerics False -> True", "safe numerics no → yes", "安全数值 否 → 是"),
        ("sites x/y, top 2 -> z, top 1", "target modules x/y, top 2 → z, top 1",
         "target modules x/y, top 2 → z, top 1"),
        ("as before", "as before", "as before"),
        ("", "", ""),
    ],
)  # fmt: skip
def test_changed_settings_in_both_languages(written: str, english: str, chinese: str) -> None:
    told = moved_words(written)
    assert (told.en, told.zh) == (english, chinese)


def test_a_sentence_names_them_in_its_own_language() -> None:
    told = both("rival.clock", {"knobs": "scaling 16 -> 64"})
    assert "->" not in told.en + told.zh and "（a 16 → 64）" in told.zh
