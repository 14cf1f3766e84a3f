from pathlib import Path

import pytest

from bot.settings import LONGEST_SOCKET_PATH, Settings, SettingsError, load_settings

SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def env_file(tmp_path):
    def write(text: str) -> Path:
        path = tmp_path / ".env"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_without_anything_the_defaults_hold(tmp_path):
    settings = load_settings({}, tmp_path / ".env")
    assert (settings.host, settings.port, settings.workers, settings.demo) == ("127.0.0.1", 8000, 2, True)
    assert settings.database == f"sqlite:///{Path('var/yingda.db').absolute()}"
    assert settings.shop_database == f"sqlite:///{Path('var/shop.db').absolute()}"


def test_the_environment_goes_before_the_file(env_file):
    path = env_file("YINGDA_PORT=9001\nYINGDA_WORKERS=3\nYINGDA_DATA_DIR='/srv/应 答'\n")
    settings = load_settings({"YINGDA_PORT": "9002", "PATH": "/bin"}, path)
    assert (settings.port, settings.workers, settings.data_dir) == (9002, 3, Path("/srv/应 答"))


def test_a_dollar_in_the_file_is_a_dollar(env_file):
    path = env_file("YINGDA_DATABASE_URL=postgresql://me:pa${HOME}ss@db/yingda\n")
    assert load_settings({}, path).database == "postgresql://me:pa${HOME}ss@db/yingda"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("YINGDA_PROT", "did you mean YINGDA_PORT?"),
        ("YINGDA_DATABASE", "did you mean YINGDA_DATABASE_URL?"),
        ("YINGDA_XYZZY", "README.md"),
        ("YINGDA_port", "did you mean YINGDA_PORT?"),
    ],
)
def test_an_unknown_name_stops_the_start_with_a_suggestion(env_file, name, hint):
    with pytest.raises(SettingsError, match=f"{name} in the environment") as raised:
        load_settings({name: "1"}, None)
    assert hint in str(raised.value)
    with pytest.raises(SettingsError, match=rf"{name} in .*\.env") as raised:
        load_settings({}, env_file(f"{name}=1\n"))
    assert hint in str(raised.value)


def test_a_name_of_somebody_else_is_ignored_in_the_environment_but_not_in_the_file(env_file):
    assert load_settings({"PORT": "1", "yingda_port": "1"}, None).port == 8000
    with pytest.raises(SettingsError, match="PORT in .*is not a setting.*YINGDA_PORT"):
        load_settings({}, env_file("PORT=8001\n"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("YINGDA_HOST", ""),
        ("YINGDA_HOST", " 127.0.0.1"),
        ("YINGDA_HOST", "http://127.0.0.1"),
        ("YINGDA_PORT", "0"),
        ("YINGDA_PORT", "65536"),
        ("YINGDA_PORT", "http"),
        ("YINGDA_PORT", ""),
        ("YINGDA_WORKERS", "0"),
        ("YINGDA_DEMO", "maybe"),
        ("YINGDA_LOG_LEVEL", "loud"),
        ("YINGDA_TURN_TIMEOUT", "0"),
        ("YINGDA_TURN_TIMEOUT", "nan"),
        ("YINGDA_DATABASE_URL", "mysql://db/yingda"),
        ("YINGDA_SHOP_DATABASE_URL", "shop.db"),
        ("YINGDA_ACTION_SERVER_URL", "127.0.0.1:5055"),
        ("YINGDA_ALLOWED_ORIGINS", "https://shop.example/path"),
        ("YINGDA_ALLOWED_ORIGINS", "https://shop.example, *"),
    ],
)
def test_an_impossible_value_stops_the_start_and_is_shown(name, value):
    with pytest.raises(SettingsError) as raised:
        load_settings({name: value}, None)
    assert str(raised.value).startswith(f"{name}={value!r} is not possible")
    assert "Expected: " in str(raised.value)


@pytest.mark.parametrize("name", ["YINGDA_SECRET_KEY", "YINGDA_IDENTITY_SECRET"])
def test_a_secret_is_never_shown(name):
    with pytest.raises(SettingsError) as raised:
        load_settings({name: "hunter2"}, None)
    assert "hunter2" not in str(raised.value)
    assert "32 characters" in str(raised.value)
    settings = load_settings({name: SECRET}, None)
    assert SECRET not in repr(settings) and SECRET not in str(settings.dict())


def test_a_password_in_a_url_is_not_shown_in_an_error():
    with pytest.raises(SettingsError) as raised:
        load_settings({"YINGDA_DATABASE_URL": "mysql://me:hunter2@db/yingda"}, None)
    assert "hunter2" not in str(raised.value)
    assert "mysql://me:(hidden)@db/yingda" in str(raised.value)


def test_a_password_in_a_url_is_not_shown_in_the_repr():
    settings = load_settings({"YINGDA_DATABASE_URL": "postgresql://me:hunter2@db/yingda"}, None)
    assert "hunter2" not in repr(settings) + str(settings)
    assert settings.database == "postgresql://me:hunter2@db/yingda"


def test_settings_do_not_change():
    settings = load_settings({}, None)
    with pytest.raises(TypeError):
        settings.port = 1


def test_origins_are_a_list():
    settings = load_settings({"YINGDA_ALLOWED_ORIGINS": " https://a.example , http://b.example:8080,"}, None)
    assert settings.origins == ("https://a.example", "http://b.example:8080")


def test_sockets_move_where_the_path_would_be_too_long_for_one(tmp_path):
    near = load_settings({"YINGDA_DATA_DIR": "/srv/yingda"}, None)
    assert near.worker_sockets == [Path("/srv/yingda/run/worker-0.sock"), Path("/srv/yingda/run/worker-1.sock")]
    far = load_settings({"YINGDA_DATA_DIR": f"/srv/{'很长' * 40}"}, None)
    assert len(str(far.worker_socket(63)).encode()) <= LONGEST_SOCKET_PATH
    other = load_settings({"YINGDA_DATA_DIR": f"/srv/{'很长' * 41}"}, None)
    assert other.run_dir != far.run_dir


def test_every_setting_is_described():
    for field in Settings.__fields__.values():
        assert field.field_info.description and field.field_info.description.endswith(".")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "2001:db8::1", "shop.example"])
def test_the_demo_is_open_to_other_machines_only_where_somebody_says_so(env_file, host):
    with pytest.raises(SettingsError, match="YINGDA_HOST='.*'.*YINGDA_DEMO=false, or YINGDA_DEMO=true") as raised:
        load_settings({"YINGDA_HOST": host}, None)
    assert host in str(raised.value)
    with pytest.raises(SettingsError, match="YINGDA_DEMO"):
        load_settings({}, env_file(f"YINGDA_HOST={host}\n"))
    assert load_settings({"YINGDA_HOST": host, "YINGDA_DEMO": "true"}, None).demo is True
    assert load_settings({"YINGDA_HOST": host}, env_file("YINGDA_DEMO=true\n")).demo is True
    assert load_settings({"YINGDA_HOST": host, "YINGDA_DEMO": "false"}, None).demo is False


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost", "LOCALHOST"])
def test_on_this_machine_alone_the_demo_is_on(host):
    assert load_settings({"YINGDA_HOST": host}, None).demo is True
