"""Looking after the resources of an import together: an owner, a deputy, a review date and a sign-in label for those that lack them; publishing."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from resources.history import latest_lines, write_lines
from resources.import_columns import UNSEEN
from resources.import_history import touched
from resources.import_plan import chunks
from resources.models import ImportRow, Resource

COLUMNS = ("owner", "deputy", "review_on", "sign_in", "published_at", "updated_at")
LACKING = {"owner": Q(owner=None), "review_on": Q(review_on=None), "sign_in": Q(sign_in="")}


@dataclass
class Care:
    """What is given to the resources of an import that lack it. With a moment, drafts are published then."""

    owner: Any = None
    deputy: Any = None
    review_on: date | None = None
    sign_in: str = ""
    published_at: datetime | None = None

    def give(self, resource):
        """Fill in what a resource lacks. Was there anything?"""
        given = [name for name in ("owner", "deputy", "review_on", "sign_in") if getattr(self, name) and not getattr(resource, name)]
        for name in given:
            setattr(resource, name, getattr(self, name))
        if self.published_at and resource.published_at is None and not resource.lacks_to_publish():
            resource.published_at = self.published_at
            given.append("published_at")
        if set(given) - UNSEEN:
            resource.updated_at = timezone.now()
        return bool(given)


def lacking(batch):
    """{column: how many of an import's drafts lack what must be said before they are published}, and under "drafts" how many drafts there are."""
    counted = {name: Count("pk", filter=lacks) for name, lacks in LACKING.items()}
    return batch.resources.drafts().aggregate(drafts=Count("pk"), **counted)


@transaction.atomic
def look_after(batch, care, by):
    """Give the import's resources what they lack. Returns how many were changed. Undoing the import still finds them as it left them."""
    changed = 0
    for keys in chunks(list(batch.resources.filter(withdrawn_at=None).order_by("pk").values_list("pk", flat=True))):
        list(Resource.objects.filter(pk__in=keys).order_by("pk").select_for_update().values_list("pk"))
        given = [resource for resource in Resource.objects.filter(pk__in=keys).order_by("pk") if care.give(resource)]
        if given:
            _write(batch, given, by)
        changed += len(given)
    return changed


def _write(batch, resources, by):
    rows = list(batch.rows.taken().filter(resource__in=resources))
    edited = touched(rows, latest_lines(resources))
    Resource.objects.bulk_update(resources, COLUMNS, batch_size=100)
    lines = write_lines(resources, by=by, reason=f"{batch.reason}: looked after as a whole")
    rows = [row for row in rows if row not in edited]
    for row in rows:
        row.after = lines[row.resource_id]
    ImportRow.objects.bulk_update(rows, ["after"], batch_size=500)
