"""Dates and times in the admin, as the portal writes them everywhere: no short months, no "p.m."."""

DATE_FORMAT = "j F Y"
DATETIME_FORMAT = "j F Y, H:i"
TIME_FORMAT = "H:i"
