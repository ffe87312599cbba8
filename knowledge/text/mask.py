"""Personal numbers and names leave a message before anything else sees it.

The rule is to hide too much rather than too little, except for what a question needs: public short numbers,
fees, dates, flight and train numbers, years and durations stay readable. Digits are recognised in full-width,
spaced, hyphenated and Chinese-numeral form, because people type numbers as they read them off a document.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.text.names import name_spans
from knowledge.text.normalise import drop_broken

PLACEHOLDERS = {
    "document": ("[证件号]", "[document number]"),
    "phone": ("[手机号]", "[phone number]"),
    "card": ("[银行卡号]", "[card number]"),
    "number": ("[号码]", "[number]"),
    "name": ("[姓名]", "[name]"),
}
"""Kind → what stands in the text: in a message with Chinese characters, and in any other."""

_PLACEHOLDER = re.compile("|".join(re.escape(mark) for pair in PLACEHOLDERS.values() for mark in pair))
_CHINESE_DIGITS = dict(zip("零〇一二三四五六七八九幺", "001234567891", strict=True))
_CHINESE_RUN = re.compile("[零〇一二三四五六七八九幺](?:[ -]?[零〇一二三四五六七八九幺]){7,}")
_SEPARATOR = r"[ \-./_·,]"
_SHORT_WORDS = "(?:AM|AN|AS|AT|BY|DO|GO|ID|IF|IN|IS|IT|ME|MY|NO|OF|ON|OR|SO|TO|UP|US|WE)"
_RUN = re.compile(
    rf"(?<![A-Z0-9])(?P<plus>\+{_SEPARATOR}?)?"
    rf"(?P<head>[A-Z]{{1,3}}|[A-Z]{_SEPARATOR}|(?!{_SHORT_WORDS})[A-Z]{{2}}{_SEPARATOR})?"
    rf"\(?\d(?:{_SEPARATOR}{{0,2}}[()]?\d|{_SEPARATOR}?[A-Z]{{1,2}}(?=\d{{5}}))*"
    r"(?:[ \-]?\([\dA]\)|[ \-]?[XA-Z](?![A-Z0-9]))?"
)
_MOBILE = re.compile(r"(?:00)?(?:86)?1[3-9]\d{9}")
_IDENTITY = re.compile(
    r"[1-9]\d{5}(?:(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]"
    r"|\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3})"
)
_HONGKONG_IDENTITY = re.compile(r"[A-Z]{1,2}\d{6}[\dA]")
_DOCUMENT = re.compile(r"[A-Z]{1,3}\d{6,15}[A-Z]?|\d{2}[A-Z]{2}\d{5,7}|[A-Z]\d{2}[A-Z]{2}\d{5}")
_PUBLIC = re.compile(
    r"(?:00)?(?:86)?0?(?:10|2\d|[3-9]\d\d)?(?:12367|12345|123\d\d|1[12]\d|12\d|95\d{3})|(?:400|800)\d{7}"
)
_DATE_GROUPS = re.compile(r"(?:19|20)\d\d-(?:0?[1-9]|1[0-2])-(?:0?[1-9]|[12]\d|3[01])(?:-|$)")
_DATE = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_WRITTEN_DATE = re.compile(
    r"(?<!\d)(?<!\d[ -])(?:19|20)\d\d([-/.])(?:0?[1-9]|1[0-2])\1(?:3[01]|[12]\d|0?[1-9])(?!\d)"
)
_NUMBER_CUE = re.compile(
    r"(?:证|證|证件|護照|护照|身份|号码?|號碼?|單|单|账|帳|NUMBER|NUM|NO\.?|ID|PASSPORT|PERMIT|CARD|ACCOUNT)"
    r"(?:是|为|為|係|IS)?[ :#]*$"
)
_AMOUNT = re.compile(r" ?(?:元|块|塊|RMB|CNY|HKD|YUAN|USD|蚊|人民币|港币|美元|万)")


@dataclass(frozen=True)
class Masked:
    """A message without personal numbers, and the kinds that were found, in order (never their values).

    >>> Masked("我的护照[证件号]", ("document",)).found
    ('document',)
    """

    text: str
    found: tuple[str, ...]


def mask(text: str) -> Masked:
    """Replace personal numbers and names by placeholders such as [证件号] or [document number].

    Masking a masked text changes nothing. Broken characters are dropped first, so any string is accepted.

    >>> mask("护照 E1234 5678，电话１３８-0013-8000，打过12367").text
    '护照 [证件号]，电话[手机号]，打过12367'
    >>> mask("My name is John Smith, flight CA981 on 2026-11-23").text
    'My name is [name], flight CA981 on 2026-11-23'
    """
    clean = drop_broken(text)
    shadow = _shadow(clean)
    taken = sorted([*_number_spans(shadow), *((start, end, "name") for start, end in name_spans(clean))])
    column = 0 if any("一" <= char <= "鿿" for char in clean) else 1
    parts: list[str] = []
    found: list[str] = []
    done = 0
    for start, end, kind in taken:
        if start < done:
            continue
        parts += [clean[done:start], PLACEHOLDERS[kind][column]]
        found.append(kind)
        done = end
    return Masked("".join(parts) + clean[done:], tuple(found))


def strip_placeholders(text: str) -> str:
    """Remove placeholders, whose words are ours and not the user's, before language or meaning is judged.

    >>> strip_placeholders("my passport [document number] expired")
    'my passport   expired'
    """
    return _PLACEHOLDER.sub(" ", text)


def _shadow(text: str) -> str:
    """A copy of the same length: every digit, letter and separator in its plainest form, written dates struck out."""
    chars = [_plain(char) for char in text]
    for date in _WRITTEN_DATE.finditer("".join(chars)):
        chars[date.start() : date.end()] = "#" * len(date.group())
    for run in _CHINESE_RUN.finditer("".join(chars)):
        for place in range(run.start(), run.end()):
            chars[place] = _CHINESE_DIGITS.get(chars[place], chars[place])
    return "".join(chars)


def _plain(char: str) -> str:
    """One character's plain form: full-width folded, every dash a hyphen, every invisible or odd space a space."""
    if unicodedata.category(char) in ("Pd", "Zs", "Cf", "Cc") or char in "−~～ー":
        return " " if unicodedata.category(char) in ("Zs", "Cf", "Cc") else "-"
    if not char.isascii() and unicodedata.category(char) == "Nd":
        return str(unicodedata.digit(char))
    folded = unicodedata.normalize("NFKC", char)
    upper = folded.upper()
    return upper if len(upper) == 1 else char


def _number_spans(shadow: str) -> Iterator[tuple[int, int, str]]:
    """Find (start, end, kind) of every personal number; longest reading first, left to right."""
    for run in _RUN.finditer(shadow):
        groups = [(m.start() + run.start(), m.end() + run.start()) for m in re.finditer("[A-Z0-9+]+", run.group())]
        first = 0
        while first < len(groups):
            for last in range(len(groups), first, -1):
                span = (groups[first][0], groups[last - 1][1])
                pieces = [shadow[start:end] for start, end in groups[first:last]]
                kind = _kind(pieces, shadow[: span[0]], shadow[span[1] :])
                if kind:
                    yield span[0], _closed(shadow, span[1]), kind
                    first = last - 1
                    break
            first += 1


def _closed(shadow: str, end: int) -> int:
    """Take the bracket of a Hong Kong check digit along: A123456(7)."""
    return end + 1 if shadow[end : end + 1] == ")" and shadow[end - 2 : end - 1] == "(" else end


def _kind(pieces: list[str], before: str, after: str) -> str | None:
    """Say what a number split into `pieces` is, or None when it may stay."""
    compact = "".join(pieces)
    digits = compact.lstrip("+")
    if _PUBLIC.fullmatch(digits) or _dates(pieces) or _several(pieces):
        return None
    if _MOBILE.fullmatch(digits):
        return "phone"
    if _IDENTITY.fullmatch(digits):
        return "document"
    if not digits.isdigit():
        return "document" if _letters_fit(pieces, compact) else None
    if compact.startswith("+") and 8 <= len(digits) <= 15:
        return "phone"
    return _plain_digits(pieces, digits, before, after)


def _letters_fit(pieces: list[str], compact: str) -> bool:
    """Whether letters and digits form a document number; a lone word before a number (MU 5101) does not."""
    if not (_DOCUMENT.fullmatch(compact) or _HONGKONG_IDENTITY.fullmatch(compact)):
        return False
    return len(pieces) == 1 or not any(_dates(pieces[place:]) for place in range(1, len(pieces)))


def _several(pieces: list[str]) -> bool:
    """Whether the groups are numbers of their own side by side (110 119 120) and not one that was split."""
    if len(pieces) == 1 or max(map(len, pieces)) == 1:
        return False
    return all(_PUBLIC.fullmatch(piece) or _kind([piece], "", "") for piece in pieces)


def _dates(pieces: list[str]) -> bool:
    """Whether the groups begin as a date does (2026-11-23), or are one (20261123)."""
    return bool(_DATE_GROUPS.match("-".join(pieces)) or _DATE.fullmatch("".join(pieces)))


def _plain_digits(pieces: list[str], digits: str, before: str, after: str) -> str | None:
    """Judge a number of digits only, by its length, its grouping, and the words around it."""
    sizes = [len(piece) for piece in pieces]
    whole = len(sizes) == 1 or set(sizes) == {1} or (min(sizes[:-1]) >= 3 and sizes[-1] >= 2)
    if len(pieces) > 1 and any(map(_DATE.fullmatch, pieces)):
        return None
    if not whole or (_AMOUNT.match(after) and len(digits) < 11):
        return None
    if 13 <= len(digits) <= 19:
        return "card"
    if len(digits) == 8 and digits[0] in "235679" and sizes in ([8], [4, 4]):
        return "phone"
    if digits.startswith("0") and 10 <= len(digits) <= 12:
        return "phone"
    if len(digits) >= (9 if len(sizes) == 1 else 11):
        return "number"
    return "number" if len(digits) >= 6 and _NUMBER_CUE.search(before) else None
