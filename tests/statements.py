"""What is asked of databases while a test looks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, event


@dataclass
class Asked:
    statements: int = 0
    commits: int = 0


@contextmanager
def counted() -> Iterator[Asked]:
    """By all connections of this process."""
    asked = Asked()

    def executed(*_: Any) -> None:
        asked.statements += 1

    def committed(*_: Any) -> None:
        asked.commits += 1

    event.listen(Engine, "before_cursor_execute", executed)
    event.listen(Engine, "commit", committed)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", executed)
        event.remove(Engine, "commit", committed)
