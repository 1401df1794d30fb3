"""Visits to a real server on this machine, for which the test alone opens the guard: what is there, in fair words, in bounded time and bytes."""

import socket
import ssl
import threading
import time

import dns.message
import dns.query
import dns.resolver
import dns.rrset
import pytest

from resources.link_guard import Guard
from resources.link_manners import Turns
from resources.link_request import MOST_BYTES, Reader
from resources.link_visit import FAILED, FINE, GONE, MOVED, REFUSED, ROBOTS, SIGN_IN, SLOW, Visitor
from tests.link_sites import Clock, Sites, certificate_for, opened_for, serving, visitor_of

pytestmark = pytest.mark.one_database

PAGE = "http://site.example/page"


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def sites(clock):
    return Sites(clock)


@pytest.fixture
def port(sites):
    with serving(sites) as port:
        yield port


@pytest.fixture
def visitor(port, clock):
    return visitor_of(port, clock)


# What is there --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "headers", "body", "outcome"),
    [
        (200, {}, b"<p>Here", FINE),
        (200, {"Content-Encoding": "gzip"}, b"\x00", FINE),
        (404, {}, b"", GONE),
        (410, {}, b"", GONE),
        (400, {}, b"", FAILED),
        (500, {}, b"", FAILED),
        (503, {}, b"", FAILED),
        (304, {}, b"", FAILED),
        (302, {}, b"", FAILED),  # to nowhere
        (401, {}, b"", SIGN_IN),
        (403, {}, b"<form><input name=p TYPE='password'>", SIGN_IN),
        (403, {}, b"no robots", ROBOTS),
        (406, {}, b"", ROBOTS),
        (429, {}, b"", ROBOTS),
        (999, {}, b"", ROBOTS),
        (503, {"cf-mitigated": "challenge"}, b"", ROBOTS),
        (202, {"x-amzn-waf-action": "challenge"}, b"", ROBOTS),
    ],
)
def test_an_answer_in_fair_words(status, headers, body, outcome, sites, visitor):
    sites["/page"] = status, headers, body
    finding = visitor.visit(PAGE)
    assert (finding.outcome, finding.status, finding.final_address) == (outcome, status, ""), finding


@pytest.mark.parametrize(
    ("statuses", "outcome"),
    [([301], MOVED), ([308], MOVED), ([301, 308, 301, 301, 301], MOVED), ([302], FINE), ([307], FINE), ([303], FINE), ([301, 302], FINE), ([301] * 6, FAILED)],
)
def test_moved_is_what_every_redirect_says_is_for_good_and_five_are_followed(statuses, outcome, sites, visitor):
    for number, status in enumerate(statuses):
        sites[f"/{number or 'page'}"] = status, {"Location": f"http://other.example/{number + 1}"}, b""
    sites[f"/{len(statuses)}"] = 200, {}, b""
    finding = visitor.visit(PAGE + "#part")
    assert finding.outcome == outcome, finding.note
    assert len(sites.paths) == min(len(statuses), 5) + 1
    if outcome == MOVED:
        assert finding.final_address == f"http://other.example/{len(statuses)}#part"


@pytest.mark.parametrize(
    ("location", "outcome"),
    [
        ("http://login.microsoftonline.com/abc/oauth2/authorize?x=1", SIGN_IN),
        ("https://access.login.nhs.uk/authorize", SIGN_IN),
        ("/login?next=/page", SIGN_IN),
        ("/account/Sign-In/", SIGN_IN),
        ("/logins-of-the-nhs", FINE),
        ("/blogs/oauth", SIGN_IN),
        ("/missing/login", GONE),
    ],
)
def test_a_redirect_to_where_one_signs_in(location, outcome, sites, visitor):
    sites["/page"] = 302, {"Location": location.replace("https:", "http:")}, b""
    for path in ("/abc/oauth2/authorize?x=1", "/authorize", "/login?next=/page", "/account/Sign-In/", "/logins-of-the-nhs", "/blogs/oauth"):
        sites[path] = 200, {}, b""
    assert visitor.visit(PAGE).outcome == outcome


def test_a_page_that_was_a_sign_in_page_from_the_start_is_fine(sites, visitor):
    sites["/login"] = 302, {"Location": "/login/"}, b""
    sites["/login/"] = 200, {}, b""
    assert visitor.visit("http://site.example/login").outcome == FINE


# Redirectors ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "location",
    """
    http://127.0.0.1/ http://10.0.0.1/ http://169.254.169.254/latest http://[::1]/ http://[::ffff:127.0.0.1]/ //192.168.0.1/ http://2130706433/ http://0x7f.1/
    http://site.example:22/ https://site.example:8443/ file:///etc/passwd ftp://site.example/ javascript:alert(1) http://user@site.example/ http://intranet/
    http://site.example\\@127.0.0.1/ http://private.example/ https://private.example/
    """.split(),
)
def test_a_redirect_is_checked_like_the_first_address_and_nothing_is_asked_there(location, sites, port, clock):
    def names(host, port, type=0):
        return [(socket.AF_INET, type, 6, "", ("10.0.0.7" if host == "private.example" else "93.184.216.34", port))]

    guard = Guard(resolve=names, route=lambda ip, _: ("127.0.0.1", port))  # the guard itself is shut
    sites["/page"] = 301, {"Location": location}, b""
    finding = Visitor("agent", guard=guard, turns=Turns(clock=clock, sleep=clock.sleep)).visit(PAGE)
    assert finding.outcome == REFUSED, finding.note
    assert sites.paths == ["/page"]


@pytest.mark.parametrize("location", ["http://[", "http://exa mple.org/", "//"])
def test_a_redirect_to_something_that_is_no_address_is_a_finding(location, sites, visitor):
    sites["/page"] = 301, {"Location": location}, b""
    assert visitor.visit(PAGE).outcome in (REFUSED, FAILED)


def test_circles_end_and_where_cookies_are_the_reason_it_is_not_held_against_the_site(sites, visitor):
    sites["/page"] = 302, {"Location": "/page"}, b""
    assert visitor.visit(PAGE).outcome == FAILED
    sites["/page"] = 302, {"Location": "/page", "Set-Cookie": "seen=1"}, b""
    assert visitor.visit(PAGE).outcome == ROBOTS
    assert all("Cookie" not in headers for *_, headers in sites.asked)


def test_the_address_as_a_server_writes_it_is_followed(sites, visitor):
    def raw(handler):
        handler.wfile.write("HTTP/1.1 301 Moved\r\nLocation: /bücher und mehr\r\n\r\n".encode())

    sites["/page"] = raw
    sites["/b%C3%BCcher%20und%20mehr"] = 200, {}, b""
    finding = visitor.visit(PAGE)
    assert (finding.outcome, finding.final_address) == (MOVED, "http://site.example/b%C3%BCcher%20und%20mehr")


# A name that changes its mind -----------------------------------------------------------------------------------------


@pytest.fixture
def rebinding():
    """A name server on this machine that says a public address first, and this machine's own from then on: (a resolver that asks it, what it was asked)."""
    asked, stop = [], threading.Event()
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    sock.settimeout(0.05)

    def serve():
        while not stop.is_set():
            try:
                wire, who = sock.recvfrom(4096)
            except TimeoutError:
                continue
            question = dns.message.from_wire(wire)
            name = question.question[0].name
            reply = dns.message.make_response(question)
            reply.answer.append(dns.rrset.from_text(name, 0, "IN", "A", "93.184.216.34" if not asked else "127.0.0.1"))
            asked.append(str(name))
            sock.sendto(reply.to_wire(), who)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()

    def resolve(host, port, type=0):
        answer = dns.query.udp(dns.message.make_query(host, "A"), "127.0.0.1", port=sock.getsockname()[1], timeout=5)
        return [(socket.AF_INET, type, 6, "", (row.address, port)) for rrset in answer.answer for row in rrset]

    yield resolve, asked
    stop.set()
    thread.join()
    sock.close()


def test_a_name_is_asked_for_once_and_what_was_checked_is_connected_to(rebinding, sites, port, clock):
    resolve, asked = rebinding
    went = []

    def route(ip, wanted):
        went.append((str(ip), wanted))
        return "127.0.0.1", port

    visitor = Visitor("agent", guard=Guard(resolve=resolve, route=route), turns=Turns(clock=clock, sleep=clock.sleep))
    visitor.robots.rules["http://rebind.example"] = lambda address: ""
    sites["/page"] = 302, {"Location": "/again"}, b""
    sites["/again"] = 200, {}, b"secret"
    finding = visitor.visit("http://rebind.example/page")
    assert went == [("93.184.216.34", 80)]  # not to where the name points by now
    assert asked == ["rebind.example."] * 2  # once for each request: the redirect is checked anew ...
    assert (finding.outcome, sites.paths) == (REFUSED, ["/page"])  # ... and refused


# Slow, endless and broken ---------------------------------------------------------------------------------------------


def tarpit(part):
    """One that sends a byte at a time, each well within any time-out of one read."""

    def answer(handler):
        if part == "body":
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(500):
            handler.wfile.write(b"H")
            time.sleep(0.01)

    return answer


@pytest.mark.parametrize("part", ["headers", "body"])
def test_a_tar_pit_is_left_when_the_time_is_up(part, sites, port, clock):
    sites["/page"] = tarpit(part)
    began = time.monotonic()
    finding = visitor_of(port, clock, seconds=0.3).visit(PAGE)
    assert finding.outcome == SLOW
    assert 0.25 < time.monotonic() - began < 1.5


def test_a_server_that_says_nothing_is_slow_whether_or_not_it_speaks_tls(clock):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(8)
        for scheme in ("http", "https"):
            visitor = visitor_of(silent.getsockname()[1], clock, seconds=0.2)
            visitor.robots.rules[f"{scheme}://site.example"] = lambda address: ""
            assert visitor.visit(f"{scheme}://site.example/").outcome == SLOW


def test_a_name_server_that_does_not_answer_is_slow(clock):
    guard = Guard(resolve=lambda *args, **kwargs: time.sleep(2))
    began = time.monotonic()
    assert Visitor("agent", guard=guard, seconds=0.2).visit(PAGE).outcome == SLOW
    assert time.monotonic() - began < 1.5


@pytest.mark.parametrize("what", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 100 Continue\r\n\r\n"])
def test_no_more_than_64_kb_of_an_endless_answer_are_read(what, sites, visitor, monkeypatch):
    counts, readinto = [], Reader.readinto

    def counted(self, buffer):
        counts.append(readinto(self, buffer))
        return counts[-1]

    def endless(handler):
        handler.wfile.write(what)
        while True:  # until the visitor hangs up
            handler.wfile.write(what if b"100" in what else b"x" * 1024)

    sites["/page"] = endless
    monkeypatch.setattr(Reader, "readinto", counted)
    finding = visitor.visit(PAGE)
    assert finding.outcome == (FAILED if b"100" in what else FINE)
    assert 0 < sum(counts) - MOST_BYTES < 500  # what is over is the robots.txt before


@pytest.mark.parametrize(
    "rubbish", [b"", b"\x00" * 100, b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/9.9 200 OK\r\n\r\n", b"HTTP/1.1 -5 x\r\n\r\n"]
)
def test_an_answer_that_is_not_http_is_a_finding(rubbish, sites, visitor):
    sites["/page"] = lambda handler: handler.wfile.write(rubbish)
    assert visitor.visit(PAGE).outcome == FAILED


def test_nobody_there_is_a_finding(clock):
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    finding = visitor_of(port, clock).visit(PAGE)
    assert (finding.outcome, finding.answered) == (FAILED, False)


# TLS and headers ------------------------------------------------------------------------------------------------------


def test_the_certificate_must_be_for_the_name_and_from_somebody_trusted(sites, clock, tmp_path):
    shown, trusting = certificate_for("site.example", tmp_path)
    asked_for = []
    shown.sni_callback = lambda sock, name, context: asked_for.append(name)
    sites["/page"] = 200, {}, b""
    with serving(sites, shown) as port:
        assert visitor_of(port, clock, context=trusting).visit("https://site.example/page").outcome == FINE
        assert set(asked_for) == {"site.example"}
        other = visitor_of(port, clock, context=trusting).visit("https://other.example/page")
        unknown = visitor_of(port, clock).visit("https://site.example/page")
    assert [other.outcome, unknown.outcome] == [FAILED, FAILED]
    assert "certificate" in other.note
    assert sites.paths == ["/page"]


def test_who_asks_says_so_and_sends_nothing_else(sites, visitor, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9/")
    sites["/page?q=a%20b&c=%C3%A9"] = 200, {"Set-Cookie": "a=b"}, b""
    assert visitor.visit("http://site.example/page?q=a b&c=é#part").outcome == FINE
    headers = sites.asked[-1][3]
    assert dict(headers) == {
        "Host": "site.example",
        "User-Agent": "Portal link checker (+https://portal.example)",
        "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
        "Accept-Language": "en-GB,en;q=0.8",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }


def test_the_checker_s_own_certificate_check_is_the_strict_one(port):
    context = Visitor("agent", guard=opened_for(port)).context
    assert (context.check_hostname, context.verify_mode) == (True, ssl.CERT_REQUIRED)


# Manners --------------------------------------------------------------------------------------------------------------

ROBOTS_TXT = b"User-agent: *\nDisallow: /private\n"


def test_what_robots_txt_forbids_is_not_asked_for_and_the_file_is_read_once(sites, visitor):
    sites["/robots.txt"] = 200, {}, ROBOTS_TXT
    sites["/page"] = 200, {}, b""
    assert visitor.visit("http://site.example/private/report").outcome == ROBOTS
    assert visitor.visit(PAGE).outcome == FINE
    assert [path for _, _, path, _ in sites.asked] == ["/robots.txt", "/page"]


def test_a_redirect_into_what_robots_txt_forbids_is_not_followed(sites, visitor):
    sites["other.example/robots.txt"] = 200, {}, ROBOTS_TXT
    sites["/page"] = 301, {"Location": "http://other.example/private"}, b""
    assert visitor.visit(PAGE).outcome == ROBOTS
    assert sites.paths == ["/page"]


@pytest.mark.parametrize(
    ("status", "body", "outcome"), [(404, b"", FINE), (403, ROBOTS_TXT, FINE), (500, b"", ROBOTS), (503, b"", ROBOTS), (200, b"\xff\xfe\x00", FINE)]
)
def test_a_robots_txt_that_is_not_there_allows_all_and_an_error_forbids_all(status, body, outcome, sites, visitor):
    sites["/robots.txt"] = status, {}, body
    sites["/private"] = sites["/page"] = 200, {}, b""
    assert visitor.visit(PAGE).outcome == outcome


def test_a_host_is_asked_once_a_second_whoever_asks_and_robots_txt_and_redirects_count(sites, port, clock):
    visitor = visitor_of(port, clock)
    for number in range(6):
        sites[f"/{number}"] = 302, {"Location": f"/{number}/"}, b""
        sites[f"/{number}/"] = 200, {}, b""
    threads = [threading.Thread(target=visitor.visit, args=[f"http://site.example/{number}"]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sites.asked) == 13
    assert visitor.turns.next["site.example"] >= 1000 + 13  # thirteen turns were given, a second apart
    assert clock.now >= 1000 + 12


def test_one_after_another_reach_the_server_a_second_apart(sites, visitor):
    sites["/page"] = 200, {}, b""
    for _ in range(5):
        visitor.visit(PAGE)
    visitor.visit("http://other.example/page")
    times = [at for at, host, *_ in sites.asked if host == "site.example"]
    assert times == [1000 + second for second in range(6)]


def test_waiting_for_a_turn_is_not_held_against_a_site(sites, port, clock):
    sites["/page"] = 200, {}, b""
    visitor = visitor_of(port, clock, seconds=4)
    visitor.clock, visitor.turns.gap = clock, 5
    assert [visitor.visit(PAGE).outcome for _ in range(2)] == [FINE, FINE]
    assert clock.now == 1010
