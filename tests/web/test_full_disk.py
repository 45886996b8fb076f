"""Uploads while there is no space for temporary files."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.disks import small_disk
from tests.pictures import jpeg


def test_an_upload_that_finds_no_space_is_told_so(
    client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n'
    body = head + jpeg((200, 30, 30)) + bytes(2_000_000) + b"\r\n--b--\r\n"
    with small_disk(tmp_path / "tmp", "1m") as disk:
        monkeypatch.setattr(tempfile, "tempdir", str(disk.path))
        disk.fill()
        for path in ("/api/v1/describe", "/"):
            answer = client.post(path, data=body, content_type="multipart/form-data; boundary=b")
            assert answer.status_code == 503
            assert "no space for temporary files" in answer.text
            assert int(answer.headers["Retry-After"]) > 0
