"""Reading what a platform pushes to us."""

from __future__ import annotations

from collections.abc import Mapping
from xml.parsers.expat import ExpatError

import xmltodict
from fastapi import Request

from api.problems import Problem

MAX_BODY = 64 * 1024


async def body(request: Request) -> bytes:
    """The body of a push.

    Raises:
        Problem: 413 beyond the limit.
    """
    found = b""
    async for chunk in request.stream():
        found += chunk
        if len(found) > MAX_BODY:
            raise Problem(413, "too-large", f"a push has at most {MAX_BODY} bytes")
    return found


def fields(xml: bytes, needed: frozenset[str]) -> Mapping[str, str]:
    """The fields of a push, those that are ``needed`` among them. Entities are not expanded (xmltodict refuses them).

    Raises:
        Problem: 400 for anything else.
    """
    try:
        found = xmltodict.parse(xml)["xml"]
        if not isinstance(found, dict) or not needed <= found.keys():
            raise ValueError("fields are missing")
        return {name: value or "" for name, value in found.items()}
    except (ExpatError, ValueError, KeyError, TypeError) as error:
        raise Problem(400, "not-a-push", "the body is not a platform's message (XML with the root <xml>)") from error
