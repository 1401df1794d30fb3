"""Signing in: what a stranger cannot learn or guess, where nobody is led astray, when a session ends, and who needs a second factor."""

import re
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django import forms
from django.contrib.auth import get_user_model, hashers
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.http import HttpResponse
from django.template.loader import get_template
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, include, path
from django.views.generic import FormView

from accounts.known_browser import COOKIE
from accounts.models import Membership, Organisation
from accounts.sessions import kept_text
from impact_portal.urls import urlpatterns as all_pages
from tests import totp
from tests.people import PASSWORD, give_app, make_curator, make_person, recovery_codes, sign_in, signed_in
from tests.smtp import MailServer

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
NOON = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TOO_MANY = "There have been too many attempts. Wait 5 minutes, or reset your password"
WRONG = "Enter the e-mail address and password of your account"


@pytest.fixture
def ann():
    return make_person()


def links_in(text):
    return re.findall(r"https?://\S+", text)


def link_of_last_mail(part):
    """The path of the link in the newest mail whose address holds this part."""
    return next(urlsplit(link).path for link in links_in(mail.outbox[-1].body) if part in link)


# Your page, as the lead's: a form that keeps text, and who may see it ------------------------------------------------------


class NoteForm(forms.Form):
    note = forms.CharField(widget=forms.Textarea)
    until = forms.DateField(widget=forms.SelectDateWidget, required=False)
    role = forms.ChoiceField(choices=[("lead", "Lead"), ("viewer", "Viewer")], widget=forms.RadioSelect, required=False)
    password = forms.CharField(widget=forms.PasswordInput, required=False)


class NoteView(FormView):
    form_class = NoteForm
    template_name = "form_page.jinja"
    extra_context = {"title": "Note", "button": "Save"}
    success_url = "/your-work/"

    def get_initial(self):
        return kept_text(self.request, NoteForm)


def work(request):
    return HttpResponse("Your work")


class Pages:
    """The portal's pages, and two private ones."""

    urlpatterns = [path("note/", NoteView.as_view(), name="note"), path("your-work/", work, name="work"), path("", include(all_pages))]


@pytest.fixture
def private_pages(settings):
    settings.ROOT_URLCONF = Pages


# Known and unknown addresses ----------------------------------------------------------------------------------------------


@contextmanager
def work_of(monkeypatch):
    """How many queries and password hashes something takes."""
    made = []
    encode = hashers.MD5PasswordHasher.encode
    with monkeypatch.context() as patch, CaptureQueriesContext(connection) as queries:
        patch.setattr(hashers.MD5PasswordHasher, "encode", lambda *args, **kwargs: made.append(1) or encode(*args, **kwargs))
        effort = {}
        yield effort
    effort.update(hashes=len(made), queries=len(queries))


FORMS = {
    "sign in": ("/accounts/login/", lambda email: {"login": email, "password": "not the password"}, 1),
    "reset": ("/accounts/password/reset/", lambda email: {"email": email}, 0),
    "sign up": ("/accounts/signup/", lambda email: {"name": "Ann Ash", "email": email, "password1": "unrelated words here"}, 1),
}


@pytest.mark.parametrize(("page", "fields", "hashes"), FORMS.values(), ids=FORMS)
@pytest.mark.both_databases
def test_a_known_and_an_unknown_address_get_the_same_page_for_the_same_work(page, fields, hashes, ann, monkeypatch):
    answers, efforts = [], []
    for email in ("first@example.org", "ann@example.org", "nobody@example.org"):  # the first warms caches up
        client = Client()
        with work_of(monkeypatch) as effort:
            response = client.post(page, fields(email), follow=True)
        text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode()).replace(email, "")
        answers.append((response.status_code, response.redirect_chain, text))
        efforts.append(effort)
    assert answers[1] == answers[2]
    assert efforts[1] == efforts[2]
    assert efforts[1]["hashes"] == hashes


@pytest.mark.both_databases
def test_signing_up_with_a_known_address_makes_no_account_and_tells_its_owner(ann):
    Client().post(*FORMS["sign up"][0:1], FORMS["sign up"][1]("Ann@Example.org"))
    assert get_user_model().objects.count() == 1
    assert mail.outbox[-1].to == ["ann@example.org"]
    assert mail.outbox[-1].subject == "NHS IMPACT portal: You have an account already"


def test_a_reset_for_an_unknown_address_says_so_by_mail_alone():
    Client().post("/accounts/password/reset/", {"email": "nobody@example.org"})
    assert mail.outbox[-1].subject == "NHS IMPACT portal: No account has this address"


# Mail ------------------------------------------------------------------------------------------------------------------


@override_settings(ALLOWED_HOSTS=["*"])
def test_links_in_mails_come_from_base_url_whatever_the_host_header_says(ann, settings):
    forged = Client(headers={"host": "evil.example", "x-forwarded-host": "evil.example"})
    forged.post("/accounts/password/reset/", {"email": "ann@example.org"})
    forged.post("/accounts/password/reset/", {"email": "nobody@example.org"})
    for email in ("ann@example.org", "new@example.org"):
        forged.post("/accounts/signup/", {"name": "Ann", "email": email, "password1": "unrelated words here"})
    assert len(mail.outbox) == 4
    for message in mail.outbox:
        links = links_in(message.body)
        assert links
        assert all(link.startswith(f"{settings.BASE_URL}/") or link == settings.BASE_URL for link in links)
        assert "evil" not in str(message.message())


def test_a_mail_server_gets_plain_text_from_us_to_one_person(ann, settings):
    with MailServer(refuse=["gone@example.org"]) as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.address
        for email in ("ann@example.org", "gone@example.org"):
            response = Client().post("/accounts/password/reset/", {"email": email})
            assert response["Location"] == "/accounts/password/reset/done/"  # a refused address shows nothing either
    (received,) = server.messages
    assert received.to == ["ann@example.org"]
    assert received.message["Subject"] == "NHS IMPACT portal: Reset your password"
    assert received.message["From"] == "NHS IMPACT portal <portal@example.org>"
    assert received.message.get_content_type() == "text/plain"
    assert "/accounts/password/reset/key/" in received.text


def test_without_a_mail_setting_a_mail_is_a_file_that_says_what_it_is(settings, tmp_path):
    settings.EMAIL_BACKEND, settings.MAIL_FOLDER = "accounts.mail.FolderBackend", tmp_path / "mail"
    Client().post("/accounts/password/reset/", {"email": "nobody@example.org"})
    (file,) = settings.MAIL_FOLDER.iterdir()
    assert re.fullmatch(r"\d{8}-\d{6}-\d+-nobody-example-org-nhs-impact-portal-no-account-has-this-address\.eml", file.name)
    assert f"{settings.BASE_URL}/accounts/signup/" in file.read_text()


def test_following_the_link_alone_confirms_nothing():
    client = Client()
    client.post("/accounts/signup/", {"name": "Ann", "email": "new@example.org", "password1": "unrelated words here"})
    link = link_of_last_mail("confirm-email")
    for ask in (client.get, client.head, Client().get, Client().options):
        ask(link)
        assert not EmailAddress.objects.get(email="new@example.org").verified
    assert client.post(link)["Location"] == "/your-work/"
    assert EmailAddress.objects.get(email="new@example.org").verified
    assert "_auth_user_id" in client.session


@pytest.mark.both_databases
def test_confirming_in_another_browser_signs_nobody_in():
    Client().post("/accounts/signup/", {"name": "Ann", "email": "new@example.org", "password1": "unrelated words here"})
    other = Client()
    assert other.post(link_of_last_mail("confirm-email"))["Location"] == "/accounts/login/"
    assert "_auth_user_id" not in other.session


def test_nobody_signs_in_before_their_address_is_confirmed():
    make_person(verified=False)
    client = Client()
    assert sign_in(client)["Location"] == "/accounts/confirm-email/"
    assert "_auth_user_id" not in client.session


@pytest.mark.both_databases
def test_a_new_address_counts_when_its_owner_confirms_it(ann):
    client = signed_in(ann)
    asked = client.post("/accounts/email/", {"email": "ann@new.example", "action_add": "1"})
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/accounts/email/"})
    ann.refresh_from_db()
    assert ann.email == "ann@example.org"
    client.post(link_of_last_mail("confirm-email"))
    ann.refresh_from_db()
    assert ann.email == "ann@new.example"
    assert any("changed from ann@example.org to ann@new.example" in message.body for message in mail.outbox)


# Guesses ---------------------------------------------------------------------------------------------------------------


def guess(number, email="ann@example.org", client_at=None):
    """A wrong password, from a client of its own unless told which."""
    return sign_in(Client(REMOTE_ADDR=client_at or f"198.51.100.{number}"), email, "a wrong password").content.decode()


@pytest.mark.both_databases
def test_the_eleventh_guess_at_an_account_in_5_minutes_is_refused_from_anywhere(ann):
    with time_machine.travel(NOON, tick=False) as clock:
        assert all(WRONG in guess(n) for n in range(10))
        assert TOO_MANY in guess(10)
        right = sign_in(Client(REMOTE_ADDR="203.0.113.1"))
        assert TOO_MANY in right.content.decode()
        clock.shift(5 * MINUTE)
        assert sign_in(Client(REMOTE_ADDR="203.0.113.1"))["Location"] == "/your-work/"


def test_the_eleventh_guess_of_a_client_in_5_minutes_is_refused_at_any_account(ann):
    with time_machine.travel(NOON, tick=False) as clock:
        assert all(WRONG in guess(n, f"person{n}@example.org", "198.51.100.1") for n in range(10))
        assert TOO_MANY in guess(11, "another@example.org", "198.51.100.1")
        assert WRONG in guess(12, "another@example.org", "198.51.100.2")
        clock.shift(5 * MINUTE)
        assert WRONG in guess(13, "another@example.org", "198.51.100.1")


def test_signing_in_rightly_in_between_buys_no_more_guesses(ann):
    make_person("eve@example.org")
    for n in range(10):
        assert WRONG in guess(n, f"person{n}@example.org", "198.51.100.1")
        if n < 9:
            assert sign_in(Client(REMOTE_ADDR="198.51.100.1"), "eve@example.org").status_code == 302
    assert TOO_MANY in guess(10, "another@example.org", "198.51.100.1")


def test_a_right_code_of_ones_own_buys_no_more_guesses(ann):
    eve = give_app(make_person("eve@example.org"))
    assert all(WRONG in guess(n, f"person{n}@example.org", "198.51.100.1") for n in range(8))
    signed_in(eve, REMOTE_ADDR="198.51.100.1")
    assert all(WRONG in guess(n, f"person{n}@example.org", "198.51.100.1") for n in range(8, 10))
    assert TOO_MANY in guess(10, "another@example.org", "198.51.100.1")


@pytest.mark.parametrize("header", ["x-forwarded-for", "x-real-ip", "forwarded", "client-ip", "x-client-ip", "true-client-ip"])
def test_a_forged_header_makes_nobody_another_client(header, ann):
    forged = [Client(REMOTE_ADDR="198.51.100.1", headers={header: f"203.0.113.{n}"}) for n in range(11)]
    pages = [sign_in(client, f"person{n}@example.org", "a wrong password").content.decode() for n, client in enumerate(forged)]
    assert all(WRONG in page for page in pages[:10])
    assert TOO_MANY in pages[10]


@override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1)
def test_behind_one_proxy_only_what_the_proxy_added_counts(ann):
    forged = [Client(REMOTE_ADDR="10.0.0.1", headers={"x-forwarded-for": f"203.0.113.{n}, 198.51.100.1"}) for n in range(11)]
    pages = [sign_in(client, f"person{n}@example.org", "a wrong password").content.decode() for n, client in enumerate(forged)]
    assert TOO_MANY in pages[10]
    other = Client(REMOTE_ADDR="10.0.0.1", headers={"x-forwarded-for": "203.0.113.9, 198.51.100.2"})
    assert WRONG in sign_in(other, "another@example.org", "a wrong password").content.decode()


@override_settings(ALLOWED_HOSTS=["one.example", "two.example"])
def test_an_account_is_one_account_under_every_host_name(ann):
    pages = [
        sign_in(Client(REMOTE_ADDR=f"198.51.100.{n}", headers={"host": f"{('one', 'two')[n % 2]}.example"}), password="a wrong password") for n in range(11)
    ]
    assert TOO_MANY in pages[10].content.decode()


def test_codes_are_guessed_no_more_often_than_passwords():
    curator = make_curator()
    clients = [Client(REMOTE_ADDR=f"198.51.100.{n}") for n in range(11)]
    for client in clients:
        sign_in(client, curator.email)
    pages = [client.post("/accounts/2fa/authenticate/", {"code": "000000"}).content.decode() for client in clients]
    assert all("Enter the newest code" in page for page in pages[:10])
    assert TOO_MANY in pages[10]


@pytest.mark.both_databases
def test_the_counters_are_in_the_database_so_that_every_worker_sees_them(ann):
    guess(1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM portal_cache")
        assert cursor.fetchone()[0] >= 2


def test_a_reset_lets_the_real_person_in_while_somebody_keeps_guessing(ann):
    for n in range(11):
        guess(n)
    client = Client()
    client.post("/accounts/password/reset/", {"email": "ann@example.org"})
    form = client.get(link_of_last_mail("reset/key"))["Location"]
    for n in range(11):
        guess(n)
    assert client.post(form, {"password1": "quite another password"})["Location"] == "/your-work/"
    assert "_auth_user_id" in client.session


def test_a_reset_of_ones_own_buys_no_more_guesses_at_others(ann):
    make_person("eve@example.org")
    eve = Client(REMOTE_ADDR="198.51.100.1")
    assert all(WRONG in guess(n, f"person{n}@example.org", "198.51.100.1") for n in range(10))
    eve.post("/accounts/password/reset/", {"email": "eve@example.org"})
    form = eve.get(link_of_last_mail("reset/key"))["Location"]
    assert eve.post(form, {"password1": "quite another password"})["Location"] == "/your-work/"
    assert TOO_MANY in guess(10, "another@example.org", "198.51.100.1")


@pytest.mark.both_databases
def test_a_reset_link_works_once_and_for_an_hour(ann):
    with time_machine.travel(NOON, tick=False) as clock:
        Client().post("/accounts/password/reset/", {"email": "ann@example.org"})
        link = link_of_last_mail("reset/key")
        clock.shift(59 * MINUTE)
        client = Client()
        form = client.get(link)["Location"]
        assert "set-password" in form  # no key in the address of the page, nor in a Referer
        client.post(form, {"password1": "quite another password"})
        assert "This link does not work any more" in Client().get(link).content.decode()
        Client().post("/accounts/password/reset/", {"email": "ann@example.org"})
        clock.shift(61 * MINUTE)
        assert "This link does not work any more" in Client().get(link_of_last_mail("reset/key")).content.decode()


def test_a_reset_does_not_go_round_the_second_factor():
    curator = make_curator()
    client = Client()
    client.post("/accounts/password/reset/", {"email": curator.email})
    form = client.get(link_of_last_mail("reset/key"))["Location"]
    assert client.post(form, {"password1": "quite another password"})["Location"] == "/accounts/2fa/authenticate/"
    assert "_auth_user_id" not in client.session


# Browsers that an account knows ------------------------------------------------------------------------------------------


def known_browser_of(person, **options):
    """A browser in which somebody has signed in with all it takes, and out again."""
    client = signed_in(person, **options)
    client.post("/accounts/logout/")
    return client


def hammer(email, at):
    """Guess from everywhere, and from the very place where a person sits, until nobody is listened to."""
    for number in range(10):
        guess(number, email)
        guess(number, f"person{number}@example.org", at)
    assert TOO_MANY in guess(10, email)
    assert TOO_MANY in guess(11, "another@example.org", at)


def test_while_somebody_guesses_the_real_person_gets_in_where_they_have_signed_in_before(ann):
    known = known_browser_of(ann, REMOTE_ADDR="203.0.113.1")
    hammer("ann@example.org", at="203.0.113.1")
    assert TOO_MANY in sign_in(Client(REMOTE_ADDR="203.0.113.2")).content.decode()
    assert sign_in(known, "Ann@Example.org")["Location"] == "/your-work/"


def test_so_they_do_with_a_code_though_somebody_with_their_password_guesses_codes():
    curator = make_curator()
    with time_machine.travel(NOON, tick=False) as clock:
        known = known_browser_of(curator)
        clock.shift(HOUR)
        thieves = [Client(REMOTE_ADDR=f"198.51.100.{n}") for n in range(11)]
        for thief in thieves:
            sign_in(thief, curator.email)
            page = thief.post("/accounts/2fa/authenticate/", {"code": "000000"})
        assert TOO_MANY in page.content.decode()
        hammer(curator.email, at="127.0.0.1")
        assert sign_in(known, curator.email)["Location"] == "/accounts/2fa/authenticate/"
        assert known.post("/accounts/2fa/authenticate/", {"code": totp.code(curator.totp_secret)})["Location"] == "/your-work/"


def test_the_eleventh_guess_in_a_known_browser_is_refused_and_shuts_nobody_out_elsewhere(ann):
    known = known_browser_of(ann)
    pages = [sign_in(known, password="a wrong password").content.decode() for _ in range(11)]
    assert all(WRONG in page for page in pages[:10])
    assert TOO_MANY in pages[10]
    assert TOO_MANY in sign_in(known).content.decode()
    assert sign_in(Client())["Location"] == "/your-work/"


def test_a_browser_that_knows_one_account_is_a_stranger_to_others_and_a_forged_one_to_all(ann):
    eve = known_browser_of(make_person("eve@example.org"), REMOTE_ADDR="198.51.100.99")
    forged, cookie = Client(REMOTE_ADDR="203.0.113.2"), known_browser_of(ann).cookies[COOKIE].value
    forged.cookies[COOKIE] = cookie[:-1] + ("A" if cookie[-1] != "A" else "B")
    hammer("ann@example.org", at="198.51.100.99")
    for client in (eve, forged):
        assert TOO_MANY in sign_in(client).content.decode()


@pytest.mark.both_databases
def test_five_people_share_a_known_browser_and_the_sixth_puts_the_first_out(ann):
    people = [ann, *(make_person(f"colleague{n}@example.org") for n in range(5))]
    shared = {5: Client(), 6: Client()}
    for number, client in shared.items():
        for person in people[:number]:
            assert sign_in(client, person.email)["Location"] == "/your-work/"
            client.post("/accounts/logout/")
    hammer("ann@example.org", at="127.0.0.1")
    assert TOO_MANY in sign_in(shared[6]).content.decode()
    assert sign_in(shared[5])["Location"] == "/your-work/"


def test_a_browser_is_known_once_signing_in_is_complete_and_for_180_days():
    curator = make_curator()
    with time_machine.travel(NOON, tick=False) as clock:
        client = Client()
        assert COOKIE not in sign_in(client, curator.email).cookies
        answer = client.post("/accounts/2fa/authenticate/", {"code": totp.code(curator.totp_secret)})
        cookie = answer.cookies[COOKIE]
        assert (cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, True, "Lax", "/", "")
        assert cookie["max-age"] == 180 * 24 * 3600
        assert curator.email not in cookie.value and str(curator.public_id) not in cookie.value
        client.post("/accounts/logout/")
        clock.shift(timedelta(days=181))
        hammer(curator.email, at="203.0.113.1")
        assert TOO_MANY in sign_in(client, curator.email).content.decode()


def test_two_browsers_of_one_account_cannot_be_matched(ann):
    held = [set(signed_in(ann).cookies[COOKIE].value.split(":")[0].split(".")) for _ in range(2)]
    assert not held[0] & held[1]


def test_the_cookies_page_names_every_cookie_that_signing_in_sets(ann, settings):
    client = signed_in(ann)
    client.get("/accounts/logout/")
    page = (settings.BASE_DIR / "fixtures" / "pages" / "cookies.md").read_text()
    assert len(client.cookies) == 3
    assert set(client.cookies) == set(re.findall(r"`(__Host-[\w-]+)`", page))


# Where next ------------------------------------------------------------------------------------------------------------

ASTRAY = [
    "https://evil.example",
    "http://evil.example/",
    "HTTPS://EVIL.EXAMPLE/",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "/\\\\evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "http:\\\\evil.example",
    "http:/\\evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "javascript://%0aalert(1)",
    "data:text/html,hello",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "ftp://evil.example/",
    "mailto:eve@evil.example",
    " https://evil.example",
    "\thttps://evil.example",
    "\n//evil.example",
    "\x00//evil.example",
    "\x1f//evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\n/evil.example",
    "http://testserver@evil.example/",
    "http://testserver:80@evil.example/",
    "http://testserver.evil.example/",
    "http://evil.example#testserver",
    "http://evil.example?testserver",
    "http://localhost:8000/",
    "http://testserver:6666/",
    "//testserver/",
    "https://testserver/",
    "http://[::1]@evil.example",
    "http://[evil",
    "evil.example",
    ".evil.example",
    "@evil.example",
    "?next=//evil.example",
    "／／evil.example",
    "https://evil。example",
]


def stays(response):
    """Redirected, to a path of this portal as browsers understand it."""
    place = response["Location"]
    return response.status_code == 302 and re.match(r"/(?![/\\\t\r\n])[ -~]*$", place) and not urlsplit(place).netloc and "evil" not in urlsplit(place).path


@pytest.mark.parametrize("place", ASTRAY, ids=repr)
def test_nobody_is_led_astray(place, ann):
    assert stays(sign_in(Client(), next=place))
    assert stays(Client().post(f"/accounts/login/?next={quote(place)}", {"login": "ann@example.org", "password": PASSWORD}))
    client = signed_in(ann)
    assert stays(client.get("/accounts/login/", {"next": place}))
    assert stays(client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": place}))
    assert stays(client.post("/accounts/logout/", {"next": place}))
    assert stays(Client().get("/accounts/logout/", {"next": place}))
    signing_up = Client()
    signing_up.post("/accounts/signup/", {"name": "Bo", "email": "bo@example.org", "password1": "unrelated words here", "next": place})
    assert stays(signing_up.post(link_of_last_mail("confirm-email")))


@pytest.mark.parametrize("place", ASTRAY, ids=repr)
def test_nobody_is_led_astray_by_way_of_a_code(place):
    curator = make_curator()
    client = Client()
    sign_in(client, curator.email, next=place)
    first, second, *_ = recovery_codes(curator)
    assert stays(client.post("/accounts/2fa/authenticate/", {"code": first}))
    assert stays(client.post("/accounts/2fa/reauthenticate/", {"code": second, "next": place}))


def test_a_place_of_this_portal_is_reached(ann):
    assert sign_in(Client(), next="/note/?page=2")["Location"] == "/note/?page=2"


# When a session ends ---------------------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_a_session_ends_after_30_idle_minutes(ann, private_pages):
    with time_machine.travel(NOON, tick=False) as clock:
        client = signed_in(ann)
        for _ in range(5):
            clock.shift(29 * MINUTE)
            assert client.get("/your-work/").status_code == 200
        clock.shift(32 * MINUTE)
        assert client.get("/your-work/")["Location"] == "/accounts/login/?next=/your-work/"
        assert not Session.objects.filter(session_key=client.cookies["__Host-sessionid"].value).exists()


@pytest.mark.both_databases
def test_a_session_ends_after_12_hours_however_busy(ann, private_pages):
    with time_machine.travel(NOON, tick=False) as clock:
        client = signed_in(ann)
        for _ in range(24 * 2 - 1):
            clock.shift(15 * MINUTE)
            assert client.get("/your-work/").status_code == 200
        clock.shift(16 * MINUTE)
        assert client.get("/your-work/").status_code == 302


@pytest.mark.both_databases
def test_being_seen_is_written_down_once_a_minute_at_most(ann, private_pages):
    with time_machine.travel(NOON, tick=False) as clock:
        client = signed_in(ann)

        def writes():
            with CaptureQueriesContext(connection) as queries:
                client.get("/your-work/")
            return [query["sql"] for query in queries if query["sql"].startswith(("UPDATE", "INSERT"))]

        assert not writes()
        clock.shift(timedelta(seconds=59))
        assert not writes()
        clock.shift(timedelta(seconds=1))
        assert len(writes()) == 1
        assert not writes()


NOTE = {"note": "What we <agreed>\non Monday", "until_day": "24", "until_month": "11", "until_year": "2027", "role": "viewer", "password": "secret"}


@pytest.mark.both_databases
def test_what_was_typed_when_the_session_had_ended_is_there_again_after_signing_in(ann, private_pages, text_of):
    with time_machine.travel(NOON, tick=False) as clock:
        client = signed_in(ann)
        clock.shift(45 * MINUTE)
        to = client.post("/note/?from=list", NOTE)["Location"]
        assert to == "/accounts/login/?next=/note/%3Ffrom%3Dlist"
        assert "What you typed has been kept: sign in to go on" in text_of(client.get(to))
        assert sign_in(client, next="/note/?from=list")["Location"] == "/note/?from=list"
        page = client.get("/note/?from=list")
        html = page.content.decode()
        assert "What we &lt;agreed&gt;\non Monday</textarea>" in html
        assert 'name="until_year" type="text" value="2027"' in html
        assert re.search(r'value="viewer"[^>]* checked', html)
        assert "it has not been saved yet" in text_of(page)
        assert "secret" not in html
        again = client.get("/note/?from=list").content.decode()
        assert "agreed" not in again
        assert "not been saved" not in again


def test_nothing_secret_is_kept(ann, private_pages):
    with time_machine.travel(NOON, tick=False) as clock:
        client = signed_in(ann)
        clock.shift(45 * MINUTE)
        client.post("/note/", {**NOTE, "csrfmiddlewaretoken": "token"})
        assert set(re.findall(r"(\w+)=", client.session["kept_text"]["text"])) == {"note", "until_day", "until_month", "until_year", "role"}


@pytest.mark.both_databases
def test_another_person_who_signs_in_next_sees_none_of_it(ann, private_pages):
    make_person("bo@example.org")
    with time_machine.travel(NOON, tick=False) as clock:
        client = signed_in(ann)
        clock.shift(45 * MINUTE)
        client.post("/note/", NOTE)
        sign_in(client, "bo@example.org")
        client.get("/your-work/")
        assert "kept_text" not in client.session
        assert "agreed" not in client.get("/note/").content.decode()
        client.post("/accounts/logout/")
        sign_in(client)
        assert "agreed" not in client.get("/note/").content.decode()


@pytest.mark.both_databases
def test_text_is_kept_for_an_hour(ann, private_pages):
    with time_machine.travel(NOON, tick=False) as clock:
        client = signed_in(ann)
        clock.shift(45 * MINUTE)
        client.post("/note/", NOTE)
        clock.shift(61 * MINUTE)
        sign_in(client)
        assert "agreed" not in client.get("/note/").content.decode()


def test_a_stranger_s_post_is_not_kept(private_pages):
    client = Client()
    client.post("/note/", NOTE)
    assert not client.session.keys()


@pytest.mark.both_databases
def test_a_disabled_person_s_session_ends_at_the_next_request(ann, private_pages):
    client = signed_in(ann)
    get_user_model().objects.update(is_active=False)
    assert client.get("/your-work/")["Location"] == "/accounts/login/?next=/your-work/"
    get_user_model().objects.update(is_active=True)
    assert client.get("/your-work/").status_code == 302


def test_a_disabled_person_cannot_sign_in(ann):
    get_user_model().objects.update(is_active=False)
    client = Client()
    assert sign_in(client)["Location"] == "/accounts/inactive/"
    assert "_auth_user_id" not in client.session


@pytest.mark.both_databases
def test_signing_out_everywhere_else_ends_the_other_sessions(ann, private_pages):
    here, there, elsewhere = (signed_in(ann) for _ in range(3))
    here.post("/accounts/sessions/")
    assert here.get("/your-work/").status_code == 200
    assert there.get("/your-work/").status_code == elsewhere.get("/your-work/").status_code == 302


def test_the_sessions_page_names_browsers_as_people_do(ann, text_of):
    client = signed_in(ann, headers={"user-agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0"})
    assert "Firefox on Windows, here" in text_of(client.get("/accounts/sessions/"))


@pytest.mark.both_databases
def test_a_changed_password_ends_the_other_sessions(ann, private_pages):
    here, there = signed_in(ann), signed_in(ann)
    here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": "quite another password"})
    assert here.get("/your-work/").status_code == 200
    assert there.get("/your-work/").status_code == 302
    assert "If it was not, reset your password at once" in mail.outbox[-1].body


def test_signing_out_takes_a_post_and_ends_the_session_on_the_server(ann, private_pages):
    client = signed_in(ann)
    key = client.session.session_key
    assert client.get("/accounts/logout/").status_code == 200
    assert client.get("/your-work/").status_code == 200
    client.post("/accounts/logout/")
    assert not Session.objects.filter(session_key=key).exists()


def test_a_session_has_a_new_key_after_signing_in_and_flags_that_keep_it(ann):
    client = Client()
    client.get("/accounts/login/")
    sign_in(client, password="a wrong password")
    client.post("/accounts/password/reset/", {"email": "ann@example.org"})
    before = client.session.session_key
    response = sign_in(client)
    assert client.session.session_key != before
    cookie = response.cookies["__Host-sessionid"]
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, True, "Lax", "/", "")
    csrf = client.get("/accounts/login/?again", follow=True).client.get("/accounts/logout/").cookies["__Host-csrftoken"]
    assert (csrf["secure"], csrf["httponly"], csrf["samesite"], csrf["path"], csrf["domain"]) == (True, True, "Lax", "/", "")


# The second factor -----------------------------------------------------------------------------------------------------


@pytest.fixture
def trust():
    return Organisation.objects.create(code="ZZ9", name="Fictional Trust", kind="RO197")


DUTIES = {
    "a lead": lambda trust, person: Membership.objects.create(user=person, organisation=trust, role="lead"),
    "a curator": lambda trust, person: get_user_model().objects.filter(pk=person.pk).update(is_staff=True),
    "an administrator": lambda trust, person: get_user_model().objects.filter(pk=person.pk).update(is_superuser=True),
}
NO_DUTIES = {
    "nobody in particular": lambda trust, person: None,
    "a viewer": lambda trust, person: Membership.objects.create(user=person, organisation=trust, role="viewer"),
    "a contributor": lambda trust, person: Membership.objects.create(user=person, organisation=trust, role="contributor"),
    "a lead of yesterday": lambda trust, person: Membership.objects.create(
        user=person, organisation=trust, role="lead", ends_on=datetime.now(UTC).date() - timedelta(days=2)
    ),
}


@pytest.mark.parametrize("give_duty", DUTIES.values(), ids=DUTIES)
def test_a_second_factor_is_set_up_before_the_first_act_of(give_duty, ann, trust, private_pages, text_of):
    client = signed_in(ann)
    assert client.get("/your-work/").status_code == 200
    give_duty(trust, ann)  # and it counts from the next request on
    for ask in (client.get, client.post):
        assert ask("/your-work/")["Location"] == ask("/note/")["Location"] == ask("/admin/")["Location"] == "/accounts/second-factor/"
    assert "you also need a code from an app" in text_of(client.get("/accounts/second-factor/"))
    asked = client.get("/accounts/2fa/totp/activate/")["Location"]
    client.post(asked, {"password": PASSWORD})
    key = re.search(r'data-key="(\w+)"', client.get("/accounts/2fa/totp/activate/").content.decode())[1]
    assert "Enter the newest code" in text_of(client.post("/accounts/2fa/totp/activate/", {"code": "000000"}))
    assert client.post("/accounts/2fa/totp/activate/", {"code": totp.code(key)})["Location"] == "/accounts/2fa/recovery-codes/"
    codes = recovery_codes(ann)
    assert len(codes) == 10
    assert all(code in text_of(client.get("/accounts/2fa/recovery-codes/")) for code in codes)
    assert client.get("/your-work/").status_code == 200


@pytest.mark.parametrize("give_duty", NO_DUTIES.values(), ids=NO_DUTIES)
def test_no_second_factor_is_asked_of(give_duty, ann, trust, private_pages, django_assert_num_queries):
    give_duty(trust, ann)
    client = signed_in(ann)
    with django_assert_num_queries(3):  # session, person, and whether they have such a duty
        assert client.get("/your-work/").status_code == 200


def test_the_catalogue_asks_nothing_about_who_reads(ann):
    client = signed_in(ann)
    client.get("/resources/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/resources/")
    assert not [query["sql"] for query in queries if "session" in query["sql"] or "accounts_" in query["sql"]]


@pytest.mark.both_databases
def test_a_code_signs_in_once():
    curator = make_curator()
    code = totp.code(curator.totp_secret)
    first, second = Client(), Client(REMOTE_ADDR="198.51.100.7")
    for client in (first, second):
        assert sign_in(client, curator.email)["Location"] == "/accounts/2fa/authenticate/"
    assert first.post("/accounts/2fa/authenticate/", {"code": code})["Location"] == "/your-work/"
    assert "Enter the newest code" in second.post("/accounts/2fa/authenticate/", {"code": code}).content.decode()


def test_a_code_seen_is_worth_nothing_for_as_long_as_it_would_be_taken():
    curator = make_curator()
    with time_machine.travel(NOON, tick=False) as clock:
        code = totp.code(curator.totp_secret, later=1)  # a phone half a minute ahead
        for seconds, to in ((0, "/your-work/"), (31, None), (28, None)):
            clock.shift(timedelta(seconds=seconds))
            client = Client()
            sign_in(client, curator.email)
            assert client.post("/accounts/2fa/authenticate/", {"code": code}).get("Location") == to


@pytest.mark.both_databases
def test_a_recovery_code_signs_in_once():
    curator = make_curator()
    code = recovery_codes(curator)[3]
    for to in ("/your-work/", None):
        client = Client()
        sign_in(client, curator.email)
        assert client.post("/accounts/2fa/authenticate/", {"code": code}).get("Location") == to
    assert code not in recovery_codes(curator)
    assert len(recovery_codes(curator)) == 9


@pytest.mark.both_databases
def test_the_database_alone_gives_away_no_key_of_an_app():
    curator = make_curator()
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator")
        assert all(curator.totp_secret not in str(row) for row in cursor.fetchall())


def test_the_password_alone_does_not_change_how_one_signs_in(ann):
    client = signed_in(ann)
    for page in ("/accounts/2fa/totp/activate/", "/accounts/2fa/recovery-codes/generate/"):
        assert client.get(page)["Location"].startswith("/accounts/reauthenticate/")


AGAINST_A_THIEF = {
    "turn the app off": ("post", "/accounts/2fa/totp/deactivate/", {}),
    "make recovery codes": ("post", "/accounts/2fa/recovery-codes/generate/", {}),
    "see recovery codes": ("get", "/accounts/2fa/recovery-codes/", {}),
    "change the address": ("post", "/accounts/email/", {"email": "new@example.org", "action_add": "1"}),
}


@pytest.mark.parametrize(("method", "page", "fields"), AGAINST_A_THIEF.values(), ids=AGAINST_A_THIEF)
def test_whoever_has_an_app_confirms_with_a_code_and_the_password_is_not_enough_to(method, page, fields, text_of):
    curator = make_curator()
    client = signed_in(curator)
    for _ in range(2):
        asked = getattr(client, method)(page, fields)["Location"]
        assert asked.startswith("/accounts/2fa/reauthenticate/")
        assert client.get("/accounts/reauthenticate/")["Location"] == "/accounts/2fa/reauthenticate/"
        assert client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": page})["Location"].startswith("/accounts/2fa/reauthenticate/")
    wrong = client.post(asked, {"code": "000000", "next": page})
    assert '<a href="#id_code">Enter the newest code from your app' in wrong.content.decode()
    assert "your password" not in text_of(wrong)
    client.post(asked, {"code": recovery_codes(curator)[0], "next": page})
    assert "reauthenticate" not in client.get(page).get("Location", "")


# Passwords -------------------------------------------------------------------------------------------------------------


WEAK = {
    "short words": "Enter a password of at least 12 characters",
    "qwerty123456": "Enter a password that is harder to guess: many people use this one",
    "startfinding": "Enter a password that is harder to guess: many people use this one",
    "ann@example.org": "Enter a password that is less like your name or e-mail address",
    "ann ash ann ash": "Enter a password that is less like your name or e-mail address",
}


@pytest.mark.parametrize(("password", "words"), WEAK.items())
def test_a_password_that_others_would_guess_is_refused(password, words):
    page = Client().post("/accounts/signup/", {"name": "Ann Ash ann", "email": "ann@example.org", "password1": password})
    assert page.status_code == 200
    assert f'<a href="#id_password1">{words}</a>' in page.content.decode()
    assert not get_user_model().objects.exists()


@pytest.mark.parametrize("password", ["correct horse ba", "aaaabbbbccccd", "лошадь батарея скоба", "  spaces at both ends  ", "x" * 64 + "yz" * 60])
def test_a_long_password_needs_no_digits_capitals_or_signs(password):
    client = Client()
    client.post("/accounts/signup/", {"name": "Ann Ash", "email": "ann@example.org", "password1": password})
    assert client.post(link_of_last_mail("confirm-email"))["Location"] == "/your-work/"
    assert sign_in(Client(), password=password)["Location"] == "/your-work/"
    assert "Enter the e-mail address" in sign_in(Client(), password=password[:-1]).content.decode()


@pytest.mark.parametrize(
    ("page", "field", "autocomplete"),
    [
        ("login", "login", "username"),
        ("login", "password", "current-password"),
        ("signup", "name", "name"),
        ("signup", "email", "username"),
        ("signup", "password1", "new-password"),
        ("password/reset", "email", "username"),
    ],
)
def test_password_managers_are_told_what_a_field_is_for(page, field, autocomplete):
    tag = re.search(rf'<input[^>]* name="{field}"[^>]*>', Client().get(f"/accounts/{page}/").content.decode())[0]
    assert f'autocomplete="{autocomplete}"' in tag
    assert "onpaste" not in tag
    assert "maxlength" not in tag or field == "name"


# Doors and copies ------------------------------------------------------------------------------------------------------


def test_the_admin_is_entered_by_the_same_door(ann):
    assert Client().get("/admin/", follow=True).redirect_chain[-1][0] == "/accounts/login/?next=%2Fadmin%2F"
    assert Client().get("/admin/login/?next=/admin/resources/")["Location"] == "/accounts/login/?next=%2Fadmin%2Fresources%2F"
    curator = make_curator()
    posted = Client().post("/admin/login/", {"username": curator.email, "password": PASSWORD, "next": "/admin/"})
    assert posted["Location"] == "/accounts/login/?next=%2Fadmin%2F"
    assert signed_in(ann).get("/admin/login/").status_code == 403
    desk = signed_in(curator)
    assert desk.get("/admin/").status_code == 200
    assert "Change your password" in desk.get("/admin/password_change/").content.decode()
    assert desk.post("/admin/logout/")["Location"] == "/accounts/login/"
    assert "_auth_user_id" not in desk.session


def test_password_managers_find_where_a_password_is_changed(ann):
    assert Client().get("/.well-known/change-password")["Location"] == "/accounts/password/change/"


PRIVATE = ["", "login/", "signup/", "logout/", "email/", "password/reset/", "password/change/", "2fa/", "2fa/totp/activate/", "sessions/", "no-such-page/"]


@pytest.mark.parametrize("page", PRIVATE)
def test_nobody_keeps_a_copy_of_a_private_page(page, ann):
    for client in (Client(), signed_in(ann)):
        assert client.get(f"/accounts/{page}")["Cache-Control"] == "private, no-store"
    assert signed_in(ann).get("/admin/")["Cache-Control"] == "private, no-store"


def test_nobody_keeps_a_copy_of_a_page_that_needs_a_person(ann, private_pages):
    for client in (Client(), signed_in(ann)):
        assert client.get("/your-work/")["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("page", ["/", "/resources/", "/resources/team-huddles/", "/about/", "/health", "/no-such-page/"])
def test_a_public_page_is_the_same_for_everybody_and_sets_no_cookie(page, ann):
    stranger, known = Client().get(page), signed_in(ann).get(page)
    assert stranger.content == known.content
    for response in (stranger, known):
        assert not response.cookies
        assert "private" not in response.get("Cache-Control", "")
        assert "Cookie" not in response.get("Vary", "")


def test_every_page_of_signing_in_wears_our_frame(ann):
    strangers = ["login/", "signup/", "password/reset/", "password/reset/done/", "confirm-email/", "inactive/", "confirm-email/x/", "password/reset/key/1-x/"]
    owners = ["", "email/", "password/change/", "2fa/", "sessions/", "reauthenticate/", "logout/", "second-factor/"]
    client = signed_in(ann)
    for visitor, page in [(Client(), page) for page in strangers] + [(client, page) for page in owners]:
        html = visitor.get(f"/accounts/{page}").content.decode()
        assert html.count("<h1") == 1, page
        assert "nhsuk-header__account" in html, page
        assert re.search(r"<title>[A-Z][^<]+ - NHS IMPACT portal</title>", html), page
        assert not re.search(r"(?i)username(?!\")|log ?in\b(?![/\"_])", re.sub(r"<[^>]+>", " ", html)), page


def routes(patterns=None):
    """Every view that the portal has an address for."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        yield from routes(pattern.url_patterns) if hasattr(pattern, "url_patterns") else [pattern]


def test_every_view_of_allauth_has_a_page_of_ours():
    views = [getattr(route.callback, "view_class", None) for route in routes() if (route.name or "").startswith(("account_", "mfa_", "usersessions_"))]
    templates = {view.template_name for view in views if view}
    assert len(templates) > 20
    templates.remove("account/confirm_login_code.jinja")  # codes by mail are off, so it always leads back to signing in
    assert Client().get("/accounts/login/code/confirm/").status_code == 302
    for name in templates:
        get_template(name)


def test_a_page_in_error_says_so_first(text_of):
    html = sign_in(Client(), "", "").content.decode()
    assert "<title>Error: Sign in - NHS IMPACT portal</title>" in html
    assert '<a href="#id_login">Enter your e-mail address</a>' in html
    assert '<a href="#id_password">Enter your password</a>' in html
