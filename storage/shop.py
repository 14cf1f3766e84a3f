"""The embedded sample shop's own database: customers, orders, parcels and refunds.

It stands for a company's order system; it is not part of the product database, and a company replaces it by
its own behind actions.shop.ShopBackend. Money is in fen (1/100 yuan), times are UTC epoch seconds.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.database import Database

metadata = sa.MetaData()

#: Characters of a refund's reason.
LONGEST_REASON = 100

customers = sa.Table(
    "customers",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("phone", sa.String(20), nullable=False),
    sa.Column("level", sa.String(16), nullable=False),
    sa.Column("points", sa.Integer, nullable=False),
    sa.Column("balance", sa.Integer, nullable=False),
)

orders = sa.Table(
    "orders",
    metadata,
    sa.Column("id", sa.String(12), primary_key=True),
    sa.Column("customer_id", sa.String(32), sa.ForeignKey("customers.id"), nullable=False, index=True),
    sa.Column("status", sa.String(16), nullable=False),  # paid | shipped | signed | refunding | refunded | cancelled
    sa.Column("payment", sa.String(16), nullable=False),
    sa.Column("items", sa.JSON, nullable=False),  # [{"name", "quantity", "price"}], price in fen
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column("ordered_at", sa.Float, nullable=False),
    sa.Column("signed_at", sa.Float),
)

parcels = sa.Table(
    "parcels",
    metadata,
    sa.Column("number", sa.String(16), primary_key=True),
    sa.Column("order_id", sa.String(12), sa.ForeignKey("orders.id"), nullable=False, unique=True),
    sa.Column("carrier", sa.String(32), nullable=False),
    sa.Column("events", sa.JSON, nullable=False),  # [{"at", "text"}], newest first
)

refunds = sa.Table(
    "refunds",
    metadata,
    sa.Column("id", sa.String(10), primary_key=True),
    sa.Column("order_id", sa.String(12), sa.ForeignKey("orders.id"), nullable=False, index=True),
    sa.Column("customer_id", sa.String(32), nullable=False, index=True),
    sa.Column("amount", sa.Integer, nullable=False),
    sa.Column("reason", sa.String(LONGEST_REASON), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),  # reviewing | paying | done | refused
    sa.Column("requested_at", sa.Float, nullable=False),
    sa.Column("idempotency_key", sa.String(128), nullable=False, unique=True),
)

counters = sa.Table(  # the last number given to each kind of document
    "counters",
    metadata,
    sa.Column("name", sa.String(16), primary_key=True),
    sa.Column("value", sa.Integer, nullable=False),
)

seeds = sa.Table(
    "seeds",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("day", sa.Integer, nullable=False),  # days since 1970-01-01 that the sample data's dates refer to
)


def create_shop(database: Database) -> None:
    """Create the shop's tables where they are missing."""
    metadata.create_all(database)


def customer(connection: Connection, customer_id: str) -> dict[str, Any] | None:
    """Return the customer's row, or None."""
    return _one(connection, sa.select(customers).where(customers.c.id == customer_id))


def all_customers(connection: Connection) -> list[dict[str, Any]]:
    """Return all customers by id."""
    return [dict(row) for row in connection.execute(sa.select(customers).order_by(customers.c.id)).mappings()]


def orders_of(connection: Connection, customer_id: str, *, limit: int) -> list[dict[str, Any]]:
    """Return the customer's orders, newest first."""
    query = sa.select(orders).where(orders.c.customer_id == customer_id)
    query = query.order_by(orders.c.ordered_at.desc(), orders.c.id.desc())
    return [dict(row) for row in connection.execute(query.limit(limit)).mappings()]


def order_of(connection: Connection, customer_id: str, order_id: str, *, lock: bool = False) -> dict[str, Any] | None:
    """Return the order if it is this customer's; somebody else's is as unknown as one that does not exist.

    :param lock: keep other transactions from changing it (PostgreSQL; SQLite has one writer at a time anyway).
    """
    query = sa.select(orders).where(orders.c.id == order_id, orders.c.customer_id == customer_id)
    return _one(connection, query.with_for_update() if lock else query)


def order_of_parcel(connection: Connection, customer_id: str, parcel_number: str) -> dict[str, Any] | None:
    """Return the order that the parcel brings, if it is this customer's."""
    return _one(
        connection,
        sa.select(orders)
        .join(parcels, parcels.c.order_id == orders.c.id)
        .where(parcels.c.number == parcel_number, orders.c.customer_id == customer_id),
    )


def parcel_of(connection: Connection, order_id: str) -> dict[str, Any] | None:
    """Return the order's parcel, or None before it is shipped."""
    return _one(connection, sa.select(parcels).where(parcels.c.order_id == order_id))


def refunds_of(connection: Connection, customer_id: str, *, limit: int) -> list[dict[str, Any]]:
    """Return the customer's refunds, newest first."""
    query = sa.select(refunds).where(refunds.c.customer_id == customer_id)
    query = query.order_by(refunds.c.requested_at.desc(), refunds.c.id.desc())
    return [dict(row) for row in connection.execute(query.limit(limit)).mappings()]


def refund_by_key(connection: Connection, idempotency_key: str) -> dict[str, Any] | None:
    """Return the refund that was filed under the key, or None."""
    return _one(connection, sa.select(refunds).where(refunds.c.idempotency_key == idempotency_key))


def add_refund(connection: Connection, values: Mapping[str, Any]) -> None:
    """Store a refund and mark its order, in the caller's transaction."""
    connection.execute(refunds.insert().values(**values))
    connection.execute(orders.update().where(orders.c.id == values["order_id"]).values(status="refunding"))


def next_refund_id(connection: Connection) -> str:
    """Return a refund number that nobody had before; two transactions at once queue for it."""
    added = connection.execute(
        counters.update().where(counters.c.name == "refund").values(value=counters.c.value + 1)
    ).rowcount
    if not added:
        connection.execute(counters.insert().values(name="refund", value=_highest_refund(connection) + 1))
    number = connection.execute(sa.select(counters.c.value).where(counters.c.name == "refund")).scalar()
    return f"RF{number:08d}"


def fill(connection: Connection, rows: Mapping[str, Sequence[Mapping[str, Any]]], *, day: int) -> None:
    """Insert sample rows by table name, dated for `day` (days since 1970-01-01)."""
    for name in ("customers", "orders", "parcels", "refunds"):
        if rows.get(name):
            connection.execute(metadata.tables[name].insert(), list(rows[name]))
    connection.execute(counters.insert().values(name="refund", value=_highest_refund(connection)))
    connection.execute(seeds.insert().values(id=1, day=day))


def seeded_day(connection: Connection) -> int | None:
    """Return the day (since 1970-01-01) that the sample's dates refer to, or None for an empty shop."""
    return connection.execute(sa.select(seeds.c.day)).scalar()


def shift_days(connection: Connection, days: int, *, now: float) -> None:
    """Move every date of the sample data by whole days, so that "signed yesterday" stays true.

    What customers have done since may not move behind `now`.
    """
    seconds = days * 86_400
    connection.execute(
        orders.update().values(ordered_at=orders.c.ordered_at + seconds, signed_at=orders.c.signed_at + seconds)
    )
    moved = refunds.c.requested_at + seconds
    connection.execute(refunds.update().values(requested_at=sa.case((moved > now, now), else_=moved)))
    for row in connection.execute(sa.select(parcels)).mappings().all():
        events = [{**event, "at": event["at"] + seconds} for event in row["events"]]
        connection.execute(parcels.update().where(parcels.c.number == row["number"]).values(events=events))
    connection.execute(seeds.update().values(day=seeds.c.day + days))


def _highest_refund(connection: Connection) -> int:
    given = connection.execute(sa.select(refunds.c.id)).scalars()
    return max((int(each.removeprefix("RF")) for each in given), default=0)


def _one(connection: Connection, query: Any) -> dict[str, Any] | None:
    row = connection.execute(query).mappings().first()
    return dict(row) if row else None
