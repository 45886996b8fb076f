"""The report: one page that holds everything it shows, to be kept or passed on."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from html import escape

from search import thumbnails
from search.records import ImageRecord
from search.shapes.values import path_text
from search.store import Store
from search.words import counted

from .charts import Bar, Line, bars, curves
from .library import Evaluation
from .page import PAGE
from .retrieval import ALL, DEPTH, Answer, Run, Value

WORST = 10  # queries shown
WANTED, INSTEAD = 3, 6  # pictures shown of each
SHOWN_LINES = 50  # of a table that could not be used
SIDE = 160  # px of a picture's long side
COLOURS = 6  # that the page has
RANKS = (1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, DEPTH)
NAMES = {"image": "picture", "caption": "captions", "words": "words", ALL: "all together"}
COLUMNS = ("recall@1", "recall@5", "recall@10", "mrr", "ndcg@10")


def report(evaluation: Evaluation, store: Store, made_at: datetime) -> str:
    """HTML without anything from elsewhere."""
    parts = [
        _beginning(evaluation, made_at),
        _found(evaluation) if evaluation.questions.judged else "",
        _fast(evaluation),
        _index(evaluation),
        _worst(evaluation, store),
        _unusable(evaluation),
    ]
    return PAGE.replace("<!--parts-->", "\n".join(filter(None, parts)))


def name_of(run: Run, evaluation: Evaluation) -> str:
    """A run in words; the model is named where it is another one than the library's."""
    words = NAMES.get(run.evidence, run.evidence)
    return words if run.model == evaluation.model else f"{words}, {run.model}"


def interval(value: Value, form: str = "{:.2f}") -> str:
    low, mean, high = (form.format(x) for x in (value.low, value.mean, value.high))
    return f"{mean} ({low} to {high})"


def _beginning(evaluation: Evaluation, made_at: datetime) -> str:
    about = [
        counted(evaluation.images, "picture"),
        f"model {evaluation.model}",
        f"{counted(len(evaluation.questions.queries), 'question')} from "
        f"{evaluation.questions.source}",
        f"{made_at:%Y-%m-%d %H:%M}",
    ]
    said = f"<p class=lead>{_first_words(evaluation)}</p>"
    missing = "".join(
        f"<p>Not compared: model {escape(name)}, {escape(why)}</p>"
        for name, why in evaluation.missing
    )
    return f"<p class=about>{escape(' · '.join(about))}</p>{said}{missing}"


def _first_words(evaluation: Evaluation) -> str:
    if not evaluation.runs:
        return "Nothing was asked: the library has no words of its own, and no table was given."
    first = evaluation.runs[0]
    fast = f"A search takes {first.percentile_ms(50):.0f} ms, one in twenty more than "
    fast += f"{first.percentile_ms(95):.0f} ms."
    if not evaluation.questions.judged:
        return f"{fast} What it finds was not measured: nobody has said what it should find."
    one, ten = first.value("recall@1").mean, first.value("recall@10").mean
    return f"{one:.0%} of the questions find a right picture first, {ten:.0%} among ten. {fast}"


def _found(evaluation: Evaluation) -> str:
    rows = "".join(_row(run, evaluation) for run in evaluation.runs)
    heads = "".join(f"<th>{head}" for head in ("R@1", "R@5", "R@10", "MRR", "nDCG@10", "against"))
    table = f"<div class=wide><table><thead><tr><th>{heads}<tbody>{rows}</table></div>"
    lines = [
        Line(name_of(run, evaluation), place % COLOURS, [(r, run.within(r)) for r in RANKS])
        for place, run in enumerate(evaluation.runs)
    ]
    charts = [
        ("A right picture first (R@1)", _bars(evaluation, "recall@1")),
        ("A right picture among ten (R@10)", _bars(evaluation, "recall@10")),
        ("The order of the first ten (nDCG@10)", _bars(evaluation, "ndcg@10")),
        (
            "Questions with a right picture within so many places",
            curves("share of questions by rank", lines, DEPTH) + _legend(lines),
        ),
    ]
    own = evaluation.questions.evidence is not None
    note = "<p>By the picture alone: captions and words would find themselves.</p>" if own else ""
    return f"<h2>What it finds</h2>{note}{_figures(charts)}{table}{_HOW}"


_HOW = (
    "<details><summary>How to read this</summary><p>R@k: the share of questions with a right "
    "picture among the first k. MRR: the mean of 1 / the rank of the first right one. nDCG@10: 1 "
    "where the best ten stand in the best order, by your grades where you gave any. In brackets "
    "the 95% interval by bootstrap over the questions: where two overlap widely, they are not told "
    "apart. “Against” is the difference of nDCG@10 from the first row, question by question; it is "
    "real where its interval leaves out 0. All pictures are ranked, relevant or not.</p></details>"
)


def _row(run: Run, evaluation: Evaluation) -> str:
    cells = "".join(f"<td>{interval(run.value(name))}" for name in COLUMNS)
    first = evaluation.runs[0]
    against = "" if run is first else interval(run.against(first, "ndcg@10"), "{:+.2f}")
    return f"<tr><th>{escape(name_of(run, evaluation))}{cells}<td>{against}"


def _bars(evaluation: Evaluation, measure: str) -> str:
    rows = [
        Bar(name_of(run, evaluation), place % COLOURS, run.value(measure))
        for place, run in enumerate(evaluation.runs)
    ]
    return bars(measure, rows)


def _fast(evaluation: Evaluation) -> str:
    if not evaluation.runs:
        return ""
    times = [(run.percentile_ms(50), run.percentile_ms(95)) for run in evaluation.runs]
    rows = [
        Bar(name_of(run, evaluation), place % COLOURS, Value(half, half, most))
        for place, (run, (half, most)) in enumerate(zip(evaluation.runs, times, strict=True))
    ]
    drawn = bars("milliseconds", rows, most=max(most for _, most in times), form="{:.0f} ms")
    title = "Milliseconds a search, words included: half of them, and the whisker 95%"
    return f"<h2>How fast</h2>{_figures([(title, drawn)])}"


def _index(evaluation: Evaluation) -> str:
    rows = "".join(
        f"<tr><th>{escape(NAMES.get(one.space, one.space))}<td>{one.images:,}<td>"
        + (
            "1.00, exact: every vector is compared"
            if one.exact
            else f"{interval(one.value, '{:.3f}')}, {counted(one.queries, 'question')}"
        )
        for one in evaluation.recalls
    )
    return (
        f"<h2>The index</h2><p>Kind <code>{escape(evaluation.index)}</code>: how many of the ten "
        "nearest vectors it finds, against comparing all of them.</p><div class=wide><table>"
        f"<thead><tr><th><th>images<th>recall@10<tbody>{rows}</table></div>"
    )


def _worst(evaluation: Evaluation, store: Store) -> str:
    if not (evaluation.questions.judged and evaluation.runs):
        return ""
    worst = evaluation.runs[0].worst(WORST)
    if not worst:
        return "<h2>What failed worst</h2><p>Nothing: every question has its best answer.</p>"
    shown = "".join(_failed(answer, store) for answer in worst)
    return f"<h2>What failed worst</h2>{shown}"


def _failed(answer: Answer, store: Store) -> str:
    rank = answer.first_right
    where = f"first right one at rank {rank}" if rank else f"none right among the first {DEPTH}"
    instead = [id_ for id_ in answer.ranked[: INSTEAD * 2] if id_ not in answer.query.right]
    ranks = {id_: rank for rank, id_ in enumerate(answer.ranked)}
    wanted = sorted(answer.query.right, key=lambda id_: (-ranks.get(id_, DEPTH), id_))
    return (
        f"<section><h3>{escape(answer.query.text)}</h3><p class=about>{where}, of "
        f"{len(answer.query.right):,}</p><div class=pair>"
        f"<div><h4>wanted, the last to come first</h4>{_pictures(wanted[:WANTED], store)}</div>"
        f"<div><h4>came instead</h4>{_pictures(instead[:INSTEAD], store)}</div></div></section>"
    )


def _pictures(ids: Sequence[int], store: Store) -> str:
    records = store.images.get(ids)
    shown = "".join(_picture(records[id_], store) for id_ in ids if id_ in records)
    return f"<div class=row>{shown}</div>"


def _picture(record: ImageRecord, store: Store) -> str:
    name = path_text(record.path or b"(no file)")
    thumbnail = store.thumbnails.get(record.content_hash)
    source = f' src="{_data(thumbnail)}"' if thumbnail else ""
    return (
        f'<figure title="{escape(record.caption or "")}"><img alt="{escape(name)}"{source}>'
        f"<figcaption>{escape(name.rpartition('/')[2])}</figcaption></figure>"
    )


def _data(thumbnail: bytes) -> str:
    """Small enough for a page of a hundred."""
    picture = thumbnails.decode(thumbnail)
    picture.thumbnail((SIDE, SIDE))
    made = thumbnails.encode(picture.convert("RGB"))
    return f"data:{thumbnails.MEDIA_TYPE};base64,{base64.b64encode(made).decode()}"


def _unusable(evaluation: Evaluation) -> str:
    lines = evaluation.questions.unusable
    if not lines:
        return ""
    rows = "".join(f"<li>line {one.line}: {escape(one.detail)}" for one in lines[:SHOWN_LINES])
    more = f"<p>and {len(lines) - SHOWN_LINES:,} more</p>" if len(lines) > SHOWN_LINES else ""
    return f"<h2>Lines that could not be used ({len(lines):,})</h2><ul>{rows}</ul>{more}"


def _figures(charts: Iterable[tuple[str, str]]) -> str:
    shown = "".join(
        f"<figure><figcaption>{escape(title)}</figcaption>{drawn}</figure>"
        for title, drawn in charts
    )
    return f"<div class=charts>{shown}</div>"


def _legend(lines: Sequence[Line]) -> str:
    return f"<p class=legend>{''.join(_entries(lines))}</p>"


def _entries(lines: Sequence[Line]) -> Iterator[str]:
    for line in lines:
        yield f'<span class="k{line.colour}">{escape(line.label)}</span> '
