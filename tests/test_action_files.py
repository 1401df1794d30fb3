"""Actions to take away: CSV, a workbook, and a calendar by private link that dies when it should."""

import csv
import io
import logging
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from openpyxl import load_workbook

from accounts.cells import RISKY
from accounts.models import AuditEntry, Membership
from accounts.personal_data import export
from assessments.action_files import HEADINGS, as_csv, as_workbook, fields_of
from assessments.models import Action, ActionFeed, ActionNote
from impact_portal.logs import PrivateLinks, masked
from tests.people import browser_of, make_person
from tests.rounds import make_framework

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
LIST = "/organisations/AB1/actions/"


@pytest.fixture
def page(lead):
    return browser_of(lead)


@pytest.fixture
def member(lead):
    def make(role="contributor"):
        person = make_person(f"{role}@example.org", name=f"The {role}")
        person.membership = Membership.objects.create(user=person, organisation=lead.organisation, role=role)
        return person

    return make


@pytest.fixture
def action(lead):
    question = make_framework().questions.get(number="2.1")
    made = lead.organisation.actions.make(by=lead, title="Coach every ward manager", question=question, owner=lead, due_on=date(2026, 3, 31))
    made.note("First", by=lead)
    made.note("Second, with a comma\nand a line", by=lead)
    return made


def rows_of(response):
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


def sheets_of(content):
    book = load_workbook(io.BytesIO(content))
    return {sheet.title: list(sheet.iter_rows()) for sheet in book}


# CSV and Excel --------------------------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_the_csv_has_every_field_and_every_note(page, action):
    response = page.get(f"{LIST}actions.csv")
    assert response["Content-Disposition"] == 'attachment; filename="actions-AB1.csv"'
    assert response["Cache-Control"] == "private, no-store"
    assert response.content.startswith(b"\xef\xbb\xbf")
    (row,) = rows_of(response)
    assert (row["Action"], row["Question"], row["Who"], row["Due"], row["State"], row["Overdue"]) == (
        "Coach every ward manager", "2.1", "Lee Lead", "2026-03-31", "To do", "Overdue",
    )  # fmt: skip
    assert row["Notes"].count("Lee Lead") == 2
    assert "Second, with a comma\nand a line" in row["Notes"]
    assert row["Reference"] == str(action.public_id)


def test_the_workbook_has_a_row_for_each_action_and_each_note_and_dates_that_are_dates(page, action):
    sheets = sheets_of(page.get(f"{LIST}actions.xlsx").content)
    head, row = ([cell.value for cell in cells] for cells in sheets["Actions"])
    fields = dict(zip(head, row, strict=True))
    assert fields["Action"] == "Coach every ward manager"
    assert fields["Due"].date() == date(2026, 3, 31)
    assert fields["Notes"] == "2"
    assert [cells[4].value for cells in sheets["Notes"][1:]] == ["First", "Second, with a comma\nand a line"]


def test_no_field_of_an_action_is_left_out_of_the_headings(action):
    assert (*HEADINGS, "Reference") == tuple(fields_of(Action.objects.to_show().get()))


@pytest.mark.both_databases
def test_a_file_holds_what_the_address_asks_for_in_the_order_of_the_page(page, lead, action):
    lead.organisation.actions.make(by=lead, title="Later", due_on=date(2027, 1, 1))
    lead.organisation.actions.make(by=lead, title="Done", state="done")
    assert [row["Action"] for row in rows_of(page.get(f"{LIST}actions.csv"))] == ["Coach every ward manager", "Later"]
    assert [row["Action"] for row in rows_of(page.get(f"{LIST}actions.csv?due=overdue"))] == ["Coach every ward manager"]
    assert len(rows_of(page.get(f"{LIST}actions.csv?state=all"))) == 3
    assert [cells[0].value for cells in sheets_of(page.get(f"{LIST}actions.xlsx?state=done").content)["Actions"]] == ["Action", "Done"]


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "＝1+1", "_x0041_", 'O\'Brien & "co" <b>', "‮עברית", "a" * 200])
def test_what_somebody_typed_arrives_whole_and_is_never_computed(text, page, lead):
    action = lead.organisation.actions.make(by=lead, title=text, owner_name=text[:100])
    action.note(text, by=lead)
    (row,) = rows_of(page.get(f"{LIST}actions.csv"))
    assert row["Action"] == (f"'{text}" if text.startswith(RISKY) else text)
    assert not row["Notes"].startswith(RISKY)
    sheets = sheets_of(page.get(f"{LIST}actions.xlsx").content)
    typed = [sheets["Actions"][1][0], sheets["Actions"][1][4], sheets["Notes"][1][0], sheets["Notes"][1][4]]
    assert all(cell.data_type == "s" for cell in typed)
    if text != "_x0041_":  # openpyxl does not read the escape back; Excel does
        assert [cell.value for cell in typed] == [text, text[:100], text, text]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=300))
def test_no_text_breaks_a_file_or_makes_a_formula(lead, text):
    action = lead.organisation.actions.model(organisation=lead.organisation, title=text, owner_name=text, stopped_reason=text, state="todo")
    action.created_at = timezone.now()
    action.pk, action._prefetched_objects_cache = 1, {"notes": [ActionNote(action_id=1, text=text, at=timezone.now())]}
    for cells in csv.reader(io.StringIO(as_csv([action]).removeprefix("\ufeff"))):
        assert not any(cell.startswith(RISKY) for cell in cells)
    for rows in sheets_of(as_workbook([action])).values():
        assert all(cell.data_type != "f" for cells in rows for cell in cells)


def test_an_action_with_more_notes_than_a_cell_can_hold_is_whole_in_the_workbook(page, lead, action):
    for n in range(10):
        action.note(f"{n}" + "a" * 4999, by=lead)
    sheets = sheets_of(page.get(f"{LIST}actions.xlsx").content)
    assert sum(len(cells[4].value) for cells in sheets["Notes"][1:]) > 32_767


# The calendar ---------------------------------------------------------------------------------------------------------


def make_link(client, what="all"):
    """Press the button; the path of the link that is shown."""
    from re import search

    response = client.post(f"{LIST}calendar/", {"what": what})
    return search(r'value="http://127\.0\.0\.1:8000(/actions/[\w-]{22}\.ics)"', response.content.decode())[1]


def events_of(path):
    response = Client().get(path)
    assert response.status_code == 200
    return list(Calendar.from_ical(response.content).walk("VEVENT"))


def test_a_calendar_has_an_all_day_event_on_each_due_date_of_what_is_still_to_be_done(page, lead, action):
    lead.organisation.actions.make(by=lead, title="No day")
    lead.organisation.actions.make(by=lead, title="Done", due_on=date(2026, 3, 31), state="done")
    (event,) = events_of(make_link(page))
    assert event["summary"] == "Coach every ward manager"
    assert (event["dtstart"].dt, event["dtend"].dt) == (date(2026, 3, 31), date(2026, 4, 1))
    assert event["uid"] == f"{action.public_id}@127.0.0.1"
    assert event["transp"] == "TRANSPARENT"
    assert event["url"] == f"http://127.0.0.1:8000{LIST}{action.public_id}/"
    assert "Who: Lee Lead" in event["description"]


def test_an_event_keeps_its_uid_and_counts_its_changes(page, lead, action):
    path = make_link(page)
    before = events_of(path)[0]
    Action.objects.update(title="Another title", due_on=date(2027, 1, 1), version=3)
    after = events_of(path)[0]
    assert after["uid"] == before["uid"]
    assert (before["sequence"], after["sequence"]) == (0, 2)


def test_text_in_a_calendar_is_escaped(page, lead):
    title = "One; two, three\\n BEGIN:VEVENT ünïcode “quoted”"
    lead.organisation.actions.make(by=lead, title=title, owner_name="A, B; C", due_on=date(2027, 1, 1))
    (event,) = events_of(make_link(page))
    assert event["summary"] == title
    assert "Who: A, B; C" in event["description"]


@pytest.mark.both_databases
def test_a_calendar_of_one_s_own_holds_nobody_else_s(page, lead, action, member):
    other = member()
    theirs = make_link(browser_of(other), "mine")
    assert events_of(theirs) == []
    Action.objects.update(owner=other)
    assert len(events_of(theirs)) == 1
    assert events_of(make_link(page, "mine")) == []


@pytest.mark.both_databases
def test_the_link_is_shown_once_and_only_its_hash_is_kept(page, action):
    token = make_link(page).removeprefix("/actions/").removesuffix(".ics")
    assert token.encode() not in page.get(f"{LIST}calendar/").content
    assert len(token) == 22
    assert token not in str(ActionFeed.objects.values())


def is_dead(path):
    """Answers as an unknown link does, in every byte and header."""
    dead, unknown = Client().get(path), Client().get("/actions/" + "x" * 22 + ".ics")
    assert dead.status_code == unknown.status_code
    assert (dead.content, dict(dead.headers)) == (unknown.content, dict(unknown.headers))
    return dead.status_code == 404


@pytest.mark.both_databases
def test_a_new_link_ends_the_old_one_and_revoking_ends_both(page, action):
    old = make_link(page)
    new = make_link(page)
    assert is_dead(old)
    assert not is_dead_quietly(new)
    page.post(f"{LIST}calendar/revoke/")
    assert is_dead(new)
    page.post(f"{LIST}calendar/revoke/")  # twice is once
    verbs = list(AuditEntry.objects.filter(verb__endswith="action_feed").order_by("pk").values_list("verb", flat=True))
    assert verbs == ["made_action_feed", "made_action_feed", "revoked_action_feed"]


def is_dead_quietly(path):
    return Client().get(path).status_code == 404


@pytest.mark.both_databases
def test_a_link_dies_with_the_membership_the_person_and_the_role(member, action):
    person = member()
    path = make_link(browser_of(person))
    membership = person.membership
    for change in ({"ends_on": timezone.localdate() - timedelta(days=1)}, {"role": "viewer"}):
        before = {name: getattr(membership, name) for name in change}
        Membership.objects.filter(pk=membership.pk).update(**change)
        assert is_dead(path), change
        Membership.objects.filter(pk=membership.pk).update(**before)
        assert not is_dead_quietly(path)
    person.is_active = False
    person.save()
    assert is_dead(path)
    person.is_active = True
    person.save()
    membership.remove(by=person)
    assert is_dead(path)
    Membership.objects.create(user=person, organisation=membership.organisation, role="contributor")
    assert is_dead(path)  # who comes back makes a new one
    assert not ActionFeed.objects.exists()


def test_a_link_is_handed_out_without_its_secret_and_dies_when_its_maker_is_erased(member, action):
    from django.core.management import call_command

    person = member()
    path = make_link(browser_of(person))
    held = export(person)
    assert any("feed" in name for name in held)
    assert "token_hash" not in str(held)
    call_command("erase_person", person.email, yes=True)
    assert is_dead(path)
    assert not ActionFeed.objects.exists()


def test_a_calendar_is_kept_by_nobody_and_sets_no_cookie(page, action):
    response = Client().get(make_link(page))
    assert response["Cache-Control"] == "private, no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert not response.cookies


@pytest.mark.parametrize(
    "path", ["/actions/short.ics", "/actions/" + "x" * 23 + ".ics", "/actions/%00" + "x" * 21 + ".ics", "/actions/" + "🙂" * 22 + ".ics", "/actions/.ics"]
)
@pytest.mark.both_databases
def test_a_link_that_cannot_be_one_is_no_page(path):
    assert Client().get(path).status_code == 404


def test_a_calendar_asks_the_same_of_the_database_for_one_action_and_for_two_hundred(page, lead, action, django_assert_num_queries):
    path = make_link(page)
    with CaptureQueriesContext(connection) as one:
        events_of(path)
    assert len(one) <= 3
    for n in range(199):
        lead.organisation.actions.make(by=lead, title=f"Action {n}", owner=lead, question=action.question, due_on=date(2027, 1, 1))
    with django_assert_num_queries(len(one)):
        assert len(events_of(path)) == 200


@pytest.mark.parametrize("what", ["", "\x00", "everything", "1e3"])
def test_a_choice_that_is_none_makes_no_link(what, page, text_of):
    assert "Select which actions the calendar shows" in text_of(page.post(f"{LIST}calendar/", {"what": what}))
    assert not ActionFeed.objects.exists()


# The log --------------------------------------------------------------------------------------------------------------

TOKEN = "Ab3_-" + "x" * 17


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (f'"GET /actions/{TOKEN}.ics HTTP/1.1" 200', '"GET /actions/[private] HTTP/1.1" 200'),
        (f"Not Found: /actions/stop/{TOKEN}/", "Not Found: /actions/stop/[private]/"),
        (f"https://portal.example/actions/{TOKEN}.ics?x=1", "https://portal.example/actions/[private]?x=1"),
    ],
)
def test_the_private_links_of_actions_are_masked_in_the_log(line, shown):
    assert masked(line) == shown
    record = logging.LogRecord("django.server", logging.INFO, __file__, 1, "%s", (line,), None)
    PrivateLinks().filter(record)
    assert TOKEN not in record.getMessage()


def test_other_addresses_of_actions_are_logged_as_they_are(action):
    for path in (LIST, f"{LIST}{action.public_id}/change/", f"{LIST}calendar/", f"{LIST}actions.csv"):
        assert masked(path) == path
