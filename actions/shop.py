"""The shop's back end behind one interface: what the actions need to know and do about orders and refunds."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from storage import shop as tables
from storage.database import Database, open_database, reading, transaction

DEFAULT_DATABASE_URL = "sqlite:///var/shop.db"
#: How many orders or refunds a customer is shown at most.
MOST_SHOWN = 10
#: Days from signing within which goods go back without a reason, and with one that is the shop's fault.
DAYS_WITHOUT_REASON = 7
DAYS_WITH_FAULT = 15
FAULTS = frozenset({"质量问题", "发错货或少件", "与描述不符"})

STATUS_TEXTS = {
    "paid": "待发货",
    "shipped": "运输中",
    "signed": "已签收",
    "refunding": "退款处理中",
    "refunded": "已退款",
    "cancelled": "已取消",
}
REFUND_TEXTS = {"reviewing": "审核中", "paying": "退款打款中", "done": "已到账", "refused": "未通过"}


class ShopError(RuntimeError):
    """The shop's back end could not answer. Any other exception of a back end is treated the same way."""


class RefundRefused(ValueError):
    """The rules forbid this refund; the text is written for the customer."""


@dataclass(frozen=True)
class Customer:
    id: str
    name: str
    level: str
    points: int
    balance: int  # fen


@dataclass(frozen=True)
class Item:
    name: str
    quantity: int
    price: int  # fen, for one


@dataclass(frozen=True)
class Order:
    id: str
    status: str
    items: tuple[Item, ...]
    total: int  # fen
    ordered_at: float
    signed_at: float | None

    @property
    def status_text(self) -> str:
        return STATUS_TEXTS[self.status]

    @property
    def title(self) -> str:
        first, count = self.items[0], sum(item.quantity for item in self.items)
        if len(self.items) > 1:
            return f"{first.name}等 {count} 件商品"
        return first.name if count == 1 else f"{first.name} × {count}"


@dataclass(frozen=True)
class Parcel:
    number: str
    carrier: str
    events: tuple[tuple[float, str], ...] = field(default=())  # (epoch seconds, what happened), newest first


@dataclass(frozen=True)
class Refund:
    id: str
    order_id: str
    amount: int  # fen
    reason: str
    status: str
    requested_at: float

    @property
    def status_text(self) -> str:
        return REFUND_TEXTS[self.status]


class ShopBackend(Protocol):
    """Every call is about one customer, whose id comes from a signed identity, never from a message."""

    def customer(self, customer_id: str) -> Customer | None: ...

    def orders(self, customer_id: str) -> list[Order]:
        """Return the latest orders, newest first, MOST_SHOWN at most."""
        ...

    def order(self, customer_id: str, order_id: str) -> Order | None:
        """Return the order if it is this customer's, else None."""
        ...

    def order_of_parcel(self, customer_id: str, parcel_number: str) -> Order | None:
        """Return this customer's order that the parcel brings, else None."""
        ...

    def parcel(self, order: Order) -> Parcel | None: ...

    def refunds(self, customer_id: str) -> list[Refund]: ...

    def refusal(self, order: Order, reason: str | None) -> str | None:
        """Return why the order cannot be refunded, in words for the customer, or None where it can."""
        ...

    def request_refund(self, customer_id: str, order_id: str, reason: str, *, idempotency_key: str) -> Refund:
        """File a refund of the whole order; the same key again returns the same refund.

        :raises RefundRefused: when the order is unknown or the rules forbid it.
        :raises ValueError: when the key was used for another order.
        """
        ...


class EmbeddedShop:
    """The sample shop in its own database; one that nobody has filled is a shop without customers and orders.

    :param clock: the time in UTC epoch seconds.
    """

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock
        self._creating = threading.Lock()
        self._created = False

    def customer(self, customer_id: str) -> Customer | None:
        with self._reading() as connection:
            row = tables.customer(connection, customer_id)
        return row and Customer(row["id"], row["name"], row["level"], row["points"], row["balance"])

    def customers(self) -> list[Customer]:
        """Return all customers, for the demo page's sign-in."""
        with self._reading() as connection:
            rows = tables.all_customers(connection)
        return [Customer(row["id"], row["name"], row["level"], row["points"], row["balance"]) for row in rows]

    def orders(self, customer_id: str) -> list[Order]:
        with self._reading() as connection:
            return [_order(row) for row in tables.orders_of(connection, customer_id, limit=MOST_SHOWN)]

    def order(self, customer_id: str, order_id: str) -> Order | None:
        with self._reading() as connection:
            row = tables.order_of(connection, customer_id, order_id)
        return row and _order(row)

    def order_of_parcel(self, customer_id: str, parcel_number: str) -> Order | None:
        with self._reading() as connection:
            row = tables.order_of_parcel(connection, customer_id, parcel_number)
        return row and _order(row)

    def parcel(self, order: Order) -> Parcel | None:
        with self._reading() as connection:
            row = tables.parcel_of(connection, order.id)
        return row and Parcel(
            row["number"], row["carrier"], tuple((event["at"], event["text"]) for event in row["events"])
        )

    def refunds(self, customer_id: str) -> list[Refund]:
        with self._reading() as connection:
            return [_refund(row) for row in tables.refunds_of(connection, customer_id, limit=MOST_SHOWN)]

    def refusal(self, order: Order, reason: str | None) -> str | None:
        if order.status == "refunding":
            return f"订单 {order.id} 已经有一笔退款正在处理，不用重复申请，您可以直接问我退款进度。"
        if order.status in ("refunded", "cancelled"):
            return f"订单 {order.id} {order.status_text}，不能再申请退款。"
        if order.status == "signed" and order.signed_at is not None:
            days = DAYS_WITH_FAULT if reason is None or reason in FAULTS else DAYS_WITHOUT_REASON
            if self._clock() - order.signed_at > days * 86_400:
                return (
                    f"订单 {order.id} 签收已超过 {days} 天，按规则不能在线退款"
                    f"（无理由退货 {DAYS_WITHOUT_REASON} 天，质量等问题 {DAYS_WITH_FAULT} 天）。"
                    "如有特殊情况，可以转人工客服为您核实。"
                )
        return None

    def request_refund(self, customer_id: str, order_id: str, reason: str, *, idempotency_key: str) -> Refund:
        with self._transaction() as connection:
            # Locked first: of two requests at once, the second sees what the first has filed.
            row = tables.order_of(connection, customer_id, order_id, lock=True)
            known = tables.refund_by_key(connection, idempotency_key)
            if known is not None:
                if (known["customer_id"], known["order_id"]) != (customer_id, order_id):
                    raise ValueError(
                        f"idempotency key {idempotency_key!r} was used for order {known['order_id']}, not {order_id}; "
                        "expected one key for one refund"
                    )
                return _refund(known)
            if row is None:
                raise RefundRefused(f"没有在您的账户下找到订单 {order_id}，请核对订单号。")
            order = _order(row)
            refusal = self.refusal(order, reason)
            if refusal:
                raise RefundRefused(refusal)
            values = {
                "id": tables.next_refund_id(connection),
                "order_id": order.id,
                "customer_id": customer_id,
                "amount": order.total,
                "reason": reason[: tables.LONGEST_REASON],
                "status": "reviewing",
                "requested_at": self._clock(),
                "idempotency_key": idempotency_key,
            }
            tables.add_refund(connection, values)
            return _refund(values)

    @contextmanager
    def _reading(self) -> Iterator[Any]:
        self._create()
        with reading(self._database) as connection:
            yield connection

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        self._create()
        with transaction(self._database) as connection:
            yield connection

    def _create(self) -> None:
        """Make the tables before the first use, so that a shop without the demo's data answers "no orders"."""
        with self._creating:
            if self._created:
                return
            # In one write transaction: the workers start together and each finds either no table or all.
            with transaction(self._database) as connection:
                tables.create_shop(connection)
            self._created = True


def _order(row: dict) -> Order:
    items = tuple(Item(item["name"], item["quantity"], item["price"]) for item in row["items"])
    return Order(row["id"], row["status"], items, row["total"], row["ordered_at"], row["signed_at"])


def _refund(row: dict) -> Refund:
    return Refund(row["id"], row["order_id"], row["amount"], row["reason"], row["status"], row["requested_at"])


def yuan(fen: int) -> str:
    """Return an amount as customers read it: 12900 → "129.00"."""
    return f"{fen // 100}.{fen % 100:02d}"


_lock = threading.Lock()
_current: list[ShopBackend] = []


def use_shop(backend: ShopBackend) -> None:
    """Let the actions of this process use `backend`."""
    _current[:] = [backend]


def current_shop() -> ShopBackend:
    """Return the back end in use; without `use_shop` the embedded one at YINGDA_SHOP_DATABASE_URL.

    That default serves a stock action server (`rasa run actions`), which nobody of ours starts.
    """
    with _lock:
        if not _current:
            url = os.environ.get("YINGDA_SHOP_DATABASE_URL") or DEFAULT_DATABASE_URL
            if url == DEFAULT_DATABASE_URL and not Path("var/shop.db").exists():
                raise ShopError("no shop at var/shop.db; fill it with: yingda shop seed")
            _current.append(EmbeddedShop(open_database(url)))
        return _current[0]
