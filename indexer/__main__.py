"""The way in: `indexer`, and `python -m indexer`."""

from __future__ import annotations

import sys
from typing import NoReturn

from pomona.names import hidden


def main() -> NoReturn:
    """Says so where another module hides one of ours, before anything of ours is imported."""
    if taken := hidden():
        if "--json" in sys.argv:
            print('{"message_type": "summary", "ok": false, "exit_code": 1}')
        sys.exit(f"indexer: {taken}.")
    from .cli import main as run

    run()


if __name__ == "__main__":
    main()
