"""In which language a message is written, and in which one to answer.

Three languages are served: Mandarin (zh), Cantonese (yue) and English (en). Evidence is weighed in this order:
script and the share of Latin words, then Cantonese and Mandarin marks. A message without evidence (digits, one
loan word, 签证 alone) decides nothing; `decide` then keeps the conversation's language.
"""

import json
import math
import re
import unicodedata
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any, Literal

from cantonesedetect import CantoneseDetector

from knowledge.language_latin import latin_language
from knowledge.language_markers import CANTONESE, ENGLISH_WORDS, GRAMMAR, LOAN_WORDS, MANDARIN
from knowledge.paths import DATA
from knowledge.text.mask import strip_placeholders
from knowledge.text.normalise import normalise, to_hongkong, to_simplified, to_traditional, visible

Language = Literal["zh", "yue", "en"]
Script = Literal["hans", "hant", "latin"]

LANGUAGES: tuple[Language, ...] = ("zh", "yue", "en")
SURE = 0.6
"""Least confidence of a detection that may take a conversation from Cantonese to Mandarin."""

_HAN = re.compile("[㐀-䶿一-鿿豈-﫿𠀀-𯿿]")
_LATIN_WORD = re.compile(r"[A-Za-zÀ-ɏḀ-ỿ]+(?:['’-][A-Za-zÀ-ɏḀ-ỿ]+)*")
_CODE = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+\.\S+|[A-Za-z]*\d[A-Za-z0-9]*(?=[^A-Za-z0-9]|$)")
_OTHER_SCRIPTS = (
    ("ja", re.compile("[ぁ-ゖァ-ヺー]")),
    ("ko", re.compile("[가-힣ᄀ-ᇿㄱ-ㆎ]")),
    ("th", re.compile("[฀-๿]")),
    ("ar", re.compile("[؀-ۿݐ-ݿ]")),
    ("he", re.compile("[֐-׿]")),
    ("hi", re.compile("[ऀ-ॿ]")),
    ("bn", re.compile("[ঀ-৿]")),
    ("ta", re.compile("[஀-௿]")),
    ("el", re.compile("[Ͱ-Ͽ]")),
    ("ru", re.compile("[Ѐ-ӿ]")),
    ("my", re.compile("[က-႟]")),
    ("km", re.compile("[ក-៿]")),
    ("lo", re.compile("[຀-໿]")),
    ("mn", re.compile("[᠀-᢯]")),
    ("bo", re.compile("[ༀ-࿿]")),
    ("ka", re.compile("[Ⴀ-ჿ]")),
    ("hy", re.compile("[԰-֏]")),
)
_LONE_KANA = re.compile("[のー]")


@dataclass(frozen=True)
class Detection:
    """What one message shows. `other` is the ISO 639-1 code of a language that is not served.

    >>> Detection(None, None, 0.0, None, False).language is None
    True
    """

    language: Language | None
    script: Script | None
    confidence: float
    other: str | None
    whole: bool


NOTHING = Detection(None, None, 0.0, None, False)


def detect(text: str) -> Detection:
    """Say in which language one message is written. Accepts any string; never raises.

    >>> detect("我個passport expire咗").language, detect("我的visa过期了").language
    ('yue', 'zh')
    >>> detect("How do I get from 罗湖 to the airport").language, detect("CA981").language
    ('en', None)
    >>> detect("パスポートをなくしました").other
    'ja'
    """
    clean = _CODE.sub(" ", unicodedata.normalize("NFKC", strip_placeholders(visible(text))))
    han = len(_HAN.findall(clean))
    words = _LATIN_WORD.findall(clean)
    other = _other_script(clean, han, len(words))
    if other:
        return Detection(None, None, 0.9, other, True)
    if han and not _latin_leads(clean, han, words):
        return _chinese(clean, han, words)
    return _latin(words, han) if words else NOTHING


def _other_script(text: str, han: int, words: int) -> str | None:
    """The language of a script that is none of ours, when that script carries the message."""
    counts = {code: len(pattern.findall(text)) for code, pattern in _OTHER_SCRIPTS}
    counts["ja"] = (
        0 if han and not _LONE_KANA.sub("", "".join(_OTHER_SCRIPTS[0][1].findall(text))) else counts["ja"] * 4
    )
    code, count = max(counts.items(), key=lambda item: item[1])
    return code if count and count >= max(han, words * 2) else None


def _latin_leads(text: str, han: int, words: list[str]) -> bool:
    """Whether the sentence is built of Latin words and the Chinese characters are names in it."""
    english = sum(word.lower() in ENGLISH_WORDS for word in words)
    chinese = len(GRAMMAR.findall(text)) + _score(CANTONESE, text, text)
    if english < 2:
        return chinese == 0 and len(words) >= 3 * han
    return english > chinese * 1.5 and len(words) * 2 > han


def _chinese(text: str, han: int, words: list[str]) -> Detection:
    """Cantonese, Mandarin, or Chinese that could be either (confidence below `SURE`)."""
    script = script_of(text)
    hongkong = to_hongkong(text)
    cantonese, mandarin = _score(CANTONESE, text, hongkong), _score(MANDARIN, text, hongkong)
    verdict = _detector_verdict(hongkong)
    cantonese += 0.4 * (verdict == "cantonese")
    mandarin += 0.2 * (verdict == "swc")
    whole = len(words) <= 2 or len(words) * 3 <= han
    likely = cantonese_likelihood(hongkong)
    if max(cantonese, mandarin) < 0.6 and likely >= _LIKELY[script] + (0.25 if han < 3 and not words else 0.0):
        return Detection("yue", script, round(SURE + (1 - SURE) * (likely - 0.5), 3), None, whole)
    if cantonese >= 0.6 and cantonese >= 0.7 * mandarin:
        return Detection("yue", script, _confidence(cantonese, mandarin), None, whole)
    if mandarin >= 0.6:
        return Detection("zh", script, _confidence(mandarin, cantonese), None, whole)
    if han <= 6 and not GRAMMAR.search(text):
        return Detection(None, script, 0.0, None, False)
    return Detection("zh", script, 0.5, None, whole)


_LIKELY = {"hant": 0.6, None: 0.8, "hans": 0.9}
"""Least likelihood of Cantonese without a mark of either language; in Simplified script it takes more."""


def cantonese_likelihood(hongkong: str) -> float:
    """How likely a Chinese text in Hong Kong characters is Cantonese and not Mandarin, by all its characters, 0..1.

    >>> cantonese_likelihood("講多次") > 0.8 > cantonese_likelihood("再說一次")
    True
    """
    bias, weights = _cantonese_weights()
    padded = f" {hongkong.lower()} "
    grams = {padded[at : at + size] for size in (1, 2, 3) for at in range(len(padded) - size + 1)}
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, bias + sum(weights.get(gram, 0.0) for gram in grams)))))


@lru_cache(maxsize=1)
def _cantonese_weights() -> tuple[float, dict[str, float]]:
    """What `knowledge.language_training` learnt."""
    stored = json.loads((DATA / "language" / "cantonese.json").read_text(encoding="utf-8"))
    return stored["bias"], stored["weights"]


def _score(patterns: tuple[tuple[re.Pattern[str], float], ...], text: str, hongkong: str) -> float:
    """Sum of the weights of the marks found in the text as written or in its Hong Kong form."""
    return sum(
        weight * max(len(pattern.findall(text)), len(pattern.findall(hongkong))) for pattern, weight in patterns
    )


def _confidence(won: float, lost: float) -> float:
    """Between `SURE` and 1: how clear the marks are."""
    return round(SURE + (1 - SURE) * min(1.0, won / 2) * (won / (won + lost)), 3)


@lru_cache(maxsize=1)
def _detector() -> CantoneseDetector:
    """The library's detector: compiled patterns, no state."""
    return CantoneseDetector()


def _detector_verdict(hongkong: str) -> str:
    """What cantonesedetect says: cantonese, swc (Mandarin), mixed or neutral. It needs Hong Kong characters."""
    return str(_detector().judge(hongkong).value)


def script_of(text: str) -> Literal["hans", "hant"] | None:
    """Simplified or Traditional, by the characters that only one of them has; None when there are none.

    >>> script_of("签证"), script_of("簽證"), script_of("广州塔"), script_of("口岸")
    ('hans', 'hant', 'hans', None)
    """
    traditional = sum(a != b for a, b in zip(text, to_simplified(text), strict=False))
    simplified = sum(a != b for a, b in zip(text, to_traditional(text), strict=False))
    if traditional == simplified:
        return None
    return "hant" if traditional > simplified else "hans"


def _latin(words: list[str], han: int) -> Detection:
    """English, another language in Latin letters, or (one loan word, a name) nothing."""
    lower = [word.lower().replace("’", "'") for word in words]
    code, confidence = latin_language(lower)
    if code is None:
        return NOTHING
    if code == "zh":
        return Detection("zh", "latin", confidence, None, True)
    if code != "en":
        return Detection(None, "latin", confidence, code, han == 0)
    loans_only = all(word in LOAN_WORDS for word in lower)
    return Detection("en", "latin", confidence, None, han == 0 and not loans_only)


_NAMES: tuple[tuple[re.Pattern[str], Language, Literal["hans", "hant"] | None], ...] = (
    (re.compile(r"繁体|正体|\btraditional\b"), "zh", "hant"),
    (re.compile(r"简体|\bsimplified\b"), "zh", "hans"),
    (re.compile(r"粤语|广东话|白话|\bcantonese\b"), "yue", None),
    (re.compile(r"英文|英语|\benglish\b"), "en", None),
    (re.compile(r"中文|普通话|国语|华语|汉语|\bmandarin\b|\bchinese\b"), "zh", None),
)
_UNWANTED = re.compile(
    r"(?:别|不要?|唔好|唔要|唔识|不会|不懂|看不懂|听不懂|睇唔明|听唔明|\bno(?: more)?|\bnot|n't|\bcan ?not)"
    r"[^,，。.;!]{0,14}?(?:英文|英语|粤语|广东话|普通话|中文|\benglish|\bcantonese|\bmandarin|\bchinese)"
)


def language_named(text: str) -> tuple[Language, Literal["hans", "hant"] | None] | None:
    """The language, and the script if told, that a request for a language names; None where there is none.

    >>> language_named("请讲英语"), language_named("唔好講英文，中文"), language_named("traditional script please")
    (('en', None), ('zh', None), ('zh', 'hant'))
    """
    plain = _UNWANTED.sub(" ", normalise(text))
    return next(((language, script) for name, language, script in _NAMES if name.search(plain)), None)


@dataclass(frozen=True)
class LanguageState:
    """What a conversation remembers about language; `bound` after the visitor's own switch.

    >>> LanguageState.from_dict(LanguageState(current="yue", bound=True).to_dict()).current
    'yue'
    """

    current: Language = "zh"
    bound: bool = False
    streak_language: Language | None = None
    streak: int = 0
    script: Literal["hans", "hant"] = "hans"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for a database row or a message's metadata."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "LanguageState":
        """Read what `to_dict` wrote; unknown keys are ignored and missing ones get their defaults."""
        known = {key: values[key] for key in cls.__dataclass_fields__ if key in values}
        return cls(**known)


def decide(state: LanguageState, found: Detection) -> tuple[Language, LanguageState]:
    """Choose the language of this reply, and the conversation's new state.

    Unbound, a message with evidence is answered in its own language at once, while the conversation's language
    follows only after its first such message or two running wholly in the new one: one English sentence inside a
    Chinese conversation must not change the language of the buttons that follow. Bound, nothing but two such
    messages changes the language, and the binding ends with it.

    >>> reply, state = decide(LanguageState(), detect("how do I extend my visa"))
    >>> reply, state.current
    ('en', 'en')
    >>> reply, state = decide(state, detect("签证"))
    >>> reply
    'en'
    """
    state = _with_script(state, found)
    language = _told_apart(found, state.current)
    if language is None:
        return state.current, state
    first = state.streak_language is None
    streak = (state.streak if language == state.streak_language else 0) + 1 if found.whole else 0
    after = replace(state, streak_language=language, streak=streak)
    if language == state.current:
        return language, after
    if streak >= 2 or (first and not state.bound):
        return language, replace(after, current=language, bound=False)
    return (state.current if state.bound else language), after


def _with_script(state: LanguageState, found: Detection) -> LanguageState:
    """Follow the script in which the user writes Chinese."""
    if found.script == "hans" or found.script == "hant":
        return replace(state, script=found.script)
    return state


def _told_apart(found: Detection, current: Language) -> Language | None:
    """Chinese without marks of either language continues a Cantonese conversation."""
    if found.language == "zh" and found.confidence < SURE and current == "yue":
        return "yue"
    return found.language
