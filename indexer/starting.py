"""Who reads and who embeds in a run, each started when it is first needed."""

from __future__ import annotations

from collections.abc import Callable

from .interfaces import Embedder, Reader


class Models:
    """Both; a run in which nothing is new starts neither."""

    def __init__(self, reader: Reader, open_embedder: Callable[[], Embedder]) -> None:
        self.reader = reader
        self._open_embedder = open_embedder
        self._embedder: Embedder | None = None

    @property
    def embedder(self) -> Embedder:
        if self._embedder is None:
            self.reader.start()  # its processes start while the model is being loaded
            self._embedder = self._open_embedder()
        return self._embedder
