"""Everything that is not a question: courtesy, choices, refusals, and the wish for a human."""

from __future__ import annotations

from actions import answer, menu
from actions.replies import Choice, HandoffWish, Reply
from actions.services import Services
from actions.turn import Turn
from knowledge.language import LANGUAGES, language_named

PROGRESS_WORDS = ("进度", "單號", "单号", "办好", "辦好", "到哪", "status", "progress", "ready", "track")
SURE = {  # the classifier's confidence from which it stands; below, search is asked first. Figures: bot/README.md
    "personal_case": 0.65, "out_of_scope": 0.75, "illegal_help": 0.5, "complain": 0.65, "distress": 0.8,
    "report_crime": 0.65,
}  # fmt: skip


def small_talk(services: Services, turn: Turn) -> list[Reply]:
    """Courtesy, yes and no, a change of mind, abuse, a suggestion: short, polite, and back to the matter."""
    if chosen := answer.picked(services, turn):
        return chosen
    if turn.intent in ("repeat", "not_understood"):
        return answer.again(services, turn)
    if turn.intent == "affirm" and turn.offered:
        return hand_over(services, turn)
    if turn.intent in ("deny", "cancel"):
        return [_no(services, turn)]
    if turn.intent == "suggestion":
        turn.memory.business, turn.memory.offered = "suggestions", True
        return [services.say(turn, "clarify", "suggestion", choices=[services.human(turn)])]
    if turn.intent == "abuse":
        return [services.say(turn, "chitchat", "abuse", choices=[services.human(turn)])]
    if turn.intent == "affirm":
        return [services.say(turn, "clarify", "affirm", choices=[services.human(turn)])]
    keys = {"greet": "hello", "thanks": "thanks", "goodbye": "goodbye", "bot_challenge": "who_am_i"}
    return [services.say(turn, "chitchat", keys.get(turn.intent, "chitchat"))]


def _no(services: Services, turn: Turn) -> Reply:
    """No: what was under way is dropped. No to a list of answers: a human is offered, for none of them was right."""
    memory = turn.memory
    under_way = bool(memory.awaiting or memory.wish or turn.offered)
    memory.forget_question()
    memory.suspended = {}
    if turn.intent == "cancel" or under_way:
        return services.say(turn, "chitchat", "cancelled")
    memory.offered = True
    return services.say(turn, "clarify", "deny", choices=[services.human(turn)])


def choose(services: Services, turn: Turn) -> list[Reply]:
    """A choice from the menu: language or business; a number may choose from what was just offered instead."""
    if turn.intent == "choose_language":
        return [_language(services, turn)]
    if chosen := answer.picked(services, turn):
        return chosen
    business = turn.entity("business") or menu.business_named(turn.text)
    return [menu.chosen(services, turn, business) if business else menu.shown(services, turn)]


def _language(services: Services, turn: Turn) -> Reply:
    """The language pressed or named; where neither tells, the three are offered."""
    if turn.entity("language"):
        return services.say(turn, "notice", "language_chosen")
    wanted = language_named(turn.text)
    if wanted is None:
        choices = [
            Choice(services.texts.name("language_names", code, code), f'/choose_language{{"language": "{code}"}}')
            for code in LANGUAGES
        ]
        return services.say(turn, "clarify", "ask_language", choices=choices)
    turn.language, script = wanted
    turn.script = script or turn.script
    turn.memory.language = turn.language
    return services.say(turn, "notice", "language_chosen")


def refuse(services: Services, turn: Turn) -> list[Reply]:
    """Not ours, not allowed, or a personal case: said kindly, with where to go.

    Where the classifier is not sure and the knowledge base is, the question is answered after all.
    """
    if found := _doubted(services, turn, in_context=True):
        return found
    if turn.intent == "personal_case":
        words = turn.text.lower()
        key = "personal_progress" if any(word in words for word in PROGRESS_WORDS) else "personal_status"
        where = services.texts.get(key, turn.language, turn.script)
        return [services.say(turn, "decline", "personal_case", choices=[services.human(turn)], where=where)]
    if turn.intent == "out_of_scope":
        return [_out_of_scope(services, turn)]
    return [services.say(turn, "decline", turn.intent, choices=[services.human(turn)])]


def _doubted(services: Services, turn: Turn, in_context: bool) -> list[Reply] | None:
    """The answer to what may be a question after all, where the classifier is not sure and search is."""
    return answer.instead(services, turn, in_context) if turn.confidence < SURE.get(turn.intent, 0.0) else None


def _out_of_scope(services: Services, turn: Turn) -> Reply:
    """Declined with the right number to call."""
    if referral := services.referrals.find(turn.text):
        text = services.wording(referral.text, turn.language, turn.script)
        return Reply("decline", text, turn.language)
    return services.say(turn, "decline", "out_of_scope")


def hand_over(services: Services, turn: Turn) -> list[Reply]:
    """A human: asked for, or due (crime, distress)."""
    if found := _doubted(services, turn, in_context=False):
        return found
    if turn.intent in ("report_crime", "distress"):
        return [services.handoff(turn, HandoffWish(urgent=True, why=turn.intent), turn.intent)]
    waiting = turn.memory.wish
    business = turn.entity("business") or waiting.get("business") or turn.memory.business
    if turn.intent == "complain":
        business = "suggestions"
    place = turn.entity("place") or (turn.text if turn.entities.get("place") else None)
    turn.memory.forget_question()
    return [services.handoff(turn, HandoffWish(business, place, turn.entity("unit"), why=_why(turn)))]


def _why(turn: Turn) -> str:
    return "complaint" if turn.intent == "complain" else "misses" if turn.memory.misses else "asked"
