"""Files of resources to import, as a curator would make them."""

import csv
import io

from resources.import_columns import LABELS, shown
from resources.models import Resource

GOOD = {
    "title": "Calm conversations on night shifts",
    "providers": "NHS England",
    "category": "Case studies",
    "components": "2; 4",
    "url": "https://example.org/calm-conversations",
    "summary": "How a ward made handovers quieter.",
}
WORDS = "amber birch cedar delta ember fjord grove heath inlet jetty knoll larch marsh north ocean plume quartz ridge stone thorn umber vale willow yarrow zephyr".split()


def title_of(number):
    """A title that is near no other: words counted off as on an abacus."""
    return " ".join(WORDS[(number // 25**place) % 25] for place in range(3)) + f" {WORDS[(number * 7 + 3) % 25]} {WORDS[(number * 11 + 5) % 25]} {number}"


def good_row(number, **cells):
    """One new resource."""
    return {**GOOD, "title": title_of(number), "url": f"https://example.org/{number}/page", **cells}


def here(slug, **cells):
    """A resource that is here, as its row, with some cells changed."""
    return {**shown(Resource.objects.get(slug=slug)), **cells}


def as_csv(rows, columns=None, encoding="utf-8", delimiter=",", lineterminator="\r\n", headings=LABELS):
    """The bytes of a CSV of these rows."""
    columns = columns or [name for name in LABELS if any(name in row for row in rows)]
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, lineterminator=lineterminator)
    writer.writerow([headings[name] for name in columns])
    writer.writerows([row.get(name, "") for name in columns] for row in rows)
    return file.getvalue().encode(encoding)


def two_hundred(slugs, start=0):
    """The 200 rows of a usual month: 168 new, 17 changed, 3 unchanged, 5 possible duplicates, 7 with errors. Takes 20 slugs that are here."""
    rows = [good_row(start + n) for n in range(168)]
    rows += [here(slug, audience="Ward managers") for slug in slugs[:17]]
    rows += [here(slug) for slug in slugs[17:20]]
    rows += [good_row(start + 168 + n, url=rows[n]["url"].replace("https://", "HTTP://www.") + "/?utm_source=mail#top") for n in range(5)]
    faults = [
        {"minutes": "an hour"},
        {"category": "Courses and so on"},
        {"starts_on": "2026-13-01"},
        {"url": "nowhere"},
        {"owner": "nobody@example.org"},
        {"summary": ""},
        {"components": "6"},
    ]
    return rows + [good_row(start + 180 + n, **fault) for n, fault in enumerate(faults)]
