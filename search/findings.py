"""What `doctor` may find: each code once, with all that the program knows of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    # the catalogue
    DATABASE_DAMAGED = "database_damaged"
    DANGLING_ROW = "dangling_row"
    IMAGE_DAMAGED = "image_damaged"
    PART_DAMAGED = "part_damaged"
    CAPTION_DAMAGED = "caption_damaged"
    ATTRIBUTE_DAMAGED = "attribute_damaged"
    PRODUCT_DAMAGED = "product_damaged"
    VECTOR_DAMAGED = "vector_damaged"
    VECTOR_MISSING = "vector_missing"
    LOCATION_MISSING = "location_missing"
    WORDS_MISSING = "words_missing"
    WORDS_DAMAGED = "words_damaged"
    INDEX_DIFFERS = "index_differs"
    # the disk
    ROOT_MISSING = "root_missing"
    DISK_MISSING = "disk_missing"
    FILE_MISSING = "file_missing"
    FILE_CHANGED = "file_changed"
    THUMBNAIL_MISSING = "thumbnail_missing"
    THUMBNAIL_DAMAGED = "thumbnail_damaged"
    THUMBNAIL_UNUSED = "thumbnail_unused"

    @property
    def remedy(self) -> str:
        """What a person can do; PATH is the finding's."""
        return _REMEDIES.get(self, "run `indexer doctor --repair`")


STRUCTURE = {Code.DATABASE_DAMAGED, Code.DANGLING_ROW}  # calls for a new catalogue
DAMAGED_ROWS = {
    Code.IMAGE_DAMAGED,
    Code.PART_DAMAGED,
    Code.CAPTION_DAMAGED,
    Code.ATTRIBUTE_DAMAGED,
    Code.PRODUCT_DAMAGED,
    Code.VECTOR_DAMAGED,
    Code.WORDS_DAMAGED,
}
WORDS_MADE_AGAIN = {Code.WORDS_MISSING, Code.WORDS_DAMAGED}  # of the image's other rows
DAMAGE = STRUCTURE | DAMAGED_ROWS
READ_AGAIN = {  # the picture has to be
    Code.IMAGE_DAMAGED,
    Code.ATTRIBUTE_DAMAGED,
    Code.VECTOR_DAMAGED,
    Code.VECTOR_MISSING,
    Code.LOCATION_MISSING,
}
THUMBNAIL_MADE_AGAIN = {Code.THUMBNAIL_MISSING, Code.THUMBNAIL_DAMAGED}

_REMEDIES = {
    Code.ROOT_MISSING: "mount its disk, or `indexer remove PATH` if it is gone for good",
    Code.DISK_MISSING: "mount it, or `indexer remove PATH` if it is gone for good",
    Code.FILE_MISSING: "run `indexer sync`",
    Code.FILE_CHANGED: "run `indexer sync`",
    Code.VECTOR_MISSING: "run `indexer doctor --repair`; if it stays, `indexer reindex`",
    Code.PRODUCT_DAMAGED: "run `indexer doctor --repair`, then add its feed again",
    Code.LOCATION_MISSING: "run `indexer doctor --repair`; if it stays, `indexer sync`",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that `doctor` found wrong."""

    code: Code
    detail: str
    path: bytes | None = None
    image_id: int | None = None
