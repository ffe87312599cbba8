"""The portal's own words and the notes on ports: there in every language, and nothing but what is on record."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import yaml

from api.portal.site import PREFIX
from knowledge.entries import is_template
from knowledge.entry_rules import load_facts
from knowledge.paths import DATA
from tests.api.portal.page import ENTRIES, opened


def test_words_are_there_in_every_language() -> None:
    """`Texts` compares the files' own keys; here also what is inside groups, and the hand-made pages."""
    words = {
        language: yaml.safe_load((DATA / "portal" / f"{language}.yaml").read_text("utf-8")) for language in PREFIX
    }
    for key, value in words["zh"].items():
        inner = set(value) if isinstance(value, dict) else None
        for other in ("yue", "en"):
            assert inner is None or set(words[other][key]) == inner, key
            assert _placeholders(words[other][key]) == _placeholders(value), key
    entries = {one.id: one for one in ENTRIES}
    topics = yaml.safe_load((DATA / "portal" / "topics.yaml").read_text("utf-8"))
    named = {topic for group in topics for topic in group["topics"]}
    assert {one.topic for one in entries.values() if not is_template(one)} <= named
    pages = yaml.safe_load((DATA / "portal" / "pages.yaml").read_text("utf-8"))
    for section in (*pages["services"], *pages["life"]):
        assert set(section["entries"]) <= set(entries), section["id"]


def test_a_ports_note_states_facts_or_what_its_record_notes() -> None:
    """In every language, with the numbers that are on record; what no fact says, the port's own record does."""
    notes = yaml.safe_load((DATA / "portal" / "port_notes.yaml").read_text("utf-8"))
    facts = load_facts(DATA / "facts" / "facts.jsonl")
    rows = (DATA / "places" / "ports.jsonl").read_text("utf-8").splitlines()
    ports = {row["id"]: row for row in map(json.loads, rows)}
    assert {port for port, row in ports.items() if row["note"]} == set(notes)
    for port, note in notes.items():
        assert set(note) == {"facts", *PREFIX} and set(note["facts"]) <= set(facts), port
        stated = [facts[one] for one in note["facts"]]
        sources = [ports[port]["note"], *(one["fact_zh"] + one["fact_en"] for one in stated)]
        numbers = {language: _numbers(note[language]) for language in PREFIX}
        assert numbers["zh"] == numbers["yue"], port
        assert numbers["zh"] | numbers["en"] <= _numbers(" ".join(sources)), port


def _numbers(text: str) -> set[str]:
    return set(re.findall(r"\d+(?::\d+)?", text))


def test_a_ports_page_shows_its_note(http: httpx.Client) -> None:
    notes = yaml.safe_load((DATA / "portal" / "port_notes.yaml").read_text("utf-8"))
    for port in ("port-huanggang", "port-yantian"):
        for language, start in PREFIX.items():
            assert notes[port][language] in opened(http, f"{start}/ports/{port}").said


def _placeholders(value: Any) -> set[str]:
    return set(re.findall(r"\{\w+\}", str(value))) if isinstance(value, str) else set()
