from storage.tables import participants
from storage.upserts import insert_if_absent, insert_or_update


def test_absent_or_not(talk):
    row = {"id": "c_1", "customer_id": "1", "created_at": 1.0}
    assert talk.write(lambda conn: insert_if_absent(conn, participants, row)) is True
    assert talk.write(lambda conn: insert_if_absent(conn, participants, {**row, "customer_id": "2"})) is False
    stored = talk.write(lambda conn: conn.execute(participants.select().where(participants.c.id == "c_1")).one())
    assert stored.customer_id == "1"


def test_update_changes_only_what_is_named(talk):
    row = {"id": "c_1", "customer_id": "1", "created_at": 1.0}
    talk.write(lambda conn: insert_or_update(conn, participants, row, key=("id",)))
    change = {"id": "c_1", "created_at": 2.0}
    talk.write(lambda conn: insert_or_update(conn, participants, change, key=("id",)))
    stored = talk.write(lambda conn: conn.execute(participants.select().where(participants.c.id == "c_1")).one())
    assert (stored.customer_id, stored.created_at) == ("1", 2.0)
