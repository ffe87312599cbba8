"""What the components that only read a message have in common."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData


class MessageReader(GraphComponent):
    """A component with nothing to learn: `read` adds what it finds to each message, in training as in service.

    Rasa builds it from its section of config.yml; `config` holds that section over the defaults.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        """Keeps the section of config.yml."""
        self.config = config

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> MessageReader:
        """Rasa's constructor; nothing is read from the model, since nothing was learnt."""
        return cls(config)

    @abstractmethod
    def read(self, message: Message) -> None:
        """Adds what this component finds to the message."""

    def process(self, messages: list[Message]) -> list[Message]:
        """Reads messages in service."""
        for message in messages:
            self.read(message)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Reads the training examples, so that later components train on what they will meet."""
        self.process(training_data.training_examples)
        return training_data
