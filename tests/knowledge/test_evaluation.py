"""The measuring itself: nothing leaks, thresholds keep their promise, a fit finds what is there."""

import json
from pathlib import Path

import pytest

from knowledge.calibration import Calibration, default_calibration
from knowledge.encoder import StaticEncoder
from knowledge.entries import Entry, load_folder
from knowledge.evaluation import fit, judge_file, question_text, thresholds
from knowledge.index import KnowledgeIndex
from knowledge.paths import DATA
from knowledge.search import Searcher
from knowledge.text.normalise import normalise
from knowledge.trials import FOLDS, folds, groups, load_negatives, trials, without

from .test_search import TODAY


@pytest.fixture(scope="module")
def some_entries() -> list[Entry]:
    return load_folder(DATA / "knowledge" / "entries")[::12]


def test_near_identical_wordings_are_held_out_together(encoder: StaticEncoder) -> None:
    assert groups(["护照多少钱", "签证过期了", "护照多少钱？"], encoder) == [0, 1, 0]


def test_a_fold_lacks_exactly_its_wordings(some_entries: list[Entry], encoder: StaticEncoder) -> None:
    assigned = folds(some_entries, encoder)
    entry = some_entries[0]
    for fold in range(FOLDS):
        left = {text for texts in without(entry, fold, assigned).questions.values() for text in texts}
        assert left == {text for (id_, text), of in assigned.items() if id_ == entry.id and of != fold}


def test_trials_cover_every_wording_once_and_never_match_it(
    some_entries: list[Entry], encoder: StaticEncoder
) -> None:
    entries = some_entries[:5]
    cases = list(trials(entries, encoder, {"en": ["what is the weather"]}))
    wordings = [text for entry in entries for texts in entry.questions.values() for text in texts]
    assert sorted(case.text for case in cases if case.gold) == sorted(wordings)
    assert [case.text for case in cases if case.gold is None] == ["what is the weather"]
    assert not [case.text for case in cases if case.text in case.found.matched]


def test_negatives_are_many_and_no_wording_of_an_entry() -> None:
    negatives = load_negatives(DATA / "knowledge" / "negatives.yaml")
    entries = load_folder(DATA / "knowledge" / "entries")
    known = {normalise(text) for entry in entries for texts in entry.questions.values() for text in texts}
    for texts in negatives.values():
        assert len(set(texts)) == len(texts) >= 150
        assert not known & {normalise(text) for text in texts}


def test_thresholds_keep_wrong_answers_under_the_limit() -> None:
    found = [(score / 100, score % 10 != 0 or score > 80) for score in range(100)]
    answer_from, clarify_from = thresholds(found, [True] * 100)
    wrong = sum(not right for score, right in found if score >= answer_from)
    assert wrong <= 3
    assert clarify_from <= answer_from


def test_without_mistakes_everything_is_answered() -> None:
    assert thresholds([(0.4, True), (0.6, True)], [True, True])[0] == 0.4


def test_a_fit_finds_most_and_stays_silent_on_the_rest(
    some_entries: list[Entry], encoder: StaticEncoder, tmp_path: Path
) -> None:
    negatives = load_negatives(DATA / "knowledge" / "negatives.yaml")
    calibration, figures = fit(some_entries, encoder, negatives)
    for language, row in figures["verdicts"].items():  # type: ignore[attr-defined]
        assert row["right_at_1"] > 0.6, (language, row)
        assert row["answered_wrong"] < 0.06, (language, row)
        assert row["out_of_scope_answered"] < 0.15, (language, row)
    calibration.save(tmp_path / "calibration.json", {})
    assert Calibration.load(tmp_path / "calibration.json").answer_from == pytest.approx(
        calibration.answer_from, abs=1e-4
    )


def test_a_row_with_history_is_read_with_the_users_turns() -> None:
    assert (
        question_text({"text": "那孩子呢", "history": ["办护照要带什么？", "带身份证。"]})
        == "办护照要带什么？ 那孩子呢"
    )


def test_judging_tells_right_wrong_and_miss(
    small_index: KnowledgeIndex, encoder: StaticEncoder, tmp_path: Path
) -> None:
    rows = [
        {"id": "1", "lang": "zh", "text": "罗湖口岸几点关门", "expect": "answer", "fact_ids": ["hours"]},
        {"id": "2", "lang": "zh", "text": "罗湖口岸几点关门", "expect": "out_of_scope", "fact_ids": []},
        {"id": "3", "lang": "zh", "text": "今天股票涨了吗", "expect": "answer", "fact_ids": ["hours"]},
    ]
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    entries = [Entry(**{**vars(entry), "facts": ("hours",)}) if entry.id == "port-hours" else entry
               for entry in small_index.entries]  # fmt: skip
    calibration = default_calibration()
    searcher = Searcher(KnowledgeIndex.build(entries, encoder), encoder, calibration)
    assert [row["outcome"] for row in judge_file(file, searcher, TODAY, calibration)] == ["right", "wrong", "miss"]
