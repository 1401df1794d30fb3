"""The organisations of a fresh portal: regions, ICBs and trusts, from fixtures/organisations.json."""

from datetime import date

from accounts.kinds import REGION
from accounts.models import FormerName, Organisation, Placement
from accounts.models.organisation import PLACEMENTS_KNOWN_FROM
from accounts.seed import FixtureError, Seed, read_rows


def load_organisations(path, counts):
    """Put the fixture's organisations in place, without undoing an import or an administrator's work.

    Where one belongs, and what it was called, is recorded when it is first made; from then on only people and imports change it.
    """
    seed = Seed(Organisation, "code", counts)
    placements, former_names = [], []
    for number, row in enumerate(read_rows(path, "code", "name", "kind", within="organisations"), 1):
        where = f"{path.name}, row {number} ({row['code']})"
        is_new = row["code"] not in seed.here
        organisation = seed.put(where, _values(where, row))
        if is_new and organisation:
            placements += _placement(where, row, organisation, seed)
            former_names += [FormerName(organisation=organisation, name=name) for name in row.get("former_names", ())]
    Placement.objects.bulk_create(placements)
    FormerName.objects.bulk_create(former_names)


def _values(where, row):
    try:
        days = {field: date.fromisoformat(row[field]) if field in row else None for field in ("opened", "closed")}
    except ValueError as error:
        raise FixtureError(f"{where}: write dates as 2026-04-01 ({error})") from error
    return {**{field: row[field] for field in ("code", "name", "kind")}, **days}


def _placement(where, row, organisation, seed):
    """Its first placement, if it has one: from 2026-04-01 or its opening, whichever is later."""
    if row["kind"] == REGION:
        return []
    places = {field: _place(where, row[field], seed) for field in ("region", "icb") if field in row}
    since = max(PLACEMENTS_KNOWN_FROM, organisation.opened or PLACEMENTS_KNOWN_FROM)
    return [Placement(organisation=organisation, since=since, **places)] if places else []


def _place(where, code, seed):
    if code not in seed.here and code not in seed.seen:
        raise FixtureError(f"{where}: there is no organisation {code!r} above it")
    return seed.here.get(code)
