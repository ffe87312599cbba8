"""The list of pages for search engines: some two thousand addresses, each with the same page in every language."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import Response
from markupsafe import escape

from api.portal import rendering
from api.portal.site import ADDRESSES, HREFLANG, PREFIX, Ask

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">
"""


def respond(ask: Ask) -> Response:
    """The response. It is long, so it is put together without templates, and made in a thread of its own."""
    base = escape(ask.absolute(""))
    starts = [(code, f"{base}{PREFIX[language]}") for language, code in HREFLANG.items()]
    rows = []
    for path in map(escape, _addresses(ask)):  # editors name topics as they like
        links = "".join(f'<xhtml:link rel="alternate" hreflang="{code}" href="{at}{path}"/>\n' for code, at in starts)
        rows += [f"<url><loc>{at}{path}</loc>\n{links}</url>\n" for _, at in starts]
    return rendering.respond(ask.request, f"{HEAD}{''.join(rows)}</urlset>\n", 200, "application/xml")


def _addresses(ask: Ask) -> Iterator[str]:
    """Every page that search engines shall know, without a language."""
    entries = ask.site.current()
    yield "/"
    yield from ADDRESSES.values()
    yield from (f"/guides/{name}" for name in sorted({entry.topic for entry in entries}))
    yield from (f"/entries/{entry.id}" for entry in entries)
    yield from (f"/ports/{port}" for port in sorted(ask.site.services.tools.policies.ports))
