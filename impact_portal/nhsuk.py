"""Serve the few built files of the npm package nhsuk-frontend as static files, hashed and compressed."""

import re
import shutil
from pathlib import PurePath

from django.conf import settings
from django.contrib.staticfiles.finders import FileSystemFinder
from django.contrib.staticfiles.utils import get_files
from django.core.checks import Error
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

STYLESHEET = "nhsuk-frontend.min.css"
BUILT = (STYLESHEET, "nhsuk-frontend.min.css.map", "nhsuk-frontend.min.js", "nhsuk-frontend.min.js.map")
FONT_FACE = re.compile(r"@font-face\{[^}]*\}")


def is_ours_to_serve(path):
    """Icons, yes; favicons, social images, logos and the manifest are restricted to official NHS services."""
    name = PurePath(path).name
    return name.startswith("nhsuk-icon-") and name.endswith(".svg") and "mask" not in name


def copy_built_files():
    """Put the built files into var/nhsuk/, without the rules that fetch Frutiger: it is licensed for NHS organisations only."""
    copies = settings.VAR / "nhsuk"
    copies.mkdir(exist_ok=True)
    for name in BUILT:
        source, copy = settings.NHSUK_DIST / name, copies / name
        if not source.exists():
            continue
        if name == STYLESHEET and not settings.NHS_IDENTITY:
            text = FONT_FACE.sub("", source.read_text(encoding="utf-8"))
            if not copy.exists() or copy.read_text(encoding="utf-8") != text:
                copy.write_text(text, encoding="utf-8")
        elif not copy.exists() or copy.read_bytes() != source.read_bytes():
            shutil.copyfile(source, copy)
    return copies


class NHSUKFrontendFinder(FileSystemFinder):
    """Finds nhsuk-frontend's built stylesheet and script, and the icons that its stylesheet names."""

    def __init__(self, app_names=None, *args, **kwargs):
        self.assets, self.built = str(settings.NHSUK_DIST / "assets"), str(copy_built_files())
        self.locations = [("", self.assets), ("", self.built)]
        self.storages = {root: FileSystemStorage(location=root) for _, root in self.locations}

    def check(self, **kwargs):
        if (settings.NHSUK_DIST / STYLESHEET).exists():
            return []
        return [Error("The npm package nhsuk-frontend is not installed.", hint="Run `make run`, or: npm ci --ignore-scripts", id="portal.E001")]

    def list(self, ignore_patterns):
        for path in get_files(self.storages[self.assets], ignore_patterns):
            if is_ours_to_serve(path):
                yield path, self.storages[self.assets]
        for path in BUILT:
            yield path, self.storages[self.built]

    def find_location(self, root, path, prefix=None):
        allowed = PurePath(path).as_posix() in BUILT if root == self.built else is_ours_to_serve(path)
        return super().find_location(root, path, prefix) if allowed else None


class PortalStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Hashed names; modules that import one another are rewritten to the hashed names too."""

    support_js_module_import_aggregation = True
