"""XML: a product feed as shops give it to search engines, RSS or Atom with names like g:price.

No document type is accepted, so no entity can grow and no other file is read.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn
from xml.parsers import expat

from .encoding import encoding_of
from .rows import Fault, Row

PRODUCTS = ("item", "entry", "product", "offer")
_AT_ONCE = 1 << 16  # bytes
_DECLARED = re.compile(rb"""<\?xml[^>]*encoding=["']([A-Za-z0-9._-]+)["']""")


class _RefusedError(Exception):
    """Something that no feed needs, and that attacks use."""


class _Reader:
    """Collects the products of one document."""

    def __init__(self) -> None:
        self.found: list[Row] = []
        self._open: list[str] = []  # names from the product down
        self._cells: dict[str, tuple[str, ...]] = {}
        self._text: list[str] = []
        self._line = 0
        self.parser = parser = expat.ParserCreate(encoding="utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._starts
        parser.EndElementHandler = self._ends
        parser.CharacterDataHandler = self._text.append
        parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _refuse

    def taken(self) -> list[Row]:
        found, self.found = self.found, []
        return found

    def _starts(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if not self._open:
            if local.lower() not in PRODUCTS:
                return
            self._line = self.parser.CurrentLineNumber
            self._cells = {key: (value,) for key, value in attributes.items() if value.strip()}
        self._open.append(local)
        self._text.clear()
        if local == "link" and attributes.get("href"):  # Atom
            self._add(local, attributes["href"])

    def _ends(self, name: str) -> None:
        if not self._open:
            return
        local = self._open.pop()
        if not self._open:
            self.found.append(Row(self._line, self._cells))
        elif len(self._open) == 1:  # what lies deeper, such as g:shipping, is not of the product
            self._add(local, "".join(self._text))
        self._text.clear()

    def _add(self, name: str, text: str) -> None:
        if text.strip():
            self._cells[name] = (*self._cells.get(name, ()), text.strip())


def rows(path: Path, encoding: str | None = None) -> Iterator[Row | Fault]:
    """Where the document breaks off, its last element is a Fault."""
    reader = _Reader()
    try:
        for text in _decoded(path, encoding):
            reader.parser.Parse(text.encode("utf-8", "replace"), False)
            yield from reader.taken()
        reader.parser.Parse(b"", True)
        yield from reader.taken()
    except expat.ExpatError as error:
        yield from reader.taken()
        why = f"the XML breaks off here: {expat.errors.messages[error.code]}"
        yield Fault(error.lineno, why, ends=True)
    except _RefusedError:
        yield from reader.taken()
        why = "a document type (<!DOCTYPE ...>) is not accepted: leave it out"
        yield Fault(reader.parser.CurrentLineNumber, why, ends=True)


def _decoded(path: Path, encoding: str | None) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding or _declared(path) or encoding_of(path))()
    with path.open("rb") as file:
        while some := file.read(_AT_ONCE):
            yield decoder.decode(some)


def _declared(path: Path) -> str | None:
    with path.open("rb") as file:
        found = _DECLARED.search(file.read(200))
    if not found:
        return None
    name = found[1].decode()
    return encoding_of(path, name) if name.lower() not in ("utf-8", "utf8") else None


def _refuse(*_: object) -> NoReturn:
    raise _RefusedError
