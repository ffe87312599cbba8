"""The evaluation as one HTML file that needs nothing else: tables, and plots drawn as SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from knowledge.entries import LANGUAGES
from knowledge.evaluation import OUTCOMES, Found, Verdicts
from knowledge.measures import Ranks, Reliability

NAMES = {"zh": "Mandarin", "yue": "Cantonese", "en": "English"}
COLOURS = ("#0b4ea2", "#e07b00", "#5b8c5a", "#8b5fbf", "#c0392b", "#4a4a4a")

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#1c2733}
h1,h2{color:#0b4ea2;line-height:1.2} figure{margin:1rem 0}
table{border-collapse:collapse;margin:1rem 0;display:block;overflow-x:auto}
th,td{border:1px solid #d5dce4;padding:.3rem .7rem;text-align:right} th{background:#f2f5f9}
td:first-child,th:first-child{text-align:left} svg{max-width:100%;height:auto} .note{color:#53606d}
"""


@dataclass(frozen=True)
class Report:
    """Everything that one report shows. `systems`: the service's own search first; `service`: the whole of it."""

    title: str
    facts: Sequence[tuple[str, str]]
    systems: Sequence[Found]
    across: Mapping[str, Mapping[str, Ranks]]
    verdicts: Verdicts
    fitted: Reliability | None = None
    service: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    service_latency: tuple[float, float] | None = None


def page(report: Report) -> str:
    """The report as HTML."""
    facts = "".join(f"<li>{escape(name)}: {escape(value)}</li>" for name, value in report.facts)
    parts = [
        f"<h1>{escape(report.title)}</h1><ul>{facts}</ul>",
        "<h2>Found first, in the first three, in the first five</h2>",
        bars(report.systems), _systems(report.systems),
        "<h2>Across languages</h2><p class='note'>The base has texts in one language only; share of questions whose "
        "right entry comes first / in the first three, and mean reciprocal rank.</p>", _across(report.across),
        "<h2>What search decides</h2>", _confusion(report.verdicts.confusion, OUTCOMES),
        *_service(report),
        "<h2>Do probabilities mean what they say?</h2>",
        reliability_plot(report.verdicts.reliability, "these questions"),
        reliability_plot(report.fitted, "held-out wordings, at the fit") if report.fitted else "",
        "<h2>Time for one question</h2>", _latency(report),
    ]  # fmt: skip
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(report.title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>{"".join(parts)}</html>\n'
    )


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """An HTML table."""
    top = "".join(f"<th>{escape(str(cell))}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{top}</tr>{body}</table>"


def bars(systems: Sequence[Found]) -> str:
    """Recall@1 of each system by language, with recall@3 as the paler part on top."""
    width, height, left = 760, 260, 40
    group = (width - left) / len(LANGUAGES)
    each = min(48.0, (group - 30) / max(len(systems), 1))
    marks = "".join(
        f'<line x1="{left}" x2="{width}" y1="{y}" y2="{y}" stroke="#e3e8ee"/><text x="0" y="{y + 4}">{share}%</text>'
        for share in (0, 25, 50, 75, 100)
        if (y := _height(share / 100, height)) is not None
    )
    shapes = []
    for number, language in enumerate(LANGUAGES):
        start = left + number * group + 10
        for place, system in enumerate(systems):
            ranks, x, colour = system.by_language[language], start + place * each, COLOURS[place % len(COLOURS)]
            for value, opacity in ((ranks.at_3, 0.35), (ranks.at_1, 1)):
                y = _height(value, height)
                shapes.append(
                    f'<rect x="{x:.1f}" y="{y:.1f}" width="{each - 4:.1f}" height="{height - 30 - y:.1f}" '
                    f'fill="{colour}" opacity="{opacity}"><title>{escape(system.name)}: {value:.1%}</title></rect>'
                )
        shapes.append(f'<text x="{start:.0f}" y="{height - 10}">{NAMES[language]}</text>')
    legend = " ".join(
        f'<span style="color:{COLOURS[place % len(COLOURS)]}">■</span> {escape(system.name)}&ensp;'
        for place, system in enumerate(systems)
    )
    return f"<p>{legend} (paler: first three)</p>{_svg(width, height, marks + ''.join(shapes))}"


def reliability_plot(found: Reliability, of: str) -> str:
    """Stated probability against the share that was right; the size of a dot is the number of questions."""
    size, left = 300, 40
    most = max((one.count for one in found.bins), default=1.0)
    dots = "".join(
        f'<circle cx="{left + one.score * 240:.1f}" cy="{260 - one.right * 240:.1f}" '
        f'r="{3 + 9 * (one.count / most) ** 0.5:.1f}" fill="{COLOURS[0]}" opacity=".75">'
        f"<title>{one.score:.2f} stated, {one.right:.2f} right, {one.count:g} questions</title></circle>"
        for one in found.bins
    )
    frame = (
        f'<line x1="{left}" y1="260" x2="{left + 240}" y2="20" stroke="#9aa7b4" stroke-dasharray="4"/>'
        f'<path d="M{left} 20V260H{left + 240}" fill="none" stroke="#53606d"/>'
        f'<text x="{left}" y="290">stated probability 0 … 1</text>'
        f'<text x="{left + 6}" y="14">share that was right</text>'
        f'<text x="22" y="264">0</text><text x="22" y="26">1</text>'
    )
    caption = f"{escape(of)}: expected calibration error {found.ece:.3f}, Brier score {found.brier:.3f}"
    return f"<figure>{_svg(size, 300, frame + dots)}<figcaption>{caption}</figcaption></figure>"


def _height(share: float, height: int) -> float:
    """Where a share ends, in a plot of that height with its zero 30 above the bottom."""
    return height - 30 - share * (height - 40)


def _svg(width: int, height: int, content: str) -> str:
    return f'<svg viewBox="0 0 {width} {height}" width="{width}" font-size="12" role="img">{content}</svg>'


def _systems(systems: Sequence[Found]) -> str:
    rows = []
    for system in systems:
        for language in LANGUAGES:
            ranks = system.by_language[language]
            figures = [f"{value:.1%}" for value in (ranks.at_1, ranks.at_3, ranks.at_5)]
            rows.append([system.name, NAMES[language], ranks.questions, *figures, f"{ranks.mrr:.3f}"])
    return table(["", "language", "questions", "recall@1", "recall@3", "recall@5", "MRR"], rows)


def _across(across: Mapping[str, Mapping[str, Ranks]]) -> str:
    rows = [
        [f"base in {NAMES[base]}"]
        + [f"{found[asked].at_1:.0%} / {found[asked].at_3:.0%}, {found[asked].mrr:.2f}" for asked in LANGUAGES]
        for base, found in across.items()
    ]
    return table(["", *(f"asked in {NAMES[language]}" for language in LANGUAGES)], rows)


def _confusion(confusion: Mapping[str, Mapping[str, int]], outcomes: Sequence[str]) -> str:
    rows = [[expected, *(found.get(outcome, 0) for outcome in outcomes)] for expected, found in confusion.items()]
    named = {"right": "answered right", "wrong": "answered wrong"}
    return table(["expected", *(named.get(outcome, outcome) for outcome in outcomes)], rows)


def _service(report: Report) -> list[str]:
    if not report.service:
        return []
    outcomes = ("right", "wrong", "clarify", "decline", "handoff", "other")
    note = "<p class='note'>Here right means what was expected: also a handoff or a decline where one was due.</p>"
    return ["<h2>What the whole service decides</h2>", note, _confusion(report.service, outcomes)]


def _latency(report: Report) -> str:
    rows: list[list[object]] = [
        [system.name, *(f"{value:.1f}" for value in system.latency)] for system in report.systems
    ]
    if report.service_latency:
        rows.append(
            ["the whole service, message in to answer out", *(f"{value:.1f}" for value in report.service_latency)]
        )
    return table(["", "p50, ms", "p95, ms"], rows)
