"""A rater's way: cover, a page for each component, check, thanks; what is saved, what is refused, and what comes back."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEntry
from assessments.models import Rater
from assessments.models.rating import LONGEST_COMMENT, Said
from assessments.questionnaire import questionnaire
from tests.rounds import add_rater, make_framework, start_round

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def framework():
    """Three components, four questions: 6 pages."""
    return make_framework()


@pytest.fixture
def assessment(lead, framework):
    return start_round(lead, framework)


@pytest.fixture
def rater(assessment):
    """Somebody with a link of their own: `rater.here` is where their pages are."""
    rater = add_rater(assessment, 1)
    rater.here = f"/rate/{rater.renew_link()}/"
    return rater


def visit(page, **query):
    return Client().get(page, query)


def marks(page):
    """What the page notes of each question, to be sent back with it."""
    return dict(re.findall(r'name="(version-[\d.]+)" value="([^"]*)"', page.content.decode()))


def send(page, client=None, **answers):
    """Fill in a page that has just been opened and send it: `send(page, q1_1=("3", "because"))`."""
    client = client or Client()
    fields = marks(client.get(page))
    for name, (choice, comment) in answers.items():
        number = name[1:].replace("_", ".")
        fields |= {f"choice-{number}": choice, f"comment-{number}": comment}
    return client.post(page, fields)


def said(rater):
    return {rating.question.number: (rating.choice, rating.comment, rating.version) for rating in rater.ratings.select_related("question")}


# The way through ------------------------------------------------------------------------------------------------------


def test_the_cover_says_what_who_how_long_and_until_when(rater, lead, text_of):
    rater.assessment.closes_at = timezone.make_aware(timezone.datetime(2030, 12, 1))
    rater.assessment.save()
    words = text_of(visit(rater.here))
    assert "Our Trust asks you to rate it" in words
    assert "Page 1 of 6" in words
    assert "About 15 minutes, 6 pages" in words
    assert "Until the end of 30 November 2030" in words
    assert "Nobody sees what you say until the round has closed" in words
    assert "Ours, for tests" in words
    assert lead.email in words


def test_raters_of_an_open_and_of_an_anonymous_round_read_who_will_see_what(lead, framework, text_of):
    for anonymous, words in ((True, "Nobody sees who said what"), (False, "with your name")):
        assessment = start_round(lead, framework, anonymous=anonymous)
        rater = add_rater(assessment, 1)
        assert words in text_of(visit(f"/rate/{rater.renew_link()}/"))
        assessment.abandon(by=lead, reason="The next one")


@pytest.mark.both_databases
def test_a_rater_goes_from_page_to_page_and_finishes(rater, text_of):
    cover = visit(rater.here)
    assert f'href="{rater.here}1/"' in cover.content.decode()
    assert send(f"{rater.here}1/", q1_1=("4", "We all know it"), q1_2=("unknown", ""))["Location"] == f"{rater.here}2/"
    assert send(f"{rater.here}2/", q2_1=("none", ""))["Location"] == f"{rater.here}3/"
    assert send(f"{rater.here}3/")["Location"] == f"{rater.here}check/"
    words = text_of(visit(f"{rater.here}check/"))
    assert "You have answered 3 of 4 questions" in words
    assert "Not answered yet" in words and "We all know it" in words and "1.1 at level 4" in words
    assert Client().post(f"{rater.here}check/")["Location"] == f"{rater.here}thanks/"
    rater.refresh_from_db()
    assert rater.finished_on == timezone.localdate()
    assert "Thank you, you have finished" in text_of(visit(f"{rater.here}thanks/"))
    assert said(rater) == {"1.1": ("4", "We all know it", 1), "1.2": ("unknown", "", 1), "2.1": ("none", "", 1)}


def test_each_page_says_which_it_is_and_whose_wording_it_shows(rater, text_of):
    for place, page in enumerate(["", "1/", "2/", "3/", "check/", "thanks/"], 1):
        words = text_of(visit(rater.here + page))
        assert f"Page {place} of 6" in words
        assert "Ours, for tests" in words


def test_the_working_edition_is_eight_pages(lead, text_of):
    from assessments.models import Framework

    rater = add_rater(start_round(lead, Framework.objects.published().get(slug="working-edition")), 1)
    here = f"/rate/{rater.renew_link()}/"
    assert "Page 1 of 8" in text_of(visit(here))
    assert [len(page.questions) for page in questionnaire(rater.assessment).pages] == [4, 4, 5, 5, 4]
    page = visit(f"{here}2/").content.decode()
    assert "2.3 Coaching leadership" in page
    assert page.count('type="radio"') == 4 * 7
    assert "It is not NHS England’s wording" in page


def test_not_knowing_and_not_applying_stand_apart_from_the_levels_and_from_each_other(rater):
    page = visit(f"{rater.here}2/").content.decode()
    order = re.findall(r'type="radio" value="(\w+)"|nhsuk-radios__divider">(\w+)<', page)
    assert [value or word for value, word in order] == ["1", "2", "3", "4", "5", "or", "unknown", "or", "none"]


@pytest.mark.both_databases
def test_what_was_said_stands_on_the_page_again(rater):
    send(f"{rater.here}1/", q1_1=("2", "Tea & <b>biscuits</b>\nhelp"))
    page = visit(f"{rater.here}1/").content.decode()
    assert re.search(r'value="2" checked', page)
    assert "Tea &amp; &lt;b&gt;biscuits&lt;/b&gt;\nhelp</textarea>" in page


def test_save_and_come_back_later_says_that_it_is_saved_and_how_to_come_back(rater, text_of):
    fields = {"comment-1.1": "", "choice-1.1": "5", "then": "later"}
    answer = Client().post(f"{rater.here}1/", fields, follow=True)
    assert answer.redirect_chain[-1][0] == f"{rater.here}?later"
    words = text_of(answer)
    assert "Your answers are saved" in words and "You have answered 1 of 4 questions so far" in words
    assert said(rater)["1.1"] == ("5", "", 1)


def test_whoever_comes_back_goes_on_where_they_left(rater):
    send(f"{rater.here}1/", q1_1=("2", ""), q1_2=("2", ""))
    assert f'href="{rater.here}2/"' in visit(rater.here).content.decode()
    send(f"{rater.here}2/", q2_1=("2", ""))
    send(f"{rater.here}3/", q5_4=("2", ""))
    assert f'href="{rater.here}check/"' in visit(rater.here).content.decode()


def test_a_change_from_the_check_page_leads_back_to_it(rater):
    assert f'href="{rater.here}2/?check#question-2.1"' in visit(f"{rater.here}check/").content.decode()
    page = Client().get(f"{rater.here}2/?check").content.decode()
    assert f'action="{rater.here}2/?check"' in page and 'id="question-2.1"' in page
    assert Client().post(f"{rater.here}2/?check", {"choice-2.1": "1", "comment-2.1": ""})["Location"] == f"{rater.here}check/"


def test_nothing_is_insisted_on(rater):
    for page in ("1/", "2/", "3/"):
        assert send(rater.here + page).status_code == 302
    assert Client().post(f"{rater.here}check/").status_code == 302
    assert not rater.ratings.exists()


@pytest.mark.both_databases
def test_answers_can_be_changed_after_finishing_and_finishing_twice_is_harmless(rater):
    Client().post(f"{rater.here}check/")
    send(f"{rater.here}1/", q1_1=("1", ""))
    assert Client().post(f"{rater.here}check/")["Location"] == f"{rater.here}thanks/"
    assert said(rater) == {"1.1": ("1", "", 1)}


def test_a_copy_of_ones_own_answers_as_text(rater):
    send(f"{rater.here}1/", q1_1=("3", "Ça va\r\nbien <ok>"))
    answer = visit(f"{rater.here}answers.txt")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="my-answers.txt"'
    text = answer.content.decode()
    assert "1.1 Title 1.1\nAsks 1.1?\nProgressing: 1.1 at level 3\nComment: Ça va\nbien <ok>\n" in text
    assert text.count("Not answered") == 3
    assert "not finished" in text and "Ours, for tests" in text


def test_a_sheets_pages_name_it_and_finishing_seals_it(assessment, lead, text_of):
    sheet = assessment.raters.make_sheets(1, assessment.groups.first().pk, by=lead)[0]
    here = f"/rate/{sheet.renew_link()}/"
    assert f"Sheet {sheet.sheet_code}, page 2 of 6" in text_of(visit(f"{here}1/"))
    send(f"{here}1/", q1_1=("2", "From paper"))
    answer = Client().post(f"{here}check/")
    assert answer["Location"] == f"/organisations/AB1/assessments/1/sheets/key-in/?finished={sheet.sheet_code}"
    sheet.refresh_from_db()
    assert sheet.finished_on and said(sheet) == {"1.1": ("2", "From paper", 1)}
    assert visit(f"{here}thanks/").status_code == 404
    desk = Client()
    desk.force_login(lead)
    assert f"Sheet {sheet.sheet_code} is keyed in and sealed" in text_of(desk.get(answer["Location"]))
    assert "is keyed in" not in text_of(desk.get(answer["Location"].replace(sheet.sheet_code, "AAA-AAA")))


# What is saved --------------------------------------------------------------------------------------------------------


def test_a_comment_alone_is_saved_and_is_no_answer(rater, text_of):
    send(f"{rater.here}1/", q1_1=("", "Only this"))
    assert said(rater) == {"1.1": ("", "Only this", 1)}
    words = text_of(visit(f"{rater.here}check/"))
    assert "You have answered 0 of 4 questions" in words and "Only this" in words


@pytest.mark.both_databases
def test_a_comment_of_5000_characters_is_saved_whatever_ends_its_lines(rater):
    comment = ("a" * 49 + "\r\n") * 99 + "b" * 50
    assert send(f"{rater.here}1/", q1_1=("3", comment)).status_code == 302
    assert len(rater.ratings.get().comment) == LONGEST_COMMENT


def test_a_comment_of_5001_comes_back_and_the_rest_of_the_page_is_saved(rater, text_of):
    answer = send(f"{rater.here}1/", q1_1=("3", "x" * 5001), q1_2=("4", "Short"))
    page, words = answer.content.decode(), text_of(answer)
    assert answer.status_code == 200
    assert page.count("Shorten your comment on 1.1 by 1 character<") == 2  # beside the field, and in the summary
    assert 'href="#comment-1.1"' in page
    assert "x" * 5001 in page and re.search(r'name="choice-1.1" type="radio" value="3" checked', page)
    assert "Everything else on this page is saved" in words
    assert said(rater) == {"1.2": ("4", "Short", 1)}


def test_a_comment_is_counted_as_its_browser_counts_it(rater, text_of):
    answer = send(f"{rater.here}1/", q1_1=("3", "🙂" * 2501))
    assert "Shorten your comment on 1.1 by 2 characters" in text_of(answer)
    assert send(f"{rater.here}1/", q1_1=("3", "🙂" * 2500)).status_code == 302


def test_the_shortened_comment_is_saved_after_all(rater):
    answer = send(f"{rater.here}1/", q1_1=("3", "x" * 5001))
    fields = {**marks(answer), "choice-1.1": "3", "comment-1.1": "x" * 4999}
    assert Client().post(f"{rater.here}1/", fields).status_code == 302
    assert said(rater) == {"1.1": ("3", "x" * 4999, 1)}


@pytest.mark.both_databases
def test_the_later_of_two_windows_wins_and_says_what_it_replaced(rater, text_of):
    first, second = Client(), Client()
    one, two = marks(first.get(f"{rater.here}1/")), marks(second.get(f"{rater.here}1/"))
    first.post(f"{rater.here}1/", {**one, "choice-1.1": "2", "comment-1.1": "From the first", "comment-1.2": ""})
    answer = second.post(f"{rater.here}1/", {**two, "choice-1.1": "5", "comment-1.1": "From the second", "comment-1.2": ""})
    assert answer.status_code == 200
    words = text_of(answer)
    assert "You had also answered 1.1 in another window" in words and "From the first" in words and "Developing" in words
    assert said(rater) == {"1.1": ("5", "From the second", 2)}
    assert second.post(f"{rater.here}1/", {**marks(answer), "choice-1.1": "5", "comment-1.1": "From the second"}).status_code == 302


@pytest.mark.both_databases
def test_what_nobody_touched_in_a_window_does_not_undo_what_was_said_in_another(rater):
    send(f"{rater.here}1/", q1_2=("1", "At first"))
    first, second = Client(), Client()
    one, two = marks(first.get(f"{rater.here}1/")), marks(second.get(f"{rater.here}1/"))
    first.post(f"{rater.here}1/", {**one, "choice-1.1": "2", "comment-1.1": "", "choice-1.2": "4", "comment-1.2": "Later"})
    answer = second.post(f"{rater.here}1/", {**two, "comment-1.1": "", "choice-1.2": "1", "comment-1.2": "At first"})
    assert answer.status_code == 302
    assert said(rater) == {"1.1": ("2", "", 1), "1.2": ("4", "Later", 2)}


def test_only_the_questions_of_the_page_are_saved(rater, assessment):
    other = add_rater(assessment, 2)
    fields = {
        "choice-1.1": "2",
        "comment-1.1": "",
        "choice-2.1": "5",
        "comment-2.1": "x",
        "choice-9.9": "1",
        "rater": str(other.pk),
        "finished_on": "2020-01-01",
    }
    Client().post(f"{rater.here}1/", fields)
    assert said(rater) == {"1.1": ("2", "", 1)}
    rater.refresh_from_db()
    assert rater.finished_on is None and not other.ratings.exists()


@pytest.mark.both_databases
def test_a_save_is_no_line_of_the_log_and_has_no_time(rater):
    lines = AuditEntry.objects.count()
    send(f"{rater.here}1/", q1_1=("2", ""))
    Client().post(f"{rater.here}check/")
    assert AuditEntry.objects.count() == lines


# Script ---------------------------------------------------------------------------------------------------------------


def from_script(page, fields):
    return Client().post(page, fields, headers={"accept": "application/json"})


def test_a_script_is_told_when_it_was_saved_by_the_clock_in_england(rater):
    answer = from_script(f"{rater.here}1/", {"choice-1.1": "2", "comment-1.1": "Hm", "version-1.1": ""})
    assert answer.status_code == 200
    data = answer.json()
    assert abs(timezone.localtime() - timezone.localtime().replace(hour=int(data["saved"][:2]), minute=int(data["saved"][3:]))) < timedelta(minutes=2)
    assert said(rater) == {"1.1": ("2", "Hm", 1)}
    again = from_script(f"{rater.here}1/", {"choice-1.1": "3", "comment-1.1": "Hm", "version-1.1": data["marks"]["1.1"]}).json()
    assert again["replaced"] == {} and said(rater) == {"1.1": ("3", "Hm", 2)}


def test_a_script_is_told_what_was_replaced_and_what_is_wrong(rater):
    send(f"{rater.here}1/", q1_1=("1", "<i>Mine</i>"))
    data = from_script(f"{rater.here}1/", {"choice-1.1": "3", "comment-1.1": "", "comment-1.2": "x" * 5003, "choice-1.2": "1"}).json()
    assert "&lt;i&gt;Mine&lt;/i&gt;" in data["replaced"]["1.1"]
    assert data["errors"] == {"1.2": "Shorten your comment on 1.2 by 3 characters"}
    assert set(data["marks"]) == {"1.1"}


# What it costs --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("raters", [1, 200])
@pytest.mark.both_databases
def test_a_save_is_six_queries_and_one_upsert_and_a_page_two(assessment, rater, raters):
    for number in range(2, raters + 1):
        add_rater(assessment, number)
    client, page = Client(), f"{rater.here}1/"
    fields = {**marks(client.get(page)), "choice-1.1": "2", "comment-1.1": "Because", "choice-1.2": "3", "comment-1.2": ""}
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.post(page, fields).status_code == 302
    assert len(queries) <= 6, [query["sql"] for query in queries]
    assert sum("INSERT" in query["sql"] for query in queries) == 1
    for address, most in ((page, 2), (rater.here, 3), (f"{rater.here}check/", 2), (f"{rater.here}thanks/", 3)):
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        assert len(queries) <= most, (address, [query["sql"] for query in queries])


# Anything at all ------------------------------------------------------------------------------------------------------

ODD = ["\x00", "a\x00b", "9", "-1", "1e3", "１", "unknown ", "<script>", "1" * 400, "🙂", "\u202e", "null"]


@pytest.mark.parametrize("value", ODD, ids=range(len(ODD)))
@pytest.mark.both_databases
def test_odd_input_is_an_error_or_a_text_never_a_fault(rater, value):
    for kind in ("choice", "comment", "version"):
        answer = Client().post(f"{rater.here}1/", {"choice-1.1": "1", "comment-1.1": "x", "version-1.1": "0-", f"{kind}-1.1": value})
        assert answer.status_code in (200, 302)
        if kind == "choice":
            assert answer.status_code == 200 and b"Select one of the answers to 1.1" in answer.content
        assert b"<script>" not in answer.content
        assert not [comment for comment in rater.ratings.values_list("comment", flat=True) if "\x00" in comment]


@pytest.mark.both_databases
def test_lone_surrogates_become_question_marks(rater):
    body = b'--x\r\nContent-Disposition: form-data; name="comment-1.1"\r\n\r\n\\ud800 here\r\n--x--\r\n'
    answer = Client().generic("POST", f"{rater.here}1/", body, content_type="multipart/form-data; boundary=x; charset=unicode_escape")
    assert answer.status_code == 302
    assert said(rater)["1.1"][1] == "? here"


@pytest.mark.both_databases
def test_a_thousand_fields_are_read_or_refused(rater):
    many = {f"comment-{a}.{b}": "x" for a in range(1, 10) for b in range(1, 100)}
    assert Client().post(f"{rater.here}1/", many).status_code == 302
    assert Client().post(f"{rater.here}1/", many | {f"more{n}": "x" for n in range(200)}).status_code == 400
    assert set(said(rater)) == {"1.1", "1.2"}


@pytest.mark.parametrize("place", ["0", "4", "99", "1" * 30, "1" * 5000])
def test_a_component_there_is_not_is_not_found(rater, place):
    assert visit(f"{rater.here}{place}/").status_code == 404
    assert Client().post(f"{rater.here}{place}/", {"comment-1.1": "Mine"}).status_code == 404


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_looking_changes_no_row(rater, method):
    before = [*Rater.objects.values_list()]
    for page in ("", "?later", "?new", "1/", "check/", "thanks/", "answers.txt"):
        assert getattr(Client(), method)(rater.here + page).status_code == 200
    assert [*Rater.objects.values_list()] == before and not rater.ratings.exists()


@pytest.mark.parametrize("method", ["put", "patch", "delete", "trace"])
def test_no_other_method_is_taken(rater, method):
    for page in ("", "1/", "check/", "thanks/", "answers.txt"):
        assert getattr(Client(), method)(rater.here + page).status_code == 405
    assert Client().post(f"{rater.here}thanks/").status_code == 405


@pytest.mark.both_databases
def test_a_rater_saves_with_the_versions_it_had_seen_by_the_model_too(rater, framework):
    question = framework.questions.first()
    rater.ratings.save_all({question: Said("1", "One", 0)})
    (old,) = rater.ratings.save_all({question: Said("2", "Two", 0)})
    assert (old.choice, old.comment) == ("1", "One")
    assert rater.ratings.save_all({question: Said("3", "Three", 2)}) == []
