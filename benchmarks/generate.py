"""Make up published resources until the catalogue has as many as asked: python -m benchmarks.generate 10000

The real fixtures come first. The rest is random but always the same: words drawn as in real text (a few everywhere, most
of them rare), publishers likewise. History is skipped. Writes into the database of DATABASE_URL.
"""

import argparse
import itertools
import os
import random
import sys
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "impact_portal.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from django.utils.text import slugify  # noqa: E402
from tqdm import tqdm  # noqa: E402

from resources.models import Category, Component, Provider, Resource  # noqa: E402

SEED = 2026
BATCH = 2000
VOCABULARY = 30_000
REAL_WORDS = """
    improvement quality patient care safety team flow leadership culture measurement change data learning staff service hospital
    community primary coaching improve waiting theatre discharge emergency outpatient pathway variation run chart driver diagram
    cycle test huddle standard waste lean value vision purpose people capability system process experience equality coproduction
"""
BEGINNINGS = "b br c cl d dr f fl g gr h j k l m n p pl qu r s sh st t tr v w z"
VOWELS = "a e i o u ai ea ou"
ENDS = ["", "", "n", "r", "s", "l", "nd", "st"]
FIRST_DAY = date(2012, 1, 1)
TODAY = date(2026, 11, 24)


def made_up_words(rng, number):
    """Distinct words that can be pronounced."""
    beginnings, vowels = BEGINNINGS.split(), VOWELS.split()
    words = {}
    while len(words) < number:
        word = "".join(rng.choice(beginnings) + rng.choice(vowels) for _ in range(rng.choice((2, 2, 3, 3, 4)))) + rng.choice(ENDS)
        words[word] = None
    return list(words)


class Zipf:
    """Draws from things of which the second is half as common as the first, the third a third, and so on."""

    def __init__(self, rng, things):
        self.rng, self.things = rng, things
        self.weights = list(itertools.accumulate(1 / rank for rank in range(1, len(things) + 1)))

    def draw(self, number=1):
        return self.rng.choices(self.things, cum_weights=self.weights, k=number)


class Author:
    """Makes up resources, one after another."""

    def __init__(self, seed=SEED):
        self.rng = random.Random(seed)
        real = REAL_WORDS.split()
        invented = made_up_words(self.rng, VOCABULARY - len(real))
        everyday = [word for pair in zip(real, invented, strict=False) for word in pair]
        self.words = Zipf(self.rng, everyday + invented[len(real) :])
        self.audiences = [self.phrase(2, 3) for _ in range(30)]
        self.categories = list(Category.objects.all())
        self.components = list(Component.objects.all())

    def phrase(self, fewest, most):
        return " ".join(self.words.draw(self.rng.randint(fewest, most))).capitalize()

    def known(self, share, value):
        """The value in some of the cases; in the others nobody stated it."""
        return value if self.rng.random() < share else ""

    def day(self):
        return FIRST_DAY + timedelta(days=self.rng.randrange((TODAY - FIRST_DAY).days))

    def resource(self, number):
        rng, title = self.rng, self.phrase(4, 9)
        starts_on = TODAY + timedelta(days=rng.randint(-300, 60)) if rng.random() < 0.05 else None
        return Resource(
            title=title,
            slug=f"{slugify(title)[:80]}-{number}",
            category=rng.choice(self.categories),
            url=f"https://{rng.choice(self.words.things)}.example/{number}",
            summary=f"{self.phrase(10, 20)}. {self.phrase(5, 20)}.",
            audience=self.known(0.4, rng.choice(self.audiences)),
            format=self.known(0.7, rng.choice(Resource.Format.values)),
            minutes=self.known(0.5, rng.choice((5, 15, 30, 45, 60, 120, 240, 480))) or None,
            cost=self.known(0.6, rng.choice(("free", "free", "free", "paid"))),
            sign_in=self.known(0.5, rng.choice(Resource.SignIn.values)),
            source_published_on=self.known(0.6, self.day()) or None,
            starts_on=starts_on,
            ends_on=starts_on,
            featured=rng.random() < 0.02,
            published_at=datetime(2026, 11, 1, tzinfo=UTC),
        )

    @cached_property
    def publishers(self):
        return Zipf(self.rng, list(Provider.objects.order_by("pk")))

    def make_providers(self, number):
        names = {self.phrase(2, 4): None for _ in range(number)}
        Provider.objects.bulk_create([Provider(name=name, slug=f"{slugify(name)[:80]}-made-up") for name in names], ignore_conflicts=True)


def relate(author, resources):
    """Give each resource one or two publishers and one to three components."""
    providers, components = Resource.providers.through, Resource.components.through
    chosen = [(r.pk, p.pk) for r in resources for p in set(author.publishers.draw(author.rng.choice((1, 1, 1, 2))))]
    providers.objects.bulk_create([providers(resource_id=r, provider_id=p) for r, p in chosen])
    chosen = [(r.pk, c.pk) for r in resources for c in author.rng.sample(author.components, author.rng.choice((1, 1, 2, 3)))]
    components.objects.bulk_create([components(resource_id=r, component_id=c) for r, c in chosen])


def generate(total):
    """Migrate, load the fixtures, and make up the rest of `total` published resources."""
    call_command("prepare", static=True)
    missing = total - Resource.objects.published().count()
    if missing <= 0:
        return
    author = Author()
    author.make_providers(min(max(total // 100, 60), 200))
    with tqdm(total=missing, unit=" resources", disable=None) as bar:
        for start in range(0, missing, BATCH):
            with transaction.atomic():
                made = Resource.objects.bulk_create([author.resource(n) for n in range(start, min(start + BATCH, missing))])
                relate(author, made)
            bar.update(len(made))


def is_the_portals_own():
    """Is this the database that `make run` uses?"""
    database = settings.DATABASES["default"]
    return database["ENGINE"].endswith("sqlite3") and Path(database["NAME"]).resolve() == (settings.VAR / "portal.sqlite3").resolve()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("total", type=int, help="published resources there shall be, the real ones among them")
    parser.add_argument("--into-the-portal", action="store_true", help="even where that is the portal's own database")
    options = parser.parse_args()
    if is_the_portals_own() and not options.into_the_portal:
        sys.exit("This would fill the portal's own database with nonsense: set DATABASE_URL to another, such as sqlite:////tmp/many.sqlite3")
    generate(options.total)


if __name__ == "__main__":
    main()
