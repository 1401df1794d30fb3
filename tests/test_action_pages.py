"""Actions as pages: the list and its filters, adding, changing, noting, and two people who do so at once."""

import re
import uuid
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, Membership
from assessments.models import Action
from tests.people import browser_of, make_person
from tests.rounds import make_framework, make_lead, make_rated_round, start_round, submit

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
LIST = "/organisations/AB1/actions/"


@pytest.fixture
def member(lead):
    """Make somebody who belongs to the lead's organisation."""

    def make(role="contributor", email=None, name=None, **fields):
        person = make_person(email or f"{role}@example.org", name=name or f"The {role}")
        person.membership = Membership.objects.create(user=person, organisation=lead.organisation, role=role, **fields)
        return person

    return make


@pytest.fixture
def page(lead):
    """The lead's browser."""
    return browser_of(lead)


@pytest.fixture
def action(lead, framework):
    question = framework.questions.get(number="2.1")
    return lead.organisation.actions.make(
        by=lead, title="Coach every ward manager", question=question, owner=lead, due_on=timezone.localdate() + timedelta(days=5)
    )


def in_days(days):
    return timezone.localdate() + timedelta(days=days)


def sent(title="Go and see", **changes):
    """What the form for a new action sends."""
    day = changes.pop("due_on", None)
    parts = {"due_on_day": day.day, "due_on_month": day.month, "due_on_year": day.year} if day else {"due_on_day": "", "due_on_month": "", "due_on_year": ""}
    return {"title": title, "question": "", "owner": "", "owner_name": "", "state": "todo", "key": str(uuid.uuid4()), **parts, **changes}


def change(action, **changes):
    """What the form to change an action sends, opened when the action stood as it stands in memory."""
    as_it_stood = {
        "title": action.title,
        "question": action.question.number if action.question else "",
        "owner": str(action.owner.public_id) if action.owner else "",
        "owner_name": action.owner_name,
        "due_on": action.due_on,
        "state": action.state,
        "stopped_reason": action.stopped_reason,
        "version": str(action.version),
    }
    return sent(**{**as_it_stood, **changes})


def address(action, rest=""):
    return f"{LIST}{action.public_id}/{rest}"


# The list -------------------------------------------------------------------------------------------------------------


def test_a_list_without_actions_says_what_to_do(page, text_of):
    response = page.get(LIST)
    assert "There are none yet" in text_of(response)
    assert f"{LIST}add/".encode() in response.content


@pytest.mark.both_databases
def test_the_list_groups_by_question_says_who_and_when_and_shows_the_last_note(page, lead, action, framework, text_of):
    lead.organisation.actions.make(by=lead, title="Share stories", question=framework.questions.get(number="1.1"), owner_name="Head of communications")
    action.note("Six of twenty are coached", by=lead)
    words = text_of(page.get(LIST))
    assert words.index("1.1 Title 1.1") < words.index("Share stories") < words.index("Head of communications") < words.index("2.1 Title 2.1")
    assert "Lee Lead: Six of twenty are coached" in words
    assert "No due date" in words


def test_overdue_is_said_in_words_and_a_lead_is_told_how_many(page, lead, action, member, text_of):
    Action.objects.update(due_on=date(2026, 3, 1))
    words = text_of(page.get(LIST))
    assert "1 action is overdue." in words
    assert "Overdue: was due on 1 March 2026" in words
    others = text_of(browser_of(member()).get(LIST))
    assert "1 action is overdue." not in others
    assert "Overdue: was due on 1 March 2026" in others


def test_done_and_stopped_actions_stand_behind_a_link(page, lead, action, text_of):
    Action.objects.update(state="stopped", stopped_reason="No money this year")
    words = text_of(page.get(LIST))
    assert "Coach every ward manager" not in words
    assert "See what has ended: 1 stopped" in words
    ended = text_of(page.get(f"{LIST}?state=ended"))
    assert "Coach every ward manager" in ended
    assert "Why: No money this year" in ended


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("question=2.1", {"A"}),
        ("question=2", {"A", "B"}),
        ("component=2", {"A", "B"}),
        ("question=none", {"D"}),
        ("owner=me", {"A"}),
        ("owner=nobody", {"D"}),
        ("owner=name:Somebody", {"B"}),
        ("due=overdue", {"B"}),
        ("due=soon", {"A"}),
        ("due=later", {"C"}),
        ("due=none", {"D"}),
        ("state=doing", {"C"}),
        ("state=done", {"E"}),
        ("state=all", {"A", "B", "C", "D", "E"}),
        ("question=2&due=overdue", {"B"}),
        ("question=9.9", set()),
        ("owner=00000000-0000-0000-0000-000000000001", set()),
    ],
)
@pytest.mark.both_databases
def test_filters_live_in_the_address(query, found, page, lead, member):
    framework, other = make_framework("four", ("1.1", "2.1", "2.2", "5.4")), member("contributor", name="Con")
    by_number = {question.number: question for question in framework.questions.all()}
    make = lead.organisation.actions.make
    make(by=lead, title="A", question=by_number["2.1"], owner=lead, due_on=in_days(14))
    make(by=lead, title="B", question=by_number["2.2"], owner_name="Somebody", due_on=in_days(-1))
    make(by=lead, title="C", question=by_number["1.1"], owner=other, due_on=in_days(15), state="doing")
    make(by=lead, title="D")
    make(by=lead, title="E", question=by_number["5.4"], owner=other, state="done")
    for by in ("", "owner", "due", "state"):
        response = page.get(f"{LIST}?{query}&by={by}")
        assert {title.decode() for title in re.findall(rb'app-resource__title"><a [^>]*>([A-E])</a>', response.content)} == found


def test_each_filter_in_use_is_named_and_can_be_taken_away(page, action, text_of):
    response = page.get(f"{LIST}?owner=me&due=soon&by=due")
    assert "Remove filter Who: You ×" in text_of(response)
    assert f'href="{LIST}?due=soon&amp;by=due"' in response.content.decode()
    assert "Remove filter Question: 9.9" in text_of(page.get(f"{LIST}?question=9.9"))


def test_the_filters_stay_chosen_and_say_how_much_each_would_find(page, action, text_of):
    html = page.get(f"{LIST}?owner=me&by=due").content.decode()
    assert '<option value="me" selected>You (1)</option>' in html
    assert '<option value="due" selected>Due date</option>' in html
    assert '<option value="2.1">2.1 Title 2.1 (1)</option>' in html


@pytest.mark.parametrize(
    "query",
    [
        "question=%00",
        "question=" + "9" * 400,
        "owner=%00%00",
        "owner=" + "a" * 5000,
        "due=%FF%FE",
        "state=1e3",
        "by=🙂",
        "question=2.1&question=%00",
        "page=9" * 90,
        "component=" + "1" * 31,
    ],
)
@pytest.mark.both_databases
def test_odd_filters_are_a_plain_page(query, page, action):
    for ending in ("", "actions.csv", "actions.xlsx"):
        assert page.get(f"{LIST}{ending}?{query}").status_code == 200


def test_the_list_asks_the_same_of_the_database_for_one_action_and_for_two_hundred(page, lead, framework, django_assert_num_queries):
    def add(number):
        for n in range(number):
            made = lead.organisation.actions.make(by=lead, title=f"Action {n}", question=framework.questions.all()[n % 4], owner=lead)
            made.note(f"Note {n}", by=lead)

    add(1)
    for ending in ("", "?by=owner", "actions.csv", "actions.xlsx"):
        page.get(LIST + ending)
    counts = {}
    for ending in ("", "?by=owner", "actions.csv", "actions.xlsx"):
        with CaptureQueriesContext(connection) as asked:
            page.get(LIST + ending)
        counts[ending] = len(asked)
        assert len(asked) <= 15
    add(199)
    for ending, number in counts.items():
        with django_assert_num_queries(number):
            page.get(LIST + ending)


# Who may --------------------------------------------------------------------------------------------------------------


def test_a_contributor_reads_and_changes_and_a_viewer_does_neither(action, member):
    contributor, viewer = browser_of(member("contributor")), browser_of(member("viewer"))
    for ending in ("", "add/", f"{action.public_id}/", f"{action.public_id}/change/", "actions.csv", "actions.xlsx", "calendar/"):
        assert contributor.get(LIST + ending).status_code == 200, ending
        assert viewer.get(LIST + ending).status_code == 403, ending
    assert viewer.post(f"{LIST}add/", sent()).status_code == 403
    assert contributor.post(f"{LIST}add/", sent()).status_code == 302
    assert Action.objects.count() == 2


def test_a_closed_organisation_is_read_and_not_changed(page, lead, action):
    lead.organisation.closed = in_days(-1)
    lead.organisation.save()
    assert page.get(LIST).status_code == 200
    assert b"Add the note" not in page.get(address(action)).content
    assert page.get(f"{LIST}add/").status_code == 403
    response = page.post(address(action), {"text": "Too late"})
    assert response.status_code == 403
    assert b"Too late" in response.content
    assert page.post(f"{LIST}calendar/", {"what": "all"}).status_code == 403
    assert not action.notes.exists()


def test_an_action_of_another_organisation_does_not_exist(action):
    other = make_lead("CD1", "Their Trust", "other@example.org")
    stranger = browser_of(other)
    for ending in ("", "change/"):
        assert stranger.get(f"/organisations/CD1/actions/{action.public_id}/{ending}").status_code == 404
        assert stranger.post(f"/organisations/CD1/actions/{action.public_id}/{ending}", {"text": "x"}).status_code == 404


def test_whoever_lost_the_right_to_save_gets_back_what_they_typed(action, member, text_of):
    person = member()
    client = browser_of(person)
    person.membership.role = "viewer"
    person.membership.save()
    response = client.post(address(action, "change/"), change(action, title="A long thought", due_on=date(2027, 3, 31)))
    assert response.status_code == 403
    assert "A long thought" in text_of(response)
    assert "31/03/2027" in text_of(response)


# Adding ---------------------------------------------------------------------------------------------------------------


def test_an_action_is_added_by_hand(page, lead, framework):
    response = page.post(f"{LIST}add/", sent(question="2.1", owner=str(lead.public_id), due_on=date(2027, 3, 31)), follow=True)
    assert b"The action is added." in response.content
    made = Action.objects.get()
    assert (made.title, made.question.number, made.owner, made.due_on, made.assessment) == ("Go and see", "2.1", lead, date(2027, 3, 31), None)
    assert made.organisation == lead.organisation


@pytest.mark.both_databases
def test_a_form_sent_twice_makes_one_action(page, lead):
    form = sent()
    for _ in range(3):
        page.post(f"{LIST}add/", form)
    assert Action.objects.count() == 1
    assert AuditEntry.objects.filter(verb="added_action").count() == 1


@pytest.mark.both_databases
def test_a_key_that_is_the_number_of_a_foreign_action_reveals_and_takes_nothing(page, lead):
    other = make_lead("CD1", "Their Trust", "other@example.org")
    theirs = other.organisation.actions.make(by=other, title="Theirs")
    assert page.post(f"{LIST}add/", sent(key=str(theirs.public_id))).status_code == 302
    assert lead.organisation.actions.get().public_id != theirs.public_id
    assert other.organisation.actions.get() == theirs


def agreeing_round(lead, framework, **rest):
    assessment = make_rated_round(lead, framework, {"Staff": [["3"] * 4] * 5}, **rest)
    assessment.begin_agreeing(by=lead)
    assessment.answers.accept_where_close(by=lead)
    return assessment


def test_an_action_from_a_question_begins_with_the_words_of_the_next_level(page, lead, framework):
    assessment = agreeing_round(lead, framework)
    here = f"{LIST}add/?round={assessment.number}&question=2.1"
    html = page.get(here).content.decode()
    assert ">2.1 at level 4</textarea>" in html
    assert "Spreading" in html
    assert '<option value="2.1" selected>' in html
    page.post(here, sent("2.1 at level 4", question="2.1"))
    made = Action.objects.get()
    assert (made.assessment, made.question.number) == (assessment, "2.1")


def test_the_highest_level_and_an_open_answer_suggest_no_words(page, lead, framework):
    assessment = agreeing_round(lead, framework)
    assessment.answers.update(level=5)
    for level in (5, None):
        assessment.answers.update(level=level)
        assert page.get(f"{LIST}add/?round=1&question=2.1").context_data["form"]["title"].value() == ""


@pytest.mark.parametrize("query", ["round=9&question=2.1", "round=" + "9" * 40, "round=%00", "round=-1", "round=１", "round=1e3&question=%00"])
def test_a_round_that_is_not_theirs_is_refused_in_words(query, page, lead, framework, text_of):
    other = make_lead("CD1", "Their Trust", "other@example.org")
    for _ in range(9):
        start_round(other, framework).abandon(by=other, reason="No")
    assert "not one of this organisation" in text_of(page.get(f"{LIST}add/?{query}"))
    response = page.post(f"{LIST}add/?{query}", sent("Kept words"))
    assert "not one of this organisation" in text_of(response)
    assert ">Kept words</textarea>" in response.content.decode()
    assert not Action.objects.exists()
    assert f'action="{LIST}add/"' in response.content.decode()  # sent again, it comes from no round


def test_a_practice_round_makes_no_action(page, lead, framework, text_of):
    assessment = start_round(lead, framework, practice=True)
    response = page.post(f"{LIST}add/?round={assessment.number}&question=2.1", sent())
    assert "practice round" in text_of(response)
    assert not Action.objects.exists()


@pytest.mark.both_databases
def test_a_question_that_is_not_of_the_round_is_said_to_be_none(page, lead, framework, text_of):
    agreeing_round(lead, framework)
    assert "not one of that round" in text_of(page.get(f"{LIST}add/?round=1&question=9.9"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": ""}, "Enter what will be done"),
        ({"title": "a" * 201}, "200 characters or fewer"),
        ({"question": "9.9"}, "Select a question from the list"),
        ({"owner": "00000000-0000-0000-0000-000000000001"}, "Select a member from the list"),
        ({"owner_name": "a" * 101}, "100 characters or fewer"),
        ({"state": "stopped"}, "Select how it stands"),
        ({"state": ""}, "Select how it stands"),
        ({"due_on_day": "31", "due_on_month": "2", "due_on_year": "2027"}, "Enter a real date"),
        ({"due_on_day": "1", "due_on_month": "1", "due_on_year": "9" * 30}, "Enter a real date"),
        ({"due_on_day": "1", "due_on_month": "1", "due_on_year": "1"}, "Enter a due date between 2020 and 20 years from now"),
        ({"due_on_day": "\x00", "due_on_month": "1e3", "due_on_year": "🙂"}, "Enter a real date"),
    ],
)
@pytest.mark.both_databases
def test_what_will_not_do_is_refused_in_words_and_comes_back(changes, words, page, framework, text_of):
    response = page.post(f"{LIST}add/", sent(**{"title": "Kept words", **changes}))
    assert response.status_code == 200
    assert words in text_of(response)
    assert "title" in changes or ">Kept words</textarea>" in response.content.decode()
    assert not Action.objects.exists()


def test_a_member_and_a_name_at_once_are_refused(page, lead, text_of):
    response = page.post(f"{LIST}add/", sent(owner=str(lead.public_id), owner_name="Somebody"))
    assert "Select a member or enter a name, not both" in text_of(response)


def test_only_those_who_can_open_an_action_can_be_given_one(page, lead, member, text_of):
    people = [
        member("viewer", name="Vic Viewer"),
        member("contributor", "left@example.org", "Lou Left", ends_on=in_days(-1)),
        make_lead("CD1", "Their Trust", "other@example.org"),
    ]
    disabled = member("contributor", "disabled@example.org", "Dis Abled")
    disabled.is_active = False
    disabled.save()
    html = page.get(f"{LIST}add/").content.decode()
    for person in [*people, disabled]:
        assert str(person.public_id) not in html
        response = page.post(f"{LIST}add/", sent(owner=str(person.public_id)))
        assert "Select a member from the list" in text_of(response)
    assert not Action.objects.exists()


@pytest.mark.both_databases
def test_text_that_no_database_holds_is_kept_without_it(page):
    page.post(f"{LIST}add/", sent("One\x00 \r\n two\x07", owner_name="\x00Some\x0bbody"))
    made = Action.objects.get()
    assert (made.title, made.owner_name) == ("One two", "Somebody")


@pytest.mark.both_databases
def test_a_thousand_fields_are_read_or_refused_and_never_a_fault(page):
    assert page.post(f"{LIST}add/", {**sent(), **{f"field-{n}": "x" for n in range(900)}}).status_code == 302
    assert page.post(f"{LIST}add/", {**sent(), **{f"field-{n}": "x" for n in range(1100)}}).status_code == 400


# Changing -------------------------------------------------------------------------------------------------------------


def test_an_action_is_changed_and_done(page, action):
    page.post(address(action, "change/"), change(action, state="done", owner="", owner_name="Ward 7"))
    saved = Action.objects.get()
    assert (saved.state, saved.owner, saved.owner_name, saved.finished_on, saved.version) == ("done", None, "Ward 7", timezone.localdate(), 2)


@pytest.mark.both_databases
def test_two_people_who_change_one_action_see_both_texts_and_nothing_is_lost(page, action, member, text_of):
    theirs, mine = change(action, title="Theirs", state="doing"), change(action, title="Mine", due_on=date(2027, 3, 31))
    browser_of(member()).post(address(action, "change/"), theirs)
    response = page.post(address(action, "change/"), mine)
    assert response.status_code == 409
    words = text_of(response)
    for text in ("Somebody else has saved this action", "Theirs", "Mine", "To do", "Doing", "31 March 2027", "The same in both: question it serves"):
        assert text in words
    html = response.content.decode()
    assert ">Mine</textarea>" in html
    assert 'name="due_on_year" type="text" value="2027"' in html or 'value="2027"' in html
    assert Action.objects.get().title == "Theirs"
    version = re.search(r'name="version" value="(\d+)"', html)[1]
    page.post(address(action, "change/"), {**mine, "version": version})
    assert Action.objects.get().title == "Mine"


@pytest.mark.both_databases
def test_the_same_change_sent_twice_is_saved_once(page, action):
    form = change(action, title="Once")
    for _ in range(2):
        assert page.post(address(action, "change/"), form).status_code == 302
    assert Action.objects.get().version == 2


@pytest.mark.parametrize("version", ["", "0", "9" * 40, "-1", "1e3", "１", "\x00", "abc"])
@pytest.mark.both_databases
def test_a_version_that_was_tampered_with_overwrites_nothing(version, page, action):
    assert page.post(address(action, "change/"), change(action, title="Sneaky", version=version)).status_code == 409
    assert Action.objects.get().title == "Coach every ward manager"


def test_stopping_needs_a_reason_and_taking_up_again_keeps_it_as_a_note(page, action, text_of):
    here = address(action, "change/")
    assert "Enter why it was stopped" in text_of(page.post(here, change(action, state="stopped")))
    page.post(here, change(action, state="stopped", stopped_reason="No money"))
    stopped = Action.objects.get()
    assert (stopped.state, stopped.stopped_reason, stopped.finished_on) == ("stopped", "No money", timezone.localdate())
    page.post(here, change(stopped, state="doing"))
    again = Action.objects.get()
    assert (again.state, again.stopped_reason, again.finished_on) == ("doing", "", None)
    assert again.notes.get().text == "Taken up again. It had been stopped: No money"


def test_a_reason_for_stopping_what_is_not_stopped_is_not_thrown_away(page, action, text_of):
    response = page.post(address(action, "change/"), change(action, stopped_reason="Because of winter"))
    assert "Select “Stopped”, or clear the box" in text_of(response)
    assert "Because of winter" in text_of(response)


def test_an_owner_who_has_left_stays_until_somebody_else_is_chosen(page, action, member):
    person = member("contributor", name="Lou Left")
    Action.objects.update(owner=person)
    person.membership.delete()
    action.refresh_from_db()
    page.post(address(action, "change/"), change(action, title="Still theirs"))
    assert Action.objects.get().owner == person
    action.refresh_from_db()
    page.post(address(action, "change/"), change(action, owner=""))
    action.refresh_from_db()
    assert b"Select a member from the list" in page.post(address(action, "change/"), change(action, owner=str(person.public_id))).content


def test_an_action_keeps_the_question_of_an_older_framework(page, action):
    make_framework("newer", ("1.1", "3.3"))
    action.refresh_from_db()
    page.post(address(action, "change/"), change(action, state="doing"))
    assert Action.objects.get().question.framework.slug == "small"


# Notes ----------------------------------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_a_note_is_added_with_who_and_when_once_and_is_in_the_log(page, lead, action, text_of):
    for _ in range(2):
        page.post(address(action), {"text": " Six are coached\r\nand two to come "})
    note = action.notes.get()
    assert (note.text, note.by) == ("Six are coached\nand two to come", lead)
    words = text_of(page.get(address(action)))
    assert "1 note" in words
    assert "Lee Lead Six are coached" in words
    assert AuditEntry.objects.filter(verb="noted_action").count() == 1


@pytest.mark.parametrize(("text", "words"), [("", "Enter a note"), (" \x00 ", "Enter a note"), ("a" * 5001, "5,000 characters or fewer")])
def test_a_note_that_will_not_do_comes_back(text, words, page, action, text_of):
    response = page.post(address(action), {"text": text})
    assert words in text_of(response)
    assert not action.notes.exists()


def test_what_is_typed_is_shown_as_text(page, action):
    page.post(address(action), {"text": "<script>alert(1)</script>"})
    for here in (LIST, address(action)):
        assert b"<script>alert" not in page.get(here).content


# Evidence for the next round ------------------------------------------------------------------------------------------


@pytest.fixture
def two_rounds(lead, framework):
    """A round that was submitted, and the next in which people agree."""
    first = agreeing_round(lead, framework, name="First")
    submit(first, lead)
    return first, agreeing_round(lead, framework, name="Second")


@pytest.mark.both_databases
def test_the_next_round_is_shown_what_was_done_since_the_last(lead, framework, two_rounds):
    first, second = two_rounds
    actions, question = lead.organisation.actions, framework.questions.get(number="2.1")
    done = actions.make(by=lead, title="Done since", question=question, assessment=first, state="done", finished_on=timezone.localdate())
    open_still = actions.make(by=lead, title="Open still", question=question)
    actions.make(by=lead, title="Done before", question=question, state="done", finished_on=in_days(-400))
    actions.make(by=lead, title="Of this round", question=question, assessment=second)
    other = actions.make(by=lead, title="Another question", question=framework.questions.get(number="1.1"))
    assert set(actions.before_round(second).for_question(question)) == {done, open_still}
    found = actions.before_round(second).by_question()
    assert found[question.component_id, "2.1"] == [done, open_still]
    assert found[other.question.component_id, "1.1"] == [other]
    assert len(found) == 2


def test_without_an_earlier_result_all_that_was_done_by_hand_counts(lead, framework, action):
    assert list(lead.organisation.actions.before_round(start_round(lead, framework))) == [action]


def test_the_same_question_of_another_edition_finds_its_actions(lead, action):
    newer = make_framework("newer")
    assert lead.organisation.actions.for_question(newer.questions.get(number="2.1")).get() == action


def test_what_was_done_for_a_whole_round_asks_the_database_as_much_for_one_as_for_fifty(lead, framework, two_rounds, django_assert_num_queries):
    actions, second = lead.organisation.actions, two_rounds[1]
    for number in (1, 49):
        for n in range(number):
            actions.make(by=lead, title=f"Action {n}", question=framework.questions.all()[n % 4], owner=lead).note(f"Note {n}", by=lead)
        with django_assert_num_queries(3):
            assert all(action.last_note.by == lead and action.whose for rows in actions.before_round(second).by_question().values() for action in rows)


def test_the_evidence_says_state_day_and_last_note(lead, framework, action):
    from django.template import engines

    action.note("Older", by=lead)
    action.note("All twenty are coached", by=lead)
    Action.objects.update(state="done", finished_on=date(2026, 11, 3))
    rows = lead.organisation.actions.for_question(action.question).to_show()
    source = '{% import "assessments/action_evidence.jinja" as actions %}{{ actions.what_was_done(rows, "AB1") }}'
    html = engines["jinja2"].from_string(source).render({"rows": rows})
    assert "Done on 3 November 2026" in html
    assert "All twenty are coached" in html
    assert "Older" not in html
    assert address(action) in html
    assert engines["jinja2"].from_string(source).render({"rows": []}).strip() == ""


# People who go, and where else actions stand --------------------------------------------------------------------------


@pytest.mark.both_databases
def test_an_erased_owner_has_no_name_anywhere(page, action, member, text_of):
    person = member("contributor", name="Erin Erased")
    action.note("I saw to it", by=person)
    Action.objects.update(owner=person)
    call_command("erase_person", person.email, yes=True)
    for here in (LIST, address(action), address(action, "change/"), f"{LIST}actions.csv"):
        words = text_of(page.get(here))
        assert "Erin" not in words
        assert "A person who has been erased" in words
    assert Action.objects.get().whose.startswith("A person who has been erased")


def test_the_organisation_s_page_leads_to_its_actions_but_not_a_viewer(page, member):
    assert f'href="{LIST}"'.encode() in page.get("/organisations/AB1/").content
    assert LIST.encode() not in browser_of(member("viewer")).get("/organisations/AB1/").content


def test_your_work_counts_the_actions_that_one_sees_to(lead, action, text_of, django_assert_num_queries):
    make_second = make_lead("CD1", "Their Trust", "other@example.org")
    Membership.objects.create(user=lead, organisation=make_second.organisation, role="contributor")
    client = browser_of(lead)
    client.get("/your-work/")
    with CaptureQueriesContext(connection) as one:
        assert "1 action of Our Trust" in text_of(client.get("/your-work/"))
    make_second.organisation.actions.make(by=lead, title="Late", owner=lead, due_on=in_days(-1))
    make_second.organisation.actions.make(by=lead, title="Done", owner=lead, state="done")
    make_second.organisation.actions.make(by=lead, title="Not mine", owner=make_second)
    with django_assert_num_queries(len(one)):
        assert "1 action of Their Trust, 1 overdue" in text_of(client.get("/your-work/"))


def test_a_viewer_is_not_told_of_actions_that_they_cannot_open(action, member, text_of):
    person = member("viewer")
    Action.objects.update(owner=person)
    other = make_lead("CD1", "Their Trust", "other@example.org")
    Membership.objects.create(user=person, organisation=other.organisation, role="viewer")
    assert "Actions that you see to" not in text_of(browser_of(person).get("/your-work/"))


def test_the_addresses_that_colleagues_link_to():
    assert reverse("assessments:action_add", args=["AB1"]) == f"{LIST}add/"


@pytest.mark.both_databases
def test_the_model_keeps_a_form_sent_twice_once_and_a_blank_note_out(lead, action):
    key = uuid.uuid4()
    actions = lead.organisation.actions
    assert actions.make(by=lead, title="One", key=key) == actions.make(by=lead, title="One", key=key)
    with pytest.raises(ValidationError):
        action.note("  ", by=lead)


# From a gap to an action, and back as evidence ------------------------------------------------------------------------


def test_a_priority_leads_to_an_action_and_shows_those_it_has(lead, framework, page, text_of):
    assessment = make_rated_round(lead, framework, {"Staff": [["3"] * 4] * 5})
    assessment.begin_agreeing(by=lead)
    assessment.answers.accept_where_close(by=lead)
    assessment.answers.set_priorities(["2.1"], by=lead)
    here = f"/organisations/AB1/assessments/{assessment.number}/priorities/"
    link = re.search(r'href="(/organisations/AB1/actions/add/[^"]+)"', page.get(here).content.decode())[1].replace("&amp;", "&")
    assert page.get(link).status_code == 200
    lead.organisation.actions.make(by=lead, assessment=assessment, question=framework.questions.get(number="2.1"), title="Go and see", owner=lead)
    assert "Go and see To do, Lee Lead" in text_of(page.get(here))


def test_what_was_done_since_last_round_stands_beside_the_question(lead, framework, page, action, text_of):
    first = make_rated_round(lead, framework, {"Staff": [["3"] * 4] * 5})
    first.begin_agreeing(by=lead)
    first.answers.accept_where_close(by=lead)
    submit(first, lead)
    second = make_rated_round(lead, framework, {"Staff": [["4"] * 4] * 5}, name="Spring 2027")
    second.begin_agreeing(by=lead)
    here = f"/organisations/AB1/assessments/{second.number}/agree/"
    assert "What was done since last round Coach every ward manager" in text_of(page.get(f"{here}2.1/"))
    assert "What was done since last round" not in text_of(page.get(f"{here}1.1/"))
