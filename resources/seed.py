"""The catalogue's fixtures. How a row is put in place without undoing a curator's work is in accounts.seed."""

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from accounts.seed import REASON, Counts, FixtureError, Seed, read_rows
from resources.models import Category, Collection, CollectionStep, Component, Practice, Provider, Resource, Synonym


def named(where, what, name, seed):
    """The row of this name, none where a curator has deleted it, or an error that lists the names there are."""
    if name not in seed.here and name not in seed.seen:
        raise FixtureError(f"{where}: there is no {what} {name!r}. Use one of: {', '.join(map(str, sorted(seed.here)))}")
    return seed.here.get(name)


@transaction.atomic
def load_catalogue(directory):
    """Components, practices, categories, providers, resources, synonyms and reading paths from a directory of fixtures. All or nothing."""
    counts = Counts()
    components = _components(directory / "components.json", counts)
    categories = _categories(directory / "categories.json", counts)
    _resources(directory / "resources.json", components, categories, counts)
    _synonyms(directory / "synonyms.json", counts)
    _collections(directory / "collections.json", components, categories, counts)
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


def _collections(path, components, categories, counts):
    """Reading paths. One whose words or steps a curator has touched stays as it is."""
    seed, now = Seed(Collection, "slug", counts), timezone.now()
    resources = {resource.slug: resource for resource in Resource.objects.only("slug")}
    touched = set(CollectionStep.history.exclude(history_change_reason=REASON).values_list("collection_id", flat=True))
    for number, row in enumerate(read_rows(path, "slug", "title", "intro", "steps"), 1):
        where = f"{path.name}, row {number} ({row['title']})"
        fields = {key: row[key] for key in ("slug", "title", "intro")} | {"position": number}
        fields["component"] = named(where, "component", row["component"], components) if "component" in row else None
        fields["category"] = named(where, "category", row["category"], categories) if "category" in row else None
        collection = seed.put(where, fields, published_at=now)
        if collection and collection.slug not in seed.edited and collection.pk not in touched:
            _steps(where, collection, row["steps"], resources)


def _steps(where, collection, rows, resources):
    """The steps of a path as the fixture has them; one whose resource a curator has deleted is left out."""
    for row in rows:
        if row["resource"] not in resources and not Resource.history.filter(slug=row["resource"]).exists():
            raise FixtureError(f"{where}: there is no resource {row['resource']!r}. Use the slug of one in resources.json")
    wanted = [(resources[row["resource"]].pk, row["sentence"]) for row in rows if row["resource"] in resources]
    steps = list(collection.steps.order_by("position"))
    if [(step.resource_id, step.sentence) for step in steps] == wanted:
        return
    for step in steps:
        step._change_reason = REASON
        step.delete()
    for place, (resource, sentence) in enumerate(wanted, 1):
        step = CollectionStep(collection=collection, resource_id=resource, position=place, sentence=sentence)
        step._change_reason = REASON
        step.save()
