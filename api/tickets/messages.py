"""Messages left for who is not there: a number and a code now, the answer later."""

from __future__ import annotations

import secrets

from sqlalchemy.ext.asyncio import AsyncSession

from actions.replies import HandoffWish
from api.conversations import messages
from api.conversations import repository as conversations
from api.conversations.models import Conversation
from api.problems import Problem
from api.routing.endpoints import UnitOut
from api.security import RateLimits, same, token_hash
from api.tickets import life, repository
from api.tickets.contacts import Contacts
from api.tickets.desk import Desk
from api.tickets.handoff import Handoff
from api.tickets.models import Ticket
from api.tickets.schemas import Contact, LeftMessage, LookedUp, LookUp, Receipt
from knowledge.language import LanguageState
from knowledge.text.mask import mask

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that is read for something else
CODE_LENGTH = 8
"""31^8 = 8.5e11 codes: at ten tries a minute nobody guesses one."""


class LeftMessages:
    """Messages left on one gateway."""

    def __init__(self, desk: Desk, handoff: Handoff, contacts: Contacts, limits: RateLimits) -> None:
        self._desk, self._handoff, self._contacts, self._limits = desk, handoff, contacts, limits

    async def leave(self, conversation_id: str, new: LeftMessage) -> Receipt:
        """Keep a message in a case of its own unit; the bot has the talk again.

        An open case becomes it. Where the place is not known, the service centre gets it and dispatches it. The same
        ``client_id`` again is the same message, with a new code: the first one was told to nobody.
        """
        async with self._desk.database.write() as session:
            conversation = await conversations.lock(session, conversation_id)
            if conversation.owner == "closed":
                raise Problem(409, "conversation-closed", "this conversation has ended; start a new one")
            if conversation.owner == "seat":
                raise Problem(409, "seat-is-there", "a member of staff is in the talk: just write")
            before = new.client_id and await conversations.by_client_id(session, conversation_id, new.client_id)
            if before and before.text != mask(new.text).text:
                raise Problem(409, "client-id-reused", "this client_id was used for another text")
            ticket = await (self._left_before if before else self._take)(session, conversation, new)
            code = _new_code(ticket)
            unit = UnitOut(id=ticket.unit_id, name=ticket.unit_name)
        await self._desk.wake(ticket)
        return Receipt(number=ticket.number, code=code, unit=unit, answer_by=ticket.response_due_at)

    async def _left_before(self, session: AsyncSession, conversation: Conversation, _: LeftMessage) -> Ticket:
        newest = await repository.open_of(session, conversation.id)
        newest = newest or await repository.done_of(session, conversation.id)
        ticket = await repository.lock(session, newest.id) if newest else None
        if ticket is None:
            raise Problem(409, "client-id-reused", "this client_id was used before, and there is no message of it")
        return ticket

    async def _take(self, session: AsyncSession, conversation: Conversation, new: LeftMessage) -> Ticket:
        state, now = LanguageState.from_dict(conversation.language), self._desk.clock.now()
        said = {"sender": "user", "kind": "text", "language": state.current, "client_id": new.client_id}
        messages.append(session, conversation, now, text=mask(new.text).text, **said)  # type: ignore[arg-type]
        if new.region:
            conversation.region = new.region
        ticket = await repository.open_of(session, conversation.id)
        if ticket is None:
            wish = HandoffWish(new.business, why="message")
            ticket = await self._handoff.open_message(session, conversation, wish, state.current)
        self._as_message(ticket, new.contact)
        self._desk.to_bot(conversation)
        life.record(session, ticket, "message_left", now, contact=ticket.contact_hint)
        self._desk.announce(session, conversation, "message_left", number=ticket.number, unit=ticket.unit_name)
        return ticket

    def _as_message(self, ticket: Ticket, contact: Contact | None) -> None:
        ticket.mode = "message"
        if contact:
            ticket.contact, ticket.contact_hint = self._contacts.sealed(contact)
        self._desk.deadlines.start(ticket, self._desk.hours(ticket), self._desk.clock.now())

    async def begin(self, session: AsyncSession, conversation: Conversation, reply_to: int) -> None:
        """The button "leave a message": what is written from now on is the message, until the button "done"."""
        ticket = await repository.open_of(session, conversation.id)
        if ticket is None:
            return
        self._as_message(ticket, None)
        code = _new_code(ticket)
        life.record(session, ticket, "message_begun", self._desk.clock.now())
        done = {"message_done": '/handoff{"leave": "done"}'}
        said = self._desk.announce(
            session, conversation, "message_begun", number=ticket.number, code=code, choices=done
        )
        said.reply_to = reply_to

    async def end(self, session: AsyncSession, conversation: Conversation, reply_to: int) -> None:
        """The button "done": the bot has the talk again, the case goes on."""
        ticket = await repository.open_of(session, conversation.id)
        if ticket is None or ticket.mode != "message":
            return
        self._desk.to_bot(conversation)
        values = {"number": ticket.number, "unit": ticket.unit_name}
        self._desk.announce(session, conversation, "message_left", **values).reply_to = reply_to

    async def look_up(self, asked: LookUp, caller: str) -> LookedUp:
        """How far a case is, for who knows its number and code.

        Raises:
            Problem: 404 for a wrong number or code, not telling which; 429 after too many tries.
        """
        rule = self._desk.settings.limit_lookups
        await self._limits.check(rule, "lookup", caller)
        await self._limits.check(rule, "lookup-number", asked.number)
        async with self._desk.database.read() as session:
            ticket = await repository.by_number(session, asked.number.strip())
            stored = ticket.code_hash if ticket and ticket.code_hash else token_hash("")
            if not same(asked.code.strip().upper(), stored) or ticket is None:
                raise Problem(404, "no-such-message", "there is no message with this number and code")
            found = await conversations.after(session, ticket.conversation_id, 0)
            said = [
                message for message in found if message.sender == "seat" and message.created_at >= ticket.opened_at
            ]
            return LookedUp(
                number=ticket.number,
                status=ticket.status,
                unit=ticket.unit_name,
                opened_at=ticket.opened_at,
                answer_by=ticket.response_due_at,
                resolved_at=ticket.resolved_at,
                answers=[messages.present(message) for message in said],
            )


def _new_code(ticket: Ticket) -> str:
    """A code that opens the answer; one given before opens it no more."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    ticket.code_hash = token_hash(code)
    return code
