"""Every error that we raise on purpose.

PomonaError
├── SettingsError                a setting is missing or contradicts another
│   └── ModelMismatchError           the library's vectors are of another model
├── QueryError                   the question has no meaning (.pointer says which part)
├── NotFoundError                no such image, collection or model
│   └── FileChangedError             its file is not what was indexed any more
├── ImageError                   one picture cannot be used (.uri, .reason, .detail)
├── EncoderError                 a tower gave something that is no unit vector
│   └── NoVectorError                a zero or a NaN, for something in the batch
├── ModelUnavailableError        the model's files are missing, damaged or not installed
├── OverloadedError              too much is waiting already; try again
└── LibraryError                 something is wrong with the library as a whole
    ├── NoLibraryError               there is no library in that folder
    │   └── LibraryReplacedError         there is another one than was opened
    ├── LibraryLockedError           another program is writing (.holder says who)
    │   └── AnotherRunError              its run has just begun or goes on; this one has not begun
    ├── LibraryDamagedError          run `indexer doctor --repair`
    ├── LibraryVersionError          made by another version of the program
    ├── LibraryReadOnlyError         this wants to write, and may not
    ├── DatabaseUnavailableError     its server does not answer; it may the next time
    ├── DiskError                    a read or a write failed; it may work the next time
    └── NoSpaceError                 the disk is full
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why a file is skipped: one closed list for command line, API and database."""

    UNSUPPORTED_FORMAT = "unsupported_format"
    NOT_AN_IMAGE = "not_an_image"
    CORRUPT = "corrupt"
    TRUNCATED = "truncated"
    UNSUPPORTED_VARIANT = "unsupported_variant"
    TOO_LARGE = "too_large"
    OUT_OF_MEMORY = "out_of_memory"
    TIMEOUT = "timeout"
    DECODER_CRASH = "decoder_crash"
    PERMISSION = "permission"
    VANISHED = "vanished"
    CHANGED_WHILE_READING = "changed_while_reading"
    IO_ERROR = "io_error"

    @property
    def sentence(self) -> str:
        """The same for people."""
        return _SENTENCES[self]


_SENTENCES = {
    Reason.UNSUPPORTED_FORMAT: "the format is not supported",
    Reason.NOT_AN_IMAGE: "this is not a picture",
    Reason.CORRUPT: "the picture is damaged",
    Reason.TRUNCATED: "the end of the picture is missing",
    Reason.UNSUPPORTED_VARIANT: "this variant of the format is not supported",
    Reason.TOO_LARGE: "the picture has too many pixels",
    Reason.OUT_OF_MEMORY: "the picture needs too much memory",
    Reason.TIMEOUT: "reading the picture took too long",
    Reason.DECODER_CRASH: "processing the picture failed",
    Reason.PERMISSION: "the file may not be read",
    Reason.VANISHED: "the file is gone",
    Reason.CHANGED_WHILE_READING: "the file changed while it was read",
    Reason.IO_ERROR: "the disk could not be read",
}


def explained(reason: Reason, detail: str = "") -> str:
    """A reason in words; `detail` is one of search/details.py, or empty."""
    return f"{reason.sentence}: {detail}" if detail else reason.sentence


class PomonaError(Exception):
    """Base class; `exit_code` is what the command line leaves with."""

    exit_code = 1


class SettingsError(PomonaError):
    exit_code = 2


class ModelMismatchError(SettingsError):
    """Vectors of two models never meet; the message names `indexer reindex`."""


class QueryError(PomonaError):
    exit_code = 2

    def __init__(self, message: str, pointer: str = "") -> None:
        super().__init__(message)
        self.pointer = pointer


class NotFoundError(PomonaError): ...


class FileChangedError(NotFoundError): ...


class ImageError(PomonaError):
    """One picture cannot be used; the run goes on without it.

    `detail` is one of search/details.py, or empty: a decoder's own words are for the log.
    """

    def __init__(self, uri: str, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{uri}: {explained(reason, detail)}")
        self.uri = uri
        self.reason = reason
        self.detail = detail


class EncoderError(PomonaError): ...


class NoVectorError(EncoderError):
    """Of some picture or text in the batch; the others are fine."""


class ModelUnavailableError(PomonaError):
    exit_code = 12


class OverloadedError(PomonaError): ...


class LibraryError(PomonaError): ...


class NoLibraryError(LibraryError):
    exit_code = 10


class LibraryReplacedError(NoLibraryError): ...


class LibraryLockedError(LibraryError):
    exit_code = 11

    def __init__(self, message: str, holder: str = "") -> None:
        super().__init__(message)
        self.holder = holder


class AnotherRunError(LibraryLockedError):
    """Nothing was done yet: who can wait tries again."""


class LibraryDamagedError(LibraryError):
    exit_code = 13


class LibraryVersionError(LibraryError): ...


class LibraryReadOnlyError(LibraryError): ...


class DatabaseUnavailableError(LibraryError): ...


class DiskError(LibraryError): ...


class NoSpaceError(LibraryError):
    exit_code = 4
