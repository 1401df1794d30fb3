"""What the pages of agreement and of the submitted result cost with few and with many raters: python -m benchmarks.board --database both

Makes a round of the real framework for each number of raters in a fresh database, each rater with a level and a comment to every
question, and asks each page beside a view that does nothing, in turns with it. Prints a table in Markdown.
"""

import argparse
import json
import random
import sys

from benchmarks.run import database, print_table, python
from tests.postgres import Unavailable

RATERS = (12, 200)
PAGES = {"board": "agree/", "one question": "agree/2.3/", "what matters most": "priorities/", "submit": "submit/", "result": "result/"}
MOST_MS = 300  # of CPU, for the board with 200 raters
COMMENT = "We see this on some wards and not on others, and it depends on who leads the shift. "


def make_round(number, raters):
    """A lead, and a round of theirs in which so many have rated and all is agreed."""
    from assessments.models import Framework
    from tests.rounds import add_rater, make_lead, rate, start_round

    rng, framework = random.Random(2026), Framework.objects.published().first()
    lead = make_lead(f"AB{number}", f"Trust {number}", f"lead-{number}@example.org")
    assessment, questions = start_round(lead, framework), framework.questions.count()
    groups = list(assessment.groups.values_list("name", flat=True))
    for at in range(raters):
        rater = add_rater(assessment, at, groups[at % len(groups)])
        rate(rater, [rng.choice("12345") for _ in range(questions)], [COMMENT * rng.randint(1, 4) for _ in range(questions)])
    assessment.close(by=lead, reason="All have rated")
    assessment.begin_agreeing(by=lead)
    for answer in assessment.answers.all():
        answer.agree(by=lead, version=1, level=rng.randint(1, 4), does_not_apply=False, reason=COMMENT, evidence="", would_change="", dissent="")
    assessment.answers.set_priorities(["1.1", "2.3", "4.5"], by=lead)
    return lead


def here(rounds):
    """Measure in this process, on the database of DATABASE_URL. Prints one JSON list."""
    from django.test import Client

    from benchmarks import inside  # sets Django up
    from tests.rounds import submit

    clock, found = inside.Clock(), []
    for number, raters in enumerate(RATERS, 1):
        client = Client(SERVER_NAME="127.0.0.1")
        lead = make_round(number, raters)
        client.force_login(lead)
        for name, page in PAGES.items():
            if name == "result":
                submit(lead.organisation.assessments.get(), lead)
            address = f"/organisations/AB{number}/assessments/1/{page}"
            get = lambda address=address, client=client: client.get(address)  # noqa: E731
            assert get().status_code == 200, address
            trivial = lambda client=client: client.get(inside.YARDSTICK)  # noqa: E731
            pairs = [(clock.cpu(get, 5), clock.cpu(trivial, 50)) for _ in range(rounds)]
            with inside.counted_queries() as queries:
                size = len(get().content)
            found.append({"page": name, "raters": raters, "queries": len(queries), "bytes": size, **inside.spent(pairs)})
    print(json.dumps(found))


def report(kind, found):
    """A table, and what of it is over its goal."""
    print(f"\n### {kind}")
    rows = [(r["page"], r["raters"], f"{r['ms']:.1f}", f"{r['trivial_ms']:.2f}", f"{r['ratio']:.1f}", r["queries"], f"{r['bytes']:,}") for r in found]
    print_table(("page", "raters", "CPU ms", "trivial ms", "x trivial", "queries", "bytes"), rows)
    queries = {page: {r["queries"] for r in found if r["page"] == page} for page in PAGES}
    over = [f"{page}: {', '.join(map(str, sorted(numbers)))} queries" for page, numbers in queries.items() if len(numbers) > 1]
    over += [f"{r['page']}, {r['raters']} raters: {r['ms']:.0f} ms" for r in found if r["ms"] > MOST_MS]
    print(f"\n{'**OVER**: ' + '; '.join(over) if over else f'PASS: the same queries for few and many raters, no page over {MOST_MS} ms of CPU'}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="sqlite")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        return here(options.rounds)
    for kind in ("sqlite", "postgresql") if options.database == "both" else (options.database,):
        try:
            with database(kind, 137) as url:
                report(kind, json.loads(python("benchmarks.board", "--here", "--rounds", str(options.rounds), url=url).splitlines()[-1]))
        except Unavailable as reason:
            sys.exit(f"No PostgreSQL to measure: {reason}")


if __name__ == "__main__":
    main()
