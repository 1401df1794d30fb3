"""A submitted result as people read it: drawn from its snapshot alone, the same for ever, and open to whom it is meant for."""

import json
import re
from datetime import date

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Membership, Merger
from assessments.evidence import pieces
from assessments.result import Result, UnknownFormat
from resources.models import Resource
from tests.people import make_organisation, make_person
from tests.results import EVIDENCE, agree, make_agreeing, make_submitted
from tests.rounds import make_framework, make_rated_round, start_round, submit

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

RESULT = "/organisations/AB1/assessments/1/result/"
HOW = "/self-assessment/how-results-are-worked-out/"


@pytest.fixture
def framework():
    return make_framework(numbers=("1.1", "1.2", "2.1", "3.1", "5.4"))


@pytest.fixture
def browser(lead):
    """A browser of somebody with a role at our trust: the lead's own, or another person's."""

    def make(role="lead"):
        client, person = Client(), lead
        if role != "lead":
            person = make_person(f"{role}@example.org", name=f"The {role}")
            Membership.objects.create(user=person, organisation=lead.organisation, role=role)
        client.force_login(person)
        return client

    return make


def article(response):
    """The result itself, without the page around it."""
    assert response.status_code == 200
    return re.search(r"(?s)<article class=\"app-result\">.*</article>", response.content.decode())[0]


# The same for ever ----------------------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_version_1_is_the_same_to_the_byte_whatever_became_of_everything_it_was_drawn_from(lead, framework, browser):
    lead.organisation.actions.make(by=lead, title="Coach every ward manager", owner=lead)
    assessment, first = make_submitted(lead, framework, priorities=("1.1", "5.4"))
    reader = browser("viewer")
    before = article(reader.get(f"{RESULT}1/"))
    lead.organisation.name = "Another name"
    lead.organisation.save()
    make_framework("another", numbers=("1.1", "2.2"))
    slugs = [resource["slug"] for priority in first.data["priorities"] for resource in priority["resources"]]
    assert Resource.objects.filter(slug__in=slugs).update(withdrawn_at=timezone.now(), withdrawn_reason="Out of date", title="Withdrawn") > 4
    assessment.submissions.reopen(by=lead, reason="A figure was wrong")
    agree(assessment, lead, levels=(5, 5, 5), reason="Other words")
    submit(assessment, lead)
    call_command("erase_person", "rater-1@example.org", yes=True)
    assert article(reader.get(f"{RESULT}1/")) == before
    assert article(reader.get(f"{RESULT}2/")) != before
    assert "Another name" not in before and "Coach" not in before  # an action of no round


def test_a_snapshot_of_a_shape_not_known_here_is_refused_and_not_guessed_at(lead, framework):
    _, submission = make_submitted(lead, framework)
    Result(submission.data)
    with pytest.raises(UnknownFormat):
        Result({**submission.data, "format": 2})


def test_what_is_shown_comes_from_the_snapshot_and_from_no_other_row(lead, framework, browser, text_of):
    assessment, _ = make_submitted(lead, framework)
    assessment.answers.update(reason="Smuggled in behind the snapshot", published={"total": [9, 9, 9, 9, 9, 0, 0, 0]})
    assert "Smuggled" not in text_of(browser().get(RESULT))
    assert "45 people" not in text_of(browser().get(RESULT))


# Who sees what, when --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["viewer", "contributor", "lead"])
def test_while_people_rate_nobody_sees_a_result(lead, framework, browser, text_of, role):
    start_round(lead, framework)
    page = text_of(browser(role).get(RESULT))
    assert "There is no result yet" in page and "People are still rating" in page


def test_before_it_is_submitted_those_who_agree_see_a_preview_and_a_viewer_why_there_is_nothing(lead, framework, browser, text_of):
    agree(make_agreeing(lead, framework), lead, reason="Not yet for everybody")
    for role in ("contributor", "lead"):
        page = text_of(browser(role).get(RESULT))
        assert "This is a preview: nothing is fixed." in page and "Not yet for everybody" in page
    page = text_of(browser("viewer").get(RESULT))
    assert "once a lead has submitted it" in page and "Not yet for everybody" not in page


def test_an_abandoned_round_has_no_result_for_anybody_though_people_had_begun_to_agree(lead, framework, browser, text_of):
    assessment = make_agreeing(lead, framework)
    agree(assessment, lead, reason="Sealed for good")
    assessment.abandon(by=lead, reason="The wrong framework")
    page = text_of(browser().get(RESULT))
    assert "This round was abandoned, so it has no result." in page and "Sealed for good" not in page


def test_a_submitted_result_says_whose_it_is_and_a_sentence_for_each_component(lead, framework, browser, text_of):
    _, submission = make_submitted(lead, framework, levels=(1, 3, None, 2, 5))
    page = text_of(browser("viewer").get(RESULT))
    for words in (
        f"Our Trust (AB1). Autumn 2026: reference {submission.reference} , version 1",
        "14 people finished rating",
        "small edition. Ours, for tests",
        submission.sha256,
        "Building a shared purpose and vision: 2 questions, from Starting to Progressing, median between Starting and Progressing.",
        "Investing in people and culture: 1 question, none with a level.",
        "Embedding improvement into management systems and processes: 1 question, at Improving and sustaining.",
        "We talked about it for a while. Evidence",
        "javascript:alert(1) What would change our mind A year of data Who sees it otherwise Two of us see it a level lower",
    ):
        assert words in page, words


@pytest.mark.both_databases
def test_after_reopening_version_1_stands_until_version_2_is_submitted(lead, framework, browser, text_of):
    assessment, _ = make_submitted(lead, framework)
    assessment.submissions.reopen(by=lead, reason="A figure was wrong")
    agree(assessment, lead, reason="The new words")
    viewer = browser("viewer")
    assert "Read the result as it was submitted last" in text_of(viewer.get(assessment.get_absolute_url()))
    page = text_of(viewer.get(RESULT))
    assert "Version 1 below stands until the next one is submitted" in page and "The new words" not in page
    submit(assessment, lead)
    page = text_of(browser().get(RESULT))
    assert "Why there is a version 2: A figure was wrong" in page and "The new words" in page
    page = text_of(browser().get(f"{RESULT}1/"))
    assert "This is version 1. Version 2 of" in page and "has taken its place" in page and "The new words" not in page


@pytest.mark.parametrize("version", ["3", "0", "99999999999999999999999"])
@pytest.mark.both_databases
def test_a_version_that_is_not_there_is_not_found(lead, framework, browser, version):
    make_submitted(lead, framework)
    assert browser().get(f"{RESULT}{version}/").status_code == 404


def test_in_an_open_round_only_those_who_work_on_it_see_the_groups_and_the_few(lead, framework, browser, text_of):
    few = make_rated_round(lead, framework, {"Staff": [["2"] * 5] * 3, "Board and executive": [["5"] * 5]}, anonymous=False)
    few.begin_agreeing(by=lead)
    agree(few, lead)
    submit(few, lead)
    assert "4 people gave a level, from Developing to Improving and sustaining" in text_of(browser("contributor").get(RESULT))
    page = text_of(browser("viewer").get(RESULT))
    assert "gave a level," not in page and "Only those who work on the self-assessment see what each of so few said" in page


# Nothing that ranks or adds up ----------------------------------------------------------------------------------------


def test_no_total_no_rank_and_a_mean_in_one_table_only(lead, framework, browser):
    make_submitted(lead, framework)
    html = article(browser().get(RESULT))
    assert not re.search(r"(?i)\b(overall|total score|rank|best|worst|average|red|amber|green)\b", re.sub(r"<[^>]+>", " ", html))
    headings = " ".join(re.findall(r"(?s)<h\d.*?</h\d>", html))
    assert not re.search(r"(?i)mean|\d\.\d[^\d ]", re.sub(r"<[^>]+>", "", headings.split("app-question")[0]).replace("1.", ""))
    assert html.count("Mean, indicative</th>") == 1
    means = re.findall(r"Mean, indicative </span>([^<]+)<", html)
    assert all(re.fullmatch(r"[1-5]\.\d|None", mean) for mean in means) and len(means) == 4


def test_does_not_apply_counts_as_no_level_anywhere(lead, framework, browser):
    _, submission = make_submitted(lead, framework, levels=(None, 4, None, None, None))
    first = Result(submission.data).components[0]
    assert (first.spread.count, first.spread.mean, first.middle) == (1, 4.0, 4)
    assert first.sentence == "2 questions, 1 with a level: at Spreading"


# Over rounds ----------------------------------------------------------------------------------------------------------


def test_since_last_round_each_question_says_then_and_now_in_words(lead, framework, browser, text_of):
    make_submitted(lead, framework, levels=(2, 4, 3, None, 1))
    make_submitted(lead, framework, levels=(4, 3, 3, 2, None), name="Spring 2027")
    page = text_of(browser().get(RESULT.replace("/1/", "/2/")))
    assert "Of 5 questions, 1 went up, 1 stayed and 1 went down since Autumn 2026; 2 had no level in one of the rounds." in page
    for words in ("Up 2 levels", "Down 1 level", "No change", "Not compared"):
        assert words in page, words
    changes = [(before, change) for _, before, change in Result(lead.organisation.assessments.get(number=2).submissions.get().data).changes]
    assert changes == [
        ("Developing", "Up 2 levels"),
        ("Spreading", "Down 1 level"),
        ("Progressing", "No change"),
        ("No level", "Not compared"),
        ("Starting", "Not compared"),
    ]


def test_other_questions_are_an_honest_break_and_no_level_is_compared_across_it(lead, framework, browser, text_of):
    make_submitted(lead, framework, levels=(1,))
    make_submitted(lead, make_framework("new-words"), levels=(5,), name="Spring 2027")
    response = browser().get(RESULT.replace("/1/", "/2/"))
    page, html = text_of(response), article(response)
    assert "asked other questions (small edition)" in page and "Of 5 questions" not in page and "Up 4 levels" not in page
    assert "Here the questions changed." in page and ">new questions<" in html
    trends = re.findall(r"(?s)<svg class=\"app-chart app-chart--trend\".*?</svg>", html)
    assert trends and all("app-chart__break" in trend and "app-chart__line" not in trend for trend in trends)


# Priorities, evidence -------------------------------------------------------------------------------------------------


def test_priorities_show_the_next_level_in_words_and_why_each_resource_was_chosen(lead, framework, browser, text_of):
    _, submission = make_submitted(lead, framework, levels=(2, 3, 5, 1, 5), priorities=("1.2", "2.1"))
    page = text_of(browser().get(RESULT))
    assert "Now: Progressing. 1.2 at level 3 Next: Spreading. 1.2 at level 4" in page
    assert "This is the highest level. What matters now is to hold it." in page
    for resource in submission.data["priorities"][0]["resources"]:
        assert resource["title"] in page and resource["why"] in page


def test_evidence_shows_links_for_addresses_and_text_for_everything_else(lead, framework, browser):
    make_submitted(lead, framework)
    html = article(browser().get(RESULT))
    assert 'href="https://example.org/survey?year=2026"' in html and 'href="https://example.org/minutes_(may)"' in html
    assert not re.search(r'href="(?!https?://|/|#)', html)
    assert "<li>javascript:alert(1)</li>" in html


@given(st.text() | st.lists(st.sampled_from(["https://", "http://a.b", "HTTPS://x", "javascript:", "(", ")", ".", "<b>", '"', " ", "\n", "é"])).map("".join))
def test_evidence_keeps_every_word_and_links_to_nothing_but_the_web(text):
    for line, found in zip([line.strip() for line in text.splitlines() if line.strip()], pieces(text), strict=True):
        assert "".join(words for words, _ in found) == line
        for words, href in found:
            assert not href or (words == href and re.fullmatch(r"(?i)https?://[^\s<>\"]+", href))


def test_what_people_typed_is_text_and_never_markup(lead, framework, browser):
    assessment = make_agreeing(lead, framework, name="<b>Autumn</b>")
    agree(assessment, lead, reason="<script>alert(1)</script>", evidence='https://a.b/"><script>', dissent="{{ 7 * 7 }}")
    submit(assessment, lead)
    html = browser().get(RESULT).content.decode()
    assert "<script>alert" not in html and "<b>Autumn" not in html and "{{ 7 * 7 }}" in html


# Predecessors ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def merged(lead, framework):
    """Our trust became part of a new one, which two administrators agreed, and shared its work. Returns the merger."""
    make_submitted(lead, framework, name="Their last round")
    successor = make_organisation("NEW1", "New Trust")
    one, two = make_person("admin-1@example.org", is_superuser=True), make_person("admin-2@example.org", is_superuser=True)
    merger = Merger.objects.create(predecessor=lead.organisation, successor=successor, on=date(2026, 4, 1), proposed_by=one)
    merger.approve(by=two)
    merger.share(by=two)
    return merger


@pytest.fixture
def successor(merged):
    """A browser of a viewer of the new trust."""
    person = make_person("viewer@new.example.org")
    Membership.objects.create(user=person, organisation=merged.successor, role="viewer")
    client = Client()
    client.force_login(person)
    return client


THEIRS = "/organisations/NEW1/assessments/predecessors/AB1/1/"


@pytest.mark.both_databases
def test_a_successor_s_viewer_reads_what_its_predecessor_submitted_and_finds_it_on_the_list(successor, text_of):
    assert THEIRS in successor.get("/organisations/NEW1/assessments/").content.decode()
    page = text_of(successor.get(THEIRS))
    assert "Our Trust (AB1) became part of New Trust" in page and "Their last round" in page
    assert successor.get(THEIRS.replace("AB1", "ab1")).status_code == 200
    assert successor.get(RESULT).status_code == 404  # under their own address it stays theirs


@pytest.mark.both_databases
def test_only_the_version_that_stands_of_a_submitted_round_is_shared(successor, lead, framework):
    for number in ("2", "99999999999999999999"):
        assert successor.get(THEIRS.replace("/1/", f"/{number}/")).status_code == 404
    assert successor.get(THEIRS.replace("AB1", "ZZ9")).status_code == 404


@pytest.mark.parametrize("why", ["undone", "not shared", "not approved"])
@pytest.mark.both_databases
def test_without_a_standing_merger_that_was_shared_there_is_nothing(merged, successor, why):
    if why == "undone":
        merged.undo(by=merged.proposed_by)
    else:
        Merger.objects.update(**{"shared_at": None} if why == "not shared" else {"approved_at": None, "approved_by": None})
    assert successor.get(THEIRS).status_code == 404
    assert THEIRS not in successor.get("/organisations/NEW1/assessments/").content.decode()


@pytest.mark.both_databases
def test_a_predecessor_reads_nothing_of_its_successor(merged, lead, framework, browser):
    assert browser().get("/organisations/AB1/assessments/predecessors/NEW1/1/").status_code == 404


# How it is worked out -------------------------------------------------------------------------------------------------


def test_anybody_reads_how_results_are_worked_out_without_a_cookie_or_a_query(text_of):
    with CaptureQueriesContext(connection) as queries:
        response = Client().get(HOW)
    assert response.status_code == 200 and not response.cookies and "Cookie" not in response.get("Vary", "") and len(queries) == 0
    page = text_of(response)
    for golden in (
        "8 people gave a level, from Developing to Improving and sustaining, median Progressing. 1 did not know, 1 said that it does not apply.",
        "the median is “between Developing and Progressing”",
        "5 questions, 4 with a level: from Starting to Progressing, median Developing",
        "Of the five questions above it is 2.0; of the ten raters it is 3.1.",
        "Five at Starting, five at Improving and sustaining 1.00",
        "Three at Developing, four at Progressing, three at Spreading 0.30 All at Progressing 0.00",
        "these are shown: board and leaders; staff.",
        "the total of 22 is shown, and staff.",
    ):
        assert golden in page, golden


def test_each_result_leads_to_how_it_is_worked_out(lead, framework, browser):
    make_submitted(lead, framework)
    assert HOW in browser().get(RESULT).content.decode()


# Speed ----------------------------------------------------------------------------------------------------------------


def queries_of(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_a_result_costs_as_many_queries_for_200_raters_and_10_versions_as_for_one_of_each(lead, framework, browser):
    client = browser()
    assessment, _ = make_submitted(lead, framework, raters=1)
    few = queries_of(client, RESULT), queries_of(client, f"{RESULT}1/")
    for version in range(9):
        assessment.submissions.reopen(by=lead, reason=f"Reason {version}")
        submit(assessment, lead)
    assert (queries_of(client, RESULT), queries_of(client, f"{RESULT}1/")) == few
    agree(make_agreeing(lead, framework, raters=200, name="Spring 2027"), lead)
    preview = queries_of(client, RESULT.replace("/1/", "/2/"))
    submit(lead.organisation.assessments.get(number=2), lead)
    assert queries_of(client, RESULT.replace("/1/", "/2/")) == few[0]
    assert preview <= few[0] + 10


def test_the_list_of_rounds_costs_as_many_queries_with_two_shared_results_as_with_one(merged, successor, lead, framework):
    one = queries_of(successor, "/organisations/NEW1/assessments/")
    copy = merged.predecessor.assessments.get()
    submission = copy.submissions.get()
    data = json.loads(submission.snapshot)
    copy.pk, copy.number, copy._state.adding = None, 2, True
    copy.save()
    copy.submissions.create(reference="AB1-2026-2", version=1, snapshot=json.dumps(data), sha256="0" * 64, submitted_by=lead)
    assert queries_of(successor, "/organisations/NEW1/assessments/") == one


def test_evidence_of_the_tests_holds_what_it_is_to_show():
    assert [[href for _, href in line if href] for line in pieces(EVIDENCE)] == [
        ["https://example.org/survey?year=2026"],
        ["https://example.org/minutes_(may)"],
        [],
    ]
