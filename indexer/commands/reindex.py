"""`indexer reindex`: all vectors again, by the library's model or by another, without a pause."""

from __future__ import annotations

import click

from search.settings import Settings
from search.store import Store
from search.words import counted

from ..console import Console
from ..console_reporter import ConsoleReporter
from ..decoding import DecoderPool
from ..opening import open_towers
from ..options import Options, caption_options, model_options, shared
from ..outcome import REFUSED, SKIPPED
from ..reindex import ReindexReport, library_captioner, reindex


@click.command("reindex")
@click.option("--no-captions", is_flag=True, help="Leave captions for `indexer caption`.")
@click.option(
    "--yes", is_flag=True, help="Change the model although some pictures are not found by it."
)
@click.option("--wait", is_flag=True, help="Wait for another run to end.")
@model_options
@caption_options
@shared
def command(
    options: Options,
    no_captions: bool,
    yes: bool,
    wait: bool,
) -> None:
    """Read every picture again and make its vectors and caption anew; searches go on meanwhile.

    \b
    indexer reindex                     by the library's own model
    indexer reindex --model balanced    change to another model

    Without --model the library keeps its model and its captioner, unless the setting `model`
    (POMONA_MODEL, config.toml) names another. Another model's vectors are made beside the old ones,
    and searches, those of a running server too, switch to them once all are there; then
    `indexer forget --model OLD` frees the space of the old ones. Ctrl-C is safe; the next run goes
    on where it was.
    """
    console = options.console()
    settings = options.settings()
    with Store.for_run(settings, "reindex", wait=wait) as store:
        name = _announced(console, store, settings)
        captioner = library_captioner(store, settings)
        settings = settings.model_copy(update={"captioner": captioner})
        reporter = ConsoleReporter(console)
        towers = open_towers(name, settings, reporter, captions=not no_captions)
        with console.progress(), DecoderPool.of(settings) as reader:
            report = reindex(store, reader, towers, settings, without_failed=yes, reporter=reporter)
        model = store.stats().model
    code, words = _code(report), _in_words(report, model)
    if code == REFUSED:
        console.line("error", code="not_switched", path=None, detail=words)
        console.warn(words)
    console.summary(
        words if code != REFUSED else None,
        embedded=report.embedded,
        skipped=report.failed,
        switched=report.switched,
        model=model,
    )
    raise SystemExit(code)


def _announced(console: Console, store: Store, settings: Settings) -> str | None:
    """The model to make the vectors by; a change that the settings ask for is no surprise."""
    from search.bootstrap import library_model

    bound, name = store.encoders.current(), library_model(store, settings)
    if bound and name and name != bound.name:
        console.note(f"The library changes its model: from {bound.name} to {name}.")
    return name


def _code(report: ReindexReport) -> int:
    if not (report.switched or report.rebuilt):
        return REFUSED
    skipped = report.failed if report.switched else report.newly_failed
    return SKIPPED if skipped else 0


def _in_words(report: ReindexReport, model: str | None) -> str:
    message = f"{counted(report.embedded, 'picture')} embedded"
    if report.rebuilt:
        message += f" again; the library's model is {model}, as before."
        left = "These keep their old vectors; `indexer sync` takes out what is gone."
    elif report.switched:
        message += f"; the library's model is {model} now."
        left = (
            "These stay in the library but are not found: `indexer sync` takes out what is gone, "
            "and `indexer reindex` embeds the others once they can be read."
        )
    else:
        message += f"; the library's model is still {model}."
        left = "Run `indexer sync` first, or say --yes to switch without them."
    return f"{message} {_skipped(report)} {left}" if report.failed else message


def _skipped(report: ReindexReport) -> str:
    return f"{counted(report.failed, 'picture')} cannot be read (`indexer skipped` says why)."
