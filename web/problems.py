"""The problems that an answer may name: one entry each, for errors, pages and the OpenAPI document.

A further one is an entry here and its row in docs/api.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus

from search.errors import (
    FileChangedError,
    LibraryDamagedError,
    LibraryError,
    LibraryLockedError,
    LibraryVersionError,
    ModelMismatchError,
    ModelUnavailableError,
    NoLibraryError,
    NoSpaceError,
    NotFoundError,
    OverloadedError,
    QueryError,
)

from . import limits
from .engine import LoadingError


@dataclass(frozen=True, slots=True)
class Kind:
    """One problem, as programs know it."""

    code: str  # stable
    status: int
    meaning: str  # in the OpenAPI document
    heading: str = ""  # above it on a page; else what HTTP calls the status
    retry_seconds: int = 0  # Retry-After
    errors: tuple[type[Exception], ...] = ()  # those of ours that are it
    detail: str = ""  # what there is to say where Flask itself refuses with this status
    on_pages: str = ""  # what people read instead of the detail
    passes: bool = False  # soon, and by itself: a page tries again


KINDS = (
    Kind("bad_json", 400, "the body is not JSON, or says one thing twice"),
    Kind("bad_request", 400, "it cannot be read", detail="the request could not be read"),
    Kind("bad_host", 400, "the server does not answer to that host name"),
    Kind(
        "not_found",
        404,
        "there is no such image or address",
        "Not found",
        errors=(NotFoundError,),
        detail="there is nothing at this address",
    ),
    Kind(
        "method_not_allowed",
        405,
        "see Allow",
        detail="this address does not take that method",
    ),
    Kind(
        "changed",
        409,
        "the file is not what was indexed any more",
        "The file has changed",
        errors=(FileChangedError,),
    ),
    Kind("library_locked", 409, "another program is writing", errors=(LibraryLockedError,)),
    Kind(
        "precondition_failed",
        412,
        "the content is another one than If-Match names",
        detail="the content is another one than If-Match names",
    ),
    Kind(
        "payload_too_large",
        413,
        f"a picture of more than {limits.PICTURE}, JSON of more than {limits.JSON}, or more than "
        f"{limits.MAX_PARTS} parts",
        "That is too large",
        detail=f"the request is too large: a picture may have {limits.PICTURE}, JSON {limits.JSON},"
        f" a form {limits.MAX_PARTS} parts",
        on_pages=f"A picture may have at most {limits.PICTURE}",
    ),
    Kind(
        "unsupported_media_type",
        415,
        "the content type is not one of those listed",
        detail="this type of content is not understood here",
    ),
    Kind(
        "validation_error",
        422,
        "a value is missing, unknown or out of bounds",
        "That does not work",
        errors=(QueryError,),
    ),
    Kind("undecodable_image", 422, "the picture cannot be read", "That picture cannot be read"),
    Kind("image_too_large", 422, "the picture has too many pixels", "That picture is too large"),
    Kind(
        "internal",
        500,
        "an error of ours; `request_id` finds it in the log",
        "Something went wrong",
    ),
    Kind(
        "model_loading",
        503,
        "ask again in a moment",
        "Just a moment",
        retry_seconds=2,
        errors=(LoadingError,),
        passes=True,
    ),
    Kind(
        "overloaded",
        503,
        "too much is waiting already",
        "Too many searches at once",
        retry_seconds=2,
        errors=(OverloadedError,),
        passes=True,
    ),
    Kind(
        "model_unavailable",
        503,
        "the model's files are missing or damaged",
        retry_seconds=60,
        errors=(ModelUnavailableError,),
    ),
    Kind(
        "model_mismatch",
        503,
        "the library belongs to another model",
        retry_seconds=60,
        errors=(ModelMismatchError,),
    ),
    Kind(
        "no_library",
        503,
        "nothing was indexed yet, or the catalogue is gone",
        "There is no library yet",
        retry_seconds=5,
        errors=(NoLibraryError,),
        passes=True,
    ),
    Kind(
        "index_damaged",
        503,
        "`detail` says what to do",
        "The library needs repair",
        retry_seconds=60,
        errors=(LibraryDamagedError,),
    ),
    Kind(
        "library_version",
        503,
        "another version of the program made the library",
        retry_seconds=60,
        errors=(LibraryVersionError,),
    ),
    Kind(
        "disk_full",
        503,
        "there is no space on the disk",
        retry_seconds=60,
        errors=(NoSpaceError,),
    ),
    Kind(
        "library_unavailable",
        503,
        "a read failed; ask again in a moment",
        retry_seconds=5,
        errors=(LibraryError,),
    ),
)

BY_CODE = {kind.code: kind for kind in KINDS}
_BY_ERROR = {error: kind for kind in KINDS for error in kind.errors}
_OF_FLASK = {kind.status: kind for kind in KINDS if kind.detail}


def kind_of(error: Exception) -> Kind | None:
    """By the nearest of an error's classes; None for one that has no kind of its own."""
    found = (_BY_ERROR.get(each) for each in type(error).__mro__)
    return next((kind for kind in found if kind), None)


def kind_of_status(status: int) -> Kind:
    """What it is that Flask refuses with `status`."""
    other = BY_CODE["internal" if status >= 500 else "bad_request"]
    return _OF_FLASK.get(status, other)


def title_of(status: int) -> str:
    return HTTPStatus(status).phrase


def meaning_of(status: int, kinds: Iterable[Kind] = KINDS) -> str:
    """Every problem of that status, for a program's author."""
    found = [f"`{kind.code}`: {kind.meaning}." for kind in kinds if kind.status == status]
    return " ".join(found) + (" See Retry-After." if status == 503 else "")
