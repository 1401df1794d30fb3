"""What every Jinja page can use."""

import functools

from django.conf import settings
from django.contrib.messages import get_messages
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from jinja2 import ChoiceLoader, Environment, PackageLoader

from accounts.account import browser
from assessments import geometry, level_words, result_tables
from assessments.result import Result
from impact_portal.forms import error_list
from resources.search import highlighter
from resources.wording import clock, duration, in_words, join_words


@functools.lru_cache(maxsize=10_000)
def url(name, *args):
    """The path of a named route."""
    return reverse(name, args=args)


def moment(when):
    """A moment as the NHS writes it: 24 November 2026 at 14:05."""
    return f"{in_words(when)} at {timezone.localtime(when):%H:%M}"


def count(number, noun, plural=None):
    """1 resource, 2 resources, 1,000 resources."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def environment(**options):
    """Our pages, with the official NHS components to hand for forms."""
    env = Environment(**options)
    ours = options["loader"]
    env.loader = ChoiceLoader([ours, PackageLoader("nhsuk_frontend_jinja")])
    env.globals.update(
        static=functools.lru_cache(maxsize=500)(static) if not settings.DEBUG else static,
        url=url,
        get_messages=get_messages,
        error_list=error_list,
        browser=browser,
        service_name=settings.SERVICE_NAME,
        operator=settings.OPERATOR,
        base_url=settings.BASE_URL,
        nhs_identity=settings.NHS_IDENTITY,
        indexable=settings.INDEXABLE,
        count=count,
        highlighter=highlighter,
        footer_links=FOOTER_LINKS,
        geometry=geometry,
        level_words=level_words,
        result_of=Result,
        result_tables=result_tables,
    )
    env.filters.update(clock=clock, in_words=in_words, moment=moment, duration=duration, join_words=join_words)
    return env


FOOTER_LINKS = (  # each is a page that the fixtures bring; spelled out so that error pages need no database
    ("About", "/about/"),
    ("Accessibility statement", "/accessibility-statement/"),
    ("Cookies", "/cookies/"),
    ("Privacy", "/privacy/"),
    ("Terms", "/terms/"),
    ("Contact", "/contact/"),
)
