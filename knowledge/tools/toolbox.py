"""All tables, loaded together."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from knowledge.paths import DATA
from knowledge.tools.policies import Policies


@dataclass(frozen=True)
class Toolbox:
    """What computed answers are computed from."""

    policies: Policies

    @classmethod
    def load(cls, data: Path) -> "Toolbox":
        """Read the tables. Raises TableError for faults in them."""
        return cls(Policies.load(data))


@lru_cache(maxsize=1)
def default_toolbox() -> Toolbox:
    """The tables of the project's own data."""
    return Toolbox.load(DATA)
