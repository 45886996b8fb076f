"""From our errors to a status code and one problem+json shape (RFC 9457); pages say it in words."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, NoReturn

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from search.disk import FULL
from search.errors import (
    DatabaseUnavailableError,
    FileChangedError,
    ImageError,
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
    Reason,
    explained,
)

from . import limits
from .app_state import library
from .engine import LoadingError
from .json_response import json_response
from .request_id import request_id

log = logging.getLogger(__name__)

PROBLEM_TYPE = "application/problem+json"
HTTP_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    412: "precondition_failed",
    413: "payload_too_large",
    415: "unsupported_media_type",
}
HTTP_DETAILS = {
    400: "the request could not be read",
    404: "there is nothing at this address",
    405: "this address does not take that method",
    412: "the content is another one than If-Match names",
    413: f"the request is too large: a picture may have {limits.PICTURE}, JSON {limits.JSON}, "
    f"a form {limits.MAX_PARTS} parts",
    415: "this type of content is not understood here",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One part of a request that is wrong; `pointer` is a JSON pointer (RFC 6901)."""

    pointer: str
    code: str
    message: str


class RequestError(Exception):
    """A request that cannot be answered, and what to say about it."""

    def __init__(self, status: int, code: str, detail: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.faults = tuple(faults)


def reject(pointer: str, code: str, message: str) -> NoReturn:
    """422, because of one part of the request."""
    raise RequestError(422, "validation_error", message, (Fault(pointer, code, message),))


@dataclass(frozen=True, slots=True)
class Problem:
    """All that a client is told about an error."""

    status: int
    code: str
    detail: str
    faults: tuple[Fault, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return HTTPStatus(self.status).phrase

    def json(self) -> dict[str, Any]:
        return {
            "type": f"urn:pomona:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "instance": request.path,
            "request_id": request_id(),
            "errors": [
                {"pointer": fault.pointer, "code": fault.code, "message": fault.message}
                for fault in self.faults
            ],
        }


def problem_of(error: Exception) -> Problem:
    """Every error has an answer; what we did not foresee is 500 and goes to the log."""
    if isinstance(error, RequestError):
        return Problem(error.status, error.code, error.detail, error.faults)
    if isinstance(error, HTTPException):
        return _http_problem(error)
    if isinstance(error, QueryError):
        fault = Fault(error.pointer, "invalid", str(error))
        return Problem(422, "validation_error", str(error), (fault,))
    if isinstance(error, ImageError):
        return _picture_problem(error)
    if isinstance(error, DatabaseUnavailableError):
        return _database_problem(error)
    for kind, status, code, wait in OURS:
        if isinstance(error, kind):
            headers = {"Retry-After": str(wait)} if wait else {}
            return Problem(status, code, _placeless(str(error)), headers=headers)
    if isinstance(error, OSError) and error.errno in FULL:
        log.error("no space for temporary files: %s", error)
        detail = "there is no space for temporary files where the server runs"
        return Problem(503, "disk_full", detail, headers={"Retry-After": "60"})
    log.error("internal error on %s", request.path, exc_info=error)
    return Problem(500, "internal", "something went wrong in the server; its log says more")


def _placeless(message: str) -> str:
    """Where the library lies is nothing that a client of the network is to know."""
    return message.replace(str(library()), "the library")


OURS: list[tuple[type[Exception], int, str, int]] = [
    (FileChangedError, 409, "changed", 0),
    (NotFoundError, 404, "not_found", 0),
    (LibraryLockedError, 409, "library_locked", 0),
    (LoadingError, 503, "model_loading", 2),
    (ModelUnavailableError, 503, "model_unavailable", 60),
    (ModelMismatchError, 503, "model_mismatch", 60),
    (OverloadedError, 503, "overloaded", 2),
    (NoLibraryError, 503, "no_library", 5),
    (LibraryDamagedError, 503, "index_damaged", 60),
    (LibraryVersionError, 503, "library_version", 60),
    (NoSpaceError, 503, "disk_full", 60),
    (LibraryError, 503, "library_unavailable", 5),
]


def _database_problem(error: DatabaseUnavailableError) -> Problem:
    """Which server it is, and as whom we ask it, is for the log alone."""
    log.error("%s", error)
    detail = "the database of the library cannot be reached; ask again in a moment"
    return Problem(503, "library_unavailable", detail, headers={"Retry-After": "5"})


def _http_problem(error: HTTPException) -> Problem:
    status = error.code or 500
    code = HTTP_CODES.get(status, "internal" if status >= 500 else "bad_request")
    detail = HTTP_DETAILS.get(status, HTTPStatus(status).phrase)
    allow = dict(error.get_headers()).get("Allow")
    return Problem(status, code, detail, headers={"Allow": allow} if allow else {})


def _picture_problem(error: ImageError) -> Problem:
    code = "image_too_large" if error.reason is Reason.TOO_LARGE else "undecodable_image"
    detail = explained(error.reason, error.detail)
    return Problem(422, code, detail, (Fault("/image", error.reason.value, detail),))


def problem_response(problem: Problem) -> Response:
    response = json_response(problem.json(), problem.status, PROBLEM_TYPE)
    response.headers.update(problem.headers)
    return response


def page_response(problem: Problem) -> Response:
    """The same in words, for people."""
    html = render_template("error.html", problem=problem, request_id=request_id())
    response = Response(html, problem.status, content_type="text/html; charset=utf-8")
    response.headers.update(problem.headers)
    return response


def handle_errors(app: Flask) -> None:
    app.register_error_handler(Exception, _answer)


def _answer(error: Exception) -> Response:
    if isinstance(error, HTTPException) and (error.code or 500) < 400:
        return Response(error.get_response().get_data(), error.code, dict(error.get_headers()))
    problem = problem_of(error)
    return problem_response(problem) if _is_for_programs() else page_response(problem)


def _is_for_programs() -> bool:
    return request.path.startswith("/api/") or request.path in ("/healthz", "/readyz")
