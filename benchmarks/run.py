"""How fast the portal is, and how large, against its goals: make bench ARGS="--all --database both"

Makes a catalogue of each size in a temporary place, measures each in a process of its own (benchmarks/inside.py) and
behind the portal's own server (benchmarks/server.py), and prints tables in Markdown. A page's CPU is given as a ratio to a
view that does nothing behind the same middleware, measured in turns with it: the ratios hold on a busy machine too.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager

from benchmarks import server
from tests.postgres import Unavailable, cluster

ROOT = server.ROOT
USUAL, ALL = "137,10000", "137,10000,100000"
MB, KB = 1_000_000, 1000


@contextmanager
def database(kind, size):
    """The URL of a fresh database of one kind with a catalogue of one size."""
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        if kind == "postgresql":
            with cluster() as url:
                python("benchmarks.generate", str(size), url=url)
                yield url
        else:
            url = f"sqlite:///{folder}/portal.sqlite3"
            python("benchmarks.generate", str(size), url=url)
            yield url


def environment(url):
    return {**os.environ, "DATABASE_URL": url, "DEBUG": "0", "BASE_URL": "http://127.0.0.1:8000"}


def python(module, *arguments, url):
    """The output of one of our modules, run on a database."""
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment(url), stdout=subprocess.PIPE, text=True, check=True).stdout


def measure(kind, size, rounds):
    """Everything measured of one kind of database and one size."""
    print(f"Measuring {size:,} resources on {kind}", file=sys.stderr, flush=True)
    with database(kind, size) as url:
        found = json.loads(python("benchmarks.inside", "--rounds", str(rounds), url=url))
        addresses = [page["address"] for page in found["pages"].values()]
        return {"kind": kind, "size": size, **found, "server": server.measure(environment(url), addresses)}


# What is printed ------------------------------------------------------------------------------------------------------


def print_table(heads, rows):
    print(f"\n| {' | '.join(heads)} |\n|{' --- |' * len(heads)}")
    for row in rows:
        print(f"| {' | '.join(map(str, row))} |")


def print_pages(result):
    print(f"\n### {place(result)}")
    served = result["server"]["later"]
    rows = [
        (name, f"{p['ms']:.2f}", f"{p['ratio']:.1f}", p["queries"], f"{p['raw']:,}", f"{p['wire']:,}", f"{served[p['address']]:,}")
        for name, p in result["pages"].items()
    ]
    print_table(("page", "CPU ms", "x trivial", "queries", "bytes", "compressed", "from the server"), rows)
    trivial = [page["trivial_ms"] for page in result["pages"].values()]
    watching = result["poller"] * 1000
    print(f"\nThe trivial view: {min(trivial):.3f} to {max(trivial):.3f} ms. Watching the stamp: {watching:.1f} ms of CPU a second (taken off).")


def print_others(results):
    rows = []
    for r in results:
        engine, making = [f"{r['engine'][k]:.2f}" for k in ("p50", "p95", "worst")], [f"{r['making'][k]:.2f}" for k in ("cpu", "wall")]
        rows.append((place(r), *engine, *making, mega(r["server"]["pss"])))
    print("\n### Engine, making the catalogue, memory")
    print_table(("resources", "engine p50 ms", "p95", "worst", "made in CPU s", "wall s", "worker PSS"), rows)
    visit = results[0]["server"]["visit"]
    print(f"\nA first visit fetches {kilo(sum(visit.values()))}:\n")
    for address, size in visit.items():
        print(f"- {address}: {size:,} bytes")


def place(result):
    return f"{result['size']:,}, {result['kind']}"


def mega(number):
    return f"{number / MB:.0f} MB"


def kilo(number):
    return f"{number / KB:.1f} kB"


# The goals ------------------------------------------------------------------------------------------------------------

SHORT_PAGES = ("home", "component", "category", "resource")
SEARCH = "list, search"
RATIO_OF_SEARCH = {137: 20, 10_000: 20, 100_000: 40}
SECONDS_TO_MAKE = {137: 0.1, 10_000: 2, 100_000: 20}
MOST_MEMORY = {137: 150 * MB, 100_000: 350 * MB}
MOST_QUERIES = 3


def goals_of(result):
    """(what, measured, goal, as words) of one database and size."""
    size, pages, served = result["size"], result["pages"], result["server"]
    if size <= 10_000:
        for name in SHORT_PAGES:
            yield name, pages[name]["ratio"], 10, "{:.1f} x trivial"
    if size in RATIO_OF_SEARCH:
        yield SEARCH, pages[SEARCH]["ratio"], RATIO_OF_SEARCH[size], "{:.1f} x trivial"
    yield "most queries of a page", max(page["queries"] for page in pages.values()), MOST_QUERIES, "{}"
    if size == 100_000:
        yield "engine, p95", result["engine"]["p95"], 5, "{:.2f} ms"
    if size in SECONDS_TO_MAKE:
        yield "making the catalogue, CPU", result["making"]["cpu"], SECONDS_TO_MAKE[size], "{:.2f} s"
    if size in MOST_MEMORY:
        yield "one worker, PSS", served["pss"] / MB, MOST_MEMORY[size] / MB, "{:.0f} MB"
    if size == 137:
        yield "first visit", sum(served["visit"].values()) / KB, 60, "{:.1f} kB"
    if size <= 10_000:
        yield "a later page, the largest", max(served["later"].values()) / KB, 10, "{:.1f} kB"


def print_goals(results):
    rows = []
    for result in results:
        for what, measured, goal, words in goals_of(result):
            rows.append((place(result), what, words.format(measured), words.format(goal), "PASS" if measured <= goal else "**OVER**"))
    for name in results[0]["pages"]:
        numbers = sorted({r["pages"][name]["queries"] for r in results if name in r["pages"]})
        rows.append(("all", f"{name}: SQL queries", " or ".join(map(str, numbers)), "the same", "PASS" if len(numbers) == 1 else "**OVER**"))
    print("\n### Goals")
    print_table(("resources", "what", "measured", "at most", ""), rows)


def read_options():
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default=USUAL, help=f"how many resources, such as {USUAL}")
    parser.add_argument("--all", dest="sizes", action="store_const", const=ALL, help=f"the same as --sizes {ALL}")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="sqlite")
    parser.add_argument("--quick", action="store_true", help="the real catalogue only, and few rounds")
    options = parser.parse_args()
    options.sizes = [137] if options.quick else [int(size) for size in options.sizes.split(",")]
    options.kinds = ("sqlite", "postgresql") if options.database == "both" else (options.database,)
    return options


def main():
    options = read_options()
    try:
        results = [measure(kind, size, 3 if options.quick else 9) for kind in options.kinds for size in options.sizes]
    except Unavailable as reason:
        sys.exit(f"No PostgreSQL to measure: {reason}")
    for result in results:
        print_pages(result)
    print_others(results)
    print_goals(results)


if __name__ == "__main__":
    main()
