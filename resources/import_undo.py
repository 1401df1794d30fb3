"""Undoing an import as a whole: what it made goes, what it changed is as it was, and what somebody has edited since stays as they left it."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from resources.history import AT_A_TIME, latest_lines, relations_of, write_lines
from resources.import_columns import shown
from resources.import_history import delete_with_lines, touched
from resources.import_plan import alike, chunks
from resources.models import ImportBatch, ImportRow, Provider, Resource
from resources.plan import given_new_addresses

Kind = ImportRow.Kind
LINKED = relations_of(Resource)


def undo(batch, by):
    """Take an import back, once. Returns how many resources stay because somebody has edited them since. Raises ValidationError."""
    with transaction.atomic():
        undone = ImportBatch.objects.filter(pk=batch.pk, undone_at=None).exclude(applied_at=None)
        if not undone.update(undone_at=timezone.now(), undone_by=by):
            raise ValidationError("This import has been undone already, or was never made")
        kept = sum(_take_back(batch, numbers, by) for numbers in chunks(list(batch.rows.taken().values_list("number", flat=True))))
        _drop_publishers(batch)
    batch.refresh_from_db()
    return kept


def _take_back(batch, numbers, by):
    """Some of its rows. Returns how many are left as they are."""
    rows = [row for row in batch.rows.filter(number__in=numbers) if row.resource_id]
    list(Resource.objects.filter(pk__in=[row.resource_id for row in rows]).order_by("pk").select_for_update().values_list("pk"))
    found = Resource.objects.select_related("category", "owner", "deputy").prefetch_related("providers", "components")
    here = found.in_bulk([row.resource_id for row in rows])
    edited_since = touched(rows, latest_lines(list(here.values())))
    edited = [row for row in rows if row in edited_since]
    untouched = [(row, here[row.resource_id]) for row in rows if row not in edited_since]
    _remove([resource for row, resource in untouched if row.kind == Kind.NEW], batch, by)
    _restore([(row, resource) for row, resource in untouched if row.kind == Kind.CHANGED], batch, by)
    for row in edited:
        row.problems = both_texts(row, here[row.resource_id])
    ImportRow.objects.bulk_update(edited, ["problems"], batch_size=AT_A_TIME)
    return len(edited)


def both_texts(row, resource):
    """[column, what stands there now, what undoing would have put there] for a resource that somebody has edited since."""
    now = shown(resource)
    if row.kind == Kind.CHANGED:
        return [[name, now[name], old] for name, old, _ in row.changes]
    brought = {name: new for name, _, new in row.changes}
    return [[name, text, brought.get(name, "")] for name, text in now.items() if not alike(brought.get(name, ""), text)]


def _remove(made, batch, by):
    """What the import made: drafts are deleted; what readers may have kept the address of is withdrawn, so that it goes on answering."""
    public = [resource for resource in made if resource.state in ("published", "withdrawn")]
    drafts = [resource for resource in made if resource not in public]
    delete_with_lines(drafts, by=by, reason=f"{batch.reason} undone")
    for resource in public:
        resource.withdrawn_at = resource.withdrawn_at or timezone.now()
        resource.withdrawn_reason = resource.withdrawn_reason or "It was listed here by mistake"
    Resource.objects.bulk_update(public, ["withdrawn_at", "withdrawn_reason"], batch_size=100)
    if public:
        write_lines(public, by=by, reason=f"{batch.reason} undone")


def _restore(pairs, batch, by):
    """What the import changed, column by column, from the line of history before it."""
    before = Resource.history.in_bulk([row.before for row, _ in pairs])
    there = {name: set(Resource._meta.get_field(name).related_model.objects.values_list("pk", flat=True)) for name in ("category", "owner", "deputy")}
    columns = set()
    for row, resource in pairs:
        for name in {name for name, _, _ in row.changes if name not in LINKED}:
            _put_back(resource, before[row.before], name, there)
            columns.add(name)
        resource.updated_at = timezone.now()
    resources = [resource for _, resource in pairs]
    if resources:
        Resource.objects.bulk_update(resources, [*sorted(columns), "updated_at"], batch_size=100)
        given_new_addresses([resource for row, resource in pairs if any(column == "url" for column, _, _ in row.changes)])
        for name in ("providers", "components"):
            _relink(name, [(row, resource) for row, resource in pairs if any(column == name for column, _, _ in row.changes)])
        write_lines(resources, by=by, reason=f"{batch.reason} undone")


def _put_back(resource, line, name, there):
    """One column as the line of history has it; a row that is gone since cannot be named again."""
    field = Resource._meta.get_field(name)
    value = getattr(line, field.attname)
    if name in there and value is not None and value not in there[name]:
        value = None if field.null else getattr(resource, field.attname)
    setattr(resource, field.attname, value)


def _relink(name, pairs):
    """Publishers or components as they were."""
    field, model = LINKED[name], getattr(Resource.history.model, name).model
    through, one, other = field.remote_field.through, f"{field.m2m_field_name()}_id", f"{field.m2m_reverse_field_name()}_id"
    lines = model.objects.filter(history_id__in=[row.before for row, _ in pairs]).values_list(one, other)
    there = set(field.related_model.objects.values_list("pk", flat=True))
    through.objects.filter(**{f"{one}__in": [resource.pk for _, resource in pairs]}).delete()
    through.objects.bulk_create((through(**{one: a, other: b}) for a, b in lines if b in there), batch_size=AT_A_TIME)


def _drop_publishers(batch):
    """Publishers that the import made, unless something is theirs or somebody has touched them."""
    made = Provider.history.filter(history_type="+", history_change_reason=batch.reason).values_list("id", flat=True)
    touched = Provider.history.filter(id__in=made).exclude(history_type="+").values("id")
    Provider.objects.filter(pk__in=made, resources=None).exclude(pk__in=touched).delete()
