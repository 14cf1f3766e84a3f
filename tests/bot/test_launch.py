"""The supervisor's configuration: every process, restarted when it dies, nothing lost in odd paths."""

import configparser
from pathlib import Path

from bot.launch import supervisor_config
from bot.settings import Settings


def parsed(settings, tmp_path, root=Path("/srv/yingda")):
    config = configparser.RawConfigParser()
    config.read_string(supervisor_config(settings, root=root, log_dir=tmp_path))
    return config


def test_one_program_for_the_gateway_and_each_worker(tmp_path):
    config = parsed(Settings(workers=3, data_dir=tmp_path), tmp_path)
    programs = [name for name in config.sections() if name.startswith("program:")]
    assert programs == ["program:gateway", "program:worker-0", "program:worker-1", "program:worker-2"]
    for name in programs:
        assert config[name]["autorestart"] == "true"
        assert config[name]["stopasgroup"] == "true"
    assert config["program:worker-2"]["command"].endswith("-m bot.engine.worker 2")


def test_a_percent_sign_in_a_path_is_escaped(tmp_path):
    config = parsed(Settings(data_dir=tmp_path), tmp_path, root=Path("/srv/100%/yingda"))
    assert config["program:gateway"]["directory"] == "/srv/100%%/yingda"
