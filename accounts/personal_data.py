"""What the portal holds about one person: to hand it over, and to erase it."""

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q

from accounts.models import AuditEntry, Invitation

SECRETS = {"password", "token_hash", "data", "session_data", "session_key", "key"}  # never handed out, not even to the person


def export(person):
    """Everything that names a person, table by table, history tables included; no secret. The log's lines are those they did or that are about them."""
    held = {"person": [as_dict(person)]}
    for relation in person._meta.get_fields(include_hidden=True):
        if not (relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one)):
            continue
        model, field = relation.related_model, relation.field.name
        rows = [as_dict(row) for row in model._base_manager.filter(**{field: person}).order_by("pk")]
        if rows:
            held.setdefault(f"{model._meta.verbose_name_plural} ({field.replace('_', ' ')})", []).extend(rows)
    addresses = [person.email, *person.emailaddress_set.values_list("email", flat=True)]
    held["invitations sent to them"] = [as_dict(row) for row in Invitation.objects.for_addresses(addresses)]
    entries = AuditEntry.objects.filter(Q(actor=person.public_id) | Q(subject=person.public_id)).order_by("pk")
    held["log"] = [as_dict(row) for row in entries]
    return {name: rows for name, rows in held.items() if rows}


def as_dict(row):
    """A row's own columns, without secrets."""
    return {f.name: getattr(row, f.attname) for f in row._meta.concrete_fields if f.name not in SECRETS}


class LastLead(Exception):
    """The person leads an organisation alone; somebody else must lead first."""


@transaction.atomic
def erase(person):
    """Take away everything that says who a person was. What they did stays, under a pseudonym, and no line of the log or of a history changes."""
    alone = [m.organisation for m in person.memberships.current().filter(role="lead").select_related("organisation") if m.is_last_lead]
    if alone:
        raise LastLead(", ".join(map(str, alone)))
    addresses = [person.email, *person.emailaddress_set.values_list("email", flat=True)]
    Invitation.objects.for_addresses(addresses).update(email=person.erased_address)
    for related in ("memberships", "join_requests", "emailaddress_set", "authenticator_set", "usersession_set"):
        getattr(person, related).all().delete()
    LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(person), object_id=str(person.pk)).update(object_repr="")
    person.end_sessions()
    person.forget()
