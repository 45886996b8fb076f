"""A decoder process that does what the name of the file says: crash, leave, hang, lie."""

from __future__ import annotations

import faulthandler
import os
import time

from indexer.messages import Answer, Request
from indexer.worker import answer_to
from indexer.worker import main as real_main
from search.errors import Reason


def main(*arguments: str) -> None:
    real_main(*arguments, respond=_obey)  # type: ignore[arg-type,misc]


def _obey(request: Request, max_pixels: int) -> Answer:
    name = os.path.basename(request.uri)
    if name.startswith("segfault"):
        faulthandler._sigsegv()
    if name.startswith("exit"):
        os._exit(0)
    if name.startswith("hang"):
        time.sleep(3600)
    if name.startswith("denied"):
        return Answer(reason=Reason.PERMISSION)
    return answer_to(request, max_pixels)
