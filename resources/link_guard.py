"""Which addresses the link checker may visit. It is no door into our network: an address is read strictly, its name is resolved once,
every address that comes back must be public, and what is connected to is an address that was checked, never a name.

Pure of Django, so that it can be read and tested by itself.
"""

import ipaddress
import queue
import re
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

PORTS = {"http": 80, "https": 443}
LONGEST = 2000  # characters of an address
MOST_TRIED = 4  # IP addresses of one name

NOT_PUBLIC_4 = [
    ipaddress.ip_network(text)
    for text in """
    0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16
    198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 168.63.129.16/32
    """.split()  # the last one is public by number alone: a cloud's own servers answer there
]
PUBLIC_6 = ipaddress.ip_network("2000::/3")  # all that is handed out; ULA, link-local, site-local, mapped and multicast lie outside
NOT_PUBLIC_6 = [ipaddress.ip_network(text) for text in "2001::/23 2001:db8::/32 2002::/16 3fff::/20".split()]  # Teredo, documentation, 6to4
NAT64 = ipaddress.ip_network("64:ff9b::/96")  # a public IPv4 address as a network without IPv4 sees it

LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
LIKE_A_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\\]")


class Refused(Exception):
    """An address that the checker does not go to; the message says why."""


class NoSuchName(Exception):
    """The name of an address does not exist."""


class NotResolved(Exception):
    """The name could not be looked up: the fault may be ours."""


@dataclass(frozen=True)
class Target:
    """An address, read: where to connect, and what to ask for there."""

    address: str
    scheme: str
    host: str  # ASCII, lower case
    port: int
    path: str  # with its query, ready to be sent

    @property
    def host_header(self):
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == PORTS[self.scheme] else f"{name}:{self.port}"

    @property
    def site(self):
        """What robots.txt is asked for."""
        return f"{self.scheme}://{self.host_header}"


def is_public(ip):
    """Is this a unicast address of the public internet?"""
    if ip.version == 4:
        return not any(ip in network for network in NOT_PUBLIC_4)
    if ip in NAT64:
        return is_public(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
    return ip in PUBLIC_6 and not any(ip in network for network in NOT_PUBLIC_6)


def read(address):
    """The target an address names. Raises Refused where it is not a plain http or https address on the usual ports."""
    if len(address) > LONGEST or CONTROL.search(address):
        raise Refused("The address is too long, or has characters that no address has")
    address = address.strip(" ")
    try:
        parts = urlsplit(address)
        port, host = parts.port, _host(parts.hostname or "")
    except ValueError:  # urlsplit's own, for ports and brackets; UnicodeError is one
        raise Refused("The address cannot be read") from None
    if parts.scheme not in PORTS:
        raise Refused(f"It is a {parts.scheme[:20] or 'bare'} address, not http or https")
    if "@" in parts.netloc or "%" in parts.netloc:
        raise Refused("The address has more than a name before its path")
    if port is not None and port not in PORTS.values():
        raise Refused(f"It names port {port}; only 80 and 443 are visited")
    path = quote(parts.path or "/", safe="%/:=~+!$,;'@()*&") + (f"?{quote(parts.query, safe=SAFE_IN_QUERY)}" if parts.query else "")
    return Target(address, parts.scheme, host, port or PORTS[parts.scheme], path)


SAFE_IN_QUERY = "%/:=&?~+!$,;'@()*[]"


def _host(text):
    """A host name in ASCII, or an IP address in its one plain spelling; Refused where it is neither."""
    if ":" in text:
        return str(ipaddress.IPv6Address(text)) if "%" not in text else _refuse("The address names an interface")
    host = text.encode("idna").decode("ascii").lower().removesuffix(".")
    labels = host.split(".")
    if LIKE_A_NUMBER.fullmatch(labels[-1]):
        return str(ipaddress.IPv4Address(host))  # raises ValueError for decimal, octal, hexadecimal and short spellings
    if len(host) > 253 or len(labels) < 2 or not all(LABEL.fullmatch(label) for label in labels):
        _refuse("The address has no full host name")
    return host


def _refuse(why):
    raise Refused(why)


@dataclass
class Guard:
    """Resolves and connects. Tests give a resolver of their own, and may open the guard for one place of this machine.

    `resolve(host, port, type=)` answers as `socket.getaddrinfo`; `allow(ip, port)` says whether an address may be connected to;
    `route(ip, port)` where to, which is there, unless a test's server listens elsewhere.
    """

    resolve: Callable = socket.getaddrinfo
    allow: Callable | None = None
    route: Callable | None = None

    def addresses(self, target, seconds):
        """Every IP address of a target, all of them allowed. Asks once, for so long at most."""
        found = _in_time(lambda: self._look_up(target), seconds)
        if not found:
            raise NoSuchName("Its name has no address")
        for ip in found:
            if not self._allowed(ip, target.port):
                raise Refused("It leads into a private or reserved network")
        return found

    def _allowed(self, ip, port):
        return self.allow(ip, port) if self.allow else is_public(ip)

    def _look_up(self, target):
        try:
            return [ipaddress.ip_address(target.host)]
        except ValueError:
            pass  # a name
        try:
            rows = self.resolve(target.host, target.port, type=socket.SOCK_STREAM)
            return list(dict.fromkeys(_ip(row[4][0]) for row in rows))
        except socket.gaierror as fault:
            if fault.errno in NO_SUCH_NAME:
                raise NoSuchName("Its name does not exist") from None
            raise NotResolved("Its name could not be looked up") from None
        except (ValueError, UnicodeError):
            raise Refused("Its name resolves to something that is no address") from None

    def connect(self, ips, port, left):
        """A socket to the first of these addresses that answers; each but the last may use half of the time that is left."""
        ips = ips[:MOST_TRIED]
        for ip in ips[:-1]:
            try:
                return self._socket(ip, port, left() / 2)
            except OSError:
                continue
        return self._socket(ips[-1], port, left())

    def _socket(self, ip, port, seconds):
        """Connected to this very number: no name is looked up from here on."""
        sock = socket.socket(socket.AF_INET if ip.version == 4 else socket.AF_INET6, socket.SOCK_STREAM)
        try:
            sock.settimeout(seconds)
            sock.connect(self.route(ip, port) if self.route else (str(ip), port))
        except OSError:
            sock.close()
            raise
        return sock


NO_SUCH_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}


def _ip(text):
    """An address as a resolver writes it. One with an interface is of this network alone, and is refused by its number."""
    return ipaddress.ip_address(text.split("%")[0])


def _in_time(work, seconds):
    """What `work` returns or raises, or TimeoutError: the system's resolver takes no limit of time."""
    answers = queue.SimpleQueue()

    def do():
        try:
            answers.put((work(), None))
        except Exception as fault:  # handed to whoever waits
            answers.put((None, fault))

    threading.Thread(target=do, daemon=True, name="link-name").start()
    try:
        answer, fault = answers.get(timeout=max(seconds, 0.001))
    except queue.Empty:
        raise TimeoutError("Its name took too long to look up") from None
    if fault:
        raise fault
    return answer
