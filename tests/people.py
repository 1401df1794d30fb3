"""People for tests, who sign in as people do."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth import get_user_model
from django.test import Client

from accounts.kinds import TRUST
from accounts.models import Organisation
from tests import totp

PASSWORD = "a long enough password"


def make_person(email="ann@example.org", password=PASSWORD, verified=True, **fields):
    """Somebody with an account whose address is confirmed."""
    person = get_user_model().objects.create_user(email, password, **{"name": "Ann Ash", **fields})
    EmailAddress.objects.create(user=person, email=person.email, primary=True, verified=verified)
    return person


def make_curator(email="curator@example.org", **fields):
    """Somebody who looks after the catalogue, their second factor set up; its key is `person.totp_secret`."""
    person = make_person(email, **{"is_staff": True, "is_superuser": True, **fields})
    give_app(person)
    return person


def make_organisation(code, name, **fields):
    return Organisation.objects.create(code=code, name=name, kind=TRUST, **fields)


def give_app(person):
    """Set up an app for codes, and recovery codes with it."""
    person.totp_secret = generate_totp_secret()
    TOTP.activate(person, person.totp_secret)
    RecoveryCodes.activate(person)
    return person


def recovery_codes(person):
    return Authenticator.objects.get(user=person, type="recovery_codes").wrap().get_unused_codes()


def sign_in(client, email="ann@example.org", password=PASSWORD, **rest):
    """Send the sign-in form."""
    return client.post("/accounts/login/", {"login": email, "password": password, **rest})


def browser_of(person):
    """A test client in which a person is signed in, without the pages of signing in."""
    client = Client()
    client.force_login(person)
    return client


def signed_in(person, **options):
    """A browser in which this person has signed in, with a code where they have an app."""
    client = Client(**options)
    response = sign_in(client, person.email)
    if response["Location"].startswith("/accounts/2fa/"):
        client.post("/accounts/2fa/authenticate/", {"code": totp.code(person.totp_secret)})
    assert "_auth_user_id" in client.session
    return client
