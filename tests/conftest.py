"""What holds for every test: how the portal is set up, browser tests last, nothing skipped unseen, no way out to the network.

Which tests run on PostgreSQL too: those whose outcome a database may change. So what a constraint, a trigger, a lock or a transaction does;
what happens at once; migrations, seeds, imports and deletions; how rows are compared, sorted and counted; what odd text and numbers from outside
do in a query or a row; and the access table, which asks for every page as every kind of person. What a page says, what a form refuses in words
and what becomes a file or a mail is the same on both: such a module is marked `one_database`, and its tests that are of the first kind
`both_databases`.
"""

import ipaddress
import os
import re
import socket
from html import unescape
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import override_settings

from tests.browser import chromium_or_reason

BROWSER_TESTS = Path(__file__).parent / "browser"


def pytest_configure(config):
    config.addinivalue_line("markers", "one_database: the database has no say in it, so it runs on SQLite alone; see tests/conftest.py")
    config.addinivalue_line("markers", "both_databases: it has, in a module of which the rest is one_database")
    config.addinivalue_line("markers", "browser: drives the machine's own Chromium; given to everything in tests/browser")


# The portal under test ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session", autouse=True)
def settings_for_tests():
    """Static files straight from their folders, so nothing is collected first; the catalogue looked at on each request, by no thread.

    Passwords are hashed fast: what a hash costs is not what tests are about, and how many are made they can still count.
    WhiteNoise looks for a file when it is asked for: else each test client, which makes all middleware anew, has it read every folder.
    """
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    fast = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain}, WHITENOISE_AUTOREFRESH=True, CATALOGUE_POLL_SECONDS=0, PASSWORD_HASHERS=fast):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory):
    """SQLite in a file, as in production: in memory, all threads would share one connection and lock one another out."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Every test starts from the real catalogue, as a fresh portal does."""
    from impact_portal.management.commands.prepare import load_everything

    assert "test" in Path(connection.settings_dict["NAME"]).name, "these tests were about to write into a database that is not theirs"
    with django_db_blocker.unblock():
        load_everything()


@pytest.fixture(scope="session", autouse=True)
def workers_keep_the_connection():
    """A worker of this process works within the test's transaction, so it lets go of no connection; Django's test client does the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django_tasks_db.management.commands.db_worker.close_old_connections", lambda: None)
        yield


@pytest.fixture(scope="module")
def shared_world(django_db_setup, django_db_blocker):
    """tests/world.py, made once for a module, in a transaction around those of its tests."""
    from tests.world import make_world

    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


@pytest.fixture
def world(shared_world):
    """Ours, theirs, a closed one, and nine kinds of person, each in a browser of their own: as if made for this test alone."""
    from tests.world import for_one_test

    return for_one_test(shared_world)


@pytest.fixture(autouse=True)
def no_questionnaire_of_another_test():
    """A published framework is read once a process; tests make others under the same key."""
    from assessments.questionnaire import forget_all

    forget_all()


@pytest.fixture
def lead(db):
    """Somebody who leads Our Trust (AB1): `lead.organisation`."""
    from tests.rounds import make_lead

    return make_lead()


@pytest.fixture
def framework(db):
    """A published framework of four questions, beside the working edition that every portal has."""
    from tests.rounds import make_framework

    return make_framework()


@pytest.fixture
def text_of():
    """The words of a page as a reader has them, each run of blanks made one."""

    def words(response):
        html = response.content.decode()
        body = re.sub(r"(?s)<(script|style|head)\b.*?</\1>", " ", html)
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())

    return words


# Browser tests --------------------------------------------------------------------------------------------------------


def pytest_itemcollected(item):
    if item.path.is_relative_to(BROWSER_TESTS):
        item.add_marker("browser")
        item.add_marker("django_db")  # without it, pytest-django makes no test database for them


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Browser tests last: they are slow, and what they would find is often found before."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


def pytest_runtest_setup(item):
    """A browser test without a browser is skipped, or fails where everything is required."""
    found, reason = chromium_or_reason()
    if found or not item.get_closest_marker("browser"):
        return
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(f"REQUIRE_ALL=1, but {reason}", pytrace=False)
    pytest.skip(reason)


def pytest_terminal_summary(terminalreporter):
    found, reason = chromium_or_reason()
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if "browser" in report.keywords]
    if skipped and not found:
        terminalreporter.write_line(f"NOT RUN: {len(skipped)} browser tests: {reason}", red=True, bold=True)


# The network ----------------------------------------------------------------------------------------------------------

attempts = []  # where the running test tried to go


@pytest.fixture(scope="session", autouse=True)
def no_network():
    """Refuse every connection that leaves this machine, and note it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, refusing(getattr(socket.socket, name)))
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """A test that tried to leave this machine fails, even if the code under test took the refusal calmly."""
    attempts.clear()
    result = yield
    if attempts:
        pytest.fail(f"This test tried to connect to {', '.join(attempts)}", pytrace=False)
    return result


def refusing(connect):
    """socket.connect, for addresses of this machine alone."""

    def guarded(self, address):
        if self.family != getattr(socket, "AF_UNIX", None) and not is_loopback(address[0]):
            attempts.append(f"{address[0]}:{address[1]}")
            raise ConnectionRefusedError(f"tests may not connect to {address[0]}")
        return connect(self, address)

    return guarded


def is_loopback(host):
    """Is this host this machine? A name other than localhost is not looked up: that would already ask the network."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
