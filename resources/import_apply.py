"""Taking over an import: the rows of a dry run that are good, all or none, in one transaction."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify
from simple_history.utils import bulk_create_with_history

from resources import import_file
from resources.history import AT_A_TIME, write_lines
from resources.import_columns import FIELDS, UNSEEN
from resources.import_plan import Planner, chunks
from resources.link_tasks import check_batch
from resources.models import ImportBatch, ImportRow, LinkRun, Provider, Resource
from resources.plan import given_new_addresses

LINKS = ("providers", "components")  # columns that hold several rows of another table
WRITTEN = ("kind", "resource", "changes", "problems", "cells", "before", "after")
STALE = "Nothing was changed: it is no longer as the dry run found it. Import the row again, and look at what it would change now"
BUSY = "Somebody changed the catalogue at this very moment. Nothing was imported: press the button again"
Kind = ImportRow.Kind


def dry_run(content, file_name, by):
    """What a file would do, kept as a batch; nothing else changes. Raises WorkbookError."""
    table = import_file.read(content)
    rows = [planned.row for planned in Planner().plan(table.rows)]
    with transaction.atomic():
        batch = ImportBatch.objects.create(file_name=plain_name(file_name), by=by)
        for row in rows:
            row.batch = batch
        ImportRow.objects.bulk_create(rows, batch_size=AT_A_TIME)
    return batch


def plain_name(name):
    """A file's name without what cannot be shown."""
    return "".join(char for char in name if char.isprintable())[:200] or "file"


def apply(batch, by):
    """Make and change what the good rows say. Raises ValidationError where it was done before or cannot be done now."""
    try:
        with transaction.atomic():
            if not ImportBatch.objects.filter(pk=batch.pk, applied_at=None).update(applied_at=timezone.now()):
                raise ValidationError("This import has been made already")
            Import(batch, by).run()
            _check_links(batch, by)
    except IntegrityError as error:
        raise ValidationError(BUSY) from error
    batch.refresh_from_db()


def _check_links(batch, by):
    """Have the addresses that came with it looked at, in the background."""
    if batch.resources.exists():
        run = LinkRun.objects.create(batch=batch, by=by)
        check_batch.enqueue(batch.pk, run.pk)


class Import:
    """One batch on its way into the catalogue."""

    def __init__(self, batch, by):
        self.batch, self.by, self.reason = batch, by, batch.reason
        self.planner = Planner(near=False, lock=True)
        self.providers = dict(Provider.objects.values_list("name", "pk"))
        self.provider_slugs = set(Provider.objects.values_list("slug", flat=True))
        self.slugs = set(Resource.objects.values_list("slug", flat=True))

    def run(self):
        """Row by row as the file has them, so many at a time."""
        good, distinct = self.batch.rows.good(), set(self.batch.distinct_numbers())
        self.slugs |= {cells.get("slug", "").strip() for cells in good.values_list("cells", flat=True).iterator(AT_A_TIME)}
        for numbers in chunks(list(good.values_list("number", flat=True))):
            rows = list(good.filter(number__in=numbers))
            self._take(rows, list(self.planner.plan([(row.number, row.cells) for row in rows], distinct=distinct)))

    def _take(self, rows, planned):
        """Some rows of the dry run, as they come out now."""
        fresh = []
        for row, now in zip(rows, planned, strict=True):
            if is_stale(row, now.row):
                mark_stale(row)
            else:
                fresh.append((row, now))
        self._make_providers({name for _, now in fresh for name in now.values.get("providers", ())})
        self._make([(row, now) for row, now in fresh if row.kind == Kind.NEW])
        self._change([(row, now) for row, now in fresh if row.kind == Kind.CHANGED])
        ImportRow.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=WRITTEN, batch_size=AT_A_TIME)

    def _make_providers(self, names):
        new = [Provider(name=name, slug=self._free_slug(name, "publisher", self.provider_slugs)) for name in sorted(names - self.providers.keys())]
        if new:
            made = bulk_create_with_history(new, Provider, default_user=self.by, default_change_reason=self.reason)
            self.providers.update((provider.name, provider.pk) for provider in made)

    def _make(self, pairs):
        """New resources, as drafts."""
        new = [Resource(batch=self.batch, **plain_values(now.values)) for _, now in pairs]
        for resource in new:
            resource.slug = resource.slug or self._free_slug(resource.title, "resource", self.slugs)
        Resource.objects.bulk_create(new, batch_size=AT_A_TIME)
        self._link(list(zip(new, (now.values for _, now in pairs), strict=True)))
        lines = write_lines(new, by=self.by, reason=self.reason, made=True)
        for resource, (row, now) in zip(new, pairs, strict=True):
            texts = {name: FIELDS[name].widget.render(value) for name, value in now.values.items()} | {"slug": resource.slug}
            row.changes = [[name, "", text] for name, text in texts.items() if text]
            self._done(row, resource, lines)

    def _change(self, pairs):
        """What is here and differs, with a line of history for how it was where it has none yet."""
        unwritten = [now.resource for _, now in pairs if now.row.before is None]
        first = write_lines(unwritten, by=None, reason=f"As it was before: {self.reason}") if unwritten else {}
        for row, now in pairs:
            row.before = now.row.before or first[now.resource.pk]
            now.resource.updated_at = timezone.now() if now.values.keys() - UNSEEN else now.resource.updated_at
            for name, value in plain_values(now.values).items():
                setattr(now.resource, name, value)
        changed = [now.resource for _, now in pairs]
        columns = {name for _, now in pairs for name in plain_values(now.values)}
        if changed:
            Resource.objects.bulk_update(changed, [*sorted(columns), "updated_at"], batch_size=100)
        self._link([(now.resource, now.values) for _, now in pairs])
        given_new_addresses([now.resource for _, now in pairs if "url" in now.values])
        lines = write_lines(changed, by=self.by, reason=self.reason)
        for row, now in pairs:
            self._done(row, now.resource, lines)

    def _done(self, row, resource, lines):
        row.resource, row.after, row.cells, row.problems = resource, lines[resource.pk], {}, []

    def _link(self, pairs):
        """Publishers and components of each resource, in place of those it had."""
        for name in LINKS:
            field = Resource._meta.get_field(name)
            through, one, other = field.remote_field.through, f"{field.m2m_field_name()}_id", f"{field.m2m_reverse_field_name()}_id"
            linked = [(resource.pk, values[name]) for resource, values in pairs if name in values]
            through.objects.filter(**{f"{one}__in": [pk for pk, _ in linked]}).delete()
            rows = (through(**{one: pk, other: self._key(thing)}) for pk, things in linked for thing in things)
            through.objects.bulk_create(rows, batch_size=AT_A_TIME)

    def _key(self, thing):
        """The key of a component, or of a publisher by its name."""
        return self.providers[thing] if isinstance(thing, str) else thing.pk

    def _free_slug(self, name, otherwise, taken):
        """A slug that nothing else has."""
        stem = slugify(name)[:90].strip("-") or otherwise
        slug, number = stem, 1
        while slug in taken:
            number += 1
            slug = f"{stem}-{number}"
        taken.add(slug)
        return slug


def plain_values(values):
    """The values that are columns of the resource's own."""
    return {name: value for name, value in values.items() if name not in LINKS}


def is_stale(row, now):
    """Does a row no longer come to what the dry run said?"""
    return (now.kind, now.changes, now.before) != (row.kind, row.changes, row.before)


def mark_stale(row):
    """Leave a row, and say why."""
    row.kind, row.problems = Kind.ERROR, [["slug" if row.changes else "title", row.name, STALE]]
