"""Which resources of the catalogue fit a question's next level: the curators' picks first, then what speaks of the same, then the component's own."""

from dataclasses import asdict, dataclass

from resources import catalogue

MOST = 5


@dataclass(frozen=True)
class Fit:
    """A resource that fits, and why it was chosen."""

    slug: str
    title: str
    provider: str
    category: str
    why: str

    def as_dict(self):
        return asdict(self)


def recommend(question, level, most=MOST):
    """Up to five published resources for a question that stands at a level (1 to 5, or none)."""
    held = catalogue.current()
    found = {}
    for pick in question.picks.all():  # whoever asks for several questions fetches question__picks__resource first
        record = held.index.get(pick.resource.slug)  # none where it is withdrawn or a draft
        if record:
            found[record.slug] = _fit(held, record, pick.why or "Chosen for this question by the catalogue's curators")
    component = question.component.number
    words = [question.title, question.asks, *(text.text for text in question.levels.all() if level and text.level == level + 1)]
    for record in held.index.fitting(words, {"component": [str(component)]}, size=most + len(found)):
        found.setdefault(record.slug, _fit(held, record, f"Speaks of what {question.number} asks, and serves component {component}"))
    for record in held.index.first(most + len(found), {"component": [str(component)]}):
        found.setdefault(record.slug, _fit(held, record, f"Serves component {component}, {question.component.name}"))
    return list(found.values())[:most]


def _fit(held, record, why):
    providers = " and ".join(held.providers[slug].name for slug in record.providers)
    return Fit(record.slug, record.title, providers, held.categories[record.category].name, why)
