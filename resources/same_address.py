"""When two addresses lead to the same page, as far as one can tell without going there."""

from urllib.parse import urlsplit

TRACKING = ("utm_", "mc_", "pk_", "fbclid", "gclid", "dclid", "msclkid", "igshid", "_ga", "_gl", "yclid", "hsa_", "vero_", "cmpid")


def same_address(url):
    """What equal addresses have in common: without scheme, www, default port, last slash, tracking parameters and fragment, the host in small letters."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:  # no address that anything could follow
        return url.strip()
    host = (parts.hostname or "").removeprefix("www.").rstrip(".")
    place = f"{host}:{port}" if port and port not in (80, 443) else host
    asked = [part for part in parts.query.split("&") if part and not part.lower().startswith(TRACKING)]
    return f"{place}{parts.path.rstrip('/')}{'?' + '&'.join(sorted(asked)) if asked else ''}"
