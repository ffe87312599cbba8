"""Cutting text into tokens: one way for search, one for the engine.

Search wants many overlapping clues (words, character pairs, names of known things), the engine wants each piece of
the text once, with its place. Both read the same normalised form.
"""

import re
import unicodedata

import rjieba

from knowledge.text.mask import strip_placeholders
from knowledge.text.normalise import drop_broken, normalise, to_simplified, word_set
from knowledge.text.terms import MARK, default_terms

_PIECE = re.compile("[㐀-䶿一-鿿𠀀-𯿿]+|[^\\W_㐀-䶿一-鿿𠀀-𯿿]+(?:['’][^\\W\\d_]+)*")
_SUFFIXES = (
    "ations",
    "ation",
    "ments",
    "ment",
    "ings",
    "ing",
    "ies",
    "ied",
    "ers",
    "er",
    "ed",
    "es",
    "s",
    "ly",
    "al",
)
_STOP_WORDS = word_set(
    "a an the is are was were be been am i me my you your he she it its we they them this that these those of to in "
    "on at for from by with and or but if so do does did can could will would should may as about there have has had "
    "just please what which who when where how why not no "
    "的 了 吗 呢 啊 吧 是 我 你 在 就 都 也 还 呀 么 啦 嘛 哦 请 请问"
)


def stem(word: str) -> str:
    """Cut an English ending off, so that "extending" meets "extend"; short words stay whole.

    >>> [stem(word) for word in ("extending", "visas", "registration", "fee")]
    ['extend', 'visa', 'registr', 'fee']
    """
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= (3 if suffix in ("s", "es", "ed", "ies") else 4):
            if suffix == "s" and word[-2:] in ("ss", "us", "is"):
                return word
            return word[: -len(suffix)] + ("y" if suffix in ("ies", "ied") else "")
    return word


def search_tokens(text: str) -> list[str]:
    """Tokens for lexical search, duplicates kept, order without meaning.

    Chinese gives words and character pairs, English gives stems, and each known thing gives its mark. Cantonese
    function words are read as Mandarin ones. Words that every question has (的, is, how) are left out.

    >>> search_tokens("回鄉證喺邊度換")
    ['@home_return_permit', '@where', '回乡证', '哪里', '换', '回乡', '乡证', '证在', '在哪', '里换']
    >>> search_tokens("my visas")
    ['@visa', 'visa']
    """
    plain = normalise(strip_placeholders(text))
    terms = default_terms()
    mandarin = terms.to_mandarin(plain)
    marks = dict.fromkeys(terms.ids(plain))
    if mandarin != plain:
        marks |= dict.fromkeys(terms.ids(mandarin))
    tokens = [MARK + group for group in marks]
    for piece in _PIECE.findall(mandarin):
        tokens += _chinese_tokens(piece) if _is_chinese(piece) else _latin_tokens(piece)
    return tokens


def _chinese_tokens(piece: str) -> list[str]:
    """Words of a run of Chinese characters, and its character pairs; a lone character is a word."""
    words = [word for word in rjieba.cut(piece) if word not in _STOP_WORDS]
    pairs = [piece[place : place + 2] for place in range(len(piece) - 1)]
    return list(dict.fromkeys([*words, *pairs]))


def _latin_tokens(piece: str) -> list[str]:
    """The stem of a Latin word, or nothing for a word that every question has."""
    return [] if piece in _STOP_WORDS else [stem(piece)]


def _is_chinese(piece: str) -> bool:
    """Whether a piece found by the pattern is a run of Chinese characters."""
    return piece[0] >= "㐀" and unicodedata.name(piece[0], "").startswith("CJK")


def nlu_tokens(text: str) -> list[tuple[str, int, int]]:
    """Tokens for the engine as (normalised token, start, end); offsets count characters of the given text.

    Tokens are in order, never overlap and are never empty, which the engine's featurisers and entity extractor rely
    on. Punctuation and space give no token.

    >>> nlu_tokens("我個Passport過期")
    [('我个', 0, 2), ('passport', 2, 10), ('过期', 10, 12)]
    """
    shadow = _same_length(text)
    found: list[tuple[str, int, int]] = []
    for piece in _PIECE.finditer(shadow):
        start = piece.start()
        for word in rjieba.cut(piece.group()) if _is_chinese(piece.group()) else [piece.group()]:
            found.append((word, start, start + len(word)))
            start += len(word)
    return found


def _same_length(text: str) -> str:
    """Normalise character by character, so that offsets stay those of the given text."""
    chars = []
    for char in text:
        folded = unicodedata.normalize("NFKC", drop_broken(char)).lower()
        chars.append(folded if len(folded) == 1 else " " if not folded else char.lower()[:1] or " ")
    shadow = "".join(chars)
    simplified = to_simplified(shadow)
    if len(simplified) == len(text):
        return simplified
    return "".join(one if len(one := to_simplified(char)) == 1 else char for char in shadow)
