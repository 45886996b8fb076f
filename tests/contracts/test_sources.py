"""Both sources keep the contract: a folder, and files that were named."""

from __future__ import annotations

import pytest

from indexer.sources import FileSource, FolderSource
from tests.contracts.source import Make, SourceContract, photos, root

__all__ = ["photos", "root"]  # fixtures of the contract


class TestFolderSource(SourceContract):
    @pytest.fixture
    def make(self) -> Make:
        return lambda root, paths: FolderSource(root)


class TestFileSource(SourceContract):
    @pytest.fixture
    def make(self) -> Make:
        return FileSource
