"""How often one client, and everybody together, may write to the curators. The counters are in the database's cache, for all processes alike."""

import math
import time

from allauth.core.internal import ratelimit
from django.core.cache import cache

EVERYBODY = "everybody"
LIMITS = {  # how many, in how long: of one client (a hospital may be one), and of everybody
    "suggestion": "20/h/ip,200/h/key",
    "report": "20/h/ip,200/h/key",
    "useful": "60/h/ip,1000/h/key",
    "tell_me": "5/h/ip,200/h/key",
}


def seconds_to_wait(request, action):
    """0 where it may be: it is counted. Else in how many seconds to come back."""
    counter = {"app": "resources", "action": action, "key": EVERYBODY}
    if ratelimit.consume(request, config=LIMITS, **counter):
        return 0
    rates = ratelimit.get_rates(app="resources", action=action, config=LIMITS)
    return max(1, *(_until_free(rate, cache.get(ratelimit.get_cache_key(request, rate=rate, **counter), [])) for rate in rates))


def _until_free(rate, times):
    """In how many seconds a rate takes one more; `times` is when it took one, the last first."""
    return math.ceil(times[-1] + rate.duration - time.time()) if len(times) >= rate.amount else 0
