"""Thumbnails that are gone are made again while uploads hold every place before the decoders."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from search.engine import SearchEngine
from search.images import LocalDecoder
from search.index import open_indexes
from search.model import Model
from search.settings import Settings
from search.store import Store
from tests.pictures import encoded, noise
from tests.web.library import CALIBRATION, CAPTIONER, ENCODER, Picture, make_library
from tests.web.test_admission import HeldDecoder
from web import create_app
from web.admission import LimitedDecoder
from web.limits import MAX_DECODING, MAX_REMAKING, THREADS

CONNECTIONS = 6  # of a browser to one server


def test_a_browser_gets_every_thumbnail_while_uploads_wait(tmp_path: Path) -> None:
    pictures = [Picture(None, b"%d.png" % n, encoded(noise(n, 900, 700))) for n in range(24)]
    settings = Settings(library=make_library(tmp_path, pictures))
    with Store.open(settings) as store:
        store.thumbnails.discard(list(store.thumbnails.hashes()))
        held = HeldDecoder()
        engine = SearchEngine(
            settings,
            store,
            Model.over(
                store,
                ENCODER,
                CAPTIONER,
                open_indexes("faiss:flat", ENCODER.info.dim),
                CALIBRATION,
            ),
            LimitedDecoder(held),
            LimitedDecoder(LocalDecoder(), MAX_REMAKING),
        )
        app = create_app(settings, engine)

        def describe() -> int:
            parts = {"image": (io.BytesIO(pictures[0].data), "a.png")}
            return app.test_client().post("/api/v1/describe", data=parts).status_code

        def thumb(image_id: int) -> int:
            return app.test_client().get(f"/api/v1/images/{image_id}/thumb").status_code

        with ThreadPoolExecutor(MAX_DECODING) as uploads, ThreadPoolExecutor(CONNECTIONS) as tabs:
            waiting = [uploads.submit(describe) for _ in range(MAX_DECODING)]
            for _ in waiting:
                assert held.entered.acquire(timeout=60)
            try:
                assert describe() == 503
                assert set(tabs.map(thumb, range(1, 25))) == {200}
            finally:
                held.let_go.set()
            assert {upload.result() for upload in waiting} == {200}
    assert CONNECTIONS <= MAX_REMAKING < THREADS - MAX_DECODING
