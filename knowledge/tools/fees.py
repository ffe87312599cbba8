"""Fees and time limits by document and procedure (``data/fees``), as their sources state them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import yaml
from pydantic import Field

from knowledge.entry_files import Problem
from knowledge.entry_rules import load_facts
from knowledge.tools.tables import Row, TableError, read_rows

Procedure = Literal[
    "annotation", "application", "below_1_year", "card", "change", "double", "elsewhere", "extension", "first",
    "five_years", "from_1_to_3_years", "from_3_to_5_years", "multiple", "multiple_1_to_2_years",
    "multiple_2_to_3_years", "multiple_from_1_year", "multiple_from_3_years", "multiple_half_year",
    "multiple_to_1_year", "renew", "replace", "replace_lost", "single", "urgent",
]  # fmt: skip


class Fee(Row):
    """What a procedure costs, in whole units, and how long it takes at most; ``None`` where no limit is published.

    `general`: part of it is general knowledge, to be confirmed.
    """

    document: str
    procedure: Procedure
    amount: int = Field(ge=0)
    currency: Literal["CNY", "HKD"] = "CNY"
    days: int | None = Field(None, ge=1)
    working: bool | None = None
    general: bool = False
    facts: tuple[str, ...] = Field(min_length=1)
    as_of: date


@dataclass(frozen=True)
class Fees:
    """The fee table."""

    rows: Sequence[Fee]

    @classmethod
    def load(cls, data: Path) -> "Fees":
        """Read ``data/fees``. Raises TableError: unknown document or fact, a pair twice, days without their kind."""
        documents = yaml.safe_load((data / "places" / "documents.yaml").read_text("utf-8"))["documents"]
        known = {row["id"] for row in documents}
        facts = load_facts(data / "facts" / "facts.jsonl")
        rows, problems = read_rows(data / "fees" / "fees.yaml", Fee)
        seen: set[tuple[str, str]] = set()
        for row, mapping, file in rows:
            name = f"{row.document}/{row.procedure}"
            faults = [("facts", f"{fact!r} is no fact") for fact in row.facts if fact not in facts]
            if row.document not in known:
                faults.append(("document", f"{row.document!r} is no document"))
            if (row.document, row.procedure) in seen:
                faults.append(("procedure", "stands there twice"))
            if (row.days is None) != (row.working is None):
                faults.append(("working", "goes with days"))
            seen.add((row.document, row.procedure))
            problems += [Problem(file, mapping.line, name, field, message) for field, message in faults]
        if problems:
            raise TableError(problems)
        return cls(tuple(row for row, _, _ in rows))

    def of(self, document: str | None, procedure: str | None) -> list[Fee]:
        """The rows of a document and procedure; all where neither is given."""
        return [row for row in self.rows if document in (None, row.document) and procedure in (None, row.procedure)]
