"""Settings: all of them documented, and a careless deployment refused at the start, in words that say what to set.

Each start is a process of its own in a copy of the project, with a clean environment and without this clone's .env and var/.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.one_database

ROOT = Path(__file__).resolve().parent.parent
STYLESHEET = Path("node_modules/nhsuk-frontend/dist/nhsuk/nhsuk-frontend.min.css")
ROOMS = sorted(path.parent.name for path in ROOT.glob("*/apps.py"))
DEPLOYED = {"BASE_URL": "https://portal.example", "SECRET_KEY": "5pL-xv_2Rk9" * 6, "SUPPRESSION_KEY": "7tW-qa_4Zd2" * 6}


def make_copy(folder):
    """The project as it comes from the repository, with its packages installed."""
    for name in (*ROOMS, "templates", "static"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(ROOT / "manage.py", folder / "manage.py")
    (folder / STYLESHEET).parent.mkdir(parents=True)
    shutil.copyfile(ROOT / STYLESHEET, folder / STYLESHEET)
    return folder


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy that the tests of this module share; none of them changes it."""
    return make_copy(tmp_path_factory.mktemp("project"))


@pytest.fixture
def own_project(tmp_path):
    """A copy for one test to change."""
    return make_copy(tmp_path)


def start(project, *options, **variables):
    """`manage.py check` with these variables and no others."""
    machine = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    command = [sys.executable, "manage.py", "check", *options]
    return subprocess.run(command, cwd=project, env={**machine, **variables}, capture_output=True, text=True, timeout=120)


# Containers -----------------------------------------------------------------------------------------------------------


def test_the_container_has_every_room_of_the_house():
    copied = set(re.findall(r"^COPY (\w+) ", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {*ROOMS, "templates", "static", "fixtures"} <= copied


# .env.example ---------------------------------------------------------------------------------------------------------


def read_in_settings():
    source = (ROOT / "impact_portal" / "settings.py").read_text(encoding="utf-8")
    return re.findall(r"""env\.\w+\(\s*["'](\w+)["']""", source)


def lines_of_example():
    return (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()


def test_every_variable_that_settings_read_is_in_the_example_and_no_other():
    named = [found[1] for line in lines_of_example() if (found := re.match(r"#?([A-Z_]+)=", line))]
    assert sorted(named) == sorted(set(read_in_settings()))


def test_each_variable_of_the_example_has_one_line_that_explains_it():
    for explanation, variable in zip(lines_of_example()[::2], lines_of_example()[1::2], strict=True):
        assert re.match(r"# \S.+\.$", explanation), explanation
        assert re.match(r"#[A-Z_]+=", variable), variable


def test_the_portal_starts_with_the_example_taken_as_it_is(own_project):
    variables = "\n".join(line[1:] for line in lines_of_example() if not line.startswith("# "))
    (own_project / ".env").write_text(variables, encoding="utf-8")
    started = start(own_project)
    assert started.returncode == 0, started.stderr


def test_a_value_in_the_environment_wins_over_one_in_dot_env(own_project):
    (own_project / ".env").write_text("BASE_URL=http://portal.example\n", encoding="utf-8")
    assert start(own_project).returncode != 0
    assert start(own_project, BASE_URL="http://127.0.0.1:8000").returncode == 0


# A deployment ---------------------------------------------------------------------------------------------------------

CARELESS = {  # what is wrong, and the words of the refusal
    "a missing key": ({"SECRET_KEY": ""}, "SECRET_KEY is missing or shorter than 50 characters: set it to"),
    "a missing key of suppression": ({"SUPPRESSION_KEY": ""}, "SUPPRESSION_KEY is missing or shorter than 50 characters: set it to"),
    "a short key": ({"SECRET_KEY": "x" * 49}, "SECRET_KEY is missing or shorter than 50 characters: set it to"),
    "debugging": ({"DEBUG": "1"}, "DEBUG is on, which shows settings and code to strangers: set DEBUG=0"),
    "any host": ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS holds '*', which lets anyone forge links: set it to"),
    "any host among others": ({"ALLOWED_HOSTS": "portal.example,*"}, "ALLOWED_HOSTS holds '*', which lets anyone forge links: set it to"),
    "plain http": ({"BASE_URL": "http://portal.example"}, "BASE_URL is 'http://portal.example': set it to an https:// address"),
    "an address without a scheme": ({"BASE_URL": "portal.example"}, "BASE_URL is 'portal.example': set it to the portal's full address"),
    "an address without a host": ({"BASE_URL": "https://"}, "BASE_URL is 'https:': set it to the portal's full address"),
    "an address of another kind": ({"BASE_URL": "ftp://portal.example"}, "BASE_URL is 'ftp://portal.example': set it to the portal's full address"),
    "an empty address": ({"BASE_URL": ""}, "BASE_URL is '': set it to the portal's full address"),
}


@pytest.mark.parametrize(("wrong", "words"), CARELESS.values(), ids=CARELESS)
def test_a_careless_deployment_does_not_start_and_says_what_to_set(wrong, words, project):
    started = start(project, **{**DEPLOYED, **wrong})
    assert started.returncode != 0
    assert f"ImproperlyConfigured: {words}" in started.stderr


def test_a_right_deployment_starts_and_passes_the_deployment_check(project):
    started = start(project, "--deploy", "--fail-level", "WARNING", **DEPLOYED)
    assert started.returncode == 0, started.stderr


def test_a_deployment_makes_no_key_of_its_own(own_project):
    start(own_project, **DEPLOYED)
    start(own_project, **{**DEPLOYED, "SECRET_KEY": ""})
    assert not (own_project / "var" / "secret-key").exists()


# One's own machine ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["http://127.0.0.1:8001", "http://localhost:8000", "http://[::1]:8000"])
def test_on_this_machine_plain_http_will_do(address, project):
    started = start(project, BASE_URL=address)
    assert started.returncode == 0, started.stderr


def test_the_first_start_needs_nothing_and_makes_a_key_that_only_its_owner_reads(own_project):
    started = start(own_project)
    assert started.returncode == 0, started.stderr
    key = own_project / "var" / "secret-key"
    assert len(key.read_text()) >= 50
    if os.name != "nt":
        assert key.stat().st_mode & 0o777 == 0o600


def test_later_starts_keep_the_key(own_project):
    start(own_project)
    key = (own_project / "var" / "secret-key").read_text()
    start(own_project)
    assert (own_project / "var" / "secret-key").read_text() == key


def test_without_nhsuk_frontend_the_check_says_how_to_install_it(own_project):
    (own_project / STYLESHEET).unlink()
    started = start(own_project)
    assert started.returncode != 0
    assert "The npm package nhsuk-frontend is not installed." in started.stderr
    assert "npm ci" in started.stderr
