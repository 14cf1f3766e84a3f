"""Goal: how far is my refund?"""

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.errand import Errand, Events
from actions.shop import Refund, current_shop, yuan
from actions.tracking import clock

#: Refunds told at once; older ones come when the customer names their order.
MOST_TOLD = 3

_NEXT = {
    "reviewing": "预计 24 小时内审核完，通过后原路退回。",
    "paying": "余额和钱包 1–3 个工作日到账，银行卡 3–7 个工作日到账。",
    "done": "款项已原路退回，请查看您的付款账户。",
    "refused": "如有异议，可以转人工客服复核。",
}


class ActionRefundStatus(Errand):
    """Tells how far the customer's latest refunds are, or the refund of the order that the message names."""

    intent = "refund_status"

    def name(self) -> str:
        return "action_refund_status"

    def serve(self, dispatcher: CollectingDispatcher, tracker: Tracker, customer: str) -> Events:
        refunds = current_shop().refunds(customer)
        named = next(tracker.get_latest_entity_values("order_number"), None)
        if named:
            refunds = [refund for refund in refunds if refund.order_id == named]
        if not refunds:
            about = f"订单 {named} " if named else "您的账户下"
            dispatcher.utter_message(
                text=f"{about}没有退款记录。如果需要申请退款，我现在就可以帮您办理。",
                buttons=[{"title": "申请退款", "payload": "/request_refund"}],
            )
            return []
        for refund in refunds[:MOST_TOLD]:
            show_refund(dispatcher, refund, f"您 {clock(refund.requested_at)} 申请的退款")
        return []


def show_refund(dispatcher: CollectingDispatcher, refund: Refund, opening: str) -> None:
    """Utter one refund as text and as a card."""
    dispatcher.utter_message(
        text=(
            f"{opening} {refund.id}（订单 {refund.order_id}，¥{yuan(refund.amount)}）目前{refund.status_text}。"
            f"{_NEXT[refund.status]}"
        ),
        json_message={
            "type": "refund",
            "refund_id": refund.id,
            "order_id": refund.order_id,
            "amount": yuan(refund.amount),
            "status": refund.status_text,
        },
    )
