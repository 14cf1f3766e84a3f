from concurrent.futures import ThreadPoolExecutor

from storage import profiles


def add_one(profile):
    return {"count": (profile or {"count": 0})["count"] + 1}


def test_changes_at_the_same_time_are_all_kept(talk):
    change = {"participant_id": talk.visitor, "change": add_one, "now": 1.0}
    assert talk.write(profiles.change, **change) == {"count": 1}
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: talk.write(profiles.change, **change), range(12)))
    assert talk.write(profiles.find, participant_id=talk.visitor) == {"count": 13}


def test_a_profile_is_taken_once(talk):
    talk.write(profiles.change, participant_id=talk.visitor, change=add_one, now=1.0)
    assert talk.write(profiles.take, participant_id=talk.visitor) == {"count": 1}
    assert talk.write(profiles.take, participant_id=talk.visitor) is None
