"""Goal: get my money back — what the refund form asks, and what it accepts."""

from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.login import customer_id
from actions.shop import current_shop, yuan

#: A reason is a few words; a story is cut here.
LONGEST_REASON = 100
MOST_CHOICES = 4


class ActionAskOrderNumber(Action):
    """Asks which order, with those that can be refunded as buttons."""

    def name(self) -> str:
        return "action_ask_order_number"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        shop = current_shop()
        customer = customer_id(tracker)
        orders = [order for order in shop.orders(customer) if not shop.refusal(order, None)] if customer else []
        if not orders:
            dispatcher.utter_message(text="请告诉我要退款的订单号（YS 开头加 10 位数字）。不想办了可以说“取消”。")
            return []
        dispatcher.utter_message(
            text="请问要退哪一单？可以点选，也可以直接发订单号。",
            buttons=[
                {
                    "title": f"{order.title} ¥{yuan(order.total)}（{order.status_text}）",
                    "payload": '/inform{"order_number": "%s"}' % order.id,
                }
                for order in orders[:MOST_CHOICES]
            ],
        )
        return []


class ValidateRefundForm(FormValidationAction):
    """Accepts an order only if it is the customer's own and may be refunded; a refused one is asked for again."""

    def name(self) -> str:
        return "validate_refund_form"

    def validate_order_number(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        customer = customer_id(tracker)
        order = current_shop().order(customer, str(value)) if customer else None
        if order is None:
            dispatcher.utter_message(text=f"没有在您的账户下找到订单 {value}，请核对一下订单号。")
            return {"order_number": None}
        refusal = current_shop().refusal(order, tracker.get_slot("refund_reason"))
        if refusal:
            dispatcher.utter_message(text=refusal)
            return {"order_number": None}
        return {"order_number": order.id}

    def validate_refund_reason(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        # The extractor's reason is the one that the back end files; free text is taken as written.
        known = next(tracker.get_latest_entity_values("refund_reason"), None)
        reason = str(known or value).strip().lstrip("／/")[:LONGEST_REASON]
        return {"refund_reason": reason or None}


class ActionAskRefundConfirmed(Action):
    """Says what would be filed and asks for a yes: nothing irreversible without it."""

    def name(self) -> str:
        return "action_ask_refund_confirmed"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        order = current_shop().order(customer_id(tracker) or "", tracker.get_slot("order_number"))
        if order is None:
            dispatcher.utter_message(text="没有找到这笔订单，请重新发一下订单号。")
            return []
        dispatcher.utter_message(
            text=(
                f"请确认退款信息：\n订单：{order.id}（{order.title}）\n金额：¥{yuan(order.total)}，原路退回\n"
                f"原因：{tracker.get_slot('refund_reason')}\n确认提交吗？要改订单或原因，直接告诉我就行。"
            ),
            buttons=[{"title": "确认提交", "payload": "/affirm"}, {"title": "取消", "payload": "/cancel"}],
        )
        return []
