"""What an import of resources would do, row by row. It asks and compares; it changes nothing."""

from itertools import islice

from resources.history import latest_lines
from resources.import_columns import FIELDS, REQUIRED, Known, shown
from resources.models import ImportRow, Resource
from resources.same_address import same_address
from resources.search import NearTitles

AT_A_TIME = 500  # rows for which the database is asked together
LONGEST_CELL = 32_767  # characters: what a workbook cuts a text to
Kind = ImportRow.Kind


class Planned:
    """A row that has been looked at: the line of the dry run, and what its cells come to."""

    def __init__(self, row, resource, values):
        self.row, self.resource, self.values = row, resource, values


def chunks(things):
    """The same things, so many at a time."""
    things = iter(things)
    while some := list(islice(things, AT_A_TIME)):
        yield some


def by_slug(slugs, lock=False):
    """Resources by slug, with everything that a row of the spreadsheet shows."""
    rows = Resource.objects.filter(slug__in=slugs).order_by("pk")
    if lock:
        list(rows.select_for_update().values_list("pk"))
    return {resource.slug: resource for resource in rows.select_related("category", "owner", "deputy").prefetch_related("providers", "components")}


class Planner:
    """Looks at rows one after another; what one brings is known to those after it."""

    def __init__(self, *, near=True, lock=False):
        """`near` compares titles as well as addresses; `lock` keeps the resources that rows name as they are until the transaction ends."""
        self.known, self.lock = Known(), lock
        self.addresses, self.slugs = {}, {}
        self.titles = NearTitles() if near else None
        for pk, slug, title, url in Resource.objects.order_by("pk").values_list("pk", "slug", "title", "url").iterator(2000):
            self._remember(url, title, (pk, f"“{title}” ({slug})"))

    def _remember(self, url, title, what):
        self.addresses.setdefault(same_address(url), what)
        if self.titles is not None:
            self.titles.add(title, what)

    def plan(self, rows, *, distinct=()):
        """Planned rows of (number, cells); numbers in `distinct` are no duplicates, whatever they look like."""
        for some in chunks(rows):
            here = by_slug({slug for _, cells in some if (slug := _slug(cells))}, self.lock)
            lines = latest_lines(list(here.values()))
            for number, cells in some:
                resource = here.get(_slug(cells))
                planned = self._plan(ImportRow(number=number, cells=cells, resource_id=resource and resource.pk), resource, number in distinct)
                planned.row.before = lines.get(resource.pk) if resource else None
                yield planned

    def _plan(self, row, resource, distinct):
        values, row.changes, row.problems = self._read(row.cells, resource)
        row.problems += self._slug_twice(row)
        if row.problems:
            row.kind = Kind.ERROR
        elif resource and not row.changes:
            row.kind = Kind.UNCHANGED
        else:
            row.kind = Kind.CHANGED if resource else Kind.NEW
            self._look_for_the_same(row, values, distinct)
        return Planned(row, resource, values)

    # Cells ------------------------------------------------------------------------------------------------------------

    def _read(self, cells, resource):
        """What cells come to: values by column, [column, old, new] of what differs from a resource, [column, value, what to do] of faults."""
        now = shown(resource) if resource else {}
        values, changes, problems = {}, [], []
        for name in cells if resource else FIELDS:
            typed = cells.get(name, "")
            if resource and alike(typed, now[name]):
                continue
            try:
                values[name] = self._value(name, typed)
            except ValueError as error:
                problems.append([name, typed[:500], str(error)])
                continue
            text = FIELDS[name].widget.render(values[name])
            if resource and alike(text, now[name]):
                del values[name]
            elif resource:
                changes.append([name, now[name], text])
        return values, changes, problems + _dates_that_cross(values, cells, resource)

    def _value(self, name, typed):
        value = FIELDS[name].widget.clean(typed, known=self.known)
        if name in REQUIRED and not value:
            raise ValueError(REQUIRED[name])
        return value

    def _slug_twice(self, row):
        slug = _slug(row.cells)
        if not slug or slug not in self.slugs:
            self.slugs[slug] = row.number
            return []
        return [["slug", slug, f"Row {self.slugs[slug]} has it too: take one of the rows out, or give each its own"]]

    # Duplicates -------------------------------------------------------------------------------------------------------

    def _look_for_the_same(self, row, values, distinct):
        """Note publishers that are new, and whatever the row may be the same as."""
        makes = {name for name in values.get("providers", ()) if name in self.known.new_providers}
        row.problems = [["providers", name, _new_publisher(self.known.new_providers[name])] for name in sorted(makes)]
        alike = [] if distinct else self._same(row, values)
        if alike:
            row.problems, row.kind = row.problems + alike, Kind.DUPLICATE
        else:
            self._remember(values.get("url", ""), values.get("title", ""), (None, f"row {row.number} of this file"))

    def _same(self, row, values):
        own = row.resource_id
        found = []
        if "url" in values and (other := self.addresses.get(same_address(values["url"]))) and (own is None or other[0] != own):
            found.append(("url", values["url"], other, f"The same address as {other[1]}"))
        elif self.titles is not None and "title" in values and (near := self.titles.find(values["title"])) and (own is None or near[1][0] != own):
            found.append(("title", values["title"], near[1], f"Almost the same title as {near[1][1]}"))
        if found and own is None:
            row.resource_id = found[0][2][0]
        return [[name, value, words] for name, value, _, words in found]


def _slug(cells):
    return cells.get("slug", "").strip()


def _new_publisher(near):
    return f"Makes a new publisher. It is almost called “{near}”, which is here: is it the same?" if near else "Makes a new publisher"


def alike(typed, now):
    """Does a cell say what is here, blanks at its ends and kinds of line break apart? A workbook may have cut it short."""
    typed, now = ("\n".join(text.strip().splitlines()) for text in (typed, now))
    return typed == now or (len(typed) >= LONGEST_CELL - 10 and now.startswith(typed))


def _dates_that_cross(values, cells, resource):
    """The end must not come before the start, whichever of them the row brings."""
    first, last = (values.get(name, getattr(resource, name, None)) for name in ("starts_on", "ends_on"))
    if {"starts_on", "ends_on"} & set(values) and first and last and last < first:
        return [["ends_on", cells.get("ends_on", ""), f"Enter a day that is not before it starts: {first.isoformat()}"]]
    return []
