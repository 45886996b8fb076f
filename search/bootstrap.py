"""Settings in, wired objects out: the only place that picks implementations.

The towers, and with them torch, are imported when an encoder is opened and not before.
"""

from __future__ import annotations

import functools

from .calibration import Calibration
from .engine import SearchEngine
from .errors import ModelUnavailableError
from .images import LocalDecoder
from .index import check_index, open_indexes
from .interfaces import Captioner, Decoder, Encoder
from .lexical import WordsRetriever
from .model import Model
from .models import EMBEDDED, check_installed, is_folder, resolve
from .records import EncoderInfo
from .settings import Settings
from .store import Store
from .written import WrittenFollower


def open_encoder(name: str | None, settings: Settings) -> Encoder:
    """`name` as `indexer models` lists them, or openclip:MODEL/PRETRAINED; None: the default.

    Raises ModelUnavailableError, which says what to do.
    """
    check_installed(resolve(name or EMBEDDED))
    from .towers import openclip

    return openclip.open_encoder(
        name or EMBEDDED, device=settings.device, precision=settings.precision
    )


def library_model(store: Store, settings: Settings) -> str | None:
    """The model to open for a library: what the settings name, else its own; None: the default.

    Raises ModelUnavailableError if its own was a folder that is gone.
    """
    bound = store.encoders.current()
    if settings.model or bound is None:
        return settings.model
    if is_folder(bound.name):
        folder = resolve(bound.name).folder
        if folder and not folder.is_dir():
            raise ModelUnavailableError(
                f"this library's model was in {folder}, and no folder is there now. If it was "
                "moved, name its new place once: `indexer sync --model openclip:/path/to/folder`. "
                "If it is lost, `indexer reindex --model NAME` changes the library to another one."
            )
    return bound.name


def open_captioner(encoder: Encoder, settings: Settings) -> Captioner | None:
    """The captioner that the settings name, else the encoder's own or the embedded one."""
    from .towers import captioning

    return captioning.open_captioner(
        settings.captioner, encoder, device=settings.device, precision=settings.precision
    )


def open_engine(
    settings: Settings, decoder: Decoder | None = None, thumbnailer: Decoder | None = None
) -> SearchEngine:
    """Open an existing library for searching; `thumbnailer` decodes its own files.

    Raises NoLibraryError, ModelUnavailableError...
    """
    store = Store.open(settings)
    try:
        return _engine_over(store, settings, decoder, thumbnailer)
    except BaseException:
        store.close()
        raise


def open_beside(engine: SearchEngine, info: EncoderInfo) -> SearchEngine:
    """The same library, asked by another model whose vectors it holds; over the same store.

    Raises ModelUnavailableError.
    """
    model = _model_of(engine.store, engine.settings, info)
    beside = SearchEngine(engine.settings, engine.store, model, LocalDecoder())
    beside.refresh()
    return beside


def _engine_over(
    store: Store, settings: Settings, decoder: Decoder | None, thumbnailer: Decoder | None
) -> SearchEngine:
    check_index(settings.index)
    bound = store.encoders.current()
    if bound and settings.model:
        store.encoders.check_name(
            resolve(settings.model).name
        )  # before a model is loaded for nothing
    encoder = open_encoder(library_model(store, settings), settings)
    if bound is not None:
        store.encoders.check(encoder.info)
    engine = SearchEngine(
        settings,
        store,
        _model_by(encoder, store, settings),
        decoder or LocalDecoder(settings.query_megapixels * 1_000_000, "query_megapixels"),
        thumbnailer,
        load=functools.partial(_model_of, store, settings),
    )
    engine.refresh()
    return engine


def _model_of(store: Store, settings: Settings, info: EncoderInfo) -> Model:
    """The model that a library has changed to, whatever the settings named at the start.

    Raises ModelUnavailableError.
    """
    encoder = open_encoder(info.name, settings)
    if encoder.info.fingerprint != info.fingerprint:
        raise ModelUnavailableError(
            f"the library's vectors are of another version of {info.name} than the one here"
        )
    return _model_by(encoder, store, settings)


def _model_by(encoder: Encoder, store: Store, settings: Settings) -> Model:
    indexes = open_indexes(settings.index, encoder.info.dim, settings.device)
    captioner = open_captioner(encoder, settings)
    calibration = Calibration.of(encoder.info.name)
    words = WordsRetriever(WrittenFollower(store))
    return Model.over(store, encoder, captioner, indexes, calibration, [words])
