"""What a person hears while a model's weights are fetched: whose they are, and how far it is.

The towers tell their logger, whatever command made them load a model; the console passes it on.
"""

from __future__ import annotations

import logging

from .console import Console

STAGE = "download"  # in megabytes
LOGGER = "search.towers.hub"


class Fetching(logging.Handler):
    """Hands the records of a download to a console."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console

    def emit(self, record: logging.LogRecord) -> None:
        fields = vars(record)
        if "done" in fields:
            self._console.advance(STAGE, fields["done"], fields["total"], fields["per_s"])
        else:
            self._console.note(record.getMessage())


def tell(console: Console) -> None:
    """From now on downloads are told to this console, and to no other."""
    log = logging.getLogger(LOGGER)
    log.handlers = [Fetching(console)]
    log.setLevel(logging.INFO)
    log.propagate = False
