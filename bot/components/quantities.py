"""Lengths of time, ages and dates in a message, as values that a rule can calculate with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_WORDS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "sixty": 60,
    "ninety": 90,
}  # fmt: skip
_NUMBER = r"(?:\d{1,4}|[零〇一二两三四五六七八九十廿卅百]{1,5}|半)"
_ENGLISH_NUMBER = r"(?:\d{1,4}|half an?|" + "|".join(_WORDS) + ")"
_UNITS = {
    "小时": "H", "钟头": "H", "钟": "H", "天": "D", "日": "D", "号": "D", "周": "W", "星期": "W", "礼拜": "W",
    "月": "M", "年": "Y", "hour": "H", "hr": "H", "h": "H", "day": "D", "night": "D", "week": "W", "month": "M",
    "year": "Y", "yr": "Y",
}  # fmt: skip
_HALF = {"D": "PT12H", "M": "P15D", "Y": "P6M", "H": "PT30M", "W": "P3D"}

_CHINESE_AGE = re.compile(rf"(?P<n>{_NUMBER})\s*(?:周)?(?:岁)")
_ENGLISH_AGE = re.compile(
    rf"\b(?P<n>{_ENGLISH_NUMBER})[ -]?(?:years?|yrs?|yo|y/o)[ -]?old\b|\b(?:aged?|age is) (?P<m>\d{{1,3}})\b"
    r"|\b(?P<y>\d{1,3}) ?(?:yo|y/o)\b"
)
_CHINESE_DURATION = re.compile(
    rf"(?P<n>{_NUMBER})\s*(?:个|個|多)?\s*(?:半)?\s*(?P<u>小时|钟头|天|周|星期|礼拜|月(?!\d|份)|年(?!\d|前生)|(?<=个)钟|日(?!本|元))"
)
_ENGLISH_DURATION = re.compile(
    rf"\b(?P<n>{_ENGLISH_NUMBER})[ -]?(?P<u>hours?|hrs?|h|days?|nights?|weeks?|months?|years?|yrs?)\b"
)
# How often is no length: "times a year", 一年可以去几次.
_OFTEN_BEFORE = re.compile(r"\b(?:times?|once|twice|visits?|trips?|entries|entry)(?: in| within)?\s*$")
_OFTEN_AFTER = re.compile(
    r"\s*(?:之?内|里|能|可以?|最多|至多|入境|出境|过境|来|去|进|入|到|往返)*"
    r"(?:几|多少|好多|\d+|[一二两三四五六])(?:多)?[次趟转]|(?:里|内)?(?:累计|总共|一共|合共|加埋)"
)
_DATE = re.compile(
    r"(?P<y>20\d\d)\s*(?:年|[-/.])\s*(?P<m>\d{1,2})\s*(?:月|[-/.])\s*(?P<d>\d{1,2})(?!\d)"
    r"|(?<!\d)(?P<m2>\d{1,2})月(?P<d2>\d{1,2})(?=[日号]|\D|$)"
)


@dataclass(frozen=True)
class Quantity:
    """One value: a duration (ISO 8601, P20D or PT240H), an age (years) or a date (ISO, --MM-DD without year)."""

    entity: Literal["duration", "age", "date"]
    value: str
    start: int
    end: int


def find_quantities(folded: str) -> list[Quantity]:
    """The quantities in a folded text (`knowledge.text.gazetteer.fold`), left to right, without overlaps.

    >>> [(found.entity, found.value) for found in find_quantities("8岁的孩子来二十天")]
    [('age', '8'), ('duration', 'P20D')]
    """
    found: list[Quantity] = []
    for reader in (_dates, _ages, _durations):
        for one in reader(folded):
            if all(one.end <= other.start or one.start >= other.end for other in found):
                found.append(one)
    return sorted(found, key=lambda one: one.start)


def _number(text: str) -> int | None:
    if text.isdigit():
        return int(text)
    if text in _WORDS:
        return _WORDS[text]
    if not all(character in _DIGITS or character in "十廿卅百" for character in text):
        return None
    total = pending = 0
    for character in text.replace("廿", "二十").replace("卅", "三十"):
        if character in "十百":
            total += (pending or 1) * (10 if character == "十" else 100)
            pending = 0
        else:
            pending = pending * 10 + _DIGITS[character]
    return total + pending


def _dates(text: str) -> list[Quantity]:
    dates = []
    for match in _DATE.finditer(text):
        month, day = int(match["m"] or match["m2"]), int(match["d"] or match["d2"])
        if 1 <= month <= 12 and 1 <= day <= 31:
            value = f"{match['y'] or '-'}-{month:02}-{day:02}"
            dates.append(Quantity("date", value, match.start(), match.end()))
    return dates


def _ages(text: str) -> list[Quantity]:
    ages = []
    for match in [*_CHINESE_AGE.finditer(text), *_ENGLISH_AGE.finditer(text)]:
        groups = match.groupdict()
        number = _number(groups.get("n") or groups.get("m") or groups.get("y") or "")
        if number is not None:
            ages.append(Quantity("age", str(number), match.start(), match.end()))
    return ages


def _durations(text: str) -> list[Quantity]:
    durations = []
    for match in [*_CHINESE_DURATION.finditer(text), *_ENGLISH_DURATION.finditer(text)]:
        once = match["n"] in ("a", "an", "one", "1") and _OFTEN_BEFORE.search(text[: match.start()])
        if once or _OFTEN_AFTER.match(text[match.end() :]):
            continue
        unit = _UNITS.get(match["u"]) or _UNITS[match["u"].rstrip("s")]
        if match["n"].startswith(("半", "half")):
            durations.append(Quantity("duration", _HALF[unit], match.start(), match.end()))
            continue
        number = _number(match["n"])
        if number is not None:
            value = f"PT{number}H" if unit == "H" else f"P{number}{unit}"
            durations.append(Quantity("duration", value, match.start(), match.end()))
    return durations
