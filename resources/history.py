"""The history of curated rows: what each version said in words, what changed between two, and putting an earlier one back.

django-simple-history keeps the lines; written in bulk it leaves out what a row is related to, so bulk lines are written here.
"""

from collections import defaultdict
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from resources.wording import clock, in_words

AT_A_TIME = 500  # lines written together
NOTHING = "nothing"  # how a blank value reads
UNTOLD = {"created_at", "updated_at"}  # they change with every save


def fields_of(model):
    """{name: field} of the plain columns that history keeps."""
    return {field.name: field for field in model.history.model.tracked_fields}


def relations_of(model):
    """{name: field} of the many-to-many fields that history keeps."""
    return {field.name: field for field in model.history.model._history_m2m_fields}


def latest_line(row):
    """The number of the last line of a row's history, 0 where there is none."""
    return latest_lines([row]).get(row.pk, 0)


def latest_lines(rows):
    """{primary key: the number of the last line} of rows of one model."""
    if not rows:
        return {}
    model = type(rows[0])
    lines = model.history.model.objects.filter(**{f"{model._meta.pk.name}__in": [row.pk for row in rows]})
    return dict(lines.values_list(model._meta.pk.name).annotate(last=models.Max("history_id")).order_by())


# What rows and lines say -----------------------------------------------------------------------------------------------


def values_of(rows):
    """{primary key: {field: plain value}} of rows of one model; of a relation, the sorted keys. One query a relation."""
    if not rows:
        return {}
    model = type(rows[0])
    found = {row.pk: {name: getattr(row, field.attname) for name, field in fields_of(model).items()} for row in rows}
    for name, field in relations_of(model).items():
        through = getattr(model, name).through
        _add_related(found, name, through.objects, field.m2m_field_name(), field.m2m_reverse_field_name())
    return found


def values_of_lines(lines):
    """The same of lines of history, by their numbers."""
    if not lines:
        return {}
    model = type(lines[0]).instance_type
    found = {line.history_id: {name: getattr(line, field.attname) for name, field in fields_of(model).items()} for line in lines}
    for name, field in relations_of(model).items():
        _add_related(found, name, getattr(type(lines[0]), name), "history", field.m2m_reverse_field_name())
    return found


def _add_related(found, name, rows, source, target):
    related = defaultdict(list)
    for key, value in rows.filter(**{f"{source}__in": list(found)}).values_list(f"{source}_id", f"{target}_id"):
        related[key].append(value)
    for key, values in found.items():
        values[name] = tuple(sorted(related[key]))


class Words:
    """Plain values of one model in words. The names of related rows are read once, all together."""

    def __init__(self, model, *values):
        self.fields = {**fields_of(model), **relations_of(model)}
        wanted = defaultdict(set)
        for one in values:
            for name, value in one.items():
                related = self.fields[name].related_model if name in self.fields else None
                if related:
                    wanted[related].update(value if isinstance(value, tuple) else [value])
        self.names = {related: self._names(related, keys - {None}) for related, keys in wanted.items()}

    def _names(self, related, keys):
        return {row.pk: str(row) for row in related._base_manager.filter(pk__in=keys)} if keys else {}

    def label(self, name):
        """A field's name as people read it."""
        label = str(self.fields[name].verbose_name)
        return label[:1].upper() + label[1:]

    def say(self, name, value):
        """A value in words."""
        field = self.fields[name]
        if field.related_model:
            keys = value if isinstance(value, tuple) else [value] if value is not None else []
            return ", ".join(self.names[field.related_model].get(key, "somebody or something deleted") for key in keys) or NOTHING
        if field.choices and value not in ("", None):
            return str(dict(field.flatchoices).get(value, value))
        return plainly(value)

    def everything(self, values):
        """[(label, in words)] of a version."""
        return [(self.label(name), self.say(name, values[name])) for name in self.fields if name in values]

    def differences(self, old, new):
        """[(label, old in words, new in words)] of the fields in which two versions differ."""
        changed = [name for name in self.fields if name not in UNTOLD and name in old and name in new and old[name] != new[name]]
        told = [(self.label(name), self.say(name, old[name]), self.say(name, new[name])) for name in changed]
        return [line for line in told if line[1] != line[2]]


def plainly(value):
    """Any value in words."""
    if value in ("", None):
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{in_words(value)}, {clock(value)}"
    return in_words(value) if isinstance(value, date) else str(value)


# Writing lines ---------------------------------------------------------------------------------------------------------


def write_lines(rows, *, by, reason="", made=False, deleted=False):
    """One line of history for each row as it is now, relations included: as changed, made or about to be deleted. Returns {primary key: its number}."""
    if not rows:
        return {}
    model = type(rows[0])
    lines = model.history.bulk_history_create(rows, batch_size=AT_A_TIME, update=not made, default_user=by, default_change_reason=reason)
    line_of = {getattr(line, model._meta.pk.attname): line.history_id for line in lines}
    if deleted:
        model.history.filter(history_id__in=list(line_of.values())).update(history_type="-")
    for name, field in relations_of(model).items():
        kept = getattr(model.history.model, name).model
        source, target = field.m2m_field_name(), field.m2m_reverse_field_name()
        pairs = getattr(model, name).through.objects.filter(**{f"{source}__in": list(line_of)})
        columns = pairs.order_by("pk").values_list("pk", f"{source}_id", f"{target}_id")
        kept.objects.bulk_create(
            [kept(history_id=line_of[row], **{"id": pk, f"{source}_id": row, f"{target}_id": other}) for pk, row, other in columns], batch_size=AT_A_TIME
        )
    return line_of


# Putting an earlier version back ---------------------------------------------------------------------------------------


@transaction.atomic
def restore(line, *, by):
    """Put a row back as a line of its history has it, which is itself a new line. Raises ValidationError where it no longer fits.

    Returns what could not be put back since it has been deleted, in words.
    """
    model = type(line).instance_type
    values = values_of_lines([line])[line.history_id]
    row = model._base_manager.select_for_update().filter(pk=getattr(line, model._meta.pk.attname)).first()
    made = row is None
    row = model() if made else row
    lost = _put(row, model, values)
    row.full_clean(exclude=UNTOLD)
    row.skip_history_when_saving = True
    row.save(force_insert=made)
    for name, field in relations_of(model).items():
        here = set(field.related_model._base_manager.filter(pk__in=values[name]).values_list("pk", flat=True))
        lost += [str(field.verbose_name)] if len(here) < len(values[name]) else []
        getattr(row, name).set(here)
    moment = timezone.localtime(line.history_date)
    write_lines([row], by=by, reason=f"Put back as it was on {in_words(moment)}, {clock(moment)}", made=made)
    return lost


def _put(row, model, values):
    """Set the columns; what they point at may be gone. Returns which, in words."""
    lost = []
    for name, field in fields_of(model).items():
        value = values[name]
        if field.related_model and value is not None and not field.related_model._base_manager.filter(pk=value).exists():
            if not field.null:
                raise ValidationError(f"The {field.verbose_name} it had then has been deleted: it cannot be put back")
            value, lost = None, [*lost, str(field.verbose_name)]
        setattr(row, field.attname if name not in UNTOLD else field.name, value)
    return lost
