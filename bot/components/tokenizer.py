"""Words of a message in any of the three languages.

Rasa's own tokenizers know spaces only, and refuse Chinese. Tokens carry normalised text, so that features are the
same for 護照, 护照 and ＰＡＳＳＰＯＲＴ/passport; their offsets stay those of the text the visitor typed.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from knowledge.text.normalise import normalise
from knowledge.text.tokens import nlu_tokens


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class MixedTokenizer(Tokenizer):
    """Cuts Chinese into words and Latin text at spaces, in one message if need be."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Rasa's settings for splitting intent names, unused but expected by its base class."""
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_"}

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """The tokens of one attribute's text; a text without words gives one token, for featurizers need one."""
        text: str = message.get(attribute)
        tokens = [Token(normalise(word) or word, start, end) for word, start, end in nlu_tokens(text)]
        return tokens or [Token(text or " ", 0, len(text))]
