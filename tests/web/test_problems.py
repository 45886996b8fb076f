"""The table of problems: each code once, each error of ours with one of them."""

from __future__ import annotations

import pytest

from search.errors import (
    DiskError,
    FileChangedError,
    LibraryError,
    NotFoundError,
    PomonaError,
    SettingsError,
)
from web.problems import KINDS, kind_of, kind_of_status, meaning_of


def test_a_code_is_one_problem() -> None:
    codes = [kind.code for kind in KINDS]
    assert len(codes) == len(set(codes))
    assert all(kind.retry_seconds for kind in KINDS if kind.status == 503)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotFoundError("x"), "not_found"),
        (FileChangedError("x"), "changed"),
        (LibraryError("x"), "library_unavailable"),
        (DiskError("x"), "library_unavailable"),
    ],
)
def test_an_error_is_the_problem_of_its_nearest_class(error: PomonaError, code: str) -> None:
    kind = kind_of(error)
    assert kind is not None
    assert kind.code == code


def test_what_nobody_foresaw_is_no_problem_of_the_table() -> None:
    assert kind_of(ValueError("x")) is None
    assert kind_of(SettingsError("x")) is None


@pytest.mark.parametrize(
    ("status", "code"),
    [(404, "not_found"), (400, "bad_request"), (418, "bad_request"), (502, "internal")],
)
def test_what_flask_refuses_has_a_code(status: int, code: str) -> None:
    assert kind_of_status(status).code == code


def test_a_status_is_explained_by_its_problems() -> None:
    assert meaning_of(409) == (
        "`changed`: the file is not what was indexed any more. "
        "`library_locked`: another program is writing."
    )
