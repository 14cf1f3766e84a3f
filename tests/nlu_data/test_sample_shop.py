import pytest
import yaml

from nlu_data.sample_shop import DAY, SAMPLE, seed_shop
from storage import shop
from storage.database import open_database, reading, transaction

#: Moments of one day in UTC: its first second, 7:59 and 8:01 in China, its last second.
START = 20_780 * DAY
MOMENTS = [START, START + 86_340 // 2, START + DAY - 1]


@pytest.fixture
def database(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path}/shop.db")
    yield engine
    engine.dispose()


def rows(database, table):
    with reading(database) as connection:
        return [dict(row) for row in connection.execute(shop.metadata.tables[table].select()).mappings()]


def test_the_sample_names_each_thing_once_and_only_what_exists():
    sample = yaml.safe_load(SAMPLE.read_text(encoding="utf-8"))
    customers = [customer["id"] for customer in sample["customers"]]
    orders = [order["id"] for order in sample["orders"]]
    parcels = [order["parcel"]["number"] for order in sample["orders"] if "parcel" in order]
    for names in (customers, orders, parcels):
        assert len(names) == len(set(names))
    for order in sample["orders"]:
        assert order["customer_id"] in customers
        assert order["id"].startswith("YS") and len(order["id"]) == 12 and order["id"][2:].isdigit()
        assert ("signed" in order) == (order["status"] in ("signed", "refunding"))
        ages = [event["days"] for event in order.get("parcel", {}).get("events", [])]
        assert ages == sorted(ages), "newest first"
        assert all(0 <= age < order["ordered"] for age in ages)
    assert all(number.startswith("YT") and len(number) == 15 for number in parcels)


@pytest.mark.parametrize("now", MOMENTS)
def test_no_date_lies_in_the_future_at_any_hour(database, now):
    assert seed_shop(database, now=now) == "filled"
    assert all(order["ordered_at"] < now for order in rows(database, "orders"))
    assert all(order["signed_at"] is None or order["signed_at"] < now for order in rows(database, "orders"))
    assert all(event["at"] < now for parcel in rows(database, "parcels") for event in parcel["events"])


def test_totals_are_the_sum_of_the_items(database):
    seed_shop(database, now=START)
    totals = {order["id"]: order["total"] for order in rows(database, "orders")}
    assert totals["YS2611050002"] == 59900 + 3900
    assert totals["YS2610010003"] == 2 * 8900
    assert {refund["order_id"]: refund["amount"] for refund in rows(database, "refunds")} == {"YS2610280005": 26900}


def test_on_the_same_day_nothing_changes(database):
    seed_shop(database, now=START)
    before = rows(database, "orders")
    assert seed_shop(database, now=START + DAY - 1) == "fresh"
    assert rows(database, "orders") == before


def test_later_everything_moves_and_what_customers_did_stays(database):
    seed_shop(database, now=START)
    with transaction(database) as connection:
        values = {
            "id": shop.next_refund_id(connection),
            "order_id": "YS2611050002",
            "customer_id": "c1001",
            "amount": 63800,
            "reason": "不想要了",
            "status": "reviewing",
            "requested_at": START + DAY - 60.0,
            "idempotency_key": "refund:m-1",
        }
        shop.add_refund(connection, values)
    before = {order["id"]: order for order in rows(database, "orders")}
    now = START + 30 * DAY + 60
    assert seed_shop(database, now=now) == "moved"
    assert seed_shop(database, now=now) == "fresh"
    after = {order["id"]: order for order in rows(database, "orders")}
    assert {after[each]["ordered_at"] - before[each]["ordered_at"] for each in after} == {30 * DAY}
    assert after["YS2611050002"]["status"] == "refunding"
    filed = {refund["idempotency_key"]: refund for refund in rows(database, "refunds")}
    assert filed["refund:m-1"]["requested_at"] == now
    assert filed["sample:RF00000001"]["requested_at"] < now


def test_a_clock_that_was_set_back_moves_nothing(database):
    seed_shop(database, now=START)
    assert seed_shop(database, now=START - 5 * DAY) == "fresh"
