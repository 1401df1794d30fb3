"""The catalogue as data for others: one row a resource, in words and with addresses that work outside."""

import csv

from django.conf import settings
from django.urls import reverse

from accounts.cells import inert

LICENCE = "Titles and addresses are facts. Summaries and the selection: Open Government Licence v3.0."

COLUMNS = """
id address title providers credit category components url url_confidence summary audience format minutes cost sign_in
source_published_on starts_on ends_on published_at updated_at
""".split()


def as_open_data(record, catalogue):
    """A record as we publish it: names instead of keys, our own address in full."""
    return {
        "id": record.slug,
        "address": settings.BASE_URL + reverse("resources:resource", args=[record.slug]),
        "title": record.title,
        "providers": [catalogue.labels["provider"][slug] for slug in record.providers],
        "credit": record.credit,
        "category": catalogue.labels["category"][record.category],
        "components": [{"number": n, "name": catalogue.components[n].name} for n in record.components],
        **{key: getattr(record, key) or None for key in COLUMNS[7:]},
    }


class _Line:
    """A file that hands back what is written to it, so that rows can be sent one by one."""

    def write(self, value):
        return value


def as_csv(records, catalogue):
    """Lines of CSV, the first beginning with the mark by which spreadsheets know UTF-8."""
    writer = csv.writer(_Line())
    yield "\ufeff" + writer.writerow(COLUMNS)
    for record in records:
        row = as_open_data(record, catalogue)
        row["providers"] = "; ".join(row["providers"])
        row["components"] = "; ".join(f"{c['number']} {c['name']}" for c in row["components"])
        yield writer.writerow([inert("" if row[column] is None else str(row[column])) for column in COLUMNS])
