"""The measuring itself: nothing leaks, thresholds keep their promise, a fit finds what is there."""

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from knowledge.calibration import Calibration, default_calibration
from knowledge.encoder import StaticEncoder
from knowledge.entries import Entry, load_folder
from knowledge.evaluation import (
    Question,
    across_languages,
    bm25_alone,
    dense_alone,
    hybrid,
    judge,
    load_questions,
    measure,
    question_text,
)
from knowledge.fitting import NEGATIVE_SHARE, case_weights, fit, thresholds, verdicts
from knowledge.index import KnowledgeIndex
from knowledge.measures import Judged, Ranks, reliability
from knowledge.paths import DATA
from knowledge.report import Report, page
from knowledge.search import Searcher
from knowledge.text.normalise import normalise
from knowledge.trials import FOLDS, Negative, folds, groups, load_negatives, trials, without

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
    cases = list(trials(entries, encoder, [Negative("what is the weather", "en", "out_of_scope")]))
    wordings = [text for entry in entries for texts in entry.questions.values() for text in texts]
    assert sorted(case.text for case in cases if case.gold) == sorted(wordings)
    assert [case.text for case in cases if case.gold is None] == ["what is the weather"]
    assert not [case.text for case in cases if case.text in case.found.matched]


def test_negatives_are_many_and_no_wording_of_an_entry() -> None:
    negatives = load_negatives(DATA / "knowledge")
    entries = load_folder(DATA / "knowledge" / "entries")
    known = {normalise(text) for entry in entries for texts in entry.questions.values() for text in texts}
    for language in ("zh", "yue", "en"):
        texts = [one.text for one in negatives if one.language == language]
        assert len(set(texts)) == len(texts) >= 150
        assert not known & {normalise(text) for text in texts}
    assert all(0 <= one.reach <= 1 for one in negatives)


def test_a_kind_of_message_without_a_measured_reach_is_named(tmp_path: Path) -> None:
    (tmp_path / "negatives.yaml").write_text("spam: {zh: [广告], yue: [], en: []}", encoding="utf-8")
    (tmp_path / "reaching.json").write_text('{"kinds": {}}', encoding="utf-8")
    with pytest.raises(ValueError, match=r"lacks spam: run bot/reaching\.py"):
        load_negatives(tmp_path)


def judged(score: float, right: bool, answerable: bool = True, weight: float = 1.0) -> Judged:
    return Judged("zh", score, right, answerable, weight)


def test_thresholds_keep_wrong_answers_under_the_limit() -> None:
    found = [judged(score / 100, score % 10 != 0 or score > 80) for score in range(100)]
    answer_from, clarify_from = thresholds(found)
    wrong = sum(not case.right for case in found if case.score >= answer_from)
    assert wrong <= 3
    assert clarify_from <= answer_from


def test_messages_that_never_reach_search_do_not_raise_the_threshold() -> None:
    found = [judged(score / 100, True) for score in range(50, 100)]
    silent = [judged(0.9, False, False, weight) for weight in (10.0,) * 3]
    strict, _ = thresholds([*found, *silent])
    free, _ = thresholds([*found, *(replace(case, weight=0.0) for case in silent)])
    assert free == 0.5 < 0.9 < strict


def test_without_mistakes_everything_is_answered() -> None:
    assert thresholds([judged(0.4, True), judged(0.6, True)])[0] == 0.4


def test_a_case_without_answer_counts_by_its_reach(some_entries: list[Entry], encoder: StaticEncoder) -> None:
    negatives = [Negative("what is the weather", "en", "out_of_scope", reach) for reach in (0.0, 0.5)]
    cases = list(trials(some_entries[:2], encoder, negatives, every=20))
    inside = sum(case.gold is not None for case in cases)
    weights = {case.reach: weight for case, weight in zip(cases, case_weights(cases), strict=True) if not case.gold}
    assert weights == {0.0: 0.0, 0.5: pytest.approx(NEGATIVE_SHARE * inside / 2 * 0.5)}


def test_a_fit_finds_most_and_stays_silent_on_the_rest(
    some_entries: list[Entry], encoder: StaticEncoder, tmp_path: Path
) -> None:
    negatives = [replace(one, reach=1.0) for one in load_negatives(DATA / "knowledge")]  # as if no engine declined
    found = fit(some_entries, encoder, negatives, every=3, fingerprint="of this one")
    for language, row in verdicts(found.judged, found.calibration).items():
        assert row["right_at_1"] > 0.6, (language, row)
        assert row["answered_wrong"] < 0.08, (language, row)
        assert row["without_answer_answered"] < 0.3, (language, row)
    assert reliability(found.judged).ece < 0.12
    found.calibration.save(tmp_path / "calibration.json", found.notes())
    loaded = Calibration.load(tmp_path / "calibration.json")
    assert loaded.answer_from == pytest.approx(found.calibration.answer_from, abs=1e-4)
    assert loaded.encoder == "of this one"


def test_perfect_probabilities_have_no_calibration_error() -> None:
    sure = [judged(0.75, right) for right in (True, True, True, False)]
    assert reliability(sure).ece == 0
    assert reliability([judged(1.0, False)]).brier == 1
    assert reliability([]).bins == []


def test_a_row_with_history_is_read_with_the_users_turns() -> None:
    assert (
        question_text({"text": "那孩子呢", "history": ["办护照要带什么？", "带身份证。"]})
        == "办护照要带什么？ 那孩子呢"
    )


def test_a_line_that_is_no_question_is_named(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text('{"id": "1", "lang": "zh", "text": "问", "expect": "answer"}\n{"id": "2"}\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"questions\.jsonl, line 2"):
        load_questions(file)


@pytest.fixture
def hours(small_base: list[Entry]) -> list[Entry]:
    return [replace(entry, facts=("hours",)) if entry.id == "port-hours" else entry for entry in small_base]


QUESTIONS = [
    Question("1", "罗湖口岸几点关门", "zh", "answer", frozenset({"hours"})),
    Question("2", "罗湖口岸几点关门", "zh", "out_of_scope", frozenset()),
    Question("3", "今天股票涨了吗", "zh", "answer", frozenset({"hours"})),
]


def test_judging_tells_right_wrong_and_declined(hours: list[Entry], encoder: StaticEncoder) -> None:
    calibration = default_calibration()
    searcher = Searcher(KnowledgeIndex.build(hours, encoder), encoder, calibration)
    found = judge(QUESTIONS, searcher, calibration, TODAY)
    assert [row["outcome"] for row in found.rows] == ["right", "wrong", "decline"]
    assert found.confusion["answer"] == {"right": 1, "decline": 1}


def test_every_system_finds_a_plain_question(hours: list[Entry], encoder: StaticEncoder) -> None:
    index = KnowledgeIndex.build(hours, encoder)
    searcher = Searcher(index, encoder, default_calibration())
    for system in (hybrid(searcher, TODAY), dense_alone(index, encoder, TODAY), bm25_alone(index, TODAY)):
        found = measure("system", system, QUESTIONS[:1])
        assert found.by_language["zh"] == Ranks(1, 1.0, 1.0, 1.0, 1.0)


def test_a_question_finds_a_base_in_another_language(hours: list[Entry], encoder: StaticEncoder) -> None:
    asked = [Question("1", "what time does luohu port close", "en", "answer", frozenset({"hours"}))]
    table = across_languages(hours, encoder, default_calibration(), asked, TODAY)
    assert table["zh"]["en"].at_1 == 1.0
    assert table["zh"]["zh"].questions == 0


def test_the_page_shows_every_figure_and_needs_nothing_else(hours: list[Entry], encoder: StaticEncoder) -> None:
    calibration = default_calibration()
    searcher = Searcher(KnowledgeIndex.build(hours, encoder), encoder, calibration)
    found = judge(QUESTIONS, searcher, calibration, TODAY)
    systems = [measure("this <search>", hybrid(searcher, TODAY), QUESTIONS)]
    across = across_languages(hours, encoder, calibration, QUESTIONS, TODAY)
    html = page(Report("Search", [("encoder", "static")], systems, across, found, found.reliability,
                       {"answer": {"right": 7}}, (12.0, 34.0)))  # fmt: skip
    root = ElementTree.fromstring(re.sub(r"<meta[^>]*>|<!doctype html>", "", html).replace("&ensp;", " "))
    assert len(root.findall(".//svg")) == 3
    assert "this &lt;search&gt;" in html and "50.0%" in html and "34.0" in html
    assert "http" not in html and "<script" not in html
