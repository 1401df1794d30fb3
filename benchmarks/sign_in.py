"""Does the clock tell whether an address is known here? python -m benchmarks.sign_in

Sends each form by turns for a known and an unknown address (and for an organisation with and without a lead), inside this
process, with the portal's own password hasher, in a temporary SQLite database. Prints a table in Markdown.
"""

import argparse
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOST = "portal.example"  # not this machine's name, so that no demonstration is made and var/demo-accounts.csv stays as it is
PASSWORD = "three unrelated words"


def environment(folder):
    """A deployed portal with a database of its own, whatever .env says."""
    return {
        "DJANGO_SETTINGS_MODULE": "impact_portal.settings",
        "DATABASE_URL": f"sqlite:///{folder}/portal.sqlite3",
        "BASE_URL": f"https://{HOST}",
        "ALLOWED_HOSTS": HOST,
        "SECRET_KEY": secrets.token_urlsafe(50),
        "SUPPRESSION_KEY": secrets.token_urlsafe(50),
        "DEBUG": "0",
        "EMAIL_URL": "",
    }


def set_up(folder):
    """Prepare the database, then Django in this process. Mail is drawn, and written into the folder."""
    os.environ.update(environment(folder))
    subprocess.run([sys.executable, "manage.py", "prepare"], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    import django

    django.setup()
    from django.conf import settings

    settings.MAIL_FOLDER = Path(folder) / "mail"
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}  # files need not be built for this


class Visitors:
    """The people and organisations that the forms are about."""

    def __init__(self):
        from accounts.models import Organisation

        self.known = self.person("known@example.org")
        self.asking = self.person("asking@example.org")
        self.administrator = self.person("administrator@example.org", is_staff=True, is_superuser=True)
        self.lead = self.person("lead@example.org", with_app=True)
        trusts = Organisation.objects.open().filter(kind="RO197")[:2]
        self.led, self.unled = trusts
        self.led.memberships.create(user=self.lead, role="lead")
        self.number = 0

    def person(self, email, with_app=False, **fields):
        from allauth.account.models import EmailAddress
        from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

        from accounts.models import User

        person = User.objects.create_user(email, PASSWORD, name="Ann Ash", **fields)
        EmailAddress.objects.create(user=person, email=email, primary=True, verified=True)
        if with_app:
            TOTP.activate(person, generate_totp_secret())
        return person

    def new_address(self):
        self.number += 1
        return f"nobody{self.number}@example.org"

    def forms(self):
        """Each form by its name: who sends it, and its address and fields where something is known and where it is not."""
        known, new = self.known.email, self.new_address()
        sign_in, reset, sign_up = "/accounts/login/", "/accounts/password/reset/", "/accounts/signup/"
        invite = f"{self.led.get_absolute_url()}people/invite/"
        return {
            "sign in": (None, *((sign_in, {"login": email, "password": "not the password"}) for email in (known, new))),
            "reset the password": (None, *((reset, {"email": email}) for email in (known, new))),
            "make an account": (None, *((sign_up, {"name": "Ann Ash", "email": email, "password1": PASSWORD}) for email in (known, new))),
            "reset, both unknown": (None, *((reset, {"email": email}) for email in (new, self.new_address()))),
            "invite (a lead)": (self.lead, *((invite, {"email": email, "role": "viewer"}) for email in (known, new))),
            "ask to join (led, not led)": (self.asking, *((f"/join/{trust.code}/", {"note": ""}) for trust in (self.led, self.unled))),
        }

    def tidy(self):
        """Forget attempts, invitations and requests, so that the next form meets the same portal."""
        from django.core.cache import cache

        from accounts.models import Invitation, JoinRequest

        cache.clear()
        Invitation.objects.all().delete()
        JoinRequest.objects.all().delete()


def send(person, path, fields):
    """Milliseconds that one form takes, and its answer."""
    from django.test import Client

    client = Client(SERVER_NAME=HOST, headers={"user-agent": "benchmark"})
    if person:
        client.force_login(person)
    start = time.perf_counter()
    response = client.post(path, fields, secure=True)
    return (time.perf_counter() - start) * 1000, response


def measure(rounds):
    """Of each form: the milliseconds for the known and for the unknown. The first round warms up and does not count."""
    visitors, taken = Visitors(), {}
    for number in range(rounds + 1):
        for name, (person, *both) in visitors.forms().items():
            spent, answers = {}, {}
            for side in (0, 1) if number % 2 else (1, 0):
                visitors.tidy()
                spent[side], response = send(person, *both[side])
                answers[side] = response.status_code
            if answers[0] != answers[1] or answers[0] not in (200, 302):
                raise RuntimeError(f"{name} answers {answers[0]} and {answers[1]}")
            if number:
                taken.setdefault(name, []).append((spent[0], spent[1]))
    return taken


def row(name, pairs):
    known, unknown = zip(*pairs, strict=True)
    medians = [statistics.median(side) for side in (known, unknown)]
    highest = [statistics.quantiles(side, n=20)[18] for side in (known, unknown)]
    ratio = statistics.median(one / other for one, other in pairs)  # of those that ran side by side: neighbours disturb both
    cells = (name, *(f"{value:.1f}" for value in (medians[0], highest[0], medians[1], highest[1])), f"{ratio:.3f}")
    return f"| {' | '.join(cells)} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        set_up(folder)
        taken = measure(options.rounds)
        heads = ("form", "known: median ms", "p95", "unknown: median ms", "p95", "known / unknown")
        print(f"| {' | '.join(heads)} |\n|{' --- |' * len(heads)}")
        for name, pairs in taken.items():
            print(row(name, pairs))


if __name__ == "__main__":
    main()
