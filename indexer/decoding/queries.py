"""A Decoder for pictures of strangers: bytes in, picture out, each in a process apart."""

from __future__ import annotations

import logging
import queue
from collections.abc import Sequence
from contextlib import suppress
from typing import Self

from search.errors import ImageError, OverloadedError, PomonaError, Reason
from search.records import Crop, DecodedImage, Preprocessing
from search.settings import Settings

from ..messages import Answer, Request, pack, unpack_answer
from .process import PROGRAM, Limits, Worker, WorkerDiedError, cores

log = logging.getLogger(__name__)


class PoolDecoder:
    """Safe to call from many threads; as many pictures are decoded at once as there are workers."""

    def __init__(self, workers: int, limits: Limits, program: str = PROGRAM) -> None:
        """`workers` 0: one a core. `program`: the module whose `main` a worker runs."""
        self._limits = limits
        self._idle: queue.LifoQueue[_Seat] = queue.LifoQueue()
        for _ in range(workers or cores()):
            self._idle.put(_Seat(limits, program))

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(settings.workers, Limits.for_queries(settings))

    def decode(
        self,
        data: bytes,
        wanted: Sequence[Preprocessing],
        *,
        uri: str,
        crop: Crop | None = None,
    ) -> DecodedImage:
        """Raises ImageError, or OverloadedError where no worker gets free in time or starts."""
        try:
            seat = self._idle.get(timeout=self._limits.seconds)
        except queue.Empty:
            raise OverloadedError("too many pictures are waiting to be decoded") from None
        try:
            answer = seat.ask(Request(uri, data, tuple(wanted), crop=crop))
        finally:
            self._idle.put(seat)
        if answer.image is None:
            detail = self._limits.explain(answer, uri)
            raise ImageError(uri, answer.reason or Reason.DECODER_CRASH, detail)
        return answer.image

    def close(self) -> None:
        """Ends the idle workers; the busy ones end with this process."""
        with suppress(queue.Empty):
            while True:
                self._idle.get_nowait().stop()


class _Seat:
    """A place for one worker, started at its first picture and again after a death."""

    def __init__(self, limits: Limits, program: str) -> None:
        self._limits = limits
        self._program = program
        self._worker: Worker | None = None

    def ask(self, request: Request) -> Answer:
        """A death is blamed on the picture only where the worker was started for it: one that has
        waited idly may have died of anything."""
        waited = self._worker is not None
        try:
            return self._answer(request)
        except WorkerDiedError:
            return self.ask(request) if waited else Answer(reason=Reason.DECODER_CRASH)
        except TimeoutError:
            return Answer(reason=Reason.TIMEOUT)
        except ValueError:  # not an answer
            return Answer(reason=Reason.DECODER_CRASH)

    def stop(self) -> None:
        if self._worker:
            self._worker.kill()
        self._worker = None

    def _answer(self, request: Request) -> Answer:
        try:
            worker = self._worker = self._worker or self._started()
            worker.send(pack(request))
            return unpack_answer(worker.receive(self._limits.seconds))
        except BaseException:
            self.stop()  # whatever it may still say belongs to this request
            raise

    def _started(self) -> Worker:
        """Raises OverloadedError: no picture is at fault where memory or file handles are short."""
        try:
            worker = Worker(self._limits, self._program)
            worker.await_ready()
        except (PomonaError, OSError) as error:
            log.error("no decoder process can be started: %s", error)
            raise OverloadedError("no decoder can be started; try again in a moment") from None
        return worker
