"""Serves the built pages, and says which sites may embed the widget."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse
from fastapi.staticfiles import StaticFiles
from starlette.requests import HTTPConnection
from starlette.responses import Response

from api.problems import Problem

FILES = {
    "/": "index.html",
    "/en": "en/index.html",
    "/en/": "en/index.html",
    "/console": "console.html",
    "/widget.js": "widget.js",
    "/favicon.svg": "favicon.svg",
}
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
)
NOT_BUILT = "<h1>12367</h1><p>The web pages are not built yet: run <code>make web</code>.</p>"


def mount(app: FastAPI, folder: Path) -> None:
    """Serve the pages of ``folder``; a page that is not built says how to build it."""
    for path, name in FILES.items():
        app.add_api_route(path, _file(folder / name), methods=["GET"], include_in_schema=False)
    app.mount("/assets", StaticFiles(directory=folder / "assets", check_dir=False), name="assets")


def _file(path: Path):  # type: ignore[no-untyped-def]  # the route's signature is read by FastAPI
    async def page() -> Response:
        if not path.is_file():
            return HTMLResponse(NOT_BUILT, status_code=503)
        return FileResponse(path, headers={"Cache-Control": "no-cache"})

    return page


def check_origin(request: HTTPConnection, allowed: list[str]) -> None:
    """Refuse calls from pages of sites that were not allowed. A call without ``Origin`` is not a browser's.

    Raises:
        Problem: 403 that names the origin and the setting.
    """
    origin = request.headers.get("origin")
    if origin is None or not request.url.path.startswith("/v1/"):
        return
    if urlsplit(origin).netloc != request.headers.get("host") and origin not in allowed:
        detail = f"the site {origin} may not use this service; an operator can add it to CONSULT_ALLOWED_ORIGINS"
        raise Problem(403, "origin-not-allowed", detail)


def is_preflight(request: Request) -> bool:
    """Whether a browser asks if it may ask."""
    return request.method == "OPTIONS" and "access-control-request-method" in request.headers


def allow(request: Request, response: Response) -> Response:
    """Let the page that asked read the response (``check_origin`` decided what is in it)."""
    if origin := request.headers.get("origin"):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Headers"] = "authorization, content-type"
        response.headers["Access-Control-Allow-Methods"] = "GET, POST, PATCH"
        response.headers["Vary"] = "Origin"
    return response


def harden(response: Response) -> Response:
    """The security headers of every response."""
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    return response
