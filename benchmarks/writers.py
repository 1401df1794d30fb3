"""Many people rating at once on SQLite: python -m benchmarks.writers  (160 saves a second from 32 raters, for ten seconds)

Each rater is a thread with a connection of its own that posts to the real page, at moments drawn at random (Poisson) so that all
together make the rate asked for. Printed beside it: the same rate of requests to a view that does nothing, behind the same middleware.
"""

import argparse
import os
import random
import sys
import tempfile
import threading
import time
from pathlib import Path


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rate", type=int, default=160, help="saves a second, of all together")
    options.add_argument("--writers", type=int, default=32)
    options.add_argument("--seconds", type=float, default=10)
    options = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="portal-writers-") as folder:
        os.environ.update(DATABASE_URL=f"sqlite:///{Path(folder) / 'portal.sqlite3'}", DJANGO_SETTINGS_MODULE="impact_portal.settings")
        saves, trivial, kept = measure(options)
    print_line("saving an answer", saves, options)
    print_line("a view that does nothing", trivial, options)
    print(f"ratio of the medians: {median(saves.times) / median(trivial.times):.1f}; answers found afterwards: {kept} of {options.writers * 2} asked for")
    return 1 if saves.faults else 0


class Tally:
    """How long each request took, in milliseconds, and what went wrong."""

    def __init__(self):
        self.times, self.faults, self.lock = [], [], threading.Lock()

    def add(self, milliseconds, fault):
        with self.lock:
            self.times.append(milliseconds)
            if fault:
                self.faults.append(fault)


def measure(options):
    import django
    from django.conf import settings

    settings.ROOT_URLCONF = "benchmarks.urls"
    django.setup()
    from benchmarks import killed

    killed.RATERS = options.writers
    people, questions = killed.prepare()
    saves, trivial = Tally(), Tally()
    together(options, people.values(), lambda client, token, n: save(client, token, questions[n % 2], n), saves, ok=200)
    together(options, people.values(), lambda client, token, n: client.get("/benchmark-trivial"), trivial, ok=200)
    from assessments.models import Rating

    return saves, trivial, Rating.objects.filter(rater__in=people).count()


def save(client, token, question, n):
    fields = {f"choice-{question}": str(n % 5 + 1), f"comment-{question}": f"The {n}th", f"version-{question}": "0-"}
    return client.post(f"/rate/{token}/1/", fields, headers={"accept": "application/json"})


def together(options, tokens, request, tally, ok):
    """Every rater at once, each at their share of the rate."""
    ends = time.monotonic() + options.seconds
    threads = [threading.Thread(target=one, args=(options, token, request, tally, ok, ends)) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def one(options, token, request, tally, ok, ends):
    from django.db import connection
    from django.test import Client

    client, n, due = Client(headers={"host": "127.0.0.1"}), 0, time.monotonic()
    while (due := due + random.expovariate(options.rate / options.writers)) < ends:  # whoever had to wait catches up
        time.sleep(max(0, due - time.monotonic()))
        started, n = time.perf_counter(), n + 1
        try:
            status = request(client, token, n).status_code
            fault = "" if status == ok else f"status {status}"
        except Exception as error:  # whatever it is, it is what we look for
            fault = repr(error)
        tally.add(1000 * (time.perf_counter() - started), fault)
    connection.close()


def median(times):
    return percentile(times, 50)


def percentile(times, share):
    return sorted(times)[min(len(times) - 1, int(len(times) * share / 100))]


def print_line(what, tally, options):
    times = tally.times
    print(
        f"{what}: {len(times) / options.seconds:.0f} a second from {options.writers}, {len(tally.faults)} faults, "
        f"p50 {median(times):.1f} ms, p99 {percentile(times, 99):.1f} ms, worst {max(times):.1f} ms"
    )
    for fault in sorted(set(tally.faults))[:5]:
        print(f"  {fault}")


if __name__ == "__main__":
    sys.exit(main())
