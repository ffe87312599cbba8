"""Reading tables (YAML lists of mappings) into checked rows; every fault is named by file and line."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from knowledge.entry_files import LineDict, Problem, read_file


class TableError(ValueError):
    """Tables that cannot be used; `problems` names every fault by file, line, row and field."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = list(problems)


class Row(BaseModel):
    """A row: immutable, and no field that the table does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


R = TypeVar("R", bound=Row)
Located = tuple[R, LineDict, str]


def read_rows(path: Path, model: type[R]) -> tuple[list[Located[R]], list[Problem]]:
    """The rows of a file with the mapping and the file name that each came from, and what is wrong with the rest."""
    mappings, problems = read_file(path)
    rows: list[Located[R]] = []
    for mapping in mappings:
        try:
            rows.append((model.model_validate(mapping), mapping, path.name))
        except ValidationError as error:
            problems += [
                Problem(path.name, line_of(mapping, fault["loc"]), str(mapping.get("id", "?")), dotted(fault["loc"]),
                        fault["msg"])
                for fault in error.errors()
            ]  # fmt: skip
    return rows, problems


def line_of(mapping: LineDict, location: Sequence[Any]) -> int:
    """The line of the innermost part of a location (keys and list places) that the file has."""
    line, inner = mapping.line, mapping
    for step in location:
        if isinstance(inner, LineDict) and step in inner:
            line, inner = inner.lines.get(str(step), line), inner[step]
        elif isinstance(inner, list) and isinstance(step, int) and step < len(inner):
            inner = inner[step]
            line = inner.line if isinstance(inner, LineDict) else line
    return line


def dotted(location: Sequence[Any]) -> str:
    """A location as one word: ``countries.1.until``."""
    return ".".join(str(step) for step in location)
