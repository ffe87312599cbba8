"""A page of the portal, as a browser without script gets it."""

from __future__ import annotations

from html.parser import HTMLParser

import httpx

from knowledge.entries import load_folder
from knowledge.paths import DATA

ENTRIES = load_folder(DATA / "knowledge" / "entries")
LISTED, XHTML = "{http://www.sitemaps.org/schemas/sitemap/0.9}", "{http://www.w3.org/1999/xhtml}"
"""Names in the site map."""


class Page(HTMLParser):
    """What a test looks at in a page."""

    VOID = {"meta", "link", "input", "br", "img", "hr"}

    def __init__(self, response: httpx.Response) -> None:
        super().__init__()
        self.response, self.text = response, response.text
        self.title, self.lang, self.canonical, self.robots = "", "", "", ""
        self.alternates: dict[str, str] = {}
        self.links: list[dict[str, str | None]] = []
        self.scripts: list[dict[str, str | None]] = []
        self._open: list[str] = []
        self.faults: list[str] = []
        self.words: list[str] = []
        self.feed(self.text)
        self.faults += [f"<{tag}> is never closed" for tag in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in self.VOID:
            self._open.append(tag)
        if tag == "html":
            self.lang = given["lang"] or ""
        elif tag == "link" and given["rel"] == "canonical":
            self.canonical = given["href"] or ""
        elif tag == "link" and given["rel"] == "alternate":
            self.alternates[given["hreflang"] or ""] = given["href"] or ""
        elif tag == "meta" and given.get("name") == "robots":
            self.robots = given["content"] or ""
        elif tag == "a":
            self.links.append(given)
        elif tag == "script":
            self.scripts.append(given)
        if "style" in given or any(name.startswith("on") for name in given):
            self.faults.append(f"<{tag}> has what the security policy forbids: {given}")

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"</{tag}> closes something else")

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "title":
            self.title += data
        elif self._open and self._open[-1] not in ("script", "style"):
            self.words.append(data)

    @property
    def said(self) -> str:
        """The page's text."""
        return " ".join("".join(self.words).split())


def opened(http: httpx.Client, path: str, status: int = 200) -> Page:
    response = http.get(path)
    assert response.status_code == status, response.text[:500]
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return Page(response)
