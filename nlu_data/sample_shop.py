"""Fills the embedded shop with the sample company's customers and orders, and keeps their dates fresh."""

import time
from pathlib import Path
from typing import Any

import yaml

from storage import shop
from storage.database import Database, transaction

SAMPLE = Path(__file__).with_name("sample_shop.yml")
DAY = 86_400


def seed_shop(database: Database, *, now: float | None = None) -> str:
    """Fill an empty shop, or move an older sample's dates up to today; returns "filled", "moved" or "fresh".

    Dates count back from the start of today (UTC, 8 o'clock in China), so that none lies in the future at any
    hour. What customers of the demo have done meanwhile (refunds) stays and moves along.
    """
    now = time.time() if now is None else now
    today = int(now // DAY)
    shop.create_shop(database)
    with transaction(database) as connection:
        seeded = shop.seeded_day(connection)
        if seeded is None:
            shop.fill(connection, _rows(yaml.safe_load(SAMPLE.read_text(encoding="utf-8")), today * DAY), day=today)
            return "filled"
        if seeded < today:
            shop.shift_days(connection, today - seeded, now=now)
            return "moved"
        return "fresh"


def _rows(sample: dict[str, Any], today: float) -> dict[str, list[dict[str, Any]]]:
    """Return rows by table name; `today` is the epoch second that the sample's ages count back from."""
    rows: dict[str, list[dict[str, Any]]] = {
        "customers": sample["customers"],
        "orders": [],
        "parcels": [],
        "refunds": [],
    }
    for order in sample["orders"]:
        total = sum(item["quantity"] * item["price"] for item in order["items"])
        rows["orders"].append(
            {
                "id": order["id"],
                "customer_id": order["customer_id"],
                "status": order["status"],
                "payment": order["payment"],
                "items": order["items"],
                "total": total,
                "ordered_at": today - order["ordered"] * DAY,
                "signed_at": today - order["signed"] * DAY if "signed" in order else None,
            }
        )
        if "parcel" in order:
            events = [{"at": today - event["days"] * DAY, "text": event["text"]} for event in order["parcel"]["events"]]
            rows["parcels"].append({**order["parcel"], "order_id": order["id"], "events": events})
        if "refund" in order:
            refund = order["refund"]
            rows["refunds"].append(
                {
                    "id": refund["id"],
                    "order_id": order["id"],
                    "customer_id": order["customer_id"],
                    "amount": total,
                    "reason": refund["reason"],
                    "status": refund["status"],
                    "requested_at": today - refund["requested"] * DAY,
                    "idempotency_key": f"sample:{refund['id']}",
                }
            )
    return rows
