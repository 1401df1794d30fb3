"""Reading paths as readers see them: each published collection, with those of its steps that are in the catalogue."""

from collections import defaultdict

from resources.models import Collection, CollectionStep


class ReadingPath:
    """One path, of one moment: its steps are (record, sentence), in order."""

    def __init__(self, collection, steps):
        self.slug, self.title, self.intro = collection.slug, collection.title, collection.intro
        self.component, self.category = collection.component_id, collection.category_id
        self.steps = steps


def published_paths(index):
    """{slug: path} of what is published and has a step that readers can open, in order. Two queries and one look into the index."""
    steps = defaultdict(list)
    rows = CollectionStep.objects.filter(collection__in=Collection.objects.published()).order_by("position", "pk")
    for collection, resource, sentence in rows.values_list("collection_id", "resource_id", "sentence"):
        steps[collection].append((resource, sentence))
    records = {record.id: record for record in index.by_id(sorted({resource for of_one in steps.values() for resource, _ in of_one}))}
    paths = (ReadingPath(c, readable(steps[c.pk], records)) for c in Collection.objects.published())
    return {path.slug: path for path in paths if path.steps}


def readable(steps, records):
    """(record, sentence) of each step whose resource readers see."""
    return [(records[resource], sentence) for resource, sentence in steps if resource in records]
