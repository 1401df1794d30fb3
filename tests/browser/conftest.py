"""Pages in a real browser: each fails its test if the console, the network or a script complained.

`page`, `page_without_script` and `phone` are fresh visitors on the live server; `new_page(**options)` makes more of them, `browser_of(person)`
one who has signed in.
`allow_problems` is for what a test expects, `assert_accessible` runs axe.
"""

import os
from collections import defaultdict
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import TimeoutError, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.browser import chromium_or_reason
from tests.people import signed_in

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
    "--renderer-process-limit=1",  # a process costs half a second of CPU to start, and all pages are ours
    "--disable-features=SpareRendererForSitePerProcess",
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


@pytest.fixture(scope="session")
def visitors(chromium, portal, complaints):
    """Browsers that wait for a visitor, by how they are set up: making one costs ten times what a page in it costs."""
    waiting = defaultdict(list)
    yield waiting
    for pages in waiting.values():
        for page in pages:
            page.context.close()


@pytest.fixture
def new_page(chromium, portal, visitors, complaints, problems):
    """Make a page for a fresh visitor, without cookies: `new_page()`, or with any option of a Playwright context."""
    lent = []

    def make(storage_state=None, **options):
        options = {"base_url": portal.url, **DESKTOP, **ENGLAND, **options}
        waiting = visitors[repr(sorted(options.items()))]
        page = waiting.pop() if waiting else open_page(chromium, portal, complaints, options)
        page.set_viewport_size(options["viewport"])  # whoever had it before may have changed it
        lent.append((page, waiting))
        page.context.add_cookies(storage_state["cookies"] if storage_state else [])
        return page

    yield make
    for page, waiting in lent:
        waiting.append(tidied(page))


def open_page(chromium, portal, complaints, options):
    """The page of a browser of its own."""
    context = chromium.new_context(**options)
    context.set_default_timeout(PATIENCE)
    watch(context, portal.url, complaints)
    return context.new_page()


def tidied(page):
    """A page of the same browser, in which nothing is left of one visitor to the next: no cookie, permission, storage, page, listener, route or medium.

    It is the same page where that can be: another costs five times what a visit does. What its scripts meant to do later they do no more.
    """
    context = page.context
    context.unroute_all()
    context.set_offline(False)
    if page.is_closed() or has_listeners(page):
        page = context.new_page()
    for other in context.pages:
        if other != page:
            other.close()
    page.unroute_all()
    page.emulate_media(media="null")
    page.evaluate(LEAVE)
    context.clear_permissions()
    context.clear_cookies()
    return page


LEAVE = """() => {
    stop()
    for (let timer = setTimeout(() => {}); timer > 0; timer--) clearTimeout(timer)
    try { localStorage.clear(); sessionStorage.clear() } catch {}
}"""


def has_listeners(page):
    """Has a test asked to hear of something on this page? What it asked with cannot be taken back without it."""
    return bool(page._impl_obj.event_names())


@pytest.fixture
def browser_of(new_page):
    """A page of somebody who has signed in, with a code where they have an app: `browser_of(person)`, or with options as for `new_page`."""

    def make(person, **options):
        cookie = signed_in(person).cookies["__Host-sessionid"].value
        return new_page({"cookies": [{"name": "__Host-sessionid", "value": cookie, "domain": "127.0.0.1", "path": "/", "secure": True}]}, **options)

    return make


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


@pytest.fixture(scope="session")
def complaints():
    """What any browser complained of since the running test began."""
    return []


@pytest.fixture
def problems(complaints):
    """What the browser complained of. Whatever is left in the list when the test has ended fails it."""
    complaints.clear()
    yield complaints
    if complaints:
        pytest.fail("The browser complained:\n" + "\n".join(complaints), pytrace=False)


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


@pytest.fixture(scope="session")
def axe():
    """Ask axe what breaks WCAG 2.2 A or AA on a page as it stands: `axe(page)` is a list of its violations."""
    switches = WeakKeyDictionary()  # one of each page: closing it would turn the page's scripts on

    def violations(page):
        if page.evaluate("matchMedia('(scripting: none)').matches"):
            if page not in switches:
                switches[page] = page.context.new_cdp_session(page)
            with scripts_on(switches[page]):
                return run_axe(page)
        return run_axe(page)

    return violations


@pytest.fixture
def assert_accessible(axe):
    """Fail, naming rule, impact and place, unless axe finds nothing wrong with a page and no id is there twice.

    Once a page, at one width, is enough: it costs twice what a visit does. Whether a page fits another width, `assert_fits` says for nothing.
    """

    def check(page):
        faults = [fault(violation) for violation in axe(page)]
        faults += [f'duplicate id "{name}"' for name in duplicate_ids(page)]
        assert not faults, f"{page.url} is not accessible:\n" + "\n".join(faults)

    return check


@pytest.fixture
def assert_fits():
    """Fail if a page must be scrolled sideways: as wide as it is, or in a window as wide as asked, which it keeps."""

    def check(page, *widths):
        for width in widths or [page.viewport_size["width"]]:
            if page.viewport_size["width"] != width:
                page.set_viewport_size({"width": width, "height": 900})
            with suppress(TimeoutError):  # a header that has just become narrow folds its links away in a moment
                page.wait_for_function(FITS, arg=width, timeout=1000)
            assert page.evaluate(FITS, width), f"{page.url} is wider than {width}"

    return check


FITS = "width => document.documentElement.scrollWidth <= width"
AXE = Axe().axe_script
OPTIONS = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"], "preload": False}


ASK_AXE = """async options => {
    const frame = () => new Promise(resolve => requestAnimationFrame(resolve))
    await frame()
    await frame()  // a header that has just become narrow has moved its links by now
    await Promise.allSettled(document.getAnimations().map(animation => animation.finished))
    return (await axe.run(document, options)).violations
}"""


def run_axe(page):
    """What axe finds wrong on a page that has settled; it is brought to a document once."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    return page.evaluate(ASK_AXE, OPTIONS)


@contextmanager
def scripts_on(switch):
    """Let axe run on a page that was drawn without JavaScript: none of the page's own scripts was loaded, and none is now."""
    for disabled in (True, False):  # a switch that was never on cannot be turned off
        switch.send("Emulation.setScriptExecutionDisabled", {"value": disabled})
    yield
    switch.send("Emulation.setScriptExecutionDisabled", {"value": True})


def fault(violation):
    """One violation in a line: rule, impact, what to do, and where."""
    places = "; ".join(" ".join(map(str, node["target"])) for node in violation["nodes"])
    return f"{violation['id']} ({violation['impact']}): {violation['help']}: {places}"


def duplicate_ids(page):
    """Ids that more than one element bears, which axe no longer reports."""
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(element => element.id)")
    return sorted({name for name in ids if ids.count(name) > 1})
