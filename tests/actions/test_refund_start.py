def test_a_signed_in_customer_enters_the_form(backend, run):
    said = run("action_start_refund", intent="request_refund", slots={"refund_reason": "质量问题"})
    assert said.followup == "refund_form"
    assert said.slots == {"refund_confirmed": None, "refund_reason": None}  # an old reason is not taken over
    assert said.texts == []


def test_a_reason_in_the_message_stays(backend, run):
    said = run("action_start_refund", intent="request_refund", entities={"refund_reason": "质量问题"})
    assert "refund_reason" not in said.slots


def test_asking_again_inside_of_the_form_keeps_the_answers(backend, run):
    said = run("action_start_refund", intent="request_refund", loop="refund_form")
    assert (said.followup, said.slots) == ("refund_form", {})


def test_cancelling_empties_everything(backend, run):
    said = run("action_cancel_refund", intent="cancel")
    assert said.texts == ["好的，已为您取消，退款没有提交。还有什么可以帮您的吗？"]
    assert said.slots == {"order_number": None, "refund_reason": None, "refund_confirmed": None}
