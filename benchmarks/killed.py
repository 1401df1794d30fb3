"""Servers killed while people rate: is every answer that was acknowledged still there?  python -m benchmarks.killed --servers 1000

Each server is a process of its own, forked from one that has loaded the portal, and serves the real pages over HTTP. Eight raters
save as fast as they can; the server is killed (SIGKILL) at a random moment; then the database is asked. It works on a database of
its own, or on the one of DATABASE_URL with --here, to which it adds an organisation.
"""

import argparse
import http.client
import io
import os
import random
import signal
import socket
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from socketserver import ThreadingMixIn
from urllib.parse import urlencode
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

RATERS = 8
SECRET = "k" * 32  # a form's token and its cookie: the same text twice


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # the raters' connections break when they like


class Rater(threading.Thread):
    """Somebody who saves one answer after another. `acknowledged` is what the portal has said it saved, `sent` what was under way last."""

    def __init__(self, token, questions, port):
        super().__init__(daemon=True)
        self.path, self.questions, self.port = f"/rate/{token}/1/", questions, port
        self.acknowledged, self.sent, self.saves, self.refused = {}, {}, 0, ""

    def run(self):
        with suppress(OSError, http.client.HTTPException):  # the server was killed
            self.save_on_and_on()

    def save_on_and_on(self):
        while True:
            question, text = random.choice(self.questions), f"{time.monotonic_ns()}"
            self.sent[question] = text
            fields = {f"choice-{question}": "3", f"comment-{question}": text, f"version-{question}": "0-", "csrfmiddlewaretoken": SECRET}
            wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
            headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": f"__Host-csrftoken={SECRET}", "Accept": "application/json"}
            wire.request("POST", self.path, urlencode(fields), headers)
            answer = wire.getresponse()
            answer.read()
            wire.close()
            if answer.status not in (200, 302):
                self.refused = f"status {answer.status}"
                return
            self.acknowledged[question] = text
            self.saves += 1


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--servers", type=int, default=100)
    options.add_argument("--here", action="store_true", help="on the database of DATABASE_URL")
    options = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="portal-killed-") as folder:
        if not options.here:
            os.environ["DATABASE_URL"] = f"sqlite:///{Path(folder) / 'portal.sqlite3'}"
        saves, lost = run(options.servers)
    print(f"{options.servers} servers killed, {saves:,} answers acknowledged, {len(lost)} of them lost")
    for line in lost[:20]:
        print(line)
    return 1 if lost else 0


def run(servers):
    """How many answers were acknowledged in all, and those that were not there after the server's death, a line each."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "impact_portal.settings")
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()  # the portal, loaded once
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        people, questions = prepare()
        saves, lost = 0, []
        for _ in range(servers):
            raters = [Rater(token, questions, listening.getsockname()[1]) for token in people.values()]
            one_life(application, listening, raters)
            if not any(rater.saves for rater in raters):
                raise SystemExit(f"The server saved nothing: {next((rater.refused for rater in raters if rater.refused), 'it did not answer')}")
            saves += sum(rater.saves for rater in raters)
            lost += missing(people, raters)
    return saves, lost


def prepare():
    """A round of a small framework: its raters' keys and links, and the first component's questions."""
    from django.core.management import call_command
    from django.test import Client

    from tests.rounds import add_rater, make_framework, make_lead, start_round

    call_command("prepare", stdout=io.StringIO())
    lead = make_lead("KL1", "Killed Trust", f"lead-{time.time_ns()}@example.org")
    assessment = start_round(lead, make_framework(f"killed-{time.time_ns()}"), days=30)
    raters = [add_rater(assessment, number) for number in range(RATERS)]
    people = {rater.pk: rater.renew_link() for rater in raters}
    Client(headers={"host": "127.0.0.1"}).post(f"/rate/{next(iter(people.values()))}/1/")  # so that no server begins by reading code
    let_go()
    return people, ["1.1", "1.2"]


def one_life(application, listening, raters):
    """A server's life: it serves, people save, it is killed."""
    child = os.fork()
    if not child:
        serve(application, listening)
    for rater in raters:
        rater.start()
    while not any(rater.saves for rater in raters) and any(rater.is_alive() for rater in raters):
        time.sleep(0.002)
    time.sleep(random.uniform(0, 0.08))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while any(rater.is_alive() for rater in raters):
        drain(listening)
        time.sleep(0.002)


def serve(application, listening):
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    server = Server(listening.getsockname(), Quiet, bind_and_activate=False)
    server.socket = listening
    server.server_name, server.server_port = "127.0.0.1", listening.getsockname()[1]
    server.setup_environ()
    server.set_app(application)
    server.serve_forever(poll_interval=0.01)
    os._exit(0)


def drain(listening):
    """Hang up on those who wait to be let in: nobody serves them any more."""
    listening.setblocking(False)
    try:
        while True:
            listening.accept()[0].close()
    except BlockingIOError:
        listening.setblocking(True)


def missing(people, raters):
    """Acknowledged answers that are not in the database: neither they, nor the one that was under way when the server died."""
    from assessments.models import Rating

    rows = Rating.objects.filter(rater__in=people).values_list("rater", "question__number", "comment")
    here = {(rater, number): comment for rater, number, comment in rows}
    let_go()
    lost = []
    for key, rater in zip(people, raters, strict=True):
        for question, text in rater.acknowledged.items():
            if here.get((key, question)) not in (text, rater.sent[question]):
                lost.append(f"rater {key}, question {question}: acknowledged {text}, found {here.get((key, question))}")
    return lost


def let_go():
    """Close our connections: a forked process must not share them."""
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.close()
        if connection.vendor == "postgresql":
            connection.close_pool()


if __name__ == "__main__":
    sys.exit(main())
