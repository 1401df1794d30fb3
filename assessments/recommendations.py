"""Which resources of the catalogue fit a question and its next level: the curators' picks first, then what shares its words, then the component's own."""

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
    """Up to five published resources whose links work, for a question that stands at a level (1 to 5, or none)."""
    held = catalogue.current()
    found = {}
    for pick in question.picks.all():  # whoever asks for several questions fetches question__picks__resource first
        record = held.index.get(pick.resource.slug)  # none where it is withdrawn or a draft
        if record and not record.broken:
            found[record.slug] = _fit(held, record, pick.why or "Chosen for this question by the catalogue's curators")
    here = {"component": [str(question.component.number)]}
    sought = [question.title, question.asks, *(text.text for text in question.levels.all() if level and text.level == level + 1)]
    for record, shared in held.index.fitting(sought, here, size=most + len(found)):
        if len(shared) > 1 or (shared and shared[0] in question.title.lower()):  # one word says little, unless the title has it
            found.setdefault(record.slug, _fit(held, record, _shares(shared, question.component)))
    for record in held.index.first(most + len(found), here, working=True):
        found.setdefault(record.slug, _fit(held, record, f"Serves component {question.component.number}, {question.component.name}"))
    return list(found.values())[:most]


def _shares(words, component):
    """Why a resource was found by its words."""
    quoted = [f"“{word}”" for word in words[:3]]
    return f"Speaks of {' and '.join(filter(None, [', '.join(quoted[:-1]), *quoted[-1:]]))}, and serves component {component.number}"


def _fit(held, record, why):
    providers = " and ".join(held.providers[slug].name for slug in record.providers)
    return Fit(record.slug, record.title, providers, held.categories[record.category].name, why)
