"""History where an import is concerned: what is no longer as it left it, and many resources deleted with a line each."""

from django.db.models.deletion import Collector

from resources.history import UNTOLD, values_of_lines, write_lines
from resources.models import Resource


def touched(rows, latest):
    """The rows of an import whose resource is no longer as the import left it. Being saved, or changed and put back, is no change."""
    later = [row for row in rows if latest.get(row.resource_id) != row.after]
    lines = Resource.history.filter(history_id__in=[line for row in later for line in (row.after, latest.get(row.resource_id))])
    said = {line: {name: value for name, value in values.items() if name not in UNTOLD} for line, values in values_of_lines(list(lines)).items()}
    return {row for row in later if said.get(row.after) != said.get(latest.get(row.resource_id))}


def delete_with_lines(resources, *, by, reason):
    """Delete many resources and whatever goes with them, with one line of history each."""
    write_lines(resources, by=by, reason=reason, deleted=True)
    going = Resource.objects.filter(pk__in=[resource.pk for resource in resources])
    collector = Collector(going.db)
    collector.collect(going)
    collector.data.pop(Resource, None)  # deleted below: one by one, each would be read again with all its links to write the line that is written
    collector.delete()
    going._raw_delete(going.db)
