"""Files in the encodings that people have are read as they were written, or refused with what they may be."""

import codecs
from pathlib import Path

import pytest

from rankfirst.data import load_dataset
from rankfirst.data.files.decode import survey
from rankfirst.data.files.read import read_texts
from rankfirst.errors import DataError, OptionError

# Language -> texts, and the encodings in which such files are met.
WRITTEN = {
    "zh": (["我的快递还没到", "请帮我取消订单", "这个东西坏了要退款"], ["gb18030", "gbk", "gb2312"]),
    "zh-Hant": (["我的包裹還沒有送到", "請幫我取消訂單", "這個東西壞了要退款"], ["big5", "cp950", "gbk"]),
    "ko": (["택배 언제 와요", "환불해 주세요", "비밀번호를 잊었어요"], ["cp949", "euc_kr"]),
    "ja": (["荷物がまだ届きません", "返金してください", "パスワードを忘れました"],
           ["euc_jp", "shift_jis", "cp932", "iso2022_jp"]),
    "de": (["Wo ist mein Päckchen", "Ich möchte umtauschen", "Die Größe passt nicht"],
           ["cp1252", "latin-1", "mac_roman", "cp850"]),
    "fr": (["Où est ma commande", "Je n'ai pas été remboursé", "Le colis est arrivé cassé"],
           ["cp1252", "iso8859_15", "mac_roman"]),
    "es": (["¿Dónde está mi pedido?", "Quiero una devolución", "La contraseña no funciona"], ["cp1252", "mac_roman"]),
    "pl": (["Gdzie jest moja paczka", "Chcę zwrócić pieniądze", "Zapomniałem hasła, proszę o pomoc"],
           ["cp1250", "iso8859_2"]),
    "cs": (["Kde je můj balík", "Chci vrátit peníze", "Zapomněl jsem heslo k účtu"], ["cp1250", "iso8859_2"]),
    "tr": (["Kargom nerede kaldı", "Paramı geri istiyorum", "Şifremi unuttum, yardım eder misiniz"], ["cp1254"]),
    "ru": (["Где посылка", "Верните деньги", "Забыл пароль"], ["cp1251", "koi8_r", "cp866", "mac_cyrillic"]),
    "uk": (["Де моя посилка", "Поверніть гроші", "Забув пароль від кабінету"], ["cp1251", "koi8_u"]),
    "el": (["Πού είναι το δέμα μου", "Θέλω τα χρήματά μου πίσω", "Ξέχασα τον κωδικό"], ["cp1253", "iso8859_7"]),
    "he": (["איפה החבילה שלי", "אני רוצה החזר כספי", "שכחתי את הסיסמה"], ["cp1255"]),
    "ar": (["أين طردي من فضلكم", "أريد استرداد المبلغ", "نسيت كلمة المرور"], ["cp1256"]),
    "th": (["พัสดุของฉันอยู่ที่ไหน", "ขอเงินคืนด้วยครับ", "ลืมรหัสผ่าน"], ["cp874", "tis_620"]),
    "lt": (["Kur yra mano siuntinys", "Noriu susigrąžinti pinigus", "Pamiršau slaptažodį, padėkite"], ["cp1257"]),
}  # fmt: skip


def table(texts: list[str], times: int = 8) -> str:
    """A file with a header in English, as exports have, and labels."""
    return "text,label\n" + "".join(f'"{texts[i % 3]} {i}",{"abc"[i % 3]}\n' for i in range(3 * times))


@pytest.mark.parametrize("language", WRITTEN)
def test_a_file_is_read_in_the_encoding_it_was_written_in(language, tmp_path, subtests):
    texts, encodings = WRITTEN[language]
    for encoding in encodings:
        with subtests.test(encoding=encoding):
            path = tmp_path / f"{encoding}.csv"
            path.write_bytes(table(texts).encode(encoding))
            found = survey(path)
            assert path.read_text(encoding=found.encoding) == table(texts)
            ((code, _),) = found.notes
            assert code == "data.note.encoding"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-16-be-marked"]
)
def test_unicode_is_read_with_and_without_a_mark(encoding, tmp_path, subtests):
    for language, (texts, _) in WRITTEN.items():
        with subtests.test(language=language):
            path = tmp_path / f"{language}.csv"
            content = table(texts)
            marked = encoding.endswith("-marked")
            path.write_bytes(codecs.BOM_UTF16_BE * marked + content.encode(encoding.removesuffix("-marked")))
            found = survey(path)
            assert path.read_text(encoding=found.encoding) == content
            assert bool(found.notes) == (not encoding.startswith("utf-8"))


def test_every_command_gets_the_rows_that_the_encoding_says(tmp_path):
    path = tmp_path / "train.csv"
    path.write_bytes("text,label\n{}".format("".join(f"añ{i},{'ab'[i % 2]}\n" for i in range(40))).encode("cp1252"))
    as_said = load_dataset(path, encoding="cp1251")
    assert all(text.startswith("aс") for text in as_said.train.texts)
    assert not [code for code, _ in as_said.notes if code.startswith("data.note.encoding")]


@pytest.mark.parametrize("name", ["train.csv", "train.jsonl"])
def test_an_encoding_that_python_does_not_know_is_one_line_whoever_reads(tmp_path, name):
    (tmp_path / name).write_text("text,label\na,b\n" if name.endswith("csv") else '{"text": "a"}\n', encoding="utf-8")
    for encoding in ("nope", "base64", "a\0b"):  # the second is no encoding of text
        with pytest.raises(OptionError) as refused:
            read_texts(tmp_path / name, encoding=encoding)
        assert refused.value.code == "option.bad_encoding"


def test_valid_utf8_stays_utf8_whatever_is_said(tmp_path):
    path = tmp_path / "train.csv"
    path.write_text(table(WRITTEN["ko"][0]), encoding="utf-8")
    found = survey(path, "cp949")
    assert found.encoding == "utf-8-sig" and [code for code, _ in found.notes] == ["data.note.utf8_anyway"]


def test_when_unsure_the_candidates_are_shown_in_one_line(tmp_path):
    path = tmp_path / "train.csv"
    path.write_bytes(b"text,label\n\xb1\xea\xbc\xc7,a\nplain,b\n")
    with pytest.raises(DataError) as refused:
        survey(path)
    assert refused.value.code == "data.encoding_unsure" and refused.value.fields["line"] == 2
    told = str(refused.value)
    assert "GB18030 标记" in told and "CP949 깃션" in told and "--encoding" in told and "\n" not in told


@pytest.mark.parametrize(
    "content",
    [
        bytes(range(1, 256)) * 3,
        "text,label\nfünf Bücher,a\n".encode("cp1252") + "Где посылка,b\n".encode("koi8_r") * 9,
        table(WRITTEN["zh"][0]).encode("gb18030")[:-3] + b"\xff\xff,a\n",
        table(["배송이 늦어요", "환불해 주세요", "취소할게요"]).encode("johab"),
        table(["Wo ist es", "Größe", "schön"]).encode("cp037"),
    ],
    ids=["all-bytes", "two-encodings", "one-bad-line", "johab", "ebcdic"],
)
def test_bytes_that_are_no_text_are_never_accepted(content, tmp_path):
    path = tmp_path / "train.csv"
    path.write_bytes(content)
    with pytest.raises(DataError) as refused:
        survey(path)
    assert refused.value.code.startswith("data.encoding")


def test_an_encoding_that_does_not_fit_is_refused_with_its_line(tmp_path):
    path = tmp_path / "train.csv"
    path.write_bytes(table(WRITTEN["de"][0]).encode("cp1252"))
    with pytest.raises(DataError) as refused:
        survey(path, "utf-8")
    assert (refused.value.code, refused.value.fields["line"]) == ("data.encoding", 2)


def test_the_sample_sees_a_character_that_comes_late(tmp_path: Path):
    path = tmp_path / "train.csv"
    rows = "".join(f"für {i} Größe,a\n" for i in range(3000)) + "kostet 5 €,b\n"
    path.write_bytes(f"text,label\n{rows}".encode("cp1252"))
    assert survey(path).encoding == "cp1252"
