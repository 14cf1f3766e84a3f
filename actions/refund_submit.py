"""Goal: get my money back — file the confirmed refund, once."""

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.errand import HUMAN_BUTTON, Errand, Events
from actions.login import message_id
from actions.refund_start import emptied
from actions.refund_status import show_refund
from actions.shop import RefundRefused, current_shop

FAILED = (
    "非常抱歉，系统刚才出了点问题，还不能确定退款申请是否提交成功。"
    "请稍后问我“退款进度”核对一下，没有记录的话再重新申请；也可以转人工客服为您处理。"
)


class ActionSubmitRefund(Errand):
    """Files the refund under the confirming message's id, so that a repeated turn files nothing twice.

    It runs at every end of the form (rule 提交退款): also after a "no", and where the form gave up on its own.
    """

    intent = "request_refund"
    failed = FAILED
    gives_up = emptied()

    def name(self) -> str:
        return "action_submit_refund"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict) -> Events:
        confirmed = tracker.get_slot("refund_confirmed")
        if confirmed:
            return super().run(dispatcher, tracker, domain)
        if confirmed is False:
            dispatcher.utter_message(text="好的，退款没有提交。需要的时候随时告诉我。")
        return emptied()  # None: the form has already said why it ended

    def serve(self, dispatcher: CollectingDispatcher, tracker: Tracker, customer: str) -> Events:
        try:
            refund = current_shop().request_refund(
                customer,
                tracker.get_slot("order_number"),
                tracker.get_slot("refund_reason"),
                idempotency_key=f"refund:{message_id(tracker)}",
            )
        except RefundRefused as refusal:
            dispatcher.utter_message(text=str(refusal), buttons=[HUMAN_BUTTON])
            return emptied()
        show_refund(dispatcher, refund, "退款申请已提交，退款单号")
        return emptied()
