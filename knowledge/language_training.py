"""Learns which characters and pairs of them make Chinese Cantonese: `python -m knowledge.language_training`.

The marks of `language_markers` decide what they are sure of; short messages often carry none, and then the sum of
many faint ones tells. Texts are all read in Hong Kong characters, so that script itself is no evidence: Mandarin is
written in Traditional script too. Writes data/language/cantonese.json; needed again only when wordings changed much.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import yaml
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from knowledge.entries import load_folder
from knowledge.paths import DATA
from knowledge.text.normalise import to_hongkong

_SEEN = 3  # times, before an n-gram is worth remembering
_FAINT = 0.15


def texts(data: Path) -> Iterator[tuple[str, bool]]:
    """All Chinese wordings and training messages, each with whether it is Cantonese."""
    for entry in load_folder(data / "knowledge" / "entries"):
        for language in ("zh", "yue"):
            yield from ((wording, language == "yue") for wording in entry.questions.get(language, ()))
    for language in ("zh", "yue"):
        loaded = yaml.safe_load((data / "nlu" / f"{language}.yml").read_text(encoding="utf-8"))
        for intent in loaded["nlu"]:
            yield from ((line[2:], language == "yue") for line in intent["examples"].splitlines())


def main() -> None:
    """Fits and writes the weights."""
    rows = {(to_hongkong(text).lower(), cantonese) for text, cantonese in texts(DATA)}
    both = {text for text, cantonese in rows if (text, not cantonese) in rows}
    kept = sorted(row for row in rows if row[0] not in both)
    counts = CountVectorizer(analyzer="char", ngram_range=(1, 3), min_df=_SEEN, binary=True, lowercase=False)
    features = counts.fit_transform([f" {text} " for text, _ in kept])
    model = LogisticRegression(C=1.0, solver="liblinear", class_weight="balanced", random_state=12367)
    model.fit(features, [cantonese for _, cantonese in kept])
    weights = {
        gram: round(float(model.coef_[0, place]), 2)
        for gram, place in sorted(counts.vocabulary_.items())
        if abs(model.coef_[0, place]) >= _FAINT
    }
    path = DATA / "language" / "cantonese.json"
    path.parent.mkdir(exist_ok=True)
    stored = {"bias": round(float(model.intercept_[0]), 3), "weights": weights}
    path.write_text(json.dumps(stored, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    print(f"{path.relative_to(DATA.parent)}: {len(weights)} weights from {len(kept)} texts")


if __name__ == "__main__":
    main()
