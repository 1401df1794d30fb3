"""What an import of resources costs, and whether one that is killed leaves anything behind: python -m benchmarks.imports 10000 --killed 20

Works in a temporary SQLite database, or with --here on the empty one of DATABASE_URL. Each step is a process of its own, so that its
memory is its own. Prints a table in Markdown: CPU and wall seconds, and the most memory held.
"""

import argparse
import hashlib
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STEPS = ("dry run, CSV", "apply", "export, CSV", "dry run of the export", "export, workbook", "dry run of the workbook", "undo")
TABLES = ("resource", "resource_providers", "resource_components", "provider", "historicalresource", "importbatch", "importrow")


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("rows", type=int, nargs="?", default=10_000)
    options.add_argument("--killed", type=int, default=0, help="applications to kill at a random moment")
    options.add_argument("--here", action="store_true", help="in the database of DATABASE_URL")
    options.add_argument("--step", help=argparse.SUPPRESS)
    options.add_argument("--folder", help=argparse.SUPPRESS)
    options = options.parse_args()
    if options.step:
        return do(options.step, options.rows, Path(options.folder))
    with tempfile.TemporaryDirectory(prefix="portal-imports-") as folder:
        if not options.here:
            os.environ["DATABASE_URL"] = f"sqlite:///{Path(folder) / 'portal.sqlite3'}"
        subprocess.run([sys.executable, "manage.py", "prepare"], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
        print(f"| {options.rows:,} rows | CPU s | wall s | memory at most |\n| --- | --- | --- | --- |", flush=True)
        for step in STEPS[:1]:
            start(step, options.rows, folder).wait()
        if options.killed:
            kill(options, folder)
        for step in STEPS[1:]:
            start(step, options.rows, folder).wait()
    return None


def start(step, rows, folder):
    command = [sys.executable, "-m", "benchmarks.imports", str(rows), "--step", step, "--folder", str(folder)]
    return subprocess.Popen(command, cwd=ROOT)


def kill(options, folder):
    """Kill applications at random moments: each must leave the database as it was."""
    rng, before, died = random.Random(2026), state(), 0
    for _ in range(options.killed):
        process = start("apply and be killed", options.rows, folder)
        began = Path(folder, "began")
        while not began.exists():
            time.sleep(0.01)
        began.unlink()
        time.sleep(rng.random() * 4)
        process.send_signal(signal.SIGKILL)
        died += process.wait() == -signal.SIGKILL
        if state() != before:
            sys.exit("An application that was killed left something behind")
    print(f"{died} applications killed, nothing left behind by any", flush=True)


def state():
    """A hash of the tables, asked by a process of its own."""
    return subprocess.run([sys.executable, "-m", "benchmarks.imports", "--step", "state", "--folder", "."], cwd=ROOT, capture_output=True, check=True).stdout


def do(step, rows, folder):
    """One step, in this process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "impact_portal.settings")
    import django

    django.setup()
    from accounts.models import User
    from resources import import_apply, import_undo, spreadsheet
    from resources.models import ImportBatch

    if step == "state":
        return print(hash_of_tables())
    by = User.objects.filter(is_staff=True).first() or User.objects.create_user("curator@example.org", None, name="Curator", is_staff=True)
    batch = ImportBatch.objects.order_by("pk").first()
    csv, xlsx = folder / "all.csv", folder / "all.xlsx"
    if step == "apply and be killed":
        (folder / "began").touch()
        return import_apply.apply(batch, by)
    if step == STEPS[0]:
        (folder / "new.csv").write_bytes(made_up(rows))
    steps = {
        STEPS[0]: lambda: import_apply.dry_run((folder / "new.csv").read_bytes(), "new.csv", by),
        STEPS[1]: lambda: import_apply.apply(batch, by),
        STEPS[2]: lambda: csv.write_bytes(spreadsheet.catalogue("csv").content),
        STEPS[3]: lambda: import_apply.dry_run(csv.read_bytes(), "all.csv", by),
        STEPS[4]: lambda: xlsx.write_bytes(spreadsheet.catalogue("xlsx").content),
        STEPS[5]: lambda: import_apply.dry_run(xlsx.read_bytes(), "all.xlsx", by),
        STEPS[6]: lambda: import_undo.undo(batch, by),
    }
    cpu, wall = time.process_time(), time.perf_counter()
    steps[step]()
    spent = f"{time.process_time() - cpu:.1f} | {time.perf_counter() - wall:.1f}"
    return print(f"| {step} | {spent} | {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB |", flush=True)


def made_up(rows):
    """A CSV of new resources, with words drawn as unevenly as in life."""
    from benchmarks.generate import Author
    from tests.imports import as_csv, good_row

    author = Author()
    publishers = [author.phrase(2, 3) for _ in range(300)]
    return as_csv(
        [
            good_row(
                n,
                title=author.phrase(4, 8),
                providers=author.rng.choice(publishers),
                summary=author.phrase(20, 30),
                url=f"https://www.example{n % 700}.org/{n}",
                source_published_on="2024-05-06",
            )
            for n in range(rows)
        ]
    )


def hash_of_tables():
    from django.db import connection

    said = hashlib.sha256()
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT * FROM resources_{table} ORDER BY 1")
            said.update(repr(cursor.fetchall()).encode())
    return said.hexdigest()


if __name__ == "__main__":
    main()
