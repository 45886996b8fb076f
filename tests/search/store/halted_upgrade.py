"""Opens a library of an older schema, and in the middle of the last step something happens.

LIBRARY: it stops there, to be killed. LIBRARY DISK: the disk that is mounted there is filled up.
LIBRARY --interrupted: Ctrl-C comes just behind the step, when it is already committed.
"""

from __future__ import annotations

import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from search.errors import LibraryError
from search.settings import Settings
from search.store import Store, migrating
from search.store.migrations import STEPS
from tests.disks import Disk

last = import_module(f"search.store.migrations.{STEPS[max(STEPS)]}")
whole = last.upgrade


def halted(operations: Any) -> None:
    if len(sys.argv) > 2:
        Disk(Path(sys.argv[2])).fill()
    whole(operations)
    print("in the middle", flush=True)
    if len(sys.argv) == 2:
        time.sleep(600)


def interrupted(path: Path, version: int) -> None:
    upgrade_file(path, version)
    raise KeyboardInterrupt


upgrade_file = migrating.upgrade_file
if "--interrupted" in sys.argv:
    migrating.upgrade_file = interrupted
else:
    last.upgrade = halted
try:
    Store.open(Settings(library=Path(sys.argv[1])))
except LibraryError as error:
    print(type(error).__name__, error)
