"""Bring fixtures into the database without ever undoing a curator's work.

A row is made if it was never here, brought up to date if nobody but a fixture has touched it, and left alone otherwise:
its history says which. So a deleted row stays deleted and an edited one stays edited, however often this runs.
"""

import json
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from resources.models import Category, Component, Practice, Provider, Resource, Synonym

REASON = "From the fixtures"


class FixtureError(Exception):
    """A fixture is wrong. Says which row, and what to change."""


@dataclass
class Counts:
    """What loading did."""

    made: int = 0
    updated: int = 0
    kept: int = 0  # somebody has edited or deleted them


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


def read_rows(path, *required):
    """The rows of a JSON fixture, each a dict holding the required keys."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise FixtureError(f"{path.name} is missing: restore it from the repository") from error
    except ValueError as error:
        raise FixtureError(f"{path.name} is not valid JSON: {error}") from error
    for number, row in enumerate(rows, 1):
        missing = [key for key in required if key not in row]
        if missing:
            raise FixtureError(f"{path.name}, row {number}: add {', '.join(missing)}")
    return rows


def named(where, what, name, seed):
    """The row of this name, none where a curator has deleted it, or an error that lists the names there are."""
    if name not in seed.here and name not in seed.seen:
        raise FixtureError(f"{where}: there is no {what} {name!r}. Use one of: {', '.join(map(str, sorted(seed.here)))}")
    return seed.here.get(name)


@transaction.atomic
def load_catalogue(directory):
    """Components, practices, categories, providers, resources and synonyms from a directory of fixtures. All or nothing."""
    counts = Counts()
    components = _components(directory / "components.json", counts)
    categories = _categories(directory / "categories.json", counts)
    _resources(directory / "resources.json", components, categories, counts)
    _synonyms(directory / "synonyms.json", counts)
    return counts


def _components(path, counts):
    seed, practices = Seed(Component, "number", counts), Seed(Practice, "text", counts)
    for number, row in enumerate(read_rows(path, "number", "slug", "name", "meaning", "practices"), 1):
        where = f"{path.name}, row {number}"
        fields = {key: row[key] for key in ("number", "slug", "name", "meaning")}
        component = seed.put(where, {**fields, "practices_source": row.get("practices_source", "")})
        for position, text in enumerate(row["practices"], 1):
            if component is not None:
                practices.put(where, {"text": text, "position": position, "component": component})
    return seed


def _categories(path, counts):
    seed = Seed(Category, "slug", counts)
    for number, row in enumerate(read_rows(path, "slug", "name"), 1):
        seed.put(f"{path.name}, row {number}", {"slug": row["slug"], "name": row["name"], "description": row.get("description", ""), "position": number})
    return seed


RESOURCE_FIELDS = ("slug", "title", "credit", "url", "url_confidence", "summary", "audience", "cost", "featured")


def _resources(path, components, categories, counts):
    seed, providers = Seed(Resource, "slug", counts), Seed(Provider, "name", counts)
    now = timezone.now()
    for number, row in enumerate(read_rows(path, *RESOURCE_FIELDS, "providers", "category", "components"), 1):
        where = f"{path.name}, row {number} ({row['title']})"
        fields = {key: row[key] for key in RESOURCE_FIELDS}
        fields["category"] = named(where, "category", row["category"], categories)
        relations = {
            "components": [c for n in row["components"] if (c := named(where, "component", n, components))],
            "providers": [p for name in row["providers"] if (p := providers.put(where, {"name": name, "slug": slugify(name)[:100]}))],
        }
        if fields["category"] is None:
            counts.kept += 1
            continue
        seed.put(where, fields, relations, published_at=now)


def _synonyms(path, counts):
    seed = Seed(Synonym, "term", counts)
    for number, row in enumerate(read_rows(path, "term", "means"), 1):
        seed.put(f"{path.name}, row {number}", {"term": row["term"], "means": "\n".join(row["means"]), "note": row.get("note", "")})
