"""Subscribers, issues and mail servers for tests of the bulletin; and senders that are killed."""

import os
import random
import signal
import time
from contextlib import suppress
from datetime import timedelta

from django.db import connection, connections
from django.utils import timezone

from accounts.tokens import new_token
from bulletin.addresses import hash_of
from bulletin.models import Issue, Subscriber
from bulletin.tasks import send_issue
from resources.models import Resource
from tests.smtp import Conversation, MailServer

SMTP = "django.core.mail.backends.smtp.EmailBackend"


def make_subscriber(email="ann@example.org", frequency="weekly", topics=None, **fields):
    """Somebody who has confirmed."""
    return Subscriber.objects.create(email=email, address_hash=hash_of(email), frequency=frequency, topics=topics or {}, **fields)


def make_subscribers(number):
    rows = [Subscriber(email=f"reader-{n}@example.org", address_hash=hash_of(f"reader-{n}@example.org"), frequency="weekly") for n in range(number)]
    return Subscriber.objects.bulk_create(rows)


def make_issue(*slugs, subject="What is new", **fields):
    """A draft that holds these resources, or two."""
    issue = Issue.objects.create(subject=subject, **fields)
    for place, slug in enumerate(slugs or ("team-huddles", "driver-diagram"), 1):
        item = issue.items.model(issue=issue, resource=Resource.objects.get(slug=slug), position=place)
        item.take()
        item.save()
    return issue


def send(issue):
    issue.start()
    send_issue.func(issue.pk)
    issue.refresh_from_db()


def ask(client, email="ann@example.org", **more):
    """Send the form of the page."""
    return client.post("/bulletin/subscribe/", {"email": email, "frequency": "weekly", "once": new_token(), **more})


class DroppingServer(MailServer):
    """Hangs up in the middle of one conversation in so many: before a message, or after it, with or without keeping it."""

    def __init__(self, one_in, seed=9):
        super().__init__()
        self.RequestHandlerClass, self.one_in, self.random, self.dropped = Dropping, one_in, random.Random(seed), 0


class Dropping(Conversation):
    def handle(self):
        with suppress(ConnectionError):
            super().handle()

    def drops(self):
        if self.server.random.random() < 1 / self.server.one_in:
            self.server.dropped += 1
            return True
        return False

    def on_rcpt(self, line):
        if self.drops():
            raise ConnectionAbortedError
        super().on_rcpt(line)

    def on_data(self, line):
        self.silent = self.server.random.random() < 1 / self.server.one_in / 2
        super().on_data(line)

    def say(self, code, text):
        if getattr(self, "silent", False) and (code, text) == (250, "kept"):  # the message is in, and nobody hears of it
            self.silent = False
            self.server.dropped += 1
            raise ConnectionAbortedError
        super().say(code, text)


def start_sender(issue_id):
    """A process of its own, made from this one, that sends. Its number."""
    connections.close_all()
    if connection.vendor == "postgresql":
        connection.close_pool()
    child = os.fork()
    if child:
        return child
    try:
        send_issue.func(issue_id)
    finally:
        os._exit(0)


def send_while_killed(issue, server, kills, seed=3):
    """Start senders and kill each at a random moment, so many times; then let one end. Returns how many were killed at work."""
    chance, killed = random.Random(seed), 0
    issue.start()
    while killed < kills:
        before = len(server.messages)
        child = start_sender(issue.pk)
        wanted, give_up = before + chance.randint(1, max(issue.deliveries.count() // kills // 2, 2)), time.monotonic() + 20
        while len(server.messages) < wanted and time.monotonic() < give_up and os.waitpid(child, os.WNOHANG) == (0, 0):
            time.sleep(chance.random() / 500)
        with suppress(ProcessLookupError, ChildProcessError):
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        killed += 1
    for _ in range(5):  # what the server was too rude for waits a quarter of an hour
        issue.deliveries.update(retry_at=None)
        send_issue.func(issue.pk)
    issue.deliveries.filter(state="sending").update(claimed_at=timezone.now() - timedelta(hours=1))
    issue.refresh_from_db()
    return killed


def assert_once_or_uncertain(issue, server):
    """Everybody was accepted once, or is listed as uncertain. Returns the counts."""
    had = {}
    for message in server.messages:
        for address in message.to:
            had[address] = had.get(address, 0) + 1
    states = dict(issue.deliveries.values_list("subscriber__email", "state"))
    assert all(number == 1 for number in had.values()), {a: n for a, n in had.items() if n > 1}
    for address, state in states.items():
        if state == "accepted":
            assert had.get(address) == 1, address
        else:
            assert state in ("uncertain", "sending"), (address, state)
    return issue.deliveries.counts()
