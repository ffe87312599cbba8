"""A seat's answer that solved a question becomes a draft of the knowledge base, for its editors to check."""

from __future__ import annotations

from pydantic import BaseModel, Field

from api.conversations import repository as conversations
from api.conversations.models import Message
from api.conversations.schemas import Strict
from api.knowledge.editing import Caller, EditingService
from api.problems import Problem
from api.seats.models import Seat
from api.tickets import life, repository
from api.tickets.desk import Desk
from api.tickets.models import Ticket

AREA_OF_BUSINESS = {"clearance": "clearance", "documents": "documents"}
TOPIC = "from_seats"


class AnswerRef(Strict):
    """Which of the seat's messages is the answer."""

    seq: int = Field(ge=1)


class Drafted(BaseModel):
    """The draft's id."""

    id: str


class Drafts:
    """Drafts out of the seats' answers."""

    def __init__(self, desk: Desk, editing: EditingService) -> None:
        self._desk, self._editing = desk, editing

    async def make(self, seat: Seat, ticket_id: str, seq: int) -> Drafted:
        """Keep an answer, with the visitor's question before it, as a draft entry; once.

        Raises:
            Problem: 422 when that message is no seat's answer to a question, 409 when it was kept before.
        """
        async with self._desk.database.read() as session:
            ticket = await self._desk.visible(session, seat, await repository.get(session, ticket_id))
            if ticket.status in life.HELD:
                await self._desk.talking(session, seat, ticket)
            said = await conversations.after(session, ticket.conversation_id, 0)
        answer = next((message for message in said if message.seq == seq and _answers(message)), None)
        question = next((one for one in reversed(said) if one.seq < seq and _asks(one)), None)
        if answer is None or question is None:
            raise Problem(422, "no-answer", "this is not a seat's answer to a visitor's question", field="seq")
        body = _body(ticket, question, answer)
        note = f"from ticket {ticket.number}: to be checked against the sources"
        await self._editing.create(body, Caller(seat.username, "editor"), note)
        async with self._desk.database.write() as session:
            _, locked = await self._desk.locked(session, seat, ticket_id)
            life.record(session, locked, "drafted", self._desk.clock.now(), seat_id=seat.id, entry=body["id"])
        return Drafted(id=str(body["id"]))


def _answers(message: Message) -> bool:
    """Whether a seat said it: a partner's words are about the partner's own matters."""
    return message.sender == "seat" and "partner" not in message.details


def _asks(message: Message) -> bool:
    return message.sender == "user" and not message.payload


def _body(ticket: Ticket, question: Message, answer: Message) -> dict[str, object]:
    """The entry as far as a talk can tell; a Chinese text must be there, so another language's stands in for it."""
    return {
        "id": f"seat-{ticket.number.lower()}-{answer.seq}",
        "topic": TOPIC,
        "area": AREA_OF_BUSINESS.get(ticket.business or "", "documents"),
        "questions": {question.language: [question.text]},
        "answer": {"zh": answer.text, answer.language: answer.text},
        "authority": "nia",
        "general": True,
    }
