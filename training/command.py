"""What every command of the training does alike: wrong paths and Ctrl-C end it in one line, and
what took hours to make is not overwritten."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from search.errors import PomonaError

MADE_BY = {
    "dataset.json": "`python -m training.prepare DATA SHARDS...` makes it",
    "pictures.jsonl": "`python -m training.prepare DATA SHARDS...` makes it",
    "pictures.u8": "`python -m training.prepare DATA SHARDS...` makes it",
    "teacher.npy": "`python -m training.sentence_teacher DATA` makes it",
    "teacher_texts.json": "`python -m training.sentence_teacher DATA` makes it",
    "tower.pt": "`python -m training.tower DATA RUN` makes it",
    "config.json": "no model is in that folder; `python -m training.train_text` makes one",
    "teacher_map.safetensors": "no model of `python -m training.train_text` is in that folder",
    "data.noun": "install WordNet (Debian: wordnet-base) or name its folder with --wordnet",
    "index.noun": "install WordNet (Debian: wordnet-base) or name its folder with --wordnet",
}
STOPPED = 130


def run(main: Callable[[], None]) -> None:
    """`main`, as the end of a module; what people can mend leaves no traceback."""
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(_stopped())
    except PomonaError as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(explained(error))
    except RuntimeError as error:
        if not str(error).startswith("Unknown model"):
            raise
        sys.exit(f"timm has no network of that name: {error}")


def keep(file: Path, again: bool) -> None:
    """SystemExit where `file` is there already and nobody said that it may go."""
    if file.exists() and not again:
        sys.exit(
            f"{file} is there already, and may have taken hours: name another folder, or say "
            "--again to overwrite it"
        )


def explained(error: OSError) -> str:
    """The file, what is wrong with it, and which command makes it."""
    file = error.filename
    if file is None:
        return str(error)
    name = os.fsdecode(file)
    hint = MADE_BY.get(Path(name).name, "")
    return f"{name}: {error.strerror}" + (f"; {hint}" if hint else "")


def _stopped() -> int:
    print(
        "\nstopped; what was reported is kept: tower, speak and teach go on when they are "
        "started again in the same way",
        file=sys.stderr,
    )
    return STOPPED
