"""Conversations of the engine in memory, within bounds.

The gateway owns every record and sends what a turn needs with each message, so the engine may forget. Rasa's own
in-memory store never does: it keeps every conversation, and every event of each, until the process is killed for it.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker


class BoundedTrackerStore(InMemoryTrackerStore):
    """Keeps the `max_conversations` used last, and the last `max_events` events of each.

    A turn is some ten events, and Rasa copies and sends all that it has at every turn. Rules look at the last message
    alone, and what a conversation is about comes with it from the gateway.
    """

    def __init__(
        self,
        domain: Domain,
        event_broker: EventBroker | None = None,
        max_conversations: int = 10_000,
        max_events: int = 40,
        **kwargs: Any,
    ) -> None:
        """Built by Rasa from endpoints.yml. Raises ValueError for bounds that keep nothing."""
        if max_conversations < 1 or max_events < 20:
            raise ValueError("max_conversations must be at least 1 and max_events at least 20")
        super().__init__(domain, event_broker, **kwargs)
        self.store: OrderedDict[str, str] = OrderedDict()
        self._max_conversations = max_conversations
        self._max_events = max_events

    async def get_or_create_tracker(
        self, sender_id: str, max_event_history: int | None = None, append_action_listen: bool = True
    ) -> DialogueStateTracker:
        """The tracker of a conversation, limited to `max_events` unless the caller wants fewer."""
        limit = min(max_event_history or self._max_events, self._max_events)
        return await super().get_or_create_tracker(sender_id, limit, append_action_listen)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Saves a conversation, and forgets those longest unused beyond the bound."""
        await super().save(tracker)
        self.store.move_to_end(tracker.sender_id)
        while len(self.store) > self._max_conversations:
            self.store.popitem(last=False)
