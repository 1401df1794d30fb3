"""When a save cannot be: a closed round, a dead link, a stale form, a lost database. What was typed comes back. And many at once."""

import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape

import pytest
from django.db import connection, transaction
from django.test import Client

from assessments.models import Rater, Rating
from tests.committed import at_once, lost, own_database
from tests.rounds import add_rater, make_framework, make_lead, rate, start_round

pytestmark = pytest.mark.one_database

MINE = 'Line one\r\nLine <two> & "three" ünïcode 🙂'
KEPT = MINE.replace("\r\n", "\n")
AS_HTML = "Line one\nLine &lt;two&gt; &amp; &#34;three&#34; ünïcode 🙂"
FIELDS = {"choice-1.1": "2", "comment-1.1": MINE, "choice-1.2": "unknown", "comment-1.2": "Second comment", "version-1.1": "0-", "version-1.2": "0-"}


def make_rater():
    """A lead, their round, and somebody with a link of their own: `rater.here` is where their pages are."""
    lead = make_lead()
    rater = add_rater(start_round(lead, make_framework()), 1)
    rater.lead = lead
    rater.here = f"/rate/{rater.renew_link()}/"
    return rater


@pytest.fixture
def rater(db):
    return make_rater()


def comes_back(answer, status):
    """Is everything that was typed on the page, as text to copy?"""
    assert answer.status_code == status
    page = answer.content.decode()
    box = re.search(r'(?s)<textarea[^>]*id="typed"[^>]*>(.*?)</textarea>', page)[1]
    assert "Question 1.1: Developing" in box and AS_HTML in box
    assert "Question 1.2: I do not know" in box and "Second comment" in box
    assert "<two>" not in page
    return page


# Closed ---------------------------------------------------------------------------------------------------------------


def end_round(rater, how):
    assessment = rater.assessment
    if how == "closed":
        assessment.close(by=rater.lead, reason="Done")
    elif how == "abandoned":
        assessment.abandon(by=rater.lead, reason="Wrong")
    elif how == "past":
        assessment.closes_at = assessment.started_at
        assessment.save()
    elif how == "agreeing":
        assessment.close(by=rater.lead, reason="Done")
        assessment.begin_agreeing(by=rater.lead)
    else:
        organisation = rater.lead.organisation
        organisation.closed = "2026-01-01"
        organisation.save()


ENDS = ["closed", "abandoned", "past", "agreeing", "organisation"]


@pytest.mark.parametrize("how", ENDS)
def test_a_late_rater_meets_a_kind_page_with_whom_to_ask(rater, how, text_of):
    end_round(rater, how)
    for page in ("", "1/", "check/"):
        answer = Client().get(rater.here + page)
        assert answer.status_code == 200
        words = text_of(answer)
        assert "This round has closed" in words and "lead@example.org" in words and "Lee Lead" in words
        assert "your own answers" not in words


@pytest.mark.parametrize("how", ENDS)
def test_a_save_after_the_end_is_refused_and_comes_back(rater, how):
    end_round(rater, how)
    page = comes_back(Client().post(f"{rater.here}1/", FIELDS), 409)
    assert "could not be saved" in page and "lead@example.org" in page
    assert not Rating.objects.exists()
    for page in ("", "check/"):
        assert Client().post(rater.here + page).status_code == 409
    rater.refresh_from_db()
    assert rater.finished_on is None


def test_a_script_hears_that_the_round_has_closed(rater):
    end_round(rater, "closed")
    answer = Client().post(f"{rater.here}1/", FIELDS, headers={"accept": "application/json"})
    assert answer.status_code == 409 and answer.json()["message"] == "Not saved: this round has closed"


def test_after_the_end_ones_own_answers_can_still_be_read(rater, text_of):
    rate(rater, ["2", "3", "4", "5"], ["Mine"])
    end_round(rater, "closed")
    page = Client().get(rater.here)
    assert f'href="{rater.here}thanks/"' in page.content.decode() and "You finished in time" in text_of(page)
    assert "Mine" in text_of(Client().get(f"{rater.here}thanks/"))
    assert b"Mine" in Client().get(f"{rater.here}answers.txt").content


def test_who_had_not_finished_is_told_that_it_does_not_count(rater, text_of):
    Client().post(f"{rater.here}1/", FIELDS)
    end_round(rater, "closed")
    assert "what you saved is not counted" in text_of(Client().get(rater.here))
    assert "your answers are not counted" in text_of(Client().get(f"{rater.here}thanks/"))


def test_an_abandoned_round_says_that_what_was_said_stays_sealed(rater, text_of):
    end_round(rater, "abandoned")
    assert "Nobody there sees what was said in it" in text_of(Client().get(rater.here))


def test_a_closed_round_without_leads_still_says_whom_to_ask(rater, text_of):
    end_round(rater, "closed")
    rater.lead.organisation.memberships.all().delete()
    assert "Nobody leads this at the moment" in text_of(Client().get(rater.here))


# A dead link, a stale form --------------------------------------------------------------------------------------------


def test_a_save_through_a_dead_link_comes_back(rater):
    old = rater.here
    rater.renew_link()
    page = comes_back(Client().post(f"{old}1/", FIELDS), 404)
    assert "has not been saved" in page and 'href="/rate/"' in page
    assert not Rating.objects.exists()


def test_a_save_to_half_a_link_comes_back(rater):
    comes_back(Client().post(f"{rater.here[:-3]}/1/", FIELDS), 404)


def strict():
    return Client(enforce_csrf_checks=True)


def token_in(page):
    return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.content.decode())[1]


def test_a_form_without_its_cookie_comes_back_and_can_be_sent_again_as_it_is(rater):
    client = strict()
    answer = client.post(f"{rater.here}1/", FIELDS)
    page = comes_back(answer, 403)
    assert not Rating.objects.exists()
    assert client.post(f"{rater.here}1/", hidden_fields(page)).status_code == 302
    assert Rating.objects.get(question__number="1.1").comment == KEPT


def hidden_fields(page):
    return {name: unescape(value) for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)}


def test_a_stale_token_comes_back(rater):
    client = strict()
    client.get(f"{rater.here}1/")
    comes_back(client.post(f"{rater.here}1/", {**FIELDS, "csrfmiddlewaretoken": "x" * 64}), 403)


def test_a_script_with_a_stale_token_is_given_a_new_one(rater):
    client = strict()
    answer = client.post(f"{rater.here}1/", FIELDS, headers={"accept": "application/json"})
    assert answer.status_code == 403
    again = client.post(f"{rater.here}1/", {**FIELDS, "csrfmiddlewaretoken": answer.json()["csrf"]}, headers={"accept": "application/json"})
    assert again.status_code == 200 and Rating.objects.count() == 2


@pytest.mark.parametrize(("origin", "status"), [("null", 302), ("http://testserver", 302), ("https://evil.example", 403), (None, 302)])
def test_a_form_of_ours_comes_without_an_origin_and_one_of_others_is_refused(rater, origin, status):
    """Pages that send no Referer have their forms sent with the origin null."""
    client = strict()
    token = token_in(client.get(f"{rater.here}1/"))
    headers = {"origin": origin} if origin else {}
    assert client.post(f"{rater.here}1/", {**FIELDS, "csrfmiddlewaretoken": token}, headers=headers).status_code == status


def test_an_origin_of_null_is_taken_nowhere_else(rater):
    client = strict()
    token = token_in(client.get("/accounts/login/"))
    fields = {"login": "a@example.org", "password": "x", "csrfmiddlewaretoken": token}
    assert client.post("/accounts/login/", fields, headers={"origin": "null"}).status_code == 403


def test_the_form_for_a_lost_link_is_checked_too():
    assert strict().post("/rate/", {"email": "a@example.org"}).status_code == 403


def test_only_fields_of_ours_are_handed_back(rater):
    page = strict().post(f"{rater.here}1/", {**FIELDS, "evil": "Canary", "comment-x": "Canary", "csrfmiddlewaretoken": "Canary"}).content.decode()
    assert "Send it again" in page and "Canary" not in page


def test_an_unheard_of_choice_is_handed_back_as_text(rater):
    rater.renew_link()
    page = Client().post(f"{rater.here}1/", {"choice-1.1": "<script>alert(1)</script>"}).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page and "<script>alert" not in page


# A lost database ------------------------------------------------------------------------------------------------------


@pytest.fixture
def committed(django_db_setup, django_db_blocker, tmp_path):
    """A rater in a database of this test's own."""
    with django_db_blocker.unblock(), own_database(tmp_path):
        yield make_rater()


@pytest.fixture
def without_database(committed):
    with lost():
        yield


@pytest.mark.both_databases
def test_a_save_without_a_database_comes_back_and_can_be_sent_again(committed, without_database, caplog):
    answer = Client().post(f"{committed.here}1/", FIELDS)
    page = comes_back(answer, 503)
    assert answer["Retry-After"] == "30"
    assert answer["Cache-Control"] == "private, no-store"
    assert hidden_fields(page)["comment-1.1"] == MINE
    assert f'action="{committed.here}1/"' in page
    assert "The database failed a rater" in caplog.text


@pytest.mark.both_databases
def test_a_script_hears_that_the_database_does_not_answer(committed, without_database):
    answer = Client().post(f"{committed.here}1/", FIELDS, headers={"accept": "application/json"})
    assert answer.status_code == 503 and answer["Retry-After"]
    assert answer.json()["message"] == "Not saved yet: our database does not answer"


@pytest.mark.both_databases
def test_finishing_without_a_database_is_told(committed, without_database):
    assert Client().post(f"{committed.here}check/").status_code == 503


# Many at once ---------------------------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_eight_raters_who_save_at_once_lose_nothing(committed):
    raters = [committed, *(add_rater(committed.assessment, number) for number in range(2, 9))]
    links = [f"/rate/{rater.renew_link()}/" for rater in raters]
    connection.close()

    def way(number, here):
        client, statuses = Client(), []
        for turn in range(5):
            fields = {"choice-1.1": str(turn + 1), "comment-1.1": f"Rater {number}, turn {turn}", "choice-1.2": "2", "comment-1.2": f"Also {number}"}
            page = client.get(f"{here}1/")
            statuses += [page.status_code, client.post(f"{here}1/", {**fields, **hidden_fields(page.content.decode())}).status_code]
        return [*statuses, client.post(f"{here}check/").status_code]

    for statuses in at_once(*(lambda n=n, here=here: way(n, here) for n, here in enumerate(links))):
        assert statuses == [200, 302] * 5 + [302]
    for number, rater in enumerate(raters):
        rater.refresh_from_db()
        assert rater.finished_on
        assert sorted(rater.ratings.values_list("choice", "comment", "version")) == [("2", f"Also {number}", 1), ("5", f"Rater {number}, turn 4", 5)]


@pytest.mark.both_databases
def test_one_rater_in_eight_windows_at_once_loses_no_question(committed):
    rater = committed
    numbers = ["1.1", "1.2"] * 4
    answers = at_once(
        *(
            lambda n=n, number=number: Client().post(f"{rater.here}1/", {f"choice-{number}": "3", f"comment-{number}": f"Window {n}"})
            for n, number in enumerate(numbers)
        )
    )
    assert {answer.status_code for answer in answers} <= {200, 302}
    assert sorted(rater.ratings.values_list("question__number", "version")) == [("1.1", 4), ("1.2", 4)]
    kept = set(rater.ratings.values_list("comment", flat=True))
    replaced = {words for answer in answers for words in re.findall(r'class="app-comment">(Window \d)<', answer.content.decode())}
    assert kept.isdisjoint(replaced) and kept | replaced == {f"Window {n}" for n in range(8)}, "each window that was replaced was told so"


@pytest.mark.parametrize("turn", range(5))
@pytest.mark.both_databases
def test_a_save_that_races_the_close_is_in_or_comes_back(committed, turn):
    rater = committed
    assessment, lead = rater.assessment, rater.lead
    answer, _ = at_once(lambda: Client().post(f"{rater.here}1/", FIELDS), lambda: assessment.close(by=lead, reason="Now"))
    if answer.status_code == 302:
        assert rater.ratings.count() == 2
    else:
        comes_back(answer, 409)
        assert not rater.ratings.exists()


@pytest.mark.both_databases
def test_a_save_that_waits_for_the_close_comes_back(committed):
    """The round is locked when the save arrives, and closed when it may go on."""
    rater = committed
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            rater.assessment.lock()
            saving = pool.submit(at_once, lambda: Client().post(f"{rater.here}1/", FIELDS))
            assert not wait_for(saving, 0.3)
            rater.assessment.close(by=rater.lead, reason="Now")
        (answer,) = saving.result(20)
    comes_back(answer, 409)
    assert not rater.ratings.exists()


@pytest.mark.both_databases
def test_a_link_copied_while_a_save_waits_never_opens_what_was_saved(committed):
    """A lead copies the link, and starts with it, before a rater's first save may go on: the save comes back, and the lead's link opens nothing."""
    rater = committed
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            rater.assessment.lock()
            saving = pool.submit(at_once, lambda: Client().post(f"{rater.here}1/", FIELDS))
            assert not wait_for(saving, 0.3)
            shown = Rater.objects.get(pk=rater.pk).copy_link(by=rater.lead)
        (answer,) = saving.result(20)
    comes_back(answer, 404)
    assert not rater.ratings.exists()
    assert Client().get(f"/rate/{shown}/").status_code == 200


def wait_for(future, seconds):
    try:
        future.result(seconds)
    except TimeoutError:
        return False
    return True
