"""Reference data that several components read: loaded once a process, since Rasa builds components separately."""

from functools import cache

from knowledge.encoder import StaticEncoder
from knowledge.paths import DATA
from knowledge.text.gazetteer import Gazetteer


@cache
def gazetteer() -> Gazetteer:
    """The project's names of places, ports, nationalities and documents."""
    return Gazetteer.load(DATA)


@cache
def encoder() -> StaticEncoder:
    """The embedded model; the engine keeps it whatever encoder search uses."""
    return StaticEncoder(DATA / "encoder")
