"""A throwaway PostgreSQL for the tests, made in about a second from the machine's own binaries.

    with cluster() as url:
        ...  # DATABASE_URL=url

The server belongs to a keeper: this file run as a program of its own. It holds one end of a pipe and takes the server down when
the other end closes. So no server outlives the tests, whether they end well, by Ctrl-C, or by being killed.
"""

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path

PLACES = (
    "/usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "/usr/pgsql-*/bin",  # Red Hat, Fedora, from postgresql.org
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/usr/local/pgsql*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "50",
    # What is written here is thrown away, so nothing needs to reach the disk.
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
}
PATIENCE = 30  # seconds a server may take to start


class Unavailable(Exception):
    """This machine cannot start a PostgreSQL server; the message says why, in words."""


@contextmanager
def cluster():
    """The DATABASE_URL of a fresh server, which is gone afterwards. Raises Unavailable."""
    find_binaries()
    account()
    keeper = subprocess.Popen(
        [sys.executable, "-I", __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for the tests; the server goes when they have gone
    )
    try:
        answer = keeper.stdout.readline().strip()
        if not answer.startswith("postgres://"):
            raise Unavailable(answer or "PostgreSQL did not start")
        yield answer
    finally:
        keeper.stdin.close()
        keeper.wait()
        keeper.stdout.close()


def find_binaries():
    """The folder that holds initdb and postgres: the one on PATH, else the newest installed. Raises Unavailable."""
    on_path = shutil.which("initdb")
    folders = [Path(on_path).resolve().parent] if on_path else []
    for place in PLACES:
        folders += sorted(Path("/").glob(place.lstrip("/")), key=version_in_path, reverse=True)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise Unavailable("no initdb found. Install postgresql.")


def version_in_path(folder):
    """The version a folder's path names, as a number: 15 for /usr/lib/postgresql/15/bin, 0 where it names none."""
    numbers = re.findall(r"\d+(?:\.\d+)?", str(folder))
    return float(numbers[-1]) if numbers else 0.0


def major_version():
    """What the binaries are, as people say it: "15". Raises Unavailable."""
    said = subprocess.run([find_binaries() / "postgres", "--version"], check=True, capture_output=True, text=True).stdout
    return re.search(r"\d+", said).group()


def account():
    """Whom the server runs as: PostgreSQL refuses root, so another user is lent to it. Raises Unavailable."""
    if os.name == "nt":
        raise Unavailable("the tests do not know how to start PostgreSQL on Windows")
    if os.geteuid() != 0:
        return {}
    import pwd

    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise Unavailable("PostgreSQL refuses to run as root, and there is no user postgres or nobody to run it as")


# The keeper -----------------------------------------------------------------------------------------------------------


def keep():
    """Start a server, say its URL (or why there is none) on one line, and end it when standard input closes."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = Path(tempfile.mkdtemp(prefix="portal-postgres-"))
    server = None
    try:
        lend(folder)
        password = secrets.token_urlsafe(24)
        make_cluster(folder, password)
        port = free_port()
        server = start(folder, port)
        wait_until_ready(folder, server)
        say(f"postgres://portal:{password}@127.0.0.1:{port}/postgres")
        sys.stdin.read()
    except Unavailable as reason:
        say(reason)
    finally:
        if server:
            server.send_signal(signal.SIGQUIT)  # PostgreSQL's "immediate" shutdown
            server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def say(line):
    """Tell the tests, if they are still there."""
    with suppress(BrokenPipeError):
        os.write(1, f"{line}\n".encode())


def lend(folder):
    """Give a folder to the user the server runs as."""
    borrower = account()
    if borrower:
        os.chown(folder, borrower["user"], borrower["group"])


def make_cluster(folder, password):
    """Write an empty cluster into folder/data. Raises Unavailable with initdb's own last words."""
    secret = folder / "password"
    secret.touch(mode=0o600)
    secret.write_text(password)
    lend(secret)
    locale = "en_GB.UTF-8" if sys.platform == "darwin" else "C.UTF-8"  # plain "C" cannot fold the case of letters beyond ASCII
    place = ["--pgdata", folder / "data", "--no-sync", "--encoding", "UTF8", "--locale", locale]
    way_in = ["--username", "portal", "--auth", "scram-sha-256", "--pwfile", secret]
    made = subprocess.run(
        [find_binaries() / "initdb", *place, *way_in],
        check=False,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        **account(),
    )
    if made.returncode:
        raise Unavailable(f"initdb failed: {last_line(made.stderr)}")
    secret.unlink()


def start(folder, port):
    """The server's process."""
    options = [word for name, value in {**SETTINGS, "port": port}.items() for word in ("-c", f"{name}={value}")]
    with open(folder / "log", "w") as log:
        return subprocess.Popen(
            [find_binaries() / "postgres", "-D", folder / "data", *options],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            **account(),
        )


def wait_until_ready(folder, server):
    """Return when the server takes connections: it writes so in its pid file. Raises Unavailable."""
    note = folder / "data" / "postmaster.pid"
    give_up_at = time.monotonic() + PATIENCE
    while not (note.exists() and note.read_text().rstrip().endswith("ready")):
        if server.poll() is not None:
            raise Unavailable(f"PostgreSQL did not start: {last_line((folder / 'log').read_text())}")
        if time.monotonic() > give_up_at:
            raise Unavailable(f"PostgreSQL was not ready within {PATIENCE} seconds")
        time.sleep(0.02)


def free_port():
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def last_line(text):
    """The last line of a program's output, which says what went wrong."""
    return (text.strip().splitlines() or ["it said nothing"])[-1]


if __name__ == "__main__":
    keep()
