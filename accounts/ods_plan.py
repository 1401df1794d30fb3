"""What an import of the list of NHS trusts would do: the plan, and what the portal holds when it is made."""

from dataclasses import dataclass, field
from datetime import date

from accounts.etr import Refused, Row
from accounts.kinds import CARE_TRUST, FOUNDATION_TRUST, TRUST
from accounts.models import Merger, Organisation, Placement

TRUSTS = (TRUST, FOUNDATION_TRUST, CARE_TRUST)  # the kinds that the list speaks of
MOST_CLOSURES = 10  # of a hundred trusts open here: a list that closes more is more likely wrong than right

EFFECTS = {  # in the order they are shown
    "new": "New",
    "renamed": "Renamed",
    "moved": "Moved to another region or ICB",
    "closed": "Closed",
    "reopened": "Open again: the closing date is gone",
    "redated": "Opening or closing date corrected",
}


@dataclass(frozen=True)
class Line:
    """A line of the dry run: what is so here, and what the list would make of it."""

    code: str
    name: str
    before: str = ""
    after: str = ""


@dataclass
class Change:
    """What one row of the list changes: each effect with what was and what will be, in words."""

    row: Row
    effects: dict[str, tuple[str, str]]


@dataclass
class Plan:
    """What the list would change, as of a day."""

    as_of: date
    rows: list[Row]
    malformed: list[Refused]
    refused: list[Refused] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    unchanged: list[Line] = field(default_factory=list)
    unplaced: list[Line] = field(default_factory=list)  # the list gives no region and no ICB
    merged: list[Line] = field(default_factory=list)  # kept closed by a merger
    absent: list[Line] = field(default_factory=list)  # open here, and not in the list
    open_before: int = 0
    closing: int = 0  # of those open before

    @property
    def closes_too_many(self):
        return self.closing * 100 > self.open_before * MOST_CLOSURES

    def having(self, effect):
        """The lines of the rows with this effect."""
        return [Line(change.row.code, change.row.name, *change.effects[effect]) for change in self.changes if effect in change.effects]

    def groups(self):
        """Pairs of a heading and its lines, the changes first."""
        return [
            *((heading, self.having(effect)) for effect, heading in EFFECTS.items()),
            ("Unchanged", self.unchanged),
            ("Without region and ICB in the list: what is known here stays", self.unplaced),
            ("Kept closed by a merger", self.merged),
            ("Open here and not in the list: left as they are", self.absent),
        ]

    def counts(self):
        """How many rows of the list come to what."""
        effects = {effect: len(self.having(effect)) for effect in EFFECTS}
        return {**effects, "unchanged": len(self.unchanged), "refused": len(self.refused)}


class Here:
    """What the portal holds now, in three queries."""

    def __init__(self, lock=False):
        if lock:  # first lock, then read: whoever imports at the same time has committed by then
            list(Organisation.objects.select_for_update().values_list("pk", flat=True))
        self.organisations = {organisation.code: organisation for organisation in Organisation.objects.all()}
        self.by_pk = {organisation.pk: organisation for organisation in self.organisations.values()}
        self.placements = {}
        for placement in Placement.objects.order_by("since"):
            self.placements.setdefault(placement.organisation_id, []).append(placement)
        self.merged = {(merger.predecessor_id, merger.on) for merger in Merger.objects.standing()}

    def placement(self, organisation, day):
        """Where it belonged on a day, as placement_on says, without a query."""
        return next((p for p in reversed(self.placements.get(organisation.pk, [])) if p.since <= day), None)

    def closed_by_merger(self, organisation):
        return (organisation.pk, organisation.closed) in self.merged

    def open_trusts(self):
        return [o for o in self.organisations.values() if o.kind in TRUSTS and o.is_open and not o.fictional]

    def in_words(self, region, icb):
        """A place as a person reads it, from two organisations or none."""
        return ", ".join(f"{place.name} ({place.code})" for place in (icb, region) if place) or "not known"
