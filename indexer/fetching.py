"""What a person hears while a model's weights are fetched (whose they are, and how far it is) and
when an older library was brought along.

Towers and store tell their loggers, whatever command made them do it; the console passes it on.
"""

from __future__ import annotations

import logging

from .console import Console

STAGE = "download"  # in megabytes
LOGGERS = ("search.towers.hub", "search.store.migrating")


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
    """From now on they are told to this console, and to no other."""
    for name in LOGGERS:
        log = logging.getLogger(name)
        log.handlers = [Fetching(console)]
        log.setLevel(logging.INFO)
        log.propagate = False
