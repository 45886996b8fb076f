"""The front end: a page for people and a JSON API for programs, over one search engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask

from search.interfaces import Decoder
from search.settings import Settings, read_settings

from . import api, limits, media, pages
from .admission import LimitedDecoder
from .app_state import KEY, AppState
from .engine import Opening
from .errors import handle_errors
from .limits import MAX_REMAKING
from .links import ImageId
from .security import secure

if TYPE_CHECKING:
    from search.engine import SearchEngine

__all__ = ["create_app"]


def create_app(
    settings: Settings | None = None,
    engine: SearchEngine | None = None,
    decoder: Decoder | None = None,
) -> Flask:
    """A WSGI app. Without an `engine`, one is opened in the background: /healthz answers at once,
    /readyz and everything else as soon as the model is loaded, 503 until then. `decoder` reads
    uploaded pictures then; None: in this process."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = limits.MAX_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = limits.MAX_FORM_MEMORY
    app.config["MAX_FORM_PARTS"] = limits.MAX_PARTS
    app.jinja_options = {**app.jinja_options, "trim_blocks": True, "lstrip_blocks": True}
    app.url_map.merge_slashes = False  # a redirect would be HTML, also for programs
    app.url_map.converters["image_id"] = ImageId
    settings = settings or read_settings()
    app.extensions[KEY] = AppState(_opening(settings, engine, decoder), settings.library)
    secure(app, settings.allowed_hosts)
    handle_errors(app)
    for endpoints in (api.endpoint, api.health, media.endpoint):
        app.register_blueprint(endpoints.blueprint)
    app.register_blueprint(pages.blueprint)
    return app


def _opening(settings: Settings, engine: SearchEngine | None, decoder: Decoder | None) -> Opening:
    if engine is not None:
        return Opening.done(engine)
    opening = Opening(lambda: _open(settings, decoder))
    opening.start()
    return opening


def _open(settings: Settings, decoder: Decoder | None) -> SearchEngine:
    from search.bootstrap import open_engine  # torch and faiss: seconds

    if decoder is None:
        return open_engine(settings)
    return open_engine(settings, LimitedDecoder(decoder), LimitedDecoder(decoder, MAX_REMAKING))
