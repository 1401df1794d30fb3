"""Two organisations and everybody who might knock: what the access table is asked with.

The fixture `world` is this, made once for a test module; what a test changes of it is undone after the test.
"""

import copy
from datetime import date, timedelta
from types import SimpleNamespace

from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from accounts.demo import curators
from accounts.kinds import TRUST
from accounts.models import AuditEntry, JoinRequest, Membership, Merger, Organisation
from tests.people import give_app, make_person

KINDS_OF_PERSON = ("anonymous", "nobody", "stranger", "viewer", "contributor", "lead", "curator", "administrator", "disabled")
CANARY = "canary-of-the-other"


def make_organisation(code, name, **fields):
    return Organisation.objects.create(code=code, name=name, kind=TRUST, **fields)


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
    own = {"accounts:invitation": {"token": token}}
    return SimpleNamespace(organisation=organisation, lead=lead, leadership=leadership, **members, ids=ids, own=own, invitation=invitation, asked=asked)


def make_world():
    """Ours, theirs, a closed one, and the nine kinds of person, each in a browser of their own."""
    administrator = give_app(make_person("administrator@example.org", is_staff=True, is_superuser=True))
    ours = fill(make_organisation("AB1", "Our Trust"), "ours", administrator)
    theirs = fill(make_organisation("CD1", "Their Trust"), CANARY, administrator)
    closed = make_organisation("EF1", "Closed Trust", closed=timezone.localdate() - timedelta(days=30))
    Membership.objects.create(user=ours.lead, organisation=closed, role="lead")
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
