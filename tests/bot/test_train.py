"""When the engine is trained anew, and what from."""

import json
from pathlib import Path

import pytest
import yaml

from bot import train


def messages_of(path: Path) -> dict[str, list[str]]:
    """Intent → messages of a file of training data."""
    data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {one["intent"]: [line[2:] for line in one["examples"].splitlines()] for one in data["nlu"]}


def test_knowledge_questions_are_examples_of_what_is_in_scope_and_what_is_not() -> None:
    data = yaml.safe_load(train.knowledge_questions())
    intents = {one["intent"]: one["examples"].splitlines() for one in data["nlu"]}
    questions = {"ask/clearance", "ask/documents", "ask/life", "ask/service", "ask/progress"}
    assert set(intents) == questions | {"out_of_scope", "personal_case", "illegal_help", "chitchat", "followup"}
    assert all(line.startswith("- ") for lines in intents.values() for line in lines)
    assert all(len(lines) == len(set(lines)) for lines in intents.values())


def test_fingerprint_follows_the_files_and_the_questions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "ROOT", tmp_path)
    messages = tmp_path / "data" / "nlu" / "zh.yml"
    messages.parent.mkdir(parents=True)
    messages.write_text("nlu: []", encoding="utf-8")
    first = train.fingerprint("")
    assert train.fingerprint("") == first
    assert train.fingerprint("more") != first
    messages.write_text("nlu: [ ]", encoding="utf-8")
    assert train.fingerprint("") != first


@pytest.mark.parametrize("reader", ["chinese", "english"])
def test_the_readers_know_the_intents_of_the_messages(reader: str) -> None:
    """Who adds an intent tunes them again: `python -m bot.tuning`."""
    known = json.loads((train.ROOT / "data" / "readers" / reader / "classes.json").read_text(encoding="utf-8"))
    for path in [path for both in train.message_files().values() for path in both]:
        assert set(messages_of(path)) <= set(known)


def test_every_intent_of_the_domain_leads_to_one_action_of_the_domain() -> None:
    root = Path(train.__file__).resolve().parents[1]
    domain = yaml.safe_load((root / "bot" / "domain.yml").read_text(encoding="utf-8"))
    rules = yaml.safe_load((root / "data" / "nlu" / "rules.yml").read_text(encoding="utf-8"))["rules"]
    intents = [rule["steps"][0]["intent"] for rule in rules]
    assert sorted(intents) == sorted(domain["intents"])
    assert {rule["steps"][1]["action"] for rule in rules} == set(domain["actions"])


def test_training_messages_belong_to_one_intent_of_the_domain() -> None:
    domain = yaml.safe_load((train.ROOT / "bot" / "domain.yml").read_text(encoding="utf-8"))
    intent_of: dict[str, str] = {}
    for path in [path for both in train.message_files().values() for path in both]:
        for intent, texts in messages_of(path).items():
            assert intent.partition("/")[0] in domain["intents"]
            for text in texts:
                assert intent_of.setdefault(text, intent) == intent, text


@pytest.mark.parametrize("language", ["zh", "yue", "en"])
def test_no_held_back_message_is_trained_on_and_no_intent_is_thin(language: str) -> None:
    typed, contrasts = (messages_of(path) for path in train.message_files()[language])
    learnt = {text for messages in (typed, contrasts) for texts in messages.values() for text in texts}
    folder = train.ROOT / "tests" / "bot" / "data"
    for kept in folder.glob(f"strangers_{language}.txt"):
        assert not set(kept.read_text(encoding="utf-8").splitlines()) & learnt
    held_back = (folder / f"held_back_{language}.txt").read_text(encoding="utf-8")
    assert not set(held_back.splitlines()) & learnt
    assert sum(not line.startswith("#") for line in held_back.splitlines() if line) >= 300
    # illegal_help and chitchat: some of theirs are in data/knowledge/negatives.yaml.
    assert {intent: len(texts) for intent, texts in typed.items() if len(texts) < 60} == {}
