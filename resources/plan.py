"""A change to many resources at once: told row by row before it happens, then made as a whole, with a line of history each."""

import hashlib
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from resources.history import Words, fields_of, latest_lines, relations_of, values_of, write_lines
from resources.mending import mended
from resources.models import Link, Resource

SEEN_BY_READERS = {"category", "components", "cost", "sign_in", "format", "url", "url_confidence", "providers", "published_at", "withdrawn_at", "successor"}


@dataclass
class Row:
    """One resource in a plan."""

    resource: Resource
    changes: list = field(default_factory=list)  # [(label, old in words, new in words)]
    refusal: str = ""  # why it stays as it is


class Plan:
    """What `new_values` makes of resources. It takes (resource, its values) and answers {field: new value}, or says in words why not."""

    def __init__(self, resources, new_values):
        self.resources = list(resources)
        self.before = values_of(self.resources)
        self.lines = latest_lines(self.resources)
        answers = {resource.pk: new_values(resource, self.before[resource.pk]) for resource in self.resources}
        self.refusals = {pk: answer for pk, answer in answers.items() if isinstance(answer, str)}
        self.new = {pk: self._changed(pk, answer) for pk, answer in answers.items() if pk not in self.refusals}
        self.new = {pk: new for pk, new in self.new.items() if new}

    def _changed(self, pk, answer):
        return {name: value for name, value in answer.items() if value != self.before[pk][name]}

    def __len__(self):
        """How many would change."""
        return len(self.new)

    @property
    def unchanged(self):
        """How many are as they would be already."""
        return len(self.resources) - len(self.new) - len(self.refusals)

    def rows(self, most=None):
        """Each resource that would change, or that cannot, in words."""
        shown = [resource for resource in self.resources if resource.pk in self.new or resource.pk in self.refusals][:most]
        words = Words(Resource, *(self.before[r.pk] for r in shown), *(self.new.get(r.pk, {}) for r in shown))
        return [Row(r, words.differences(self.before[r.pk], self.new.get(r.pk, {})), self.refusals.get(r.pk, "")) for r in shown]

    @property
    def fingerprint(self):
        """The same only for the same plan for rows that nobody has saved since. The moment of pressing has no part in it."""
        told = [(pk, self.lines.get(pk), sorted((name, name in MOMENTS or value) for name, value in new.items())) for pk, new in self.new.items()]
        return hashlib.sha256(repr(sorted(told, key=lambda row: row[0])).encode()).hexdigest()

    @transaction.atomic
    def apply(self, *, by, reason):
        """Make the change, and write its history. Returns how many rows changed."""
        changed = [resource for resource in self.resources if resource.pk in self.new]
        names = {name for new in self.new.values() for name in new}
        columns = {name: fields_of(Resource)[name] for name in names if name in fields_of(Resource)}
        for resource in changed:
            for name, value in self.new[resource.pk].items():
                if name in columns:
                    setattr(resource, columns[name].attname, value)
            if SEEN_BY_READERS & self.new[resource.pk].keys():
                resource.updated_at = timezone.now()
        if changed:
            Resource.objects.bulk_update(changed, [*columns, "updated_at"], batch_size=200)
        for name in names & relations_of(Resource).keys():
            self._relate(name, [resource.pk for resource in changed if name in self.new[resource.pk]])
        given_new_addresses([resource for resource in changed if "url" in self.new[resource.pk]])
        return len(write_lines(changed, by=by, reason=reason))

    def _relate(self, name, keys):
        """Set a relation of these resources."""
        relation = relations_of(Resource)[name]
        through, source, target = getattr(Resource, name).through, relation.m2m_field_name(), relation.m2m_reverse_field_name()
        gone = {key: set(self.before[key][name]) - set(self.new[key][name]) for key in keys}
        come = [(key, other) for key in keys for other in set(self.new[key][name]) - set(self.before[key][name])]
        for other in set().union(*gone.values()) if gone else ():
            without = [key for key in keys if other in gone[key]]
            through.objects.filter(**{f"{source}__in": without, f"{target}_id": other}).delete()
        through.objects.bulk_create([through(**{f"{source}_id": key, f"{target}_id": other}) for key, other in come], ignore_conflicts=True, batch_size=500)


MOMENTS = {"published_at", "withdrawn_at"}
AFRESH = ("verdict", "verdict_at", "checked_at", "doubt", "doubted_days", "doubted_on", "due_at", "moved_to", "by_hand_on", "by_hand_by")


def given_new_addresses(resources):
    """What was known of the old address of each says nothing of the new one, and whoever waited for a link to be mended is told."""
    blank = {name: Link._meta.get_field(name).get_default() for name in AFRESH}
    now = Resource.objects.filter(pk=OuterRef("resource_id")).values("url")[:1]
    Link.objects.filter(resource__in=[resource.pk for resource in resources]).update(address=Subquery(now), **blank)
    for resource in Resource.objects.filter(pk__in=[resource.pk for resource in resources]).exclude(mend_notices=None).distinct():
        mended(resource)


def held(resources):
    """These resources, nobody else changing them until the transaction ends."""
    keys = list(resources.order_by("pk").values_list("pk", flat=True))
    list(Resource.objects.select_for_update().filter(pk__in=keys).order_by("pk").values_list("pk"))
    return Resource.objects.filter(pk__in=keys).order_by("title", "pk")
