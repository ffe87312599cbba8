"""One written form for everything that is compared.

Users mix full-width letters, Traditional and Simplified characters, odd spaces and pasted control characters.
Search and understanding compare text only after `normalise`; what people read is never normalised.
"""

import re
import unicodedata
from functools import lru_cache

from opencc import OpenCC

_SPACE = re.compile(r"\s+")
_VARIANTS = str.maketrans({"衞": "卫", "裡": "里", "綫": "线", "羣": "群", "峯": "峰", "牀": "床", "啓": "启"})
"""Character variants of Hong Kong and Taiwan that the standard conversion leaves alone."""
_HONGKONG_WORDS = {"枱胞": "台胞", "公佈": "公布", "發佈": "發布", "一週": "一周"}
_HONGKONG_FORMS = str.maketrans("説户税脱温羣敍啓“”‘’", "說戶稅脫溫群敘啟「」『』")
"""What newspapers and authorities of Hong Kong print, where the standard conversion follows the list for schools."""

_SLIP = re.compile("(?<![標牙書竹抽便])籤")
"""签 as the standard conversion writes it where it knows no longer word: a slip of bamboo instead of a signature."""


@lru_cache(maxsize=8)
def _converter(name: str) -> OpenCC:
    """One converter for each direction, loaded when it is first needed (a load reads dictionaries from disk)."""
    return OpenCC(name)


def word_set(text: str) -> frozenset[str]:
    """A set of words written in one string, which keeps long lists readable in code.

    >>> sorted(word_set("visa  passport"))
    ['passport', 'visa']
    """
    return frozenset(text.split())


def drop_broken(text: str) -> str:
    """Remove lone surrogates, which no UTF-8 encoder accepts, before a library sees the text.

    >>> drop_broken("签证\\ud83d?")
    '签证?'
    """
    return text.encode("utf-8", "ignore").decode("utf-8")


def to_simplified(text: str) -> str:
    """Convert Traditional characters of any region to Simplified ones; other text passes through.

    >>> to_simplified("回鄉證續期，衞生署")
    '回乡证续期，卫生署'
    """
    return str(_converter("t2s").convert(drop_broken(text))).translate(_VARIANTS)


def to_traditional(text: str) -> str:
    """Convert Simplified to standard Traditional characters, for Mandarin readers who write Traditional.

    Words are left as they are: this changes script, not the language of a region.

    >>> to_traditional("在哪里办签证"), to_traditional("免签和签注"), to_traditional("标签")
    ('在哪裏辦簽證', '免簽和簽注', '標籤')
    """
    return _signed(_converter("s2t").convert(drop_broken(text)))


def to_hongkong(text: str) -> str:
    """Convert Simplified to the character forms of Hong Kong, in which Cantonese is recognised.

    >>> to_hongkong("台湾居民来往大陆")
    '台灣居民來往大陸'
    """
    return _signed(_converter("s2hk").convert(drop_broken(text)))


def _signed(traditional: str) -> str:
    """Visas and endorsements as the authorities write them: 簽, 簽注."""
    return _SLIP.sub("簽", traditional).replace("簽註", "簽注")


def in_hongkong(text: str) -> str:
    """A Simplified text as it is printed in Hong Kong, for Cantonese readers.

    >>> in_hongkong("“一签多行”签注说明（公安局公布）")
    '「一簽多行」簽注說明（公安局公布）'
    """
    converted = to_hongkong(text)
    for written, meant in _HONGKONG_WORDS.items():
        converted = converted.replace(written, meant)
    return converted.translate(_HONGKONG_FORMS)


def visible(text: str) -> str:
    """Drop what nobody sees: zero-width, direction and control characters; line ends and tabs become spaces.

    >>> visible("pass\\u200bport\\tfee")
    'passport fee'
    """
    kept = (" " if char in "\t\n\r\v\f\x85" else char for char in drop_broken(text))
    return "".join(char for char in kept if char == " " or unicodedata.category(char) not in ("Cc", "Cf"))


def normalise(text: str) -> str:
    """Give the form in which two texts are compared: NFKC, lower case, Simplified, single spaces.

    Applying it twice changes nothing, so callers need not know whether a text was normalised already.

    >>> normalise("  我個ＰＡＳＳＰＯＲＴ　過期\\u200b了 ")
    '我个passport 过期了'
    """
    folded = unicodedata.normalize("NFKC", visible(text)).lower()
    simplified = to_simplified(unicodedata.normalize("NFKC", folded))
    return _SPACE.sub(" ", simplified).strip()
