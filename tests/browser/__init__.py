"""Journeys through the portal in the machine's own Chromium, and where that is found."""

import os
import shutil
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
)


def chromium_or_reason():
    """The path of Chromium and an empty reason, or None and the reason in words."""
    chosen = os.environ.get("CHROMIUM")
    if chosen:
        path = shutil.which(chosen)
        return (path, "") if path else (None, f"CHROMIUM names {chosen}, which cannot be run.")
    candidates = [shutil.which(name) for name in NAMES] + [path for path in APPLICATIONS if Path(path).exists()]
    found = next((path for path in candidates if path), None)
    return (found, "") if found else (None, "no Chromium found. Install chromium, or set CHROMIUM to its path.")
