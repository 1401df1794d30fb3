"""Fair verdicts: what a history of visits means, whatever the history."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resources.link_verdict import DAYS, MEANS, SILENT, Standing, weigh

pytestmark = pytest.mark.one_database

FIRST = date(2026, 11, 1)
outcomes = st.sampled_from(sorted(MEANS))
histories = st.lists(st.tuples(outcomes, st.integers(0, 3)), max_size=30)  # what was found, how many days after the one before


def after(history, standing=Standing()):  # noqa: B008
    """The standing after a history of (outcome, days since the one before), and after each step of it."""
    day, steps = FIRST, []
    for outcome, days in history:
        day += timedelta(days=days)
        standing = weigh(standing, outcome, day)
        steps.append((day, MEANS[outcome], standing))
    return standing, steps


@given(histories)
@settings(max_examples=300, deadline=None)
def test_a_bad_verdict_rests_on_enough_days_in_a_row(history):
    """Whenever a verdict turns bad, the visits since the last that found something else span that many different days."""
    _, steps = after(history)
    before = "unchecked"
    for number, (_, _, standing) in enumerate(steps):
        if standing.verdict != before and standing.verdict in DAYS:
            alike = SILENT if standing.verdict in SILENT else (standing.verdict,)
            days = set()
            for day, found, _ in reversed(steps[: number + 1]):
                if found not in alike:
                    break
                days.add(day)
            assert len(days) >= DAYS[standing.verdict]
        before = standing.verdict


@given(histories)
@settings(max_examples=200, deadline=None)
def test_one_good_answer_clears_everything(history):
    assert after([*history, ("fine", 0)])[0] == Standing("fine")


@given(histories, outcomes, st.integers(1, 9))
@settings(max_examples=200, deadline=None)
def test_any_number_of_visits_in_one_day_is_one_day(history, outcome, times):
    once = after([*history, (outcome, 1)])[0].verdict
    assert after([*history, (outcome, 1), *[(outcome, 0)] * times])[0].verdict == once


@given(histories, outcomes)
@settings(max_examples=200, deadline=None)
def test_what_is_found_for_days_becomes_the_verdict(history, outcome):
    """Nothing stays in doubt for ever: three days of the same, and three more where silence of another kind came before."""
    assert after([*history, *[(outcome, 1)] * 6])[0].verdict == MEANS[outcome]


@given(histories)
@settings(max_examples=200, deadline=None)
def test_a_link_that_answers_is_not_called_gone(history):
    assert after([*history, ("moved", 0)])[0].verdict in ("fine", "moved")


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        ("gone", "unchecked"),
        ("fine gone", "fine"),
        ("fine gone gone", "fine"),
        ("fine gone gone gone", "gone"),
        ("fine failed failed failed", "gone"),
        ("fine gone gone fine gone", "fine"),
        ("fine slow slow slow", "slow"),
        ("fine gone slow gone", "slow"),  # of silence of two kinds, the milder
        ("slow slow slow gone gone", "slow"),
        ("slow slow slow gone gone gone", "gone"),
        ("gone gone gone moved", "fine"),
        ("moved", "fine"),
        ("moved moved", "moved"),
        ("moved moved gone", "moved"),
        ("fine sign-in", "fine"),
        ("fine sign-in sign-in", "sign-in"),
        ("robots robots", "robots"),
        ("refused refused", "robots"),
        ("robots robots sign-in robots sign-in", "robots"),
    ],
)
def test_one_visit_a_day(found, verdict):
    assert after([(outcome, 1) for outcome in found.split()])[0].verdict == verdict


def test_where_a_curator_has_looked_silence_is_not_called_gone():
    standing = Standing("robots")
    for day in range(9):
        standing = weigh(standing, "gone", FIRST + timedelta(days=day), looked=True)
    assert standing == Standing("robots")
