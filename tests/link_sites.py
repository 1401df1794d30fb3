"""A web server on this machine that answers for any name, and the guard opened for it alone."""

import contextlib
import datetime
import ipaddress
import socket
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from resources.link_guard import Guard
from resources.link_manners import Turns
from resources.link_visit import Visitor


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self):
        self.now, self.lock = 1000.0, threading.Lock()

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        with self.lock:
            self.now += seconds


class Sites:
    """What each address of the server answers: `sites["/path"] = (status, headers, body)`, or a function of the handler. All else is 404.

    `asked` holds (time, host, path, headers) of each request.
    """

    def __init__(self, clock=time.monotonic):
        self.pages, self.asked, self.clock = {}, [], clock

    def __setitem__(self, path, answer):
        self.pages[path] = answer

    def answer(self, handler):
        self.asked.append((self.clock(), handler.headers["Host"], handler.path, handler.headers))
        answer = self.pages.get(f"{handler.headers['Host']}{handler.path}", self.pages.get(handler.path, (404, {}, b"")))
        with contextlib.suppress(ConnectionError):
            answer(handler) if callable(answer) else send(handler, *answer)

    @property
    def paths(self):
        return [path for _, _, path, _ in self.asked if path != "/robots.txt"]


def send(handler, status, headers=(), body=b""):
    handler.send_response_only(status, "")
    for name, value in dict(headers).items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


@contextlib.contextmanager
def serving(sites, context=None):
    """The server, until the end: (its port)."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            sites.answer(self)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def here(host, port, type=0):
    """A name server for which every name is this machine."""
    return [(socket.AF_INET, type, 6, "", ("127.0.0.1", port))]


def opened_for(port):
    """The guard, opened for this machine alone; whatever port is meant, the test's server is asked."""
    return Guard(resolve=here, allow=lambda ip, _: ip.is_loopback, route=lambda ip, _: (str(ip), port))


def visitor_of(port, clock=None, **options):
    clock = clock or Clock()
    return Visitor("Portal link checker (+https://portal.example)", guard=opened_for(port), turns=Turns(clock=clock, sleep=clock.sleep), **options)


def certificate_for(name, folder):
    """(what a server shows, what a client trusts): TLS for one name, signed by itself."""
    key, who = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    built = x509.CertificateBuilder().subject_name(who).issuer_name(who).public_key(key.public_key()).serial_number(1)
    built = built.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=9))
    built = built.add_extension(x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
    built = built.add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
    pem = built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    file = folder / "server.pem"
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(secret + pem)
    shown = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shown.load_cert_chain(file)
    return shown, ssl.create_default_context(cadata=pem.decode())
