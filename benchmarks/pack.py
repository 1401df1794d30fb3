"""What a pack costs for 22 questions x 200 raters: python -m benchmarks.pack

Makes the round in a temporary SQLite database, then each file in a process of its own: the first, and the median of those after it.
Prints a table in Markdown. Every answer's four texts are of `--length` characters.
"""

import argparse
import os
import pickle
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

ROOT = Path(__file__).resolve().parent.parent
CROWD = {"Board and executive": 20, "Leaders and managers": 60, "Staff": 100, "People with lived experience and partners": 20}
SENTENCE = "We looked at what teams do on an ordinary day, and at what they say of it. "


def make(folder, length):
    """Make and submit the round, and keep its values."""
    os.environ.update({"DJANGO_SETTINGS_MODULE": "impact_portal.settings", "DATABASE_URL": f"sqlite:///{folder}/portal.sqlite3", "EMAIL_URL": ""})
    subprocess.run([sys.executable, "manage.py", "prepare"], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    import django

    django.setup()
    from tests.packs import make_submission

    _, submission = make_submission(crowd=CROWD, words=lambda *_: (SENTENCE * (length // len(SENTENCE) + 1))[:length])
    Path(folder, "values").write_bytes(pickle.dumps((submission.data, submission.sha256)))


def measure(folder, name, times):
    """Make one file again and again in this process. Prints: first s, median s, bytes, and the most memory held."""
    os.environ.update({"DJANGO_SETTINGS_MODULE": "impact_portal.settings", "DATABASE_URL": f"sqlite:///{folder}/portal.sqlite3"})
    import django

    django.setup()
    from assessments.pack.parts import PARTS

    data, sha256 = pickle.loads(Path(folder, "values").read_bytes())
    submission = SimpleNamespace(data=data, sha256=sha256)
    took = []
    for _ in range(times):
        start = cpu()
        content = PARTS[name].of(submission)
        took.append(cpu() - start)
    portal, setter = (resource.getrusage(whose).ru_maxrss / 1024 for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    apart = f"{setter:.0f} MB" if name.endswith(".pdf") else "none"
    print(f"| {name} | {took[0]:.2f} | {statistics.median(took[1:]):.2f} | {len(content) / 1000:,.0f} kB | {portal:.0f} MB | {apart} |")


def cpu():
    """The CPU time of this process and of those it has started, in seconds."""
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--length", type=int, default=300, help="characters of each text of an answer (5,000 at most)")
    parser.add_argument("--times", type=int, default=6)
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        return measure(*options.measure, options.times)
    with tempfile.TemporaryDirectory() as folder:
        make(folder, options.length)
        print(
            "| file | first, CPU s | later, CPU s | size | the portal’s process at most | the typesetter’s |\n| --- | --- | --- | --- | --- | --- |", flush=True
        )
        for name in ("board.pdf", "report.pdf", "slides.pptx", "workbook.xlsx"):
            again = [sys.executable, "-m", "benchmarks.pack", "--times", str(options.times), "--measure", folder, name]
            subprocess.run(again, cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
