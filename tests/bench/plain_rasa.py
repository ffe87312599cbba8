"""Rasa as `rasa init` configures it: DIET, TED and an action server, on this project's own training data."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from uuid import uuid4

import httpx

from tests.processes import ROOT, free_port

PYTHON = ROOT / "bot/.venv/bin/python"
# What `rasa init` writes, with one epoch instead of a hundred: the speed of an answer does not depend on it.
CONFIG = """
recipe: default.v1
language: en
pipeline:
- name: WhitespaceTokenizer
- name: RegexFeaturizer
- name: LexicalSyntacticFeaturizer
- name: CountVectorsFeaturizer
- name: CountVectorsFeaturizer
  analyzer: char_wb
  min_ngram: 1
  max_ngram: 4
- name: DIETClassifier
  epochs: 1
  constrain_similarities: true
- name: EntitySynonymMapper
- name: ResponseSelector
  epochs: 1
  constrain_similarities: true
- name: FallbackClassifier
  threshold: 0.3
  ambiguity_threshold: 0.1
policies:
- name: MemoizationPolicy
- name: RulePolicy
- name: UnexpecTEDIntentPolicy
  max_history: 5
  epochs: 1
- name: TEDPolicy
  max_history: 5
  epochs: 1
  constrain_similarities: true
"""
ACTIONS = """
from rasa_sdk import Action


def action(name):
    def run(self, dispatcher, tracker, domain):
        dispatcher.utter_message(text="an answer")
        return []

    return type(name, (Action,), {"name": lambda self: name, "run": run})


for each in ("answer", "open_entry", "handoff", "decline", "talk", "choose"):
    globals()[each] = action(f"action_{each}")
"""
STORY = """
version: "3.1"
stories:
- story: a question
  steps:
  - intent: greet
  - action: action_talk
  - intent: ask_documents
  - action: action_answer
"""


class PlainRasa:
    """Trains once, then runs `rasa run` and `rasa run actions` while the block runs."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._port, self._actions = folder / "plain", free_port(), free_port()
        self._processes: list[subprocess.Popen[bytes]] = []
        self._environment = os.environ | {"RASA_TELEMETRY_ENABLED": "false", "PYTHONWARNINGS": "ignore"}

    @property
    def pid(self) -> int:
        """The engine's process."""
        return self._processes[0].pid

    def __enter__(self) -> PlainRasa:
        self._folder.mkdir()
        (self._folder / "config.yml").write_text(CONFIG)
        (self._folder / "actions.py").write_text(ACTIONS)
        (self._folder / "story.yml").write_text(STORY)
        (self._folder / "endpoints.yml").write_text(
            f"action_endpoint:\n  url: http://127.0.0.1:{self._actions}/webhook\n"
        )
        (self._folder / "credentials.yml").write_text("rest:\n")
        print("plain rasa: training", flush=True)
        data = [str(self._folder / "story.yml"), str(ROOT / "data/nlu")]
        train = ["train", "--config", "config.yml", "--domain", str(ROOT / "bot/domain.yml"), "--data", *data]
        self._rasa([*train, "--out", "models", "--fixed-model-name", "plain"]).wait()
        run = ["run", "-i", "127.0.0.1", "--port", str(self._port), "--model", "models/plain.tar.gz"]
        self._processes = [
            self._rasa([*run, "--endpoints", "endpoints.yml", "--credentials", "credentials.yml"]),
            self._rasa(["run", "actions", "--actions", "actions", "--port", str(self._actions)]),
        ]
        self._wait()
        return self

    def new_conversation(self) -> Callable[[str], object]:
        """A function that says something and waits for the answer."""
        http, sender = httpx.Client(timeout=60, trust_env=False), str(uuid4())
        address = f"http://127.0.0.1:{self._port}/webhooks/rest/webhook"

        def say(text: str) -> object:
            return http.post(address, json={"sender": sender, "message": text}).raise_for_status()

        return say

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        for process in self._processes:
            process.terminate()
            process.wait(30)

    def _rasa(self, arguments: list[str]) -> subprocess.Popen[bytes]:
        log = (self._folder / "log").open("ab")
        environment = self._environment | {"PYTHONPATH": f"{self._folder}:{ROOT}"}
        command = [str(PYTHON), "-m", "rasa", *arguments]
        return subprocess.Popen(command, cwd=self._folder, env=environment, stdout=log, stderr=log)

    def _wait(self) -> None:
        deadline = time.monotonic() + 300
        while time.monotonic() < deadline:
            for process in self._processes:
                if process.poll() is not None:
                    raise SystemExit((self._folder / "log").read_text()[-2000:])
            try:
                answer = self.new_conversation()("hello")
                if answer:
                    return
            except httpx.HTTPError:
                time.sleep(1)
        raise SystemExit("plain rasa was not ready in five minutes")
