"""Paths, moments and words of a closed list, as JSON has them."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, NotRequired

from pydantic import ConfigDict, WithJsonSchema, with_config
from typing_extensions import TypedDict

Json = dict[str, Any]
Moment = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]

shape = with_config(ConfigDict(extra="forbid"))  # what a type does not name is not in an answer


@dataclass(frozen=True, slots=True)
class OneOf:
    """Of a text in a shape: which ones there are, read from where they are declared."""

    values: tuple[str, ...]

    @classmethod
    def of(cls, values: Iterable[str]) -> OneOf:
        return cls(tuple(map(str, values)))

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core.core_schema import literal_schema

        return literal_schema(list(self.values))


class Path(TypedDict):
    """A path as text; `path_bytes` (base64) says what it really is where that had to be escaped."""

    path: str
    path_bytes: NotRequired[str]


def path_json(path: bytes) -> Path:
    if is_undecodable(path):
        return {"path": path_text(path), "path_bytes": base64_text(path)}
    return {"path": path_text(path)}


def path_text(path: bytes) -> str:
    r"""UTF-8 where it is, `\xff` for a byte that is not."""
    return path.decode("utf-8", "backslashreplace")


def is_undecodable(path: bytes) -> bool:
    try:
        path.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def base64_text(path: bytes) -> str:
    return base64.b64encode(path).decode("ascii")


def moment_text(moment: datetime) -> str:
    """ISO 8601 in UTC, whole seconds."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def time_json(moment: datetime | None) -> str | None:
    return None if moment is None else moment_text(moment)
