"""A run of the link checker: what is due, several hosts at a time, each visit kept as soon as it is done.

Threads only visit. One thread, the caller's, writes to the database. A run that is killed leaves what it had not done yet due.
"""

import time
from collections import Counter, defaultdict, deque
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

from django.conf import settings
from django.db import transaction

from resources.link_guard import Refused, read
from resources.link_request import agent_name
from resources.link_visit import FAILED, GONE, ROBOTS, SLOW, Visitor
from resources.mending import mended
from resources.models import Link, LinkCheck, Resource

THREADS = 8
MOST = 500  # addresses in one run
BEAT = 5  # seconds between two signs of life
FEW_SITES = 3  # from so many on, silence of all is our own fault and not theirs

OFF = "Links are not checked here: LINK_CHECKS is off. Whoever runs the portal sets LINK_CHECKS=1 in the environment or in .env and starts it again."
NO_WAY_OUT = "No site answered at all, so the checker itself seems to have no way out to the internet. Nothing was held against any link."


def visitor():
    """Who goes out for this portal."""
    return Visitor(agent_name(settings.SERVICE_NAME, settings.BASE_URL))


def check(run, links, *, by=None, limit=MOST, report=None):
    """Check what is due of these links, and keep the run's row true meanwhile. `report(finding)` is told of each visit."""
    due = list(links.due().select_related("resource")[:limit])
    run.total = len(due)
    run.save(update_fields=["total"])
    return Errand(run, due, by or visitor(), report or (lambda finding: None)).go()


class Errand:
    """One run under way."""

    def __init__(self, run, due, visitor, report):
        self.run, self.visitor, self.report = run, visitor, report
        self.by_host = defaultdict(deque)
        for link in due:
            self.by_host[host_of(link.resource.url)].append(link)
        self.sites = len(self.by_host)
        self.found, self.silent, self.connected, self.seen = Counter(), [], False, time.monotonic()

    def go(self):
        """Visit all, one address of a host at a time."""
        with ThreadPoolExecutor(THREADS, thread_name_prefix="link") as pool:
            going = {}
            self._send_out(pool, going)
            while going:
                done, _ = wait(going, timeout=BEAT, return_when=FIRST_COMPLETED)
                for visit in done:
                    _, link, address = going.pop(visit)
                    self._take(link, address, visit.result())
                self._send_out(pool, going)
                self._beat()
        self._settle()
        self.run.finish(self.note())
        return self.run

    def _send_out(self, pool, going):
        """Whoever is free goes to a host where nobody is."""
        busy = {host for host, _, _ in going.values()}
        for host in [host for host in self.by_host if host not in busy]:
            if len(going) >= THREADS:
                return
            link = self._next(host)
            if link:
                going[pool.submit(self.visitor.visit, link.resource.url)] = host, link, link.resource.url

    def _next(self, host):
        """The next link of a host that no other run has taken on."""
        waiting = self.by_host[host]
        while waiting:
            link = waiting.popleft()
            if link.claim():
                return link
            self.found["elsewhere"] += 1
        del self.by_host[host]
        return None

    def _take(self, link, address, finding):
        """One visit is done. Silence is held back until somebody has answered: without a way out, every site is silent."""
        self.found[finding.outcome] += 1
        self.report(finding)
        silent = not finding.answered and finding.outcome in (GONE, FAILED, SLOW)
        self.connected = self.connected or finding.answered or finding.outcome == ROBOTS
        if silent and not self.connected:
            self.silent.append((link, address, finding))
            return
        self._settle()
        keep_check(link, address, finding)

    def _settle(self):
        """Keep what was held back: as it is where others answer, else without holding it against anybody."""
        self.lost = bool(self.silent) and not self.connected and (self.sites >= FEW_SITES or not LinkCheck.objects.answered_lately())
        for link, address, finding in self.silent:
            keep_check(link, address, finding, counts=not self.lost)
        self.silent = []

    def _beat(self):
        if time.monotonic() - self.seen >= 1:
            self.seen = time.monotonic()
            self.run.beat(sum(self.found.values()))

    def note(self):
        """What came of it, in words."""
        if self.lost:
            return NO_WAY_OUT
        labels = dict(LinkCheck.Outcome.choices) | {"elsewhere": "Taken on by another run"}
        return "; ".join(f"{label}: {self.found[outcome]}" for outcome, label in labels.items() if self.found[outcome]) or "Nothing was due"


def keep_check(link, address, finding, counts=True):
    """Write one visit down, and what it means for the link. An address that has changed meanwhile is not judged by the old one's answer."""
    with transaction.atomic():
        resource = Resource.objects.filter(pk=link.resource_id).only("url").first()
        held = Link.objects.select_for_update().filter(pk=link.pk).first()
        if resource is None or held is None:
            return
        resource.link_checks.create(
            address=address, outcome=finding.outcome, status=finding.status, final_address=finding.final_address[:2000],
            milliseconds=finding.milliseconds, note=finding.note,
        )  # fmt: skip
        if resource.url != address:
            return
        if held.address != address:
            held.start_afresh(address)
        works_again = held.take(finding.outcome, finding.final_address) if counts else held.put_off()
        held.keep()
    if works_again:
        mended(resource)


def host_of(address):
    """What is asked one at a time; addresses that nobody goes to are one host."""
    try:
        return read(address).host
    except Refused:
        return ""
