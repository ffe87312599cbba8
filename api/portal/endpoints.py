"""The portal's addresses: every page in every language, and what search engines read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from api import problems
from api.dependencies import get_container
from api.portal import rendering, sitemap
from api.portal.pages import finders, guides, search, visa
from api.portal.site import PREFIX, Ask, Moved, View
from api.problems import Problem
from api.security import address
from api.web import PRIVATE
from knowledge.language import Language

Page = Callable[..., View]
router = APIRouter(include_in_schema=False)
PAGES: dict[str, Page] = {
    "/": guides.home,
    "/guides": guides.guides,
    "/guides/{topic}": guides.topic,
    "/entries/{entry_id}": guides.entry,
    "/policies": guides.policies,
    "/services": guides.services,
    "/life": guides.life,
    "/contact": guides.contact,
    "/ports": finders.ports,
    "/ports/{port_id}": finders.port,
    "/offices": finders.offices,
    "/fees": finders.fees,
    "/visa-free": visa.visa_free,
    "/search": search.search,
}


def asked(request: Request, language: Language) -> Ask:
    """The request for a page in a language."""
    path = request.url.path.removeprefix(PREFIX[language]) or "/"
    return Ask(get_container(request).portal, request, language, path)


def _language(path: str) -> Language:
    """The language that an address begins with."""
    return next((one for one, start in PREFIX.items() if start and f"{path}/".startswith(f"{start}/")), "zh")


def _endpoint(page: Page, language: Language) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        ask = asked(request, language)
        if page is search.search and ask.query.get("q"):  # the only page that costs more than it takes to ask for it
            container = get_container(request)
            try:
                caller = address(request, container.settings)
                await container.limits.check(container.settings.limit_requests, "request", caller)
            except Problem:
                return ask.render(search.too_fast(ask))
        try:
            return ask.render(page(ask, **request.path_params))
        except Moved as moved:
            return RedirectResponse(ask.link(moved.path), 301)

    return endpoint


for _spoken, _start in PREFIX.items():
    for _path, _page in PAGES.items():
        router.add_api_route(_start + _path, _endpoint(_page, _spoken), methods=["GET", "HEAD"])
    if _start:
        router.add_api_route(_start, _endpoint(guides.home, _spoken), methods=["GET", "HEAD"])


@router.api_route("/sitemap.xml", methods=["GET", "HEAD"])
async def site_map(request: Request) -> Response:
    """Every page with its languages."""
    return await asyncio.to_thread(sitemap.respond, asked(request, "zh"))


@router.api_route("/robots.txt", methods=["GET", "HEAD"])
async def robots(request: Request) -> Response:
    """What search engines may read, and where the list of pages is."""
    closed = "".join(f"Disallow: {path}\n" for path in ("/v1/", "/internal/", "/console"))
    listed = asked(request, "zh").absolute("/sitemap.xml")
    return rendering.respond(request, f"User-agent: *\n{closed}\nSitemap: {listed}\n", 200, "text/plain")


async def _missing(request: Request, error: Exception) -> Response:
    """Who looks for a page that does not exist gets one that helps; programs get their problem document."""
    assert isinstance(error, HTTPException)
    page = request.method in ("GET", "HEAD") and "text/html" in request.headers.get("accept", "")
    if error.status_code == 404 and page and not request.url.path.startswith((*PRIVATE, "/assets/")):
        ask = asked(request, _language(request.url.path))
        return ask.render(guides.missing(ask))
    return await problems.on_http(request, error)


def install(app: FastAPI) -> None:
    """Add the pages to an application that already tells of errors as problem documents."""
    app.include_router(router)
    app.add_exception_handler(HTTPException, _missing)
