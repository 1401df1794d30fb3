"""One visit to one address: what a robot meets there, put into one of a few fair words.

Pure of Django; the words are those of `LinkCheck.Outcome`.
"""

import http.client
import re
import ssl
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

from resources.link_guard import Guard, NoSuchName, NotResolved, Refused, read
from resources.link_manners import Robots, Turns
from resources.link_request import SECONDS, Deadline, ask

FINE, MOVED, GONE, FAILED, SIGN_IN, ROBOTS, SLOW, REFUSED = "fine moved gone failed sign-in robots slow refused".split()

PERMANENT, REDIRECTS = (301, 308), (301, 302, 303, 307, 308)
MOST_REDIRECTS = 5
LONGEST_NOTE = 200
AGAINST_ROBOTS = (403, 406, 429, 999)  # what people are shown and a robot is not
CHALLENGES = ("cf-mitigated", "x-amzn-waf-action")  # a wall's own headers: "show that you are a person"

SIGN_IN_HOSTS = re.compile(
    r"^(login|signin|sign-in|logon|sso|auth|adfs|idp|accounts|access\.login|b2clogin)\.|\.login\.nhs\.uk$|\.b2clogin\.com$|openathens\.net$"
)
SIGN_IN_PATHS = re.compile(
    r"/(log-?in|sign-?in|log-?on|sso|saml2?|oauth2?|openid|adfs|cas|wp-login\.php|login\.(php|aspx?|html?|jsp)|signin\.(php|aspx?))(/|$)", re.IGNORECASE
)
PASSWORD_FIELD = re.compile(rb"<input[^<>]*type\s*=\s*[\"']?password", re.IGNORECASE)


@dataclass
class Finding:
    """What one visit found."""

    outcome: str
    note: str = ""
    status: int | None = None
    final_address: str = ""
    milliseconds: int = 0

    @property
    def answered(self):
        """Did anything come back over the network?"""
        return self.status is not None


class Circles(Exception):
    """More redirects than we follow."""


class Forbidden(Exception):
    """What a site's robots.txt asks of us."""


@dataclass
class Trail:
    """The way of one visit: each target, and what each answered."""

    targets: list = field(default_factory=list)
    answers: list = field(default_factory=list)

    @property
    def moved_for_good(self):
        """Did every step say that it is for good?"""
        return len(self.answers) > 1 and all(answer.status in PERMANENT for answer in self.answers[:-1])

    @property
    def final_address(self):
        """Where it ended, with the part after # that redirects leave out and browsers carry along."""
        last, part = self.targets[-1], urlsplit(self.targets[-1].address).fragment or urlsplit(self.targets[0].address).fragment
        return f"{last.site}{last.path}" + (f"#{part}" if part else "")


class Visitor:
    """Visits addresses for one run, and keeps its manners between them. Safe to share between threads."""

    def __init__(self, agent, *, guard=None, turns=None, context=None, clock=time.monotonic, seconds=SECONDS):
        self.agent, self.guard, self.turns = agent, guard or Guard(), turns or Turns()
        self.context, self.clock, self.seconds = context or ssl.create_default_context(), clock, seconds
        self.robots = Robots(agent, self._robots_txt)

    def visit(self, address):
        """What is at an address. Never raises: whatever happens is a finding."""
        trail, deadline = Trail(), Deadline(self.seconds, self.clock)
        try:
            self._follow(address, trail, deadline, mind_robots=True)
            outcome, note = judge(trail)
        except Exception as fault:
            outcome, note = judge_fault(fault, trail)
        status = trail.answers[-1].status if trail.answers else None
        final = trail.final_address if len(trail.targets) > 1 else ""
        return Finding(outcome, note[:LONGEST_NOTE], status, final, max(0, round(1000 * deadline.used)))

    def _robots_txt(self, address):
        """The robots.txt of a site, by the same doors as everything else."""
        trail = Trail()
        self._follow(address, trail, Deadline(self.seconds, self.clock), mind_robots=False)
        return trail.answers[-1].status, trail.answers[-1].body.decode("utf-8-sig", "replace")

    def _follow(self, address, trail, deadline, *, mind_robots):
        """Ask, and follow at most five redirects, each read, resolved and checked like the first."""
        while address:
            if len(trail.targets) > MOST_REDIRECTS:
                raise Circles
            target = read(address)
            trail.targets.append(target)
            with deadline.paused():
                if mind_robots and (why := self.robots.forbids(target)):
                    raise Forbidden(why)
                self.turns.wait(target.host)
            trail.answers.append(ask(target, guard=self.guard, agent=self.agent, deadline=deadline, context=self.context))
            answer = trail.answers[-1]
            address = urljoin(target.address, answer.location) if answer.status in REDIRECTS and answer.location else ""


# What it means --------------------------------------------------------------------------------------------------------


def judge(trail):
    """(outcome, note) of a visit that got an answer."""
    answer, host = trail.answers[-1], trail.targets[-1].host
    status = answer.status
    if _asks_for_sign_in(trail):
        return SIGN_IN, f"Leads to a sign-in page at {host}" if len(trail.targets) > 1 else f"{_words(status)}: a sign-in is asked for"
    if status in AGAINST_ROBOTS or any(answer.headers[name] for name in CHALLENGES):
        return ROBOTS, f"{_words(status)}: it turns robots away"
    if status in (404, 410):
        return GONE, _words(status)
    if not 200 <= status < 300:
        return FAILED, _words(status)
    if trail.moved_for_good:
        return MOVED, f"{_words(trail.answers[0].status)}, and the new address answers"
    return FINE, _words(status)


def _asks_for_sign_in(trail):
    answer, last = trail.answers[-1], trail.targets[-1]
    if answer.status == 401 or (answer.status == 403 and PASSWORD_FIELD.search(answer.body)):
        return True
    led_there = len(trail.targets) > 1 and is_sign_in(last) and not is_sign_in(trail.targets[0])
    return led_there and answer.status not in (404, 410) and answer.status < 500


def is_sign_in(target):
    """Does an address look like the page where one signs in?"""
    return bool(SIGN_IN_HOSTS.search(target.host) or SIGN_IN_PATHS.search(target.path.partition("?")[0]))


def judge_fault(fault, trail):
    """(outcome, note) of a visit that something ended before an answer."""
    outcome, note = next((outcome, note) for kind, outcome, note in FAULTS if isinstance(fault, kind))
    if isinstance(fault, Circles) and any(answer.headers["Set-Cookie"] for answer in trail.answers):
        return ROBOTS, "It leads whoever takes no cookies, as robots do, from page to page"
    if isinstance(fault, ssl.SSLCertVerificationError):
        note = f"{note}: {fault.verify_message}"
    led_on = f" (on the way, at {trail.targets[-1].host})" if len(trail.targets) > 1 and not isinstance(fault, Circles) else ""
    return outcome, (note or str(fault)) + led_on


FAULTS = (  # what was raised, the outcome, and the note where the fault has no words of its own
    (Refused, REFUSED, ""),
    (Forbidden, ROBOTS, ""),
    (NoSuchName, GONE, ""),
    (NotResolved, FAILED, ""),
    (Circles, FAILED, f"It redirects more than {MOST_REDIRECTS} times"),
    (TimeoutError, SLOW, f"No whole answer in {SECONDS} seconds"),
    (ssl.SSLCertVerificationError, FAILED, "Its certificate is not right"),
    (ssl.SSLError, FAILED, "No secure connection could be made"),
    (ConnectionRefusedError, FAILED, "It refused the connection"),
    (ConnectionError, FAILED, "It broke the connection off"),
    (OSError, FAILED, "It could not be reached"),
    (http.client.HTTPException, FAILED, "Its answer could not be read"),
    (Exception, FAILED, "It redirects to something that is no address"),
)


def _words(status):
    """A status in words: 404 Not Found."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"Status {status}"
