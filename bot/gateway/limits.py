"""How often somebody may do something: token buckets, in bounded memory."""

import ipaddress
from collections import OrderedDict
from collections.abc import Callable

from bot.gateway.errors import TooMany


class Limit:
    """Allows `per_minute` events a minute for each key, in bursts up to the same number.

    :param what: names the events in the error, e.g. "messages".
    :param clock: seconds that never run backwards.
    :param max_keys: keys remembered; the one unused for longest is forgotten first (it is full again by then, unless
        an attacker comes from more addresses than this within a minute).
    """

    def __init__(self, what: str, *, per_minute: int, clock: Callable[[], float], max_keys: int = 50_000) -> None:
        self._what = what
        self._capacity = float(per_minute)
        self._clock = clock
        self._max_keys = max_keys
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # key → (tokens, when)

    def take(self, key: str) -> None:
        """Count one event.

        :raises TooMany: rate_limited, with the seconds until the next one is allowed.
        """
        now = self._clock()
        per_second = self._capacity / 60.0
        tokens, since = self._buckets.pop(key, (self._capacity, now))
        tokens = min(self._capacity, tokens + (now - since) * per_second)
        allowed = tokens >= 1.0
        self._buckets[key] = (tokens - 1.0 if allowed else tokens, now)
        while len(self._buckets) > self._max_keys:
            self._buckets.popitem(last=False)
        if not allowed:
            raise TooMany(
                "rate_limited",
                f"Too many {self._what} in a short time.",
                expected=f"at most {self._capacity:.0f} {self._what} a minute",
                remedy="wait for the seconds in Retry-After, then try again",
                retry_after=(1.0 - tokens) / per_second,
            )

    def __len__(self) -> int:
        """The number of keys that are remembered."""
        return len(self._buckets)


def address_key(host: str | None) -> str:
    """Return the key of a client address: an IPv6 customer owns a whole /64 and counts as one."""
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return host or "unknown"
    if address.version == 4:
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False).network_address)
