"""Everything that is not a question: courtesy, choices, refusals, and the wish for a human."""

from __future__ import annotations

from actions import answer
from actions.replies import Choice, HandoffWish, Reply
from actions.services import Services
from actions.turn import Turn

PROGRESS_WORDS = ("进度", "單號", "单号", "办好", "辦好", "到哪", "status", "progress", "ready", "track")
DOUBTFUL = ("personal_case", "illegal_help", "out_of_scope")
SURE = 0.8  # the classifier's confidence from which its refusal stands; see tests/bench/README.md
EXAMPLES = {  # one typical entry topic each, shown after a business was chosen on the menu
    "clearance": ("过关 e道 24小时口岸", "240小时过境免签", "入境卡"),
    "documents": ("护照首次申领", "港澳通行证签注", "居留许可"),
    "suggestions": ("投诉建议", "举报诈骗", "表扬"),
}


def small_talk(services: Services, turn: Turn) -> list[Reply]:
    """Greeting, thanks, "are you a robot", yes and no, abuse: short, polite, and back to the matter."""
    if turn.intent in ("repeat", "not_understood"):
        return answer.again(services, turn)
    if turn.intent == "abuse":
        return [services.say(turn, "chitchat", "abuse", choices=[services.human(turn)])]
    if turn.intent in ("affirm", "deny"):
        return [services.say(turn, "clarify", turn.intent, choices=[services.human(turn)])]
    keys = {"greet": "hello", "thanks": "thanks", "goodbye": "goodbye", "bot_challenge": "who_am_i"}
    return [services.say(turn, "chitchat", keys.get(turn.intent, "chitchat"))]


def choose(services: Services, turn: Turn) -> list[Reply]:
    """A choice from the menu: language or business."""
    if turn.intent == "choose_language":
        return [services.say(turn, "notice", "language_chosen")]
    business = turn.entity("business") or "documents"
    turn.memory.business = business
    name = services.texts.name("businesses", business, turn.language, turn.script)
    return [
        services.say(turn, "clarify", "choose_business", choices=_examples(services, turn, business), business=name)
    ]


def _examples(services: Services, turn: Turn, business: str) -> list[Choice]:
    found = {}
    for words in EXAMPLES.get(business, ()):
        for hit in services.knowledge.search(words, language=turn.language, region=turn.region, k=1):
            found[hit.entry.id] = hit.entry
    choices = [
        Choice(services.label(entry, turn.language, turn.script), f'/answer{{"entry": "{entry_id}"}}')
        for entry_id, entry in found.items()
    ]
    return [*choices, services.human(turn)]


def refuse(services: Services, turn: Turn) -> list[Reply]:
    """Not ours, not allowed, or a personal case: said kindly, with where to go.

    Where the classifier is not sure and the knowledge base is, the question is answered after all.
    """
    if turn.intent in DOUBTFUL and turn.confidence < SURE and answer.confident(services, turn):
        return answer.answer(services, turn)
    if turn.intent == "personal_case":
        words = turn.text.lower()
        key = "personal_progress" if any(word in words for word in PROGRESS_WORDS) else "personal_status"
        where = services.texts.get(key, turn.language, turn.script)
        return [services.say(turn, "decline", "personal_case", choices=[services.human(turn)], where=where)]
    if turn.intent == "out_of_scope":
        return [_out_of_scope(services, turn)]
    return [services.say(turn, "decline", turn.intent, choices=[services.human(turn)])]


def _out_of_scope(services: Services, turn: Turn) -> Reply:
    """Declined with the right number to call."""
    if referral := services.referrals.find(turn.text):
        text = services.wording(referral.text, turn.language, turn.script)
        return Reply("decline", text, turn.language)
    return services.say(turn, "decline", "out_of_scope")


def hand_over(services: Services, turn: Turn) -> list[Reply]:
    """A human: asked for, or due (crime, distress)."""
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
