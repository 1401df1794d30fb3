"""The attack on pages: whoever reads all that an anonymous round shows, and adds and subtracts, never learns what one rater said.

Nothing here looks at the models for what is shown: every number is read from the HTML that people get.
"""

import re
from html import unescape
from itertools import product

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from assessments.anonymity import FEWEST
from assessments.levels import Spread
from assessments.models import Rating
from assessments.models.assessment import GROUPS
from assessments.models.framework import LEVEL_NAMES
from assessments.publishing import joined
from tests.results import agree
from tests.rounds import add_rater, make_framework, make_lead, start_round, submit

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

NUMBERS = ("1.1", "1.2", "2.1")
CHOICES = ["1", "2", "3", "4", "5", "unknown", "none", ""]


def raters():
    """2 to 14 raters: the group of each, and what each chose to three questions; often alike, as people are."""
    common = st.sampled_from(CHOICES) | st.sampled_from(["2", "3"])
    rater = st.tuples(st.sampled_from(GROUPS) | st.sampled_from(GROUPS[:2]), st.lists(common, min_size=3, max_size=3))
    return st.lists(rater, min_size=2, max_size=14)


# What the pages show --------------------------------------------------------------------------------------------------


def pages_of(said):
    """Every page that shows something of the ratings, by its address, from the close to a link that is read without an account."""
    lead = make_lead()
    assessment = start_round(lead, make_framework(numbers=NUMBERS))
    questions = list(assessment.framework.questions.all())
    ratings = []
    for number, (group, choices) in enumerate(said):
        rater = add_rater(assessment, number, group, finished_on=timezone.localdate())
        comment = f"Comment of number {number}"
        ratings += [Rating(rater=rater, question=question, choice=choice, comment=comment) for question, choice in zip(questions, choices, strict=True)]
    Rating.objects.bulk_create(ratings)
    assessment.close(by=lead, reason="All have rated")
    assessment.begin_agreeing(by=lead)
    client, here = Client(), assessment.get_absolute_url()
    client.force_login(lead)
    before = [here, f"{here}agree/", *(f"{here}agree/{number}/" for number in NUMBERS), f"{here}result/", f"{here}priorities/", f"{here}submit/"]
    pages = {f"before {address}": client.get(address) for address in before}
    agree(assessment, lead)
    submit(assessment, lead)
    token = assessment.reading_links.make(by=lead, who="The board", until=timezone.localdate())
    pages |= {address: client.get(address) for address in (here, f"{here}result/", f"{here}result/1/", f"/organisations/{lead.organisation.code}/assessments/")}
    pages["link"] = Client().get(f"/result/{token}/")
    assert {response.status_code for response in pages.values()} == {200}
    return {address: response.content.decode() for address, response in pages.items()}


def words_of(html):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def tables_of(html):
    """(caption, rows of texts) of each table, without the headings that only a phone shows."""
    html = re.sub(r"(?s)<span class=\"nhsuk-table-responsive__heading\".*?</span>", "", html)
    for table in re.findall(r"(?s)<table.*?</table>", html):
        caption = words_of(re.search(r"(?s)<caption.*?</caption>", table)[0])
        yield caption, [[words_of(cell) for cell in re.findall(r"(?s)<t[hd][ >].*?</t[hd]>", row)] for row in re.findall(r"(?s)<tr.*?</tr>", table)[1:]]


def counts_in(words):
    """The five counts in "Starting 1, Developing 3", or none."""
    found = dict(re.findall(rf"({'|'.join(LEVEL_NAMES)}) (\d+)", words))
    return tuple(int(found.get(name, 0)) for name in LEVEL_NAMES) if found else None


def figures_of(pages, blocks):
    """Every spread on every page: {question: {the groups it covers: its five counts}}."""
    shown = {number: {} for number in NUMBERS}
    everybody = frozenset(name for names in blocks.values() for name in names)

    def found(number, groups, counts):
        assert shown[number].setdefault(groups, counts) == counts, "two pages show two figures"

    for address, html in pages.items():
        asked = re.search(r"/agree/([\d.]+)/", address)
        for what, words in re.findall(r"(?s)<(?:title|desc) id=\"([^\"]+)\">(.*?)</", html):
            number = asked[1] if asked and what == "all-desc" else re.sub(r"(spread|chart)-(\d)[-.](\d)-(title|desc)", r"\2.\3", what)
            if number in NUMBERS and (counts := counts_in(words)):
                found(number, everybody, counts)
        for caption, rows in tables_of(html):
            number = asked[1] if asked and caption.startswith("By group") else caption.removeprefix("What raters said to ")
            for name, *cells in rows if number in NUMBERS else []:
                found(number, everybody if name == "All" else frozenset(blocks[name]), tuple(int(cell) for cell in cells[:5]))
    return shown


def blocks_of(said):
    """Under which names groups could be shown: each by itself, and any joined, in the order of the round."""
    there = [group for group in GROUPS if group in {group for group, _ in said}]
    subsets = ([name for name, taken in zip(there, which, strict=True) if taken] for which in product((True, False), repeat=len(there)))
    return {joined(names): names for names in subsets if names}


# The attack -----------------------------------------------------------------------------------------------------------


def what_can_be_worked_out(figures):
    """Everything that follows from some figures by adding and subtracting."""
    known, grew = dict(figures), True
    while grew:
        grew = False
        for (a, left), (b, right) in product(list(known.items()), repeat=2):
            new = [(a - b, tuple(x - y for x, y in zip(left, right, strict=True)))] if b < a else []
            new += [(a | b, tuple(x + y for x, y in zip(left, right, strict=True)))] if not a & b else []
            for groups, counts in new:
                grew = grew or groups not in known
                known.setdefault(groups, counts)
    return known


def truth(said, groups, place):
    """What raters of some groups chose to one question, as only the database knows it."""
    return Spread.of(choices[place] for group, choices in said if group in groups).counts


def check_the_heat_map(html, figures, blocks):
    """Each cell says the median of what the page itself shows of that group, or that it is not shown."""
    in_table = dict(tables_of(html)).get("Median of the levels that each group gave", [])
    drawn = re.findall(r"<desc id=\"heat-\d-desc\">(.*?)</desc>", html)
    cells = [cell.lower() for column in drawn for cell in re.findall(r"Component \d: (.*?)\. ", unescape(column))]
    assert cells == [median.lower().removesuffix(": fewer than five") for _, _, median, _ in in_table]
    for group, component, median, taken in in_table:
        rows = [figures[number][frozenset(blocks[group])] for number in NUMBERS if number[0] == component[0] and frozenset(blocks[group]) in figures[number]]
        spread = sum((Spread(counts) for counts in rows), Spread())
        if not spread.count:
            assert (median, taken) == ("Not shown: fewer than five", "none shown")
            continue
        names = [LEVEL_NAMES[level - 1] for level in dict.fromkeys(spread.median)]
        assert median.lower().removeprefix("between ") == " and ".join(names).lower()
        assert taken.startswith(f"{spread.count} levels, {len(rows)} of")


@settings(max_examples=9, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raters())
@example([("Staff", ["3", "3", "1"])] * 6 + [("Board and executive", ["5", "1", "none"])] * 2 + [("Leaders and managers", ["2", "2", "unknown"])] * 5)
@example([("Staff", ["2", "2", "2"])] * 5 + [("Board and executive", ["5", "", "3"])] * 5 + [("Leaders and managers", ["unknown", "4", "4"])] * 4)
@example([("Staff", ["2", "3", "4"])] * 4)
def test_no_rater_s_level_follows_from_all_that_the_pages_show(said):
    with transaction.atomic():
        pages = pages_of(said)
        transaction.set_rollback(True)
    blocks = blocks_of(said)
    figures = figures_of(pages, blocks)
    everybody = frozenset(group for group, _ in said)
    for place, number in enumerate(NUMBERS):
        for groups, counts in figures[number].items():
            assert counts == truth(said, groups, place)  # what we read is what they said: the attack is no sham
        enough = len(said) >= FEWEST and sum(truth(said, everybody, place)) >= FEWEST
        assert (everybody in figures[number]) == enough
        for groups, counts in what_can_be_worked_out(figures[number]).items():
            assert sum(counts) == 0 or sum(counts) >= FEWEST, f"the levels of {sum(counts)} raters of {sorted(groups)} stand alone"
    for address, html in pages.items():
        check_the_heat_map(html, figures, blocks)
        check_the_words(address, words_of(html), len(said))


def check_the_words(address, words, raters):
    """No name and no address on any page; comments only where people agree, and of fewer than five nothing at all."""
    assert not re.search(r"(?i)\brater \d|rater-\d", words), address
    if raters < FEWEST or "/agree/" not in address:
        assert "Comment of number" not in words, address
    if raters < FEWEST:
        assert not re.search(r"\d+ (person|people) gave a level|Median of the levels that each group gave", words), address


def test_the_attack_finds_a_group_that_stands_alone():
    """What would happen without the second rule: the attack is able to find it."""
    alone, others = frozenset({"Board and executive"}), frozenset({"Staff"})
    known = what_can_be_worked_out({alone | others: (0, 0, 6, 0, 2), others: (0, 0, 6, 0, 0)})
    assert known[alone] == (0, 0, 0, 0, 2)
