from actions.buttons import payload


def test_a_payload_names_intent_and_entities():
    assert payload("list_orders") == "/list_orders"
    assert payload("inform", refund_reason="质量问题") == '/inform{"refund_reason": "质量问题"}'


def test_a_quote_in_a_value_stays_inside_of_it():
    assert payload("inform", refund_reason='"}x') == '/inform{"refund_reason": "\\"}x"}'
