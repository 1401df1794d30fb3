"""How the link checker behaves towards a host: one request a second at most, and none that its robots.txt forbids.

Pure of Django. Kept for one run, and shared by its threads.
"""

import threading
import time
from collections import defaultdict
from urllib.robotparser import RobotFileParser

GAP = 1.0  # seconds from one request to a host to the next


class Turns:
    """Whose turn it is: each host is asked once a second at most, whoever asks."""

    def __init__(self, gap=GAP, clock=time.monotonic, sleep=time.sleep):
        self.gap, self.clock, self.sleep = gap, clock, sleep
        self.lock, self.next = threading.Lock(), {}

    def wait(self, host):
        """Return when the host may be asked."""
        with self.lock:
            now = self.clock()
            at = max(now, self.next.get(host, now))
            self.next[host] = at + self.gap
        if at > now:
            self.sleep(at - now)


class Robots:
    """The robots.txt of each site, asked for once. `fetch(address)` gives a status and a text, or raises what stopped it."""

    def __init__(self, agent, fetch):
        self.agent, self.fetch = agent, fetch
        self.lock, self.locks, self.rules = threading.Lock(), defaultdict(threading.Lock), {}

    def forbids(self, target):
        """Why a robot may not ask for this, in words; "" where it may. Raises what kept the site from answering."""
        with self.lock:
            one_at_a_time = self.locks[target.site]
        with one_at_a_time:
            if target.site not in self.rules:
                self.rules[target.site] = self._ask(target.site)
        rules = self.rules[target.site]
        if isinstance(rules, Exception):
            raise rules
        return rules(target.site + target.path)

    def _ask(self, site):
        """Rules as a function of an address. RFC 9309: no file allows all, a server's error forbids all."""
        try:
            status, text = self.fetch(f"{site}/robots.txt")
        except Exception as fault:  # a site that does not answer at all will not be asked a second time
            return fault
        if status >= 500:
            return lambda address: f"Its robots.txt answers with error {status}, so robots stay away"
        parser = RobotFileParser()
        parser.parse(text.splitlines() if 200 <= status < 300 else [])
        return lambda address: "" if parser.can_fetch(self.agent, address) else "Its robots.txt asks robots to stay away"
