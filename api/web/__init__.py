"""Serves the built pages, and says which sites may embed the widget."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse
from fastapi.staticfiles import StaticFiles
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import Problem

FILES = {
    "/console": "console.html",
    "/widget.js": "widget.js",
    "/favicon.svg": "favicon.svg",
}
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
)
PRIVATE = ("/v1/", "/internal/")
NOT_BUILT = "<h1>12367</h1><p>The web pages are not built yet: run <code>make web</code>.</p>"


def mount(app: FastAPI, folder: Path) -> None:
    """Serve the pages of ``folder``; a page that is not built says how to build it."""
    for path, name in FILES.items():
        app.add_api_route(path, _file(folder / name), methods=["GET"], include_in_schema=False)
    app.mount("/assets", _Assets(directory=folder / "assets", check_dir=False), name="assets")


def _file(path: Path):  # type: ignore[no-untyped-def]  # the route's signature is read by FastAPI
    async def page(request: Request) -> Response:
        if not path.is_file():
            return HTMLResponse(NOT_BUILT, status_code=503)
        file = FileResponse(path, headers={"Cache-Control": "no-cache"}, stat_result=path.stat())
        if unchanged(request, file.headers["etag"]):
            return Response(status_code=304, headers={"Cache-Control": "no-cache", "ETag": file.headers["etag"]})
        return file

    return page


class _Assets(StaticFiles):
    """Built files, whose names change with what is in them: nobody needs to ask twice."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code == 200:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


class Compressed:
    """Compresses pages and scripts. What carries tokens or conversations is sent as it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._plain, self._compressed = app, GZipMiddleware(app, minimum_size=1000, compresslevel=6)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One call."""
        public = scope["type"] == "http" and not scope["path"].startswith(PRIVATE)
        await (self._compressed if public else self._plain)(scope, receive, send)


def unchanged(request: Request, tag: str) -> bool:
    """Whether the caller has what an entity tag stands for. Compression makes weak tags of strong ones."""
    known = request.headers.get("if-none-match", "")
    return known == "*" or tag.removeprefix("W/") in {one.strip().removeprefix("W/") for one in known.split(",")}


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
