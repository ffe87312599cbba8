"""The same components on public sets: `bot/.venv/bin/python bot/yardsticks.py FOLDER [--only PART]`.

PART is language, banking77 or clinc150. FOLDER holds banking77_train.csv and _test.csv (PolyAI), clinc150_full.json
(clinc/oos-eval), sib200_LANG_test.tsv (dadelani/sib-200) and ntrex_*.txt (MicrosoftTranslator/NTREX); none of them is
part of this project. The intent model is trained as in the engine, with our word lists and names in place, which know
nothing of banks.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from knowledge.language import detect

Rows = list[tuple[str, str]]  # text, intent
THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7)
SIB = {"eng_Latn": "en", "yue_Hant": "yue", "zho_Hans": "zh", "zho_Hant": "zh"}
NTREX = {"src.eng": "en", "ref.yue": "yue", "ref.zho-CN": "zh", "ref.zho-TW": "zh"}


def language_lines(folder: Path) -> Iterator[tuple[str, str, str]]:
    """(set, language, line) of SIB-200's test part and of NTREX."""
    for name, language in SIB.items():
        with (folder / f"sib200_{name}_test.tsv").open(encoding="utf-8") as file:
            yield from ((f"SIB-200 {name}", language, row["text"]) for row in csv.DictReader(file, delimiter="\t"))
    for name, language in NTREX.items():
        for line in (folder / f"ntrex_{name}.txt").read_text(encoding="utf-8").splitlines():
            yield f"NTREX {name}", language, line


def languages(folder: Path) -> None:
    """Prints how many lines of each set are put in their language."""
    right, of = Counter[str](), Counter[str]()
    for name, language, line in language_lines(folder):
        of[name] += 1
        right[name] += detect(line).language == language
    for name, count in of.items():
        print(f"{name}: {right[name]}/{count} = {right[name] / count:.3f}")


def banking77(folder: Path) -> None:
    """Accuracy on Banking77's own split."""
    train, test = (_csv(folder / f"banking77_{part}.csv") for part in ("train", "test"))
    found, _, spent = asked(train, [text for text, _ in test])
    right = np.mean([one == intent for one, (_, intent) in zip(found, test, strict=True)])
    print(f"Banking77: accuracy {right:.3f}; {spent}")


def clinc150(folder: Path) -> None:
    """In-scope accuracy and out-of-scope recall on CLINC150 (full), by threshold; trained on what is in scope."""
    sets = json.loads((folder / "clinc150_full.json").read_text(encoding="utf-8"))
    inside = [tuple(row) for row in sets["test"]]
    outside = [text for text, _ in sets["oos_test"]]
    train = [tuple(row) for row in [*sets["train"], *sets["val"]]]
    found, confidence, spent = asked(train, [*(text for text, _ in inside), *outside])
    same = np.array([one == intent for one, (_, intent) in zip(found, inside, strict=False)])
    print(f"CLINC150: in scope {same.mean():.3f} without a threshold; {spent}")
    for least in THRESHOLDS:
        kept = confidence >= least
        print(
            f"  threshold {least}: in scope {(same & kept[: len(same)]).mean():.3f}, "
            f"out of scope recalled {(~kept[len(same) :]).mean():.3f}"
        )


def asked(train: Rows, texts: list[str]) -> tuple[list[str], np.ndarray, str]:
    """Intents, their confidences, and the processor time it took, of a model trained on `train`."""
    from rasa.engine.graph import ExecutionContext, GraphSchema
    from rasa.engine.storage.local_model_storage import LocalModelStorage
    from rasa.engine.storage.resource import Resource
    from rasa.shared.nlu.training_data.message import Message
    from rasa.shared.nlu.training_data.training_data import TrainingData

    from bot.components.classifier import IntentModel

    with tempfile.TemporaryDirectory() as folder:
        storage, context = LocalModelStorage(Path(folder)), ExecutionContext(GraphSchema({}))
        model = IntentModel.create(
            {**IntentModel.get_default_config(), "readers": None}, storage, Resource("intents"), context
        )
        started = time.process_time()
        model.train(TrainingData([Message.build(text, intent) for text, intent in train]))
        trained = time.process_time() - started
    started = time.process_time()
    found = [model.process([Message.build(text)])[0].get("intent") for text in texts]
    each = (time.process_time() - started) / len(texts) * 1000
    spent = f"trained in {trained:.0f} s, {each:.1f} ms a message (processor time)"
    return [one["name"] for one in found], np.array([one["confidence"] for one in found]), spent


def _csv(path: Path) -> Rows:
    with path.open(encoding="utf-8") as file:
        return [(row["text"], row["category"]) for row in csv.DictReader(file)]


def main() -> None:
    """The command line."""
    parts = {"language": languages, "banking77": banking77, "clinc150": clinc150}
    parser = argparse.ArgumentParser(description="Measure language and intents on public sets.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", choices=parts)
    arguments = parser.parse_args()
    for name, measure in parts.items():
        if arguments.only in (None, name):
            measure(arguments.folder)


if __name__ == "__main__":
    main()
