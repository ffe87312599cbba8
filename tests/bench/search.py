"""Speed of search alone: `python -m tests.bench.search [20000 360000 1000000]`; `make bench` runs it too.

The bases are synthetic beyond the real one: rows of real entries with noise on their vectors and a fifth of their
words exchanged, as many entries as it takes. The questions are those of data/eval/questions_heldout.jsonl, one by
one, on one thread.
"""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import faiss
import numpy as np

from knowledge.calibration import default_calibration
from knowledge.encoder import StaticEncoder
from knowledge.entries import load_folder
from knowledge.evaluation import Question, load_questions
from knowledge.index import KnowledgeIndex
from knowledge.lexical import Bags
from knowledge.measures import quantiles
from knowledge.paths import DATA
from knowledge.rows import Rows
from knowledge.search import Searcher

SIZES = (20_000, 360_000, 1_000_000)
TODAY = date(2026, 11, 25)
NOISE = 0.5
EXCHANGED = 0.2


def main(sizes: list[int]) -> None:
    """Measure the real base, a change of it, and synthetic bases; print one line each."""
    faiss.omp_set_num_threads(1)
    encoder = StaticEncoder(DATA / "encoder")
    questions = load_questions(DATA / "eval" / "questions_heldout.jsonl")
    begun = time.perf_counter()
    index = KnowledgeIndex.build(load_folder(DATA / "knowledge" / "entries"), encoder)
    print(f"real base: {len(index.rows):,} texts, built in {time.perf_counter() - begun:.1f} s")
    figures("real base", index, encoder, questions)
    change(index, encoder, questions)
    chance = np.random.default_rng(12367)
    for size in sizes:
        begun = time.perf_counter()
        made = synthetic(index, size, chance)
        print(f"{size:,} texts: {len(made):,} entries, made in {time.perf_counter() - begun:.1f} s")
        figures(f"{size:,} texts", made, encoder, questions)
        del made


def figures(name: str, index: KnowledgeIndex, encoder: StaticEncoder, questions: list[Question]) -> None:
    """Time of a whole search, encoding included, recall of its dense part against exact search, and memory."""
    searcher = Searcher(index, encoder, default_calibration())
    wall, processor = timed(searcher, questions)
    rows = index.rows
    held = sum(array.nbytes for array in (rows.vectors, rows.words.ids, rows.letters.ids, index.row_entry))
    print(
        f"{name}: p50 {wall[0]:.1f} ms, p95 {wall[1]:.1f} ms; processor p50 {processor[0]:.1f} ms, "
        f"p95 {processor[1]:.1f} ms; recall@10 of exact {dense_recall(index, encoder, questions):.3f}; "
        f"arrays {held >> 20:,} MB, process {resident():,} MB",
        flush=True,
    )


def timed(searcher: Searcher, questions: list[Question]) -> tuple[tuple[float, float], tuple[float, float]]:
    """(p50, p95) in milliseconds by the clock, and of processor time."""
    wall, processor = [], []
    for question in [*questions[:50], *questions]:
        begun, spent = time.perf_counter(), time.thread_time()
        searcher.search(question.text, language=question.language, region=None, on=TODAY)
        wall.append(time.perf_counter() - begun)
        processor.append(time.thread_time() - spent)
    return quantiles(wall[50:]), quantiles(processor[50:])


def dense_recall(index: KnowledgeIndex, encoder: StaticEncoder, questions: list[Question]) -> float:
    """Share of the ten truly nearest rows that the dense search finds."""
    everything = index.dense.select(np.ones(len(index.rows), dtype=bool))
    shares = []
    for vector in encoder.encode([question.text for question in questions[::5]]):
        rows, _ = index.dense.search(vector, 10, everything)
        exact = index.rows.vectors @ vector
        least = np.partition(exact, -10)[-10] - 1e-6  # equally near rows are equally good
        shares.append(float((exact[rows] >= least).mean()))
    return float(np.mean(shares))


def change(index: KnowledgeIndex, encoder: StaticEncoder, questions: list[Question]) -> None:
    """Time until one changed entry can be found, and the longest wait of the questions asked meanwhile."""
    entries = list(index.entries)
    entry = next(entry for entry in entries if entry.questions.get("en"))
    questions_of = {**entry.questions, "en": (*entry.questions["en"], "a wording nobody has typed before")}
    entries[entries.index(entry)] = replace(entry, questions=questions_of)
    searcher = Searcher(index, encoder, default_calibration())
    waits: list[float] = []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            begun = time.perf_counter()
            searcher.search(questions[len(waits) % len(questions)].text, language="zh", region=None, on=TODAY)
            waits.append(time.perf_counter() - begun)

    asking = threading.Thread(target=ask)
    asking.start()
    begun = time.perf_counter()
    searcher.swap(KnowledgeIndex.build(entries, encoder, index))
    spent = time.perf_counter() - begun
    done.set()
    asking.join()
    p50, p95 = quantiles(waits)
    print(
        f"one changed entry: found after {spent:.2f} s; {len(waits)} questions asked meanwhile: p50 {p50:.1f} ms, "
        f"p95 {p95:.1f} ms, longest {max(waits) * 1000:.1f} ms",
        flush=True,
    )


def synthetic(index: KnowledgeIndex, size: int, chance: np.random.Generator) -> KnowledgeIndex:
    """An index of `size` rows: real entries again and again, each time a little different."""
    lengths = np.diff(index.starts)
    picked: list[int] = []
    total = 0
    while total < size:
        picked.append(int(chance.integers(len(index))))
        total += int(lengths[picked[-1]])
    source = np.concatenate([np.arange(index.starts[n], index.starts[n + 1]) for n in picked])[:size]
    sizes = [int(lengths[n]) for n in picked]
    sizes[-1] -= total - size
    rows = index.rows
    made = Rows(
        tuple(rows.texts[row] for row in source), rows.languages[source], rows.answers[source],
        noisy(rows.vectors, source, chance), exchanged(rows.words, source, chance),
        exchanged(rows.letters, source, chance),
    )  # fmt: skip
    entries = [replace(index.entries[n], id=f"{place}") for place, n in enumerate(picked)]
    return KnowledgeIndex(entries, sizes, made, index.numbers, index.fingerprint)


def noisy(vectors: np.ndarray, source: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """Copies of vectors with noise of `NOISE` times their length, of length 1 again."""
    made = np.empty((len(source), vectors.shape[1]), dtype=np.float32)
    for start in range(0, len(source), 50_000):
        part = vectors[source[start : start + 50_000]]
        part = part + chance.normal(0, NOISE / np.sqrt(vectors.shape[1]), part.shape).astype(np.float32)
        made[start : start + 50_000] = part / np.linalg.norm(part, axis=1, keepdims=True)
    return made


def exchanged(bags: Bags, source: np.ndarray, chance: np.random.Generator) -> Bags:
    """Copies of bags in which some tokens became others, as frequent in the language as tokens are."""
    sizes = bags.sizes[source]
    firsts = np.cumsum(bags.sizes, dtype=np.int64)[source] - sizes
    places = np.arange(int(sizes.sum())) + np.repeat(firsts - (np.cumsum(sizes, dtype=np.int64) - sizes), sizes)
    ids = bags.ids[places]
    other = chance.random(len(ids)) < EXCHANGED
    ids[other] = bags.ids[chance.integers(0, len(bags.ids), int(other.sum()))]
    return Bags(ids, sizes)


def resident() -> int:
    """Resident memory of this process, in MB."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) // 1024


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or list(SIZES))
