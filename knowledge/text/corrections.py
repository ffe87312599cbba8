"""What a correction takes back, and what it puts in its place: 不是深圳，是珠海; "I mean Macao, not Hong Kong"."""

from __future__ import annotations

import re

_LONG = 60  # characters: in a longer message 不是 denies many things
_DENIED_BEFORE = re.compile(
    r"(?:不是|唔系|唔係|并非|not(?: in| to| a| the| from| for)?|instead of|rather than)\s*(?:去|在|喺|要|办|问)?\s*$"
)
_DENIALS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"^\W*(?:哦|噢|啊|等等|等下|等[阵陣]|不好意思|唔好意思|(?:sorry|oh|no|wait)\b)+[\s,，、.!]*",
        r"(?:我)?(?:刚才|刚刚|頭先|头先|上面)?(?:说|打|写|搞|弄|讲|講|寫|記|记|輸|输)(?:错|錯)(?:了|咗|字)?[\s,，、.。!]*",
        r"(?:不是|唔系|唔係)[^,，、是系係]{1,14}?[\s,，、]*(?:而|应该|應該)?(?=是|系|係)",
        r"[\s,，]*(?:不是|唔系|唔係)[^,，、是系係]{1,14}$",
        r"\bnot (?:a |an |the |in |to |from )?[^,;.]{1,30}[,;]\s*(?:but )?",
        r"[\s,]*\b(?:not|instead of|rather than) [^,;.]{1,30}$",
        r"\b(?:actually|correction|typo|i meant?|i said|sorry|i misspoke|my mistake|wrong|should be)\b[\s,:]*",
        r"^(?:不对|唔啱|错了|錯咗|更正|纠正一下|改正下|其实|其實)[\s,，、:：]*",
    )
)


def corrects(folded: str, names: list[tuple[str, int]]) -> bool:
    """Whether a short folded text denies one of its names, given as (kind, start), and gives another of that kind.

    >>> corrects("不是深圳,是珠海", [("place", 2), ("place", 6)])
    True
    """
    kinds = [kind for kind, _ in names]
    if len(folded) > _LONG:
        return False
    return any(kinds.count(kind) > 1 and denied(folded, start) for kind, start in names)


def denied(folded: str, start: int) -> bool:
    """Whether the name that starts there is named only to be denied.

    >>> denied("not shenzhen, zhuhai", 4)
    True
    """
    return bool(_DENIED_BEFORE.search(folded[:start]))


def put_right(text: str) -> str:
    """What a correction says once what it denies is cut off; the text itself when nothing would be left.

    >>> put_right("不是深圳，是珠海"), put_right("no, I said Macao not Hong Kong"), put_right("actually I'm German")
    ('是珠海', 'Macao', "I'm German")
    """
    for pattern in _DENIALS:
        shorter = pattern.sub("", text).strip(" ,，、。.!")
        text = shorter or text
    return text
