"""A round from its start to its end: what a lead decides, what everybody sees, and what nobody sees before the close."""

import datetime
import re

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEntry, Membership
from assessments.models import Assessment, Framework, Rating
from assessments.round_views import season
from tests.people import make_person
from tests.rounds import add_rater, make_framework, make_lead, rate, start_round

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
ROUNDS = "/organisations/AB1/assessments/"


@pytest.fixture
def framework():
    """A small one, beside the working edition that every portal has."""
    return make_framework()


def signed_in(person):
    browser = Client()
    browser.force_login(person)
    browser.person = person
    return browser


@pytest.fixture
def lead():
    lead = make_lead()
    browser = signed_in(lead)
    browser.organisation = lead.organisation
    return browser


@pytest.fixture
def member(lead):
    """Somebody else who belongs there: `member("viewer")`."""

    def make(role):
        person = make_person(f"{role}@example.org", name=f"The {role}")
        Membership.objects.create(user=person, organisation=lead.organisation, role=role)
        return signed_in(person)

    return make


@pytest.fixture
def assessment(lead, framework):
    return start_round(lead.person, framework)


def a_day(days):
    return timezone.localdate() + datetime.timedelta(days=days)


def filled(closes_on=None, **rest):
    """What a lead types to start a round."""
    day = closes_on or a_day(14)
    date = {"closes_on_day": day.day, "closes_on_month": day.month, "closes_on_year": day.year}
    return {"name": "Autumn 2026", "framework": "small", "anonymous": "yes", **date, **rest}


def day_fields(day):
    return {"closes_on_day": day.day, "closes_on_month": day.month, "closes_on_year": day.year}


def last_line():
    line = AuditEntry.objects.first()
    return line.verb, line.detail


# Starting -------------------------------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_a_lead_starts_a_round_and_comes_to_its_page(lead, framework, text_of):
    page = lead.post(f"{ROUNDS}start/", filled(), follow=True)
    assert page.redirect_chain == [(f"{ROUNDS}1/", 302)]
    words = text_of(page)
    assert "The round “Autumn 2026” has started" in words
    assert "Nobody has been asked to rate yet" in words
    assessment = Assessment.objects.get()
    assert (assessment.anonymous, assessment.framework, assessment.closes_on, assessment.started_by) == (True, framework, a_day(14), lead.person)
    assert last_line() == ("started_round", {"round": 1})


def test_the_choice_is_given_in_the_words_that_raters_read_and_each_framework_says_what_it_is(lead, framework, text_of):
    words = text_of(lead.get(f"{ROUNDS}start/"))
    assert "Nobody sees who said what, and that cannot be changed later" in words
    assert "see what you chose and what you wrote, with your name" in words
    assert "You cannot change this once the round has started" in words
    assert "A small framework, small edition Ours, for tests" in words


def test_a_round_is_called_by_its_season():
    days = [(2026, 1, 31), (2026, 2, 28), (2026, 3, 1), (2026, 8, 31), (2026, 11, 30), (2026, 12, 1)]
    assert [season(datetime.date(*day)) for day in days] == ["Winter 2026", "Winter 2026", "Spring 2026", "Summer 2026", "Autumn 2026", "Winter 2027"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": " "}, "Enter a name for the round, such as Autumn 2026"),
        ({"name": "x" * 101}, "Enter a name of 100 characters or fewer"),
        ({"closes_on_day": ""}, "Enter a real date, such as 27 3 2027"),
        ({"closes_on_day": "31", "closes_on_month": "2"}, "Enter a real date, such as 27 3 2027"),
        ({"closes_on_year": "1999"}, "The last day must be today or later"),
        ({"closes_on_year": "9999"}, "The last day must be within a year from now"),
        ({"closes_on_year": "1" * 400}, "Enter a real date, such as 27 3 2027"),
        ({"framework": "another"}, "Select a valid choice. another is not one of the available choices."),
        ({"anonymous": ""}, "Select who will see who said what"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(typed, said, lead, framework, text_of):
    page = lead.post(f"{ROUNDS}start/", filled(**{"name": "A name of our own", **typed}))
    assert said in text_of(page)
    assert "name" in typed or 'value="A name of our own"' in page.content.decode()
    assert not Assessment.objects.exists()


@pytest.mark.both_databases
def test_a_second_open_round_is_refused_with_a_way_to_the_first(lead, assessment, text_of):
    page = lead.get(f"{ROUNDS}start/")
    assert f'<a href="{ROUNDS}1/">Autumn 2026</a>' in page.content.decode()
    assert "Start the round" not in text_of(page)
    page = lead.post(f"{ROUNDS}start/", filled(name="Another"))
    assert "A round is open already: finish or abandon it before you start another" in text_of(page)
    assert 'value="Another"' in page.content.decode()


def test_without_a_published_framework_nothing_can_be_started(lead, text_of, monkeypatch):
    monkeypatch.setattr("assessments.models.framework.FrameworkQuerySet.published", lambda self: self.none())
    assert "no framework is published" in text_of(lead.get(f"{ROUNDS}start/"))
    assert "no framework is published" in text_of(lead.post(f"{ROUNDS}start/", {"practice": "yes"}, follow=True))


def test_an_unpublished_framework_is_not_offered(lead, framework):
    Framework.objects.create(slug="draft", title="A draft", edition="draft", source="Us")
    assert "A draft" not in lead.get(f"{ROUNDS}start/").content.decode()
    lead.post(f"{ROUNDS}start/", filled(framework="draft"))
    assert not Assessment.objects.exists()


# Practice -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def practice(lead):
    lead.post(f"{ROUNDS}start/", {"practice": "yes"})
    return Assessment.objects.get(practice=True)


def test_in_a_practice_round_24_have_rated_and_the_lead_is_still_to_rate(practice, lead):
    assert practice.raters.finished().count() == 24
    (unfinished,) = practice.raters.unfinished()
    assert unfinished.email == lead.person.email
    assert not unfinished.has_begun
    questions = practice.framework.questions.count()
    assert Rating.objects.filter(rater__assessment=practice).count() == 24 * questions
    assert set(practice.groups.counted().values_list("finished", flat=True)) == {4, 6, 8}


@pytest.mark.both_databases
def test_sample_ratings_are_the_same_each_time_and_spread_as_real_ones_are(practice, lead):
    def said():
        return list(Rating.objects.filter(rater__assessment__practice=True).order_by("rater__email", "question__position").values_list("choice", "comment"))

    first = said()
    choices = [choice for choice, _ in first]
    assert {"1", "2", "3", "4", "5", "unknown"} == set(choices)
    assert 0.02 < choices.count("unknown") / len(choices) < 0.2
    assert 5 < sum(bool(comment) for _, comment in first) < 60
    practice.abandon(by=lead.person, reason="Again")
    practice.raters.all().delete()
    lead.post(f"{ROUNDS}start/", {"practice": "yes"})
    assert said() == first


@pytest.mark.both_databases
def test_there_is_one_practice_round_at_a_time_beside_a_real_one(practice, assessment, lead, text_of):
    assert "You have a practice round: go to it" in text_of(lead.get(f"{ROUNDS}start/"))
    assert "A practice round is open already" in text_of(lead.post(f"{ROUNDS}start/", {"practice": "yes"}, follow=True))
    lead.post(f"{practice.get_absolute_url()}abandon/", {"reason": "To begin anew"})
    lead.post(f"{ROUNDS}start/", {"practice": "yes"})
    assert Assessment.objects.open().filter(practice=True).count() == 1


def test_every_page_of_a_practice_round_says_so(practice, lead, text_of):
    here, rater = practice.get_absolute_url(), practice.raters.unfinished().get()
    practice.raters.make_sheets(1, practice.groups.first().pk, by=lead.person)
    pages = "", "groups/", "raters/", "raters/add/", "raters/mail/", "sheets/", "sheets/print/", "sheets/key-in/", "extend/", "close/", "abandon/"
    for page in (*pages, f"raters/{rater.public_id}/replace/", f"raters/{rater.public_id}/remove/"):
        assert "This is a practice round: nothing in it counts" in text_of(lead.get(here + page)), page
    assert "This is a practice round" in text_of(lead.post(f"{here}raters/{rater.public_id}/copy/"))
    lead.post(f"{here}close/", {"reason": "Enough"})
    assert "This is a practice round" in text_of(lead.get(f"{here}reopen/"))


def test_a_practice_round_sends_no_mail_whatever_is_asked_of_it(practice, lead):
    here, rater = practice.get_absolute_url(), practice.raters.unfinished().get()
    practice.raters.update(delivery="accepted")
    for act in ("raters/send/", "raters/remind/", f"raters/{rater.public_id}/send/"):
        assert b"A practice round sends no mail" in lead.post(here + act, follow=True).content
    assert mail.outbox == []
    assert b"Send " not in lead.get(f"{here}raters/").content


# The page of a round --------------------------------------------------------------------------------------------------


def test_whoever_works_on_the_self_assessment_sees_how_many_have_finished_by_group(assessment, lead, member, text_of):
    for n, group in enumerate(["Staff", "Staff", "Staff", "Board and executive"]):
        rater = add_rater(assessment, n, group)
        if n < 2:
            rate(rater, "1234")
    for browser in (lead, member("contributor")):
        words = text_of(browser.get(assessment.get_absolute_url()))
        assert f"2 of 4 have finished. People can rate until the end of {a_day(14).day} " in words
        assert re.search(r"Board and executive 1 0 .* Staff 3 2 .* All 4 2", words), words


def test_a_round_says_where_it_stands_all_its_life(assessment, lead, text_of):
    def sentence():
        return text_of(lead.get(assessment.get_absolute_url()))

    assert "Nobody has been asked to rate yet" in sentence()
    rate(add_rater(assessment, 1), "1234")
    assert "1 of 1 has finished. People can rate until" in sentence()
    assessment.close(by=lead.person, reason="All have said what they think")
    words = sentence()
    assert "Rating ended on" in words
    assert "1 of 1 finished." in words
    assert re.search(r"What happened Closed .* by Lee Lead All have said what they think", words)
    assessment.abandon(by=lead.person, reason="The wrong year")
    assert "It has no result, and what was rated stays sealed for good." in sentence()


def test_what_a_lead_is_told_to_do_next_follows_the_round(assessment, lead, member, text_of):
    def next_steps():
        return text_of(lead.get(assessment.get_absolute_url())).partition("What to do next")[2].partition("Who has finished")[0]

    assert "Add the people who will rate" in next_steps()
    rater = add_rater(assessment, 1)
    assert "send 1 link" in next_steps()
    rater.delivery = "refused"
    rater.save()
    assert "The mail server refused 1 address" in next_steps()
    rater.delivery, rater.token_hash = "accepted", "x"
    rater.save()
    assert "Remind the 1 person" in next_steps()
    rate(rater, "1234")
    assert "Everybody has finished" in next_steps()
    assert "What to do next" not in text_of(member("viewer").get(assessment.get_absolute_url()))


@pytest.mark.both_databases
def test_the_list_shows_every_round_the_last_first(assessment, lead, practice, member, text_of):
    words = text_of(member("contributor").get(ROUNDS))
    assert words.index("24 of 25 have finished") < words.index("Nobody has been asked to rate yet")
    assert "Start a round" not in words
    assert "Start a round" in text_of(lead.get(ROUNDS))


def test_a_viewer_reads_what_is_submitted_and_of_a_round_before_that_only_where_it_stands(assessment, practice, member, text_of):
    viewer = member("viewer")
    for page in (ROUNDS, assessment.get_absolute_url(), practice.get_absolute_url()):
        words = text_of(viewer.get(page))
        assert "People rate" in words and "Who has finished" not in words and not re.search(r"\d+ of \d+", words)


def test_the_organisation_page_leads_to_the_rounds(lead, member):
    assert f'href="{ROUNDS}start/"' in lead.get("/organisations/AB1/").content.decode()
    page = member("viewer").get("/organisations/AB1/").content.decode()
    assert f'href="{ROUNDS}"' in page
    assert f'href="{ROUNDS}start/"' not in page


def test_a_page_asks_the_database_as_often_for_two_as_for_two_hundred(assessment, lead):
    def queries(path):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert lead.get(path).status_code == 200
        return len(asked)

    here = assessment.get_absolute_url()
    paths = [here, ROUNDS, f"{here}raters/", f"{here}raters/add/", f"{here}groups/", f"{here}raters/mail/", f"{here}close/"]
    for n in range(2):
        add_rater(assessment, n)
    lead.get(here)
    few = [queries(path) for path in paths]
    for n in range(2, 200):
        add_rater(assessment, n, "Staff" if n % 2 else "Board and executive", delivery="accepted")
    assert [queries(path) for path in paths] == few
    assert max(few) <= 12, dict(zip(paths, few, strict=True))


# Groups ---------------------------------------------------------------------------------------------------------------


def typed_groups(assessment, **changes):
    """The form as the page has it, with changes: name_1="...", place_2=1."""
    rows = {}
    for n, group in enumerate(assessment.groups.all(), 1):
        rows |= {f"key_{n}": group.pk, f"name_{n}": group.name, f"place_{n}": n}
    return {**rows, **changes}


def names(assessment):
    return [group.name for group in assessment.groups.all()]


@pytest.mark.both_databases
def test_groups_are_named_ordered_added_and_taken_away(assessment, lead):
    here = f"{assessment.get_absolute_url()}groups/"
    changes = {"name_1": "The board", "name_2": "", "place_3": "1", "place_1": "2", "name_5": "Volunteers", "place_5": ""}
    lead.post(here, typed_groups(assessment, **changes))
    assert names(assessment) == ["Staff", "The board", "People with lived experience and partners", "Volunteers"]
    assert last_line() == ("changed_groups", {"round": 1, "groups": 4})


@pytest.mark.both_databases
def test_two_groups_can_exchange_their_names(assessment, lead):
    lead.post(f"{assessment.get_absolute_url()}groups/", typed_groups(assessment, name_1="Staff", name_3="Board and executive"))
    assert names(assessment)[:3] == ["Staff", "Leaders and managers", "Board and executive"]


@pytest.mark.both_databases
def test_a_group_with_people_in_it_stays_and_keeps_them(assessment, lead, text_of):
    rater = add_rater(assessment, 1, "Staff")
    here = f"{assessment.get_absolute_url()}groups/"
    page = lead.post(here, typed_groups(assessment, name_3="", name_1="The board"))
    assert "“Staff” has people in it. Replace or remove them before you take the group away" in text_of(page)
    assert 'value="The board"' in page.content.decode()
    lead.post(here, typed_groups(assessment, name_3="Ward staff"))
    rater.refresh_from_db()
    assert rater.group.name == "Ward staff"


@pytest.mark.parametrize("name", ["Board and executive", "BOARD and executive", " Board  and  executive "])
@pytest.mark.both_databases
def test_two_groups_of_one_name_are_refused_in_words(name, assessment, lead, text_of):
    page = lead.post(f"{assessment.get_absolute_url()}groups/", typed_groups(assessment, name_2=name))
    assert "is there twice. Give each group a name of its own" in text_of(page)
    assert names(assessment)[1] == "Leaders and managers"


def test_a_round_has_one_to_eight_groups(assessment, lead, text_of):
    here = f"{assessment.get_absolute_url()}groups/"
    assert "Enter at least one group" in text_of(lead.post(here, typed_groups(assessment, **{f"name_{n}": "" for n in range(1, 9)})))
    lead.post(here, typed_groups(assessment, **{f"name_{n}": f"Group {n}" for n in range(1, 9)}))
    assert len(names(assessment)) == 8
    with pytest.raises(ValidationError, match="at most 8 groups"):
        assessment.groups.arrange([(None, f"Other {n}") for n in range(2)], by=lead.person)


@pytest.mark.parametrize("odd", ["9", "0", "-1", "1e3", "9" * 40, "x", "\x00"])
@pytest.mark.both_databases
def test_an_odd_place_is_said(odd, assessment, lead, text_of):
    page = lead.post(f"{assessment.get_absolute_url()}groups/", typed_groups(assessment, place_1=odd))
    assert "There is a problem" in text_of(page)


@pytest.mark.both_databases
def test_another_rounds_group_cannot_be_changed_from_here(assessment, lead, framework):
    other = start_round(make_lead("CD1", "Theirs", "other@example.org"), framework)
    theirs = other.groups.first()
    lead.post(f"{assessment.get_absolute_url()}groups/", typed_groups(assessment, key_1=theirs.pk, name_1="Taken over"))
    theirs.refresh_from_db()
    assert theirs.name == "Board and executive"


# Dates and ends -------------------------------------------------------------------------------------------------------


def test_the_last_day_can_be_moved_and_that_is_noted(assessment, lead, text_of):
    words = text_of(lead.post(f"{assessment.get_absolute_url()}extend/", day_fields(a_day(30)), follow=True))
    assert "People can rate until the end of" in words
    assert re.search(r"Extended .* by Lee Lead Until the end of", words)
    assessment.refresh_from_db()
    assert assessment.closes_on == a_day(30)
    assert last_line() == ("extended_round", {"round": 1})
    assert "must be today or later" in text_of(lead.post(f"{assessment.get_absolute_url()}extend/", day_fields(a_day(-1))))


def test_closing_and_reopening_each_need_a_reason_that_everybody_can_read(assessment, lead, member, text_of):
    here = assessment.get_absolute_url()
    assert "Enter why you close the round now" in text_of(lead.post(f"{here}close/", {"reason": ""}))
    lead.post(f"{here}close/", {"reason": "Everybody has finished"})
    assert last_line() == ("closed_round", {"round": 1})
    assert "Enter why you reopen the round" in text_of(lead.post(f"{here}reopen/", day_fields(a_day(7))))
    lead.post(f"{here}reopen/", {"reason": "Night staff were not asked", **day_fields(a_day(7))})
    assert last_line() == ("reopened_round", {"round": 1})
    words = text_of(member("contributor").get(here))
    assert "Everybody has finished" in words
    assert "Night staff were not asked" in words
    assert Assessment.objects.get().is_rating


def test_once_agreement_has_begun_it_cannot_be_reopened(assessment, lead, text_of):
    assessment.close(by=lead.person, reason="Done")
    Assessment.objects.update(agreeing_at=timezone.now())
    assert "This round cannot be reopened" in text_of(
        lead.post(f"{assessment.get_absolute_url()}reopen/", {"reason": "x", **day_fields(a_day(7))}, follow=True)
    )
    assert "Reopen the round" not in text_of(lead.get(assessment.get_absolute_url()))


@pytest.mark.both_databases
def test_abandoning_needs_a_reason_and_makes_room_for_another_round(assessment, lead, text_of):
    here = assessment.get_absolute_url()
    assert "Enter why you abandon the round" in text_of(lead.post(f"{here}abandon/", {"reason": " "}))
    lead.post(f"{here}abandon/", {"reason": "The board has changed"})
    assert last_line() == ("abandoned_round", {"round": 1})
    assert lead.post(f"{ROUNDS}start/", filled()).status_code == 302
    assert [round.number for round in Assessment.objects.open()] == [2]


@pytest.mark.both_databases
def test_a_second_press_says_what_is_so_and_does_nothing(assessment, lead, text_of):
    here = assessment.get_absolute_url()
    lead.post(f"{here}close/", {"reason": "Once"})
    for act in ("close/", "extend/", "groups/", "raters/add/", "raters/send/", "raters/remind/", "sheets/", "sheets/void/", "sheets/key-in/"):
        page = lead.post(here + act, {"reason": "Twice"}, follow=True)
        assert page.redirect_chain[-1][0] == here, act
        assert "This round is closed, so that can no longer be done." in text_of(page)
    assert assessment.events.count() == 1


@pytest.mark.parametrize(
    ("last_day", "last_moment"),
    [
        ((2027, 3, 28), "2027-03-28T23:59:59+01:00"),  # clocks went forward that morning
        ((2027, 10, 31), "2027-10-31T23:59:59+00:00"),  # and back that morning
        ((2027, 3, 27), "2027-03-27T23:59:59+00:00"),
        ((2027, 10, 30), "2027-10-30T23:59:59+01:00"),
    ],
)
def test_the_last_day_ends_at_midnight_in_england_also_when_clocks_change(last_day, last_moment, lead, framework, time_machine):
    time_machine.move_to("2027-03-20T12:00:00+00:00", tick=False)
    lead.force_login(lead.person)
    lead.post(f"{ROUNDS}start/", filled(datetime.date(*last_day)))
    assessment = Assessment.objects.get()
    moment = datetime.datetime.fromisoformat(last_moment)
    time_machine.move_to(moment, tick=False)
    assert Assessment.objects.get().is_rating
    assert assessment.closes_on == datetime.date(*last_day)
    rate(add_rater(assessment, 1), "1234")
    time_machine.move_to(moment + datetime.timedelta(seconds=1), tick=False)
    assert not Assessment.objects.get().is_rating
    with pytest.raises(ValidationError):
        rate(add_rater(assessment, 2), "1234")


@pytest.mark.both_databases
def test_no_job_has_to_run_for_a_round_to_close(assessment, lead, time_machine, text_of):
    time_machine.move_to(timezone.now() + datetime.timedelta(days=20))
    lead.force_login(lead.person)
    words = text_of(lead.get(assessment.get_absolute_url()))
    assert "Rating ended on" in words
    assert "Reopen the round to raters" in words


# Who may --------------------------------------------------------------------------------------------------------------


def test_a_closed_organisation_can_be_read_and_not_changed(assessment, lead, text_of):
    rater = add_rater(assessment, 1)
    lead.organisation.closed = timezone.localdate() - datetime.timedelta(days=1)
    lead.organisation.save()
    here = assessment.get_absolute_url()
    for page in (ROUNDS, here, f"{here}raters/"):
        answer = lead.get(page)
        assert answer.status_code == 200, page
        words = text_of(answer)
        assert "Add people" not in words
        assert "Start a round" not in words
    assert "Rating ended" in text_of(lead.get(here))
    for page in ("start/", "1/groups/", "1/raters/add/", "1/extend/", "1/close/", "1/reopen/", "1/abandon/", "1/sheets/", "1/sheets/key-in/", "1/raters/mail/"):
        assert lead.get(ROUNDS + page).status_code == 403, page
    for act in ("send/", "remind/", f"{rater.public_id}/send/", f"{rater.public_id}/copy/", f"{rater.public_id}/remove/"):
        assert lead.post(f"{here}raters/{act}").status_code == 403, act


def test_only_leads_turn_a_round_and_only_leads_see_who_is_asked(assessment, member):
    rater, here = add_rater(assessment, 1), assessment.get_absolute_url()
    for role in ("viewer", "contributor"):
        browser = member(role)
        page = browser.get(here).content.decode()
        assert rater.email not in page
        assert "abandon/" not in page
        for path in ("raters/", "raters/add/", "groups/", "extend/", "close/", "abandon/", "raters/mail/", "sheets/", "sheets/print/"):
            assert browser.get(here + path).status_code == 403, path
        assert browser.get(f"{here}sheets/key-in/").status_code == (200 if role == "contributor" else 403)
    assert Assessment.objects.get().is_rating


def test_a_round_of_another_organisation_does_not_exist_here(lead, framework):
    other = start_round(make_lead("CD1", "Theirs", "other@example.org"), framework)
    stranger = add_rater(other, 1)
    assert lead.get(f"{ROUNDS}1/").status_code == 404
    ours = start_round(lead.person, framework)
    for act in ("send", "copy", "remove", "replace"):
        assert lead.post(f"{ours.get_absolute_url()}raters/{stranger.public_id}/{act}/", {"email": "me@x.org"}).status_code == 404
    stranger.refresh_from_db()


@pytest.mark.parametrize("number", ["0", "99999999999999999999999999", "32768", "1" * 200])
@pytest.mark.both_databases
def test_an_odd_number_of_a_round_is_a_plain_404(number, lead):
    assert lead.get(f"{ROUNDS}{number}/").status_code == 404


# Sealed ---------------------------------------------------------------------------------------------------------------


def without_tokens(page):
    """A page as it is, but for the token against forged forms."""
    return re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", page.content)


def every_page(browser, assessment):
    here = assessment.get_absolute_url()
    rater = assessment.raters.by_mail().unfinished().get()
    pages = "", "groups/", "raters/", "raters/add/", "raters/mail/", "sheets/", "sheets/print/", "sheets/key-in/", "extend/", "close/", "abandon/"
    rater_pages = (f"raters/{rater.public_id}/replace/", f"raters/{rater.public_id}/remove/")
    paths = [ROUNDS, "/organisations/AB1/", "/organisations/AB1/log/", "/organisations/AB1/log.csv", *(here + page for page in (*pages, *rater_pages))]
    return {path: without_tokens(browser.get(path)) for path in paths}


@pytest.mark.parametrize("anonymous", [True, False])
def test_no_page_differs_by_what_raters_say_before_the_close(anonymous, lead, member, framework, time_machine):
    time_machine.move_to(timezone.now().replace(hour=12, minute=0, second=0, microsecond=0), tick=False)
    assessment = start_round(lead.person, framework, anonymous=anonymous)
    raters = [add_rater(assessment, n) for n in range(3)]
    (sheet,) = assessment.raters.make_sheets(1, assessment.groups.first().pk, by=lead.person)
    viewer = member("viewer")

    def rated(choice):
        Rating.objects.all().delete()
        for rater in (*raters[:2], sheet):
            rate(rater, [choice] * 4, [f"A comment about {choice}"])
        some = list(framework.questions.all())[:2]
        Rating.objects.bulk_create(Rating(rater=raters[2], question=question, choice=choice) for question in some)
        return every_page(lead, assessment), every_page(viewer, assessment)

    assert rated("1") == rated("5")
    Rating.objects.filter(rater=raters[2]).delete()
    assert every_page(lead, assessment) == rated("5")[0]  # nor by whether somebody has begun


@pytest.mark.both_databases
def test_a_save_leaves_no_line_in_the_log(assessment, lead):
    before = AuditEntry.objects.count()
    rater = add_rater(assessment, 1)
    here = f"/rate/{rater.renew_link()}/"
    Client().post(f"{here}1/", {"choice-1.1": "4", "comment-1.1": "Better", "version-1.1": "0"})
    rate(rater, "1234")
    assert rater.ratings.exists()
    assert AuditEntry.objects.count() == before


@pytest.mark.both_databases
def test_the_log_has_a_line_for_each_act_and_no_name_or_address(assessment, lead):
    here = assessment.get_absolute_url()
    group = assessment.groups.first().pk
    lead.post(f"{here}groups/", typed_groups(assessment, name_1="Secret board"))
    lead.post(f"{here}raters/add/", {"people": "Sue Secret sue.secret@x.org\nSam Secret sam.secret@x.org", "group": group})
    lead.post(f"{here}raters/send/")
    lead.post(f"{here}raters/remind/")
    sue, sam = assessment.raters.order_by("-email")
    lead.post(f"{here}raters/{sue.public_id}/send/")
    lead.post(f"{here}raters/{sue.public_id}/copy/")
    lead.post(f"{here}raters/{sue.public_id}/replace/", {"name": "Sid Secret", "email": "sid.secret@x.org"})
    lead.post(f"{here}raters/{sam.public_id}/remove/")
    lead.post(f"{here}sheets/", {"how_many": "2", "group": group})
    sheet = assessment.raters.on_paper().first()
    lead.post(f"{here}raters/{sheet.public_id}/remove/")
    lead.post(f"{here}sheets/void/")
    lead.post(f"{here}extend/", day_fields(a_day(20)))
    lead.post(f"{here}close/", {"reason": "Secret reason"})
    lead.post(f"{here}reopen/", {"reason": "Secret reason", **day_fields(a_day(20))})
    lead.post(f"{here}abandon/", {"reason": "Secret reason"})
    lines = list(AuditEntry.objects.filter(organisation=lead.organisation).order_by("pk"))
    assert [line.verb for line in lines] == [
        "started_round", "changed_groups", "asked_raters", "sent_links", "reminded_raters", "sent_links", "copied_link", "replaced_rater", "removed_rater",
        "printed_sheets", "voided_sheet", "voided_sheet", "extended_round", "closed_round", "reopened_round", "abandoned_round",
    ]  # fmt: skip
    kept = str([(line.detail, line.subject) for line in lines])
    assert not re.search(r"(?i)secret|@|autumn", kept)
    assert sheet.sheet_code not in kept
    lead.get(here)  # what was said of these acts is shown here, not in the log
    assert not re.search(r"(?i)secret|sue|sam", lead.get("/organisations/AB1/log/").content.decode())
