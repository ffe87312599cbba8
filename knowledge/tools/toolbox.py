"""All tables and cues, loaded together."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from knowledge.paths import DATA
from knowledge.tools.cues import Cues, load_cues
from knowledge.tools.policies import Policies


@dataclass(frozen=True)
class Toolbox:
    """What computed answers are computed from; `general` names the entries that the check may speak in place of."""

    policies: Policies
    cues: Cues
    general: frozenset[str]

    @classmethod
    def load(cls, data: Path) -> "Toolbox":
        """Read the tables. Raises TableError for faults in them."""
        cues, general = load_cues(data / "tools" / "cues.yaml")
        return cls(Policies.load(data), cues, general)


@lru_cache(maxsize=1)
def default_toolbox() -> Toolbox:
    """The tables of the project's own data."""
    return Toolbox.load(DATA)
