"""What somebody wants to hear of: components and kinds of resource. Nothing chosen is everything; of several, whatever fits any of them."""

from resources import catalogue

FACETS = ("component", "category")


def choices():
    """{facet: [(value, label)]}: what there is to choose from, in the catalogue's order."""
    labels = catalogue.current().labels
    return {facet: list(labels[facet].items()) for facet in FACETS}


def chosen(**values):
    """Topics as they are kept, such as {"component": ["2"], "category": ["case-studies"]}; no empty list among them."""
    return {facet: sorted(values[facet]) for facet in FACETS if values.get(facet)}


def in_words(topics):
    """The labels of chosen topics; none where nothing is chosen. What the catalogue has no more is left out."""
    labels = catalogue.current().labels
    return [labels[facet][value] for facet in FACETS for value in topics.get(facet, ()) if value in labels[facet]]


def fits(topics, *, category, components):
    """Does something of this kind and these components (numbers) belong to the topics?"""
    if not topics:
        return True
    return category in topics.get("category", ()) or any(str(number) in topics.get("component", ()) for number in components)
