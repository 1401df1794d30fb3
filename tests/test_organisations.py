"""Belonging to an organisation: inviting, asking, deciding, handing over, leaving; and the log that nobody can change."""

import datetime
import json
import re

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEntry, Invitation, JoinRequest, Membership, Organisation
from accounts.roles import VERBS
from accounts.triggers import events
from resources.models import Resource
from resources.triggers import trigger_names
from tests.background import do_what_waits
from tests.people import give_app, make_organisation, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def trust():
    return make_organisation("AB1", "Quiet Valley NHS Trust")


@pytest.fixture
def member(trust):
    """Make a member, and give their browser."""

    def make(role, email=None, **fields):
        person = make_person(email or f"{role}@example.org", name=fields.pop("name", f"The {role}"))
        if role == "lead":
            give_app(person)
        membership = Membership.objects.create(user=person, organisation=trust, role=role, **fields)
        browser = Client()
        browser.force_login(person)
        browser.person, browser.membership = person, membership
        return browser

    return make


@pytest.fixture
def lead(member):
    return member("lead")


@pytest.fixture
def visitor():
    """Somebody who has signed in and belongs nowhere."""

    def make(email="new@example.org", **fields):
        browser = Client()
        browser.person = make_person(email, name="Newcomer", **fields)
        browser.force_login(browser.person)
        return browser

    return make


def link_in(message):
    return re.search(r"http://127\.0\.0\.1:8000(/\S+)", message.body).group(1)


def invite(lead, email="new@example.org", role="viewer", **more):
    return lead.post("/organisations/AB1/people/invite/", {"email": email, "role": role, **more})


# Inviting -------------------------------------------------------------------------------------------------------------


def test_a_lead_invites_and_the_person_accepts_with_one_press(lead, visitor, trust):
    invite(lead, role="contributor")
    path = link_in(mail.outbox[-1])
    assert mail.outbox[-1].to == ["new@example.org"]
    new = visitor()
    assert b"Accept and join" in new.get(path).content
    assert not trust.memberships.filter(user=new.person).exists()  # reading accepts nothing
    assert new.post(path, follow=True).redirect_chain[-1][0] == "/organisations/AB1/"
    assert trust.memberships.get(user=new.person).role == "contributor"


def test_an_invitation_works_once_and_a_used_link_says_what_to_do(lead, visitor):
    invite(lead)
    path, new = link_in(mail.outbox[-1]), visitor()
    new.post(path)
    again = new.post(path)
    assert again.status_code == 404
    assert b"Ask whoever invited you to send a new link" in again.content


def test_somebody_else_cannot_use_it_and_is_told_whose_it_is(lead, visitor, trust):
    invite(lead)
    path, other = link_in(mail.outbox[-1]), visitor("other@example.org")
    page = other.get(path).content.decode()
    assert "This invitation is for new@example.org" in page
    assert "Accept and join" not in page
    other.post(path)
    assert not trust.memberships.filter(user=other.person).exists()


def test_an_address_that_is_not_verified_lets_nobody_in(lead, visitor, trust):
    invite(lead)
    new = visitor(verified=False)
    new.post(link_in(mail.outbox[-1]))
    assert not trust.memberships.filter(user=new.person).exists()


def test_after_seven_days_it_has_run_out(lead, visitor, time_machine):
    invite(lead)
    path, new = link_in(mail.outbox[-1]), visitor()
    time_machine.move_to(timezone.now() + datetime.timedelta(days=7, seconds=1))
    new.force_login(new.person)
    assert new.get(path).status_code == 404


def test_resending_makes_a_new_link_and_the_old_one_dies(lead, visitor):
    invite(lead)
    old, new = link_in(mail.outbox[-1]), visitor()
    invitation = Invitation.objects.get()
    lead.post(f"/organisations/AB1/invitations/{invitation.public_id}/resend/")
    fresh = link_in(mail.outbox[-1])
    assert new.get(old).status_code == 404
    assert new.get(fresh).status_code == 200


def test_a_revoked_invitation_lets_nobody_in(lead, visitor):
    invite(lead)
    lead.post(f"/organisations/AB1/invitations/{Invitation.objects.get().public_id}/revoke/")
    assert visitor().get(link_in(mail.outbox[-1])).status_code == 404


def test_inviting_the_same_address_twice_says_so_and_keeps_what_was_typed(lead):
    invite(lead)
    page = invite(lead, email="NEW@example.org").content.decode()
    assert "new@example.org has an invitation already: send it again instead" in page
    assert 'value="NEW@example.org"' in page
    assert len(mail.outbox) == 1


def test_an_address_that_refuses_is_shown_as_refused(lead, monkeypatch):
    from smtplib import SMTPRecipientsRefused

    def refuse(*args, **kwargs):
        raise SMTPRecipientsRefused({"new@example.org": (550, b"no such user")})

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    page = lead.post("/organisations/AB1/people/invite/", {"email": "new@example.org", "role": "viewer"}, follow=True).content.decode()
    assert "The mail server refused new@example.org" in page
    assert "Refused by the mail server" in page


def test_nobody_invites_to_a_role_above_their_own(member, trust):
    contributor = member("contributor").person
    with pytest.raises(ValidationError, match="above your own"):
        trust.invitations.invite("new@example.org", "lead", by=contributor)


def test_a_helper_is_invited_until_a_day_and_is_gone_on_the_next(lead, visitor, time_machine):
    last = timezone.localdate() + datetime.timedelta(days=2)
    invite(lead, member_until_day=last.day, member_until_month=last.month, member_until_year=last.year)
    new = visitor()
    new.post(link_in(mail.outbox[-1]))
    time_machine.move_to(timezone.now() + datetime.timedelta(days=2))
    new.force_login(new.person)
    assert new.get("/organisations/AB1/").status_code == 200
    time_machine.move_to(timezone.now() + datetime.timedelta(days=1))
    new.force_login(new.person)
    assert new.get("/organisations/AB1/").status_code == 404


def test_the_token_is_kept_nowhere(lead):
    invite(lead)
    token = link_in(mail.outbox[-1]).split("/")[-2]
    assert token not in str(Invitation.objects.values())
    assert token not in str(list(AuditEntry.objects.values()))


# Asking ---------------------------------------------------------------------------------------------------------------


def test_an_organisation_is_found_by_name_old_name_and_code(visitor, trust):
    trust.former_names.create(name="Bygone Hospitals NHS Trust")
    new = visitor()
    for text in ("quiet valley", "VALLEY quiet", "bygone", "ab1"):
        assert "Quiet Valley NHS Trust" in new.get("/join/", {"q": text}).content.decode(), text
    for text in ("zzzz", "", "%00", "' or 1=1"):
        assert "Quiet Valley" not in new.get(f"/join/?q={text}").content.decode(), text


def test_the_leads_are_asked_and_the_person_hears_the_answer(lead, visitor, trust):
    new = visitor()
    page = new.post("/join/AB1/", {"note": "I work on ward 3"}, follow=True).content.decode()
    assert "We will e-mail you at new@example.org" in page
    assert mail.outbox == [], "how long the page takes must not tell how many leads there are"
    do_what_waits()
    assert mail.outbox[-1].to == ["lead@example.org"]
    assert "I work on ward 3" in mail.outbox[-1].body
    lead.post(link_in(mail.outbox[-1]), {"role": "contributor"})
    assert trust.memberships.get(user=new.person).role == "contributor"
    assert mail.outbox[-1].to == ["new@example.org"]
    assert "You now belong to Quiet Valley NHS Trust" in mail.outbox[-1].body


def test_asking_to_join_is_the_same_work_however_many_leads_there_are(lead, visitor, trust):
    asking, empty = visitor(), make_organisation("XY9", "Empty Hill NHS Trust")
    with CaptureQueriesContext(connection) as of_nobody:
        asking.post(f"/join/{empty.code}/", {"note": ""})
    for n in range(3):
        trust.memberships.create(user=make_person(f"lead-{n}@example.org"), role="lead")
    with CaptureQueriesContext(connection) as of_four:
        asking.post("/join/AB1/", {"note": ""})
    assert len(of_nobody) == len(of_four)


def test_a_request_can_be_declined_and_decided_once(lead, visitor, trust):
    new = visitor()
    new.post("/join/AB1/", {"note": ""})
    do_what_waits()
    path = link_in(mail.outbox[-1])
    lead.post(path, {"role": "no"})
    assert "was declined" in mail.outbox[-1].body
    assert not trust.memberships.filter(user=new.person).exists()
    assert lead.post(path, {"role": "viewer"}).status_code == 404


def test_asking_says_the_same_whether_or_not_anybody_there_uses_the_portal(lead, visitor):
    make_organisation("CD1", "Quiet Harbour NHS Trust")
    new = visitor()
    led, unled = (new.get(f"/join/{code}/").content.decode() for code in ("AB1", "CD1"))
    assert led.replace("Valley", "Harbour").replace("AB1", "CD1").split("csrfmiddlewaretoken")[0] == unled.split("csrfmiddlewaretoken")[0]
    answers = [new.post(f"/join/{code}/", {"note": ""}, follow=True).content.decode() for code in ("AB1", "CD1")]
    assert all("We have passed on your request" in answer for answer in answers)


def test_asking_twice_says_so(lead, visitor):
    new = visitor()
    new.post("/join/AB1/", {"note": ""})
    assert "You have asked to join this organisation already" in new.post("/join/AB1/", {"note": ""}).content.decode()
    assert JoinRequest.objects.count() == 1


def test_a_verified_address_at_a_listed_domain_joins_as_a_viewer_at_once(lead, visitor, trust):
    lead.post("/organisations/AB1/domains/", {"domain": " @Quiet-Valley.example.org "})
    new = visitor("new@quiet-valley.example.org")
    assert new.post("/join/AB1/", {"note": ""}, follow=True).redirect_chain[-1][0] == "/organisations/AB1/"
    assert trust.memberships.get(user=new.person).role == "viewer"
    unverified = visitor("other@quiet-valley.example.org", verified=False)
    unverified.post("/join/AB1/", {"note": ""})
    assert not trust.memberships.filter(user=unverified.person).exists()


@pytest.mark.parametrize("domain", ["nhs.net", "nhs.uk", "NHS.NET", "gmail.com", "hotmail.co.uk", "co.uk", "nodot", "two words.org", ""])
def test_a_shared_domain_lets_nobody_in(lead, trust, domain):
    page = lead.post("/organisations/AB1/domains/", {"domain": domain}).content.decode()
    assert "There is a problem" in page
    assert not trust.join_domains.exists()


# The first lead -------------------------------------------------------------------------------------------------------


@pytest.fixture
def administrator():
    browser = Client()
    browser.person = give_app(make_person("administrator@example.org", is_staff=True, is_superuser=True))
    browser.force_login(browser.person)
    return browser


def decide_in_admin(administrator, asked, action):
    data = {"action": action, "_selected_action": [asked.pk]}
    return administrator.post("/admin/accounts/firstleadrequest/", data, follow=True).content.decode()


def test_the_first_lead_is_approved_by_an_administrator(visitor, administrator, trust):
    new = visitor()
    new.post("/join/AB1/", {"note": ""})
    do_what_waits()
    assert mail.outbox[-1].to == ["administrator@example.org"]
    decide_in_admin(administrator, JoinRequest.objects.get(), "approve")
    assert trust.memberships.get(user=new.person).role == "lead"


def test_nobody_approves_themselves(administrator, trust):
    administrator.post("/join/AB1/", {"note": ""})
    page = decide_in_admin(administrator, JoinRequest.objects.get(), "approve")
    assert "Nobody can decide their own request" in page
    assert not trust.memberships.exists()


def test_where_there_is_a_lead_an_administrator_appoints_none(lead, visitor, administrator, trust):
    new = visitor()
    new.post("/join/AB1/", {"note": ""})
    asked = JoinRequest.objects.get()
    decide_in_admin(administrator, asked, "approve")
    assert not trust.memberships.filter(user=new.person).exists()
    with pytest.raises(ValidationError, match="has a lead, who decides"):
        asked.decide(True, by=administrator.person)


def test_shutting_the_only_lead_out_does_not_let_an_administrator_appoint_another(lead, visitor, administrator, trust):
    new = visitor()
    new.post("/join/AB1/", {"note": ""})
    lead.person.is_active = False
    lead.person.save()
    asked = JoinRequest.objects.get()
    assert "Newcomer" not in administrator.get("/admin/accounts/firstleadrequest/").content.decode()
    with pytest.raises(ValidationError, match="has a lead"):
        asked.decide(True, by=administrator.person)
    call_command("end_membership", "ab1", "lead@example.org")  # whoever runs the server can, and the log says so
    decide_in_admin(administrator, asked, "approve")
    assert trust.memberships.get(user=new.person).role == "lead"
    assert trust.log.in_words(trust.log.filter(verb="removed_person"))[0].who == "the portal's operator"


def test_an_administrator_has_no_way_into_an_organisation_or_an_account(lead, member, administrator, trust):
    viewer = member("viewer")
    assert administrator.get("/organisations/AB1/").status_code == 404
    assert administrator.get(f"/admin/accounts/user/{viewer.person.pk}/password/", follow=True).status_code in (200, 404)
    page = administrator.get(f"/admin/accounts/user/{viewer.person.pk}/change/").content.decode()
    assert 'name="password' not in page
    assert 'name="email"' not in page
    administrator.post(f"/admin/accounts/user/{viewer.person.pk}/change/", {"email": "mine@example.org", "password": "x", "name": "V", "is_active": "on"})
    viewer.person.refresh_from_db()
    assert viewer.person.email == "viewer@example.org"
    assert viewer.person.check_password("a long enough password")


def test_every_new_lead_is_made_known_to_the_leads_there_are(lead, member, trust):
    viewer = member("viewer")
    lead.post(f"/organisations/AB1/people/{viewer.membership.public_id}/", {"role": "lead"})
    assert mail.outbox[-1].to == ["lead@example.org"]
    assert "made The viewer a lead" in mail.outbox[-1].body


# Roles, handing over, leaving -----------------------------------------------------------------------------------------


def test_each_role_is_a_list_of_verbs_and_each_holds_the_one_below():
    assert VERBS["viewer"] < VERBS["contributor"] < VERBS["lead"]


def test_a_changed_role_and_a_removal_take_effect_at_the_next_click_in_every_session(lead, member):
    contributor = member("contributor")
    second = Client()
    second.force_login(contributor.person)
    lead.post(f"/organisations/AB1/people/{contributor.membership.public_id}/", {"role": "viewer"})
    assert b"You are a viewer of" in second.get("/organisations/AB1/").content
    lead.post(f"/organisations/AB1/people/{contributor.membership.public_id}/remove/")
    assert [browser.get("/organisations/AB1/").status_code for browser in (contributor, second)] == [404, 404]


def test_the_last_lead_cannot_leave_nor_step_down_but_can_hand_over(lead, member, trust):
    viewer = member("viewer")
    assert "The last lead cannot leave" in lead.post("/organisations/AB1/people/leave/").content.decode()
    mine = lead.membership.public_id
    assert "make somebody else a lead first" in lead.post(f"/organisations/AB1/people/{mine}/", {"role": "viewer"}).content.decode()
    lead.post("/organisations/AB1/people/hand-over/", {"member": str(viewer.membership.public_id)})
    assert {m.user.email: m.role for m in trust.memberships.all()} == {"lead@example.org": "contributor", "viewer@example.org": "lead"}
    assert lead.post("/organisations/AB1/people/leave/", follow=True).redirect_chain[0][0] == "/your-work/"
    assert lead.get("/organisations/AB1/").status_code == 404


def test_nobody_raises_their_own_role(member, trust):
    contributor = member("contributor")
    with pytest.raises(ValidationError, match="Nobody can give themselves a higher role"):
        contributor.membership.change_role("lead", by=contributor.person)


def test_your_work_leads_somebody_with_one_organisation_straight_to_it(lead, visitor):
    assert lead.get("/your-work/").headers["Location"] == "/organisations/AB1/"
    new = visitor()
    assert b"You do not belong to an organisation here yet" in new.get("/your-work/").content
    new.post("/join/AB1/", {"note": ""})
    assert b"To join Quiet Valley NHS Trust" in new.get("/your-work/").content
    assert b"asks to join" in lead.get("/organisations/AB1/").content


def test_posting_a_field_that_a_form_does_not_have_changes_nothing(lead, member, trust):
    viewer = member("viewer")
    hostile = {"organisation": 1, "user": 1, "is_superuser": "on", "ends_on": "2020-01-01", "public_id": "x", "created_at": "x"}
    lead.post(f"/organisations/AB1/people/{viewer.membership.public_id}/", {"role": "contributor", **hostile})
    before = viewer.membership.public_id
    viewer.membership.refresh_from_db()
    assert (viewer.membership.organisation, viewer.membership.ends_on, viewer.membership.public_id) == (trust, None, before)
    viewer.person.refresh_from_db()
    assert not viewer.person.is_superuser


@pytest.mark.one_database
def test_pages_of_people_ask_the_database_no_more_for_many_than_for_few(lead, member, trust):
    def crowd(numbers):
        for number in numbers:
            member("viewer", f"v{number}@example.org")
            invite(lead, f"i{number}@example.org")
            JoinRequest.objects.create(user=make_person(f"j{number}@example.org"), organisation=trust)

    crowd(range(2))
    few = {path: len(queries_of(lead, path)) for path in ("/organisations/AB1/", "/organisations/AB1/people/", "/organisations/AB1/log/", "/your-work/")}
    crowd(range(2, 30))
    assert {path: len(queries_of(lead, path)) for path in few} == few


def queries_of(browser, path):
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        assert browser.get(path).status_code in (200, 302)
    return list(queries)


# What an attack found -------------------------------------------------------------------------------------------------


def test_a_removed_lead_s_own_invitations_let_nobody_in(lead, member, visitor, trust):
    second = member("lead", "second@example.org")
    second.post("/organisations/AB1/people/invite/", {"email": "alias@example.org", "role": "lead"})
    path = link_in(mail.outbox[-1])
    lead.post(f"/organisations/AB1/people/{second.membership.public_id}/remove/")
    alias = visitor("alias@example.org")
    assert "can no longer do so" in alias.post(path, follow=True).content.decode()
    assert not trust.memberships.filter(user=alias.person).exists()


def test_setting_up_an_app_ends_the_sessions_that_never_saw_it(trust, member):
    from allauth.mfa.signals import authenticator_added

    person = make_person("lead2@example.org")
    trust.memberships.create(user=person, role="lead")
    first, second = Client(), Client()
    first.force_login(person)
    second.force_login(person)
    request = type("Request", (), {"session": second.session})()
    authenticator_added.send(sender=None, request=request, user=person, authenticator=None)
    assert first.get("/your-work/").headers["Location"].startswith("/accounts/login/")
    assert not second.get("/your-work/").headers["Location"].startswith("/accounts/login/")


def test_a_removed_member_does_not_come_back_by_their_domain(lead, visitor, trust):
    lead.post("/organisations/AB1/domains/", {"domain": "quiet-valley.example.org"})
    new = visitor("new@quiet-valley.example.org")
    new.post("/join/AB1/", {"note": ""})
    lead.post(f"/organisations/AB1/people/{trust.memberships.get(user=new.person).public_id}/remove/")
    new.post("/join/AB1/", {"note": ""})
    assert not trust.memberships.filter(user=new.person).exists()
    assert JoinRequest.objects.waiting().count() == 1


def test_granting_an_old_request_lowers_nobody(lead, visitor, trust):
    new = visitor()
    new.post("/join/AB1/", {"note": ""})
    do_what_waits()
    asked = link_in(mail.outbox[-1])
    invite(lead, role="lead")
    give_app(new.person)
    new.post(link_in(mail.outbox[-1]))
    lead.post(asked, {"role": "viewer"})
    assert trust.memberships.get(user=new.person).role == "lead"


def test_nobody_hands_over_to_somebody_who_cannot_sign_in_or_has_gone(lead, member, trust):
    viewer = member("viewer")
    viewer.person.is_active = False
    viewer.person.save()
    assert "who can sign in" in lead.post("/organisations/AB1/people/hand-over/", {"member": str(viewer.membership.public_id)}).content.decode()
    stale = Membership.objects.get(pk=viewer.membership.pk)
    viewer.membership.delete()
    with pytest.raises(ValidationError):
        lead.membership.hand_over(stale, by=lead.person)
    assert trust.leads().get().user == lead.person


def test_an_invitation_taken_back_meanwhile_is_not_revived(lead):
    invite(lead)
    stale = Invitation.objects.get()
    Invitation.objects.get().revoke(by=lead.person)
    with pytest.raises(ValidationError, match="taken back already"):
        stale.renew()
    assert not Invitation.objects.waiting().exists()


def test_a_name_is_one_line_whatever_was_typed(lead):
    lead.post("/accounts/name/", {"name": "Bob\r\n\r\nGo to https://evil.example\u202e\u2066"})
    lead.person.refresh_from_db()
    assert lead.person.name == "Bob Go to https://evil.example"


def test_the_log_names_a_number_that_no_change_of_name_changes(lead):
    invite(lead)
    lead.post("/accounts/name/", {"name": "the portal's operator"})
    number = str(lead.person.public_id)[:8]
    assert f"the portal's operator,{number},invited somebody" in lead.get("/organisations/AB1/log.csv").content.decode("utf-8-sig")
    assert f"({number})" in lead.get("/organisations/AB1/log/").content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "user/?password__startswith=md5",
        "user/?memberships=1",
        "organisation/?memberships__user=1",
        "organisation/?invitations__email=a",
        "merger/?proposed_by__password__regex=^a",
    ],
)
def test_the_admin_s_lists_answer_no_question_but_their_own_filters(administrator, query):
    assert administrator.get(f"/admin/accounts/{query}").status_code in (302, 400)
    assert administrator.get("/admin/resources/resource/?owner__password__regex=^a").status_code in (302, 400)
    assert administrator.get("/admin/resources/resource/?state=draft&category__id__exact=1").status_code == 200
    assert administrator.get("/admin/accounts/user/?is_staff__exact=1").status_code == 200


# The log --------------------------------------------------------------------------------------------------------------


def test_what_is_done_to_a_domain_or_an_invitation_stands_in_the_log_of_the_organisation(lead, trust):
    lead.post("/organisations/AB1/domains/", {"domain": "quiet.example.org"})
    lead.post(f"/organisations/AB1/domains/{trust.join_domains.get().pk}/remove/")
    invite(lead)
    lead.post(f"/organisations/AB1/invitations/{Invitation.objects.get().public_id}/resend/")
    verbs = set(trust.log.values_list("verb", flat=True))
    assert verbs >= {"added_domain", "removed_domain", "invited", "resent_invitation"}
    assert b"let an e-mail domain join" in lead.get("/organisations/AB1/log/").content


def test_the_log_says_who_did_what_and_a_lead_takes_it_away_as_csv(lead, visitor):
    invite(lead)
    page = lead.get("/organisations/AB1/log/").content.decode()
    assert re.search(r"<strong>The lead</strong> <span[^>]*>\([0-9a-f]{8}\)</span> invited somebody", page)
    file = lead.get("/organisations/AB1/log.csv").content.decode("utf-8-sig")
    assert f"The lead,{str(lead.person.public_id)[:8]},invited somebody,role: viewer" in file


@pytest.mark.parametrize(
    "statement", ["UPDATE accounts_auditentry SET verb = 'x'", "DELETE FROM accounts_auditentry", "REPLACE", "TRUNCATE accounts_auditentry"]
)
def test_the_database_itself_refuses_to_change_the_log(lead, statement):
    invite(lead)
    entry = AuditEntry.objects.latest("pk")
    if statement == "REPLACE":
        columns = [f.column for f in AuditEntry._meta.concrete_fields]
        if connection.vendor == "postgresql":
            statement = f"INSERT INTO accounts_auditentry SELECT * FROM accounts_auditentry WHERE id = {entry.pk} ON CONFLICT (id) DO UPDATE SET verb = 'x'"
        else:
            statement = (
                f"INSERT OR REPLACE INTO accounts_auditentry ({', '.join(columns)}) SELECT {', '.join(columns)} FROM accounts_auditentry WHERE id = {entry.pk}"
            )
    elif statement.startswith("TRUNCATE") and connection.vendor == "sqlite":
        pytest.skip("SQLite has no TRUNCATE")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    for change in (lambda: AuditEntry.objects.update(verb="x"), lambda: AuditEntry.objects.all().delete(), entry.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert AuditEntry.objects.get(pk=entry.pk).verb == "invited"


def test_every_trigger_is_there_after_the_last_migration():
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        there = {name for (name,) in cursor.fetchall()}
    guards = {f"accounts_auditentry_refuses_{event}" for event in events(connection.vendor)}
    assert guards | trigger_names() <= there


# A person's own data --------------------------------------------------------------------------------------------------


def test_a_person_s_data_is_handed_over_whole_without_secrets(lead, capsys):
    resource = Resource.objects.first()
    resource._history_user, resource.summary = lead.person, "Changed."
    resource.save()
    invite(lead)
    call_command("export_person", "LEAD@example.org")
    held = json.loads(capsys.readouterr().out)
    assert held["person"][0]["name"] == "The lead"
    assert any("historical" in name for name in held)
    assert {"memberships (user)", "email addresses (user)", "log"} <= set(held)
    assert not re.search(r"pbkdf2|md5\$|token_hash|session_key|otpauth", json.dumps(held))


def test_erasing_a_person_leaves_a_pseudonym_and_changes_no_line_of_the_log(lead, member, trust):
    other = member("lead", "second@example.org")
    invite(lead)
    before = list(AuditEntry.objects.order_by("pk").values())
    call_command("erase_person", "lead@example.org", yes=True)
    assert list(AuditEntry.objects.order_by("pk").values()) == before
    page = other.get("/organisations/AB1/log/").content.decode()
    assert "A person who has been erased" in page
    assert "The lead<" not in page
    assert lead.get("/your-work/").status_code == 302
    assert not EmailAddress.objects.filter(email="lead@example.org").exists()


def test_a_lead_who_leads_alone_is_not_erased(lead):
    with pytest.raises(CommandError, match="they alone lead Quiet Valley NHS Trust"):
        call_command("erase_person", "lead@example.org", yes=True)


def test_what_is_past_its_time_is_deleted(lead, time_machine):
    invite(lead)
    lead.get("/your-work/")
    time_machine.move_to(timezone.now() + datetime.timedelta(days=400))
    call_command("tidy")
    assert not Invitation.objects.exists()
    assert not UserSession.objects.exists()
    assert not Session.objects.exists()
    assert AuditEntry.objects.exists()


# The demonstration ----------------------------------------------------------------------------------------------------


def test_the_demonstration_is_made_once_with_passwords_made_anew(tmp_path):
    from accounts.demo import make_demo

    rows = make_demo(tmp_path / "demo.csv")
    assert [(r["role"], r["organisation"]) for r in rows][-1] == ("curator", "")
    assert len({r["password"] for r in rows}) == 7
    assert all(bool(r["totp_secret"]) == (r["role"] in ("lead", "curator")) for r in rows)
    assert (tmp_path / "demo.csv").read_text().splitlines()[0] == "email,password,totp_secret,role,organisation"
    assert make_demo(tmp_path / "again.csv") == []
    assert Organisation.objects.filter(fictional=True).count() == 2
