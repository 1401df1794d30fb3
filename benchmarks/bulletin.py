"""The bulletin under a load, on fresh databases of both kinds:

    python -m benchmarks.bulletin killed     1,000 subscribers, the sender killed 20 times, the mail server dropping one in ten
    python -m benchmarks.bulletin cost       CPU and memory of sending to 1,000 and to 10,000
    python -m benchmarks.bulletin asked      10,000 sign-ups from 50 sockets to a real server: are the caps held?

Each ends with an error where a promise is broken. --database sqlite or postgresql for one kind, --number for another number.
"""

import argparse
import http.client
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import urlencode

from benchmarks.races import database
from benchmarks.server import running
from tests.postgres import Unavailable

SECRET = "k" * 32  # a form's token and its cookie: the same text twice
USUAL = {"killed": 1000, "cost": 10_000, "asked": 10_000}
SOCKETS = 50


def prepare():
    """An empty portal with the catalogue, on the database of DATABASE_URL."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "impact_portal.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from impact_portal.management.commands.prepare import load_everything

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    load_everything()


def killed(number):
    """Everybody is accepted once, or listed as uncertain."""
    prepare()
    from django.conf import settings

    from tests.bulletin import SMTP, DroppingServer, assert_once_or_uncertain, make_issue, make_subscribers, send_while_killed

    make_subscribers(number)
    issue = make_issue()
    started = time.monotonic()
    with DroppingServer(one_in=10) as server:
        settings.EMAIL_BACKEND, (settings.EMAIL_HOST, settings.EMAIL_PORT) = SMTP, server.address
        kills = send_while_killed(issue, server, kills=20)
        counts = assert_once_or_uncertain(issue, server)
        print(
            f"{number:,} subscribers, sender killed {kills} times, mail server hung up {server.dropped} times, {time.monotonic() - started:.0f} s: "
            f"{counts['accepted']:,} accepted once, {counts['uncertain']} uncertain, nobody twice, nobody forgotten"
        )
        assert counts["accepted"] + counts["uncertain"] == number


@contextmanager
def mail_server_elsewhere():
    """A mail server in a process of its own, so that its work is not counted: its address."""
    from tests.smtp import MailServer

    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        server = MailServer()
        server.messages = Forgetful()
        os.write(writer, f"{server.address[1]}\n".encode())
        server.serve_forever()
    try:
        yield ("127.0.0.1", int(os.read(reader, 20)))
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


class Forgetful(list):
    def append(self, message):
        pass


def cost(number):
    """CPU a recipient, and how memory grows from a tenth of them to all."""
    with mail_server_elsewhere() as address:
        prepare()
        from django.conf import settings

        from bulletin.models import Issue, Subscriber
        from tests.bulletin import SMTP, make_issue, make_subscribers, send

        settings.EMAIL_BACKEND, (settings.EMAIL_HOST, settings.EMAIL_PORT) = SMTP, address
        peaks, topics = {}, [{}, {"component": ["1"]}, {"component": ["2", "3"]}, {"category": ["free-tools-and-guides"]}]
        for size in (number // 10, number):
            Subscriber.objects.all().delete()
            Issue.objects.all().delete()
            make_subscribers(size)
            for place, chosen in enumerate(topics):
                Subscriber.objects.filter(pk__in=list(Subscriber.objects.order_by("pk").values_list("pk", flat=True)[place :: len(topics)])).update(
                    topics=chosen
                )
            issue = make_issue(subject=f"To {size}")
            issue.fill()
            before, started = time.process_time(), time.monotonic()
            send(issue)
            cpu, wall = time.process_time() - before, time.monotonic() - started
            peaks[size] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            counts = issue.deliveries.counts()
            print(f"{size:,} recipients of {issue.items.count()} resources: {cpu / size * 1000:.2f} ms CPU each, {wall:.0f} s, peak {peaks[size]} MB, {counts}")
            assert cpu / size < 0.005
    assert peaks[number] - peaks[number // 10] < 30, "memory grows with the number of recipients"


def asked(number):
    """Each mailbox once a day, each client five times an hour, 200 in all an hour; whoever is refused is told so."""
    prepare()
    from django.core.management import call_command
    from django.db import connections
    from django.db.models import Count, F

    from bulletin.models import SignUp

    call_command("build_static")
    with running({**os.environ, "TRUSTED_PROXY_COUNT": "1"}) as (_, line):
        port, statuses = line.port, Counter()
        rounds, started = 4, time.monotonic()
        for turn in range(rounds):  # an hour passes between them
            knock(port, number // rounds, turn, statuses)
            mailing = SignUp.objects.filter(state__in=["waiting", "sending", "accepted", "refused"])
            newest = SignUp.objects.order_by("-at").first().at - timedelta(minutes=59)
            hour = SignUp.objects.filter(at__gt=newest)
            assert hour.count() <= 200, hour.count()
            assert max(hour.values_list("client_hash").annotate(n=Count("pk")).values_list("n", flat=True)) <= 5
            assert max(mailing.values_list("address_hash").annotate(n=Count("pk")).values_list("n", flat=True)) == 1
            SignUp.objects.update(at=F("at") - timedelta(minutes=61))
        took = time.monotonic() - started
    assert set(statuses) <= {302, 429}, statuses
    print(
        f"{sum(statuses.values()):,} sign-ups from {SOCKETS} sockets in {rounds} hours of {took / rounds:.0f} s: {statuses[302]} taken, {statuses[429]:,} "
        f"told to come back later; {mailing.count()} mails, none to a mailbox twice"
    )
    connections.close_all()


def knock(port, number, turn, statuses):
    """Send so many forms from all sockets at once."""
    chance, waiting, lock = random.Random(turn), iter(range(number)), threading.Lock()
    jobs = [
        (f"victim{chance.choice(['', '+a', '+b', '+c'])}-{chance.randrange(400)}@example.org", f"10.0.{chance.randrange(20)}.{chance.randrange(20)}")
        for _ in range(number)
    ]

    def post():
        wire = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        while True:
            with lock:
                place = next(waiting, None)
            if place is None:
                return
            address, client = jobs[place]
            fields = {"email": address, "frequency": "weekly", "once": f"{turn:02}{place:020}", "csrfmiddlewaretoken": SECRET}
            headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": f"__Host-csrftoken={SECRET}", "X-Forwarded-For": client}
            wire.request("POST", "/bulletin/subscribe/", urlencode(fields), headers)
            answer = wire.getresponse()
            answer.read()
            with lock:
                statuses[answer.status] += 1

    threads = [threading.Thread(target=post) for _ in range(SOCKETS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=USUAL)
    parser.add_argument("--number", type=int)
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    number = options.number or USUAL[options.what]
    if options.here:
        {"killed": killed, "cost": cost, "asked": asked}[options.what](number)
        return
    for kind in ("sqlite", "postgresql") if options.database == "both" else (options.database,):
        print(f"{kind}: ", end="", flush=True)
        try:
            with database(kind) as url:
                environment = {**os.environ, "DATABASE_URL": url, "BASE_URL": "http://127.0.0.1:8000", "DEBUG": "0", "EMAIL_URL": ""}
                subprocess.run([sys.executable, "-m", "benchmarks.bulletin", options.what, "--here", "--number", str(number)], env=environment, check=True)
        except Unavailable as reason:
            sys.exit(f"No PostgreSQL to measure on: {reason}")


if __name__ == "__main__":
    main()
