"""Who is asked to rate: put on the list, sent a link, reminded, replaced, removed; and what becomes of mail that fails."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry
from assessments import sending
from assessments.models import Rater, Rating
from assessments.models.rating import Said
from assessments.tracker import Tracker
from tests.rounds import add_rater, make_framework, make_lead, rate, start_round
from tests.smtp import MailServer

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def lead():
    browser = Client()
    browser.person = make_lead()
    browser.force_login(browser.person)
    return browser


@pytest.fixture
def assessment(lead):
    return start_round(lead.person, make_framework())


@pytest.fixture
def here(assessment):
    return f"{assessment.get_absolute_url()}raters/"


@pytest.fixture
def ask(lead, assessment, here):
    """Paste people and add them to a group, as a lead does."""

    def paste(people, group="Staff"):
        return lead.post(f"{here}add/", {"people": people, "group": assessment.groups.get(name=group).pk}, follow=True)

    return paste


@pytest.fixture
def mail_server(settings):
    """A mail server of this test's own: `with mail_server(refuse=[...]) as server:`."""

    def make(**options):
        server = MailServer(**options)
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.address
        return server

    return make


def begin(rater):
    """Say something to the first question."""
    rater.ratings.save_all({rater.assessment.framework.questions.first(): Said("3", "", 0)})


def link_in(message):
    return re.search(r"http://127\.0\.0\.1:8000(/rate/[\w-]{22}/)", message.body).group(1)


def opens(link):
    return Client().get(link).status_code == 200


def addresses(assessment):
    return sorted(assessment.raters.by_mail().values_list("email", flat=True))


# Adding ---------------------------------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_pasted_people_come_onto_the_list_and_nothing_is_sent(ask, assessment, text_of):
    words = text_of(ask("Ash, Ann <ann@x.org>; Bo Bell <bo@y.org>\ncy@z.org"))
    assert "3 people are added. Nothing has been sent yet." in words
    assert list(assessment.raters.order_by("email").values_list("name", "email", "group__name", "delivery")) == [
        ("Ann Ash", "ann@x.org", "Staff", ""),
        ("Bo Bell", "bo@y.org", "Staff", ""),
        ("", "cy@z.org", "Staff", ""),
    ]
    assert mail.outbox == []
    assert "Send 3 links" in words
    assert AuditEntry.objects.first().detail == {"round": 1, "people": 3}


@pytest.mark.both_databases
def test_who_stands_there_twice_or_is_on_the_list_is_said(ask, assessment, text_of):
    ask("ann@x.org")
    words = text_of(ask("Ann@X.org\nbo@y.org, BO@y.org, cy@z.org, cy@z.org"))
    assert "2 people are added" in words
    assert "BO@y.org and cy@z.org stood there more than once and are added once" in words
    assert "Ann@X.org was on the list already" in words
    assert addresses(assessment) == ["ann@x.org", "bo@y.org", "cy@z.org"]
    assert "Everybody you entered is on the list already" in text_of(ask("ann@x.org"))


def test_what_cannot_be_used_is_named_by_line_and_everything_typed_is_kept(ask, assessment, text_of):
    typed = "Ann Ash ann@x.org\nBo Bell bo@\nCy"
    page = ask(typed)
    words = text_of(page)
    assert "Line 2, “Bo Bell bo@”: this is not an e-mail address" in words
    assert "Line 3, “Cy”: there is no e-mail address here" in words
    assert typed in page.content.decode()
    assert f'value="{assessment.groups.get(name="Staff").pk}" checked' in page.content.decode()
    assert not assessment.raters.exists()


def test_twenty_faults_are_named_and_the_rest_counted(ask, text_of):
    words = text_of(ask("\n".join(f"wrong{n}" for n in range(30))))
    assert "Line 20, " in words
    assert "Line 21, " not in words
    assert "10 more lines cannot be used" in words


def test_201_people_are_refused_with_how_many_too_many(ask, assessment, text_of):
    words = text_of(ask("\n".join(f"p{n}@x.org" for n in range(201))))
    assert "You entered 201 people, and 200 is the most at a time. Take out 1" in words
    assert not assessment.raters.exists()
    assert "200 people are added" in text_of(ask("\n".join(f"p{n}@x.org" for n in range(200))))
    words = text_of(ask("p0@x.org\nq1@x.org\nq2@x.org"))
    assert "A round has at most 200 people, and 200 are on the list. Take 2 out" in words
    assert assessment.raters.count() == 200


@pytest.mark.parametrize(
    "odd",
    [
        "\x00",
        "ann@x.org\x00",
        "\ud800".encode("utf-8", "surrogatepass"),
        "a@b.org\r\nBcc: c@d.org",
        "x" * 200_000,
        "=?utf-8?q?a=0ab?=@x.org",
        "🙂" * 500,
        "@" * 5000,
    ],
)
@pytest.mark.both_databases
def test_odd_text_is_a_plain_page(odd, ask, lead, here):
    page = ask(odd)
    assert page.status_code == 200
    assert Rater.objects.filter(email__contains="\n").count() == 0


@pytest.mark.parametrize("group", ["", "x", "0", "1e3", "9" * 30, "\x00"])
@pytest.mark.both_databases
def test_an_odd_group_is_said(group, lead, here, text_of):
    page = lead.post(f"{here}add/", {"people": "ann@x.org", "group": group})
    assert "There is a problem" in text_of(page)
    assert not Rater.objects.exists()


@pytest.mark.both_databases
def test_a_group_taken_away_meanwhile_is_said(assessment, lead):
    group = assessment.groups.first().pk
    assessment.groups.filter(pk=group).delete()
    with pytest.raises(ValidationError, match="That group has been taken away"):
        assessment.raters.ask([("", "ann@x.org")], group, by=lead.person)


def test_text_sent_after_the_session_ended_is_there_again(ask, lead, here, settings, time_machine):
    lead.get(here)
    time_machine.move_to(timezone.now() + timedelta(seconds=settings.SESSION_IDLE_SECONDS + 120))
    lead.post(f"{here}add/", {"people": "Ann Ash ann@x.org", "group": ""})
    lead.force_login(lead.person)
    page = lead.get(f"{here}add/").content.decode()
    assert "it has not been saved yet" in page
    assert "Ann Ash ann@x.org" in page


# Groups that are too small --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ({}, None),
        ({"Staff": 4}, "Only 4 people are on the list. With fewer than five in all, nothing of what they say can be shown."),
        ({"Staff": 5}, None),
        ({"Staff": 5, "Board and executive": 6}, None),
        ({"Staff": 5, "Board and executive": 4}, "Fewer than five people are on the list in Board and executive (4). So that nobody can tell who said what, all groups would be shown together as one."),
        ({"Staff": 9, "Board and executive": 4, "Leaders and managers": 7}, "in Board and executive (4). So that nobody can tell who said what, Board and executive and Leaders and managers would be shown together as one."),
        ({"Staff": 9, "Board and executive": 4, "Leaders and managers": 2}, "in Board and executive (4) and Leaders and managers (2). So that nobody can tell who said what, Board and executive and Leaders and managers would be shown together as one."),
    ],
)  # fmt: skip
def test_a_group_with_fewer_than_five_is_warned_of_in_words(sizes, said, assessment, lead, here, text_of):
    for group, size in sizes.items():
        for n in range(size):
            add_rater(assessment, f"{group[:2]}{n}", group)
    warnings = Tracker.of(assessment).warnings
    assert len(warnings) == (said is not None)
    if said:
        assert said in warnings[0]
        for page in (here, assessment.get_absolute_url()):
            assert warnings[0] in text_of(lead.get(page))


def test_an_open_round_warns_of_nothing(assessment, lead):
    assessment.delete()
    opened = start_round(lead.person, assessment.framework, anonymous=False)
    add_rater(opened, 1)
    assert Tracker.of(opened).warnings == []


# Sending --------------------------------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_each_is_sent_a_link_of_their_own_in_a_message_of_their_own(ask, lead, here, text_of, assessment):
    ask("Ann Ash ann@x.org\nbo@y.org")
    words = text_of(lead.post(f"{here}send/", follow=True))
    assert "2 links were accepted by the mail server." in words
    assert "to be sent" not in words
    assert [message.to for message in mail.outbox] == [["bo@y.org"], ["ann@x.org"]]
    links = [link_in(message) for message in mail.outbox]
    assert len(set(links)) == 2
    assert all(opens(link) for link in links)
    assert AuditEntry.objects.first().detail == {"round": 1, "sent": 2, "refused": 0}
    assert set(assessment.raters.values_list("delivery", flat=True)) == {"accepted"}


@pytest.mark.both_databases
def test_a_second_press_sends_nothing_twice(ask, lead, here, text_of):
    ask("ann@x.org")
    lead.post(f"{here}send/")
    words = text_of(lead.post(f"{here}send/", follow=True))
    assert "Everybody on the list has been sent a link already" in words
    ask("bo@y.org")
    lead.post(f"{here}send/")
    assert [message.to for message in mail.outbox] == [["ann@x.org"], ["bo@y.org"]]


@pytest.mark.both_databases
def test_a_press_while_another_is_sending_sends_nothing_twice(ask, assessment, mail_server, monkeypatch):
    ask("\n".join(f"p{n}@x.org" for n in range(6)))
    with mail_server() as server:
        whole = sending.send_link

        def and_another_press_in_the_midst(rater, token, **rest):
            taken = whole(rater, token, **rest)
            monkeypatch.setattr(sending, "send_link", whole)
            sending.send_invitations(assessment)
            return taken

        monkeypatch.setattr(sending, "send_link", and_another_press_in_the_midst)
        sending.send_invitations(assessment)
        assert sorted(message.to[0] for message in server.messages) == [f"p{n}@x.org" for n in range(6)]


def test_many_go_over_one_connection(ask, lead, here, mail_server):
    ask("\n".join(f"p{n}@x.org" for n in range(30)))
    with mail_server() as server:
        lead.post(f"{here}send/")
        assert (len(server.messages), server.conversations) == (30, 1)


def test_an_address_that_is_refused_is_shown_and_stops_nobody_else(ask, lead, here, mail_server, text_of):
    ask("ann@x.org\ngone@x.org\nzed@x.org")
    with mail_server(refuse=["gone@x.org"]) as server:
        words = text_of(lead.post(f"{here}send/", follow=True))
        assert [message.to[0] for message in server.messages] == ["ann@x.org", "zed@x.org"]
    assert "2 links were accepted by the mail server." in words
    assert "1 address was refused by the mail server: see below." in words
    assert "gone@x.org Link Refused by the mail server" in words
    assert "to be sent" not in words


def test_a_mail_server_that_hangs_up_leaves_the_rest_unsent_and_they_can_be_sent_then(ask, lead, here, mail_server, text_of, assessment):
    ask("\n".join(f"p{n}@x.org" for n in range(5)))
    with mail_server(hang_up_after=2):
        words = text_of(lead.post(f"{here}send/", follow=True))
    assert "2 links were accepted by the mail server." in words
    assert "The mail server cannot be reached, so 3 links are not sent yet. Try again in a few minutes." in words
    assert words.count("Not sent yet") == 3
    assert "refused" not in words.lower()
    assert assessment.raters.without_link().count() == 3
    with mail_server() as server:
        assert "3 links were accepted" in text_of(lead.post(f"{here}send/", follow=True))
        assert [message.to[0] for message in server.messages] == ["p2@x.org", "p3@x.org", "p4@x.org"]


def test_without_a_mail_server_nothing_is_sent_and_that_is_said(ask, lead, here, mail_server, text_of):
    ask("ann@x.org")
    with mail_server():
        pass  # it has stopped
    words = text_of(lead.post(f"{here}send/", follow=True))
    assert "The mail server cannot be reached, so 1 link is not sent yet" in words
    assert "ann@x.org Link Not sent yet" in words


def test_what_takes_too_long_is_left_for_the_next_press(ask, lead, here, text_of, monkeypatch):
    ask("\n".join(f"p{n}@x.org" for n in range(5)))
    monkeypatch.setattr(sending, "LONGEST", -1)
    assert "5 links are still to be sent: send again for the rest." in text_of(lead.post(f"{here}send/", follow=True))
    monkeypatch.setattr(sending, "LONGEST", 25)
    assert "5 links were accepted" in text_of(lead.post(f"{here}send/", follow=True))


def test_the_longest_address_and_names_with_accents_are_mailed(ask, lead, here, mail_server):
    longest = f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 57}.org"
    ask(f"Zoë Ünal <zoe+impact@x.org>\n김민준 <min@büro.example>\n{longest}")
    with mail_server() as server:
        lead.post(f"{here}send/")
        assert {message.to[0] for message in server.messages} == {"zoe+impact@x.org", "min@xn--bro-hoa.example", longest}
        assert any("Hello Zoë Ünal," in message.text for message in server.messages)


def test_the_preview_is_the_mail_but_for_the_link(ask, lead, here):
    ask("Ann Ash ann@x.org")
    page = lead.get(f"{here}mail/").context_data
    lead.post(f"{here}send/")
    sent = mail.outbox[-1]
    assert page["text"] == re.sub(r"/rate/[\w-]{22}/", f"/rate/{'x' * 22}/", sent.body.strip())
    assert (page["subject"], page["sender"], page["reply_to"]) == (sent.subject, sent.from_email, sent.reply_to)


def test_the_preview_makes_no_link_and_shows_what_it_would_say_to_anybody(lead, here, text_of):
    words = text_of(lead.get(f"{here}mail/"))
    assert "Hello Ann Example" in words
    assert "Send " not in words
    assert not Rater.objects.exists()


def test_no_token_is_kept(ask, lead, here):
    ask("ann@x.org")
    lead.post(f"{here}send/")
    token = link_in(mail.outbox[-1]).split("/")[2]
    assert token not in str(list(Rater.objects.values()) + list(AuditEntry.objects.values()))


# Again, by hand, and reminders ----------------------------------------------------------------------------------------


@pytest.fixture
def ann(ask, lead, here, assessment):
    """Somebody who has been sent a link: `ann.link`."""
    ask("Ann Ash ann@x.org")
    lead.post(f"{here}send/")
    ann = assessment.raters.get()
    ann.link = link_in(mail.outbox[-1])
    return ann


def test_sending_again_makes_a_new_link_and_the_old_one_dies(ann, lead, here, text_of):
    words = text_of(lead.post(f"{here}{ann.public_id}/send/", {"seen": ann.link_mark}, follow=True))
    assert "A new link is on its way to ann@x.org" in words
    assert opens(link_in(mail.outbox[-1]))
    assert not opens(ann.link)
    assert "Here is a new link" in mail.outbox[-1].body


@pytest.mark.both_databases
def test_a_double_press_sends_one_new_link(ann, lead, here, text_of):
    for _ in range(2):
        words = text_of(lead.post(f"{here}{ann.public_id}/send/", {"seen": ann.link_mark}, follow=True))
    assert "A new link has just been sent to ann@x.org" in words
    assert len(mail.outbox) == 2


def test_a_new_link_that_the_mail_server_refuses_leaves_the_old_one_alive(ann, lead, here, mail_server, text_of):
    with mail_server(refuse=["ann@x.org"]):
        words = text_of(lead.post(f"{here}{ann.public_id}/send/", follow=True))
    assert "The mail server refused ann@x.org" in words
    assert "Refused by the mail server" in words
    assert opens(ann.link)


def test_a_copied_link_is_shown_once_and_kills_the_old_one(ann, lead, here, text_of):
    page = lead.post(f"{here}{ann.public_id}/copy/")
    link = re.search(r'value="http://127\.0\.0\.1:8000(/rate/[\w-]{22}/)" readonly', page.content.decode()).group(1)
    assert page["Cache-Control"] == "private, no-store"
    assert "Any link that Ann Ash had before no longer works" in text_of(page)
    assert "it is exchanged for a link of their own" in text_of(page)
    assert opens(link)
    assert not opens(ann.link)
    assert link.split("/")[2] not in lead.get(here).content.decode()
    assert lead.get(f"{here}{ann.public_id}/copy/").status_code == 405
    assert AuditEntry.objects.first().verb == "copied_link"


def test_a_copied_link_is_not_sent_over_by_the_next_send(ask, lead, here, assessment, text_of):
    ask("ann@x.org")
    ann = assessment.raters.get()
    page = lead.post(f"{here}{ann.public_id}/copy/").content.decode()
    lead.post(f"{here}send/")
    assert mail.outbox == []
    assert opens(re.search(r"/rate/[\w-]{22}/", page).group(0))
    assert "No mail sent: the link was copied" in text_of(lead.get(here))


def test_nobody_is_shown_the_link_of_somebody_who_has_begun(ann, lead, here, text_of):
    begin(ann)
    words = text_of(lead.post(f"{here}{ann.public_id}/copy/", follow=True))
    assert "Ann Ash has begun to rate, so a link that you can see would show you their ratings. Send them a new link instead." in words
    assert opens(ann.link)


@pytest.mark.both_databases
def test_a_reminder_goes_to_those_who_have_not_finished_once_a_day(ann, ask, lead, here, assessment, text_of, time_machine):
    ask("done@x.org\nunsent@x.org")
    done = assessment.raters.get(email="done@x.org")
    done.delivery = "accepted"
    done.save()
    rate(done, "1234")
    words = text_of(lead.post(f"{here}remind/", follow=True))
    assert "1 reminder was accepted by the mail server." in words
    assert "to be sent" not in words
    assert mail.outbox[-1].to == ["ann@x.org"]
    assert "still wanted" in mail.outbox[-1].subject
    assert opens(link_in(mail.outbox[-1]))
    assert not opens(ann.link)
    assert "There is nobody to remind today" in text_of(lead.post(f"{here}remind/", follow=True))
    assert len(mail.outbox) == 2
    time_machine.move_to(timezone.now() + timedelta(days=1))
    lead.force_login(lead.person)
    lead.post(f"{here}remind/")
    assert len(mail.outbox) == 3
    assert AuditEntry.objects.first().detail == {"round": 1, "sent": 1, "refused": 0}


def test_a_reminder_that_fails_leaves_the_old_link_alive_and_can_be_tried_again(ann, lead, here, mail_server, text_of):
    with mail_server(hang_up_after=0):
        words = text_of(lead.post(f"{here}remind/", follow=True))
    assert "The mail server cannot be reached, so 1 reminder is not sent yet" in words
    assert opens(ann.link)
    with mail_server() as server:
        lead.post(f"{here}remind/")
        assert len(server.messages) == 1


@pytest.mark.both_databases
def test_what_somebody_has_said_so_far_survives_a_new_link(ann, lead, here):
    begin(ann)
    lead.post(f"{here}remind/")
    ann.refresh_from_db()
    assert ann.ratings.count() == 1


# Replacing and removing -----------------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_a_replaced_rater_loses_their_link_and_what_they_began(ann, lead, here, assessment, text_of):
    begin(ann)
    page = f"{here}{ann.public_id}/replace/"
    assert "The link of Ann Ash stops working, and what they have said so far is deleted" in text_of(lead.get(page))
    words = text_of(lead.post(page, {"name": "Bo  Bell", "email": "bo@y.org"}, follow=True))
    assert "Bo Bell is on the list in the place of Ann Ash. Nothing has been sent to them yet." in words
    assert not opens(ann.link)
    assert not Rating.objects.exists()
    bo = assessment.raters.get()
    assert (bo.name, bo.email, bo.group, bo.delivery, bo.token_hash) == ("Bo Bell", "bo@y.org", ann.group, "", None)


@pytest.mark.parametrize(
    ("email", "said"),
    [
        ("", "Enter the e-mail address of the person"),
        ("nobody", "Enter an e-mail address, such as name@example.nhs.uk"),
        ("a@x.org b@x.org", "Enter an e-mail address, such as name@example.nhs.uk"),
        ("x" * 300 + "@x.org", "this address is longer than 254 characters"),
        ("DEE@x.org", "DEE@x.org is on the list already"),
    ],
)
def test_a_replacement_needs_an_address_of_their_own(email, said, ann, ask, lead, here, text_of, assessment):
    ask("dee@x.org")
    assert said in text_of(lead.post(f"{here}{ann.public_id}/replace/", {"name": "Somebody", "email": email}))
    assert addresses(assessment) == ["ann@x.org", "dee@x.org"]


@pytest.mark.both_databases
def test_a_removed_rater_is_gone_with_what_they_began(ann, lead, here, assessment, text_of):
    begin(ann)
    page = f"{here}{ann.public_id}/remove/"
    assert "what they have said so far is deleted" in text_of(lead.get(page))
    assert "Ann Ash is no longer on the list." in text_of(lead.post(page, follow=True))
    assert not assessment.raters.exists()
    assert not opens(ann.link)


def test_who_has_finished_stays(ann, lead, here, assessment, text_of):
    rate(ann, "1234")
    assert "has finished, so their ratings stay" in text_of(lead.post(f"{here}{ann.public_id}/remove/"))
    assert "has finished, so nobody can take their place" in text_of(lead.post(f"{here}{ann.public_id}/replace/", {"name": "", "email": "bo@y.org"}))
    page = text_of(lead.get(here))
    assert "Copy a link" not in page
    assert "Replace" not in page
    assert assessment.raters.get().ratings.count() == 4


def test_once_the_round_is_closed_the_list_is_there_to_read(ann, lead, here, assessment, text_of):
    assessment.close(by=lead.person, reason="Done")
    words = text_of(lead.get(here))
    assert "ann@x.org" in words
    assert "Send" not in words
    for act in ("send", "copy", "replace", "remove"):
        lead.post(f"{here}{ann.public_id}/{act}/", {"email": "bo@y.org"})
    lead.post(f"{here}remind/")
    assert addresses(assessment) == ["ann@x.org"]
    assert len(mail.outbox) == 1


def test_the_list_of_200_is_one_page_by_group(assessment, lead, here, text_of):
    for n in range(200):
        add_rater(assessment, n, "Staff" if n % 4 else "Board and executive")
    page = lead.get(here)
    words = text_of(page)
    assert "Board and executive: 0 of 50 finished" in words
    assert "Staff: 0 of 150 finished" in words
    assert len(page.content) < 600_000
