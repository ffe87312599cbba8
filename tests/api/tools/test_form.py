"""The widget's visa form speaks in sentences: the check must read from them all that was filled in."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import get_args

import pytest

from bot.components.quantities import find_quantities
from knowledge.language import Language
from knowledge.paths import DATA
from knowledge.text.gazetteer import Gazetteer, fold
from knowledge.tools.policies import Purpose
from knowledge.tools.reading import TripReader
from knowledge.tools.toolbox import Toolbox
from knowledge.tools.visa import Trip
from tests.processes import ROOT

LANGUAGES: tuple[Language, ...] = ("zh", "yue", "en")
GAZETTEER, TOOLS = Gazetteer.load(DATA), Toolbox.load(DATA)
READER = TripReader(GAZETTEER, TOOLS.cues)
STRINGS = (ROOT / "api/web/src/widget/strings.ts").read_text("utf-8")
TODAY = date(2026, 11, 25)


def words(key: str) -> dict[Language, str]:
    """The widget's words for a key; its languages stand one after the other."""
    return dict(zip(LANGUAGES, re.findall(rf'^    {key}: "(.*)",$', STRINGS, re.MULTILINE), strict=True))


PARTS = {key: words(f"visaAsk{key}") for key in ("Who", "Date", "Port", "From", "To", "Until", "Yes", "No", "End")}
PURPOSES = {purpose: words(f"visa_{purpose}") for purpose in get_args(Purpose)}


def asked(language: Language, purpose: Purpose, port: str = "air-pvg", ticket: bool = True) -> str:
    """The sentence for a form that is filled in completely."""
    parts = {key: part for key, part in PARTS.items() if key != ("No" if ticket else "Yes")}
    values = {
        "nationality": GAZETTEER.name("nationality", "US", language),
        "purpose": PURPOSES[purpose][language].lower(),
        "days": "5",
        "date": "2026-12-20",
        "until": "2027-02-28",
        "port": GAZETTEER.name("port", port, language),
        "origin": GAZETTEER.name("nationality", "JP", language),
        "onward": GAZETTEER.name("nationality", "TH", language),
    }
    return "".join(part[language].format(**values) for part in parts.values())


def read(text: str) -> Trip:
    found = find_quantities(fold(text))
    durations, dates = ([one.value for one in found if one.entity == kind] for kind in ("duration", "date"))
    return READER.read(text, durations, dates, TODAY)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("purpose", get_args(Purpose))
def test_every_purpose_is_read_with_the_rest_of_the_form(language: Language, purpose: Purpose) -> None:
    text = asked(language, purpose)
    assert TOOLS.cues.has("check", fold(text)), "it asks for the check"
    wanted = Trip(
        "US", 120, purpose, origin="JP", onward="TH", port="air-pvg", entry=date(2026, 12, 20),
        passport_until=date(2027, 2, 28), ticket=True,
    )  # fmt: skip
    assert read(text) == wanted
    assert read(asked(language, purpose, ticket=False)) == replace(wanted, ticket=False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_passport_without_a_day_of_entry(language: Language) -> None:
    """The only day that is named is the passport's."""
    text = "".join(PARTS[key][language] for key in ("Who", "Until", "End"))
    values = {"nationality": "France", "purpose": PURPOSES["tourism"][language], "days": "5", "until": "2027-02-28"}
    found = read(text.format(**values))
    assert (found.entry, found.passport_until, found.ticket) == (None, date(2027, 2, 28), None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_port_that_the_form_offers_is_read(language: Language) -> None:
    ports = [port.id for port in TOOLS.policies.ports.values() if port.transit_240h]
    assert len(ports) > 50
    assert {port: read(asked(language, "transit", port)).port for port in ports} == {port: port for port in ports}
