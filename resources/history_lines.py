"""Lines of history for many resources at once, with what they are linked to: as saving them one by one would write."""

from django.apps import apps

from resources.models import Resource

AT_A_TIME = 500
Line = Resource.history.model
LINKED = [(field, apps.get_model("resources", f"HistoricalResource_{field.name}")) for field in Line._history_m2m_fields]


def write_lines(resources, *, by, reason, sign="~"):
    """One line each: {resource: its line}. They must be in the database as they are in hand."""
    lines = Resource.history.bulk_history_create(resources, batch_size=AT_A_TIME, update=sign == "~", default_user=by, default_change_reason=reason)
    found = {line.id: line.history_id for line in lines}
    for field, model in LINKED:
        through = field.remote_field.through
        columns = [f.attname for f in through._meta.concrete_fields]
        owner = f"{field.m2m_field_name()}_id"
        rows = through.objects.filter(**{f"{owner}__in": list(found)}).order_by("pk").values(*columns)
        model.objects.bulk_create((model(**row, history_id=found[row[owner]]) for row in rows), batch_size=AT_A_TIME)
    return found


def latest_lines(pks):
    """{resource: the last line of its history}."""
    lines = Resource.history.filter(id__in=pks).order_by("history_id").values_list("id", "history_id")
    return dict(lines.iterator())
