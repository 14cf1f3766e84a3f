def test_a_message_is_accepted_and_answered(visitor):
    (reply,) = visitor.ask("你好")
    assert reply["sender"] == "bot" and reply["text"] == "回声：你好" and reply["ratable"] is True
    own = visitor.messages()[0]
    assert (own["seq"], own["sender"], own["text"], own["client_message_id"]) == (1, "customer", "你好", "c-1")
