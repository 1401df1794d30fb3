"""The ways to narrow the list. A facet's values come from a record; no engine and no database here."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.text import slugify

from resources.models import Resource

NEW_FOR = timedelta(days=31)
TIME_BANDS = (("under-1-hour", "Under 1 hour", 59), ("1-to-4-hours", "1 to 4 hours", 240), ("over-4-hours", "Over 4 hours", None))


def time_band(minutes):
    """The band of a time needed, in minutes; none where it is not known."""
    if minutes is None:
        return []
    return [next(value for value, _, most in TIME_BANDS if most is None or minutes <= most)]


def moments(record, today):
    """Is it new from its source, is it coming up? As of one day, so the catalogue is made again each midnight."""
    published, starts = (getattr(record, k) and date.fromisoformat(getattr(record, k)) for k in ("source_published_on", "starts_on"))
    if published and today - NEW_FOR <= published <= today:
        yield "new"
    if starts and starts >= today:
        yield "upcoming"


@dataclass(frozen=True)
class Facet:
    """A question of the filter form. `name` is its key in the address; `values` reads a record's answers, none where unknown."""

    name: str
    label: str
    all_label: str
    values: Callable
    labels: dict | None = None  # None: the labels come from the catalogue's own rows


FACETS = (
    Facet("category", "Kind of resource", "kinds", lambda record, today: [record.category]),
    Facet("component", "Component", "components", lambda record, today: [str(number) for number in record.components]),
    Facet("cost", "Cost", "costs", lambda record, today: [record.cost] if record.cost else [], {"free": "Free to read or use", "paid": "Paid"}),
    Facet("time", "Time needed", "lengths", lambda record, today: time_band(record.minutes), {value: label for value, label, _ in TIME_BANDS}),
    Facet("format", "Format", "formats", lambda record, today: [record.format] if record.format else [], dict(Resource.Format.choices)),
    Facet("sign_in", "Sign-in", "kinds of sign-in", lambda record, today: [record.sign_in] if record.sign_in else [], dict(Resource.SignIn.choices)),
    Facet("when", "Dates", "dates", moments, {"new": "New in the last month", "upcoming": "Coming up"}),
    Facet("provider", "Publisher", "publishers", lambda record, today: record.providers),
    Facet("audience", "Written for", "audiences", lambda record, today: [slugify(record.audience)[:80]] if record.audience else []),
)

FACET_BY_NAME = {facet.name: facet for facet in FACETS}
FEWEST = 2  # a facet, sort or block that fewer published rows can fill is not shown
