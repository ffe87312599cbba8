"""Every query of the channel domain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.channels.models import Contact, Credential, Outgoing
from api.conversations.models import Conversation


async def contact(session: AsyncSession, channel: str, account: str, address: str) -> Contact | None:
    """Who writes under this address."""
    query = select(Contact).where(Contact.channel == channel, Contact.account == account, Contact.address == address)
    return (await session.execute(query)).scalar_one_or_none()


async def of_conversation(session: AsyncSession, conversation_id: str) -> Contact | None:
    """Who a conversation's messages go to, when it is held on a platform."""
    query = select(Contact).where(Contact.conversation_id == conversation_id)
    return (await session.execute(query)).scalar_one_or_none()


async def lock(session: AsyncSession, contact_id: str) -> Contact:
    """A contact's row, held until the unit of work ends."""
    query = select(Contact).where(Contact.id == contact_id).with_for_update()
    return (await session.execute(query.execution_options(populate_existing=True))).scalar_one()


async def lease(session: AsyncSession, contact_id: str, by: str, now: datetime, until: datetime) -> bool:
    """Take the right to deliver; false while somebody else has it. Pushes share it among themselves."""
    free = Contact.lease_until <= now
    if by == "push":
        free = or_(free, Contact.lease_by == "push")
    query = update(Contact).where(Contact.id == contact_id, free).values(lease_by=by, lease_until=until)
    return bool((await session.execute(query)).rowcount)  # type: ignore[attr-defined]


async def waiting(session: AsyncSession, contact_id: str) -> Sequence[Outgoing]:
    """What is still to go out, in order."""
    query = (
        select(Outgoing).where(Outgoing.contact_id == contact_id, Outgoing.state == "waiting").order_by(Outgoing.id)
    )
    return (await session.execute(query)).scalars().all()


async def pushed(session: AsyncSession, contact_id: str, push: str) -> Sequence[Outgoing]:
    """What went out as the reply to a push."""
    query = select(Outgoing).where(Outgoing.contact_id == contact_id, Outgoing.push == push).order_by(Outgoing.id)
    return (await session.execute(query)).scalars().all()


async def due(session: AsyncSession, channel: str, now: datetime, limit: int = 50) -> Sequence[str]:
    """Ids of contacts whom something can be sent to now and whom nobody is delivering to."""
    owed = exists().where(Outgoing.contact_id == Contact.id, Outgoing.state == "waiting", Outgoing.next_at <= now)
    reachable = and_(Contact.gone.is_(False), Contact.quota > 0, Contact.window_ends > now)
    query = (
        select(Contact.id)
        .join(Conversation, Conversation.id == Contact.conversation_id)
        .where(
            Contact.channel == channel,
            Contact.lease_until <= now,
            or_(Conversation.last_seq > Contact.rendered_seq, and_(owed, reachable)),
        )
        .limit(limit)
    )
    return (await session.execute(query)).scalars().all()


async def credential(session: AsyncSession, name: str) -> Credential | None:
    """A shared token or cursor."""
    return await session.get(Credential, name)


async def rows(session: AsyncSession, ids: Sequence[int]) -> Sequence[Outgoing]:
    """Pieces by their numbers, in order."""
    query = select(Outgoing).where(Outgoing.id.in_(ids)).order_by(Outgoing.id)
    return (await session.execute(query)).scalars().all()


async def between(session: AsyncSession, contact_id: str, first: int, last: int) -> Sequence[Outgoing]:
    """Pieces from one number to another."""
    query = (
        select(Outgoing)
        .where(Outgoing.contact_id == contact_id, Outgoing.id >= first, Outgoing.id <= last)
        .order_by(Outgoing.id)
    )
    return (await session.execute(query)).scalars().all()


async def credential_names(session: AsyncSession, beginning: str) -> Sequence[str]:
    """Names of shared tokens or cursors that begin so."""
    query = select(Credential.name).where(Credential.name.startswith(beginning, autoescape=True))
    return (await session.execute(query)).scalars().all()
