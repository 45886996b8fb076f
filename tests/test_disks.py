"""Disks for tests: where they cannot be mounted, CI hears of it."""

from __future__ import annotations

import pytest

from tests.disks import cannot_mount, may_mount


def test_a_disk_that_cannot_be_mounted_is_a_skip_and_under_ci_a_failure_where_it_could_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no mount"):
        cannot_mount("no mount")
    monkeypatch.setenv("CI", "true")
    expected = pytest.fail.Exception if may_mount() else pytest.skip.Exception
    with pytest.raises(expected, match="no mount"):
        cannot_mount("no mount")
