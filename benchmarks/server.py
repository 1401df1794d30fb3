"""Measure the portal as `make run` serves it: the memory of a worker, and the bytes that a browser fetches."""

import http.client
import re
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BROWSER = {"Accept": "text/html", "Accept-Encoding": "gzip, deflate, br, zstd"}
FETCHED = re.compile(rb'<(?:script[^>]*\bsrc|link rel="(?:stylesheet|icon|modulepreload)"[^>]*\bhref)="(/[^"]+)"')
IMPORTED = re.compile(rb'\b(?:from|import)\s*\(?\s*"(\./[^"]+)"')
PATIENCE = 300  # seconds a server may take to answer


@contextmanager
def running(environment):
    """A portal of one worker on a port of its own: (its process, a connection)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    granian = [Path(sys.executable).parent / "granian", "--interface", "wsgi", "--port", port, "--workers", "1", "--no-ws", "--blocking-threads", "2"]
    server = subprocess.Popen([*granian, "--log-level", "warning", "impact_portal.wsgi:application"], cwd=ROOT, env={**environment, "PORT": port})
    try:
        yield server, connect(int(port))
    finally:
        server.terminate()
        server.wait()


def connect(port):
    """A connection to a server that has begun to answer."""
    give_up_at = time.monotonic() + PATIENCE
    while time.monotonic() < give_up_at:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            fetch(connection, "/health")
            return connection
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"the portal did not answer within {PATIENCE} seconds")


def fetch(connection, address, headers=BROWSER):
    """A body as it comes over the wire. An answer other than 200 is an error."""
    connection.request("GET", address, headers=headers)
    response = connection.getresponse()
    body = response.read()
    if response.status != 200:
        raise RuntimeError(f"{address} answers {response.status}")
    return body


def memory(server):
    """PSS of the worker in bytes: the largest of the server's children."""
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    return max(int(re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{child}/smaps_rollup").read_text(), re.MULTILINE).group(1)) * 1024 for child in children)


def first_visit(connection):
    """Each file that a first visit to the home page fetches, with its bytes on the wire."""
    waiting, sizes = ["/"], {}
    while waiting:
        address = waiting.pop(0)
        if address in sizes:
            continue
        sizes[address] = len(fetch(connection, address))
        body = fetch(connection, address, {"Accept-Encoding": "identity"})
        waiting += [found.decode() for found in FETCHED.findall(body)]
        if address.endswith(".js"):
            folder = address.rpartition("/")[0]
            waiting += [f"{folder}/{found.decode().removeprefix('./')}" for found in IMPORTED.findall(body)]
    return sizes


def measure(environment, addresses):
    """What a worker weighs after 50 requests, and what its pages weigh. Bytes."""
    with running(environment) as (server, connection):
        for number in range(50):
            fetch(connection, addresses[number % len(addresses)])
        return {"pss": memory(server), "visit": first_visit(connection), "later": {address: len(fetch(connection, address)) for address in addresses}}
