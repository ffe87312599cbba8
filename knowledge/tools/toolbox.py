"""All tables and cues, loaded together."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from knowledge.paths import DATA
from knowledge.tools.cues import Cues, load_cues
from knowledge.tools.fees import Fees
from knowledge.tools.policies import Policies
from knowledge.tools.ports import load_coordinates


@dataclass(frozen=True)
class Toolbox:
    """What computed answers are computed from.

    `general` names the entries that the check may speak in place of; `coordinates` are cities' (longitude, latitude)
    in degrees, by division code.
    """

    policies: Policies
    cues: Cues
    general: frozenset[str]
    fees: Fees
    coordinates: Mapping[str, tuple[float, float]]

    @classmethod
    def load(cls, data: Path) -> "Toolbox":
        """Read the tables. Raises TableError for faults in them."""
        cues, general = load_cues(data / "tools" / "cues.yaml")
        return cls(Policies.load(data), cues, general, Fees.load(data), load_coordinates(data / "places"))


@lru_cache(maxsize=1)
def default_toolbox() -> Toolbox:
    """The tables of the project's own data."""
    return Toolbox.load(DATA)
