"""Ingests one after the other in a thread of their own: for a server, or a watcher."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from search.errors import AnotherRunError, NotFoundError, PomonaError
from search.jobs import IngestReport, IngestRequest, Job, JobState, Progress, Stage
from search.records import Device, EncoderInfo, Failure

from .report import Reporter, Silent

LOCKED_SECONDS = 1.0  # between two tries, while another program's run goes on
KEPT = 100  # jobs that have ended and are still told of

Run = Callable[[IngestRequest, Reporter], IngestReport]

_log = logging.getLogger(__name__)


class Jobs:
    """An `Ingest` in this process. Safe to share between threads."""

    def __init__(self, run: Run) -> None:
        """`run` does what a request asks for, in the thread that calls it."""
        self._run = run
        self._jobs: dict[int, Job] = {}
        self._cancelled: set[int] = set()
        self._changed = threading.Condition()
        self._last_id = 0
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="ingest", daemon=True)
        self._thread.start()

    def submit(self, request: IngestRequest) -> Job:
        with self._changed:
            if self._closed:
                raise ValueError("these jobs are closed")
            self._last_id += 1
            job = self._jobs[self._last_id] = Job(self._last_id, request)
            ended = [id_ for id_, job in self._jobs.items() if job.ended]
            for id_ in ended[:-KEPT]:
                del self._jobs[id_]
            self._changed.notify_all()
        return job

    def jobs(self) -> list[Job]:
        with self._changed:
            return list(self._jobs.values())

    def cancel(self, id_: int) -> None:
        with self._changed:
            if not self._job(id_).ended:
                self._cancelled.add(id_)
                self._changed.notify_all()

    def wait(self, id_: int, seconds: float | None = None) -> Job:
        """The job, once it has ended or so many seconds are over."""
        with self._changed:
            self._changed.wait_for(lambda: self._job(id_).ended, seconds)
            return self._job(id_)

    def close(self) -> None:
        """Cancel what is left, and wait until nothing is written any more."""
        with self._changed:
            self._closed = True
            self._cancelled.update(self._jobs)
            self._changed.notify_all()
        self._thread.join()

    def check(self, id_: int) -> None:
        """Raises what ends the run, if this job was cancelled."""
        if id_ in self._cancelled:
            raise _Cancelled

    def put(self, id_: int, **changes: Any) -> None:
        with self._changed:
            self._jobs[id_] = replace(self._jobs[id_], **changes)
            self._changed.notify_all()

    def _job(self, id_: int) -> Job:
        if id_ not in self._jobs:
            raise NotFoundError(f"there is no job {id_}")
        return self._jobs[id_]

    def _work(self) -> None:
        while (job := self._next()) is not None:
            self.put(job.id, **self._outcome(job))

    def _next(self) -> Job | None:
        """The one that has waited longest; None once these jobs are closed and all have ended."""
        with self._changed:
            while True:
                waiting = [job for job in self._jobs.values() if not job.ended]
                if waiting or self._closed:
                    return waiting[0] if waiting else None
                self._changed.wait()

    def _outcome(self, job: Job) -> dict[str, Any]:
        try:
            return {"state": JobState.DONE, "error": "", "report": self._ingested(job)}
        except _Cancelled:
            return {"state": JobState.CANCELLED, "error": ""}
        except PomonaError as error:
            return {"state": JobState.FAILED, "error": str(error)}
        except BaseException as error:  # SystemExit too: it would end the thread
            _log.exception("job %d", job.id)
            return {"state": JobState.FAILED, "error": f"an error of ours: {error!r}"}

    def _ingested(self, job: Job) -> IngestReport:
        """Asks for the library's lock again and again, for who waits in there hears of nothing."""
        once = replace(job.request, wait=False)
        while True:
            self.check(job.id)
            try:
                return self._run(once, _JobReporter(self, job.id))
            except AnotherRunError as error:
                if not job.request.wait:
                    raise
                self.put(job.id, error=f"It waits: {error.holder} is writing.")
            with self._changed:
                self._changed.wait_for(lambda: job.id in self._cancelled, LOCKED_SECONDS)


class _Cancelled(BaseException):
    """Ends a run as Ctrl-C does."""


class _JobReporter(Silent):
    """Keeps a job's progress, and ends its run where it was cancelled."""

    def __init__(self, jobs: Jobs, id_: int) -> None:
        self._jobs = jobs
        self._id = id_

    def progress(self, stage: Stage, done: int, total: int | None, per_s: float) -> None:
        self._jobs.check(self._id)
        progress = Progress(stage, done, total, per_s)
        self._jobs.put(self._id, state=JobState.RUNNING, progress=progress, error="")

    def skipped(self, failure: Failure) -> None:
        self._jobs.check(self._id)

    def model_opened(self, info: EncoderInfo, device: Device) -> None:
        self._jobs.check(self._id)
