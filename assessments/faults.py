"""What becomes of what a rater typed when it cannot be saved: it comes back on the page, to copy or to send again.

None of this asks the database, and nothing that came in is trusted: it is shown as text.
"""

import re

from django.core.exceptions import SuspiciousOperation
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import reverse

from assessments.models.framework import LEVEL_NAMES
from assessments.rating_forms import as_kept, choice_names

TYPED = re.compile(r"(choice|comment|version)-([1-9]\.[1-9]\d?)")
SECONDS = 30  # after which a browser may ask again
FEWEST_LINES, MOST_LINES = 5, 20


class DeadLink(Exception):
    """Nobody is found under this private link, or nobody any more; which of the two is not told."""


def private(response):
    """Tell browsers, proxies and search engines to keep nothing of it, nor to say where a reader came from."""
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


def wants_json(request):
    """Does static/rating.js ask?"""
    return request.headers.get("Accept") == "application/json"


def dead_link(request):
    """404: a link that opens nothing."""
    return hand_back(request, 404, "This link does not work", "dead", "Not saved: this link no longer works")


def stale_form(request):
    """403: the form did not come from a page of ours, or its cookie is gone."""
    return hand_back(request, 403, "We could not save that yet", "stale", "Not saved yet", again=True)


def no_database(request):
    """503: the database cannot be asked or does not answer."""
    response = hand_back(request, 503, "Sorry, we could not do that just now", "database", "Not saved yet: our database does not answer", again=True)
    response["Retry-After"] = str(SECONDS)
    return response


def hand_back(request, status, heading, words, message, *, again=False):
    """A page that says what is wrong and shows what was typed, with a button to send it `again` where that may help."""
    if wants_json(request):
        return private(JsonResponse({"message": message, "csrf": get_token(request)}, status=status))
    sent = sent_by(request)
    typed = in_words(sent)
    page = {
        "heading": heading,
        "words": words,
        "typed": typed,
        "lines": lines(typed),
        "fields": sent if again else {},
        "action": request.get_full_path() if again else "",
        "lost_link": reverse("assessments:lost_link"),
    }
    return private(HttpResponse(render_to_string("assessments/rate_fault.jinja", page, request), status=status))


def sent_by(request):
    """The fields of a rater's page that were sent, and no others."""
    try:
        return {name: value for name, value in request.POST.items() if TYPED.fullmatch(name) or name == "then"}
    except (SuspiciousOperation, OSError):  # too much of it, or broken off
        return {}


def lines(text):
    """How many lines high the box is in which a text is handed back."""
    return max(FEWEST_LINES, min(MOST_LINES, text.count("\n") + 2))


def in_words(sent, names=None):
    """What was typed, as one text to copy: "Question 2.3: Developing", and the comment below. Nothing where nothing was typed."""
    names = names or choice_names(LEVEL_NAMES)
    numbers = sorted({found[2] for name in sent if (found := TYPED.fullmatch(name))}, key=lambda number: [int(part) for part in number.split(".")])
    said = ((number, sent.get(f"choice-{number}", ""), as_kept(sent.get(f"comment-{number}", ""))) for number in numbers)
    return "\n\n".join(
        "\n".join(filter(None, [f"Question {number}: {as_kept(names.get(choice, choice)) or 'no answer chosen'}", comment]))
        for number, choice, comment in said
        if choice or comment
    )
