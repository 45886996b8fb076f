"""From our errors to a status code and one problem+json shape (RFC 9457); pages say it in words."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from search.disk import FULL
from search.errors import DatabaseUnavailableError, ImageError, QueryError, Reason, explained

from . import responses
from .app_state import library
from .json_response import json_response
from .problems import BY_CODE, Kind, kind_of, kind_of_status, title_of
from .request_id import request_id

log = logging.getLogger(__name__)

PROBLEM_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Fault:
    """One part of a request that is wrong; `pointer` is a JSON pointer (RFC 6901)."""

    pointer: str
    code: str
    message: str


class RequestError(Exception):
    """A request that cannot be answered, and what to say about it."""

    def __init__(self, code: str, detail: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(detail)
        self.kind = BY_CODE[code]
        self.detail = detail
        self.faults = tuple(faults)


def reject(pointer: str, code: str, message: str) -> NoReturn:
    """422, because of one part of the request."""
    raise RequestError("validation_error", message, (Fault(pointer, code, message),))


@dataclass(frozen=True, slots=True)
class Problem:
    """All that a client is told about an error."""

    kind: Kind
    detail: str
    faults: tuple[Fault, ...] = ()
    allow: str | None = None  # methods that the address takes, where this one was wrong
    refused: int | None = None  # the status where it is not that of the kind

    @property
    def status(self) -> int:
        return self.refused or self.kind.status

    @property
    def heading(self) -> str:
        return self.kind.heading or title_of(self.status)

    @property
    def headers(self) -> dict[str, str]:
        wait = {"Retry-After": str(self.kind.retry_seconds)} if self.kind.retry_seconds else {}
        return {**wait, "Allow": self.allow} if self.allow else wait

    def json(self) -> responses.Problem:
        return {
            "type": f"urn:pomona:problem:{self.kind.code}",
            "title": title_of(self.status),
            "status": self.status,
            "code": self.kind.code,
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
        return Problem(error.kind, error.detail, error.faults)
    if isinstance(error, HTTPException):
        return _http_problem(error)
    if isinstance(error, ImageError):
        return _picture_problem(error)
    if isinstance(error, DatabaseUnavailableError):
        return _database_problem(error)
    if kind := kind_of(error):
        return Problem(kind, _placeless(str(error)), _faults(error))
    if isinstance(error, OSError) and error.errno in FULL:
        log.error("no space for temporary files: %s", error)
        detail = "there is no space for temporary files where the server runs"
        return Problem(BY_CODE["disk_full"], detail)
    log.error("internal error on %s", request.path, exc_info=error)
    detail = "something went wrong in the server; its log says more"
    return Problem(BY_CODE["internal"], detail)


def _placeless(message: str) -> str:
    """Where the library lies is nothing that a client of the network is to know."""
    return message.replace(str(library()), "the library")


def _faults(error: Exception) -> tuple[Fault, ...]:
    if isinstance(error, QueryError):
        return (Fault(error.pointer, "invalid", str(error)),)
    return ()


def _database_problem(error: DatabaseUnavailableError) -> Problem:
    """Which server it is, and as whom we ask it, is for the log alone."""
    log.error("%s", error)
    detail = "the database of the library cannot be reached; ask again in a moment"
    return Problem(BY_CODE["library_unavailable"], detail)


def _http_problem(error: HTTPException) -> Problem:
    status = error.code or 500
    kind = kind_of_status(status)
    detail = kind.detail if kind.status == status and kind.detail else title_of(status)
    allow = dict(error.get_headers()).get("Allow")
    return Problem(kind, detail, allow=allow, refused=status)


def _picture_problem(error: ImageError) -> Problem:
    code = "image_too_large" if error.reason is Reason.TOO_LARGE else "undecodable_image"
    detail = explained(error.reason, error.detail)
    return Problem(BY_CODE[code], detail, (Fault("/image", error.reason.value, detail),))


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
