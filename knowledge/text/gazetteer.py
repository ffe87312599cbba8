"""Places, ports, nationalities and documents named in a message.

Routing and the visa-free check act on what is found here, so a name that means several places keeps all of them
as candidates: asking back is cheap, a call to the wrong city is not. Works in the engine's environment too:
standard library, PyYAML and OpenCC only.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from opencc import OpenCC

from knowledge.text.gazetteer_data import Names, Target, load_names
from knowledge.text.normalise import in_hongkong

Kind = Literal["place", "port", "nationality", "document"]
Language = Literal["zh", "yue", "en"]

_to_simplified = OpenCC("t2s")
_APOSTROPHES = str.maketrans("’‘`´", "''''")
_BETWEEN_PARTS = frozenset({"", " ", ",", ", ", "，", "、", "的", "市", "省", " - ", "-", "/"})
_COMES_FROM = ("来自", "i'm from ", "i am from ", "im from ", "comes from ", "come from ", "we are from ", "is from ")


@dataclass(frozen=True)
class Mention:
    """One name in a text.

    `candidates` are division codes (place), port ids (port), ISO codes (nationality) or document ids, best known
    first; more than one means that the name alone does not tell. `areas` are district codes when every candidate is
    a district or county. `person` says that the name describes who someone is (香港人, American, 德国护照) rather
    than a place to be at or go to. `start` and `end` are offsets into the text given.
    """

    kind: Kind
    candidates: tuple[str, ...]
    text: str
    start: int
    end: int
    areas: tuple[str, ...] = ()
    person: bool = False


@dataclass(frozen=True)
class _Found:
    targets: tuple[Target, ...]
    start: int
    end: int
    person: bool


def fold(text: str) -> str:
    """The text as names are compared: half width, lower case, Simplified; always as long as `text`.

    >>> fold("ＰＶＧ 羅湖")
    'pvg 罗湖'
    """
    if text.isascii():
        return text.lower()
    plain = "".join(map(_fold_character, text)).translate(_APOSTROPHES)
    simplified: str = _to_simplified.convert(plain)
    if len(simplified) == len(text):
        return simplified
    return "".join(part if len(part := _to_simplified.convert(one)) == 1 else one for one in plain)


def _fold_character(character: str) -> str:
    folded = unicodedata.normalize("NFKC", character).lower()
    return folded if len(folded) == 1 else character


def _is_latin(character: str) -> bool:
    return character.isalnum() and character < "\u2e80"


class Gazetteer:
    """All names, compiled into one table searched by its first two characters; a message takes some 20 µs.

    >>> from pathlib import Path
    >>> gazetteer = Gazetteer.load(Path("data"))
    >>> [(m.kind, m.candidates) for m in gazetteer.find("韩国朋友飞PVG")]
    [('nationality', ('KR',)), ('port', ('air-pvg',))]
    >>> gazetteer.find("Suzhou")[0].candidates
    ('320500', '341300')
    """

    def __init__(self, names: Names) -> None:
        """Compiles `names`; use `load` for the project's own data."""
        self._names = names
        self._table = names.table
        self._lengths: dict[str, tuple[int, ...]] = {}
        by_start: dict[str, set[int]] = {}
        for name in names.table:
            by_start.setdefault(name[:2], set()).add(len(name))
        self._lengths = {start: tuple(sorted(found, reverse=True)) for start, found in by_start.items()}

    @classmethod
    def load(cls, data_dir: Path) -> Gazetteer:
        """Reads `data_dir`/places. Raises OSError for a missing file, ValueError or KeyError for a broken one."""
        return cls(load_names(data_dir / "places", fold))

    def find(self, text: str) -> list[Mention]:
        """Every name in `text`, left to right, the longest at each position, without overlaps.

        Neighbouring places of which one lies in the other are one mention of the narrower: 吉林省吉林市,
        北京朝阳区, "Suzhou, Jiangsu".
        """
        folded = fold(text)
        found: list[_Found] = []
        position = 0
        while position < len(folded) - 1:
            hit = self._match(text, folded, position)
            if hit is None:
                position += 1
                continue
            found.append(hit)
            position = hit.end
        return [_mention(one, text) for one in _joined(found, folded)]

    def name(self, kind: Kind, code: str, language: Language) -> str:
        """What people call it, in their language. Raises KeyError for a code that does not exist."""
        zh, yue, en = self._names.labels[kind][code]
        if language == "en":
            return en
        return zh if language == "zh" else yue or in_hongkong(zh)

    def region_of(self, kind: Kind, code: str) -> str | None:
        """The division code that a place, district or port lies in; None for nationalities and documents.

        >>> Gazetteer.load(Path("data")).region_of("port", "air-pvg")
        '310000'
        """
        return self._names.regions.get(code) if kind in ("place", "port") else None

    def _match(self, text: str, folded: str, start: int) -> _Found | None:
        lengths = self._lengths.get(folded[start : start + 2])
        if lengths is None or (start and _is_latin(folded[start]) and _is_latin(folded[start - 1])):
            return None
        for length in lengths:
            end = start + length
            if end > len(folded):
                continue
            name = folded[start:end]
            targets = self._table.get(name)
            if targets is None or not self._stands(text, folded, start, end):
                continue
            return _Found(targets, start, end, self._is_person(targets[0], folded, start, end))
        return None

    def _stands(self, text: str, folded: str, start: int, end: int) -> bool:
        """Whether the name found is that name here: a whole word, in capitals where needed, no part of another."""
        name = folded[start:end]
        if _is_latin(name[-1]) and end < len(folded) and _is_latin(folded[end]):
            return False
        if name in self._names.capitals and not text[start:end].isupper():
            return False
        if name in self._names.code_words and text.isupper() and text.isascii():
            return False
        if folded.startswith(self._names.not_before.get(name, ()), end):
            return False
        before = self._names.not_after.get(name)
        return not (before and folded[:start].endswith(before))

    def _is_person(self, target: Target, folded: str, start: int, end: int) -> bool:
        if target.kind not in ("nationality", "place"):
            return False
        if target.person:
            return True
        rest = folded[end : end + 16].lstrip()
        if folded.startswith(self._names.person_not, end):
            return False
        if rest.startswith(self._names.person_suffixes[target.kind]):
            return True
        word = rest.split(" ", 1)[0].rstrip(".,?!;:'")
        if word in self._names.person_suffixes_en[target.kind]:
            return True
        return target.kind == "nationality" and folded[:start].removesuffix("the ").endswith(_COMES_FROM)


def _mention(found: _Found, text: str) -> Mention:
    first = found.targets[0]
    return Mention(
        kind=first.kind,
        candidates=tuple(dict.fromkeys(target.code for target in found.targets)),
        text=text[found.start : found.end],
        start=found.start,
        end=found.end,
        areas=tuple(target.area for target in found.targets if target.area),
        person=found.person,
    )


def _joined(found: Iterable[_Found], folded: str) -> list[_Found]:
    joined: list[_Found] = []
    for one in found:
        last = joined[-1] if joined else None
        both = _narrower(last, one) if last and folded[last.end : one.start] in _BETWEEN_PARTS else ()
        if last and both:
            joined[-1] = _Found(both, last.start, one.end, one.person or last.person)
        else:
            joined.append(one)
    return joined


def _narrower(first: _Found, second: _Found) -> tuple[Target, ...]:
    """The targets of the narrower of two places where one lies in the other; empty where none does."""
    if first.targets[0].kind != "place" or second.targets[0].kind != "place":
        return ()
    for inner, outer in ((second, first), (first, second)):
        inside = tuple(one for one in inner.targets if any(_inside(one, place) for place in outer.targets))
        if inside:
            return inside
    return ()


def _inside(inner: Target, outer: Target) -> bool:
    if outer.area:
        return inner == outer
    if outer.code.endswith("0000"):
        return inner.code[:2] == outer.code[:2]
    return inner.code == outer.code
