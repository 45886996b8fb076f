"""What a folder's source finds, in a process of its own: FOLDER -> a line of JSON."""

from __future__ import annotations

import json
import os
import sys

from indexer.sources import FolderSource
from search.records import Root


def main(folder: str) -> None:
    source = FolderSource(Root(1, "default", os.fsencode(folder), 0, 0))
    found = sorted(os.fsdecode(file.path) for file in source.files())
    failed = [[os.fsdecode(f.path), f.reason, f.detail] for f in source.failures]
    names = sorted(os.listdir(folder))
    covered = [name for name in names if source.covers(os.fsencode(name))]
    print(json.dumps({"found": found, "failed": failed, "covered": covered}))


if __name__ == "__main__":
    main(*sys.argv[1:])
