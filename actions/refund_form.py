"""Goal: get my money back — what the refund form asks for."""

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.buttons import payload
from actions.errand import HUMAN_BUTTON, Errand, Events, end_form
from actions.shop import current_shop, yuan

MOST_CHOICES = 4


class ActionAskOrderNumber(Errand):
    """Asks which order, with those that can be refunded as buttons; without one, says so and ends the form."""

    intent = "request_refund"
    gives_up = [end_form()]

    def name(self) -> str:
        return "action_ask_order_number"

    def serve(self, dispatcher: CollectingDispatcher, tracker: Tracker, customer: str) -> Events:
        shop = current_shop()
        orders = [order for order in shop.orders(customer) if not shop.refusal(order, None)]
        if not orders:
            dispatcher.utter_message(
                text="您最近的订单里没有可以在线退款的。如有特殊情况，可以转人工客服为您核实。", buttons=[HUMAN_BUTTON]
            )
            return [end_form()]
        dispatcher.utter_message(
            text="请问要退哪一单？可以点选，也可以直接发订单号。不想办了说“取消”就行。",
            buttons=[
                {
                    "title": f"{order.title} ¥{yuan(order.total)}（{order.status_text}）",
                    "payload": payload("inform", order_number=order.id),
                }
                for order in orders[:MOST_CHOICES]
            ],
        )
        return []


class ActionAskRefundConfirmed(Errand):
    """Says what would be filed and asks for a yes: nothing irreversible without it."""

    intent = "request_refund"
    gives_up = [end_form()]

    def name(self) -> str:
        return "action_ask_refund_confirmed"

    def serve(self, dispatcher: CollectingDispatcher, tracker: Tracker, customer: str) -> Events:
        order = current_shop().order(customer, tracker.get_slot("order_number"))
        if order is None:  # logged in as somebody else in the middle of the form
            dispatcher.utter_message(text="没有在您的账户下找到这笔订单，退款没有提交。请重新说“申请退款”。")
            return [SlotSet("order_number", None), end_form()]
        dispatcher.utter_message(
            text=(
                f"请确认退款信息：\n订单：{order.id}（{order.title}）\n金额：¥{yuan(order.total)}，原路退回\n"
                f"原因：{tracker.get_slot('refund_reason')}\n确认提交吗？订单或原因要改的话，直接告诉我就行。"
            ),
            buttons=[
                {"title": "确认提交", "payload": "/affirm"},
                {"title": "修改原因", "payload": "修改退款原因"},
                {"title": "换一单", "payload": "换一个订单退款"},
                {"title": "取消", "payload": "/cancel"},
            ],
        )
        return []
