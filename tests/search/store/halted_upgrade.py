"""Opens a library of an older schema and stops in the middle of its last step, to be killed."""

from __future__ import annotations

import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from search.settings import Settings
from search.store import Store
from search.store.migrations import STEPS

last = import_module(f"search.store.migrations.{STEPS[max(STEPS)]}")
whole = last.upgrade


def halted(operations: Any) -> None:
    whole(operations)
    print("in the middle", flush=True)
    time.sleep(600)


last.upgrade = halted
Store.open(Settings(library=Path(sys.argv[1])))
