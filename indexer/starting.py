"""The decoder processes and the towers of a run, each started when it is first needed."""

from __future__ import annotations

from collections.abc import Callable

from search.settings import Settings

from .decoding import DecoderPool
from .embedding import Towers


class Models:
    """Both; a run in which nothing is new starts neither."""

    def __init__(self, settings: Settings, open_towers: Callable[[], Towers]) -> None:
        self._settings = settings
        self._open_towers = open_towers
        self._towers: Towers | None = None
        self._pool: DecoderPool | None = None

    @property
    def pool(self) -> DecoderPool:
        if self._pool is None:
            self._pool = DecoderPool.of(self._settings)
            self._pool.start()
        return self._pool

    @property
    def towers(self) -> Towers:
        if self._towers is None:
            _ = self.pool  # its processes start while the model is being loaded
            self._towers = self._open_towers()
        return self._towers

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None:
        if self._pool:
            self._pool.close()
