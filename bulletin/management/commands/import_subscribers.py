import csv
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from bulletin.addresses import as_kept, hash_of
from bulletin.models import SignUp, Subscriber, Suppression

MOST = 100_000


class Command(BaseCommand):
    help = (
        "Ask addresses of a list whether they want the bulletin: a CSV file with a column 'email', or one address a line. Nobody is subscribed outright. "
        "Whoever unsubscribed is left out. Without --apply it only says what it would do."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--apply", action="store_true", help="ask them, 100 an hour at most")

    def handle(self, *args, file, apply, **options):
        plan = sort_out(read(file))
        self.stdout.write(", ".join(f"{len(rows):,} {what}" for what, rows in plan.items()))
        for line in plan["refused"][:50]:
            self.stdout.write(f"refused: {line}")
        if apply:
            with transaction.atomic():
                SignUp.objects.queue(plan["to be asked"], page=f"a list, {file.name}"[:200])
            self.stdout.write("They are asked by mail, 100 an hour at most, while a worker runs.")
        else:
            self.stdout.write("Nothing was done: add --apply to ask them.")


def read(file):
    """The lines of a file that may be addresses."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} cannot be read as UTF-8 text: {error}") from error
    if len(lines) > MOST:
        raise CommandError(f"{file} has more than {MOST:,} lines: split it")
    rows = [row for row in csv.reader(lines) if any(cell.strip() for cell in row)]
    head = [cell.strip().lower() for cell in rows[0]] if rows else []
    if "email" in head:
        column = head.index("email")
        return [row[column] if column < len(row) else "" for row in rows[1:]]
    return [row[0] for row in rows]


def sort_out(lines):
    """{what becomes of them: addresses}. Three queries, however long the list."""
    plan = {"to be asked": [], "subscribed already": [], "want no mail": [], "asked already": [], "twice in the list": [], "refused": []}
    known = set(Subscriber.objects.values_list("email", flat=True))
    asked = set(SignUp.objects.exclude(email="").values_list("email", flat=True))
    suppressed = set(Suppression.objects.in_force().values_list("address_hash", flat=True))
    seen = set()
    for line in lines:
        try:
            address = as_kept(line)
        except ValidationError:
            plan["refused"].append(line[:100])
            continue
        plan[_fate(address, seen, known, suppressed, asked)].append(address)
        seen.add(address)
    return plan


def _fate(address, seen, known, suppressed, asked):
    if address in seen:
        return "twice in the list"
    if address in known:
        return "subscribed already"
    if hash_of(address) in suppressed:
        return "want no mail"
    return "asked already" if address in asked else "to be asked"
