"""What readers tell the curators without an account, and what comes back to them."""

from datetime import timedelta
from html import escape
from html.parser import HTMLParser

import pytest
from django.apps import apps
from django.conf import settings as portal
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.personal_data import erase, export
from resources import limits
from resources.mending import is_broken, mended
from resources.models import Category, Component, Link, MendNotice, Provider, Report, Resource, Suggestion, UsefulCount
from resources.reader_tasks import send_answers, tell_of_mended
from tests.page_form import PageForm
from tests.people import browser_of, make_curator, make_person
from tests.smtp import MailServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def resource():
    return Resource.objects.get(slug="team-huddles")


@pytest.fixture
def mail_server():
    """Real mail, to a server on this machine."""
    with MailServer(refuse=["refused@example.org"]) as server:
        host, port = server.address
        with override_settings(EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST=host, EMAIL_PORT=port):
            yield server


def run_tasks():
    """Do what waits to be done in the background, as a worker does."""
    for row in DBTaskResult.objects.ready():
        row.task.call(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])
        row.delete()


def break_link(resource, address=None):
    return Link.objects.update_or_create(resource=resource, defaults={"address": address or resource.url, "verdict": Link.Verdict.GONE})[0]


# Told when a link is mended ---------------------------------------------------------------------------------------------


def test_whoever_asked_is_told_once_by_a_message_of_their_own_and_forgotten(resource, mail_server):
    for name in ("ann", "ben", "refused"):
        resource.mend_notices.create(email=f"{name}@example.org")
    other = Resource.objects.exclude(pk=resource.pk).first()
    other.mend_notices.create(email="elsewhere@example.org")
    mended(resource)
    mended(resource)
    run_tasks()
    assert [message.to for message in mail_server.messages] == [["ann@example.org"], ["ben@example.org"]]
    assert mail_server.conversations == 2  # one line a run
    assert "send nothing more" in mail_server.messages[0].text
    assert f"{portal.BASE_URL}/resources/team-huddles/" in mail_server.messages[0].text
    assert sorted(MendNotice.objects.values_list("email", flat=True)) == ["elsewhere@example.org", "refused@example.org"]


def test_the_daily_run_tells_those_whom_the_mail_server_refused_before_once_the_checker_finds_the_link_works(resource, mail_server):
    resource.mend_notices.create(email="ann@example.org")
    resource.mend_notices.create(email="lost@example.org", claimed_at=timezone.now())  # its sender was killed
    link = break_link(resource)
    report = Report.objects.create(resource=resource, kind=Report.Kind.BROKEN)
    for changes in ({}, {"verdict": Link.Verdict.FINE}, {"checked_at": timezone.now()}):  # gone, fine from before, fine since but reported
        Link.objects.filter(pk=link.pk).update(**changes)
        tell_of_mended.call()
    assert mail_server.messages == []
    report.delete()
    tell_of_mended.call()
    tell_of_mended.call()
    assert [message.to for message in mail_server.messages] == [["ann@example.org"]]
    assert MendNotice.objects.get().email == "lost@example.org"


def test_a_sender_that_is_killed_between_claim_and_mark_never_sends_twice(resource, mail_server, monkeypatch):
    suggestion = Suggestion.objects.create(title="A guide", email="ann@example.org")
    suggestion.done(by=None, answer="Thank you")
    resource.mend_notices.create(email="ann@example.org")

    def killed(*args, **options):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr("resources.reader_mails.send", killed)
        for task in (send_answers.call, lambda: tell_of_mended.call(resource.pk)):
            with pytest.raises(SystemExit):
                task()
    send_answers.call()
    tell_of_mended.call(resource.pk)
    assert mail_server.messages == []
    suggestion.refresh_from_db()
    assert suggestion.answer_in_words().startswith("Perhaps sent")


def test_nobody_is_told_of_a_link_that_is_not_known_to_be_broken(resource, client, text_of):
    address = "/resources/team-huddles/tell-me/"
    for answer in (client.get(address), client.post(address, {"email": "ann@example.org"})):
        assert "The link works, as far as we know" in text_of(answer)
        assert answer["Cache-Control"] == "private, no-store"
    break_link(resource, "https://where-it-was.example/")
    assert "The link works, as far as we know" in text_of(client.get(address))
    break_link(resource)
    assert client.post(address, {"email": "Ann@Example.org"}).status_code == 302
    assert client.post(address, {"email": "ann@example.org"}).status_code == 302
    assert MendNotice.objects.get().email == "ann@example.org"


def test_one_address_waits_for_five_resources_at_most_and_no_answer_tells(client):
    answers = set()
    for number, resource in enumerate(Resource.objects.all()[:7]):
        break_link(resource)
        response = client.post(f"/resources/{resource.slug}/tell-me/", {"email": "ann@example.org"}, REMOTE_ADDR=f"192.0.2.{number}")
        answers.add((response.status_code, response["Location"].replace(resource.slug, "")))
    assert len(answers) == 1
    assert MendNotice.objects.count() == 5


# What readers write -----------------------------------------------------------------------------------------------------

TYPED = {
    "/suggest-a-resource/": {"title": "A guide to huddles", "url": "www.example.nhs.uk/guide", "why": "It helps\r\nwards", "email": "Ann@Example.org"},
    "/resources/team-huddles/report/": {"kind": "wrong", "text": "The author is somebody else", "email": ""},
    "/resources/team-huddles/useful/": {"useful": "no"},
    "/resources/team-huddles/tell-me/": {"email": "ann@example.org"},
}


@pytest.mark.parametrize(("address", "typed"), TYPED.items())
def test_each_form_sets_one_cookie_asks_for_a_token_and_ends_with_thanks_that_say_what_comes_next(address, typed, resource, text_of):
    break_link(resource)
    browser = Client(enforce_csrf_checks=True)
    assert browser.post(address, typed).status_code == 403
    page = browser.get(address)
    assert list(browser.cookies) == ["__Host-csrftoken"]
    assert page["Cache-Control"] == browser.get(address)["Cache-Control"] == "private, no-store"
    sent = {**PageForm(page).sent, **typed}
    thanks = browser.post(address, sent, follow=True)
    assert thanks.redirect_chain == [(f"{address}thank-you/", 302)]
    assert "What happens next" in text_of(thanks)
    assert "Set-Cookie" not in thanks.headers


def test_what_is_sent_is_kept_as_typed_once_and_stands_on_no_page(client, resource):
    for _ in range(3):  # a form sent twice, and once more
        for address, typed in list(TYPED.items())[:2]:
            client.post(address, typed)
    suggestion, report = Suggestion.objects.get(), Report.objects.get()
    assert (suggestion.title, suggestion.url, suggestion.why, suggestion.email) == (
        "A guide to huddles", "https://www.example.nhs.uk/guide", "It helps\nwards", "ann@example.org",
    )  # fmt: skip
    assert (report.resource, report.kind, report.text, report.email) == (resource, "wrong", "The author is somebody else", "")
    assert list(Suggestion.objects.waiting()) == [suggestion]
    assert list(Report.objects.waiting()) == [report]
    for page in ("/resources/team-huddles/", "/resources/?q=huddles", "/resources.csv", "/feed.xml"):
        response = client.get(page)
        body = b"".join(response) if response.streaming else response.content
        assert b"A guide to huddles" not in body
        assert b"somebody else" not in body


REFUSED = [
    ("/suggest-a-resource/", {"title": " ", "why": "Kept"}, "Enter what the resource is called"),
    ("/suggest-a-resource/", {"title": "Kept", "url": "javascript:alert(1)"}, "Enter a web address"),
    ("/suggest-a-resource/", {"title": "Kept", "url": "ftp://example.org/guide"}, "Enter a web address"),
    ("/suggest-a-resource/", {"title": "Kept", "email": "ann@example.org\nBcc: all@example.org"}, "Enter an e-mail address"),
    ("/suggest-a-resource/", {"title": "Kept", "email": f"{'a' * 320}@example.org"}, "Enter an e-mail address"),
    ("/suggest-a-resource/", {"title": "Kept", "why": "\x00"}, "Take out the characters"),
    ("/suggest-a-resource/", {"title": "Kept", "why": "a" * 1_000_000}, "Write no more than 2000 characters"),
    ("/suggest-a-resource/", {"title": "Kept", "leave_empty": "x"}, "Empty the last box"),
    ("/resources/team-huddles/report/", {"text": "Kept"}, "Select what is wrong"),
    ("/resources/team-huddles/report/", {"kind": "old", "email": "kept@example.org"}, "Enter what is wrong"),
    ("/resources/team-huddles/useful/", {}, "Select yes or no"),
]


@pytest.mark.one_database
@pytest.mark.parametrize(("address", "typed", "words"), REFUSED, ids=range(len(REFUSED)))
def test_an_error_says_what_to_do_and_nothing_typed_is_lost(address, typed, words, client, text_of):
    response = client.post(address, typed)
    assert response.status_code == 200
    assert "There is a problem" in text_of(response)
    assert words in text_of(response)
    kept = [value for value in typed.values() if "ept" in value]
    assert all(escape(value) in response.content.decode() for value in kept)
    assert not Suggestion.objects.exists()
    assert not Report.objects.exists()


def test_over_the_limit_is_a_429_that_says_when_to_come_back_and_gives_the_text_back(client, time_machine, text_of):
    time_machine.move_to("2026-11-24T10:00:30Z", tick=False)
    send = lambda number, **client_: client.post("/suggest-a-resource/", {"title": f"Guide {number}"}, **client_)  # noqa: E731
    assert {send(number).status_code for number in range(20)} == {302}
    time_machine.shift(60)
    refused = send(20)
    assert refused.status_code == 429
    assert refused["Retry-After"] == "3540"
    assert "Come back after 11:01am" in text_of(refused)
    assert 'value="Guide 20"' in refused.content.decode()
    assert send(21, REMOTE_ADDR="192.0.2.1").status_code == 302
    time_machine.shift(3541)
    assert send(20).status_code == 302


@pytest.mark.parametrize(("action", "most"), [("suggestion", 200), ("tell_me", 200)])
def test_all_together_have_a_limit_too(action, most, rf, time_machine):
    time_machine.move_to("2026-11-24T10:00:00Z", tick=False)
    waits = [limits.seconds_to_wait(rf.post("/", REMOTE_ADDR=f"192.0.2.{number}"), action) for number in range(most + 1)]
    assert waits == [0] * most + [3600]


def test_useful_is_counted_by_day_and_by_nobody_s_name(client, resource, time_machine):
    for day, said in (("2026-11-24", ["yes", "no", "no"]), ("2026-11-25", ["yes"])):
        time_machine.move_to(f"{day}T12:00:00Z", tick=False)
        for useful in said:
            client.post("/resources/team-huddles/useful/", {"useful": useful})
    assert list(resource.useful_counts.values_list("yes", "no")) == [(1, 0), (1, 2)]
    assert {field.name for field in UsefulCount._meta.fields} == {"id", "resource", "day", "yes", "no"}


# The curators' side -----------------------------------------------------------------------------------------------------


@pytest.fixture
def curator(db):
    return browser_of(make_curator())


def test_an_answer_is_mailed_once_and_the_address_is_then_gone_from_every_table(curator, client, mail_server, text_of):
    client.post("/suggest-a-resource/", TYPED["/suggest-a-resource/"])
    row = Suggestion.objects.get()
    page = f"/admin/resources/suggestion/{row.pk}/change/"
    assert "ann@example.org" in text_of(curator.get(page))
    assert "Enter an answer" in text_of(curator.post(page, {"answer": "", "_answer": "1"}))
    assert "You have written an answer" in text_of(curator.post(page, {"answer": "Bcc: x@y.z", "_done": "1"}))
    curator.post(page, {"answer": "It is here already:\r\n.\r\nBcc: all@example.org", "_answer": "1"})
    late = curator.post(page, {"answer": "Another curator's", "_answer": "1"}, follow=True)
    assert "Your answer was not sent. You wrote: Another curator" in text_of(late)
    run_tasks()
    send_answers.call()
    (message,) = mail_server.messages
    assert message.to == ["ann@example.org"]
    assert message.message["Subject"] == "NHS IMPACT portal: an answer about A guide to huddles"
    assert message.message.get_all("To") == ["ann@example.org"]
    assert message.message["Bcc"] is None
    assert "It is here already:" in message.text
    row.refresh_from_db()
    assert (row.email, row.is_waiting, row.answer_in_words()[:7]) == ("", False, "Sent on")
    assert "ann@example.org" not in everything_kept()


HEADERS = {"Auto-Submitted", "Content-Transfer-Encoding", "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Subject", "To"}


@pytest.mark.one_database
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    title=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=100) | st.just("Guide\r\nBcc: all@example.org"),
    address=st.sampled_from(
        ["ann@example.org", '"odd, name"@example.org', "bücher@example.org", "ann@xn--bcher-kva.example", f"{'a' * 60}@{'b' * 60}.example"]
    ),
)
def test_a_mail_goes_to_one_address_whatever_was_typed_and_has_no_header_of_theirs(title, address, mail_server):
    mail_server.messages.clear()
    row = Suggestion.objects.create(title=title, email=address)
    row.done(by=None, answer=title)
    send_answers.call()
    Suggestion.objects.all().delete()
    assert mail_server.messages or not address.isascii()
    for message in mail_server.messages:
        assert len(message.to) == 1
        assert set(message.message.keys()) <= HEADERS
        assert len(message.message.get_all("To")) == 1


def everything_kept():
    """Every row of every table, as text."""
    return repr([list(model._base_manager.values_list()) for model in apps.get_models() if not model._meta.proxy])


def test_a_refused_answer_waits_for_the_next_run(curator, mail_server):
    row = Suggestion.objects.create(title="Guide", email="refused@example.org")
    row.done(by=None, answer="Thank you")
    send_answers.call()
    row.refresh_from_db()
    assert (row.email, row.answer_in_words()) == ("refused@example.org", "On its way")
    mail_server.refuse.clear()
    send_answers.call()
    assert [message.to for message in mail_server.messages] == [["refused@example.org"]]


def test_one_press_closes_it_and_takes_the_address_out(curator, resource):
    for model, name in ((Suggestion, "suggestion"), (Report, "report")):
        fields = {"title": "Guide"} if model is Suggestion else {"resource": resource, "kind": "old"}
        row, other = (model.objects.create(email="ann@example.org", **fields) for _ in range(2))
        assert f'formaction="/admin/resources/{name}/{row.pk}/done/"' in curator.get(f"/admin/resources/{name}/").content.decode()
        curator.post(f"/admin/resources/{name}/{row.pk}/done/")
        curator.post(f"/admin/resources/{name}/", {"action": "mark_done", "_selected_action": [other.pk]})
        assert not model.objects.waiting().exists()
        assert not model.objects.exclude(email="").exists()


def test_a_suggestion_becomes_a_draft_with_its_title_and_address_and_nothing_made_up(curator):
    row = Suggestion.objects.create(title="A <b>guide</b>", url="https://example.org/guide", why="Because")
    page = curator.get(f"/admin/resources/suggestion/{row.pk}/draft/")
    sent = PageForm(page, having="title").sent
    assert (sent["title"], sent["url"], sent["slug"]) == ("A <b>guide</b>", "https://example.org/guide", "a-bguideb")
    assert not any(sent[name].strip() for name in ("summary", "category", "audience", "cost", "sign_in", "format", "published_at"))
    extra = {"category": Category.objects.first().pk, "providers": [Provider.objects.first().pk], "summary": "Ours"}
    extra["components"] = [Component.objects.first().pk]
    curator.post(f"/admin/resources/suggestion/{row.pk}/draft/", {**sent, **extra})
    row.refresh_from_db()
    assert row.resource.state == "draft"
    assert (row.resource.url, row.is_waiting) == ("https://example.org/guide", False)
    assert curator.get(f"/admin/resources/suggestion/{row.pk}/draft/")["Location"] == f"/admin/resources/resource/{row.resource.pk}/change/"


def test_a_report_has_its_link_checked_next_or_tells_whoever_waits_that_it_works(curator, resource, mail_server):
    link = break_link(resource, "https://where-it-was.example/")
    Link.objects.filter(pk=link.pk).update(due_at=timezone.now() + timedelta(days=30))
    report = Report.objects.create(resource=resource, kind="broken")
    resource.mend_notices.create(email="ann@example.org")
    curator.post(f"/admin/resources/report/{report.pk}/check/")
    link.refresh_from_db()
    assert link.due_at <= timezone.now()
    assert Report.objects.waiting().get() == report
    curator.post(f"/admin/resources/report/{report.pk}/works/")
    run_tasks()
    assert [message.to for message in mail_server.messages] == [["ann@example.org"]]
    assert not is_broken(resource)


def test_what_readers_said_is_shown_once_five_have_most_no_first(curator, text_of):
    for resource, yes, no in zip(Resource.objects.order_by("pk")[:4], (4, 2, 9, 0), (0, 3, 1, 5), strict=True):
        UsefulCount.objects.create(resource=resource, day="2026-11-23", yes=yes)
        UsefulCount.objects.create(resource=resource, day="2026-11-24", no=no)
    assert [(row["said_no"], row["said_yes"]) for row in UsefulCount.objects.by_resource()] == [(5, 0), (3, 2), (1, 9)]
    first, second, third, fourth = Resource.objects.order_by("pk")[:4]
    words = text_of(curator.get("/admin/resources/usefulcount/"))
    assert words.index(fourth.title) < words.index(second.title) < words.index(third.title)
    assert first.title not in words


VECTORS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</textarea><svg/onload=alert(1)>",
    "{{7*7}}{% x %}",
    "&lt;b&gt;",
]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.sampled_from(VECTORS) | st.text(min_size=1, max_size=200))
def test_whatever_a_reader_types_is_text_on_every_page_of_the_admin(words, curator, client, resource):
    Suggestion.objects.all().delete()
    Report.objects.all().delete()
    assert client.post("/suggest-a-resource/", {"title": words, "url": f"https://example.org/{words}", "why": words}).status_code in (200, 302, 429)
    typed = words.replace("\x00", "")
    suggestion = Suggestion.objects.create(title=f"x{typed}", url=f"https://example.org/{typed}"[:500], why=typed, email="ann@example.org")
    report = Report.objects.create(resource=resource, kind="other", text=typed)
    for page in ("suggestion/", f"suggestion/{suggestion.pk}/change/", f"suggestion/{suggestion.pk}/draft/", "report/", f"report/{report.pk}/change/"):
        response = curator.get(f"/admin/resources/{page}")
        assert response.status_code == 200
        strange = [tag for tag in Tags(response.content.decode()).met if tag[0] == "b" or any(name.startswith("on") for name in tag[1])]
        assert not strange
        assert b"<script>alert" not in response.content


class Tags(HTMLParser):
    """Every tag of a page, with the names of its attributes."""

    def __init__(self, html):
        super().__init__()
        self.met = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.met.append((tag, [name for name, _ in attributes]))


@pytest.mark.parametrize("name", ["suggestion", "report"])
def test_the_lists_ask_as_often_for_many_rows_as_for_few(name, curator, resource):
    def fill(many):
        if name == "suggestion":
            Suggestion.objects.bulk_create(Suggestion(title=f"Guide {n}", resource=resource) for n in range(many))
        else:
            Report.objects.bulk_create(Report(resource=resource, kind="old", text=f"{n}") for n in range(many))

    asked = []
    for many in (2, 30):
        fill(many)
        with CaptureQueriesContext(connection) as queries:
            curator.get(f"/admin/resources/{name}/")
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 12


# What is held, and for how long ------------------------------------------------------------------------------------------


def test_addresses_go_after_90_days_when_nobody_has_answered(resource):
    for days in (89, 91):
        then = timezone.now() - timedelta(days=days)
        Suggestion.objects.create(title=f"Guide {days}", email="ann@example.org", made_at=then)
        Report.objects.create(resource=resource, kind="old", email="ann@example.org", made_at=then)
        resource.mend_notices.create(email=f"{days}@example.org", asked_at=then)
    call_command("tidy")
    assert list(Suggestion.objects.values_list("title", "email")) == [("Guide 91", ""), ("Guide 89", "ann@example.org")]
    assert list(Report.objects.values_list("email", flat=True)) == ["", "ann@example.org"]
    assert MendNotice.objects.get().email == "89@example.org"


def test_somebody_s_rows_are_handed_over_and_their_address_is_erased_from_each(resource):
    person = make_person("ann@example.org")
    Suggestion.objects.create(title="Guide", email="ann@example.org")
    Report.objects.create(resource=resource, kind="old", email="ann@example.org")
    resource.mend_notices.create(email="ann@example.org")
    held = export(person)
    assert {"suggestions by their address", "reports by their address", "mend notices by their address"} <= set(held)
    erase(person)
    assert "ann@example.org" not in everything_kept()
    assert (Suggestion.objects.count(), Report.objects.count(), MendNotice.objects.count()) == (1, 1, 0)
