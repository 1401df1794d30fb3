"""Two organisations and everybody who might knock: what the access table is asked with.

The fixture `world` is this, made once for a test module; what a test changes of it is undone after the test.
"""

import copy
from datetime import date, timedelta
from types import SimpleNamespace

from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from accounts.curators import curators
from accounts.models import AuditEntry, JoinRequest, Membership, Merger
from accounts.tokens import new_token
from assessments.models import ActionMail, Framework, ReadingLink
from bulletin.models import Issue, SignUp, Subscriber
from resources.models import ImportBatch, Report, Resource, Suggestion, UsefulCount
from tests.people import give_app, make_organisation, make_person
from tests.rounds import make_framework, rate, submit

KINDS_OF_PERSON = ("anonymous", "nobody", "stranger", "viewer", "contributor", "lead", "curator", "administrator", "disabled")
CANARY = "canary-of-the-other"


def fill(organisation, word, administrator):
    """One of everything an organisation can own, each holding a word of its own.

    `ids` holds what addresses need, by the name they have for it; `own` holds what only some routes take, by a pattern of their names,
    such as {"rate:*": {"token": ...}}.
    """
    lead = give_app(make_person(f"lead-{word}@example.org", name=f"Lead {word}"))
    leadership = Membership.objects.create(user=lead, organisation=organisation, role="lead")
    members = {role: make_person(f"{role}-{word}@example.org", name=f"{role} {word}") for role in ("viewer", "contributor")}
    memberships = {role: Membership.objects.create(user=person, organisation=organisation, role=role) for role, person in members.items()}
    invitation, token = organisation.invitations.invite(f"invited-{word}@example.org", "viewer", by=lead)
    asking = make_person(f"asking-{word}@example.org", name="Somebody")
    asked = JoinRequest.objects.create(user=asking, organisation=organisation, note=f"Note {word}")
    domain = organisation.join_domains.create(domain=f"{word}.example.org")
    AuditEntry.objects.note("added_domain", by=lead, organisation=organisation, domain=f"{word}.example.org")
    successor = make_organisation(f"{organisation.code[:2]}99", f"Successor of {organisation}")
    merger = Merger.objects.create(predecessor=organisation, successor=successor, on=date(2030, 1, 1), proposed_by=administrator)
    Merger.objects.filter(pk=merger.pk).update(approved_by=lead, approved_at=timezone.now())
    ids = {
        "ods_code": organisation.code,
        "member": memberships["viewer"].public_id,
        "invitation": invitation.public_id,
        "asked": asked.public_id,
        "domain": domain.pk,
        "merger": merger.pk,
    }
    held = fill_rounds(organisation, word, lead, memberships["contributor"])
    ids |= held.pop("ids")
    own = {
        "accounts:invitation": {"token": token},
        "admin:accounts_user_*": {"object_id": lead.pk, "id": lead.pk},
        "admin:resources_batch*": {"pk": ImportBatch.objects.create(file_name="resources.csv").pk},
        **from_readers(),
        **held,
    }
    return SimpleNamespace(organisation=organisation, lead=lead, leadership=leadership, **members, ids=ids, own=own, invitation=invitation, asked=asked)


def from_readers():
    """What a reader said of each kind, in `own`'s shape: the curators' alone, of no organisation."""
    resource = Resource.objects.get(slug="team-huddles")
    suggestion = Suggestion.objects.create(title="Missing", email="reader@example.org")
    report = Report.objects.create(resource=resource, kind="broken")
    UsefulCount.objects.say(resource, useful=True)
    rows = {"suggestion": suggestion, "report": report, "usefulcount": UsefulCount.objects.get()}
    return {f"admin:resources_{name}_*": {"object_id": row.pk, "pk": row.pk} for name, row in rows.items()}


def fill_rounds(organisation, word, lead, contributor):
    """Three rounds, submitted, open to raters and (for practice) in agreement, with their people, words and links; and a predecessor's. In `own`'s shape."""
    framework = Framework.objects.filter(slug="world").first() or make_framework("world", ("1.1", "2.3"))
    first = agreed_round(organisation, lead, framework, f"First {word}")
    submission = submit(first, lead)
    reading = ReadingLink(assessment=first, who=f"Reader {word}", until=date(2030, 1, 1), made_by=lead)
    reading_token = reading.renew()
    reading.save()
    second = organisation.assessments.start(by=lead, name=f"Second {word}", framework=framework, closes_on=date(2030, 1, 1), anonymous=False)
    rater = second.raters.create(group=second.groups.first(), name=f"Rater {word}", email=f"rater-{word}@example.org", delivery="accepted")
    rate(rater, ["2", "unknown"], [f"Comment {word}"])
    second.raters.create(group=second.groups.first(), sheet_code="BCD-FGH")
    third = agreed_round(organisation, lead, framework, f"Practice {word}", practice=True)
    action = organisation.actions.make(by=lead, assessment=first, title=f"Action {word}", owner_name=f"Owner {word}", due_on=date(2029, 1, 1))
    action.note(f"Note {word}", by=lead)
    predecessor = make_organisation(f"{organisation.code[:2]}88", f"Predecessor {word}")
    submit(agreed_round(predecessor, lead, framework, f"Before {word}"), lead)
    Merger.objects.create(
        predecessor=predecessor, successor=organisation, on=date(2026, 5, 1), proposed_by=lead, approved_by=contributor.user, shared_by=lead,
        approved_at=timezone.now(), shared_at=timezone.now(),
    )  # fmt: skip
    return {
        "ids": {"number": second.number, "rater": rater.public_id, "action": action.public_id, "link": reading.public_id, "question": "2.3",
                "predecessor": predecessor.code, "version": submission.version, "component": 1},
        "work_rate": {"rater": rater.public_id},
        "assessments:rate*": {"token": rater.renew_link()},
        "assessments:shared_result": {"token": reading_token},
        "assessments:action_feed": {"token": contributor.action_feeds.make(mine=False)},
        "assessments:action_mail_stop": {"token": ActionMail.objects.claim(contributor.user, date(2026, 11, 23))[1]},
        **{key: {"number": first.number} for key in ["assessments:result*", "assessments:pack*", "assessments:reading_link*", "assessments:reopen_result"]},
        **{key: {"number": third.number} for key in ["assessments:board", "assessments:agree_accept", "assessments:answer", "assessments:priorities", "assessments:submit"]},
        "assessments:predecessor_result": {"number": 1},
    }  # fmt: skip


def agreed_round(organisation, lead, framework, name, *, practice=False):
    """A round of one rater who is named, closed and agreed."""
    assessment = organisation.assessments.start(by=lead, name=name, framework=framework, closes_on=date(2030, 1, 1), anonymous=False, practice=practice)
    rate(assessment.raters.create(group=assessment.groups.first(), name=f"Rater of {name}", email="rater@example.org"), ["3", "2"], [f"Comment in {name}"])
    assessment.close(by=lead, reason=f"Closed for {name}")
    assessment.begin_agreeing(by=lead)
    for answer in assessment.answers.all():
        typed = {"reason": f"Reason of {name}", "evidence": f"Evidence of {name}", "would_change": f"Doubt of {name}", "dissent": f"Dissent of {name}"}
        answer.agree(by=lead, version=1, level=3, does_not_apply=False, **typed)
    assessment.answers.set_priorities(["2.3"], by=lead)
    return assessment


def fill_bulletin():
    """A subscriber, somebody who has not confirmed, an issue that was sent and a draft. In the shape of `own`."""
    asked = SignUp.objects.ask("asked@example.org", client="192.0.2.1", once=new_token(), frequency="weekly")
    subscriber = Subscriber.objects.confirm(SignUp.objects.ask("subscriber@example.org", client="192.0.2.2", once=new_token(), frequency="weekly"))
    sent, draft = Issue.objects.create(subject="Sent"), Issue.objects.create(subject="Draft")
    for issue in (sent, draft):
        issue.fill()
    sent.start()
    return {
        "bulletin:issue": {"number": sent.number},
        "bulletin:confirm": {"token": asked.key},
        "bulletin:preferences": {"token": subscriber.key},
        "bulletin:unsubscribe": {"token": subscriber.key},
        "admin:bulletin_issue_*": {"pk": draft.pk, "object_id": draft.pk},
    }


def make_world():
    """Ours, theirs, a closed one, and the nine kinds of person, each in a browser of their own."""
    administrator = give_app(make_person("administrator@example.org", is_staff=True, is_superuser=True))
    ours = fill(make_organisation("AB1", "Our Trust"), "ours", administrator)
    theirs = fill(make_organisation("CD1", "Their Trust"), CANARY, administrator)
    closed = make_organisation("EF1", "Closed Trust", closed=timezone.localdate() - timedelta(days=30))
    Membership.objects.create(user=ours.lead, organisation=closed, role="lead")
    bulletin = fill_bulletin()
    ours.own |= bulletin
    theirs.own |= bulletin
    curator = give_app(make_person("curator@example.org", is_staff=True))
    curator.groups.add(curators())
    disabled = make_person("disabled@example.org")
    Membership.objects.create(user=disabled, organisation=ours.organisation, role="viewer")
    people = {
        "nobody": make_person("nobody@example.org"),
        "stranger": theirs.lead,
        "viewer": ours.viewer,
        "contributor": ours.contributor,
        "lead": ours.lead,
        "curator": curator,
        "administrator": administrator,
        "disabled": disabled,
    }
    clients = {"anonymous": Client(), **{kind: Client() for kind in people}}
    for kind, person in people.items():
        clients[kind].force_login(person)
    get_user_model().objects.filter(pk=disabled.pk).update(is_active=False)
    return SimpleNamespace(ours=ours, theirs=theirs, closed=closed, people=people, clients=clients)


def for_one_test(world):
    """The same rows and sessions, in objects and browsers that the test may change."""
    clients = {kind: same_browser(client) for kind, client in world.clients.items()}
    return SimpleNamespace(**copy.deepcopy({**vars(world), "clients": None}) | {"clients": clients})


def same_browser(client):
    """Another test client with the same cookies."""
    other = Client()
    other.cookies = copy.deepcopy(client.cookies)
    return other
