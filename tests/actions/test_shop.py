import threading

import pytest

from actions import shop
from actions.shop import EmbeddedShop, RefundRefused, ShopError, current_shop, use_shop, yuan
from storage.database import open_database
from tests.actions.conftest import NOW

DAY = 86_400


def test_amounts_are_written_as_customers_read_them():
    assert [yuan(fen) for fen in (0, 5, 99, 12900, 123456789)] == ["0.00", "0.05", "0.99", "129.00", "1234567.89"]


def test_orders_and_refunds_belong_to_one_customer(backend):
    assert {order.id for order in backend.orders("c1002")} == {"YS2611060004", "YS2610280005"}
    assert backend.order("c1001", "YS2611060004") is None
    assert backend.refunds("c1001") == []
    assert [refund.id for refund in backend.refunds("c1002")] == ["RF00000001"]


def test_a_title_says_how_many_things_were_bought(backend):
    titles = {order.id: order.title for order in backend.orders("c1001")}
    assert titles == {
        "YS2611050001": "杉悦无线蓝牙耳机 Pro",
        "YS2611050002": "云杉优选轻暖羽绒服 M 码等 2 件商品",
        "YS2610010003": "小杉每日坚果 30 包 × 2",
    }


@pytest.mark.parametrize(
    ("customer", "order", "reason", "refused"),
    [
        ("c1001", "YS2611050001", "不想要了", None),  # on its way
        ("c1002", "YS2611060004", "不想要了", None),  # not sent yet
        ("c1001", "YS2611050002", "不想要了", None),  # signed 3 days ago
        ("c1003", "YS2611010006", "不想要了", None),  # signed 6 days ago
        ("c1003", "YS2610250008", "不想要了", "签收已超过 7 天"),
        ("c1003", "YS2610250008", "屏幕上有一道划痕", "签收已超过 7 天"),
        ("c1003", "YS2610250008", "质量问题", None),  # signed 11 days ago, the shop's fault
        ("c1003", "YS2610250008", None, None),  # not known yet: whether it may be fits into the longer time
        ("c1001", "YS2610010003", "质量问题", "签收已超过 15 天"),
        ("c1002", "YS2610280005", "质量问题", "已经有一笔退款正在处理"),
    ],
)
def test_the_rules_for_refunds(backend, customer, order, reason, refused):
    said = backend.refusal(backend.order(customer, order), reason)
    assert said is None if refused is None else refused in said


@pytest.mark.parametrize("status", ["refunded", "cancelled"])
def test_a_finished_order_is_not_refunded(backend, shop_database, status):
    with shop_database.begin() as connection:
        connection.exec_driver_sql(f"UPDATE orders SET status = '{status}' WHERE id = 'YS2611050001'")
    with pytest.raises(RefundRefused, match="不能再申请退款"):
        backend.request_refund("c1001", "YS2611050001", "不想要了", idempotency_key="k")


def test_the_seventh_day_counts_to_its_last_second(shop_database):
    signed = EmbeddedShop(shop_database).order("c1003", "YS2611010006").signed_at
    for later, refused in ((7 * DAY, False), (7 * DAY + 1, True)):
        backend = EmbeddedShop(shop_database, clock=lambda at=signed + later: at)
        order = backend.order("c1003", "YS2611010006")
        assert (backend.refusal(order, "不想要了") is not None) is refused


def test_a_refund_is_filed_for_the_whole_order(backend):
    refund = backend.request_refund("c1001", "YS2611050002", "尺码不合适", idempotency_key="refund:m-1")
    assert (refund.amount, refund.reason, refund.status, refund.requested_at) == (63800, "尺码不合适", "reviewing", NOW)
    assert backend.refunds("c1001") == [refund]
    assert backend.order("c1001", "YS2611050002").status == "refunding"


def test_the_same_key_files_once(backend):
    first = backend.request_refund("c1001", "YS2611050001", "不想要了", idempotency_key="refund:m-1")
    assert backend.request_refund("c1001", "YS2611050001", "不想要了", idempotency_key="refund:m-1") == first
    assert backend.refunds("c1001") == [first]


def test_the_same_order_is_not_refunded_under_another_key(backend):
    backend.request_refund("c1001", "YS2611050001", "不想要了", idempotency_key="refund:m-1")
    with pytest.raises(RefundRefused, match="已经有一笔退款正在处理"):
        backend.request_refund("c1001", "YS2611050001", "不想要了", idempotency_key="refund:m-2")


def test_a_key_is_not_lent_to_another_order(backend):
    backend.request_refund("c1001", "YS2611050001", "不想要了", idempotency_key="k")
    with pytest.raises(ValueError, match="'k' was used for order YS2611050001, not YS2611060004"):
        backend.request_refund("c1002", "YS2611060004", "不想要了", idempotency_key="k")


@pytest.mark.parametrize("order", ["YS2611060004", "YS0000000000"])
def test_an_order_of_somebody_else_is_not_refunded(backend, order):
    with pytest.raises(RefundRefused, match="没有在您的账户下找到"):
        backend.request_refund("c1001", order, "不想要了", idempotency_key="k")
    assert [refund.id for refund in backend.refunds("c1002")] == ["RF00000001"]


def test_refund_numbers_do_not_repeat_also_after_one_was_removed(backend, shop_database):
    first = backend.request_refund("c1001", "YS2611050001", "不想要了", idempotency_key="a")
    second = backend.request_refund("c1001", "YS2611050002", "不想要了", idempotency_key="b")
    with shop_database.begin() as connection:
        connection.exec_driver_sql(f"DELETE FROM refunds WHERE id = '{first.id}'")
    third = backend.request_refund("c1003", "YS2611010006", "不想要了", idempotency_key="c")
    assert [first.id, second.id, third.id] == ["RF00000002", "RF00000003", "RF00000004"]


def test_requests_at_once_file_one_refund_an_order(backend):
    orders = [("c1001", "YS2611050001"), ("c1001", "YS2611050002"), ("c1003", "YS2611010006")]
    filed, refused, start = [], [], threading.Barrier(9)

    def request(number: int) -> None:
        customer, order = orders[number % 3]
        start.wait()
        try:
            filed.append(backend.request_refund(customer, order, "不想要了", idempotency_key=f"k{number}"))
        except RefundRefused as refusal:
            refused.append(refusal)

    threads = [threading.Thread(target=request, args=(number,)) for number in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 6
    assert sorted(refund.order_id for refund in filed) == sorted(order for _, order in orders)
    assert len({refund.id for refund in filed} | {"RF00000001"}) == 4


def test_a_stock_action_server_uses_the_shop_of_its_environment(shop_database, monkeypatch):
    monkeypatch.setattr(shop, "_current", [])
    monkeypatch.setenv("YINGDA_SHOP_DATABASE_URL", str(shop_database.url))
    assert current_shop().customer("c1001").name == "林晓雨"
    assert current_shop() is current_shop()


def test_without_a_shop_the_error_says_how_to_make_one(tmp_path, monkeypatch):
    monkeypatch.setattr(shop, "_current", [])
    monkeypatch.delenv("YINGDA_SHOP_DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ShopError, match="yingda shop seed"):
        current_shop()
    assert not (tmp_path / "var").exists()


def test_the_shop_in_use_can_be_replaced(backend, tmp_path):
    other = EmbeddedShop(open_database(f"sqlite:///{tmp_path}/other.db"))
    use_shop(other)
    assert current_shop() is other


@pytest.fixture
def unfilled(tmp_path, monkeypatch):
    """The shop of a company that has turned the demo off: nobody has ever filled its database."""
    monkeypatch.setattr(shop, "_current", [])
    database = open_database(f"sqlite:///{tmp_path}/unfilled.db")
    use_shop(EmbeddedShop(database))
    yield database
    database.dispose()


@pytest.mark.parametrize(
    ("intent", "answer"),
    [
        ("list_orders", "没有订单"),
        ("track_order", "没有订单"),
        ("refund_status", "没有退款"),
        ("my_account", "没有查到您的会员资料"),
    ],
)
def test_an_unfilled_shop_has_no_orders_and_no_fault(unfilled, run, intent, answer):
    said = run(f"action_{intent}", intent=intent)
    assert answer in said.texts[0]
    assert "出了点问题" not in "".join(said.texts)


def test_an_unfilled_shop_refuses_a_refund_in_words(unfilled):
    with pytest.raises(RefundRefused, match="没有在您的账户下找到订单"):
        current_shop().request_refund("c1001", "YS2611050001", "不想要了", idempotency_key="k")


def test_workers_that_open_an_unfilled_shop_together_all_answer(tmp_path):
    databases = [open_database(f"sqlite:///{tmp_path}/shop.db") for _ in range(6)]
    start = threading.Barrier(len(databases))
    answers = []

    def ask(backend):
        start.wait()
        answers.append(backend.orders("c1001"))

    threads = [threading.Thread(target=ask, args=(EmbeddedShop(database),)) for database in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for database in databases:
        database.dispose()
    assert answers == [[]] * len(databases)
