"""Two processes serve one database: whatever one changes, the other shows within two seconds, however it was changed."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from django.db import connection

from tests.committed import let_go, own_database

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parent.parent
SOON = 2.0  # seconds: the promise
ADDED = "from resources.models import *; from django.utils import timezone; "


def environment(url):
    return {**os.environ, "DATABASE_URL": url, "BASE_URL": "http://127.0.0.1:8000", "DEBUG": "0", "DJANGO_SETTINGS_MODULE": "impact_portal.settings"}


@pytest.fixture(scope="module")
def database(tmp_path_factory, django_db_setup, django_db_blocker):
    """The address of a database of its own: the tests', copied."""
    with django_db_blocker.unblock(), own_database(tmp_path_factory.mktemp("second")):
        details = connection.settings_dict
        let_go()
        if connection.vendor == "sqlite":
            yield f"sqlite:///{details['NAME']}"
        else:
            yield f"postgres://{details['USER']}:{details['PASSWORD']}@{details['HOST']}:{details['PORT']}/{details['NAME']}"


@pytest.fixture
def _django_db_helper(database):
    """No transaction: other processes ask this database."""


class Served:
    """A portal served by granian in a process of its own."""

    def __init__(self, url, port):
        environment = {**os.environ, "DATABASE_URL": url, "BASE_URL": f"http://127.0.0.1:{port}", "DEBUG": "0", "CATALOGUE_POLL_SECONDS": "0.5"}
        command = [
            Path(sys.executable).parent / "granian",
            "--interface",
            "wsgi",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "--no-ws",
            "--log-level",
            "error",
        ]
        self.address = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen([*command, "impact_portal.wsgi:application"], cwd=ROOT, env=environment)
        self.wait_until(lambda: self.get("/health"), 30)

    def get(self, path):
        try:
            with urllib.request.urlopen(self.address + path, timeout=10) as answer:
                return answer.read().decode()
        except (urllib.error.URLError, ConnectionError):
            return ""

    def total(self, query):
        return json.loads(self.get(f"/api/v1/resources?{query}"))["count"]

    def wait_until(self, true, seconds=SOON):
        started = time.monotonic()
        while not true():
            assert time.monotonic() - started < seconds, f"not after {seconds} seconds"
            time.sleep(0.05)

    def stop(self):
        self.process.terminate()
        self.process.wait()


@pytest.fixture(scope="module")
def served(database):
    portal = Served(database, 8731 if connection.vendor == "sqlite" else 8732)
    yield portal
    portal.stop()


LISTENER = """
import json, sys, traceback
import django
django.setup()
for line in sys.stdin:
    try:
        exec(json.loads(line))
        print(json.dumps(""), flush=True)
    except Exception:
        print(json.dumps(traceback.format_exc()), flush=True)
"""


@pytest.fixture(scope="module")
def change(database):
    """Run a line in another process, on the same database."""
    other = subprocess.Popen([sys.executable, "-c", LISTENER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment(database))

    def run(code):
        print(json.dumps(ADDED + code), file=other.stdin, flush=True)
        went_wrong = json.loads(other.stdout.readline())
        assert not went_wrong, went_wrong

    yield run
    other.stdin.close()
    other.wait()


SAVE = "r = Resource.objects.get(slug='team-huddles'); r.summary = 'Now about alphazulu.'; r.save()"
MADE = (
    "r = Resource.objects.create(title='Bravoyankee', slug='q2', url='https://example.org/', summary='s', category=Category.objects.first(), "
    "published_at=timezone.now()); r.providers.add(Provider.objects.first()); r.components.add(Component.objects.first())"
)
DESK = (
    "from django.contrib.auth import get_user_model; from django.test import Client; from tests.people import give_app; "
    "u = get_user_model().objects.filter(is_superuser=True).first() or give_app(get_user_model().objects.create_superuser('c@example.org', 'a long enough one')); "
    "c = Client(headers={'host': '127.0.0.1'}); c.force_login(u); "
)
WAYS = {
    "a save in the admin": (DESK + "assert c.post('/admin/resources/synonym/add/', {'term': 'quagmire', 'means': 'huddle'}).status_code == 302", "q=quagmire"),
    "a save": (SAVE, "q=alphazulu"),
    "a new row": (MADE, "q=bravoyankee"),
    "a queryset's update": ("Resource.objects.filter(slug='team-huddles').update(title='Foxtrot Sierra')", "q=foxtrot"),
    "bulk_update": ("r = Resource.objects.get(slug='team-huddles'); r.title = 'Kilimanjaro'; Resource.objects.bulk_update([r], ['title'])", "q=kilimanjaro"),
    "a relation alone": ("Resource.objects.get(slug='programmes').providers.add(Provider.objects.get(name='Aqua'))", "q=programmes&provider=aqua"),
    "a renamed provider": ("Provider.objects.filter(name='Aqua').update(name='Marmalade House')", "q=marmalade"),
    "a new synonym": ("Synonym.objects.create(term='xylophone', means='huddle')", "q=xylophone"),
    "raw SQL": (
        "from django.db import connection; c = connection.cursor(); c.execute(\"UPDATE resources_resource SET title = 'Juggernaut' WHERE slug = 'team-huddles'\")",
        "q=juggernaut",
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_change_made_elsewhere_shows_within_two_seconds(way, served, change):
    code, query = WAYS[way]
    assert served.total(query) == 0
    change(code)
    served.wait_until(lambda: served.total(query) > 0)


def test_loaddata_shows_within_two_seconds(served, change, tmp_path):
    file = str(tmp_path / "rows.json")
    change(f"from django.core.management import call_command; call_command('dumpdata', 'resources.resource', output={file!r})")
    row = next(row for row in json.loads(Path(file).read_text()) if row["fields"]["slug"] == "training-and-events")
    row["fields"]["title"] = "Wintergreen"
    Path(file).write_text(json.dumps([row]))
    change(f"from django.core.management import call_command; call_command('loaddata', {file!r}, verbosity=0)")
    served.wait_until(lambda: served.total("q=wintergreen") > 0)


def test_a_deleted_row_is_gone_within_two_seconds(served, change):
    assert '"count": 1' in served.get("/resources.json?q=%22open+school%22").replace(":1", ": 1").replace(":  1", ": 1")
    change("Resource.objects.filter(title='Open School').delete()")
    served.wait_until(lambda: not served.get("/resources/open-school/"))


def test_a_bulk_action_of_the_admin_shows_within_two_seconds(served, change):
    assert served.get("/resources/driver-diagram/")
    pk = "Resource.objects.get(slug='driver-diagram').pk"
    change(DESK + f"c.post('/admin/resources/resource/', {{'action': 'delete_selected', '_selected_action': [{pk}], 'post': 'yes'}})")
    served.wait_until(lambda: not served.get("/resources/driver-diagram/"))


def test_a_scheduled_resource_comes_due_in_every_process(served, change):
    change("from datetime import timedelta; Resource.objects.filter(slug='programmes').update(published_at=timezone.now() + timedelta(seconds=3))")
    served.wait_until(lambda: not served.get("/resources/programmes/"))
    served.wait_until(lambda: served.get("/resources/programmes/"), 3 + SOON)


def test_a_reader_never_meets_an_error_while_the_catalogue_changes(served, change):
    busy = subprocess.Popen(
        [sys.executable, "-c", f"import urllib.request\nfor i in range(300): urllib.request.urlopen('{served.address}/resources/?q=culture').read()"],
        stderr=subprocess.PIPE,
    )
    for number in range(4):
        time.sleep(0.5)  # as often as a process looks
        change(f"Resource.objects.filter(slug='bitesize-learning').update(summary='Round {number}')")
    assert busy.wait(60) == 0, busy.stderr.read().decode()


def test_eight_servers_killed_while_people_rate_lose_no_acknowledged_answer(database):
    """A thousand: python -m benchmarks.killed --servers 1000"""
    command = [sys.executable, "-m", "benchmarks.killed", "--servers", "8", "--here"]
    said = subprocess.run(command, cwd=ROOT, env={**os.environ, "DATABASE_URL": database}, capture_output=True, text=True)
    assert said.returncode == 0, said.stdout + said.stderr
    acknowledged = int(said.stdout.split("killed, ")[1].split(" ")[0].replace(",", ""))
    assert acknowledged >= 8
