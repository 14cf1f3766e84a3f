"""Writes the support log of the sample company, 云杉商城: invented conversations, the same for the same seed."""

import csv
import os
from datetime import date
from pathlib import Path
from random import Random

from nlu_data.sample.customers import draw_customers, pick_customer
from nlu_data.sample.desk import Desk
from nlu_data.sample.desk_clock import start_times
from nlu_data.sample.material import read_topics, read_voices

HEADER = (
    "conversation_id",
    "time",
    "sender",
    "text",
    "category",
    "satisfaction",
    "resolved",
    "transferred",
    "customer_id",
)
#: Customers per conversation: below 1, so that some come back.
_CIRCLE = 0.6


def write_sample_log(path: Path, *, seed: int, conversations: int = 600, ending: date) -> int:
    """Write the log as CSV (UTF-8) and return the number of its messages.

    The conversations lie in the 90 days before `ending`. Equal arguments give equal bytes. The texts hold
    invented phone numbers, addresses and names, to be masked by the import like real ones.

    :raises ValueError: when `conversations` is not positive.
    """
    if conversations < 1:
        raise ValueError(f"write_sample_log: conversations={conversations}; expected at least 1")
    random = Random(seed)
    desk = Desk(read_topics(), read_voices(), random)
    customers = draw_customers(max(1, int(conversations * _CIRCLE)), random)
    messages = 0
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.part")
    with unfinished.open("w", encoding="utf-8", newline="") as target:
        rows = csv.writer(target, lineterminator="\n")
        rows.writerow(HEADER)
        for number, start in enumerate(start_times(conversations, ending, random), start=1):
            played = desk.play(pick_customer(customers, random), start)
            for at, sender, text in played.messages:
                rows.writerow(
                    (
                        f"T{start:%Y%m%d}{number:05d}",
                        at.isoformat(),
                        sender,
                        text,
                        played.category,
                        "" if played.satisfaction is None else played.satisfaction,
                        str(played.resolved).lower(),
                        str(played.transferred).lower(),
                        played.customer.id,
                    )
                )
            messages += len(played.messages)
    os.replace(unfinished, path)
    return messages
