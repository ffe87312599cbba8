"""``Partner``: put it in an endpoint's arguments, and only a partner's signed call gets in."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from api.dependencies import get_container
from api.security import address


async def signed_by(request: Request) -> str:
    """The name of the partner that signed this call."""
    container = get_container(request)
    await container.limits.check(container.settings.limit_partners, "partner", address(request, container.settings))
    query = request.url.query
    target = request.url.path + (f"?{query}" if query else "")
    return await container.partners.verify(request.headers, request.method, target, await request.body())


Partner = Annotated[str, Depends(signed_by)]
