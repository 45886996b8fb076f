"""The models of a run, opened as the settings and the library say."""

from __future__ import annotations

from collections.abc import Callable

from search.settings import Settings
from search.store import Store

from .embedding import Towers
from .report import Reporter


def towers_opener(
    store: Store, settings: Settings, reporter: Reporter, *, captions: bool = True
) -> Callable[[], Towers]:
    """Opens the models when the first picture needs them, and binds the library to its model.

    Raises ModelMismatchError at once if the settings ask for another model than the library's.
    """

    def opened() -> Towers:
        from search.bootstrap import library_model

        name = library_model(store, settings)
        towers = open_towers(name, settings, reporter, captions=captions)
        store.encoders.bind(towers.info, towers.captioner.name if towers.captioner else None)
        return towers

    if _has_other_name(settings, store):
        towers = opened()  # its weights decide, now and not when the first new picture is met
        return lambda: towers
    return opened


def open_towers(
    name: str | None, settings: Settings, reporter: Reporter, *, captions: bool = True
) -> Towers:
    """Load a model and its captioner."""
    from search.bootstrap import open_captioner, open_encoder

    encoder = open_encoder(name, settings)
    reporter.model_opened(encoder.info, encoder.device)
    captioner = open_captioner(encoder, settings) if captions else None
    return Towers(
        encoder, captioner, settings.caption_language, settings.batch_size, settings.crops
    )


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
