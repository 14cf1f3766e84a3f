"""Goal: what is in my account (level, points, balance)?"""

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.errand import HUMAN_BUTTON, Errand, Events
from actions.shop import current_shop, yuan


class ActionMyAccount(Errand):
    """Tells the customer's level, points and balance."""

    intent = "my_account"

    def name(self) -> str:
        return "action_my_account"

    def serve(self, dispatcher: CollectingDispatcher, tracker: Tracker, customer: str) -> Events:
        account = current_shop().customer(customer)
        if account is None:
            dispatcher.utter_message(text="暂时没有查到您的会员资料，可以转人工客服帮您核实。", buttons=[HUMAN_BUTTON])
            return []
        dispatcher.utter_message(
            text=(
                f"{account.name}，您目前是{account.level}会员，可用积分 {account.points} 分"
                f"（可抵 {yuan(account.points)} 元），账户余额 ¥{yuan(account.balance)}。"
            )
        )
        return []
