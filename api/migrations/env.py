"""Alembic's entry: runs on the connection that ``api.migrations`` hands over."""

from __future__ import annotations

from typing import Literal

from alembic import context

from api.audit import models as audit  # noqa: F401
from api.channels import models as channels  # noqa: F401
from api.conversations import models as conversations  # noqa: F401  (imported so that the tables are known)
from api.database import Base, UtcDateTime
from api.knowledge import models as knowledge  # noqa: F401
from api.orders import models as orders  # noqa: F401
from api.partners import models as partners  # noqa: F401
from api.seats import models as seats  # noqa: F401
from api.tickets import models as tickets  # noqa: F401


def _render_item(kind: str, item: object, _: object) -> str | Literal[False]:
    """A step stands on its own: it names plain column types, not the gateway's classes."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    render_item=_render_item,
)
with context.begin_transaction():
    context.run_migrations()
