"""Places of network addresses, from a small file in ip2region's own format."""

from __future__ import annotations

import ipaddress
import struct
from pathlib import Path

import pytest

from api.routing.network import NetworkPlaces
from knowledge.text.gazetteer import Gazetteer

DATA = Path(__file__).resolve().parents[2] / "data"
REGIONS = {
    "14.16.0.0": "中国|广东省|深圳市|电信|CN",
    "36.110.0.0": "中国|北京|北京市|电信|CN",
    "42.2.0.0": "中国|香港|0|0|HK",
    "8.8.0.0": "United States|California|0|0|US",
    "36.96.0.0": "0|0|0|0|0",
}


def xdb(path: Path) -> Path:
    """A version 2 file: header, vector index, texts, and one segment of /16 for each region."""
    vector, texts, segments = bytearray(524288), bytearray(), bytearray()
    texts_at = 256 + len(vector)
    segments_at = texts_at + sum(len(text.encode()) for text in REGIONS.values())
    for address, text in sorted(REGIONS.items(), key=lambda pair: ipaddress.ip_address(pair[0])):
        first = int(ipaddress.ip_address(address))
        cell = (first >> 16) * 8
        pointer = segments_at + len(segments)
        vector[cell : cell + 8] = struct.pack("<II", pointer, pointer)
        encoded = text.encode()
        segments += struct.pack("<IIHI", first, first | 0xFFFF, len(encoded), texts_at + len(texts))
        texts += encoded
    header = struct.pack("<HHIII", 2, 1, 0, segments_at, segments_at + len(segments) - 14).ljust(256, b"\0")
    path.write_bytes(header + vector + texts + segments)
    return path


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> NetworkPlaces:
    return NetworkPlaces(xdb(tmp_path_factory.mktemp("xdb") / "v4.xdb"), Gazetteer.load(DATA))


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("14.16.3.4", "440300"),
        ("36.110.1.1", "110000"),
        ("42.2.1.1", "overseas"),
        ("8.8.8.8", "overseas"),
        ("36.96.0.1", None),
        ("9.9.9.9", None),
        ("127.0.0.1", None),
        ("10.1.2.3", None),
        ("2400:3200::1", None),
        ("not an address", None),
    ],
)
def test_an_address_gives_a_place_or_nothing(places: NetworkPlaces, address: str, place: str | None) -> None:
    assert places.of(address) == place


def test_without_a_file_nothing_is_known() -> None:
    assert NetworkPlaces(None, Gazetteer.load(DATA)).of("14.16.3.4") is None


def test_a_damaged_file_is_refused_by_name(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.xdb"
    wrong.write_bytes(b"\xff" * 100)
    with pytest.raises(ValueError, match=r"CONSULT_NETWORK_PLACES: .*wrong\.xdb"):
        NetworkPlaces(wrong, Gazetteer.load(DATA))
    with pytest.raises(ValueError, match="is not a usable"):
        NetworkPlaces(tmp_path / "missing.xdb", Gazetteer.load(DATA))
