"""Measure the portal inside one process, for the database of DATABASE_URL: pages, the search engine, making the catalogue.

Prints one JSON object; benchmarks/run.py starts it, once for each database and size.
"""

import argparse
import gc
import io
import json
import os
import random
import statistics
import time
from contextlib import contextmanager
from functools import lru_cache

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "impact_portal.settings")

from django.conf import settings

settings.ROOT_URLCONF = "benchmarks.urls"

from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from impact_portal.wsgi import application  # noqa: E402
from resources import catalogue  # noqa: E402
from resources.facets import FACETS  # noqa: E402
from resources.search import STOP_WORDS  # noqa: E402

ROUND = 0.1  # seconds of CPU that a page has in each round
NARROWED = ("category", "component", "cost", "provider")  # the facets that the engine's searches are narrowed by
YARDSTICK = "/benchmark-trivial"


def pages(held):
    """What a reader asks for, each by its name."""
    category, component = next(iter(held.categories)), next(iter(held.components.values()))
    words = by_frequency(held)
    middling = words[len(words) // 100]
    return {
        "home": "/",
        "component": component.get_absolute_url(),
        "category": f"/categories/{category}/",
        "resource": "/resources/improving-nhs-culture/",
        "list": "/resources/",
        "list, search": f"/resources/?q={middling}",
        "list, search, 2 filters": f"/resources/?q={middling}&category={category}&component={component.number}",
        "list, commonest word": "/resources/?q=improvement",
        "suggestions": "/resources/suggest?q=improv",
        "a rater's page": rating_page(),
    }


@lru_cache
def rating_page():
    """The longest page of somebody who has answered everything, with comments: five questions, 35 radios."""
    from assessments.models import Framework
    from tests.rounds import add_rater, make_lead, rate, start_round

    framework = Framework.objects.published().first()
    rater = add_rater(start_round(make_lead("AB1", "Our Trust"), framework), 1)
    total = framework.questions.count()
    rate(rater, ["3"] * total, ["We see this on some wards and not on others, and it depends on who leads the shift."] * total)
    return f"/rate/{rater.renew_link()}/3/"


def by_frequency(held):
    """The catalogue's words that tell something, those in most rows first."""
    vocabulary = held.index.vocabulary
    return sorted((word for word in vocabulary if len(word) > 2 and word not in STOP_WORDS), key=lambda word: (-vocabulary[word], word))


def get(address, encoding="gzip, deflate, br, zstd"):
    """The status and body of a page, asked as a browser does, without a socket."""
    path, _, query = address.partition("?")
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SCRIPT_NAME": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_ACCEPT": "text/html",
        "HTTP_ACCEPT_ENCODING": encoding,
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.url_scheme": "http",
    }
    status = []
    response = application(environ, lambda line, headers: status.append(int(line.split()[0])))
    body = b"".join(response)
    response.close()
    return status[0], body


class Clock:
    """CPU of this process without what its watching thread takes in the meantime."""

    def __init__(self):
        cpu, wall = time.process_time(), time.perf_counter()
        time.sleep(3)
        self.idle = (time.process_time() - cpu) / (time.perf_counter() - wall)

    def cpu(self, function, times):
        """CPU seconds of one call."""
        cpu, wall = time.process_time(), time.perf_counter()
        for _ in range(times):
            function()
        return (time.process_time() - cpu - self.idle * (time.perf_counter() - wall)) / times


@contextmanager
def counted_queries():
    """A list that gathers the SQL of this thread."""
    seen = []

    def note(execute, sql, *rest):
        seen.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        yield seen


def measure_pages(clock, rounds):
    """Each page beside the yardstick, in turns: A B A C A D, and again."""
    asked = {name: address for name, address in pages(catalogue.current()).items() if get(address)[0] == 200}
    times = {name: max(int(ROUND / clock.cpu(lambda a=address: get(a), 5)), 3) for name, address in {**asked, "": YARDSTICK}.items()}
    taken = {name: [] for name in asked}
    for _ in range(rounds):
        for name, address in asked.items():
            trivial = clock.cpu(lambda: get(YARDSTICK), times[""])
            taken[name].append((clock.cpu(lambda a=address: get(a), times[name]), trivial))
    return {name: {**spent(taken[name]), **weight(address), "address": address} for name, address in asked.items()}


def spent(pairs):
    """The medians of (page, yardstick) pairs; the ratio is of those that ran side by side."""
    return {
        "ms": statistics.median(page for page, _ in pairs) * 1000,
        "trivial_ms": statistics.median(trivial for _, trivial in pairs) * 1000,
        "ratio": statistics.median(page / trivial for page, trivial in pairs),
    }


def weight(address):
    """A page's queries and bytes."""
    with counted_queries() as queries:
        wire = get(address)[1]
    return {"queries": len(queries), "raw": len(get(address, "identity")[1]), "wire": len(wire)}


def measure_making(rounds):
    """Median seconds to make the catalogue from the database again: CPU and wall."""
    taken = []
    for _ in range(rounds):
        gc.collect()
        cpu, wall = time.process_time(), time.perf_counter()
        catalogue.Catalogue("benchmark", timezone.now())
        taken.append((time.process_time() - cpu, time.perf_counter() - wall))
    return {"cpu": statistics.median(cpu for cpu, _ in taken), "wall": statistics.median(wall for _, wall in taken)}


def searches(held, number):
    """Searches as people make them: a fifth each of a common, a middling and a rare word, and two and three words of one row."""
    rng = random.Random(2026)
    words = by_frequency(held)
    common, middling, rare = words[:50], words[len(words) // 50 : len(words) // 10], words[len(words) // 3 :]
    records = held.index.everything()
    for at in range(number):
        record = rng.choice(records)
        filters = {facet.name: rng.choice(values) for facet in FACETS if facet.name in NARROWED and (values := list(facet.values(record, held.today)))}
        title, summary = record.title.split(), record.summary.split()
        kinds = ([rng.choice(common)], [rng.choice(middling)], [rng.choice(rare)], rng.choices(title, k=2), rng.choices(summary, k=3))
        yield " ".join(kinds[at % len(kinds)]), {name: [value] for name, value in filters.items()}


def measure_engine(number, rounds=3):
    """Wall milliseconds of a search with everything the list asks: a page, the total, each facet without itself. The best of three rounds each."""
    held = catalogue.current()
    counted, taken = [facet.name for facet in FACETS], []
    asked = list(searches(held, number))
    for _ in range(rounds):
        for at, (text, filters) in enumerate(asked):
            start = time.perf_counter()
            held.index.search(text, filters, counted=counted)
            spent = (time.perf_counter() - start) * 1000
            taken[at : at + 1] = [min([spent, *taken[at : at + 1]])]
    cuts = statistics.quantiles(taken, n=20)
    return {"p50": cuts[9], "p95": cuts[18], "worst": max(taken)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    held, clock = catalogue.current(), Clock()
    print(
        json.dumps(
            {
                "total": held.total,
                "poller": clock.idle,
                "pages": measure_pages(clock, options.rounds),
                "engine": measure_engine(200),
                "making": measure_making(5 if held.total < 1000 else 3 if held.total < 50_000 else 1),
            }
        )
    )


if __name__ == "__main__":
    main()
