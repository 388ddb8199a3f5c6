"""Detect the language of each text from its letters and function words."""

from typing import Final

import numpy as np
import numpy.typing as npt

from rankfirst.data.quality.characters import Characters, Script
from rankfirst.data.quality.word_ids import Wording

# Latin letters that count as much as one ideograph.
LETTERS_AN_IDEOGRAPH: Final = 3

# Function words per text, and accented letters among all: English has more of the former and fewer of the latter,
# Polish or Turkish the other way round (assumption).
ENGLISH_PER_TEXT: Final = 0.5
ACCENTED_SHARE: Final = 0.03

NAMES: Final = ("zh", "en", "latin", "other")
NO_LANGUAGE: Final = -1

# Function words that distinguish English in short texts, and those of German, French, Spanish, Italian, Portuguese and
# Dutch. Words that are also English ("is", "die", "on", "me", "no", "as") are on neither list.
_ENGLISH: Final = frozenset(
    "the a an i i'm my you your we it it's is are was do does did what what's how where when why who which can could "
    "would should will have has to of for from with on at in and or not don't me please this that there be show find "
    "play get want need".split()
)
_FOREIGN: Final = (
    frozenset(
        "ich und der das nicht ist ein eine einen wie kann mein meine wo bitte für mit auf zu habe wir warum "
        "je le les une des est pas mon ma que qui pour vous nous avec où comment dans sur du au bonjour ai peux "
        "el los las una por qué cómo mi quiero tengo puedo está dónde para con del yo hola gracias cuando "
        "il lo gli non che sono come posso mio mia della perché di per ho "
        "o os não meu minha eu como você uma em obrigado um quero "
        "ik het een niet mijn hoe waar waarom van voor kan naar".split()
    )
    - _ENGLISH
)


def mostly_english(characters: Characters, words: Wording) -> bool:
    """Whether texts in Latin letters are in English as a whole; single short texts often contain no function word."""
    english, foreign = int(words.hits(_ENGLISH).sum()), int(words.hits(_FOREIGN).sum())
    accented = int(characters.count(Script.ACCENTED).sum())
    letters = max(1, accented + int(characters.count(Script.LATIN).sum()))
    rare = english < ENGLISH_PER_TEXT * len(characters.marks)
    return foreign <= english and not (rare and accented > ACCENTED_SHARE * letters)


def languages_of(characters: Characters, words: Wording) -> npt.NDArray[np.int_]:
    """(n,) index into NAMES of each text's language, NO_LANGUAGE for a text without letters.

    The predominant script decides, an ideograph counting as three letters. Latin script means English, unless function
    words of another language predominate, or there are accents but no English function words.
    """
    counts = np.stack(
        [
            LETTERS_AN_IDEOGRAPH * characters.count(Script.IDEOGRAPH),
            characters.count(Script.LATIN) + characters.count(Script.ACCENTED),
            LETTERS_AN_IDEOGRAPH * (characters.count(Script.KANA) + characters.count(Script.HANGUL))
            + characters.count(Script.OTHER),
        ],
        axis=1,
    )
    # Japanese text may contain more ideographs than kana; Chinese text contains no kana.
    counts[:, 0][characters.count(Script.KANA) * 4 > characters.count(Script.IDEOGRAPH)] = 0
    languages = np.array([NAMES.index("zh"), NAMES.index("en"), NAMES.index("other")])[counts.argmax(axis=1)]
    english, foreign = words.hits(_ENGLISH), words.hits(_FOREIGN)
    accented = characters.count(Script.ACCENTED) > 0
    elsewhere = (foreign > english + 1) | ((foreign > english) & accented) | (accented & (english == 0))
    languages[(languages == NAMES.index("en")) & elsewhere] = NAMES.index("latin")
    languages[counts.sum(axis=1) == 0] = NO_LANGUAGE
    return np.asarray(languages)
