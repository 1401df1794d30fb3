"""Every test on both databases: what `make test` runs.

    python -m tests.run [pytest arguments]

SQLite runs everything; a throwaway PostgreSQL runs what a database has a say in (tests/conftest.py says what that is). Without arguments three
runs go side by side (SQLite, the browser, PostgreSQL) and the others' output is shown when the first has ended. With arguments, which go to
both databases, they run one after the other, so that --pdb and -s can be used.

What this machine lacks is said at the very end. REQUIRE_ALL=1 makes that a failure.
"""

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from tests import postgres
from tests.browser import chromium_or_reason

ROOT = Path(__file__).resolve().parent.parent
PYTEST = [sys.executable, "-m", "pytest"]
SQLITE_URL = f"sqlite:///{Path(tempfile.gettempdir()) / 'never-made.sqlite3'}"  # tests/conftest.py gives each run a file of its own
NOTHING_COLLECTED = 5  # pytest's exit status for it


def main(arguments):
    """Run the tests and answer with an exit status."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    lacking = []
    try:
        statuses = run_both(arguments, lacking)
    except KeyboardInterrupt:
        print("\nInterrupted.", flush=True)
        return 130
    if not chromium_or_reason()[0]:
        lacking.append(f"browser tests: {chromium_or_reason()[1]}")
    for what in lacking:
        print(f"NOT RUN: {what}", flush=True)
    if lacking and os.environ.get("REQUIRE_ALL") == "1":
        print("REQUIRE_ALL=1, so that is a failure.", flush=True)
        return 1
    return verdict(statuses, arguments)


def run_both(arguments, lacking):
    """The exit statuses of the runs; what keeps PostgreSQL from running is added to `lacking`."""
    with ExitStack() as stack:
        try:
            url = stack.enter_context(postgres.cluster())
            heading = f"PostgreSQL {postgres.major_version()}"
        except postgres.Unavailable as reason:
            lacking.append(f"PostgreSQL tests: {reason}")
            return [on_sqlite(arguments)]
        if arguments:
            return [on_sqlite(arguments), on_postgres(heading, url, arguments)]
        return side_by_side(heading, url)


def on_sqlite(arguments):
    announce("SQLite")
    with pytest(SQLITE_URL, arguments) as run:
        return run.wait()


def on_postgres(heading, url, arguments):
    announce(heading)
    with pytest(url, [*POSTGRES_ONLY, *arguments]) as run:
        return run.wait()


def side_by_side(heading, url):
    """Three runs at once: SQLite's output as it comes, the browser's and PostgreSQL's afterwards."""
    colour = ["--color=yes"] if sys.stdout.isatty() else []
    others = [("Browser, on SQLite", SQLITE_URL, BROWSER_ONLY), (heading, url, POSTGRES_ONLY)]
    with ExitStack() as stack:
        running = []
        for title, database, arguments in others:
            output = stack.enter_context(tempfile.TemporaryFile("w+", errors="replace"))
            run = stack.enter_context(pytest(database, [*arguments, *colour], stdout=output, stderr=output, stdin=subprocess.DEVNULL))
            running.append((title, run, output))
        statuses = [on_sqlite(["-m", "not browser"])]
        for title, run, output in running:
            announce(title)
            statuses.append(run.wait())
            output.seek(0)
            print(output.read(), end="", flush=True)
    return statuses


# A cache of each run's own, so that --last-failed means the failures of the same run.
POSTGRES_ONLY = ["-m", "not browser and (not one_database or both_databases)", "-o", "cache_dir=.pytest_cache/postgresql"]
BROWSER_ONLY = ["-m", "browser", "-o", "cache_dir=.pytest_cache/browser"]


@contextmanager
def pytest(database_url, arguments, **streams):
    """A pytest process on one database, ended if we are."""
    environment = {"SQLITE_SYNCHRONOUS": "OFF", **os.environ, "DATABASE_URL": database_url}  # what is thrown away need not reach the disk
    process = subprocess.Popen([*PYTEST, *arguments], cwd=ROOT, env=environment, **streams)
    try:
        yield process
    except KeyboardInterrupt:
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)  # the same Ctrl-C reached it, and it is tidying up
        raise
    finally:
        end(process)


def end(process):
    """Ask a process to tidy up and end, then tell it, then make it."""
    for how in (lambda: process.send_signal(signal.SIGINT), process.terminate, process.kill):
        if process.poll() is not None:
            return
        with suppress(subprocess.TimeoutExpired, ValueError):  # ValueError: Windows cannot ask
            how()
            process.wait(5)


def announce(heading):
    print(f"\n== {heading} ==", flush=True)


def verdict(statuses, arguments):
    """0 if all went well. With arguments one of the runs may hold no test at all (`tests/browser` has none on PostgreSQL), not both."""
    if arguments and any(status != NOTHING_COLLECTED for status in statuses):
        statuses = [status for status in statuses if status != NOTHING_COLLECTED]
    return next((status for status in statuses if status), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
