"""Bringing the published list of NHS trusts in: first a plan, which changes nothing, then its application, all or nothing.

The list says what is; the portal remembers what was. So a new name leaves a former name, a new ICB a new placement from that day,
and nothing is ever deleted: a trust that the list leaves out stays as it is. A trust that is closed keeps the name and the place
it had. A merger that two people agreed is not undone by a list that has not heard of it.
"""

from django.db import transaction
from django.utils import timezone
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from accounts.etr import OdsError, Refused, read
from accounts.kinds import CARE_TRUST, FOUNDATION_TRUST, ICB, KINDS, REGION, TRUST
from accounts.models import AuditEntry, FormerName, Organisation, Placement
from accounts.models.organisation import PLACEMENTS_KNOWN_FROM
from accounts.ods_plan import TRUSTS, Change, Here, Line, Plan

REASON = "From the list of NHS trusts (ODS)"
AT_ONCE = 100  # rows written together


# Planning -------------------------------------------------------------------------------------------------------------


def plan(content, as_of=None):
    """What the bytes of a list would change here if it holds as of this day (today). Changes nothing. Raises OdsError."""
    as_of = as_of or timezone.localdate()
    if as_of < PLACEMENTS_KNOWN_FROM:
        raise OdsError(f"Choose {_in_words(PLACEMENTS_KNOWN_FROM)} or a later day: which ICBs there were before is not known here.")
    if as_of > timezone.localdate():
        raise OdsError("Choose today or an earlier day: a list cannot be as of a day to come.")
    rows, malformed = read(content)
    return _compare(Plan(as_of, rows, malformed), Here())


def _compare(plan, here):
    plan.refused = list(plan.malformed)
    for row in plan.rows:
        refused = _refuse(row, here)
        if refused:
            plan.refused.append(refused)
        else:
            _plan_row(plan, row, here)
    plan.refused.sort(key=lambda refused: refused.row)
    listed = {row.code for row in plan.rows}
    open_before = here.open_trusts()
    plan.open_before = len(open_before)
    plan.absent = [Line(o.code, o.name) for o in open_before if o.code not in listed]
    return plan


def _refuse(row, here):
    """Why what the portal knows forbids this row, or none."""
    for column, code, kind in (("region", row.region, REGION), ("ICB", row.icb, ICB)):
        found = here.organisations.get(code)
        if code and (found is None or found.kind != kind):
            what = "region" if kind == REGION else "ICB"
            return Refused(row.number, column, code, f"There is no {what} of this code here: add it, if it is right, and import again")
    held = here.organisations.get(row.code)
    if held and held.fictional:
        return Refused(row.number, "code", row.code, "Here this code is that of a made-up organisation")
    if held and held.kind not in TRUSTS:
        return Refused(row.number, "code", row.code, f"Here this code is that of another kind of organisation ({KINDS[held.kind]})")
    opened, closed = held and _opened(row, held), held and _closed(row, held, here)
    if opened and closed and closed < opened:
        return Refused(row.number, "closed", f"{row.closed or closed:%Y%m%d}", f"It would close before it opened: here it opened on {_in_words(opened)}")
    return None


def _opened(row, held):
    """The opening date after the import: a blank one in the list says nothing."""
    return row.opened or held.opened


def _closed(row, held, here):
    """The closing date after the import: a merger that stands is stronger than the list."""
    return held.closed if here.closed_by_merger(held) else row.closed


def _plan_row(plan, row, here):
    held = here.organisations.get(row.code)
    effects = _effects(plan, row, held, here) if held else {"new": ("", _arrival(row, here))}
    if not (row.region or row.icb):
        plan.unplaced.append(Line(row.code, row.name, after=_place_here(held, plan.as_of, here)))
    if held and here.closed_by_merger(held) and row.closed != held.closed:
        plan.merged.append(Line(row.code, held.name, after=_closing_in_words(held.closed, timezone.localdate())))
    if held and held.is_open and "closed" in effects:
        plan.closing += 1
    if effects:
        plan.changes.append(Change(row, effects))
    else:
        plan.unchanged.append(Line(row.code, held.name))


def _effects(plan, row, held, here):
    """What a row changes of an organisation that is here: each effect with its before and after."""
    return {**_dates(row, held, here), **(_name_and_place(plan, row, held, here) if not _is_past(row, plan.as_of) else {})}


def _is_past(row, as_of):
    """Has it closed by then? What has closed keeps the name and the place of its days."""
    return row.closed is not None and row.closed <= as_of


def _dates(row, held, here):
    effects = {}
    corrected = []
    opened, closed, today = _opened(row, held), _closed(row, held, here), timezone.localdate()
    if opened != held.opened:
        corrected.append((f"opened {_in_words(held.opened)}", f"opened {_in_words(opened)}"))
    if closed != held.closed:
        before, after = _closing_in_words(held.closed, today), _closing_in_words(closed, today)
        if closed is None:
            effects["reopened"] = (before, after)
        elif held.closed is None or closed <= today < held.closed:
            effects["closed"] = (before, after)
        else:
            corrected.append((before, after))
    if corrected:
        effects["redated"] = ("; ".join(before for before, _ in corrected), "; ".join(after for _, after in corrected))
    return effects


def _name_and_place(plan, row, held, here):
    effects = {}
    if not here.closed_by_merger(held):
        if row.name.casefold() != held.name.casefold():  # how a name is capitalised is for the people here to say
            effects["renamed"] = (held.name, row.name)
        region, icb = here.organisations.get(row.region), here.organisations.get(row.icb)
        placed = here.placement(held, _placed_on(row, plan.as_of))
        before = (here.by_pk.get(placed.region_id), here.by_pk.get(placed.icb_id)) if placed else (None, None)
        if (region or icb) and (region, icb) != before:
            effects["moved"] = (here.in_words(*before), here.in_words(region, icb))
    return effects


def _placed_on(row, as_of):
    """The day from which the place that a row gives holds: no organisation belongs anywhere before it opens."""
    return max(as_of, row.opened or as_of)


def _first_placed_on(row):
    """The day from which a new organisation's place is known; none where the list gives no place, or it had closed by then."""
    since = max(PLACEMENTS_KNOWN_FROM, row.opened or PLACEMENTS_KNOWN_FROM)
    return since if (row.region or row.icb) and (row.closed is None or row.closed > since) else None


def _arrival(row, here):
    """What there is to say of a new organisation: its dates and its place."""
    place = here.in_words(here.organisations.get(row.region), here.organisations.get(row.icb)) if _first_placed_on(row) else here.in_words(None, None)
    return f"opened {_in_words(row.opened)}, {_closing_in_words(row.closed, timezone.localdate())}; {place}"


def _place_here(held, day, here):
    placed = held and here.placement(held, day)
    return here.in_words(here.by_pk.get(placed.region_id), here.by_pk.get(placed.icb_id)) if placed else here.in_words(None, None)


def _in_words(day):
    return f"{day.day} {day:%B %Y}" if day else "on a day not known"


def _closing_in_words(closed, today):
    return "open" if closed is None else f"{'closed' if closed <= today else 'closes'} {_in_words(closed)}"


# Applying -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def apply(plan, by=None, *, allow_closures=False, progress=None):
    """Make the changes of a plan, all or none, and note it. `progress` is told how many rows were written.

    Raises OdsError where the portal has changed since the plan was made, and where too many trusts would close.
    """
    here = Here(lock=True)
    if _compare(Plan(plan.as_of, plan.rows, plan.malformed), here) != plan:
        raise OdsError("The organisations here have changed since this dry run: look at a new one.")
    if plan.closes_too_many and not allow_closures:
        raise OdsError(f"It would close {plan.closing} of the {plan.open_before} trusts open here, more than 1 in 10: allow closures if so many have closed.")
    if not plan.changes:
        return
    for start in range(0, len(plan.changes), AT_ONCE):
        batch = _Batch(plan.as_of, here, by)
        for change in plan.changes[start : start + AT_ONCE]:
            batch.add(change)
        batch.write()
        if progress:
            progress(min(AT_ONCE, len(plan.changes) - start))
    AuditEntry.objects.note("imported_organisations", by=by, as_of=str(plan.as_of), **plan.counts())


class _Batch:
    """Changes that are written together, each with its line of history."""

    def __init__(self, as_of, here, by):
        self.as_of, self.here, self.who = as_of, here, {"default_user": by, "default_change_reason": REASON}
        self.made, self.changed, self.placements, self.replaced, self.former_names = [], [], [], [], []

    def add(self, change):
        """Take in what one row changes."""
        row, held = change.row, self.here.organisations.get(change.row.code)
        if held is None:
            return self._make(row)
        if "renamed" in change.effects:
            self.former_names.append(FormerName(organisation=held, name=held.name, until=self.as_of))
            held.name, held.kind = row.name, held.kind if held.kind == CARE_TRUST else _kind(row.name)
        if "moved" in change.effects:
            self._move(row, held)
        held.opened, held.closed = _opened(row, held), _closed(row, held, self.here)
        if change.effects.keys() - {"moved"}:
            self.changed.append(held)

    def _make(self, row):
        organisation = Organisation(code=row.code, name=row.name, kind=_kind(row.name), opened=row.opened, closed=row.closed)
        self.made.append(organisation)
        since = _first_placed_on(row)
        if since:
            self.placements.append(self._placement(row, organisation, since))

    def _move(self, row, held):
        day = _placed_on(row, self.as_of)
        standing = self.here.placement(held, day)
        placement = self._placement(row, held, day)
        if standing and standing.since == day:
            standing.region, standing.icb = placement.region, placement.icb
            self.replaced.append(standing)
        else:
            self.placements.append(placement)

    def _placement(self, row, organisation, since):
        found = self.here.organisations.get
        return Placement(organisation=organisation, region=found(row.region), icb=found(row.icb), since=since)

    def write(self):
        if self.made:
            bulk_create_with_history(self.made, Organisation, **self.who)
        if self.changed:
            bulk_update_with_history(self.changed, Organisation, ["name", "kind", "opened", "closed"], **self.who)
        Placement.objects.bulk_create(self.placements)
        Placement.objects.bulk_update(self.replaced, ["region", "icb"])
        self._remember_names()

    def _remember_names(self):
        """Keep the names given up, each once: one that comes and goes again is dated by its last day."""
        known = {(name.organisation_id, name.name): name for name in FormerName.objects.filter(organisation__in=self.changed)} if self.former_names else {}
        again = [name for name in self.former_names if (name.organisation_id, name.name) in known]
        for name in again:
            name.pk = known[name.organisation_id, name.name].pk
        FormerName.objects.bulk_update(again, ["until"])
        FormerName.objects.bulk_create([name for name in self.former_names if name not in again])


def _kind(name):
    return FOUNDATION_TRUST if name.upper().endswith("NHS FOUNDATION TRUST") else TRUST
