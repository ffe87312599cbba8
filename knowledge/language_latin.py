"""Which language a run of Latin-script words is written in.

Short English is the normal case and other languages are the exception, so another language needs clear evidence:
its own frequent words or letters. langdetect only settles which of several languages it is, because on a few words
it guesses wildly (and reads short Chinese as Korean, so it never sees any).
"""

import re

from langdetect import DetectorFactory, detect_langs
from langdetect.lang_detect_exception import LangDetectException

from knowledge.language_markers import ENGLISH_WORDS, GREETINGS, LOAN_WORDS, STOP_WORDS

DetectorFactory.seed = 0

_LETTERS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("vi", re.compile("[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]")),
    ("de", re.compile("[äß]")),
    ("es", re.compile("[ñ¿¡]")),
    ("pt", re.compile("[ãõ]")),
    ("fr", re.compile("[êèçœûîë]|[ldjnqcs]'[aeiouéh]")),
    ("tr", re.compile("[ğışİ]")),
    ("pl", re.compile("[łąęśźżćń]")),
    ("sv", re.compile("[å]")),
)
_PINYIN = re.compile(
    "(?:[bpmf]?(?:a|o|e|ai|ei|ao|ou|an|en|ang|eng|i|ie|iao|ian|in|ing|u)|[dtnl](?:a|e|ai|ei|ao|ou|an|ang|eng|ong|i|ie|iao"
    "|iu|ian|in|ing|u|uo|ui|uan|un|ve|v)|[gkh](?:a|e|ai|ei|ao|ou|an|en|ang|eng|ong|u|ua|uo|uai|ui|uan|un|uang)"
    "|[jqx](?:i|ia|ie|iao|iu|ian|in|iang|ing|iong|u|ue|uan|un)|(?:[zcs]h?|r)(?:a|e|i|ai|ei|ao|ou|an|en|ang|eng|ong|u|ua"
    "|uo|uai|ui|uan|un|uang)|y(?:a|e|ao|ou|an|i|in|ing|ang|ong|u|ue|uan|un)|w(?:a|o|ai|ei|an|en|ang|eng|u)|er)+"
)


def latin_language(words: list[str]) -> tuple[str | None, float]:
    """Say (ISO 639-1 code, confidence 0..1) for lower-case words; (None, 0.0) when they show nothing.

    A single word counts only when it is a greeting or a plain word of English grammar: names and loan words stand in
    every language. "zh" is returned for pinyin.

    >>> latin_language("how long can i stay".split())[0], latin_language(["visa"])[0]
    ('en', None)
    >>> latin_language("combien de temps puis-je rester en chine".split())[0]
    'fr'
    """
    if len(words) == 1:
        return (GREETINGS[words[0]], 0.7) if words[0] in GREETINGS else (None, 0.0)
    english = sum(word.replace("'", "") in ENGLISH_WORDS or GREETINGS.get(word) == "en" for word in words)
    other, weight = _other(words)
    if other and weight >= 2 and weight > english:
        return other, round(min(1.0, 0.5 + 0.1 * weight), 3)
    if english == 0 and _is_pinyin(words):
        return "zh", 0.6
    if english == 0 and all(word in LOAN_WORDS for word in words) and "bye" not in words:
        return None, 0.0
    return "en", round(min(1.0, 0.6 + 0.1 * english), 3)


def _other(words: list[str]) -> tuple[str | None, float]:
    """The best other language, with the weight of its evidence: words of its own count one, its letters one each."""
    weights = {
        code: float(sum(word in stop and word not in LOAN_WORDS for word in words))
        for code, stop in STOP_WORDS.items()
        if code != "en"
    }
    text = " ".join(words)
    for code, letters in _LETTERS:
        weights[code] += min(3, len(letters.findall(text)))
    best = max(weights.values())
    if best == 0:
        return None, 0.0
    tied = [code for code, weight in weights.items() if weight >= best - 0.5]
    return (tied[0] if len(tied) == 1 else _settle(text, tied)), best


def _settle(text: str, candidates: list[str]) -> str:
    """Let langdetect choose among languages with equal evidence; without its word, the first of them."""
    try:
        ranked = [guess.lang for guess in detect_langs(text)]
    except LangDetectException:
        return candidates[0]
    return next((code for code in ranked if code in candidates), candidates[0])


def _is_pinyin(words: list[str]) -> bool:
    """Whether at least three words all read as Mandarin syllables, and are long enough to be no abbreviations."""
    return len(words) >= 3 and sum(map(len, words)) >= 8 and all(_PINYIN.fullmatch(word) for word in words)
