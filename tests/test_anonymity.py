"""Anonymous means it: whoever adds up and subtracts all that is shown never learns what one rater said."""

from collections import defaultdict
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.anonymity import FEWEST, publish, put_together

pytestmark = pytest.mark.one_database

CHOICES = ["1", "2", "3", "4", "5", "unknown", "none", ""]
sizes = st.dictionaries(st.sampled_from("ABCDEFGH"), st.integers(0, 12), max_size=6)


@given(sizes)
def test_every_rater_is_in_one_group_shown_and_no_group_shown_is_too_small(sizes):
    shown = put_together(sizes)
    everybody = sum(sizes.values())
    if everybody < FEWEST:
        assert shown == []
        return
    assert sorted(name for names in shown for name in names) == sorted(name for name, size in sizes.items() if size)
    assert all(sum(sizes[name] for name in names) >= FEWEST for names in shown)


@given(sizes)
def test_groups_that_could_stand_alone_do_unless_one_is_needed_to_hide_the_rest(sizes):
    together = [names for names in put_together(sizes) if len(names) > 1]
    assert len(together) <= 1
    for names in together:
        assert sum(1 for name in names if sizes[name] >= FEWEST) <= 1


# The attack -----------------------------------------------------------------------------------------------------------


def rounds():
    """Some groups, and what each of their raters chose to one question; often alike, as people are."""
    common = st.sampled_from(CHOICES) | st.sampled_from(["2", "3"])
    return st.dictionaries(st.sampled_from(["board", "leaders", "staff", "partners"]), st.lists(common, max_size=9), min_size=1)


def shown_of(by_group):
    """The groups as shown, the figures published, and each as a sum over raters: (the groups it covers, the spread)."""
    blocks = put_together({name: len(choices) for name, choices in by_group.items()})
    merged = {" and ".join(names): [choice for name in names for choice in by_group[name]] for names in blocks}
    published = publish(merged) if merged else None
    figures = []
    if published and published.total:
        figures.append((set(merged), published.total))
        figures += [({name}, spread) for name, spread in published.groups.items()]
    return merged, figures


def as_row(spread):
    return (*spread.counts, spread.unknown, spread.none, spread.blank)


def what_can_be_worked_out(merged, figures):
    """Everything that follows from the figures by adding and subtracting: sets of groups whose spread is then known exactly."""
    known = {frozenset(groups): as_row(spread) for groups, spread in figures}
    grew = True
    while grew:
        grew = False
        for (a, left), (b, right) in product(list(known.items()), repeat=2):
            for groups, row in ((a - b, [x - y for x, y in zip(left, right, strict=True)]) if b < a else (None, None), joined(a, b, left, right)):
                if groups and groups not in known:
                    known[groups] = tuple(row)
                    grew = True
    return known


def joined(a, b, left, right):
    return (a | b, [x + y for x, y in zip(left, right, strict=True)]) if not a & b else (None, None)


@settings(max_examples=400)
@given(rounds())
def test_no_rater_s_level_follows_from_what_is_shown_unless_all_of_five_or_more_said_the_same(by_group):
    """A rater's level is determined if and only if a set of raters is known to have all given one level; then it must be a crowd."""
    merged, figures = shown_of(by_group)
    for groups, row in what_can_be_worked_out(merged, figures).items():
        raters = sum(len(merged[name]) for name in groups)
        assert sum(row) == raters
        levels = row[:5]
        assert sum(levels) == 0 or sum(levels) >= FEWEST, f"the levels of {sum(levels)} raters of {sorted(groups)} stand alone"
        if max(levels, default=0) == raters:
            assert raters >= FEWEST


def worlds(sizes):
    """Every way in which groups of these sizes can have answered with two levels and "I do not know": how many of a group said each."""
    ways = {name: [(a, b, size - a - b) for a in range(size + 1) for b in range(size + 1 - a)] for name, size in sizes.items()}
    return (dict(zip(ways, rows, strict=True)) for rows in product(*ways.values()))


def choices_of(world):
    return {name: ["2"] * two + ["3"] * three + ["unknown"] * unknown for name, (two, three, unknown) in world.items()}


@pytest.mark.parametrize("sizes", [(5, 5), (2, 6), (3, 3), (4, 1, 5), (6, 5, 2), (5, 5, 5), (9,), (1, 1, 1, 1, 1), (4, 4), (7, 6)])
def test_in_every_possible_round_each_rater_could_have_said_something_else(sizes):
    """Exhaustive: an attacker who knows the rules, the sizes and all that is shown keeps every world that looks the same.

    If in all of them a whole group said one level, the attacker knows it; that may only be where a figure for five or more people
    has all who gave a level at the same one.
    """
    sizes = dict(zip("ABCDE", sizes, strict=False))
    alike = defaultdict(list)
    for world in worlds(sizes):
        merged, figures = shown_of(choices_of(world))
        alike[repr([(sorted(groups), spread) for groups, spread in figures])].append((world, merged, figures))
    for looks_the_same in alike.values():
        _, merged, figures = looks_the_same[0]
        unanimous = [groups for groups, row in what_can_be_worked_out(merged, figures).items() if max(row[:5]) == sum(row[:5])]
        for name, size in sizes.items():
            said = {row for (two, three, _) in (world[name] for world, *_ in looks_the_same) for row in [(two == size, three == size)]}
            determined = len(said) == 1 and any(next(iter(said)))
            crowd = next((block for block in merged if name in block.split(" and ")), None)
            assert not determined or any(crowd in groups for groups in unanimous), (sizes, name, looks_the_same[0])


def test_a_group_of_two_is_not_given_away_by_the_total():
    shown = put_together({"board": 2, "staff": 6, "leaders": 9})
    assert shown == [["board", "staff"], ["leaders"]]


def test_a_question_that_few_of_a_group_answered_hides_that_group_and_a_second():
    published = publish({"board": ["3"] * 5, "staff": ["2"] * 4 + ["unknown"] * 3, "leaders": ["4"] * 8})
    assert published.total.count == 17
    assert set(published.groups) == {"leaders"}


def test_fewer_than_five_levels_show_none():
    assert publish({"staff": ["3"] * 4 + ["unknown"] * 9}).total is None
