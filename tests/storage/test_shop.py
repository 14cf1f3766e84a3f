import threading

import pytest

from storage import shop
from storage.database import open_database, reading, transaction

CUSTOMERS = [
    {"id": each, "name": "林晓雨", "phone": "13800001001", "level": "普通", "points": 0, "balance": 0} for each in "ab"
]


def order(number, *, customer="a", ordered_at=100.0, status="signed"):
    return {
        "id": number,
        "customer_id": customer,
        "status": status,
        "payment": "支付宝",
        "items": [{"name": "杉悦台灯", "quantity": 1, "price": 9900}],
        "total": 9900,
        "ordered_at": ordered_at,
        "signed_at": None,
    }


def refund(number, of, *, key, requested_at=100.0):
    return {
        "id": number,
        "order_id": of,
        "customer_id": "a",
        "amount": 9900,
        "reason": "不想要了",
        "status": "reviewing",
        "requested_at": requested_at,
        "idempotency_key": key,
    }


@pytest.fixture
def database(database_url):
    """A shop with two customers; runs on SQLite and, where a server answers, on PostgreSQL."""
    engine = open_database(database_url)
    shop.create_shop(engine)
    rows = {
        "customers": CUSTOMERS,
        "orders": [
            order("YS1"),
            order("YS2", ordered_at=300.0),
            order("YS3", ordered_at=200.0),
            order("YS4", customer="b"),
        ],
        "parcels": [
            {"number": "YT1", "order_id": "YS1", "carrier": "云达快运", "events": [{"at": 150.0, "text": "已发货"}]}
        ],
        "refunds": [refund("RF00000007", "YS3", key="sample")],
    }
    with transaction(engine) as connection:
        shop.fill(connection, rows, day=10)
    yield engine
    engine.dispose()


def test_orders_come_newest_first_and_limited(database):
    with reading(database) as connection:
        assert [row["id"] for row in shop.orders_of(connection, "a", limit=2)] == ["YS2", "YS3"]
        assert [row["id"] for row in shop.all_customers(connection)] == ["a", "b"]


def test_what_belongs_to_somebody_else_is_not_found(database):
    with reading(database) as connection:
        assert shop.order_of(connection, "b", "YS4")["id"] == "YS4"
        assert shop.order_of(connection, "a", "YS4") is None
        assert shop.order_of_parcel(connection, "a", "YT1")["id"] == "YS1"
        assert shop.order_of_parcel(connection, "b", "YT1") is None
        assert shop.parcel_of(connection, "YS1")["events"] == [{"at": 150.0, "text": "已发货"}]
        assert shop.parcel_of(connection, "YS2") is None
        assert shop.customer(connection, "c") is None


def test_a_refund_marks_its_order_and_is_found_by_its_key(database):
    with transaction(database) as connection:
        shop.add_refund(connection, refund(shop.next_refund_id(connection), "YS1", key="k"))
    with reading(database) as connection:
        assert shop.refund_by_key(connection, "k")["order_id"] == "YS1"
        assert shop.order_of(connection, "a", "YS1")["status"] == "refunding"
        assert [row["id"] for row in shop.refunds_of(connection, "a", limit=9)] == ["RF00000008", "RF00000007"]


def test_a_refund_that_is_rolled_back_leaves_no_trace(database):
    with pytest.raises(RuntimeError, match="changed my mind"):
        with transaction(database) as connection:
            shop.add_refund(connection, refund(shop.next_refund_id(connection), "YS1", key="k"))
            raise RuntimeError("changed my mind")
    with reading(database) as connection:
        assert shop.refund_by_key(connection, "k") is None
        assert shop.order_of(connection, "a", "YS1")["status"] == "signed"


def test_numbers_go_on_where_a_shop_without_counter_stopped(database):
    with transaction(database) as connection:
        connection.execute(shop.counters.delete())
        assert [shop.next_refund_id(connection) for _ in range(2)] == ["RF00000008", "RF00000009"]


def test_numbers_taken_at_once_are_all_different(database):
    taken, start = [], threading.Barrier(6)

    def take() -> None:
        start.wait()
        with transaction(database) as connection:
            taken.append(shop.next_refund_id(connection))

    threads = [threading.Thread(target=take) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [f"RF{number:08d}" for number in range(8, 14)]


def test_dates_move_together_but_not_into_the_future(database):
    with transaction(database) as connection:
        shop.add_refund(connection, refund("RF00000008", "YS1", key="late", requested_at=90_000.0))
        shop.shift_days(connection, 2, now=200_000.0)
    with reading(database) as connection:
        assert shop.seeded_day(connection) == 12
        assert shop.order_of(connection, "a", "YS2")["ordered_at"] == 300.0 + 2 * 86_400
        assert shop.order_of(connection, "a", "YS2")["signed_at"] is None
        assert shop.parcel_of(connection, "YS1")["events"][0]["at"] == 150.0 + 2 * 86_400
        assert shop.refund_by_key(connection, "sample")["requested_at"] == 100.0 + 2 * 86_400
        assert shop.refund_by_key(connection, "late")["requested_at"] == 200_000.0


def test_an_empty_shop_has_no_day(database_url):
    engine = open_database(database_url)
    shop.create_shop(engine)
    shop.create_shop(engine)  # again does no harm
    with reading(engine) as connection:
        assert shop.seeded_day(connection) is None
    engine.dispose()
