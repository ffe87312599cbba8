"""Opening and using pages in a real Chromium."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import playwright
from playwright.sync_api import Browser, Page, expect

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
expect.set_options(timeout=20_000)  # a busy machine is no fault of the page
SHOTS = os.environ.get("CONSULT_SHOTS")  # a folder: keep a picture of every state


def prepare_video() -> None:
    """Playwright films with an ffmpeg of its own, which it would download: Debian's takes its place, where it is."""
    found, driver = shutil.which("ffmpeg"), Path(playwright.__file__).parent / "driver" / "package"
    if not SHOTS or not found:
        return
    known = json.loads((driver / "browsers.json").read_text("utf-8"))["browsers"]
    revision = next(one["revision"] for one in known if one["name"] == "ffmpeg")
    own = Path(SHOTS) / ".browsers" / f"ffmpeg-{revision}"
    own.mkdir(parents=True, exist_ok=True)
    (own / "ffmpeg-linux").unlink(missing_ok=True)
    (own / "ffmpeg-linux").symlink_to(found)
    (own / "INSTALLATION_COMPLETE").touch()
    os.environ["PLAYWRIGHT_BROWSERS_PATH"] = str(own.parent)


def opened(browser: Browser, faults: list[str], url: str, size: dict[str, int], filmed: bool = False) -> Page:
    filmed = filmed and bool(SHOTS) and bool(shutil.which("ffmpeg"))
    video = {"record_video_dir": f"{SHOTS}/video", "record_video_size": size} if filmed else {}
    context = browser.new_context(viewport=size, reduced_motion="reduce", timezone_id="Asia/Shanghai", **video)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    page.goto(url)
    return page


def shot(page: Page, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/{name}.png")


def ask(page: Page, text: str) -> None:
    box = page.locator(".composer textarea")
    box.fill(text)
    box.press("Enter")
