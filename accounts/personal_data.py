"""What the portal holds about one person: to hand it over, and to erase it."""

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q

from accounts.models import AuditEntry

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
    for rows in rows_by_address(addresses_of(person)):
        held[f"{rows.model._meta.verbose_name_plural} by their address"] = [as_dict(row) for row in rows]
    entries = AuditEntry.objects.filter(Q(actor=person.public_id) | Q(subject=person.public_id)).order_by("pk")
    held["log"] = [as_dict(row) for row in entries]
    return {name: rows for name, rows in held.items() if rows}


def addresses_of(person):
    return [person.email, *person.emailaddress_set.values_list("email", flat=True)]


def rows_by_address(addresses):
    """Rows of any app that name somebody by e-mail address alone, such as an invitation: their managers say `for_addresses` and `forget`."""
    return [model._default_manager.for_addresses(addresses) for model in apps.get_models() if hasattr(model._default_manager, "for_addresses")]


def as_dict(row):
    """A row's own columns, without secrets; of what belongs to an organisation (`of_the_organisation`) only that it is there."""
    kept = getattr(row, "of_the_organisation", set())
    return {f.name: getattr(row, f.attname) for f in row._meta.concrete_fields if f.name not in SECRETS and f.name not in kept}


def rows_that_go(person):
    """Rows of any app that are nothing without the person, such as a mail to them: their models name the person in `goes_with`."""
    return [model._base_manager.filter(**{model.goes_with: person}) for model in apps.get_models() if hasattr(model, "goes_with")]


class LastLead(Exception):
    """The person leads an organisation alone; somebody else must lead first."""


@transaction.atomic
def forget_addresses(addresses):
    """Take these addresses, and the names beside them, out of every row that names somebody by address alone. Returns how many rows."""
    return sum(rows.forget() for rows in rows_by_address(addresses))


@transaction.atomic
def erase(person):
    """Take away everything that says who a person was. What they did stays, under a pseudonym, and no line of the log or of a history changes."""
    alone = [m.organisation for m in person.memberships.current().filter(role="lead").select_related("organisation") if m.is_last_lead]
    if alone:
        raise LastLead(", ".join(map(str, alone)))
    forget_addresses(addresses_of(person))
    for related in ("memberships", "join_requests", "emailaddress_set", "authenticator_set", "usersession_set"):
        getattr(person, related).all().delete()
    LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(person), object_id=str(person.pk)).update(object_repr="")
    for rows in rows_that_go(person):
        rows.delete()
    person.end_sessions()
    person.forget()
