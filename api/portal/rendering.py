"""Templates, and what a public page's response carries: language, cache headers, an entity tag."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from api import web
from knowledge.language import Language
from knowledge.texts import spoken_day

DATE = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2])(?:-(\d\d))?)?")
SCRIPT = "src/portal/main.ts"
NUMBERS = re.compile(
    r"(?<![\d+-])\+\d{1,3}[- ]\d{1,4}[- ]\d{4,8}(?![\d-])"
    r"|(?<![\d+.-])123(?:01|05|08|15|28|29|33|45|48|60|66|67|88|89|93|95)(?![\d-]|\.\d)"
    r"|(?:(?<=[拨撥]打)|(?<=[致来][电電])|(?<=[报報]警)|(?<=[Cc]all )|(?<=[Dd]ial ))1(?:10|19|20|22)(?![\d.-])"
    r"|(?<![\d+-])0\d{2,3}-\d{7,8}(?![\d-])"
)
"""Telephone numbers, as the widget finds them (``api/web/src/shared/text.ts``): 120 hours are none."""


def environment() -> Environment:
    """The templates; what is put into them is escaped, and a name that does not exist is an error."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["dialled"] = dialled
    return made


def dialled(text: str) -> Markup:
    """A text with its telephone numbers as links, line breaks kept, everything else escaped.

    >>> str(dialled("<b>拨打12367"))
    '&lt;b&gt;拨打<a href="tel:12367">12367</a>'
    """
    parts, end = [Markup()], 0
    for match in NUMBERS.finditer(text):
        number = re.sub(r"[^\d+]", "", match[0])
        parts += [escape(text[end : match.start()]), Markup('<a href="tel:{}">{}</a>').format(number, match[0])]
        end = match.end()
    parts.append(escape(text[end:]))
    return Markup().join(parts).replace("\n", Markup("<br>"))


def spoken(day: str, language: Language) -> str:
    """A day, a month or a year, as entries and tables write them, in words; of two, both.

    >>> spoken("2025-11", "en"), spoken("2025-11-05", "zh"), spoken("2023-02/2025", "zh")
    ('November 2025', '2025年11月5日', '2023年2月 / 2025年')
    """
    if "/" in day:
        return " / ".join(spoken(part, language) for part in day.split("/"))
    match = DATE.fullmatch(day)
    if match is None:
        return day
    year, month, rest = match.groups()
    if rest:
        return spoken_day(date.fromisoformat(day), language)
    if not month:
        return year if language == "en" else f"{year}年"
    first = date(int(year), int(month), 1)
    return f"{first:%B} {year}" if language == "en" else f"{year}年{first.month}月"


@lru_cache(maxsize=4)
def _manifest(path: Path, changed: int) -> Mapping[str, Any]:
    built: Mapping[str, Any] = json.loads(path.read_text("utf-8")).get(SCRIPT, {})
    return built


def assets(folder: Path) -> Mapping[str, Any]:
    """Names of the built script and styles (``{file, css}``); empty while the pages are not built."""
    path = folder / ".vite" / "manifest.json"
    return _manifest(path, path.stat().st_mtime_ns) if path.is_file() else {}


def respond(request: Request, body: str, status: int, media_type: str, language: str | None = None) -> Response:
    """A public page: kept by browsers and proxies, but asked about each time, since policies end at midnight."""
    tag = f'W/"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'
    headers = {"Cache-Control": "public, no-cache", "ETag": tag}
    if language:
        headers["Content-Language"] = language
    if status == 200 and web.unchanged(request, tag):
        return Response(status_code=304, headers=headers)
    return Response(body, status, headers, f"{media_type}; charset=utf-8")
