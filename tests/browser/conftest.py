"""Pages in a real browser: each fails its test if the console, the network or a script complained.

`page`, `page_without_script` and `phone` are fresh visitors on the live server; `new_page(**options)` makes more of them.
`allow_problems` is for what a test expects, `assert_accessible` runs axe.
"""

import os
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.browser import chromium_or_reason

# Playwright keeps an event loop in the tests' thread, which Django would take for asynchronous code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
# A number rather than "localhost", which a machine may take for IPv6.
os.environ.setdefault("DJANGO_LIVE_TEST_SERVER_ADDRESS", "127.0.0.1")

DESKTOP = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 375, "height": 812}, "is_mobile": True, "has_touch": True}
ENGLAND = {"locale": "en-GB", "timezone_id": "Europe/London"}
PATIENCE = 10_000  # milliseconds for a page or an element to come
ARGUMENTS = [
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",  # no other host exists
]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


# The portal, served ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def portal(django_db_setup, django_db_blocker):
    """The portal with the real catalogue, one for all browser tests: what a test adds to it, it adds under names of its own."""
    with django_db_blocker.unblock():
        server = LiveServer("127.0.0.1")
        yield server
        server.stop()


@pytest.fixture
def _django_db_helper(portal, django_db_blocker):
    """Browser tests may ask the database too; no transaction of theirs hides from the served portal what they write."""
    with django_db_blocker.unblock():
        yield


# The browser and its pages --------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def chromium(portal):
    """The machine's own Chromium, started once, after the database: Playwright's event loop would give Django other connections."""
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_or_reason()[0],
            args=[*ARGUMENTS, *(["--no-sandbox"] if as_root else [])],
            handle_sigint=False,  # at Ctrl-C the browser is closed by this fixture, not under its feet
        )
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium, portal, problems):
    """Make a page for a fresh visitor, without cookies: `new_page()`, or with any option of a Playwright context."""
    contexts = []

    def make(**options):
        context = chromium.new_context(**{"base_url": portal.url, **DESKTOP, **ENGLAND, **options})
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        watch(context, portal.url, problems)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_page):
    """A visitor at a desk."""
    return new_page()


@pytest.fixture
def page_without_script(new_page):
    """The same visitor where JavaScript is off."""
    return new_page(java_script_enabled=False)


@pytest.fixture
def phone(new_page):
    """A visitor on a phone."""
    return new_page(**PHONE)


# What went wrong on the way -------------------------------------------------------------------------------------------


@pytest.fixture
def problems():
    """What the browser complained of. Whatever is left in the list when the test has ended fails it."""
    found = []
    yield found
    if found:
        pytest.fail("The browser complained:\n" + "\n".join(found), pytrace=False)


@pytest.fixture
def allow_problems(problems):
    """Expect complaints that hold certain words: `with allow_problems("status of 404"): page.goto("/nowhere/")`."""

    @contextmanager
    def allow(*words):
        before = len(problems)
        yield
        problems[before:] = [problem for problem in problems[before:] if not any(word in problem for word in words)]

    return allow


def watch(context, own_url, problems):
    """Note every console warning, script error, failed request and request to another host, of any page in this context."""

    def console(message):
        if message.type in ("error", "warning"):
            problems.append(f"console {message.type}: {message.text} ({message.location['url']})")

    def request(request):
        url = urlsplit(request.url)
        if url.scheme not in ("data", "blob", "about") and url.netloc != urlsplit(own_url).netloc:
            problems.append(f"request to another host: {request.url}")

    def failed(request):
        if request.failure != "net::ERR_ABORTED":  # the reader moved on, or the page became a download
            problems.append(f"failed request: {request.method} {request.url}: {request.failure}")

    context.on("console", console)
    context.on("request", request)
    context.on("requestfailed", failed)
    context.on("weberror", lambda error: problems.append(f"script error: {error.error}"))


# Accessibility --------------------------------------------------------------------------------------------------------


@pytest.fixture
def axe(chromium):
    """Ask axe what breaks WCAG 2.2 A or AA on a page as it stands: `axe(page)` is a list of its violations."""

    def violations(page):
        if page.evaluate("matchMedia('(scripting: none)').matches"):
            with copy_without_our_scripts(chromium, page) as copy:
                return run_axe(copy)
        return run_axe(page)

    return violations


@pytest.fixture
def assert_accessible(axe):
    """Fail, naming rule, impact and place, unless axe finds nothing wrong with a page and no id is there twice."""

    def check(page):
        faults = [fault(violation) for violation in axe(page)]
        faults += [f'duplicate id "{name}"' for name in duplicate_ids(page)]
        assert not faults, f"{page.url} is not accessible:\n" + "\n".join(faults)

    return check


def run_axe(page):
    options = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"], "preload": False}
    return Axe().run(page, options=options).response["violations"]


@contextmanager
def copy_without_our_scripts(chromium, page):
    """The same page where axe can run: it needs JavaScript, so the page's own HTML is drawn again with its scripts kept out."""
    context = chromium.new_context(viewport=page.viewport_size, **ENGLAND)
    html = page.content()
    context.route("**/*", lambda route: route.abort() if route.request.resource_type == "script" else route.fallback())
    context.route(page.url, lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))
    try:
        copy = context.new_page()
        copy.goto(page.url)
        yield copy
    finally:
        context.close()


def fault(violation):
    """One violation in a line: rule, impact, what to do, and where."""
    places = "; ".join(" ".join(map(str, node["target"])) for node in violation["nodes"])
    return f"{violation['id']} ({violation['impact']}): {violation['help']}: {places}"


def duplicate_ids(page):
    """Ids that more than one element bears, which axe no longer reports."""
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(element => element.id)")
    return sorted({name for name in ids if ids.count(name) > 1})
