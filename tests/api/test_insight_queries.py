"""The insights' SQL on rows made by hand; ``tests/services`` runs the same on PostgreSQL."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from api.conversations.models import Conversation, Message, Rating
from api.database import Database
from api.insights import repository
from api.migrations import migrate
from api.tickets.models import Ticket

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=timezone.utc)
SINCE, UNTIL = NOON - timedelta(days=5), NOON + timedelta(days=5)


class Talk:
    """A conversation written straight into the tables."""

    def __init__(self, session: AsyncSession, at: datetime = NOON) -> None:
        self.session, self.at, self.id, self.seq = session, at, str(uuid4()), count(1)
        session.add(
            Conversation(
                id=self.id, token_hash="", channel="web", language={}, memory={}, created_at=at, updated_at=at
            )
        )

    def say(self, text: str, kind: str, *, payload: str | None = None, **reply: Any) -> None:
        """A visitor's message and the bot's reply to it, a minute after what came before."""
        self.at += timedelta(minutes=1)
        seq = next(self.seq)
        for number, sender, what in ((seq, "user", "text"), (next(self.seq), "bot", kind)):
            own = reply if sender == "bot" else {}
            self.session.add(
                Message(
                    id=str(uuid4()), conversation_id=self.id, seq=number, sender=sender, kind=what, text=text,
                    language="zh", created_at=self.at, reply_to=seq if sender == "bot" else None,
                    payload=payload if sender == "user" else None, details=own.get("details", {}),
                    entry_id=own.get("entry_id"), helpful=own.get("helpful"),
                )
            )  # fmt: skip

    def rate(self, score: int) -> None:
        """好差评 afterwards."""
        self.session.add(Rating(conversation_id=self.id, score=score, created_at=self.at + timedelta(minutes=1)))

    def hand_over(self, why: str) -> None:
        """A ticket afterwards."""
        self.session.add(
            Ticket(
                id=str(uuid4()), number=self.id[:20], conversation_id=self.id, queue_id="q", queue_kind="exit_entry",
                unit_id="masc", unit_name="中心", language="zh", reason="", rule="r", routing={"why": why},
                opened_at=self.at + timedelta(minutes=1),
            )
        )  # fmt: skip


def understood(intent: str, *payloads: str) -> dict[str, Any]:
    """A reply's details: what the engine understood, and buttons."""
    choices = [{"label": "…", "payload": payload} for payload in payloads]
    return {"understood": {"intent": intent}, "choices": choices}


async def fill(session: AsyncSession) -> None:
    """Every way in which a question is, or is not, served."""
    one = Talk(session)
    one.say("没有条目", "decline", details=understood("ask_life"))
    one.say("猜错了", "clarify", details=understood("ask_life", '/answer{"entry": "a"}', "/handoff"))
    one.say("猜对了", "clarify", details=understood("ask_life", '/answer{"entry": "a"}', "/handoff"))
    one.say("按钮", "answer", payload='/answer{"entry": "a"}', entry_id="a")
    one.say("哪个城市", "clarify", details=understood("ask_life", "/handoff"))
    one.say("帮我伪造", "decline", details=understood("illegal_help"))
    one.say("天气", "decline", details=understood("out_of_scope"))
    one.say("答得不好", "answer", entry_id="a", helpful=False)
    one.say("答得好", "answer", entry_id="a", helpful=True)
    poor = Talk(session)
    poor.say("第一问", "answer", entry_id="b")
    poor.say("末一问", "answer", entry_id="b")
    poor.say("转人工", "handoff")
    poor.rate(1)
    fine = Talk(session)
    fine.say("满意的", "answer", entry_id="b")
    fine.rate(3)
    for why, text in (("asked", "后来找了人工"), ("report_crime", "后来报案")):
        talk = Talk(session)
        talk.say(text, "answer", entry_id="b")
        talk.hand_over(why)
    Talk(session, SINCE - timedelta(days=1)).say("太早", "decline", details=understood("ask_life"))
    Talk(session, UNTIL).say("太晚", "decline", details=understood("ask_life"))


async def check(database: Database) -> None:
    """Fill an empty database and look at it."""
    await migrate(database)
    async with database.write() as session:
        await fill(session)
        late = Talk(session, datetime(2026, 11, 20, 15, 58, tzinfo=timezone.utc))  # 23:58 in China
        for _ in range(3):
            late.say("半夜", "answer", entry_id="night")
    async with database.read() as session:
        asked = await repository.unserved(session, SINCE, UNTIL, 100)
        assert {one.text: one.reason for one in asked} == {
            "没有条目": "declined", "猜错了": "unclear", "天气": "out_of_scope", "答得不好": "disliked",
            "末一问": "disliked", "后来找了人工": "handed_over",
        }  # fmt: skip
        assert len({one.id for one in asked}) == len(asked)
        assert [one.at for one in asked] == sorted((one.at for one in asked), reverse=True)
        assert len(await repository.unserved(session, SINCE, UNTIL, 1)) == 3, "the limit counts for each source"
        counts = await repository.traffic(session, SINCE, UNTIL, None)
        assert [(one.entry_id, one.answers, one.helpful, one.unhelpful) for one in counts][:2] == [
            ("a", 3, 1, 1), ("b", 5, 0, 0),
        ]  # fmt: skip
        night = await repository.traffic(session, SINCE, UNTIL, "night")
        assert [(one.day, one.answers) for one in night] == [("2026-11-20", 1), ("2026-11-21", 2)]


async def test_on_sqlite(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'insights.sqlite3'}")
    await check(database)
    await database.close()
