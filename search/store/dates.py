"""Days of stored times, in the words of each database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction


class utc_date(GenericFunction[str]):  # noqa: N801 - as SQL's functions are written
    """Seconds since 1970 as 2024-07-01; null where there is no time."""

    type = String()
    inherit_cache = True


@compiles(utc_date, "sqlite")
def _sqlite(element: utc_date, compiler: Any, **words: Any) -> str:
    return f"date({compiler.process(element.clauses, **words)}, 'unixepoch')"


@compiles(utc_date, "postgresql")
def _postgresql(element: utc_date, compiler: Any, **words: Any) -> str:
    moment = f"to_timestamp({compiler.process(element.clauses, **words)}) AT TIME ZONE 'UTC'"
    return f"to_char({moment}, 'YYYY-MM-DD')"
