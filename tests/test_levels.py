"""The arithmetic of levels: ordinal, exact, and never counting what is no level."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.levels import Spread

pytestmark = pytest.mark.one_database

CHOICES = ["1", "2", "3", "4", "5", "unknown", "none", ""]
many = st.lists(st.sampled_from(CHOICES), max_size=60)


def levels(choices):
    return [int(choice) for choice in choices if choice.isdigit()]


@pytest.mark.parametrize(
    ("choices", "lowest", "median", "highest", "count", "mean"),
    [
        ("1 2 3 4 5", 1, (3, 3), 5, 5, 3.0),
        ("2 3", 2, (2, 3), 3, 2, 2.5),
        ("1 1 4 4", 1, (1, 4), 4, 4, 2.5),
        ("3 unknown none", 3, (3, 3), 3, 1, 3.0),
        ("4 4 4 5", 4, (4, 4), 5, 4, 4.3),  # 4.25, half up
        ("unknown none", None, None, None, 0, None),
        ("", None, None, None, 0, None),
    ],
)
def test_worked_examples(choices, lowest, median, highest, count, mean):
    spread = Spread.of(choices.split())
    assert (spread.lowest, spread.median, spread.highest, spread.count, spread.mean) == (lowest, median, highest, count, mean)


@pytest.mark.parametrize(("choices", "disagreement"), [("3 3 3", 0), ("1 1 5 5", 1), ("2 3", 0.25), ("1 2 3 4 5", 0.6), ("", 0)])
def test_disagreement_runs_from_all_alike_to_half_at_each_end(choices, disagreement):
    assert Spread.of(choices.split()).disagreement == pytest.approx(disagreement)


@given(many)
def test_it_agrees_with_the_standard_library(choices):
    spread, numbers = Spread.of(choices), levels(choices)
    assert (spread.count, spread.everybody) == (len(numbers), len(choices))
    if numbers:
        assert (spread.lowest, spread.highest) == (min(numbers), max(numbers))
        assert spread.median == (statistics.median_low(numbers), statistics.median_high(numbers))
        assert abs(spread.mean - statistics.mean(numbers)) <= 0.05 + 1e-9
        assert spread.within_one == (max(numbers) - min(numbers) <= 1)


@given(many, st.sampled_from(["unknown", "none", ""]), st.integers(0, 20))
def test_what_is_no_level_changes_no_figure_of_the_levels(choices, instead, more):
    before, after = Spread.of(choices), Spread.of(choices + [instead] * more)
    for figure in ("counts", "count", "lowest", "median", "highest", "mean", "within_one", "disagreement"):
        assert getattr(before, figure) == getattr(after, figure)


@given(many, st.randoms())
def test_the_order_in_which_people_rated_does_not_matter(choices, chance):
    shuffled = list(choices)
    chance.shuffle(shuffled)
    assert Spread.of(choices) == Spread.of(shuffled)


@given(many, many)
def test_groups_add_up_to_the_whole(some, others):
    assert Spread.of(some) + Spread.of(others) == Spread.of(some + others)


@given(many)
def test_disagreement_is_a_share_and_the_same_seen_from_above_or_below(choices):
    mirrored = [str(6 - int(choice)) if choice.isdigit() else choice for choice in choices]
    spread = Spread.of(choices)
    assert 0 <= spread.disagreement <= 1
    assert spread.disagreement == pytest.approx(Spread.of(mirrored).disagreement)
    assert (spread.disagreement == 0) == (len(set(levels(choices))) <= 1)


def test_anything_else_is_refused():
    with pytest.raises(ValueError, match="6"):
        Spread.of(["6"])
