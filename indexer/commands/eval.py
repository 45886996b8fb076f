"""`indexer eval`: how well and how fast a library finds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from search.words import counted

from ..console import Console
from ..options import Options, shared
from ..written_files import new_file

if TYPE_CHECKING:
    from evaluation.library import Evaluation, Questions
    from evaluation.retrieval import Run, Value
    from search.engine import SearchEngine

NAMED = 10  # unusable lines that a person is shown without -v


@click.command("eval")
@click.option(
    "--queries",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A table (CSV or JSON lines) of `query` and `file`, `sku` or `id`, and perhaps `grade`.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=500,
    show_default=True,
    help="At most so many queries, evenly spread over those that there are.",
)
@click.option(
    "--report",
    "report_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a page with charts and what failed worst to this file (HTML).",
)
@shared
def command(
    options: Options,
    queries: Path | None,
    limit: int,
    report_file: Path | None,
) -> None:
    """Measure how well and how fast this library finds: by pictures, captions and all together.

    \b
    indexer eval --queries queries.csv --report report.html
    indexer eval                       the index and the times, with words of the library itself

    queries.csv says what should be found, one picture a line:

    \b
    query,file,grade
    red apple,fruit/apple.jpg,3
    red apple,fruit/two-apples.jpg,1
    红色苹果,fruit/apple.jpg,

    Without a grade each is as good as the others. Lines whose file is not in the library are named
    and left out. Where `reindex` has left another model's vectors in the library, that model is
    asked too. Nothing is written to the library.
    """
    console, began = options.console(), time.monotonic()
    with new_file(report_file, options.library, queries) as page, console.progress():
        from search.bootstrap import open_engine

        with closing(open_engine(options.settings())) as engine:
            evaluation = _evaluate(console, engine, queries, limit)
            if page:
                from evaluation.report import report

                page.write(report(evaluation, engine.store, datetime.now().astimezone()))
    _tell(console, evaluation)
    console.summary(**_summary(evaluation, report_file, time.monotonic() - began))
    if report_file:
        console.note(f"The report is in {report_file}.")


def _evaluate(
    console: Console, engine: SearchEngine, queries: Path | None, limit: int
) -> Evaluation:
    from evaluation.library import evaluate, searches

    questions = _questions(engine, queries).at_most(limit)
    _name_unusable(console, questions)
    others, missing = _other_models(console, engine, questions)
    tick = _ticks(console, searches(engine, questions, len(others)))
    return evaluate(engine, questions, others, missing, tick)


def _questions(engine: SearchEngine, queries: Path | None) -> Questions:
    from evaluation.judgements import read_judgements
    from evaluation.library import Questions, own_questions
    from evaluation.names import PictureNames

    if queries is None:
        return own_questions(engine.store)
    names = PictureNames(engine.store, queries.parent)
    judged, unusable = read_judgements(queries, names)
    return Questions(queries.name, tuple(judged), unusable=tuple(unusable))


def _other_models(
    console: Console, engine: SearchEngine, questions: Questions
) -> tuple[list[SearchEngine], list[tuple[str, str]]]:
    """Engines of the other models that have seen every picture, and why others have none."""
    from search.bootstrap import open_beside
    from search.errors import PomonaError

    opened: list[SearchEngine] = []
    missing: list[tuple[str, str]] = []
    for info, seen in engine.store.encoders.others() if questions.judged else ():
        if seen < engine.model.images():
            missing.append((info.name, f"it has seen {seen:,} of {engine.model.images():,}"))
            continue
        try:
            opened.append(open_beside(engine, info))
        except PomonaError as error:
            missing.append((info.name, str(error)))
    for name, why in missing:
        console.warn(f"model {name} is not compared: {why}")
    return opened, missing


def _ticks(console: Console, total: int) -> Callable[[], None]:
    began, counts = time.monotonic(), iter(range(1, total + 1))

    def tick() -> None:
        done = next(counts, total)
        console.advance("evaluate", done, total, done / max(time.monotonic() - began, 1e-6))

    return tick


def _name_unusable(console: Console, questions: Questions) -> None:
    for place, one in enumerate(questions.unusable):
        console.line("error", code=one.code, line=one.line, detail=one.detail)
        tell = console.warn if place < NAMED else console.detail
        tell(f"line {one.line}: {one.detail}")
    if len(questions.unusable) > NAMED:
        console.warn(f"{counted(len(questions.unusable), 'line')} could not be used (-v: all)")


def _tell(console: Console, evaluation: Evaluation) -> None:
    from evaluation.report import interval, name_of

    questions = evaluation.questions
    asked = f"{counted(len(questions.queries), 'question')} from {questions.source}"
    console.say(f"{counted(evaluation.images, 'picture')}, model {evaluation.model}, {asked}")
    for one in evaluation.recalls:
        how = "1.00, exact" if one.exact else interval(one.value, "{:.3f}")
        console.say(f"index {evaluation.index}, {one.space}s: recall@10 {how}")
    for run in evaluation.runs:
        console.say(f"{name_of(run, evaluation):<14}{_in_words(run, questions.judged)}")
    if not questions.judged:
        console.note("What is right is not known: give --queries FILE (see --help).")


def _in_words(run: Run, judged: bool) -> str:
    from evaluation.report import interval

    told = {"R@1": "recall@1", "R@10": "recall@10", "nDCG@10": "ndcg@10"} if judged else {}
    found = [f"{name} {interval(run.value(measure))}" for name, measure in told.items()]
    times = f"p50 {run.percentile_ms(50):.0f} ms, p95 {run.percentile_ms(95):.0f} ms"
    return "  ".join([*found, times])


def _summary(evaluation: Evaluation, page: Path | None, seconds: float) -> dict[str, Any]:
    questions = evaluation.questions
    return {
        "images": evaluation.images,
        "model": evaluation.model,
        "source": questions.source,
        "queries": len(questions.queries),
        "unusable": len(questions.unusable),
        "index": [
            {
                "space": one.space,
                "kind": evaluation.index,
                "exact": one.exact,
                "queries": one.queries,
                "recall@10": _value(one.value),
            }
            for one in evaluation.recalls
        ],
        "runs": [{**_run(run, questions.judged)} for run in evaluation.runs],
        "worst": [*_worst(evaluation)],
        "not_compared": [{"model": name, "detail": why} for name, why in evaluation.missing],
        "report": str(page) if page else None,
        "seconds": round(seconds, 2),
    }


def _run(run: Run, judged: bool) -> dict[str, Any]:
    from evaluation.retrieval import MEASURES

    found = {name: _value(run.value(name)) for name in MEASURES} if judged else {}
    times = {f"p{percent}_ms": round(run.percentile_ms(percent), 2) for percent in (50, 95)}
    return {"model": run.model, "evidence": run.evidence, **found, **times}


def _worst(evaluation: Evaluation) -> Iterator[dict[str, Any]]:
    from evaluation.report import WORST

    for run in evaluation.runs[:1] if evaluation.questions.judged else ():
        for answer in run.worst(WORST):
            yield {
                "query": answer.query.text,
                "rank": answer.first_right,
                "wanted": sorted(answer.query.right),
                "came": list(answer.ranked[:10]),
            }


def _value(value: Value) -> dict[str, float]:
    return {"value": round(value.mean, 4), "low": round(value.low, 4), "high": round(value.high, 4)}
