"""Goal: what is in my account (level, points, balance)?"""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.login import ask_to_log_in, customer_id
from actions.shop import current_shop, yuan


class ActionMyAccount(Action):
    def name(self) -> str:
        return "action_my_account"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        signed_in = customer_id(tracker)
        if signed_in is None:
            ask_to_log_in(dispatcher, then="my_account")
            return []
        customer = current_shop().customer(signed_in)
        if customer is None:
            dispatcher.utter_message(text="没有查到您的会员资料，请联系人工客服核实。")
            return []
        dispatcher.utter_message(
            text=(
                f"{customer.name}，您目前是{customer.level}会员，可用积分 {customer.points} 分"
                f"（可抵 {yuan(customer.points)} 元），账户余额 ¥{yuan(customer.balance)}。"
            )
        )
        return []
