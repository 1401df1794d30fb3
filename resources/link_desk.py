"""What the links page says of each verdict, and which new addresses come together."""

from collections import Counter
from dataclasses import dataclass

from resources.link_run import host_of
from resources.models import Link


@dataclass(frozen=True)
class Kind:
    """One verdict, as the links page has it."""

    key: str
    title: str
    lead: str


VERDICTS = {
    kind.key: kind
    for kind in (
        Kind("gone", "Gone", "Nothing was there on three different days in a row. Readers are told, and shown alternatives."),
        Kind("moved", "Moved", "The old address says, on two different days, that it has moved for good. The new one answers."),
        Kind("sign-in", "Needs sign-in", "Whoever is not signed in sees a sign-in page. Say on its page which sign-in it needs."),
        Kind("robots", "Blocks robots", "The site turns our checker away, which says nothing about readers. Open each and look for yourself, twice a year."),
        Kind("slow", "Slow", "It took more than 10 seconds on three different days. There is nothing to do: it is tried again every day."),
        Kind("unchecked", "Not checked yet", "No visit has said enough yet."),
        Kind("fine", "Fine", "These answer. Each is checked about once a week."),
    )
}


def hosts_that_moved():
    """[(host, how many)] of hosts that propose more than one new address, most first."""
    hosts = Counter(host_of(address) for address in Link.objects.standing().filter(verdict=Link.Verdict.MOVED).values_list("address", flat=True))
    return [(host, count) for host, count in sorted(hosts.items(), key=lambda pair: (-pair[1], pair[0])) if count > 1]


def moved_of_host(host):
    """Links of one host that propose a new address, in the order of the list."""
    return [link for link in Link.objects.moved() if host and host_of(link.address) == host]
