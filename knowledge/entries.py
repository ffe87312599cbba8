"""A knowledge entry, and the checked way from YAML files to entries and from entries to public JSON."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

from knowledge.entry_files import LineDict, Problem, read_file

Text = Mapping[str, str]
Status = Literal["draft", "reviewed", "published", "retired"]

AREAS = ("clearance", "documents", "life", "suggestions", "routing")
AUDIENCES = (
    "everyone", "chinese_citizens", "foreigners", "hk_macao_residents", "taiwan_residents", "crew", "employers",
)  # fmt: skip
NEEDS = ("city", "nationality", "document", "port")
STATUSES = ("draft", "reviewed", "published", "retired")
LANGUAGES = ("zh", "yue", "en")
REVIEWERS = ("second reader", "lawyer", "authority")
"""Who may have read an entry beside its writer: a role, never a person's name."""
OWNER = "12367"
"""The organisation that keeps an entry, unless it says otherwise."""
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_DATE = re.compile(r"\d{4}-\d\d(-\d\d)?")


class EntryError(ValueError):
    """Entry files that cannot be used; `problems` names every fault by file, line, entry and field."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True)
class Source:
    """Where an answer comes from; `url` is an official address or None, `date` ISO or year-month."""

    title: Text
    url: str | None = None
    date: str | None = None


@dataclass(frozen=True)
class Review:
    """When an entry was last read by somebody who did not write it, and in which role."""

    on: date
    role: str


@dataclass(frozen=True)
class Entry:
    """One answer with every wording of its question. Dates are days in China, both ends included.

    >>> entry = from_dict({"id": "a", "topic": "t", "area": "life", "questions": {"zh": ["问"]},
    ...     "answer": {"zh": "答"}, "authority": "nia"})
    >>> entry.status, entry.version, to_dict(entry)["answer"]
    ('published', 1, {'zh': '答'})
    """

    id: str
    topic: str
    area: str
    questions: Mapping[str, tuple[str, ...]]
    answer: Text
    authority: str
    region: str | None = None
    audience: str = "everyone"
    sources: tuple[Source, ...] = ()
    general: bool = False
    valid_from: date | None = None
    valid_to: date | None = None
    review_by: date | None = None
    related: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    status: Status = "published"
    version: int = 1
    supersedes: str | None = None
    more: Text = field(default_factory=dict)
    """The second part of an answer, shown when the reader asks for it; may be empty."""
    review: Review | None = None
    owner: str = OWNER
    """The organisation that keeps this entry: only it changes the entry, others propose."""
    place: tuple[str, int] | None = field(default=None, compare=False, repr=False)
    """File name and line it was read from; None for an entry that came from elsewhere."""


def effective(entry: Entry, on: date) -> bool:
    """Whether an entry may be answered from on a day: published, and inside its dates.

    >>> entry = from_dict({"id": "a", "topic": "t", "area": "life", "questions": {"zh": ["问"]},
    ...     "answer": {"zh": "答"}, "authority": "nia", "valid_to": "2026-12-31"})
    >>> effective(entry, date(2026, 12, 31)), effective(entry, date(2027, 1, 1))
    (True, False)
    """
    begun = entry.valid_from is None or entry.valid_from <= on
    return entry.status == "published" and begun and not ended(entry, on)


def ended(entry: Entry, on: date) -> bool:
    """Whether a published entry's policy was over before that day: said so, instead of answered from."""
    return entry.status == "published" and entry.valid_to is not None and entry.valid_to < on


def is_template(entry: Entry) -> bool:
    """Whether an answer is only ever filled in by a computation: it has no wordings, so no search finds it.

    Its answer may hold ``{placeholders}``, so nobody is shown it as it stands.
    """
    return not any(entry.questions.values())


def load_folder(path: Path) -> list[Entry]:
    """Read every *.yaml of a folder, sorted by file name. Raises EntryError listing all faults of all files.

    An empty folder gives no entries; a missing one is a FileNotFoundError, because a wrong path must not look like
    an empty knowledge base.
    """
    if not path.is_dir():
        raise FileNotFoundError(f"no folder of entries: {path.name}")
    return load_files(sorted(path.glob("*.yaml")))


def load_files(files: Sequence[Path]) -> list[Entry]:
    """Read entry files. Raises EntryError listing all faults of all files."""
    problems: list[Problem] = []
    entries: dict[str, Entry] = {}
    for file in files:
        rows, faults = read_file(file)
        problems += faults
        for row in rows:
            entry, faults = _parse(row, file.name)
            problems += faults
            if entry is None:
                continue
            if entry.id in entries:
                first = entries[entry.id].place
                where = f"{first[0]}:{first[1]}" if first else "another file"
                problems.append(Problem(file.name, row.line, entry.id, "id", f"already used in {where}"))
            entries.setdefault(entry.id, entry)
    if problems:
        raise EntryError(problems)
    return list(entries.values())


def from_dict(values: Mapping[str, Any]) -> Entry:
    """Build an entry from the public JSON shape. Raises EntryError naming each wrong field."""
    entry, problems = _parse(LineDict(values), "")
    if entry is None or problems:
        raise EntryError(problems)
    return entry


def to_dict(entry: Entry) -> dict[str, Any]:
    """The public JSON shape: plain lists, ISO dates, every field present."""
    return {
        "id": entry.id,
        "version": entry.version,
        "area": entry.area,
        "topic": entry.topic,
        "questions": {language: list(wordings) for language, wordings in entry.questions.items()},
        "answer": dict(entry.answer),
        "region": entry.region,
        "audience": entry.audience,
        "authority": entry.authority,
        "sources": [{"title": dict(s.title), "url": s.url, "date": s.date} for s in entry.sources],
        "general": entry.general,
        "valid_from": _iso(entry.valid_from),
        "valid_to": _iso(entry.valid_to),
        "review_by": _iso(entry.review_by),
        "status": entry.status,
        "supersedes": entry.supersedes,
        "related": list(entry.related),
        "needs": list(entry.needs),
        "facts": list(entry.facts),
        "more": dict(entry.more),
        "review": {"on": entry.review.on.isoformat(), "role": entry.review.role} if entry.review else None,
        "owner": entry.owner,
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _parse(row: LineDict, file: str) -> tuple[Entry | None, list[Problem]]:
    """Turn one mapping into an entry, or say everything that is wrong with it."""
    reader = _Reader(row, file)
    unknown = set(row) - set(Entry.__dataclass_fields__)
    for name in sorted(map(str, unknown | ({"place"} & set(row)))):
        reader.fault(name, "unknown field")
    entry = Entry(
        id=reader.matching("id", _ID),
        topic=reader.text("topic"),
        area=reader.choice("area", AREAS, None),
        questions=reader.questions(),
        answer=reader.by_language("answer", row.get("answer")),
        authority=reader.text("authority"),
        region=reader.optional("region"),
        audience=reader.choice("audience", AUDIENCES, "everyone"),
        sources=reader.sources(),
        general=reader.flag("general"),
        valid_from=reader.day("valid_from"),
        valid_to=reader.day("valid_to"),
        review_by=reader.day("review_by"),
        related=reader.names("related"),
        needs=reader.names("needs", NEEDS),
        facts=reader.names("facts"),
        status=reader.status(),
        version=reader.number("version", 1),
        supersedes=reader.optional("supersedes"),
        more=reader.by_language("more", row["more"]) if row.get("more") else {},
        review=reader.review(),
        owner=reader.optional("owner") or OWNER,
        place=(file, row.line) if file else None,
    )
    if entry.valid_from and entry.valid_to and entry.valid_from > entry.valid_to:
        reader.fault("valid_to", "lies before valid_from")
    return (None if reader.problems else entry), reader.problems


class _Reader:
    """Reads one mapping's fields, and collects faults instead of stopping at the first."""

    def __init__(self, row: LineDict, file: str) -> None:
        self._row, self._file = row, file
        self.problems: list[Problem] = []

    def fault(self, name: str, message: str) -> None:
        """Note what is wrong with a field, with the field's own line where it is known."""
        line = self._row.lines.get(name, self._row.line)
        self.problems.append(Problem(self._file, line, str(self._row.get("id", "?")), name, message))

    def text(self, name: str) -> str:
        """A string that must be there and not be empty."""
        value = self._row.get(name)
        if not isinstance(value, str) or not value.strip():
            self.fault(name, "a text is missing here")
            return ""
        return value.strip()

    def optional(self, name: str) -> str | None:
        """A string or nothing."""
        return None if self._row.get(name) is None else self.text(name)

    def matching(self, name: str, pattern: re.Pattern[str]) -> str:
        """A string of a given form."""
        value = self.text(name)
        if value and not pattern.fullmatch(value):
            self.fault(name, f"{value!r} is not lower-case words joined by hyphens")
        return value

    def choice(self, name: str, allowed: tuple[str, ...], default: str | None) -> str:
        """One of a list of strings."""
        value = self._row.get(name, default)
        if value not in allowed:
            self.fault(name, f"{value!r} is none of {', '.join(allowed)}")
        return str(value)

    def status(self) -> Status:
        """The entry's status; seed files need not name it."""
        value = self.choice("status", STATUSES, "published")
        return (
            "draft"
            if value == "draft"
            else "reviewed"
            if value == "reviewed"
            else "retired"
            if value == "retired"
            else "published"
        )

    def flag(self, name: str) -> bool:
        """True or false; false when it is not given."""
        value = self._row.get(name, False)
        if not isinstance(value, bool):
            self.fault(name, f"{value!r} is neither true nor false")
        return value is True

    def number(self, name: str, default: int) -> int:
        """A whole number of at least one."""
        value = self._row.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            self.fault(name, f"{value!r} is no whole number above zero")
            return default
        return value

    def day(self, name: str) -> date | None:
        """An ISO date; a year and month mean that month's first day."""
        return self._as_day(name, self._row.get(name))

    def _as_day(self, name: str, value: Any) -> date | None:
        """A given value as a date; `name` is the field that a fault is told of."""
        if value is None:
            return None
        written = str(value)
        try:
            return date.fromisoformat(written if len(written) > 7 else f"{written}-01")
        except ValueError:
            self.fault(name, f"{written!r} is no date (YYYY-MM-DD)")
            return None

    def review(self) -> Review | None:
        """The record of the last review: a day and a role."""
        value = self._row.get("review")
        if value is None:
            return None
        if not isinstance(value, dict) or set(value) != {"on", "role"} or value["role"] not in REVIEWERS:
            self.fault("review", f"{{on: YYYY-MM-DD, role: one of {', '.join(REVIEWERS)}}} is expected")
            return None
        day = self._as_day("review", value["on"])
        return Review(day, str(value["role"])) if day else None

    def names(self, name: str, allowed: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A list of strings, possibly of an allowed set."""
        value = self._row.get(name) or []
        if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
            self.fault(name, "a list of texts is expected")
            return ()
        for one in value:
            if allowed and one not in allowed:
                self.fault(name, f"{one!r} is none of {', '.join(allowed)}")
        return tuple(value)

    def by_language(self, name: str, value: Any) -> dict[str, str]:
        """A mapping language → text with at least one text."""
        if not isinstance(value, dict) or not value:
            self.fault(name, "a mapping of languages to texts is expected")
            return {}
        for language, text in value.items():
            if language not in LANGUAGES:
                self.fault(name, f"{language!r} is none of {', '.join(LANGUAGES)}")
            elif not isinstance(text, str) or not text.strip():
                self.fault(name, f"the {language} text is missing")
        return {str(language): str(text).strip() for language, text in value.items()}

    def questions(self) -> dict[str, tuple[str, ...]]:
        """A mapping language → wordings; duplicates inside a language are dropped, order is kept.

        A template says ``questions: {}``: a forgotten field must not make an entry that nobody finds.
        """
        value = self._row.get("questions")
        if value == {}:
            return {}
        if not isinstance(value, dict) or not any(value.values()):
            self.fault("questions", "at least one wording is needed, or {} for a template")
            return {}
        found: dict[str, tuple[str, ...]] = {}
        for language, wordings in value.items():
            if language not in LANGUAGES:
                self.fault("questions", f"{language!r} is none of {', '.join(LANGUAGES)}")
            elif not isinstance(wordings, list | tuple) or not all(
                isinstance(w, str) and w.strip() for w in wordings
            ):
                self.fault("questions", f"{language}: a list of texts is expected")
            else:
                found[language] = tuple(dict.fromkeys(wording.strip() for wording in wordings))
        return found

    def sources(self) -> tuple[Source, ...]:
        """The list of sources; an address must be a web address."""
        value = self._row.get("sources") or []
        if not isinstance(value, list | tuple) or not all(isinstance(one, dict) for one in value):
            self.fault("sources", "a list of mappings is expected")
            return ()
        found = []
        for one in value:
            url, day = one.get("url"), one.get("date")
            if url is not None and not str(url).startswith(("https://", "http://")):
                self.fault("sources", f"{url!r} is no web address")
            if day is not None and not _DATE.fullmatch(str(day)):
                self.fault("sources", f"{day!r} is neither a date nor a year and month")
            title = self.by_language("sources", one.get("title"))
            found.append(Source(title, None if url is None else str(url), None if day is None else str(day)))
        return tuple(found)
