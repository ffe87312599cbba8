"""The visa-free check as an ordinary form: asked with GET, so that a result has an address of its own."""

from __future__ import annotations

from typing import Any, get_args

from pydantic import ValidationError

from api.portal.site import Ask, View
from api.problems import Problem
from api.tools.schemas import VisaMissing, VisaQuestion, VisaResult
from knowledge.language import Language
from knowledge.tools.policies import REGIONS, Passport, Purpose
from knowledge.tools.wording import Wording

FIELDS = ("nationality", "stay", "unit", "purpose", "onward", "passport", "date")
ONWARD = ("same", "third")
ORDER: dict[Language, str] = {"zh": "gb18030", "yue": "big5hkscs", "en": "ascii"}
"""Encodings whose order is that of a dictionary: by sound in Mandarin, by strokes in Traditional characters."""


def visa_free(ask: Ask) -> View:
    """The form, and the answer where it was filled in."""
    asked = {key: ask.query.get(key, "")[:40] for key in FIELDS}
    asked["unit"] = "hours" if asked["unit"] == "hours" else "days"
    answer, problems = _answer(ask, asked) if any(asked[key] for key in FIELDS if key != "unit") else (None, {})
    values = {
        "asked": asked, "problems": problems, "nations": _nations(ask), "purposes": get_args(Purpose),
        "passports": get_args(Passport), "onward": ONWARD, "today": ask.site.knowledge.today().isoformat(),
        "missing": answer if isinstance(answer, VisaMissing) else None,
        "result": answer if isinstance(answer, VisaResult) else None,
        "stay": Wording(ask.site.services.texts, ask.site.services.gazetteer).stay,
    }  # fmt: skip
    blank = answer is None and not problems
    title, lead = ask.t("visa_free"), ask.t("visa_free_lead")
    return View("visa_free.html", title, lead, values, 422 if problems else 200, asked, listed=blank)


def _answer(ask: Ask, asked: dict[str, str]) -> tuple[VisaResult | VisaMissing | None, dict[str, str]]:
    """What the check says, or what is wrong with the form: field → message."""
    given: dict[str, Any] = {key: asked[key] for key in ("nationality", "purpose", "onward", "passport", "date")}
    given = {key: value for key, value in given.items() if value} | {"language": ask.language}
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
    return known if known in ("nationality", "days", "stay", "purpose", "passport", "onward", "date") else "other"


def _nations(ask: Ask) -> list[tuple[str, str]]:
    """Codes and names to choose from, in the language's own order."""
    gazetteer, codes = ask.site.services.gazetteer, ask.site.services.tools.policies.countries - set(REGIONS)
    names = [(code, gazetteer.name("nationality", code, ask.language)) for code in codes]
    return sorted(names, key=lambda row: row[1].encode(ORDER[ask.language], errors="replace"))
