"""The rule file as data: read, checked, and matched from top to bottom."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from api.routing.geography import Geography

Need = Literal["business", "place"]
BY_PLACE = ("nearest_station", "local_exit_entry")


class RuleError(ValueError):
    """The rule file is wrong; the message says where and how. The rules in use stay in use."""


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


class Rules(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    version: str
    rules: tuple[Rule, ...]
    overflow: tuple[str, ...] = ()
    unknown_place: str


def load(path: Path, geography: Geography) -> Rules:
    """Read and check the rule file.

    Raises:
        RuleError: the YAML is malformed, a field is wrong, a unit does not exist, an id is used twice, a
            rule can never be reached, or a call exists that no rule takes.
    """
    try:
        rules = Rules.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except yaml.YAMLError as error:
        raise RuleError(f"{path.name}: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RuleError(f"{path.name}: {where}: {first['msg']}") from error
    _check(rules, geography, path.name)
    return rules


def _check(rules: Rules, geography: Geography, name: str) -> None:
    targets = {f"rules.{rule.id}.to": rule.to for rule in rules.rules if rule.to not in BY_PLACE}
    targets |= {f"overflow[{i}]": unit for i, unit in enumerate(rules.overflow)}
    targets["unknown_place"] = rules.unknown_place
    for where, unit in targets.items():
        if geography.unit(unit) is None:
            raise RuleError(f"{name}: {where}: there is no unit {unit!r}")
    ids = [rule.id for rule in rules.rules]
    if len(set(ids)) != len(ids):
        raise RuleError(f"{name}: rule ids must differ: {ids}")
    for rule in rules.rules:
        if rule.to in BY_PLACE and "place" not in rule.needs:
            raise RuleError(f"{name}: rules.{rule.id}: {rule.to} needs the place: add needs: [place]")
    used = set()
    for facts in every_call():
        taken = match(rules, facts)
        if taken is None:
            raise RuleError(f"{name}: no rule takes {facts}")
        used.add(taken.id)
    if unreached := [rule_id for rule_id in ids if rule_id not in used]:
        raise RuleError(f"{name}: never reached: {unreached}; an earlier rule takes all their calls")


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
