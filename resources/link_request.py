"""One request of the link checker: to an address that was checked, for so long and so much and no more.

Pure of Django. No cookies, no proxies, no connection kept open.
"""

import http.client
import io
import ssl
import time
from contextlib import contextmanager
from dataclasses import dataclass

MOST_BYTES = 64 * 1024  # of one answer, its headers included
SECONDS = 10  # of one visit


class Deadline:
    """The time of one visit: a wall clock, which stands still only while the checker itself waits for its turn."""

    def __init__(self, seconds=SECONDS, clock=time.monotonic):
        self.clock, self.seconds, self.end = clock, seconds, clock() + seconds

    @property
    def used(self):
        """Seconds used so far."""
        return self.seconds - (self.end - self.clock())

    def left(self):
        """Seconds left. Raises TimeoutError where there are none."""
        seconds = self.end - self.clock()
        if seconds <= 0:
            raise TimeoutError("It took too long")
        return seconds

    @contextmanager
    def paused(self):
        """Time spent in here does not count."""
        began = self.clock()
        try:
            yield
        finally:
            self.end += self.clock() - began


@dataclass(frozen=True)
class Answer:
    """What came back, as far as it was read."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def location(self):
        """Where a redirect points, as it was written; servers write UTF-8 where the standard has Latin-1."""
        return (self.headers["Location"] or "").encode("latin-1", "replace").decode("utf-8", "replace").strip(" ")


class Wire:
    """A socket as http.client uses one. Before each read its time is set to what is left, so that a byte a second does not go on for ever."""

    def __init__(self, sock, deadline):
        self.sock, self.deadline = sock, deadline

    def sendall(self, data):
        self.sock.settimeout(self.deadline.left())
        self.sock.sendall(data)

    def makefile(self, mode="rb"):
        return io.BufferedReader(Reader(self.sock, self.deadline), 4096)

    def close(self):
        """Not yet: http.client closes a connection before its answer is read. `Connection.hang_up` does."""


class Reader(io.RawIOBase):
    """What a socket sends, up to the most we read; then it is as if it had ended."""

    def __init__(self, sock, deadline):
        self.sock, self.deadline, self.room = sock, deadline, MOST_BYTES

    def readable(self):
        return True

    def readinto(self, buffer):
        if not self.room:
            return 0
        self.sock.settimeout(self.deadline.left())
        count = self.sock.recv_into(memoryview(buffer)[: self.room])
        self.room -= count
        return count


class Connection(http.client.HTTPConnection):
    """A connection to the addresses that were checked for this target, and to nothing else."""

    def __init__(self, target, ips, guard, deadline, context):
        super().__init__(target.host, target.port)
        self.target, self.ips, self.guard, self.deadline, self.context, self.line = target, ips, guard, deadline, context, None

    def connect(self):
        """TLS asks for the name and checks the certificate for it, though the connection is to a number."""
        sock = self.guard.connect(self.ips, self.target.port, self.deadline.left)
        try:
            if self.target.scheme == "https":
                sock.settimeout(self.deadline.left())
                sock = self.context.wrap_socket(sock, server_hostname=self.target.host)
        except BaseException:
            sock.close()
            raise
        self.sock, self.line = Wire(sock, self.deadline), sock

    def hang_up(self):
        """Close the socket itself."""
        if self.line:
            self.line.close()


def ask(target, *, guard, agent, deadline, context=None):
    """GET a target. Raises what the guard, the network or http.client raise."""
    ips = guard.addresses(target, deadline.left())
    connection = Connection(target, ips, guard, deadline, context or ssl.create_default_context())
    try:
        connection.putrequest("GET", target.path, skip_host=True, skip_accept_encoding=True)
        for name, value in _headers(target, agent):
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        with response:
            return Answer(response.status, response.headers, _body(response))
    finally:
        connection.hang_up()


def _headers(target, agent):
    return [
        ("Host", target.host_header),
        ("User-Agent", agent),
        ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8"),
        ("Accept-Language", "en-GB,en;q=0.8"),
        ("Accept-Encoding", "identity"),
        ("Connection", "close"),
    ]


def _body(response):
    """The beginning of the body: one that is cut off, by us or by the server, is as good."""
    try:
        return response.read(MOST_BYTES)
    except http.client.IncompleteRead as cut:
        return cut.partial


def agent_name(service, base_url):
    """How the checker calls itself: printable ASCII alone, so that nobody's setting becomes a header."""
    return "".join(c if " " <= c <= "~" else "?" for c in f"{service} link checker (+{base_url})")
