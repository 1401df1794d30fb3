"""Lines of history for many resources at once, with what they are linked to: as saving them one by one would write."""

from collections import defaultdict

from django.apps import apps
from django.db.models.deletion import Collector

from resources.models import Resource

AT_A_TIME = 500
Line = Resource.history.model
LINKED = [(field, apps.get_model("resources", f"HistoricalResource_{field.name}")) for field in Line._history_m2m_fields]


def write_lines(resources, *, by, reason, sign="~"):
    """One line each: {resource: its line}, as made (+), changed (~) or about to be deleted (-). They must be in the database as they are in hand."""
    lines = Resource.history.bulk_history_create(resources, batch_size=AT_A_TIME, update=sign == "~", default_user=by, default_change_reason=reason)
    found = {line.id: line.history_id for line in lines}
    if sign == "-":
        Resource.history.filter(history_id__in=list(found.values())).update(history_type=sign)
    for field, model in LINKED:
        through = field.remote_field.through
        columns = [f.attname for f in through._meta.concrete_fields]
        owner = f"{field.m2m_field_name()}_id"
        rows = through.objects.filter(**{f"{owner}__in": list(found)}).order_by("pk").values(*columns)
        model.objects.bulk_create((model(**row, history_id=found[row[owner]]) for row in rows), batch_size=AT_A_TIME)
    return found


def delete_with_lines(resources, *, by, reason):
    """Delete many resources and whatever goes with them, with one line of history each."""
    write_lines(resources, by=by, reason=reason, sign="-")
    going = Resource.objects.filter(pk__in=[resource.pk for resource in resources])
    collector = Collector(going.db)
    collector.collect(going)
    collector.data.pop(Resource, None)  # deleted below: one by one, each would be read again with all its links to write the line that is written
    collector.delete()
    going._raw_delete(going.db)


def latest_lines(pks):
    """{resource: the last line of its history}."""
    lines = Resource.history.filter(id__in=pks).order_by("history_id").values_list("id", "history_id")
    return dict(lines.iterator())


def touched(rows, latest):
    """The rows of an import whose resource is no longer as the import left it. Being saved, or changed and put back, is no change."""
    later = [row for row in rows if latest.get(row.resource_id) != row.after]
    said = what_lines_say([line for row in later for line in (row.after, latest.get(row.resource_id))])
    return {row for row in later if said.get(row.after) != said.get(latest.get(row.resource_id))}


def what_lines_say(keys):
    """{line of history: all that it says of the resource}, but for when it was saved."""
    columns = [field.attname for field in Line.tracked_fields if field.name != "updated_at"]
    said = {values[0]: [values[1:]] for values in Resource.history.filter(history_id__in=keys).values_list("history_id", *columns)}
    for field, model in LINKED:
        found = defaultdict(set)
        for line, other in model.objects.filter(history_id__in=keys).values_list("history_id", f"{field.m2m_reverse_field_name()}_id"):
            found[line].add(other)
        for line, values in said.items():
            values.append(found[line])
    return said
