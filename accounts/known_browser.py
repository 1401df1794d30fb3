"""Browsers in which somebody has signed in before: others' guesses at the account do not shut its owner out of those.

A cookie says so, set when signing in is complete. It holds a number of the browser's own and, for each account, a keyed mark that means
nothing elsewhere; it is signed, and worth no more than a counter of guesses apart.
"""

import secrets

from django.utils.crypto import salted_hmac

COOKIE = "__Host-known-browser"
LASTS = 180 * 24 * 3600  # seconds since somebody last signed in here
AT_MOST = 5  # people who share a computer


def number_and_marks(request):
    """What the cookie holds: the number of this browser, then marks, the newest first. All empty where there is none, or a forged one."""
    number, *marks = (request.get_signed_cookie(COOKIE, default="", max_age=LASTS) or "").split(".")
    return number, marks


def mark(number, email):
    """What stands for an account in one browser's cookie, so that no two cookies can be matched."""
    return salted_hmac("accounts.known_browser", f"{number}:{email.lower()}", algorithm="sha256").hexdigest()[:32]


def number_for(request, email):
    """The number of this browser, if this account has signed in here before, or else nothing. The database is not asked."""
    number, marks = number_and_marks(request)
    own = mark(number, email)
    return number if number and own in marks else ""


def remember(request, response, email):
    """Let this browser be known to an account that has just signed in."""
    number, marks = number_and_marks(request)
    number = number or secrets.token_hex(16)
    own = mark(number, email)
    marks = [own, *(other for other in marks if other != own)][:AT_MOST]
    response.set_signed_cookie(COOKIE, ".".join([number, *marks]), max_age=LASTS, secure=True, httponly=True, samesite="Lax")
