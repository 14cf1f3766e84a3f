"""`rasa shell` answers what is typed into it."""

import pytest


@pytest.mark.timeout(400)
def test_the_shell_greets_back(stock_rasa, free_port):
    done = stock_rasa.run(
        *("shell", "-i", "127.0.0.1", "-p", str(free_port()), "--model", str(stock_rasa.model)), typed="你好\n/stop\n"
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert "您好，我是云杉商城的智能客服" in done.stdout, done.stdout[-4000:]
