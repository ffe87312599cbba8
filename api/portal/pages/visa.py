"""The visa-free check as an ordinary form: asked with GET, so that a result has an address of its own."""

from __future__ import annotations

from itertools import groupby
from typing import Any, get_args

from pydantic import ValidationError

from api.portal.site import Ask, View
from api.problems import Problem
from api.tools.schemas import VisaMissing, VisaQuestion, VisaResult
from knowledge.language import Language
from knowledge.tools.policies import REGIONS, Passport, Purpose
from knowledge.tools.visa import SAME, THIRD
from knowledge.tools.wording import Wording

KNOWN = (
    "nationality", "purpose", "passport", "passport_valid_until", "date", "origin", "onward", "onward_ticket", "port",
)  # fmt: skip
"""What form and check call by the same name; the stay is a number with a unit here."""
FIELDS = (*KNOWN, "stay", "unit")
Options = list[tuple[str, str]]
"""What a field offers: (value, words)."""
ORDER: dict[Language, str] = {"zh": "gb18030", "yue": "big5hkscs", "en": "ascii"}
"""Encodings whose order is that of a dictionary: by sound in Mandarin, by strokes in Traditional characters."""


def visa_free(ask: Ask) -> View:
    """The form, and the answer where it was filled in."""
    asked = {key: ask.query.get(key, "")[:40] for key in FIELDS}
    asked["unit"] = "hours" if asked["unit"] == "hours" else "days"
    answer, problems = _answer(ask, asked) if any(asked[key] for key in FIELDS if key != "unit") else (None, {})
    missing = answer if isinstance(answer, VisaMissing) else None
    values = {
        "asked": asked, "problems": problems, "choices": _choices(ask), "missing": missing,
        "notes": {_in_form(missing.missing): missing.question} if missing else problems,
        "result": answer if isinstance(answer, VisaResult) else None,
        "today": ask.site.knowledge.today().isoformat(),
        "stay": Wording(ask.site.services.texts, ask.site.services.gazetteer).stay,
    }  # fmt: skip
    blank = answer is None and not problems
    title, lead = ask.t("visa_free"), ask.t("visa_free_lead")
    return View("visa_free.html", title, lead, values, 422 if problems else 200, asked, listed=blank)


def _answer(ask: Ask, asked: dict[str, str]) -> tuple[VisaResult | VisaMissing | None, dict[str, str]]:
    """What the check says, or what is wrong with the form: field → message."""
    given: dict[str, Any] = {key: asked[key] for key in KNOWN if asked[key]} | {"language": ask.language}
    if asked["stay"]:
        given[asked["unit"]] = asked["stay"]
    try:
        return ask.site.tools.visa_free(VisaQuestion(**given)), {}
    except ValidationError as error:
        fields = [str(fault["loc"][0]) for fault in error.errors() if fault["loc"]]
    except Problem as error:
        fields = [fault["field"] for fault in error.errors]
    return None, {_in_form(field): ask.name("errors", _message(field)) for field in fields or ["other"]}


def _in_form(field: str) -> str:
    """What the form calls a field of the check."""
    return "stay" if field in ("days", "hours") else field


def _message(field: str) -> str:
    known = {"hours": "stay"}.get(field, field)
    return known if known in (*KNOWN, "days", "stay") else "other"


def _choices(ask: Ask) -> dict[str, list[tuple[str, Options]]]:
    """What each field offers, in groups; a group without a name is none."""
    nations = _nations(ask)
    places = [(code, ask.name("regions", code)) for code in REGIONS] + nations
    onward = [(SAME, ask.t("onward_same")), (THIRD, ask.t("onward_third"))]
    return {
        "nationality": [("", nations)],
        "purpose": [("", [(one, ask.name("purposes", one)) for one in get_args(Purpose)])],
        "passport": [("", [(one, ask.name("passports", one)) for one in get_args(Passport)])],
        "origin": [("", places)],
        "onward": [("", onward), (ask.t("onward_places"), places)],
        "onward_ticket": [("", [("yes", ask.t("yes_")), ("no", ask.t("no_"))])],
        "port": _ports(ask),
    }


def _nations(ask: Ask) -> Options:
    """Codes and names of nations, in the language's own order."""
    gazetteer, codes = ask.site.services.gazetteer, ask.site.services.tools.policies.countries - set(REGIONS)
    names = [(code, gazetteer.name("nationality", code, ask.language)) for code in codes]
    return sorted(names, key=lambda row: row[1].encode(ORDER[ask.language], errors="replace"))


def _ports(ask: Ask) -> list[tuple[str, Options]]:
    """Ports by province."""
    gazetteer, ports = ask.site.services.gazetteer, ask.site.services.tools.policies.ports.values()
    ordered = sorted(ports, key=lambda port: (port.province, port.city, port.type, port.id))
    return [
        (ask.place(province), [(port.id, gazetteer.name("port", port.id, ask.language)) for port in there])
        for province, there in groupby(ordered, key=lambda port: port.province)
    ]
