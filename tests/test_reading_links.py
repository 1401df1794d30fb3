"""A link with an end: a lead makes it, sees it once and takes it back; whoever has it reads the submitted result and nothing else."""

import logging
import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import AuditEntry, Membership
from assessments.models import ReadingLink
from assessments.models.assessment import end_of
from impact_portal.logs import PrivateLinks
from tests.people import make_person
from tests.results import agree, make_agreeing, make_submitted
from tests.rounds import start_round, submit

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

LINKS = "/organisations/AB1/assessments/1/result/links/"


@pytest.fixture
def submitted(lead, framework):
    assessment, _ = make_submitted(lead, framework)
    return assessment


@pytest.fixture
def client_of_lead(lead):
    client = Client()
    client.force_login(lead)
    return client


def typed(who="Ann Ash, non-executive director", days=30, **changes):
    day = timezone.localdate() + timedelta(days=days)
    return {"who": who, "until_day": day.day, "until_month": day.month, "until_year": day.year, **changes}


def made(response):
    """The path of the link that a page shows."""
    return re.search(r"https?://[^/]+(/result/[\w-]{22}/)", response.content.decode())[1]


def make(assessment, lead, days=30):
    token = assessment.reading_links.make(by=lead, who="The board", until=timezone.localdate() + timedelta(days=days))
    return f"/result/{token}/"


# Making and taking back ----------------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_a_lead_makes_a_link_sees_it_once_and_finds_it_on_the_list(submitted, client_of_lead, text_of):
    response = client_of_lead.post(LINKS, typed())
    path = made(response)
    assert response["Cache-Control"] == "private, no-store"
    assert Client().get(path).status_code == 200
    page = client_of_lead.get(LINKS)
    assert "/result/" not in re.sub(r"/organisations/AB1/assessments/1/result/", "", page.content.decode())
    assert re.search(r"Ann Ash, non-executive director Made by Lee Lead, .* Works Take back", text_of(page))
    link = ReadingLink.objects.get()
    assert path.split("/")[2] not in link.token_hash and link.until == timezone.localdate() + timedelta(days=30)
    assert AuditEntry.objects.get(verb="made_reading_link").detail == {"round": 1, "until": link.until.isoformat()}


def test_the_form_offers_thirty_days(submitted, client_of_lead):
    page = client_of_lead.get(LINKS).content.decode()
    day = timezone.localdate() + timedelta(days=30)
    for part, value in (("day", day.day), ("month", day.month), ("year", day.year)):
        assert re.search(rf'name="until_{part}"[^>]*value="{value}"', page), part


@pytest.mark.both_databases
def test_a_link_taken_back_opens_nothing_at_once_and_stays_on_the_list(submitted, lead, client_of_lead, text_of):
    path = make(submitted, lead)
    address = f"{LINKS}{ReadingLink.objects.get().public_id}/revoke/"
    assert client_of_lead.get(address).status_code == 405
    for _ in range(2):
        assert client_of_lead.post(address).status_code == 302
    assert Client().get(path).status_code == 404
    page = text_of(client_of_lead.get(LINKS))
    assert "The link for The board no longer works." in page and "Taken back on" in page
    assert AuditEntry.objects.filter(verb="revoked_reading_link").count() == 1


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"who": " "}, "Enter who the link is for"),
        ({"who": "x" * 101}, "Enter 100 characters or fewer"),
        ({"who": "\x00"}, "Null characters are not allowed"),
        ({"until_day": ""}, "Enter a real date, such as 27 3 2027"),
        ({"until_day": "", "until_month": "", "until_year": ""}, "Enter the last day on which the link works"),
        ({"until_day": "31", "until_month": "2", "until_year": "2027"}, "Enter a real date"),
        ({"until_year": "9" * 30}, "Enter a real date"),
        ({"until_year": "2020"}, "The last day must be today or later"),
        ({"until_year": "2099"}, "The last day must be within a year from now"),
    ],
)
def test_what_cannot_be_is_named_and_makes_no_link(submitted, client_of_lead, text_of, changes, error):
    response = client_of_lead.post(LINKS, typed(**changes))
    assert response.status_code == 200 and error in text_of(response)
    assert not ReadingLink.objects.exists()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(["who", "until_day", "until_month", "until_year", "other"]), st.text(max_size=30)))
@pytest.mark.both_databases
def test_no_form_however_odd_is_an_error_of_ours(submitted, client_of_lead, fields):
    fields = {name: value.encode("utf-8", "ignore").decode() for name, value in fields.items()}
    assert client_of_lead.post(LINKS, fields).status_code == 200


@pytest.mark.parametrize("role", ["viewer", "contributor"])
def test_only_a_lead_makes_lists_or_takes_back_links(submitted, lead, role):
    make(submitted, lead)
    person = make_person(f"{role}@example.org")
    Membership.objects.create(user=person, organisation=lead.organisation, role=role)
    client = Client()
    client.force_login(person)
    assert client.get(LINKS).status_code == 403
    assert client.post(LINKS, typed()).status_code == 403
    assert client.post(f"{LINKS}{ReadingLink.objects.get().public_id}/revoke/").status_code == 403
    assert ReadingLink.objects.get().is_working


def test_the_link_of_another_round_is_not_found_under_this_one(submitted, lead, framework, client_of_lead):
    other = start_round(lead, framework, name="Spring 2027")
    other.reading_links.make(by=lead, who="Somebody", until=timezone.localdate())
    assert client_of_lead.post(f"{LINKS}{ReadingLink.objects.get().public_id}/revoke/").status_code == 404


@pytest.mark.parametrize("why", ["practice", "abandoned"])
def test_a_round_that_will_have_no_result_gets_no_link(lead, framework, client_of_lead, text_of, why):
    assessment = start_round(lead, framework, practice=why == "practice")
    if why == "abandoned":
        assessment.abandon(by=lead, reason="The wrong framework")
    assert "nothing to read by a link" in text_of(client_of_lead.post(LINKS, typed()))
    assert not ReadingLink.objects.exists()


# Reading --------------------------------------------------------------------------------------------------------------


def test_a_link_shows_the_submitted_result_and_leads_nowhere_into_the_organisation(submitted, lead, text_of):
    response = Client().get(make(submitted, lead))
    page, html = text_of(response), response.content.decode()
    assert "We talked about it for a while." in page and "Our Trust (AB1)" in page
    assert "/organisations/" not in html and "/your-work/" not in html and "Lee Lead" not in html


def test_nobody_keeps_a_copy_is_told_where_one_came_from_or_gets_a_cookie(submitted, lead):
    for path, status in ((make(submitted, lead), 200), (f"/result/{'a' * 22}/", 404)):
        response = Client().get(path)
        assert response.status_code == status
        assert response["Cache-Control"] == "private, no-store"
        assert response["Referrer-Policy"] == "no-referrer"
        assert response["X-Robots-Tag"] == "noindex" and '<meta name="robots" content="noindex">' in response.content.decode()
        assert not response.cookies and "Cookie" not in response.get("Vary", "")


@pytest.mark.both_databases
def test_a_link_works_to_the_end_of_its_last_day_and_no_longer(submitted, lead):
    path = make(submitted, lead, days=1)
    midnight = end_of(timezone.localdate() + timedelta(days=1))
    with time_machine.travel(midnight - timedelta(seconds=2)):
        assert Client().get(path).status_code == 200
    with time_machine.travel(midnight):
        assert Client().get(path).status_code == 404


def test_a_dead_link_of_any_kind_is_one_and_the_same_page(submitted, lead, text_of):
    ended, revoked = make(submitted, lead, days=-1), make(submitted, lead)
    ReadingLink.objects.order_by("pk").last().revoke(by=lead)
    pages = {re.sub(r"/result/[\w-]+/", "", Client().get(path).content.decode()) for path in (ended, revoked, f"/result/{'b' * 22}/")}
    assert len(pages) == 1
    assert "This link does not work" in pages.pop()


@pytest.mark.parametrize("token", ["a" * 21, "a" * 23, "a" * 21 + "%00", "a" * 21 + "é", "%ED%A0%80" + "a" * 19, "../" + "a" * 19])
@pytest.mark.both_databases
def test_what_cannot_be_a_token_is_not_found(token):
    assert Client().get(f"/result/{token}/").status_code == 404


def test_a_link_is_for_reading_and_takes_no_other_request(submitted, lead):
    path = make(submitted, lead)
    assert Client().post(path).status_code == 405
    assert Client(enforce_csrf_checks=True).post(path).status_code in (403, 405)
    assert Client().head(path).status_code == 200


def test_before_anything_is_submitted_a_link_says_so_and_shows_nothing_of_the_draft(lead, framework, text_of):
    assessment = make_agreeing(lead, framework)
    agree(assessment, lead, reason="Not yet for the board")
    page = text_of(Client().get(make(assessment, lead)))
    assert "There is no result yet" in page and "Not yet for the board" not in page and "Our Trust" not in page


def test_a_reopened_result_is_read_as_it_was_submitted_last(submitted, lead, text_of):
    path = make(submitted, lead)
    submitted.submissions.reopen(by=lead, reason="A figure was wrong")
    agree(submitted, lead, reason="The new words")
    page = text_of(Client().get(path))
    assert "The organisation has reopened this result: version 1 below stands" in page and "The new words" not in page
    submit(submitted, lead)
    page = text_of(Client().get(path))
    assert "The new words" in page and "reopened this result" not in page


@pytest.mark.both_databases
def test_a_link_reads_one_round_and_no_other(submitted, lead, framework, text_of):
    path = make(submitted, lead)
    later = make_agreeing(lead, framework, name="Spring 2027")
    agree(later, lead, reason="Of the later round")
    submit(later, lead)
    assert "Of the later round" not in text_of(Client().get(path))


def test_in_an_open_round_whoever_reads_by_a_link_sees_no_group_and_no_figure_for_fewer_than_five(lead, framework, text_of):
    assessment, _ = make_submitted(lead, framework, anonymous=False, raters=8)
    page = text_of(Client().get(make(assessment, lead)))
    assert "The groups are shown only to those who work on the self-assessment." in page
    assert "Board and executive" not in page
    assert all(int(count) >= 5 for count in re.findall(r"(\d+) (?:person|people) gave a level", page))


def test_reading_costs_two_queries_whoever_reads(submitted, lead):
    path = make(submitted, lead)
    Client().get(path)
    with CaptureQueriesContext(connection) as queries:
        Client().get(path)
    assert len(queries) == 2


# What is written down -------------------------------------------------------------------------------------------------


def test_the_token_stands_in_no_log_line(submitted, lead, caplog):
    path = make(submitted, lead)
    record = logging.LogRecord("django.server", logging.INFO, "", 0, '"%s" %s', (f"GET {path} HTTP/1.1", 200), None)
    PrivateLinks().filter(record)
    assert path.split("/")[2] not in record.getMessage() and "/result/[private]/" in record.getMessage()


def test_the_log_of_the_organisation_names_neither_the_link_nor_whom_it_is_for(submitted, lead, client_of_lead):
    client_of_lead.post(LINKS, typed())
    assert "Ann Ash" not in str(list(AuditEntry.objects.values_list("detail", flat=True)))


def test_the_list_of_links_costs_as_many_queries_for_nine_as_for_one(submitted, lead, client_of_lead):
    def queries():
        with CaptureQueriesContext(connection) as found:
            client_of_lead.get(LINKS)
        return len(found)

    make(submitted, lead)
    queries()
    one = queries()
    for _ in range(8):
        make(submitted, lead)
    assert queries() == one
