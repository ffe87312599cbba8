"""The rule file as data: read, checked, and matched from top to bottom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from api.calendar import Hours
from api.routing.geography import Geography, Unit

Need = Literal["business", "place"]
Full = Literal["closed", "nobody", "queue"]
BY_PLACE = ("nearest_station", "local_exit_entry")
KINDS = ("border_inspection", "exit_entry", "service_centre")


class RuleError(ValueError):
    """The rule file is wrong; the message says in which line and how. The rules in use stay in use."""


class When(BaseModel):
    """A rule's condition: what is not named may be anything."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    line: tuple[Literal["phone", "chat"], ...] = ()
    origin: tuple[Literal["domestic", "overseas"], ...] = ()
    language: tuple[Literal["zh", "yue", "en"], ...] = ()
    business: tuple[Literal["clearance", "documents", "suggestions"], ...] = ()
    urgent: bool | None = None

    @field_validator("line", "origin", "language", "business", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    def holds(self, facts: dict[str, Any]) -> bool:
        """Whether a call with these facts meets the condition."""
        named = ((name, getattr(self, name)) for name in ("line", "origin", "language", "business"))
        listed = all(not allowed or facts[name] in allowed for name, allowed in named)
        return listed and self.urgent in (None, facts["urgent"])


class Rule(BaseModel):
    """One row: condition, what must be known, unit, and the reason in words."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str
    when: When
    needs: tuple[Need, ...] = ()
    to: str
    reason: dict[Literal["zh", "en"], str]


class Overflow(BaseModel):
    """Who is offered next when a unit cannot serve at once.

    ``from`` are kinds of unit or units; ``when``: closed (outside its hours), nobody (no seat there), queue
    (more wait than ``queue_limit``).
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    id: str
    units: tuple[str, ...] = Field(alias="from", min_length=1)
    when: tuple[Full, ...] = Field(min_length=1)
    to: str

    def takes(self, unit: Unit, why: Full) -> bool:
        """Whether a unit that is full for this reason has its visitors offered ``to``."""
        return why in self.when and unit.id != self.to and bool({unit.id, unit.kind} & set(self.units))


class Rules(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    version: str
    rules: tuple[Rule, ...]
    overflow: tuple[Overflow, ...] = ()
    queue_limit: int = Field(ge=1)
    hours: dict[str, Hours]
    unknown_place: str

    def hours_of(self, unit: Unit) -> Hours:
        """When a unit's seats answer: its own hours, else those of its kind."""
        return self.hours.get(unit.id) or self.hours[unit.kind]

    def next_of(self, unit: Unit, why: Full) -> str | None:
        """Who is offered when ``unit`` cannot serve; None when nobody is left."""
        return next((row.to for row in self.overflow if row.takes(unit, why)), None)


class _Lines:
    """Which line of the file says what: a path such as ``("rules", 3, "to")`` to its line number."""

    def __init__(self, text: str) -> None:
        self._root = yaml.compose(text, yaml.SafeLoader)

    def of(self, *path: Any) -> int:
        """The line of a path, or of the nearest part of it that is written."""
        node = self._root
        for part in path:
            inner = self._inside(node, part)
            if inner is None:
                break
            node = inner
        return int(node.start_mark.line) + 1 if node else 1

    @staticmethod
    def _inside(node: Any, part: Any) -> Any:
        if isinstance(node, yaml.MappingNode):
            return next((value for key, value in node.value if key.value == str(part)), None)
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            return node.value[part]
        return None

    def twice(self) -> tuple[int, str] | None:
        """The first key that is written twice in one place: YAML would silently drop the first."""
        nodes = [self._root]
        while nodes:
            node = nodes.pop()
            if isinstance(node, yaml.MappingNode):
                seen: set[str] = set()
                for key, value in node.value:
                    if key.value in seen:
                        return int(key.start_mark.line) + 1, str(key.value)
                    seen.add(key.value)
                    nodes.append(value)
            elif isinstance(node, yaml.SequenceNode):
                nodes.extend(node.value)
        return None


def load(path: Path, geography: Geography) -> Rules:
    """Read and check the rule file.

    Raises:
        RuleError: with the line: the YAML is malformed, a key stands twice, a field is wrong, a unit does not
            exist, an id is used twice, a rule can never be reached, a call exists that no rule takes, a queue has
            no unit or no hours, or overflow goes in a circle or ends where nobody answers at night.
    """
    text = path.read_text("utf-8")
    try:
        lines = _Lines(text)
        data = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RuleError(f"{path.name}:{line}: {error.problem or error}") from error
    if twice := lines.twice():
        raise RuleError(f"{path.name}:{twice[0]}: {twice[1]!r} is written twice")
    try:
        rules = Rules.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RuleError(f"{path.name}:{lines.of(*first['loc'])}: {where}: {first['msg']}") from error
    for fault, what in (*_units(rules, geography), *_reached(rules), *_overflow(rules, geography)):
        raise RuleError(f"{path.name}:{lines.of(*fault)}: {what}")
    return rules


Fault = tuple[tuple[Any, ...], str]


def _units(rules: Rules, geography: Geography) -> Iterator[Fault]:
    """Units that do not exist, ids used twice, units by place where no place is asked, kinds without hours."""
    targets: list[Fault] = [(("unknown_place",), rules.unknown_place)]
    targets += [(("rules", i, "to"), rule.to) for i, rule in enumerate(rules.rules) if rule.to not in BY_PLACE]
    targets += [(("overflow", i, "to"), row.to) for i, row in enumerate(rules.overflow)]
    named: list[Fault] = [
        (("overflow", i, "from"), unit) for i, row in enumerate(rules.overflow) for unit in row.units
    ]
    named += [(("hours", unit), unit) for unit in rules.hours]
    for where, unit in (*targets, *((where, unit) for where, unit in named if unit not in KINDS)):
        if geography.unit(unit) is None:
            yield where, f"there is no unit {unit!r}"
    for kind in KINDS:
        if kind not in rules.hours:
            yield ("hours",), f"no hours for {kind}"
    for name, rows in (("rules", rules.rules), ("overflow", rules.overflow)):
        ids = [row.id for row in rows]
        for i, row_id in enumerate(ids):
            if row_id in ids[:i]:
                yield (name, i, "id"), f"ids must differ: {row_id!r} is used before"
    for i, rule in enumerate(rules.rules):
        if rule.to in BY_PLACE and "place" not in rule.needs:
            yield ("rules", i), f"{rule.to} needs the place: add needs: [place]"


def _reached(rules: Rules) -> Iterator[Fault]:
    """Calls that no rule takes, and rules that take no call."""
    used = set()
    for facts in every_call():
        taken = match(rules, facts)
        if taken is None:
            yield ("rules", len(rules.rules) - 1), f"no rule takes {facts}: add one after this"
        else:
            used.add(taken.id)
    for i, rule in enumerate(rules.rules):
        if rule.id not in used:
            yield ("rules", i), f"{rule.id!r} is never reached: an earlier rule takes all its calls"


def _overflow(rules: Rules, geography: Geography) -> Iterator[Fault]:
    """Rows never reached, circles, and chains that end where nobody answers at night."""
    seen: dict[tuple[str, Full], int] = {}
    for i, row in enumerate(rules.overflow):
        pairs: list[tuple[str, Full]] = [(unit, why) for unit in row.units for why in row.when]
        if all(pair in seen for pair in pairs):
            yield ("overflow", i), f"{row.id!r} is never reached: earlier rows take {', '.join(row.units)}"
        seen |= {pair: i for pair in pairs if pair not in seen}
    for i, row in enumerate(rules.overflow):
        for why in row.when:
            passed, unit = [row.to], geography.unit(row.to)
            while unit and (after := rules.next_of(unit, why)):
                if after in passed:
                    yield ("overflow", i), f"{row.id!r} goes in a circle: {' -> '.join([*passed, after])}"
                    return
                passed.append(after)
                unit = geography.unit(after)
            if unit and not rules.hours_of(unit).always:
                yield ("overflow", i), f"{row.id!r} ends at {unit.id}, which does not answer day and night"


def every_call() -> list[dict[str, Any]]:
    """Every combination of the routing inputs, places aside."""
    return [
        {"line": line, "origin": origin, "language": language, "business": business, "urgent": urgent}
        for line in ("phone", "chat")
        for origin in ("domestic", "overseas")
        for language in ("zh", "yue", "en")
        for business in ("clearance", "documents", "suggestions", None)
        for urgent in (False, True)
    ]


def match(rules: Rules, facts: dict[str, Any]) -> Rule | None:
    """The first rule that takes a call."""
    return next((rule for rule in rules.rules if rule.when.holds(facts)), None)
