"""Signing in as people do it, with script and without: an account, its mail, a code, a way back in; and pages that anybody can use."""

import os
import re
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.core.cache import cache

from tests import totp
from tests.people import PASSWORD, give_app, make_person, recovery_codes

SHOTS = os.environ.get("SCREENSHOTS")  # a folder: then every page looked at here is kept as a picture


@pytest.fixture(autouse=True)
def fresh_counters(_django_db_helper):
    """Each test has its own ten guesses: all of them come from this machine."""
    cache.clear()


@pytest.fixture
def email():
    return f"ann-{uuid.uuid4().hex[:8]}@example.org"


@pytest.fixture
def ann(email):
    return make_person(email)


@pytest.fixture(params=["script", "no script"])
def visitor(request, new_page):
    """A visitor where JavaScript is on, and one where it is off."""
    return new_page(java_script_enabled=request.param == "script")


@pytest.fixture
def look(assert_accessible, assert_fits):
    """Hold a page to WCAG; nothing may stick out sideways of a desk or a phone; and keep pictures if asked."""

    def at_both_widths(page, name):
        assert_accessible(page)
        assert page.locator("h1").count() == 1
        for width in (375, 1280):
            assert_fits(page, width)
            if SHOTS:
                Path(SHOTS).mkdir(exist_ok=True)
                page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)

    return at_both_widths


def mailed_path(part):
    return next(urlsplit(link).path for link in re.findall(r"https?://\S+", mail.outbox[-1].body) if part in link)


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def type_in(page, label, text):
    page.get_by_label(label, exact=True).fill(text)


def sign_in(page, email, password=PASSWORD):
    page.goto("/accounts/login/")
    type_in(page, "E-mail address", email)
    type_in(page, "Password", password)
    press(page, "Sign in")


def heading(page):
    return page.locator("h1").inner_text()


def test_from_no_account_to_signing_in_with_a_code(visitor, email):
    page = visitor
    page.goto("/accounts/login/")
    page.get_by_role("link", name="Create an account").click()
    type_in(page, "Full name", "Ann Ash")
    type_in(page, "E-mail address", email)
    type_in(page, "Choose a password", PASSWORD)
    press(page, "Create account")
    assert heading(page) == "Check your e-mail"

    page.goto(mailed_path("confirm-email"))
    assert email in page.locator("main").inner_text()
    press(page, "Confirm this address")
    page.wait_for_url("**/your-work/**")

    page.goto("/accounts/")
    page.get_by_role("link", name="Codes from an app").click()
    page.get_by_role("button", name="Set up an app").click()
    type_in(page, "Password", PASSWORD)
    press(page, "Continue")
    key = page.locator("[data-key]").inner_text()
    type_in(page, "Code", totp.code(key))
    press(page, "Continue")
    assert heading(page) == "Your recovery codes"
    codes = page.locator("main code").all_inner_texts()
    assert len(codes) == 10

    page.get_by_role("link", name="Sign out").first.click()
    press(page, "Sign out")
    assert page.url.endswith("/")

    sign_in(page, email)
    assert heading(page) == "Enter your code"
    type_in(page, "Code", totp.code(key, later=1))
    press(page, "Sign in")
    page.wait_for_url("**/your-work/**")


def test_a_forgotten_password_and_a_lost_phone(visitor, ann):
    page = visitor
    give_app(ann)
    page.goto("/accounts/login/")
    page.get_by_role("link", name="Forgotten your password?").click()
    type_in(page, "E-mail address", ann.email)
    press(page, "Send the link")
    assert heading(page) == "Check your e-mail"
    page.goto(mailed_path("reset/key"))
    type_in(page, "New password", "quite another password")
    press(page, "Save and sign in")
    type_in(page, "Code", recovery_codes(ann)[0])
    press(page, "Sign in")
    page.wait_for_url("**/your-work/**")


def test_an_error_takes_the_focus_and_leads_to_its_field(page, ann):
    page.goto("/accounts/login/")
    press(page, "Sign in")
    assert page.title().startswith("Error: Sign in")
    assert page.evaluate("document.activeElement.className") == "nhsuk-error-summary"
    page.get_by_role("link", name="Enter your password").click()
    assert page.evaluate("document.activeElement.id") == "id_password"


def test_a_password_can_be_shown_and_hidden(page):
    page.goto("/accounts/login/")
    type_in(page, "Password", "a secret")
    page.get_by_role("button", name="Show password").click()
    assert page.locator("#id_password").get_attribute("type") == "text"
    page.get_by_role("button", name="Hide password").click()
    assert page.locator("#id_password").get_attribute("type") == "password"


def test_the_pages_before_signing_in_are_accessible(page, ann, look):
    for address in ("login", "signup", "password/reset", "password/reset/done", "confirm-email", "confirm-email/x", "password/reset/key/1-x", "inactive"):
        page.goto(f"/accounts/{address}/")
        look(page, f"{address.replace('/', '-')}")
    page.goto("/accounts/login/")
    type_in(page, "E-mail address", "ann at example.org")
    press(page, "Sign in")
    look(page, "login-error")
    page.goto("/accounts/signup/")
    type_in(page, "Choose a password", "short")
    press(page, "Create account")
    look(page, "signup-error")


def test_the_pages_of_an_account_are_accessible(page, ann, look):
    sign_in(page, ann.email)
    for address in ("", "email/", "password/change/", "2fa/", "sessions/", "logout/", "second-factor/", "reauthenticate/"):
        page.goto(f"/accounts/{address}")
        look(page, f"account-{address.replace('/', '-')}")
    page.goto("/accounts/email/")
    type_in(page, "New e-mail address", f"new-{ann.email}")
    press(page, "Change address")
    type_in(page, "Password", PASSWORD)
    press(page, "Continue")
    page.goto("/accounts/email/")
    look(page, "email-asked")
    page.goto("/accounts/2fa/totp/activate/")
    look(page, "set-up")
    type_in(page, "Code", "000000")
    press(page, "Continue")
    look(page, "set-up-error")
    type_in(page, "Code", totp.code(page.locator("[data-key]").inner_text()))
    press(page, "Continue")
    look(page, "recovery-codes")
    for address in ("2fa/", "2fa/recovery-codes/generate/", "2fa/totp/deactivate/", "2fa/reauthenticate/"):
        page.goto(f"/accounts/{address}")
        look(page, f"{address.replace('/', '-')}")
