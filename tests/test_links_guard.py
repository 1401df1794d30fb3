"""The link checker is no door into our network: addresses in every odd spelling, and not one connection to a forbidden one."""

import socket

import pytest

from resources.link_guard import Guard
from resources.link_manners import Turns
from resources.link_visit import GONE, REFUSED, Visitor

pytestmark = pytest.mark.one_database

PUBLIC = "93.184.216.34"

# Refused whatever a name server says: it answers with a public address, so only the spelling can be the reason.
ODD = r"""
file:///etc/passwd
ftp://example.org/
gopher://example.org:70/_
dict://example.org:11211/stats
ldap://example.org/
javascript:alert(1)
data:text/html,hello
mailto:somebody@example.org
ws://example.org/
jar:http://example.org!/
//example.org/
/etc/passwd
example.org
http:example.org
http:/example.org
http:///example.org/
http://
https://?
http://:80/
http://example.org:22/
http://example.org:25/
http://example.org:8080/
http://example.org:8443/
http://example.org:0/
http://example.org:65535/
http://example.org:65536/
http://example.org:-80/
http://example.org:80:80/
http://example.org:80x/
http://example.org:\uff18\uff10/
http://somebody@example.org/
http://somebody:secret@example.org/
http://example.org@127.0.0.1/
http://127.0.0.1@example.org/
http://example.org%40127.0.0.1/
http://example.org\\@127.0.0.1/
http://127.0.0.1\\.example.org/
http:\\\\example.org\\
http://example.org%00.example.org/
http://example.org\0/
http://example.org/\r\nX-Injected: 1
http://example.org\r\nHost: 127.0.0.1/
http://exa\tmple.org/
http://example.org/\x7f
http://example.org/\ud800
http://exam ple.org/
http://example..org/
http://.example.org/
http://-example.org/
http://example-.org/
http://*.example.org/
http://[example.org]/
http://[::1/
http://::1]/
http://[]/
http://[127.0.0.1]/
http://[fe80::1%25eth0]/
http://[fe80::1%eth0]/
http://[v1.127]/
http://localhost/
http://LOCALHOST/
http://localhost./
http://intranet/
http://metadata/
http://2130706433/
http://017700000001/
http://0x7f000001/
http://0x7f.0x0.0x0.0x1/
http://0177.0.0.1/
http://0177.0000.0000.0001/
http://127.1/
http://127.0.1/
http://127.0.0.1./
http://127.0.0.01/
http://127.0.0.256/
http://1.2.3.4.5/
http://example.0x7f/
http://example.1/
http://0/
http://0x/
http://\uff11\uff12\uff17.\uff10.\uff10.\uff11/
http://\u2460\u2461\u2466.0.0.1/
http://127\u30020\u30020\u30021/
http://ex\uff0fample.org/
http://example.org\uff0f@127.0.0.1/
http://127.0.0.1/
http://127.255.255.254/
http://0.0.0.0/
http://10.0.0.1/
http://100.64.0.1/
http://169.254.169.254/latest/meta-data/
http://172.16.0.1/
http://192.168.0.1/
http://224.0.0.1/
http://255.255.255.255/
http://[::]/
http://[::1]/
http://[0:0:0:0:0:0:0:1]/
http://[::ffff:127.0.0.1]/
http://[::ffff:7f00:1]/
http://[::127.0.0.1]/
http://[fd00:ec2::254]/
https://10.0.0.1:443/
http://10.0.0.1:80/
HTTP://169.254.169.254/
""".strip("\n").split("\n")
ODD = [line.encode().decode("unicode_escape") for line in ODD]

# What a name may resolve to, and we still do not go: alone, and beside a public address.
FORBIDDEN = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1 127.8.8.8 168.63.129.16 169.254.0.1 169.254.169.254
172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.192 192.0.2.1 192.88.99.1 192.168.0.1 192.168.255.255 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1
224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
:: ::1 ::2 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:93.184.216.34 ::ffff:0:127.0.0.1 64:ff9b::127.0.0.1 64:ff9b::10.0.0.1
64:ff9b::169.254.169.254 64:ff9b:1::93.184.216.34 100::1 2001::1 2001:0:7f00:1::1 2001:2::1 2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1::1
2002:a00:1::1 2002:5db8:d822::1 3fff::1 4000::1 5f00::1 fc00::1 fd00:ec2::254 fdff::1 fe80::1 fe80::1%eth0 fec0::1 feff::1 ff02::1 ff0e::1
""".split()

ALLOWED = "1.1.1.1 93.184.216.34 100.63.255.255 100.128.0.1 172.15.255.255 172.32.0.1 192.0.1.1 198.17.0.1 223.255.255.255 2606:4700::1111 2a00:1450:4009::1 64:ff9b::5db8:d822".split()


class Names:
    """A name server that is a table: every name has these addresses. Counts how often it is asked."""

    def __init__(self, *addresses):
        self.addresses, self.asked = addresses, []

    def __call__(self, host, port, type=0):
        self.asked.append(host)
        return [(socket.AF_INET6 if ":" in ip else socket.AF_INET, type, 6, "", (ip, port)) for ip in self.addresses]


@pytest.fixture
def connects(monkeypatch):
    """Every address that a socket is connected to; none answers."""
    tried = []

    def connect(self, address):
        tried.append(address)
        raise ConnectionRefusedError("nobody there")

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket.socket, "connect_ex", connect)
    monkeypatch.setattr(socket, "getaddrinfo", None)  # nothing looks a name up behind the guard's back
    return tried


def visit(address, names):
    return Visitor("agent", guard=Guard(resolve=names), turns=Turns(sleep=lambda seconds: None)).visit(address)


def test_the_table_has_enough_rows():
    assert len(ODD) + 2 * len(FORBIDDEN) >= 200
    assert len(set(ODD)) == len(ODD)


@pytest.mark.parametrize("address", ODD)
def test_no_connection_is_made_for_an_odd_address(address, connects):
    names = Names(PUBLIC)
    finding = visit(address, names)
    assert (finding.outcome, connects, names.asked) == (REFUSED, [], []), finding.note


@pytest.mark.parametrize("ip", FORBIDDEN)
def test_no_connection_is_made_where_any_address_of_a_name_is_not_public(ip, connects):
    for answers in ([ip], [PUBLIC, ip], [ip, PUBLIC], ["2606:4700::1111", ip]):
        names = Names(*answers)
        finding = visit("https://example.org/page", names)
        assert (finding.outcome, connects, names.asked) == (REFUSED, [], ["example.org"]), finding.note


@pytest.mark.parametrize("ip", ALLOWED)
def test_a_public_address_is_connected_to_by_its_number_on_the_port_that_was_asked_for(ip, connects):
    for address, port in (("http://example.org/", 80), ("https://EXAMPLE.org./", 443), ("http://example.org:443/", 443), ("https://example.org:80/", 80)):
        connects.clear()
        visit(address, Names(ip))
        assert connects == [(ip, port)]


def test_a_number_in_its_plain_spelling_needs_no_name_server(connects):
    names = Names()
    visit("http://93.184.216.34/", names)
    visit("http://[2606:4700::1111]/", names)
    assert (connects, names.asked) == ([(PUBLIC, 80), ("2606:4700::1111", 80)], [])


def test_a_name_in_any_script_is_asked_for_as_the_network_writes_it(connects):
    names = Names(PUBLIC)
    visit("https://bücher.example/", names)
    assert names.asked == ["xn--bcher-kva.example"]


def test_each_address_of_a_name_is_tried_and_four_at_most(connects):
    visit("http://example.org/", Names(*[f"93.184.216.{n}" for n in range(9)]))
    assert connects == [(f"93.184.216.{n}", 80) for n in range(4)]


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [(socket.gaierror(socket.EAI_NONAME, "no"), GONE), (socket.gaierror(socket.EAI_AGAIN, "later"), "failed"), (UnicodeError("odd"), REFUSED)],
)
def test_a_name_without_an_address_is_gone_and_one_that_could_not_be_looked_up_has_failed(fault, outcome, connects):
    def names(*args, **kwargs):
        raise fault

    assert visit("https://example.org/", names).outcome == outcome
    assert connects == []


def test_a_name_server_that_answers_nonsense_or_nothing_leads_nowhere(connects):
    assert visit("https://example.org/", Names("not an address")).outcome == REFUSED
    assert visit("https://example.org/", Names()).outcome == GONE
    assert connects == []
