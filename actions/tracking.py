"""Goal: where is my order? And which orders have I?"""

import datetime as dt
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.buttons import payload
from actions.errand import Errand, Events
from actions.shop import MOST_SHOWN, Order, Parcel, current_shop, yuan

#: Orders offered as buttons.
MOST_CHOICES = 4
CHINA = dt.timezone(dt.timedelta(hours=8))

#: A number or a reason that comes out of nowhere leads to action_track_order as well (rule 只发了一个订单号).
UNCLEAR = "收到。请问您想查物流，还是要申请退款？"
UNCLEAR_BUTTONS = [{"title": "查物流", "payload": "/track_order"}, {"title": "申请退款", "payload": "/request_refund"}]


class ActionTrackOrder(Errand):
    """Shows the order that the message names (by its own or its parcel's number), the only open one, or asks which."""

    intent = "track_order"

    def name(self) -> str:
        return "action_track_order"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        if (tracker.latest_message.get("intent") or {}).get("name") == "inform" and not _named(tracker):
            dispatcher.utter_message(text=UNCLEAR, buttons=UNCLEAR_BUTTONS)
            return []
        return super().run(dispatcher, tracker, domain)

    def serve(self, dispatcher: CollectingDispatcher, tracker: Tracker, customer: str) -> Events:
        shop = current_shop()
        if named := _named(tracker):
            kind, number = named
            order = shop.order(customer, number) if kind == "订单" else shop.order_of_parcel(customer, number)
            if order is not None:
                return self._show(dispatcher, tracker, order)
            dispatcher.utter_message(
                text=f"没有在您的账户下找到{kind} {number}，请核对一下号码，或者看看全部订单。",
                buttons=[{"title": "我的订单", "payload": "/list_orders"}],
            )
            return []
        orders = shop.orders(customer)
        if not orders:
            dispatcher.utter_message(text="您的账户下还没有订单。")
            return []
        moving = [order for order in orders if order.status in ("paid", "shipped")]
        if len(moving) == 1 or len(orders) == 1:
            return self._show(dispatcher, tracker, (moving or orders)[0])
        dispatcher.utter_message(
            text="请问您要查哪一单？可以点选，也可以直接发订单号。",
            buttons=[
                {
                    "title": f"{order.title}（{order.status_text}）",
                    "payload": payload("track_order", order_number=order.id),
                }
                for order in (moving or orders)[:MOST_CHOICES]
            ],
        )
        return []

    def _show(self, dispatcher: CollectingDispatcher, tracker: Tracker, order: Order) -> Events:
        show_order(dispatcher, order, current_shop().parcel(order))
        if tracker.active_loop.get("name"):
            return []  # a look at another order must not change the one that a form is about
        # “我要退款” right after this is about the order just shown.
        return [SlotSet("order_number", order.id)]


class ActionListOrders(Errand):
    """Lists the latest orders with their status."""

    intent = "list_orders"

    def name(self) -> str:
        return "action_list_orders"

    def serve(self, dispatcher: CollectingDispatcher, tracker: Tracker, customer: str) -> Events:
        orders = current_shop().orders(customer)
        if not orders:
            dispatcher.utter_message(text="您的账户下还没有订单。")
            return []
        lines = [f"{order.id}　{order.title}　¥{yuan(order.total)}　{order.status_text}" for order in orders]
        opening = f"您最近的 {MOST_SHOWN} 笔订单：" if len(orders) == MOST_SHOWN else "您的订单："
        dispatcher.utter_message(
            text="\n".join([opening, *lines, "把订单号发给我，就可以查看物流。"]),
            json_message={
                "type": "orders",
                "orders": [
                    {
                        "order_id": order.id,
                        "status": order.status_text,
                        "title": order.title,
                        "total": yuan(order.total),
                    }
                    for order in orders
                ],
            },
        )
        return []


def show_order(dispatcher: CollectingDispatcher, order: Order, parcel: Parcel | None) -> None:
    """Utter the order as text and as a card."""
    text = f"订单 {order.id}（{order.title}，共 ¥{yuan(order.total)}）目前{order.status_text}。"
    card: dict[str, Any] = {
        "type": "order",
        "order_id": order.id,
        "status": order.status_text,
        "items": [{"name": item.name, "quantity": item.quantity, "price": yuan(item.price)} for item in order.items],
        "total": yuan(order.total),
        "parcel": None,
    }
    if parcel is not None:
        events = [{"at": clock(at), "text": what} for at, what in parcel.events]
        card["parcel"] = {"carrier": parcel.carrier, "number": parcel.number, "events": events}
        text += f"\n{parcel.carrier}，运单号 {parcel.number}。"
        if events:
            text += f"\n最新动态：{events[0]['at']} {events[0]['text']}"
    elif order.status == "paid":
        text += "仓库正在备货，16:00 前付款的当天发出，之后的次日发出，最晚不超过 48 小时。"
    dispatcher.utter_message(text=text, json_message=card)


def clock(at: float) -> str:
    """Return a time as the shop's customers read it, in China's time zone."""
    return dt.datetime.fromtimestamp(at, CHINA).strftime("%m-%d %H:%M")


def _named(tracker: Tracker) -> tuple[str, str] | None:
    for entity, kind in (("order_number", "订单"), ("parcel_number", "运单")):
        number = next(tracker.get_latest_entity_values(entity), None)
        if number:
            return kind, str(number)
    return None
