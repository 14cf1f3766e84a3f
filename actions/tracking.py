"""Goal: where is my order? And which orders have I?"""

import datetime as dt
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.login import ask_to_log_in, customer_id
from actions.shop import Order, Parcel, current_shop, yuan

#: Orders offered as buttons.
MOST_CHOICES = 4
CHINA = dt.timezone(dt.timedelta(hours=8))


class ActionTrackOrder(Action):
    """Shows the order that the message names, the only open one, or asks which."""

    def name(self) -> str:
        return "action_track_order"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        customer = customer_id(tracker)
        if customer is None:
            ask_to_log_in(dispatcher, then="track_order")
            return []
        shop = current_shop()
        named = next(tracker.get_latest_entity_values("order_number"), None)
        if named:
            order = shop.order(customer, named)
            if order is None:
                dispatcher.utter_message(text=f"没有在您的账户下找到订单 {named}，请核对一下订单号，或者说“我的订单”看看全部订单。")
            else:
                show_order(dispatcher, order, shop.parcel(order))
            return []
        orders = shop.orders(customer)
        if not orders:
            dispatcher.utter_message(text="您的账户下还没有订单。")
            return []
        moving = [order for order in orders if order.status in ("paid", "shipped")]
        if len(moving) == 1:
            show_order(dispatcher, moving[0], shop.parcel(moving[0]))
            return []
        offered = (moving or orders)[:MOST_CHOICES]
        dispatcher.utter_message(
            text="请问您要查哪一单？",
            buttons=[
                {
                    "title": f"{order.title}（{order.status_text}）",
                    "payload": '/track_order{"order_number": "%s"}' % order.id,
                }
                for order in offered
            ],
        )
        return []


class ActionListOrders(Action):
    """Lists the latest orders with their status."""

    def name(self) -> str:
        return "action_list_orders"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        customer = customer_id(tracker)
        if customer is None:
            ask_to_log_in(dispatcher, then="list_orders")
            return []
        orders = current_shop().orders(customer)
        if not orders:
            dispatcher.utter_message(text="您的账户下还没有订单。")
            return []
        lines = [f"{order.id}　{order.title}　¥{yuan(order.total)}　{order.status_text}" for order in orders]
        dispatcher.utter_message(
            text="您最近的订单：\n" + "\n".join(lines) + "\n发订单号给我，可以查看物流。",
            json_message={
                "type": "orders",
                "orders": [
                    {"order_id": order.id, "status": order.status_text, "title": order.title, "total": yuan(order.total)}
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
