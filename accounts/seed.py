"""Bring fixtures into the database without ever undoing a curator's work.

A row is made if it was never here, brought up to date if nobody but a fixture has touched it, and left alone otherwise:
its history says which. So a deleted row stays deleted and an edited one stays edited, however often this runs.
"""

import json
from dataclasses import dataclass
from dataclasses import field as column

from django.core.exceptions import ValidationError

REASON = "From the fixtures"


class FixtureError(Exception):
    """A fixture is wrong. Says which row, and what to change."""


@dataclass
class Counts:
    """What loading did."""

    made: int = 0
    updated: int = 0
    kept: int = 0  # somebody has edited or deleted them
    notes: list[str] = column(default_factory=list)  # what whoever runs it should know


class Seed:
    """Puts the rows of one model in place, by the field that names each."""

    def __init__(self, model, key, counts):
        self.model, self.key, self.counts = model, key, counts
        history = model.history.model.objects.values_list(key, "history_change_reason")
        self.seen = {value for value, _ in history}
        self.edited = {value for value, reason in history if reason != REASON}
        relations = [field.name for field in model._meta.many_to_many]
        self.here = {getattr(row, key): row for row in model.objects.prefetch_related(*relations)}

    def put(self, where, values, relations=None, **only_when_made):
        """Make or update one row; `relations` are its many-to-many fields. Returns the row, or none where a curator deleted it."""
        name = values[self.key]
        row = self.here.get(name)
        if name in self.edited or (row is None and name in self.seen):
            self.counts.kept += 1
            return row
        made = row is None
        if made:
            row = self.model(**values, **only_when_made)
        elif not self._differs(row, values, relations or {}):
            return row
        for field, value in values.items():
            setattr(row, field, value)
        self._save(where, row, relations or {})
        self.counts.made += made
        self.counts.updated += not made
        self.here[name] = row
        return row

    def _differs(self, row, values, relations):
        return any(getattr(row, field) != value for field, value in values.items()) or any(
            {r.pk for r in getattr(row, field).all()} != {r.pk for r in others} for field, others in relations.items()
        )

    def _save(self, where, row, relations):
        try:
            row.full_clean(exclude=list(relations))
        except ValidationError as error:
            field, messages = next(iter(error.message_dict.items()))
            raise FixtureError(f"{where}: {field}: {messages[0]}") from error
        row._change_reason = REASON
        if relations:  # without history until they are in place, so that each load leaves one line of it
            row.skip_history_when_saving = True
            row.save()
            for field, others in relations.items():
                getattr(row, field).set(others)
            del row.skip_history_when_saving
        row.save()


def read_rows(path, *required, within=None):
    """The rows of a JSON fixture (or of its part `within`), each a dict holding the required keys."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise FixtureError(f"{path.name} is missing: restore it from the repository") from error
    except ValueError as error:
        raise FixtureError(f"{path.name} is not valid JSON: {error}") from error
    if within is not None:
        if not isinstance(rows, dict) or within not in rows:
            raise FixtureError(f"{path.name}: add the list {within!r}")
        rows = rows[within]
    for number, row in enumerate(rows, 1):
        missing = [key for key in required if key not in row]
        if missing:
            raise FixtureError(f"{path.name}, row {number}: add {', '.join(missing)}")
    return rows
