import json
import multiprocessing
import stat

import pytest

from bot.keys import load_keys
from bot.settings import SettingsError, load_settings

ONE, OTHER = "1" * 32, "2" * 32


def settings(data_dir, **secrets):
    environ = {f"YINGDA_{name.upper()}": value for name, value in secrets.items()}
    return load_settings({"YINGDA_DATA_DIR": str(data_dir), **environ}, None)


def test_keys_are_made_once_and_kept_for_this_user_only(tmp_path):
    first = load_keys(settings(tmp_path / "var"))
    assert load_keys(settings(tmp_path / "var")) == first
    assert len(first.secret_key) == len(first.identity_secret) == 64
    assert first.secret_key != first.identity_secret
    path = tmp_path / "var" / "keys.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["keys.json"]


def test_keys_that_are_set_go_before_the_stored_ones(tmp_path):
    stored = load_keys(settings(tmp_path))
    keys = load_keys(settings(tmp_path, secret_key=ONE))
    assert (keys.secret_key, keys.identity_secret) == (ONE, stored.identity_secret)


def test_with_both_set_nothing_is_stored(tmp_path):
    keys = load_keys(settings(tmp_path / "var", secret_key=ONE, identity_secret=OTHER))
    assert (keys.secret_key, keys.identity_secret) == (ONE, OTHER)
    assert not (tmp_path / "var").exists()


def test_keys_do_not_show(tmp_path):
    keys = load_keys(settings(tmp_path))
    assert keys.secret_key not in repr(keys) and keys.identity_secret not in repr(keys)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"secret_key": "x"}', "null"])
def test_a_damaged_file_stops_the_start_and_is_left_as_it_is(tmp_path, content):
    path = tmp_path / "keys.json"
    path.write_text(content)
    with pytest.raises(SettingsError, match="keys.json does not hold the two signing keys.*restore it"):
        load_keys(settings(tmp_path))
    assert path.read_text() == content


@pytest.mark.parametrize(
    "content", [{"secret_key": "", "identity_secret": ""}, {"secret_key": 1, "identity_secret": 2}]
)
def test_stored_keys_that_sign_nothing_are_refused(tmp_path, content):
    (tmp_path / "keys.json").write_text(json.dumps(content))
    with pytest.raises(SettingsError, match="keys.json"):
        load_keys(settings(tmp_path))


def _make(data_dir, start, made):
    start.wait()
    keys = load_keys(settings(data_dir))
    made.put((keys.secret_key, keys.identity_secret))


def test_processes_that_start_at_once_agree(tmp_path):
    context = multiprocessing.get_context("spawn")
    start, made = context.Barrier(3), context.Queue()
    processes = [context.Process(target=_make, args=(tmp_path, start, made)) for _ in range(3)]
    for process in processes:
        process.start()
    pairs = {made.get(timeout=60) for _ in processes}
    for process in processes:
        process.join()
    assert len(pairs) == 1
    assert [each.name for each in tmp_path.iterdir()] == ["keys.json"]
