"""The menu: the phone line's three businesses, chosen by a button, by words or by their place in the list."""

from __future__ import annotations

import re

from actions.replies import Choice, Reply
from actions.services import Services
from actions.turn import Turn
from knowledge.language import Language
from knowledge.text.normalise import normalise
from knowledge.texts import Script, Texts

BUSINESSES = ("clearance", "documents", "suggestions")
BUSINESS_WORDS = {
    "suggestions": re.compile(r"建议|意见|第三|\bsuggest|\bthird|\bopinion|\bthree\b|(?<!\d)3(?!\d)"),
    "documents": re.compile(r"证件|办证|签证|第二|\bdocument|\bvisa|\bpermit|\bsecond|\btwo\b|(?<!\d)2(?!\d)"),
    "clearance": re.compile(
        r"通关|过关|口岸|边检|边境|边防|通行|第一|\bclearance|\bport\b|\bborder|\bfirst|\bone\b|(?<!\d)1(?!\d)"
    ),
}
EXAMPLES = {  # one typical entry topic each, shown after a business was chosen on the menu
    "clearance": ("过关 e道 24小时口岸", "240小时过境免签", "入境卡"),
    "documents": ("护照首次申领", "港澳通行证签注", "居留许可"),
    "suggestions": ("投诉建议", "举报诈骗", "表扬"),
}


def businesses(texts: Texts, language: Language, script: Script = "hans") -> list[Choice]:
    """The menu's buttons, in the order of the phone line."""
    return [
        Choice(texts.name("businesses", business, language, script), f'/choose_business{{"business": "{business}"}}')
        for business in BUSINESSES
    ]


def shown(services: Services, turn: Turn) -> Reply:
    """All businesses, to press or to name by their number."""
    turn.memory.options = list(BUSINESSES)
    choices = businesses(services.texts, turn.language, turn.script)
    return services.say(turn, "clarify", "ask_business", choices=[*choices, services.human(turn)])


def chosen(services: Services, turn: Turn, business: str) -> Reply:
    """The business is remembered; its typical questions are offered, to press or to name by their number."""
    turn.memory.business = business
    name = services.texts.name("businesses", business, turn.language, turn.script)
    return services.say(
        turn, "clarify", "choose_business", choices=_examples(services, turn, business), business=name
    )


def business_named(text: str) -> str | None:
    """The business of the menu that a text names, by its words or its place in the list."""
    plain = normalise(text)
    return next((business for business, words in BUSINESS_WORDS.items() if words.search(plain)), None)


def _examples(services: Services, turn: Turn, business: str) -> list[Choice]:
    found = {}
    for words in EXAMPLES.get(business, ()):
        for hit in services.knowledge.search(words, language=turn.language, region=turn.region, k=1):
            found[hit.entry.id] = hit.entry
    turn.memory.options = list(found)
    choices = [
        Choice(services.label(entry, turn.language, turn.script), f'/answer{{"entry": "{entry_id}"}}')
        for entry_id, entry in found.items()
    ]
    return [*choices, services.human(turn)]
