"""Serve the few built files of the npm package nhsuk-frontend as static files, hashed and compressed."""

from pathlib import PurePath

from django.conf import settings
from django.contrib.staticfiles.finders import FileSystemFinder
from django.contrib.staticfiles.utils import get_files
from django.core.checks import Error
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

BUILT = ("nhsuk-frontend.min.css", "nhsuk-frontend.min.css.map", "nhsuk-frontend.min.js", "nhsuk-frontend.min.js.map")


def is_ours_to_serve(path):
    """Icons, yes; favicons, social images, logos and the manifest are restricted to official NHS services."""
    name = PurePath(path).name
    return name.startswith("nhsuk-icon-") and name.endswith(".svg") and "mask" not in name


class NHSUKFrontendFinder(FileSystemFinder):
    """Finds nhsuk-frontend's built stylesheet and script, and the icons that its stylesheet names."""

    def __init__(self, app_names=None, *args, **kwargs):
        dist = settings.NHSUK_DIST
        self.locations = [("", str(dist / "assets")), ("", str(dist))]
        self.storages = {root: FileSystemStorage(location=root) for _, root in self.locations}

    def check(self, **kwargs):
        if (settings.NHSUK_DIST / BUILT[0]).exists():
            return []
        return [Error("The npm package nhsuk-frontend is not installed.", hint="Run `make run`, or: npm ci --ignore-scripts", id="portal.E001")]

    def list(self, ignore_patterns):
        assets, dist = self.storages.values()
        for path in get_files(assets, ignore_patterns):
            if is_ours_to_serve(path):
                yield path, assets
        for path in BUILT:
            yield path, dist

    def find_location(self, root, path, prefix=None):
        from_dist = root == str(settings.NHSUK_DIST)
        if (from_dist and PurePath(path).as_posix() not in BUILT) or (not from_dist and not is_ours_to_serve(path)):
            return None
        return super().find_location(root, path, prefix)


class PortalStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Hashed names; modules that import one another are rewritten to the hashed names too."""

    support_js_module_import_aggregation = True
