"""Times as a person at this machine reads them."""

import time


def local_minute(at: float) -> str:
    """Return an epoch time in the machine's time zone, to the minute."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))
