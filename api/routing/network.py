"""Where a network address is, from an offline file: optional, and only ever a proposal.

The file is ip2region's ``xdb`` (IPv4 or IPv6), which an operator downloads and names in ``CONSULT_NETWORK_PLACES``;
none is shipped. Of an address only the place found is kept.
"""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Any

import ip2region.searcher as xdb
import ip2region.util as xdb_util
import structlog

from knowledge.text.gazetteer import Gazetteer

log = structlog.get_logger()
MAINLAND = "中国"
OUTSIDE = ("香港", "澳门", "台湾")


class NetworkPlaces:
    """Looks addresses up; without a file every answer is ``None``.

    Raises:
        ValueError: the file is there but is not an xdb file, or is damaged.
    """

    def __init__(self, path: Path | None, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._searcher: Any = None
        if path is None:
            return
        try:
            xdb_util.verify_from_file(str(path))
            with path.open("rb") as file:
                version = xdb_util.version_from_header(xdb_util.load_header(file))
            self._searcher = xdb.new_with_buffer(version, xdb_util.load_content_from_file(str(path)))
        except Exception as error:  # the library raises plain exceptions of several kinds
            raise ValueError(f"CONSULT_NETWORK_PLACES: {path} is not a usable xdb file: {error}") from error

    def of(self, address: str) -> str | None:
        """A division code, "overseas", or ``None`` when the address says nothing."""
        try:
            parsed = ipaddress.ip_address(address)
            if self._searcher is None or not parsed.is_global or parsed.version != self._searcher.version.id:
                return None
            region: str = self._searcher.search(address)
        except ValueError:
            return None
        country, *rest = region.split("|")
        if country in ("", "0"):
            return None
        if country != MAINLAND or any(name.startswith(OUTSIDE) for name in rest):
            return "overseas"
        return self._division("".join(name for name in rest[:3] if name != "0"))

    def _division(self, words: str) -> str | None:
        """The narrowest division that the file's own words name for certain."""
        places = [m for m in self._gazetteer.find(words) if m.kind == "place" and len(m.candidates) == 1]
        return places[-1].candidates[0] if places else None
