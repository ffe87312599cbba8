"""How a message reads where there is only text: sources below, choices numbered, long texts in pieces."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from api.conversations.schemas import MessageOut
from knowledge.texts import Texts

LIMIT_BYTES = 2048
"""WeChat's limit of one text message, in UTF-8 (error 45002 beyond it)."""
_SENTENCE = re.compile(r".+?(?:[。！？；!?\n]+|[.](?=\s)|$)", re.DOTALL)
_NUMBER = re.compile(r"\W*(\d{1,2})\W*")


def readable(message: MessageOut, texts: Texts) -> str:
    """A message's text with all that the web shows beside it, without its choices."""
    parts = [message.text]
    if message.seat:  # all words come from one account here, and several people may be in the talk
        parts = [texts.get("channel_seat", message.language, seat=message.seat, text=message.text)]
    if message.more:
        parts.append(message.more)
    for source in message.sources[:2]:
        line = texts.get("channel_source", message.language, title=source.title, authority=source.authority)
        parts.append(" ".join(filter(None, [line, source.date, source.url])))
    return "\n".join(parts)


def numbered(choices: Sequence[str]) -> str:
    """Choices as lines to pick from by number.

    >>> numbered(["护照", "签证"])
    '1. 护照\\n2. 签证'
    """
    return "\n".join(f"{number}. {label}" for number, label in enumerate(choices, 1))


def chosen(text: str, choices: Sequence[str], by_number: bool = True) -> int | None:
    """Which choice a typed text means, counted from 0: its number (full-width too), or its label.

    >>> chosen("２。", ["护照", "签证"]), chosen("签证", ["护照", "签证"]), chosen("12367", ["护照"])
    (1, 1, None)
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    labels = [unicodedata.normalize("NFKC", label).strip() for label in choices]
    if plain in labels:
        return labels.index(plain)
    match = _NUMBER.fullmatch(plain) if by_number else None
    place = int(match.group(1)) - 1 if match else -1
    return place if 0 <= place < len(choices) else None


def pieces(text: str, limit: int = LIMIT_BYTES) -> list[str]:
    """Cut a text into pieces of at most ``limit`` bytes, at sentence ends where there are any.

    >>> pieces("一二。三四。五", limit=18)
    ['一二。三四。', '五']
    """
    found: list[str] = []
    current = ""
    for sentence in _short_enough(text, limit):
        if current and _size(current + sentence) > limit:
            found.append(current.strip())
            current = ""
        current += sentence
    return [*found, current.strip()] if current.strip() else found


def _short_enough(text: str, limit: int) -> Iterator[str]:
    """Sentences; one that is longer than a message is cut between characters."""
    for match in _SENTENCE.finditer(text):
        sentence = match.group()
        while _size(sentence) > limit:
            head = sentence.encode()[:limit].decode("utf-8", "ignore")
            yield head
            sentence = sentence[len(head) :]
        yield sentence


def _size(text: str) -> int:
    return len(text.encode())
