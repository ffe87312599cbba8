"""What search may find, what comes first, and what is done with it."""

import threading
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.calibration import Calibration, default_calibration
from knowledge.encoder import StaticEncoder
from knowledge.entries import Entry
from knowledge.index import KnowledgeIndex, UnusableIndexError
from knowledge.paths import DATA
from knowledge.search import Hit, Searcher, decide

from .conftest import make_entry
from .test_index import Counting

TODAY = date(2026, 11, 23)
ENCODER = StaticEncoder(DATA / "encoder")


def searcher(*entries: Entry) -> Searcher:
    return Searcher(KnowledgeIndex.build(entries, ENCODER), ENCODER, default_calibration())


def ids(found: Searcher, query: str, region: str | None = None, on: date = TODAY, **more: Any) -> list[str]:
    return [hit.entry.id for hit in found.search(query, language="zh", region=region, on=on, **more)]


@pytest.mark.parametrize(
    ("query", "language", "entry"),
    [
        ("护照要花多少钱", "zh", "passport-fee"),
        ("how do i extend my visa", "en", "visa-extension"),
        ("lost my home return permit", "en", "permit-lost"),
        ("羅湖幾點閂", "yue", "port-hours"),
    ],
)
def test_any_language_finds_any_wording(small_index: KnowledgeIndex, query: str, language: Any, entry: str) -> None:
    found = Searcher(small_index, ENCODER, default_calibration())
    best = found.search(query, language=language, region=None, on=TODAY)[0]
    assert best.entry.id == entry
    assert best.matched in small_index.rows.texts


@pytest.mark.parametrize(
    ("region", "wanted"),
    [
        (None, set()),
        ("440300", {"city", "province"}),
        ("440100", {"province"}),
        ("440000", {"province"}),
        ("310000", set()),
    ],
)
def test_only_the_callers_place_is_searched(region: str | None, wanted: set[str]) -> None:
    found = searcher(
        make_entry("city", "哪里办护照", region="440300"), make_entry("province", "在哪办护照", region="440000")
    )
    assert set(ids(found, "哪里办护照", region)) == wanted


def test_a_local_entry_wins_over_the_national_one() -> None:
    found = searcher(make_entry("national", "在哪里办护照"), make_entry("local", "去哪里办护照", region="440300"))
    assert ids(found, "在哪里办护照", "440300") == ["local", "national"]
    assert ids(found, "在哪里办护照", "310000") == ["national"]


def test_a_local_entry_does_not_win_over_another_matter_of_its_topic() -> None:
    """What one city grants with a permit is no answer to what the permit costs."""
    national = make_entry("national", "在哪里办护照", facts=["office"])
    other = make_entry("local", "去哪里办护照", region="440300", facts=["multiple"])
    same = make_entry("local", "去哪里办护照", region="440300", facts=["office", "multiple"])
    assert ids(searcher(national, other), "在哪里办护照", "440300") == ["national", "local"]
    assert ids(searcher(national, same), "在哪里办护照", "440300") == ["local", "national"]


def test_a_local_entry_on_another_matter_does_not_win() -> None:
    local = make_entry("local", "深圳边检电话", region="440300", topic="hotline")
    found = searcher(make_entry("national", "在哪里办护照"), local)
    assert ids(found, "在哪里办护照", "440300")[0] == "national"


@pytest.mark.parametrize(
    "fields",
    [{"valid_to": "2026-11-22"}, {"valid_from": "2026-11-24"}, {"status": "draft"}, {"status": "retired"}],
)
def test_entries_out_of_force_are_never_found(fields: dict[str, Any]) -> None:
    found = searcher(make_entry("gone", "在哪里办护照", **fields))
    assert ids(found, "在哪里办护照") == []


def test_filters_come_before_the_best_are_chosen() -> None:
    elsewhere = [make_entry(f"other-{n}", f"在哪里办护照{n}", region="310000") for n in range(300)]
    found = searcher(*elsewhere, make_entry("here", "办理护照的地方"))
    assert ids(found, "在哪里办护照", "440300", k=1) == ["here"]


@pytest.mark.parametrize(("query", "k"), [("", 5), ("   ", 5), ("护照", 0)])
def test_nothing_asked_finds_nothing(small_index: KnowledgeIndex, query: str, k: int) -> None:
    assert ids(Searcher(small_index, ENCODER, default_calibration()), query, k=k) == []


def test_an_empty_base_finds_nothing() -> None:
    assert ids(searcher(), "护照") == []


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=60), st.sampled_from(["zh", "yue", "en"]))
def test_any_question_gets_probabilities(query: str, language: Any) -> None:
    hits = SMALL.search(query, language=language, region=None, on=TODAY, k=3)
    assert all(0 <= hit.score <= 1 for hit in hits)
    assert len({hit.entry.id for hit in hits}) == len(hits) <= 3
    assert decide(hits) in ("answer", "clarify", "decline")


SMALL = searcher(make_entry("a", "办护照多少钱"), make_entry("b", "签证怎么延期"))


def test_a_broken_query_does_no_harm() -> None:
    assert len(ids(SMALL, "护照\ud83d")) == 2


@pytest.mark.parametrize(
    "query",
    ["护照" * 1000, "x" * 2000, "🙂🙂🙂", "!!!???", "\u200b\u202e", "0", "的", "[passport]", "ａｂｃ", "護照\n幾錢"],
    ids=["2,000 characters", "one long word", "emoji", "marks", "invisible", "digit", "stop word", "placeholder",
         "full width", "line ends"],
)  # fmt: skip
@pytest.mark.parametrize("language", ["zh", "yue", "en"])
def test_odd_questions_get_a_verdict(query: str, language: Any) -> None:
    hits = SMALL.search(query, language=language, region=None, on=TODAY)
    assert all(np.isfinite([hit.score, hit.dense, hit.lexical]).all() for hit in hits)
    assert decide(hits) in ("answer", "clarify", "decline")


def test_emoji_alone_are_never_answered() -> None:
    assert decide(SMALL.search("🙂🙂🙂", language="zh", region=None, on=TODAY)) != "answer"


def test_one_entry_is_found_alone() -> None:
    assert ids(searcher(make_entry("only", "在哪里办护照")), "哪里能办护照") == ["only"]


def test_everything_filtered_out_finds_nothing() -> None:
    found = searcher(*(make_entry(f"e{n}", f"在哪里办护照{n}", region="310000") for n in range(5)))
    assert ids(found, "在哪里办护照", "440300") == []


def test_an_entry_without_wordings_is_never_found() -> None:
    template = make_entry("template", "", questions={})
    assert ids(searcher(template, make_entry("real", "在哪里办护照")), "答案") == ["real"]


def test_swap_changes_the_index_whole() -> None:
    found = searcher(make_entry("old", "在哪里办护照"))
    new = KnowledgeIndex.build([make_entry("new-a", "在哪里办护照"), make_entry("new-b", "护照在哪里办")], ENCODER)
    old = found.index
    seen: set[frozenset[str]] = set()
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            seen.add(frozenset(ids(found, "在哪里办护照")))

    reader = threading.Thread(target=look)
    reader.start()
    for _ in range(100):
        found.swap(new)
        found.swap(old)
    found.swap(new)
    stop.set()
    reader.join()
    assert seen <= {frozenset({"old"}), frozenset({"new-a", "new-b"})}
    assert set(ids(found, "在哪里办护照")) == {"new-a", "new-b"}


def test_another_encoders_index_is_refused_and_the_old_one_serves_on(small_index: KnowledgeIndex) -> None:
    found = Searcher(small_index, ENCODER, default_calibration())
    foreign = KnowledgeIndex.build([make_entry("x", "别的")], Counting(ENCODER, "other"))
    with pytest.raises(UnusableIndexError):
        found.swap(foreign)
    assert found.index is small_index


@pytest.mark.parametrize(("score", "verdict"), [(0.9, "answer"), (0.8, "answer"), (0.5, "clarify"), (0.1, "decline")])
def test_thresholds_decide(score: float, verdict: str) -> None:
    calibration = Calibration((), (), 0.0, answer_from=0.8, clarify_from=0.2)
    assert decide([Hit(make_entry("a", "问"), score, 0, 0, "")], calibration) == verdict


def test_a_calibration_for_other_features_is_refused(tmp_path: Any) -> None:
    file = tmp_path / "calibration.json"
    text = (DATA / "knowledge" / "calibration.json").read_text(encoding="utf-8")
    file.write_text(text.replace('"coverage"', '"covering"'), encoding="utf-8")
    with pytest.raises(ValueError, match="fit it again"):
        Calibration.load(file)
    file.write_text("{}", encoding="utf-8")
    with pytest.raises(ValueError, match="not a calibration"):
        Calibration.load(file)


def test_a_template_is_never_found(small_base: list[Entry], encoder: StaticEncoder) -> None:
    template = make_entry("computed-hours", "", questions={}, answer={"zh": "罗湖口岸{hours}关门。"})
    searcher = Searcher(KnowledgeIndex.build([*small_base, template], encoder), encoder, default_calibration())
    for query in ("罗湖口岸几点关门", "罗湖口岸{hours}关门。"):
        hits = searcher.search(query, language="zh", region=None, on=date(2026, 11, 25), k=20)
        assert hits and "computed-hours" not in {hit.entry.id for hit in hits}
