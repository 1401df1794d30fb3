"""Two fictional organisations and people in them, for whoever tries the portal on their own machine. Every password and key is made anew."""

import csv
import secrets

from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import transaction

from accounts.curators import curators
from accounts.kinds import FOUNDATION_TRUST
from accounts.models import Membership, Organisation, User

ORGANISATIONS = {"DEMO1": "Fictional Vale NHS Foundation Trust", "DEMO2": "Imaginary Coast NHS Foundation Trust"}  # codes that ODS does not use
NAMES = {"DEMO1": ("Amara Bello", "Ben Carter", "Chloe Davies"), "DEMO2": ("Dev Evans", "Ela Fox", "Finn Gray")}
ROLES = ("lead", "contributor", "viewer")
COLUMNS = ("email", "password", "totp_secret", "role", "organisation")


@transaction.atomic
def make_demo(path):
    """Make the demonstration unless it is here, and write its sign-ins to a CSV file. Returns the rows of the file, none if it was here."""
    if Organisation.objects.filter(fictional=True).exists():
        return []
    rows = []
    for code, name in ORGANISATIONS.items():
        organisation = Organisation.objects.create(code=code, name=name, kind=FOUNDATION_TRUST, fictional=True)
        for role, called in zip(ROLES, NAMES[code], strict=True):
            person, row = make_person(f"{role}@{code.lower()}.example", called, with_app=role == "lead")
            Membership.objects.create(user=person, organisation=organisation, role=role)
            rows.append({**row, "role": role, "organisation": code})
    person, row = make_person("curator@demo.example", "Demo curator", with_app=True, is_staff=True)
    person.groups.add(curators())
    rows.append({**row, "role": "curator", "organisation": ""})
    path.touch(mode=0o600)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return rows


def make_person(email, name, *, with_app, **fields):
    """Somebody who can sign in, and the row that says how."""
    password = secrets.token_urlsafe(12)
    person = User.objects.create_user(email, password, name=name, **fields)
    EmailAddress.objects.create(user=person, email=email, primary=True, verified=True)
    secret = ""
    if with_app:
        secret = generate_totp_secret()
        TOTP.activate(person, secret)
        RecoveryCodes.activate(person)
    return person, {"email": email, "password": password, "totp_secret": secret}
