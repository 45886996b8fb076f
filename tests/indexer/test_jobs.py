"""A thread without a console runs ingests, tells how far they are, and can be asked to stop."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import pytest

from indexer.embedding import Towers
from indexer.jobs import KEPT, Jobs
from indexer.report import Reporter
from indexer.runs import Workers, run
from search.errors import LibraryLockedError, NotFoundError, SettingsError
from search.interfaces import Ingest
from search.jobs import IngestReport, IngestRequest, Job, JobState, Progress, Stage
from search.locks import run_lock
from search.records import ImageFeatures, Pixels
from search.settings import Settings
from search.store import Store
from tests.fakes import FakeCaptioner, FakeEncoder
from tests.pictures import write_picture
from tests.readers import InProcessReader

SECONDS = 30.0  # longest wait for anything here
PICTURES = 12


class Gate(FakeEncoder):
    """Embeds the first batch at once, and goes on with the others when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = threading.Event()
        self.opened = threading.Event()

    def encode_images(self, pixels: Pixels) -> ImageFeatures:
        if self.pictures_seen:
            self.reached.set()
            assert self.opened.wait(SECONDS)
        return super().encode_images(pixels)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    for seed in range(PICTURES):
        write_picture(folder / f"{seed}.png", seed)
    return folder


@pytest.fixture
def started(settings: Settings) -> Iterator[Callable[[FakeEncoder], Jobs]]:
    """Jobs that embed by an encoder, four pictures a commit."""
    made: list[Jobs] = []

    def start(encoder: FakeEncoder) -> Jobs:
        quick = settings.model_copy(update={"commit_images": 4, "commit_seconds": 60.0})
        made.append(Jobs(partial(run, quick, workers=workers_of(encoder))))
        return made[-1]

    yield start
    for jobs in made:
        jobs.close()


def workers_of(encoder: FakeEncoder) -> Workers:
    towers = Towers(encoder, FakeCaptioner(encoder))

    def opener(
        store: Store, settings: Settings, reporter: Reporter, *, captions: bool
    ) -> Callable[[], Towers]:
        def opened() -> Towers:
            store.encoders.bind(encoder.info, "fake")
            return towers

        return opened

    return Workers(lambda _: nullcontext(InProcessReader()), opener)


def request(folder: Path, **options: bool) -> IngestRequest:
    return IngestRequest((bytes(folder),), **options)


def stored(settings: Settings) -> int:
    with Store.open(settings) as store:
        assert list(store.integrity.problems(deep=True)) == []
        return store.stats().images


def ended(jobs: Jobs, job: Job) -> Job:
    after = jobs.wait(job.id, SECONDS)
    assert after.ended
    return after


def counts(report: IngestReport | None) -> tuple[int, int, int]:
    assert report is not None
    return report.added, report.unchanged, report.removed


def test_a_job_indexes_as_the_command_does_and_prints_nothing(
    started: Callable[[FakeEncoder], Jobs],
    photos: Path,
    settings: Settings,
    capfd: pytest.CaptureFixture[str],
) -> None:
    jobs = started(FakeEncoder())
    job = jobs.submit(request(photos))
    assert (job.state, job.progress, job.report) == (JobState.WAITING, None, None)
    done = ended(jobs, job)
    assert (done.state, done.error, counts(done.report)) == (JobState.DONE, "", (PICTURES, 0, 0))
    assert stored(settings) == PICTURES
    (photos / "0.png").unlink()
    synced = ended(jobs, jobs.submit(IngestRequest(sync=True)))
    assert counts(synced.report) == (0, PICTURES - 1, 1)
    assert [job.id for job in jobs.jobs()] == [done.id, synced.id]
    assert capfd.readouterr() == ("", "")


def test_the_progress_of_a_run_can_be_read_meanwhile(
    started: Callable[[FakeEncoder], Jobs], photos: Path
) -> None:
    gate = Gate()
    jobs: Ingest = started(gate)
    job = jobs.submit(request(photos))
    second = jobs.submit(request(photos))
    assert gate.reached.wait(SECONDS)
    running, waiting = jobs.jobs()
    assert (running.id, running.state) == (job.id, JobState.RUNNING)
    assert running.progress is not None
    assert (running.progress.stage, running.progress.done) == (Stage.EMBED, 4)
    assert running.progress.total == PICTURES
    assert (waiting.id, waiting.state) == (second.id, JobState.WAITING)
    gate.opened.set()


def test_a_cancelled_run_keeps_what_it_has_stored_and_the_next_one_goes_on(
    started: Callable[[FakeEncoder], Jobs], photos: Path, settings: Settings
) -> None:
    gate = Gate()
    jobs = started(gate)
    job = jobs.submit(request(photos))
    assert gate.reached.wait(SECONDS)
    jobs.cancel(job.id)
    gate.opened.set()
    cancelled = ended(jobs, job)
    assert (cancelled.state, cancelled.report) == (JobState.CANCELLED, None)
    kept = stored(settings)
    assert 4 <= kept < PICTURES
    again = ended(jobs, jobs.submit(request(photos)))
    assert counts(again.report) == (PICTURES - kept, kept, 0)
    jobs.cancel(again.id)
    assert jobs.wait(again.id).state is JobState.DONE  # too late


def test_a_job_that_waits_for_its_turn_can_be_cancelled_too(
    started: Callable[[FakeEncoder], Jobs], photos: Path
) -> None:
    gate = Gate()
    jobs = started(gate)
    jobs.submit(request(photos))
    second = jobs.submit(request(photos))
    assert gate.reached.wait(SECONDS)
    jobs.cancel(second.id)
    gate.opened.set()
    assert ended(jobs, second).state is JobState.CANCELLED


def test_a_job_that_fails_says_why_and_the_next_one_is_done(
    started: Callable[[FakeEncoder], Jobs], photos: Path, settings: Settings, tmp_path: Path
) -> None:
    jobs = started(FakeEncoder())
    failed = ended(jobs, jobs.submit(request(tmp_path / "nowhere")))
    assert failed.state is JobState.FAILED
    assert failed.error == f"{tmp_path / 'nowhere'}: No such file or directory. Check the path."
    own = ended(jobs, jobs.submit(request(settings.library)))
    assert own.state is JobState.FAILED
    with pytest.raises(SettingsError, match="library"):
        run(settings, request(settings.library))
    assert ended(jobs, jobs.submit(request(photos))).state is JobState.DONE


def test_another_programs_run_is_waited_for_where_that_is_asked_and_not_for_ever(
    started: Callable[[FakeEncoder], Jobs], photos: Path, settings: Settings
) -> None:
    jobs = started(FakeEncoder())
    with run_lock(settings.library, "sync"):
        refused = ended(jobs, jobs.submit(request(photos)))
        assert refused.state is JobState.FAILED
        assert f"indexer sync (process {os.getpid()}" in refused.error
        tired = jobs.submit(request(photos, wait=True))
        waiting = jobs.wait(tired.id, 0.5)
        assert waiting.state is JobState.WAITING
        assert f"indexer sync (process {os.getpid()}" in waiting.error
        jobs.cancel(tired.id)
        assert ended(jobs, tired).state is JobState.CANCELLED
        patient = jobs.submit(request(photos, wait=True))
        assert jobs.wait(patient.id, 0.5).state is JobState.WAITING
    done = ended(jobs, patient)
    assert (done.state, done.error) == (JobState.DONE, "")


def test_closing_ends_the_run_that_is_going_on(
    started: Callable[[FakeEncoder], Jobs], photos: Path, settings: Settings
) -> None:
    gate = Gate()
    jobs = started(gate)
    first, second = jobs.submit(request(photos)), jobs.submit(request(photos))
    assert gate.reached.wait(SECONDS)
    threading.Timer(0.2, gate.opened.set).start()
    jobs.close()
    assert [jobs.wait(job.id, 0).state for job in (first, second)] == [JobState.CANCELLED] * 2
    assert 4 <= stored(settings) < PICTURES
    with pytest.raises(ValueError, match="closed"):
        jobs.submit(request(photos))


# the jobs alone


@pytest.mark.parametrize("error", [ZeroDivisionError, SystemExit])
def test_an_error_of_ours_is_a_failed_job_and_no_dead_thread(error: type[BaseException]) -> None:
    def broken(asked: IngestRequest, reporter: Reporter) -> IngestReport:
        raise error("one by zero")

    jobs = Jobs(broken)
    for _ in range(2):
        failed = ended(jobs, jobs.submit(IngestRequest()))
        assert (failed.state, "one by zero" in failed.error) == (JobState.FAILED, True)
    jobs.close()


def test_a_job_waits_for_no_lock_but_that_of_another_run() -> None:
    """A server of an earlier version has to be ended by a person, who is to hear of it."""

    def refused(asked: IngestRequest, reporter: Reporter) -> IngestReport:
        raise LibraryLockedError("end that server first")

    jobs = Jobs(refused)
    failed = ended(jobs, jobs.submit(IngestRequest(wait=True)))
    assert (failed.state, failed.error) == (JobState.FAILED, "end that server first")
    jobs.close()


def test_jobs_are_done_in_their_order_one_at_a_time_and_old_ones_are_forgotten() -> None:
    asked: list[bytes] = []

    def note(request: IngestRequest, reporter: Reporter) -> IngestReport:
        asked.extend(request.paths)
        reporter.progress(Stage.SCAN, 1, 1, 2.0)
        return IngestReport(found=len(asked))

    jobs = Jobs(note)
    wanted = [b"%d" % number for number in range(KEPT + 20)]
    submitted = [jobs.submit(IngestRequest((path,))) for path in wanted]
    last = ended(jobs, submitted[-1])
    assert asked == wanted
    assert last.progress == Progress(Stage.SCAN, 1, 1, 2.0)
    jobs.submit(IngestRequest())
    assert len(jobs.jobs()) == KEPT + 1
    with pytest.raises(NotFoundError):
        jobs.cancel(submitted[0].id)
    jobs.close()
