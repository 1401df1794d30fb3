"""Private links: what they open, when they die, that a link somebody else has seen opens no ratings, and how a lost one comes back."""

import io
import logging
import logging.config
import re

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.door import OrganisationMiddleware
from accounts.letters import send as send_letter
from assessments import letters
from assessments.models import Rater
from tests.people import make_person
from tests.rounds import add_rater, make_framework, make_lead, rate, start_round

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

WHO = 'SELECT "accounts_user"'
PAGES = ["", "1/", "check/", "thanks/", "answers.txt"]


@pytest.fixture(autouse=True)
def nobody_has_asked():
    cache.clear()


@pytest.fixture
def assessment(lead):
    return start_round(lead, make_framework())


@pytest.fixture
def rater(assessment):
    return add_rater(assessment, 1)


def here(token):
    return f"/rate/{token}/"


def link_in(message):
    """Where the private link of a mail leads, without the host."""
    (token,) = re.findall(rf"{re.escape(settings.BASE_URL)}/rate/([\w-]{{22}})/", message.body)
    return here(token)


# What a link opens ----------------------------------------------------------------------------------------------------


def test_no_page_is_kept_listed_or_tells_where_a_reader_came_from(rater):
    token = rater.renew_link()
    answers = [Client().get(here(token) + page) for page in PAGES] + [Client().get("/rate/"), Client().get(here("x" * 22)), Client().get("/rate/nonsense/")]
    answers += [Client().post(here(token) + "1/", {"comment-1.1": "x"}), Client(enforce_csrf_checks=True).post(here(token) + "1/"), Client().put(here(token))]
    for answer in answers:
        assert answer["Cache-Control"] == "private, no-store"
        assert answer["Referrer-Policy"] == "no-referrer"
        assert answer["X-Robots-Tag"] == "noindex"


def test_nobody_is_asked_who_they_are(rater):
    token = rater.renew_link()
    client = Client()
    for page in PAGES:
        with CaptureQueriesContext(connection) as queries:
            client.get(here(token) + page)
        assert not [query["sql"] for query in queries if "session" in query["sql"] or query["sql"].startswith(WHO)]
    client.post(here(token) + "1/", {"choice-1.1": "2", "comment-1.1": ""})
    assert set(client.cookies) <= {settings.CSRF_COOKIE_NAME}


def test_a_page_leads_out_of_the_raters_pages_without_the_token(rater):
    token = rater.renew_link()
    for page in PAGES[:-1]:
        html = Client().get(here(token) + page).content.decode()
        for address in re.findall(r'(?:href|src|action)="([^"]*)"', html):
            assert token not in address or address.startswith(here(token)), address


@pytest.mark.both_databases
def test_a_dead_and_an_unknown_link_get_the_same_page(rater):
    old = rater.renew_link()
    rater.renew_link()
    bodies = set()
    for token in (old, "x" * 22):
        answer = Client().get(here(token))
        assert answer.status_code == 404
        bodies.add(answer.content)
    assert len(bodies) == 1
    assert b"This link does not work" in bodies.pop()


@pytest.mark.parametrize("path", ["/rate/short/", "/rate/x/y/z/", "/rate/%00/", "/rate/AAAAAAAAAAAAAAAAAAAAA/", "/rate/AAAAAAAAAAAAAAAAAAAAAA=/"])
def test_half_a_link_gets_the_page_that_can_send_a_new_one(path):
    answer = Client().get(path)
    assert answer.status_code == 404
    assert b"check that you copied all of it" in answer.content and b'href="/rate/"' in answer.content


@pytest.mark.both_databases
def test_each_link_opens_its_own_raters_answers_alone(assessment):
    one, two = add_rater(assessment, 1), add_rater(assessment, 2)
    first, second = one.renew_link(), two.renew_link()
    Client().post(here(first) + "1/", {"choice-1.1": "2", "comment-1.1": "Canary"})
    for page in PAGES:
        assert b"Canary" not in Client().get(here(second) + page).content


# A link that somebody else has seen -----------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_a_copied_link_is_exchanged_when_its_rater_starts(rater, lead, text_of):
    shown = rater.copy_link(by=lead)
    cover = Client().get(here(shown))
    assert 'method="post"' in cover.content.decode()
    answer = Client().post(here(shown), follow=True)
    own = re.match(r"/rate/([\w-]{22})/\?new", answer.redirect_chain[-1][0])[1]
    assert own != shown
    words = text_of(answer)
    assert "This is your own private link now. Keep it" in words and f"{settings.BASE_URL}/rate/{own}/" in words
    assert Client().get(here(shown)).status_code == 404
    assert Client().get(here(own) + "1/").status_code == 200


def test_a_copied_link_opens_no_page_but_the_cover(rater, lead):
    shown = rater.copy_link(by=lead)
    for page in PAGES[1:]:
        answer = Client().get(here(shown) + page)
        assert (answer.status_code, answer["Location"]) == (302, here(shown))


def test_opening_a_copied_link_uses_nothing_up(rater, lead):
    shown = rater.copy_link(by=lead)
    before = [*Rater.objects.values_list()]
    for _ in range(3):
        Client().get(here(shown))
        Client().head(here(shown))
    assert [*Rater.objects.values_list()] == before


@pytest.mark.parametrize(("page", "fields"), [("1/", {"choice-1.1": "2", "comment-1.1": "Canary"}), ("check/", {})])
def test_whatever_is_saved_through_a_copied_link_the_link_is_dead_then(rater, lead, page, fields):
    shown = rater.copy_link(by=lead)
    answer = Client().post(here(shown) + page, fields)
    assert answer.status_code == 302 and answer["Location"].endswith("/?new")
    for each in PAGES:
        assert Client().get(here(shown) + each).status_code == 404
    assert Client().post(here(shown)).status_code == 404
    assert Client().get(answer["Location"]).status_code == 200


def test_a_script_that_saves_through_a_copied_link_learns_the_new_address(rater, lead):
    shown = rater.copy_link(by=lead)
    data = Client().post(here(shown) + "1/", {"choice-1.1": "2", "comment-1.1": ""}, headers={"accept": "application/json"}).json()
    assert shown not in data["address"] and Client().get(data["address"]).status_code == 200


def test_errors_on_a_page_reached_by_a_copied_link_go_on_under_the_new_one(rater, lead):
    shown = rater.copy_link(by=lead)
    page = Client().post(here(shown) + "1/", {"choice-1.1": "2", "comment-1.1": "x" * 5001}).content.decode()
    address = re.search(r'<form method="post" action="([^"]+)"', page)[1]
    assert shown not in page and "your own private link now" in page
    assert Client().post(address, {"choice-1.1": "2", "comment-1.1": "x"}).status_code == 302


def test_a_copied_link_under_which_there_are_ratings_after_all_is_dead(rater, lead):
    """However it came about: what has been seen by somebody else never opens what was said, nor can it be exchanged."""
    shown = rater.copy_link(by=lead)
    rate(rater, ["2"] * 4)
    for page in PAGES:
        assert Client().get(here(shown) + page).status_code == 404
    assert Client().post(here(shown)).status_code == 404
    assert Client().post(here(shown) + "1/", {"comment-1.1": "x"}).status_code == 404


# No mail came? --------------------------------------------------------------------------------------------------------


def ask(email, **options):
    return Client(**options).post("/rate/", {"email": email})


@pytest.mark.both_databases
def test_a_lost_link_comes_again_and_the_old_one_dies(rater, text_of):
    old = rater.renew_link()
    letters.send_link(rater, old, kind="invitation")
    mail.outbox.clear()
    answer = ask("RATER-1@example.org")
    assert "Look in your mail" in text_of(answer)
    (message,) = mail.outbox
    assert message.to == ["rater-1@example.org"] and "your new link to rate Our Trust" in message.subject
    assert Client().get(link_in(message)).status_code == 200
    assert Client().get(here(old)).status_code == 404


@pytest.mark.both_databases
def test_each_round_at_which_one_can_rate_sends_its_own_link(assessment, rater):
    other = start_round(make_lead("CD1", "Their Trust", "their-lead@example.org"), make_framework("other"))
    there = other.raters.create(group=other.groups.first(), email="Rater-1@Example.org")
    ask("rater-1@example.org")
    opened = [Client().get(link_in(message)).content.decode() for message in mail.outbox]
    assert len(opened) == 2 and sum("Our Trust" in page for page in opened) == 1 and sum("Their Trust" in page for page in opened) == 1
    assert there.email


def no_link_sent():
    return not any("/rate/" in re.sub(rf"{re.escape(settings.BASE_URL)}/rate/(?![\w-])", "", message.body) for message in mail.outbox)


def test_a_practice_round_never_mails(lead):
    practice = start_round(lead, make_framework(), practice=True)
    add_rater(practice, 1)
    ask("rater-1@example.org")
    assert no_link_sent()


@pytest.mark.parametrize("how", ["closed", "abandoned", "past", "organisation"])
def test_a_round_in_which_nobody_rates_any_more_mails_no_link(assessment, rater, lead, how):
    if how == "closed":
        assessment.close(by=lead, reason="Done")
    elif how == "abandoned":
        assessment.abandon(by=lead, reason="Wrong")
    elif how == "past":
        assessment.closes_at = assessment.started_at
        assessment.save()
    else:
        lead.organisation.closed = "2026-01-01"
        lead.organisation.save()
    ask("rater-1@example.org")
    assert no_link_sent()


def test_a_paper_sheet_has_no_address_to_ask_with(assessment, lead):
    assessment.raters.make_sheets(2, assessment.groups.first().pk, by=lead)
    assert ask("").status_code == 200
    assert not mail.outbox


@pytest.mark.both_databases
def test_known_and_unknown_addresses_get_the_same_page_and_cost_the_same(rater):
    ask("somebody-before@example.org")  # so that neither is the first
    mail.outbox.clear()
    bodies, work = [], []
    for email in ("rater-1@example.org", "nobody@example.org"):
        with CaptureQueriesContext(connection) as queries:
            answer = ask(email)
        assert answer.status_code == 200
        bodies.append(answer.content)
        work.append([query["sql"].split()[0] for query in queries])
        assert len(mail.outbox) == 1, "one mail each"
        mail.outbox.clear()
    assert bodies[0] == bodies[1]
    known, unknown = ([words.count(verb) for verb in ("UPDATE", "INSERT")] for words in work)
    assert abs(sum(known) - sum(unknown)) <= 1, (work[0], work[1])


def test_an_unknown_address_is_told_by_mail_that_there_is_nothing(text_of):
    ask("nobody@example.org")
    (message,) = mail.outbox
    assert message.to == ["nobody@example.org"] and "no round open" in message.body
    assert no_link_sent()


@pytest.mark.both_databases
def test_an_address_is_mailed_once_an_hour_whoever_asks(rater):
    for number in range(5):
        assert ask("rater-1@example.org", REMOTE_ADDR=f"10.0.0.{number}").status_code == 200
        assert ask("Rater-1@EXAMPLE.org", REMOTE_ADDR=f"10.0.1.{number}").status_code == 200
    assert len(mail.outbox) == 1


@pytest.mark.both_databases
def test_a_client_asks_twenty_times_an_hour(text_of):
    for number in range(20):
        assert ask(f"n{number}@example.org").status_code == 200
    answer = ask("one-more@example.org")
    assert answer.status_code == 429 and "too many requests from your connection" in text_of(answer)
    assert len(mail.outbox) == 20
    assert ask("one-more@example.org", REMOTE_ADDR="10.9.9.9").status_code == 200


def test_where_the_mail_server_refuses_the_old_link_goes_on_working(rater, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # nobody listens
    old = rater.renew_link()
    assert ask("rater-1@example.org").status_code == 200
    assert Client().get(here(old)).status_code == 200


@pytest.mark.parametrize(
    "email", ["", "nonsense", "a@b", "x" * 300 + "@example.org", "a\x00@example.org", "a@example.org\r\nBcc: b@example.org", "🙂@example.org"]
)
@pytest.mark.both_databases
def test_what_is_no_address_is_said_to_be_none_and_mails_nobody(email):
    answer = ask(email)
    assert answer.status_code == 200 and b"There is a problem" in answer.content
    assert not mail.outbox


@pytest.mark.parametrize("email", ["o'hara+nhs@example.org", "a" * 60 + "@" + "b" * 60 + ".example.org"])
@pytest.mark.both_databases
def test_unusual_addresses_are_addresses(assessment, email):
    assessment.raters.create(group=assessment.groups.first(), email=email)
    ask(email)
    assert Client().get(link_in(mail.outbox[0])).status_code == 200


# The mail -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["invitation", "reminder", "again"])
def test_the_mail_says_who_what_until_when_and_who_sees_it(rater, lead, kind):
    token = rater.renew_link()
    assert letters.send_link(rater, token, kind=kind)
    (message,) = mail.outbox
    for words in (
        "Our Trust",
        f"{settings.BASE_URL}/rate/{token}/",
        "You have until the end of",
        "About 15 minutes".lower(),
        "Nobody sees what you say",
        lead.email,
    ):
        assert words in message.body or words in message.body.lower(), words
    assert message.reply_to == [lead.email]
    assert "no account or password" in message.body
    rater.refresh_from_db()
    assert rater.delivery == "accepted"


def test_a_name_with_a_line_break_makes_no_header(rater):
    rater.assessment.organisation_name = "Our\r\nBcc: x@example.org"
    letters.send_link(rater, rater.renew_link(), kind="invitation")
    assert "\n" not in mail.outbox[0].subject and mail.outbox[0].recipients() == ["rater-1@example.org"]


def test_a_letter_can_go_by_a_connection_that_is_open(rater):
    with mail.get_connection() as server:
        assert send_letter("no_rating", "a@example.org", "x", connection=server)
    assert len(mail.outbox) == 1


# The logs -------------------------------------------------------------------------------------------------------------

KINDS = {
    "rate": "/rate/{token}/1/",
    "invitation": "/invitations/{token}/",
    "password reset": "/accounts/password/reset/key/3-{token}/",
    "confirmation": "/accounts/confirm-email/MQ:1abcDE:{token}/",
    "shared result": "/result/{token}/",
}
TOKEN = "SecretSecretSecret-_ab"


@pytest.fixture
def written(monkeypatch):
    """What the configured handler writes, all levels of it."""
    stream = io.StringIO()
    (handler,) = (handler for handler in logging.getLogger().handlers if type(handler) is logging.StreamHandler)
    monkeypatch.setattr(handler, "stream", stream)
    monkeypatch.setattr(logging.getLogger(), "level", logging.DEBUG)
    monkeypatch.setattr(logging.getLogger("django.request"), "level", logging.DEBUG)
    for name in ("django.request", "django"):
        logging.getLogger(name).manager._clear_cache()
    yield stream.getvalue
    logging.getLogger().manager._clear_cache()


@pytest.mark.parametrize("path", KINDS.values(), ids=KINDS)
def test_no_private_link_is_written_down_when_a_page_breaks(path, written, monkeypatch):
    address = path.format(token=TOKEN)
    monkeypatch.setattr(OrganisationMiddleware, "process_view", lambda *args: broken(f"no such thing at {address}"))
    client = Client(raise_request_exception=False)
    client.force_login(make_person())
    assert client.get(address).status_code == 500
    assert "Internal Server Error" in written() and "no such thing at" in written()
    assert TOKEN not in written()


def broken(words):
    raise ValueError(words)


@pytest.mark.parametrize("path", KINDS.values(), ids=KINDS)
def test_no_private_link_is_written_down_when_nothing_is_there(path, written):
    address = path.format(token=TOKEN)
    Client().get(address + "not-here/")
    Client(enforce_csrf_checks=True).post(address, {"comment-1.1": "x"})
    assert "Not Found" in written() or "Forbidden" in written()
    assert TOKEN not in written()


def test_any_logger_is_masked_traceback_stack_and_bad_calls_included(written):
    for path in KINDS.values():
        address = path.format(token=TOKEN)
        logging.getLogger("anything").error("at %s", address, stack_info=True)
        logging.getLogger("django.server").info('"GET %s HTTP/1.1" %s', address, 200)
        logging.getLogger("anything").error("%d of %s", "one", address)
        try:
            raise LookupError({"path": address.lstrip("/")})
        except LookupError:
            logging.getLogger("anything").exception("Failed")
    assert written().count("[private]") >= 4 * len(KINDS)
    assert TOKEN not in written()


def test_every_handler_that_writes_masks():
    for name, handler in settings.LOGGING["handlers"].items():
        assert handler["class"] == "logging.NullHandler" or "private_links" in handler["filters"], name
    for name in ("", "django", "django.server", "django.request", "assessments", "accounts"):
        for handler in logging.getLogger(name or None).handlers:
            if type(handler).__module__.startswith("logging") and not isinstance(handler, logging.NullHandler):
                assert any(type(each).__name__ == "PrivateLinks" for each in handler.filters), (name, handler)
