"""Count kinds of characters per text in one pass over the code points."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from rankfirst.measure.scores import Bools

Ints = npt.NDArray[np.int32]

# Texts processed together: 40-character texts then need about 100 MB at a time.
_CHUNK: Final = 50_000
# Unicode's last code point, plus one.
_CODES: Final = 0x110000
# Letters beyond this code point are private use or not letters.
_LAST_LETTER: Final = 0x32400


class Script(IntEnum):
    """The script of a character; every character has exactly one."""

    NONE = 0
    IDEOGRAPH = 1
    LATIN = 2  # A-Z, a-z
    ACCENTED = 3  # all other Latin letters, except full-width ones
    KANA = 4
    HANGUL = 5
    OTHER = 6  # Cyrillic, Arabic, Thai, ...
    DIGIT = 7  # 0-9, not a letter


class Mark(IntFlag):
    """Other properties of characters that checks need; a text has the marks of all its characters."""

    WIDE_ALNUM = 1  # full-width letters and digits
    WIDE_POINT = 2  # full-width comma, colon, question mark, ...
    HALF_POINT = 4  # the same in ASCII
    EMOJI = 8
    INVISIBLE = 16  # zero-width spaces, direction marks, byte order marks, soft hyphens
    CONTROL = 32
    BROKEN = 64  # U+FFFD and private use
    TRADITIONAL = 128
    SIMPLIFIED = 256
    ANGLE = 512  # < or &
    BRACKET = 1024  # {, [ or %
    AT = 2048
    SLASH = 4096
    HIGH_LATIN = 8192  # U+0080-U+00FF: where UTF-8 decoded as Latin-1 ends up
    MARKDOWN = 16384  # *, #, ` or |
    BACKSLASH = 32768
    GARBLE = 131072  # ideographs that result from decoding UTF-8 as GBK, and rarely occur otherwise
    RARE = 65536  # ideographs that are in neither GB2312 nor Big5


@dataclass(frozen=True)
class Characters:
    """The kinds of characters in n texts."""

    marks: npt.NDArray[np.uint32]  # (n,) bitwise or of the marks of all characters in a text
    scripts: Ints  # (n, len(Script)) characters per script

    def has(self, mark: Mark) -> Bools:
        """(n,) whether a text has at least one character of `mark`, or of any of several."""
        return np.asarray((self.marks & np.uint32(mark)) != 0)

    def count(self, script: Script) -> Ints:
        """(n,) number of characters of `script`."""
        return self.scripts[:, script]


def characters_of(texts: Sequence[str]) -> Characters:
    """Classify the characters of every text; nearly linear, about 100 ns per character."""
    marks = np.zeros(len(texts), dtype=np.uint32)
    scripts = np.zeros((len(texts), len(Script)), dtype=np.int32)
    mark_of, script_of = _tables()
    for begin in range(0, len(texts), _CHUNK):
        part = texts[begin : begin + _CHUNK]
        # Every text ends in a line feed, so none is empty and `reduceat` gets n segments.
        codes = np.frombuffer(("\n".join(part) + "\n").encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        starts = np.concatenate(([0], np.cumsum([len(text) + 1 for text in part])[:-1]))
        rows = slice(begin, begin + len(part))
        marks[rows] = np.bitwise_or.reduceat(mark_of[codes], starts)
        scripts_of_codes = script_of[codes]
        for script in np.flatnonzero(np.bincount(scripts_of_codes, minlength=len(Script))[1:]) + 1:
            scripts[rows, script] = np.add.reduceat(scripts_of_codes == script, starts, dtype=np.int32)
    return Characters(marks, scripts)


@cache
def _tables() -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint8]]:
    """Lookup tables from code point to marks and to script."""
    marks = np.zeros(_CODES, dtype=np.uint32)
    for mark, ranges in _MARKS:
        for first, last in ranges:
            marks[first : last + 1] |= np.uint32(mark)
    for mark, text in _MARKED:
        marks[[ord(c) for c in text]] |= np.uint32(mark)
    ideographs = [code for code in range(0x3400, 0xA000) if not _encodable(chr(code))]
    marks[ideographs] |= np.uint32(Mark.RARE)
    scripts = np.zeros(_CODES, dtype=np.uint8)
    scripts[[code for code in range(0x80, _LAST_LETTER) if chr(code).isalpha()]] = Script.OTHER
    for script, ranges in _SCRIPTS:
        for first, last in ranges:
            scripts[first : last + 1] = script
    return marks, scripts


def _encodable(character: str) -> bool:
    for codec in ("gb2312", "big5"):
        try:
            character.encode(codec)
        except UnicodeEncodeError:
            continue
        return True
    return False


_Ranges = tuple[tuple[int, int], ...]

_SCRIPTS: Final[tuple[tuple[Script, _Ranges], ...]] = (
    (Script.IDEOGRAPH, ((0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF))),
    (Script.LATIN, ((0x41, 0x5A), (0x61, 0x7A))),
    (Script.ACCENTED, ((0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x24F), (0x1E00, 0x1EFF))),
    (Script.KANA, ((0x3041, 0x3096), (0x30A1, 0x30FA), (0x31F0, 0x31FF), (0xFF66, 0xFF9D))),
    (Script.HANGUL, ((0x1100, 0x11FF), (0xAC00, 0xD7A3))),
    (Script.NONE, ((0xFF21, 0xFF3A), (0xFF41, 0xFF5A))),
    (Script.DIGIT, ((0x30, 0x39),)),
)
_MARKS: Final[tuple[tuple[Mark, _Ranges], ...]] = (
    (Mark.WIDE_ALNUM, ((0xFF10, 0xFF19), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A))),
    (Mark.EMOJI, ((0x1F300, 0x1FAFF), (0x2600, 0x27BF))),
    # U+200C and U+200D are excluded: Persian, Indic scripts and emoji need them.
    (Mark.INVISIBLE, ((0xAD, 0xAD), (0x200B, 0x200B), (0x200E, 0x200F), (0x202A, 0x202E), (0x2060, 0x2064),
                      (0x2066, 0x2069), (0xFEFF, 0xFEFF))),
    (Mark.CONTROL, ((0x00, 0x08), (0x0E, 0x1F), (0x7F, 0x9F))),
    (Mark.BROKEN, ((0xE000, 0xF8FF), (0xFFFD, 0xFFFD))),
    (Mark.HIGH_LATIN, ((0x80, 0xFF),)),
)  # fmt: skip

# The most frequent pairs of a simplified character and its traditional form, each used in one of the two systems only:
# the first is in GB2312 and not in Big5, the second the other way round. The alternative was a table of the library
# OpenCC (6 MB), which would say little more about whole texts: these pairs cover 97% of the simplified characters in
# the Chinese sets of benchmarks/assess_checks.py.
SIMPLIFIED: Final = (
    "个为发买开说线馆产战别录当画广证阅奖获团众尽术历启颜钟参签绝药汇赞闲净针鸡恶迹尝冲须绿坛脏苏炼摆钻镇壳钥艳鉴墙湿"
    "时这还点来务动内车电没间学过会业们实户评题费错给国让视现单对专戏问帮话东频吗无边选验图经资随应质样装乐设谢门数宝"
    "进购语货联场级习钱请觉号员计书关记爱热欢轻长读统头从满试简类备键询区软师将结较带运医换态强风讯创节预两红达声识营"
    "标职华变报订赛课择总约码载练转传页领调连见决饭账导细论观畅显认赚卖该属贴议银贷队园条测处护递礼库妈险办难财养击稳"
    "盘诉盖鲜闻权块飞独楼词铁够续况驾积龙马册贵灵写组络维张环裤顺辑刚编额拥断厅烦亲项销远势际剧馈邮规双艺绍兴谱抢讲笔"
    "鱼脑卫竞摄训拟纸误检仅励义终农减温镜却携详济闪丽称输览锁响娱币旧围谁宾寻梦烂辆状争档紧层军诊虽弹亿沟贝顾扫蓝综补"
    "许严临铃监妆阳担压荣杀黄础罗赠纪陆审滤尔恋汉疗饮丝绘浏则协杂惯齐纯骑脸诗违腾隐缴宠忧静侠宽猫继译灯释驶烧亚乱伤宫"
    "庆赢呗赖兑坚劲顶轮踪袭扬钢韩麦驱虚赏仪岛奥饰缘讨骗负肤欧脱储责闹敌栏访陈帅纹绩赔顿兽帐涨败阵忆谈辅阶缩悦遗倾诚执"
    "拨横汤锅鸭猪归兰恼织摇铺纳虑夺侣毕税举筛剑损厦猎绑驻桥蛮龄扩遥闯厨锦妇脚丢乡缓哒润闭树懒篮脉圆删残轨闷谓俩凉钮盗"
    "粤纷誉迟枪诺仓婴谜疯纲缝槛浓饿锻颗劳伦废唤胶腻亏哟恒诸虾挥湾献绕"
)
TRADITIONAL: Final = (
    "個為發買開說線館產戰別錄當畫廣證閱獎獲團眾盡術歷啟顏鐘參簽絕藥匯讚閒淨針雞惡跡嘗衝須綠壇髒蘇煉擺鑽鎮殼鑰豔鑑牆濕"
    "時這還點來務動內車電沒間學過會業們實戶評題費錯給國讓視現單對專戲問幫話東頻嗎無邊選驗圖經資隨應質樣裝樂設謝門數寶"
    "進購語貨聯場級習錢請覺號員計書關記愛熱歡輕長讀統頭從滿試簡類備鍵詢區軟師將結較帶運醫換態強風訊創節預兩紅達聲識營"
    "標職華變報訂賽課擇總約碼載練轉傳頁領調連見決飯賬導細論觀暢顯認賺賣該屬貼議銀貸隊園條測處護遞禮庫媽險辦難財養擊穩"
    "盤訴蓋鮮聞權塊飛獨樓詞鐵夠續況駕積龍馬冊貴靈寫組絡維張環褲順輯剛編額擁斷廳煩親項銷遠勢際劇饋郵規雙藝紹興譜搶講筆"
    "魚腦衛競攝訓擬紙誤檢僅勵義終農減溫鏡卻攜詳濟閃麗稱輸覽鎖響娛幣舊圍誰賓尋夢爛輛狀爭檔緊層軍診雖彈億溝貝顧掃藍綜補"
    "許嚴臨鈴監妝陽擔壓榮殺黃礎羅贈紀陸審濾爾戀漢療飲絲繪瀏則協雜慣齊純騎臉詩違騰隱繳寵憂靜俠寬貓繼譯燈釋駛燒亞亂傷宮"
    "慶贏唄賴兌堅勁頂輪蹤襲揚鋼韓麥驅虛賞儀島奧飾緣討騙負膚歐脫儲責鬧敵欄訪陳帥紋績賠頓獸帳漲敗陣憶談輔階縮悅遺傾誠執"
    "撥橫湯鍋鴨豬歸蘭惱織搖鋪納慮奪侶畢稅舉篩劍損廈獵綁駐橋蠻齡擴遙闖廚錦婦腳丟鄉緩噠潤閉樹懶籃脈圓刪殘軌悶謂倆涼鈕盜"
    "粵紛譽遲槍諾倉嬰謎瘋綱縫檻濃餓鍛顆勞倫廢喚膠膩虧喲恆諸蝦揮灣獻繞"
)
_MARKED: Final[tuple[tuple[Mark, str], ...]] = (
    (Mark.WIDE_POINT, "，。？！：；（）"),
    (Mark.HALF_POINT, ",?!:;()"),
    (Mark.TRADITIONAL, TRADITIONAL),
    (Mark.SIMPLIFIED, SIMPLIFIED),
    (Mark.ANGLE, "<&"),
    (Mark.BRACKET, "{[%$【"),
    (Mark.AT, "@"),
    (Mark.SLASH, "/."),
    (Mark.MARKDOWN, "*#`|_["),
    (Mark.BACKSLASH, "\\"),
    (Mark.GARBLE, "锟烫屯銆锛鈥鐨浣鎴锘"),
)
