"""The schedule counts work, not waiting."""

from __future__ import annotations

import pytest

from training.schedule import LONGEST_TICK, Reports, Schedule, learning_rate


class Clock:
    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


def test_progress_is_the_share_of_the_working_minutes() -> None:
    clock = Clock()
    schedule = Schedule(1, now=clock)
    schedule.tick()
    for _ in range(3):
        clock.time += 10
        schedule.tick()
    assert schedule.progress() == pytest.approx(0.5)


def test_a_pause_counts_as_one_long_step_at_most() -> None:
    clock = Clock()
    schedule = Schedule(10, now=clock)
    schedule.tick()
    clock.time += 3600
    schedule.tick()
    assert schedule.spent == LONGEST_TICK


def test_a_deadline_brings_the_end_nearer() -> None:
    clock = Clock()
    schedule = Schedule(10, deadline=1100, now=clock)
    schedule.tick()
    clock.time += 10
    assert schedule.tick() == pytest.approx(10 / 100)
    clock.time = 1100
    assert schedule.tick() == 1.0


def test_an_evaluation_is_no_training() -> None:
    clock = Clock()
    schedule = Schedule(10, now=clock)
    schedule.tick()
    clock.time += 15
    schedule.skip()
    clock.time += 1
    schedule.tick()
    assert schedule.spent == 1


def test_the_rate_rises_then_falls_to_its_last_share() -> None:
    assert learning_rate(1.0, 0, 0, 10, 0.1) == pytest.approx(0.1)
    assert learning_rate(1.0, 0, 9, 10, 0.1) == pytest.approx(1.0)
    assert learning_rate(1.0, 0.5, 99, 10, 0.1) == pytest.approx(0.55)
    assert learning_rate(1.0, 1, 99, 10, 0.1) == pytest.approx(0.1)


def test_a_run_reports_at_the_end_of_each_epoch() -> None:
    reports = Reports(epoch=100, minutes=60)
    assert [reports.due(seen, 0) for seen in (40, 80, 120, 160, 200, 240)] == [
        False,
        False,
        True,
        False,
        True,
        False,
    ]


def test_a_long_epoch_is_reported_on_the_way() -> None:
    reports = Reports(epoch=1e6, minutes=2)
    assert [reports.due(10, seconds) for seconds in (60, 121, 180, 242)] == [
        False,
        True,
        False,
        True,
    ]


def test_a_run_that_goes_on_does_not_report_what_it_had_reported() -> None:
    reports = Reports(epoch=100, minutes=60, seen=210, spent=900)
    assert not reports.due(250, 960)
    assert reports.due(300, 960)


def test_short_epochs_are_reported_after_a_hundredth_of_the_run() -> None:
    schedule = Schedule(10)
    reports = Reports.of(schedule, epoch=10, minutes=60)
    due = [reports.due(seen, seen / 10) for seen in range(10, 200, 10)]
    assert sum(due) == 3  # after 6, 12 and 18 of 19 seconds
