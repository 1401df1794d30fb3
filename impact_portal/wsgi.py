"""The portal for a WSGI server."""

import logging
import os

from django.core.wsgi import get_wsgi_application
from django.db import Error, connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "impact_portal.settings")
application = get_wsgi_application()

from resources import catalogue  # noqa: E402

try:
    catalogue.current()  # made before the first reader comes, and kept current from then on
except Error:
    logging.getLogger(__name__).exception("The catalogue could not be read at the start; the first request will try again")
finally:
    connection.close()
