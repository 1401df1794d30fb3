"""One signs a result while another saves an answer, many times over: python -m benchmarks.races --races 2000 --database both

Makes a fresh database, and says how often the signer and how often the editor was first. It ends with an error as soon as a save is
neither in a signed result nor refused, or a result is not the one that its signer saw. See tests/races.py.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager

from tests.postgres import Unavailable, cluster


@contextmanager
def database(kind):
    """The URL of an empty database of one kind."""
    if kind == "postgresql":
        with cluster() as url:
            yield url
    else:
        with tempfile.TemporaryDirectory(prefix="portal-races-") as folder:
            yield f"sqlite:///{folder}/portal.sqlite3"


def here(races):
    """Race in this process, on the database of DATABASE_URL."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "impact_portal.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from impact_portal.management.commands.prepare import load_everything

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    load_everything()
    from tests.races import run

    started = time.monotonic()
    first = run(races)
    often = ", ".join(f"{who} was first in {times:,}" for who, times in sorted(first.items()))
    print(f"{races:,} races in {time.monotonic() - started:.0f} s: {often}. No save was lost.")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--races", type=int, default=2000)
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        return here(options.races)
    for kind in ("sqlite", "postgresql") if options.database == "both" else (options.database,):
        print(f"{kind}: ", end="", flush=True)
        try:
            with database(kind) as url:
                environment = {**os.environ, "DATABASE_URL": url, "BASE_URL": "http://127.0.0.1:8000", "DEBUG": "0"}
                subprocess.run([sys.executable, "-m", "benchmarks.races", "--here", "--races", str(options.races)], env=environment, check=True)
        except Unavailable as reason:
            sys.exit(f"No PostgreSQL to race on: {reason}")


if __name__ == "__main__":
    main()
