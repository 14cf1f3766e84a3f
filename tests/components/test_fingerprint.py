"""What Rasa's cache cannot see goes into the fingerprint: modules, files, folders."""

from bot.components import message_keys
from bot.components.fingerprint import source_hash


def test_a_changed_file_changes_the_hash(tmp_path):
    (tmp_path / "a.txt").write_text("one")
    before = source_hash(tmp_path, message_keys)
    assert before == source_hash(tmp_path, message_keys)
    (tmp_path / "a.txt").write_text("two")
    assert source_hash(tmp_path, message_keys) != before


def test_names_count(tmp_path):
    (tmp_path / "a.txt").write_text("one")
    before = source_hash(tmp_path)
    (tmp_path / "a.txt").rename(tmp_path / "b.txt")
    assert source_hash(tmp_path) != before


def test_a_missing_file_has_a_hash_of_its_own(tmp_path):
    before = source_hash(tmp_path / "words.txt")
    (tmp_path / "words.txt").write_text("")
    assert source_hash(tmp_path / "words.txt") != before
