"""Reading entry files so that a fault can be shown by file and line."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import yaml

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Problem:
    """One fault in the content, where it is, and what is wrong.

    >>> str(Problem("passport.yaml", 12, "passport-fee", "area", "'x' is none of clearance"))
    "passport.yaml:12: passport-fee: area: 'x' is none of clearance"
    """

    file: str
    line: int
    entry: str
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.file or '-'}:{self.line}: {self.entry}: {self.field}: {self.message}"


class LineDict(dict[str, Any]):
    """A mapping that knows its line and those of its keys, counted from 1; 0 when it came from no file."""

    def __init__(self, values: Mapping[str, Any], line: int = 0, lines: Mapping[str, int] | None = None) -> None:
        super().__init__(values)
        self.line = line
        self.lines = dict(lines or {})


class _LineLoader(_Base):  # type: ignore[misc]
    """A safe YAML loader whose mappings are `LineDict`; a repeated key is an error instead of a silent loss.

    Only true and false are booleans, as in YAML 1.2: the older rule would read the key `on` of a review as true.
    """

    yaml_implicit_resolvers: ClassVar = {
        first: [(tag, pattern) for tag, pattern in resolvers if first in "tTfF" or not tag.endswith(":bool")]
        for first, resolvers in _Base.yaml_implicit_resolvers.items()
    }


def _mapping(loader: Any, node: yaml.MappingNode) -> LineDict:
    lines: dict[str, int] = {}
    for key, _ in node.value:
        if key.value in lines:
            raise yaml.constructor.ConstructorError(None, None, f"key {key.value!r} twice", key.start_mark)
        lines[key.value] = key.start_mark.line + 1
    return LineDict(loader.construct_mapping(node, deep=True), node.start_mark.line + 1, lines)


_LineLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read_file(path: Path) -> tuple[list[LineDict], list[Problem]]:
    """Read one entry file: its mappings, and what kept it from being read. Never raises for its content."""
    try:
        loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=_LineLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        return [], [Problem(path.name, line, "?", "?", f"no valid YAML: {error.problem}")]
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        return [], [Problem(path.name, 0, "?", "?", f"no valid YAML: {error}")]
    if loaded is None:
        return [], []
    if not isinstance(loaded, list) or not all(isinstance(row, LineDict) for row in loaded):
        return [], [Problem(path.name, 1, "?", "?", "a list of entries is expected")]
    return loaded, []
