"""From the close to an agreed answer: opening the ratings, the board, one question, two editors, last round's answer."""

import re
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import AuditEntry, Membership
from assessments.agree_forms import AnswerForm
from assessments.board import by_disagreement
from assessments.models import Answer
from resources.models import Resource
from tests.page_form import PageForm
from tests.people import give_app, make_organisation, make_person
from tests.rounds import add_rater, make_framework, make_rated_round, rate, start_round, submit

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

HERE = "/organisations/AB1/assessments/1/"
LATER = "/organisations/AB1/assessments/2/"
# 1.1: 3 3 3 3 3 4; 1.2: half at each end; 2.1: 2 2 3 3 and two who do not know; 5.4: from 1 to 4
STAFF = [["3", "1", "2", "1"], ["3", "1", "2", "2"], ["3", "1", "3", "3"], ["3", "5", "3", "4"], ["3", "5", "unknown", "2"], ["4", "5", "unknown", "2"]]


@pytest.fixture
def browser(lead):
    """A browser of somebody with a role at our trust: the lead's own, or another person's."""

    def make(role="lead"):
        client, person = Client(), lead
        if role != "lead":
            person = make_person(f"{role}-{Membership.objects.count()}@example.org", name=f"The {role}")
            Membership.objects.create(user=person, organisation=lead.organisation, role=role)
        client.force_login(person)
        client.person = person
        return client

    return make


@pytest.fixture
def closed(lead, framework):
    return make_rated_round(lead, framework, {"Staff": STAFF})


@pytest.fixture
def agreeing(closed, lead):
    closed.begin_agreeing(by=lead)
    return closed


def form_of(client, path, **changes):
    """What the form of a question's page would send."""
    return {**PageForm(client.get(path), "version").sent, **changes}


def save(client, number="1.2", here=HERE, follow=False, **changes):
    path = f"{here}agree/{number}/"
    return client.post(path, form_of(client, path, **changes), follow=follow)


def answer_to(assessment, number):
    return assessment.answers.get(question__number=number)


def agree_all(assessment, by, level=3):
    for answer in assessment.answers.all():
        typed = {"level": level, "does_not_apply": False, "reason": f"Reason {answer.question.number}", "evidence": "", "would_change": "", "dissent": ""}
        answer.agree(by=by, version=answer.version, **typed)


def submitted_round(lead, framework, **rest):
    assessment = make_rated_round(lead, framework, {"Staff": STAFF}, **rest)
    assessment.begin_agreeing(by=lead)
    agree_all(assessment, lead, level=2)
    submit(assessment, lead)
    return assessment


# Opening the ratings --------------------------------------------------------------------------------------------------


def test_a_lead_is_told_what_happens_then_opens_the_ratings_and_is_on_the_board(closed, browser, text_of):
    words = text_of(browser().get(HERE + "agree/begin/"))
    assert "6 people were asked to rate, and 6 finished" in words
    assert "nobody can rate any more" in words
    assert "cannot be reopened to raters" in words
    assert "Nothing of the ratings can be shown" not in words
    response = browser().post(HERE + "agree/begin/", follow=True)
    assert response.redirect_chain == [(HERE + "agree/", 302)]
    closed.refresh_from_db()
    assert closed.is_agreeing
    assert AuditEntry.objects.filter(verb="agreeing_round").count() == 1


@pytest.mark.parametrize("anonymous", [True, False])
def test_with_fewer_than_five_an_anonymous_round_shows_nothing_and_the_lead_can_reopen_instead(anonymous, lead, framework, browser, text_of):
    make_rated_round(lead, framework, {"Staff": STAFF[:4]}, anonymous=anonymous)
    page = browser().get(HERE + "agree/begin/")
    assert ("Nothing of the ratings can be shown" in text_of(page)) is anonymous
    assert (f'href="{HERE}reopen/"' in page.content.decode()) is anonymous


@pytest.mark.parametrize("role", ["contributor", "viewer"])
def test_nobody_but_a_lead_opens_the_ratings(role, closed, browser):
    for method in ("get", "post"):
        assert getattr(browser(role), method)(HERE + "agree/begin/").status_code == 403
    closed.refresh_from_db()
    assert closed.agreeing_at is None


def test_while_people_rate_there_is_nothing_to_agree_and_nothing_to_open(lead, framework, browser):
    rate(add_rater(start_round(lead, framework), 1), ["5"] * 4)
    for path in ("agree/begin/", "agree/", "agree/1.1/", "priorities/", "submit/"):
        response = browser().get(HERE + path, follow=True)
        assert response.redirect_chain[-1][0] == HERE, path
        assert b"People" in response.content


# The board ------------------------------------------------------------------------------------------------------------


def titles(response):
    return re.findall(r'id="q-([\d.]+)"', response.content.decode())


@pytest.mark.both_databases
def test_the_questions_on_which_people_disagree_most_come_first(agreeing, browser, text_of):
    board = browser().get(HERE + "agree/")
    assert titles(board) == ["1.2", "5.4", "1.1", "2.1"]  # 2.1 last: only four gave it a level, so its spread is not shown
    words = text_of(board)
    assert "0 of 4 agreed" in words
    assert "6 people gave a level, from Starting to Improving and sustaining" in words
    assert "Too few gave it a level for the ratings to be shown" in words
    assert titles(browser().get(HERE + "agree/?order=framework")) == ["1.1", "1.2", "2.1", "5.4"]


def test_nothing_jumps_when_an_answer_is_written(agreeing, browser, text_of):
    before = titles(browser().get(HERE + "agree/"))
    save(browser(), "1.2", level="4")
    save(browser(), "1.1", level="none")
    after = browser().get(HERE + "agree/")
    assert titles(after) == before
    assert "2 of 4 agreed" in text_of(after)
    assert "Agreed: Spreading" in text_of(after)
    assert "Agreed: It does not apply to us" in text_of(after)


@pytest.mark.both_databases
def test_those_close_together_are_accepted_in_one_press_and_the_page_says_what_would_be_taken(agreeing, browser, text_of):
    words = text_of(browser().get(HERE + "agree/"))
    assert "Accept the question on which everybody was within one level" in words
    assert "Within one level: Progressing would be taken" in words
    words = text_of(browser("contributor").post(HERE + "agree/accept/", follow=True))
    assert "You agreed 1 question" in words
    assert "Accept the" not in words
    assert answer_to(agreeing, "1.1").level == 3
    assert "somebody else was faster" in text_of(browser().post(HERE + "agree/accept/", follow=True))
    assert AuditEntry.objects.filter(verb="accepted_answers").count() == 1


def test_an_answer_that_somebody_wrote_is_not_replaced_by_accepting(agreeing, browser):
    save(browser(), "1.1", level="5")
    browser().post(HERE + "agree/accept/")
    assert answer_to(agreeing, "1.1").level == 5


def test_whoever_may_only_read_sees_no_board_and_a_stranger_no_round(agreeing, browser):
    stranger = Client()
    other = give_app(make_person("stranger@example.org"))
    Membership.objects.create(user=other, organisation=make_organisation("CD1", "Their Trust"), role="lead")
    stranger.force_login(other)
    for path in ("agree/", "agree/1.1/", "priorities/", "submit/", "reopen-result/", "agree/begin/"):
        for method in ("get", "post"):
            assert getattr(browser("viewer"), method)(HERE + path).status_code == 403, path
            assert getattr(stranger, method)(HERE + path).status_code == 404, path
    assert browser("viewer").post(HERE + "agree/accept/").status_code == 403
    assert browser().get(HERE + "agree/accept/").status_code == 405
    assert browser("contributor").get(HERE + "agree/").status_code == 200


def test_an_order_needs_no_spread(agreeing):
    agreeing.answers.update(published={})
    assert [a.question.number for a in by_disagreement(list(agreeing.answers.all()))] == ["1.1", "1.2", "2.1", "5.4"]


# One question ---------------------------------------------------------------------------------------------------------


def test_a_question_s_page_has_its_words_the_levels_the_spread_and_the_comments_without_a_name(lead, framework, browser, text_of):
    assessment = start_round(lead, framework)
    for n, choices in enumerate(STAFF, 1):
        rate(add_rater(assessment, n), choices, [f"Comment {n} <b>"])
    assessment.close(by=lead, reason="Enough")
    assessment.begin_agreeing(by=lead)
    page = browser("contributor").get(HERE + "agree/1.1/")
    words = text_of(page)
    assert "1.1 Title 1.1" in words and "Asks 1.1?" in words
    assert all(f"1.1 at level {level}" in words for level in range(1, 6))
    assert "6 people gave a level, from Progressing to Spreading, median Progressing." in words
    assert all(f"Comment {n} <b>" in words for n in range(1, 7))
    assert "Rater" not in words and "rater-" not in page.content.decode()


def test_groups_stand_beside_each_other_where_they_may(lead, framework, browser, text_of):
    make_rated_round(lead, framework, {"Staff": STAFF, "Board and executive": [["5"] * 4] * 5}).begin_agreeing(by=lead)
    words = text_of(browser().get(HERE + "agree/1.1/"))
    assert "Board and executive 0 0 0 0 5 Improving and sustaining" in words
    assert "Staff 0 0 5 1 0 Progressing" in words


def test_in_an_open_round_everybody_s_words_have_a_name_until_the_person_is_erased(lead, framework, browser, text_of):
    assessment = start_round(lead, framework, anonymous=False)
    for n in (1, 2):
        rate(add_rater(assessment, n), [str(n)] * 4, [f"Comment {n}"])
    assessment.close(by=lead, reason="Enough")
    assessment.begin_agreeing(by=lead)
    words = text_of(browser().get(HERE + "agree/1.1/"))
    assert "Starting Rater 1 Developing Rater 2" in words
    assert "Comment 1 Rater 1" in words
    assessment.raters.get(name="Rater 2").ratings.all().delete()
    assessment.raters.get(name="Rater 2").delete()
    words = text_of(browser().get(HERE + "agree/1.1/"))
    assert "Developing somebody who has been erased" in words
    assert "Comment 2 somebody who has been erased" in words


@pytest.mark.both_databases
def test_what_is_typed_is_saved_and_the_next_question_without_an_answer_comes(agreeing, browser, text_of):
    client = browser("contributor")
    typed = {"level": "2", "reason": "One\r\nTwo", "evidence": "A note", "would_change": "Huddles", "dissent": "Ann says 3"}
    response = save(client, "1.2", next="1", **typed)
    assert response["Location"] == HERE + "agree/5.4/"
    answer = answer_to(agreeing, "1.2")
    assert (answer.level, answer.reason, answer.evidence, answer.would_change, answer.dissent) == (2, "One\nTwo", "A note", "Huddles", "Ann says 3")
    assert answer.changed_by == client.person
    assert save(client, "5.4", level="3")["Location"] == HERE + "agree/"
    assert save(client, "2.1", level="3", next="1")["Location"] == HERE + "agree/1.1/"
    assert save(client, "1.1", level="3", next="1")["Location"] == HERE + "agree/"
    assert "Last saved by The contributor" in text_of(client.get(HERE + "agree/1.2/"))
    assert AuditEntry.objects.filter(verb="agreed_answer").count() == 4


def test_a_reason_without_a_level_is_kept_and_counts_as_nothing(agreeing, browser, text_of):
    words = text_of(save(browser(), "1.2", reason="We must hear from theatres first", follow=True))
    assert "1.2 is saved, and not agreed yet" in words
    assert "0 of 4 agreed" in words
    assert answer_to(agreeing, "1.2").reason == "We must hear from theatres first"


def test_an_answer_can_be_taken_back(agreeing, browser):
    save(browser(), "1.2", level="2")
    save(browser(), "1.2", level="")
    assert not answer_to(agreeing, "1.2").is_answered


def test_a_text_that_is_too_long_is_refused_and_shown_again(agreeing, browser, text_of):
    long = "a" * 5001
    response = save(browser(), "1.2", level="2", reason=long)
    assert response.status_code == 200
    assert "“Why this level?” must be 5,000 characters or fewer" in text_of(response)
    assert long in response.content.decode()
    assert answer_to(agreeing, "1.2").version == 1
    assert save(browser(), "1.2", reason="b\r\n" * 2500).status_code == 302  # a line's end counts once


def test_only_http_and_https_become_links(agreeing, browser):
    save(
        browser(),
        "1.2",
        evidence='https://a.example/x?y=1&z=2 here\njavascript:alert(1)\n<a href="https://b.example">b</a>\ndata:text/html,x\nhttp://c.example',
    )
    html = browser().get(HERE + "agree/1.2/").content.decode()
    links = re.findall(r'<a href="([^"]*)" rel="noopener noreferrer nofollow"', html)
    assert links == ["https://a.example/x?y=1&amp;z=2", "https://b.example", "http://c.example"]
    assert 'href="javascript' not in html and 'href="data' not in html and "<a href=&#34;" not in html


def test_the_neighbours_of_a_question_are_the_board_s(agreeing, browser):
    html = browser().get(HERE + "agree/5.4/").content.decode()
    assert re.findall(rf'href="{HERE}agree/([\d.]+)/" rel="(prev|next)"', html) == [("1.2", "prev"), ("1.1", "next")]


# Two editors, and what can no longer be saved -------------------------------------------------------------------------


@pytest.mark.both_databases
def test_the_second_of_two_editors_sees_both_texts_and_saves_with_one_more_press(agreeing, browser, text_of):
    theirs, mine = browser("contributor"), browser()
    opened = form_of(mine, HERE + "agree/1.2/")
    save(theirs, "1.2", level="2", reason="The board said so", evidence="A note")
    response = mine.post(HERE + "agree/1.2/", {**opened, "level": "4", "reason": "Everybody lives it\nReally"})
    assert response.status_code == 409
    words = text_of(response)
    assert "The contributor saved it" in words
    assert "Theirs, saved Developing Yours, not saved Spreading" in words
    assert "Theirs, saved The board said so Yours, not saved Everybody lives it Really" in words
    assert "Theirs, saved A note Yours, not saved Blank" in words
    assert "The same in both: What would change our mind? and Who sees it otherwise?" in words
    assert answer_to(agreeing, "1.2").reason == "The board said so"
    sent = PageForm(response, "version").sent
    assert (sent["level"], sent["reason"], sent["evidence"], sent["version"]) == ("4", "Everybody lives it\nReally", "", "2")
    assert mine.post(HERE + "agree/1.2/", sent).status_code == 302
    assert answer_to(agreeing, "1.2").reason == "Everybody lives it\nReally"


@pytest.mark.both_databases
def test_the_same_form_sent_twice_is_saved_once(agreeing, browser):
    client = browser()
    sent = form_of(client, HERE + "agree/1.2/", level="4", reason="One\r\nTwo")
    assert [client.post(HERE + "agree/1.2/", sent).status_code for _ in range(3)] == [302, 302, 302]
    assert answer_to(agreeing, "1.2").version == 2
    assert AuditEntry.objects.filter(verb="agreed_answer").count() == 1


@pytest.mark.parametrize("version", ["", "0", "-1", "1e3", "9" * 40, "１", "\x00", "two"])
@pytest.mark.both_databases
def test_a_version_that_was_tampered_with_overwrites_nothing_unseen(version, agreeing, browser):
    save(browser(), "1.2", level="2", reason="Theirs")
    response = save(browser(), "1.2", level="4", reason="Mine", version=version)
    assert response.status_code == 409
    assert b"Mine" in response.content and b"Theirs" in response.content
    assert answer_to(agreeing, "1.2").level == 2


@pytest.mark.both_databases
def test_a_save_that_meets_a_submitted_result_hands_the_text_back(agreeing, lead, browser, text_of):
    client = browser("contributor")
    sent = form_of(client, HERE + "agree/1.2/", level="4", reason="Typed for an hour", dissent="<b>Ann</b>")
    agree_all(agreeing, lead)
    submit(agreeing, lead)
    response = client.post(HERE + "agree/1.2/", sent)
    assert response.status_code == 409
    words = text_of(response)
    assert "This result is submitted" in words
    assert "Typed for an hour" in words and "<b>Ann</b>" in words and "level 4" in words
    assert client.get(HERE + "agree/1.2/").status_code == 302


@pytest.mark.parametrize("what", ["closed", "now a viewer"])
def test_whoever_may_no_longer_write_gets_their_text_back_with_the_refusal(what, agreeing, browser):
    client = browser("contributor")
    sent = form_of(client, HERE + "agree/1.2/", level="4", reason="Typed for an hour")
    if what == "closed":
        agreeing.organisation.closed = timezone.localdate()
        agreeing.organisation.save()
    else:
        client.person.memberships.update(role="viewer")
    response = client.post(HERE + "agree/1.2/", sent)
    assert response.status_code == 403
    assert b"Typed for an hour" in response.content
    assert b"Title 1.2" not in response.content
    assert answer_to(agreeing, "1.2").version == 1


def test_at_a_closed_organisation_nothing_is_changed(agreeing, browser):
    agreeing.organisation.closed = timezone.localdate()
    agreeing.organisation.save()
    for path in ("agree/begin/", "agree/accept/", "agree/1.1/", "priorities/", "submit/", "reopen-result/"):
        assert browser().post(HERE + path, {"level": "3", "reason": "x"}).status_code == 403, path
    assert not Answer.objects.answered().exists()


def test_what_was_typed_when_the_session_had_ended_is_there_after_signing_in(agreeing, browser, time_machine):
    client = browser()
    sent = form_of(client, HERE + "agree/1.2/", level="4", reason="Typed for\r\nan hour", would_change="Nothing")
    time_machine.move_to(timezone.now() + timedelta(hours=2))
    response = client.post(HERE + "agree/1.2/", sent)
    assert response["Location"].startswith("/accounts/login/")
    client.force_login(client.person)
    page = client.get(HERE + "agree/1.2/")
    form = PageForm(page, "version").sent
    assert b"it has not been saved yet" in page.content
    assert (form["level"], form["reason"], form["would_change"]) == ("4", "Typed for\r\nan hour", "Nothing")
    assert client.post(HERE + "agree/1.2/", form).status_code == 302
    assert answer_to(agreeing, "1.2").reason == "Typed for\nan hour"


@pytest.mark.parametrize("question", ["1.9", "9.9", "0.1", "1.1%00", "%00", "abc", "１.1", "1.1.1", "..", "1" * 5000, "%ED%A0%80"])
@pytest.mark.both_databases
def test_a_question_that_is_none_does_not_exist(question, agreeing, browser):
    for method in ("get", "post"):
        assert getattr(browser(), method)(f"{HERE}agree/{question}/").status_code == 404


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fields=st.dictionaries(
        st.sampled_from([*AnswerForm.base_fields, "next", "carry", "before", "sha256", "place_1"]),
        st.text(st.characters(codec="utf-8"), max_size=40),
        max_size=8,
    ),
    path=st.sampled_from(["agree/1.2/", "priorities/", "submit/", "reopen-result/", "agree/accept/"]),
)
@pytest.mark.both_databases
def test_whatever_is_sent_a_page_answers(fields, path, agreeing, browser):
    client = Client()
    client.force_login(Membership.objects.get(organisation=agreeing.organisation, role="lead").user)
    assert client.post(HERE + path, fields).status_code < 500
    assert client.get(HERE + path, fields).status_code < 500


# Last round -----------------------------------------------------------------------------------------------------------


def test_last_round_s_answer_stands_beside_the_new_one_and_can_be_taken_over(lead, framework, browser, text_of):
    submitted_round(lead, framework, name="Spring 2026")
    make_rated_round(lead, framework, {"Staff": STAFF}, name="Autumn 2026").begin_agreeing(by=lead)
    client = browser()
    page = client.get(LATER + "agree/1.2/")
    assert "Last round: Developing Spring 2026" in text_of(page)
    assert "Reason 1.2" in text_of(page)
    assert PageForm(page, "version").sent["reason"] == ""
    carried = client.get(LATER + "agree/1.2/?carry=1")
    assert "it is not saved yet" in text_of(carried)
    sent = PageForm(carried, "version").sent
    assert (sent["level"], sent["reason"]) == ("2", "Reason 1.2")
    assert not Answer.objects.filter(assessment__number=2).answered().exists()
    client.post(LATER + "agree/1.2/", sent)
    assert Answer.objects.get(assessment__number=2, question__number="1.2").level == 2


def test_where_the_framework_is_another_one_its_answer_is_shown_and_not_taken_over(lead, framework, browser, text_of):
    submitted_round(lead, framework, name="Spring 2026")
    other = make_framework("other", numbers=("1.2", "3.3"))
    make_rated_round(lead, other, {"Staff": [["3", "3"]] * 5}, name="Autumn 2026").begin_agreeing(by=lead)
    page = browser().get(LATER + "agree/1.2/")
    assert "may have been worded differently" in text_of(page)
    assert "Use last round" not in text_of(page)
    assert "level" not in PageForm(browser().get(LATER + "agree/1.2/?carry=1"), "version").sent
    assert "Last round" not in text_of(browser().get(LATER + "agree/3.3/"))


@pytest.mark.both_databases
def test_the_newest_version_of_the_newest_round_that_asked_it_counts(lead, framework, browser, text_of):
    first = submitted_round(lead, framework, name="Spring 2026")
    first.submissions.reopen(by=lead, reason="A figure was wrong")
    agree_all(first, lead, level=4)
    submit(first, lead)
    make_rated_round(lead, framework, {"Staff": STAFF}, name="Autumn 2026").begin_agreeing(by=lead)
    assert "Last round: Spreading" in text_of(browser().get(LATER + "agree/1.2/"))


# What curators choose -------------------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_a_curator_puts_a_resource_to_a_question_and_it_comes_first(agreeing, lead, browser, text_of):
    from accounts.curators import curators

    curator = give_app(make_person("curator@example.org", is_staff=True))
    curator.groups.add(curators())
    desk = Client()
    desk.force_login(curator)
    question, resource = agreeing.framework.questions.get(number="1.2"), Resource.objects.get(slug="team-huddles")
    added = desk.post("/admin/assessments/pick/add/", {"question": question.pk, "resource": resource.pk, "why": "A first step that costs nothing"})
    assert added.status_code == 302
    again = desk.post("/admin/assessments/pick/add/", {"question": question.pk, "resource": resource.pk, "why": ""})
    assert again.status_code == 200 and question.picks.count() == 1
    assert b"team" in desk.get("/admin/assessments/pick/?q=huddle").content.lower()
    assert desk.get("/admin/assessments/pick/", {"question__framework__id__exact": agreeing.framework_id}).status_code == 200
    assert desk.get("/admin/assessments/pick/", {"question__picks__resource__title": "x"}).status_code == 400  # no lookup of one's own
    assert [path for path in ("answer", "assessment", "rater", "submission") if desk.get(f"/admin/assessments/{path}/").status_code != 404] == []
    agree_all(agreeing, lead)
    browser().post(HERE + "priorities/", {"place_1": "1.2"})
    words = text_of(browser().get(HERE + "priorities/"))
    assert f"To read or use {resource.title}" in words
    assert "A first step that costs nothing" in words


# What it costs --------------------------------------------------------------------------------------------------------


def big_round(lead, framework, raters):
    assessment = start_round(lead, framework, name=f"With {raters}")
    for n in range(raters):
        rate(add_rater(assessment, n), [str(1 + (n + k) % 5) for k in range(framework.questions.count())], ["A comment of some length. " * 10] * 3)
    assessment.close(by=lead, reason="Enough")
    assessment.begin_agreeing(by=lead)
    agree_all(assessment, lead)
    assessment.answers.set_priorities([q.number for q in framework.questions.all()[:3]], by=lead)
    return assessment


PAGES = ("agree/", "agree/1.1/", "priorities/", "submit/")


def test_no_page_asks_more_of_the_database_with_more_raters_or_questions(lead, browser):
    counts = {}
    for place, (raters, numbers) in enumerate([(6, ("1.1", "1.2", "2.1", "5.4")), (40, [f"{c}.{n}" for c in range(1, 6) for n in range(1, 5)])], 1):
        big_round(lead, make_framework(f"framework-{place}", numbers), raters)
        here = f"/organisations/AB1/assessments/{place}/"
        client = browser()
        for page in PAGES:
            client.get(here + page)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(here + page).status_code == 200
            counts.setdefault(page, []).append(len(queries))
        lead.organisation.assessments.get(number=place).abandon(by=lead, reason="Next")
    assert all(few == many for few, many in counts.values()), counts


def test_the_board_of_22_questions_and_200_raters_takes_little(lead, browser):
    numbers = [f"{c}.{n}" for c, most in enumerate((4, 4, 5, 5, 4), 1) for n in range(1, most + 1)]
    assessment = big_round(lead, make_framework("large", numbers), 12)
    row = [40, 40, 40, 40, 38, 1, 1, 0]
    for answer in assessment.answers.all():
        answer.published = {"total": row, "groups": [["Staff", row]] * 4, "comments": [[None, "A comment of some length. " * 10]] * 200}
        answer.save()
    client = browser()
    client.get(HERE + "agree/")
    started = time.process_time()
    assert client.get(HERE + "agree/").status_code == 200
    assert time.process_time() - started < 0.3
