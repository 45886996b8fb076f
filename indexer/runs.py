"""One ingest run: its lock, its models and its progress."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from search.errors import explained
from search.records import Failure
from search.serialization import failure_json
from search.settings import Settings
from search.store import Store

from .console import Console, printable
from .decoding import DecoderPool
from .embedding import Towers
from .ingest import IngestOptions, ingest
from .libraries import refuse_libraries
from .report import IngestReport, Stage
from .sources import Source, sources_for


def index_paths(
    console: Console,
    settings: Settings,
    paths: Sequence[bytes],
    *,
    collection: str = "default",
    captions: bool = True,
    options: IngestOptions = IngestOptions(),  # noqa: B008 - frozen
    wait: bool = False,
) -> IngestReport:
    """Index files and folders. Raises SettingsError for what is a library."""
    refuse_libraries(paths, settings.library)
    with Store.for_run(settings, "add", create=True, wait=wait) as store:
        sources = sources_for(store, collection, paths)
        return run(console, settings, store, sources, captions=captions, options=options)


def run(
    console: Console,
    settings: Settings,
    store: Store,
    sources: Iterable[Source],
    *,
    captions: bool,
    options: IngestOptions,
) -> IngestReport:
    """Ingest with the models that the settings name. The library is locked already."""
    opener = towers_opener(console, settings, store, captions=captions)
    if _has_other_name(settings, store):
        towers = opener()  # its weights decide, now and not when the first new picture is met
        opener = lambda: towers  # noqa: E731
    with console.progress(), DecoderPool.of(settings) as reader:
        reporter = ConsoleReporter(console)
        return ingest(store, sources, reader, opener, settings, options, reporter)


def towers_opener(
    console: Console, settings: Settings, store: Store, *, captions: bool = True
) -> Callable[[], Towers]:
    """Opens the models when the first picture needs them, and binds the library to its model."""

    def open_bound() -> Towers:
        from search.bootstrap import library_model

        name = library_model(store, settings)
        towers = open_towers(console, settings, name, captions=captions)
        store.encoders.bind(
            towers.encoder.info, towers.captioner.name if towers.captioner else None
        )
        return towers

    return open_bound


def open_towers(
    console: Console, settings: Settings, name: str | None, *, captions: bool = True
) -> Towers:
    """Load a model and its captioner, and say where they run and why there."""
    from search.bootstrap import open_captioner, open_encoder

    encoder = open_encoder(name, settings)
    device = encoder.device
    console.note(
        f"model {encoder.info.name} on {device.name} ({device.reason}), {device.precision}"
    )
    captioner = open_captioner(encoder, settings) if captions else None
    return Towers(encoder, captioner, settings.caption_language, settings.batch_size)


class ConsoleReporter:
    """Reports a run to the console."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def progress(self, stage: Stage, done: int, total: int | None, per_s: float) -> None:
        self._console.advance(stage.value, done, total, per_s)

    def skipped(self, failure: Failure) -> None:
        self._console.line("file", **failure_json(failure))
        why = explained(failure.reason, failure.detail)
        self._console.detail(f"skipped {printable(failure.path)}: {why}")

    def not_followed(self, link: bytes) -> None:
        self._console.detail(f"link not followed {printable(link)}")


def _has_other_name(settings: Settings, store: Store) -> bool:
    """Whether the model that is asked for may be the library's under another name.

    Raises ModelMismatchError if it cannot be.
    """
    bound = store.encoders.current()
    if bound is None or settings.model is None:
        return False
    from search.models import resolve

    asked = resolve(settings.model).name
    store.encoders.check_name(asked)
    return asked != bound.name
