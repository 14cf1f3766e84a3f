"""One customer, from the first question to the human, in a real browser against the real product."""

import os
import signal
import sqlite3
import time

from playwright.sync_api import Page, expect

PATIENCE = 30_000  # milliseconds; the machine may be busy


def say(page: Page, text: str) -> str:
    """Send a text, wait for the reply and return everything the bot said to it."""
    before = page.get_by_test_id("message-bot").count()
    page.get_by_test_id("input").fill(text)
    page.get_by_test_id("send").click()
    return answer(page, before)


def press(page: Page, title: str) -> str:
    before = page.get_by_test_id("message-bot").count()
    page.get_by_test_id("button-option").filter(has_text=title).last.click()
    return answer(page, before)


def answer(page: Page, before: int) -> str:
    bubbles = page.get_by_test_id("message-bot")
    expect(bubbles.nth(before)).to_be_visible(timeout=PATIENCE)
    # A turn's replies arrive together, but one frame after the other.
    expect(page.get_by_test_id("typing")).to_have_count(0, timeout=PATIENCE)
    page.wait_for_timeout(300)
    return "\n".join(bubbles.nth(index).inner_text() for index in range(before, bubbles.count()))


def test_the_whole_journey(page, product):
    page.get_by_test_id("launcher").click()
    expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "online", timeout=PATIENCE)

    # An unknown visitor asks, and gets the answer with its source.
    said = say(page, "满多少包邮？")
    assert "59" in said
    expect(page.get_by_test_id("source").first).to_be_visible()

    # What stands only in an article comes with a link to it, and the link works.
    say(page, "羽绒服怎么洗")
    link = page.get_by_test_id("source").last
    href = link.get_attribute("href") or link.locator("a").first.get_attribute("href")
    assert "/articles/" in href
    article = page.context.new_page()
    response = article.goto(href if href.startswith("http") else product.address + href)
    assert response.status == 200
    assert "羽绒" in article.inner_text("body")
    article.close()

    # A thumb for the answer is kept.
    page.get_by_test_id("thumb-up").last.click()
    expect(page.get_by_test_id("thumb-up").last).to_have_attribute("aria-pressed", "true")

    # Nothing about orders before the login; with it, the errand goes on.
    said = say(page, "我的快递到哪了")
    assert "登录" in said and "YS26" not in said
    page.get_by_test_id("login-select").select_option("c1001")
    page.get_by_test_id("login-button").click()
    expect(page.get_by_test_id("logged-in-as")).to_contain_text("林晓雨", timeout=PATIENCE)
    said = press(page, "我已登录")
    assert "YS2611050001" in said
    expect(page.get_by_test_id("card-order").last).to_be_visible()

    # A refund of the order just shown, with a question in the middle, and another order after all.
    assert "原因" in say(page, "我要退款")
    said = say(page, "退款多久到账")
    assert "工作日" in said and "原因" in said
    said = press(page, "不想要了")
    assert "YS2611050001" in said and "299.00" in said
    assert "哪一单" in press(page, "换一单")
    said = press(page, "羽绒服")
    assert "YS2611050002" in said and "638.00" in said
    said = press(page, "确认提交")
    assert "RF" in said

    # A reload shows the same conversation, and it goes on.
    expect(page.get_by_test_id("message-customer").last).to_have_attribute("data-state", "sent")
    count = page.get_by_test_id("bubble").count()
    page.reload()
    if page.get_by_test_id("launcher").count():
        page.get_by_test_id("launcher").click()
    expect(page.get_by_test_id("message-bot").first).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_test_id("bubble")).to_have_count(count, timeout=PATIENCE)
    assert "RF" in say(page, "我的退款到哪了")

    # A human, at last; stored with its reason.
    assert "人工" in say(page, "转人工")
    with sqlite3.connect(product.data_dir / "yingda.db") as database:
        rows = database.execute("SELECT reason, queue, state FROM handoffs").fetchall()
    assert rows == [("asked_for_human", "综合客服", "waiting")]

    # The conversation gets its stars.
    page.get_by_test_id("menu").click()
    page.get_by_test_id("rate-conversation").click()
    page.get_by_test_id("star-5").click()
    page.get_by_test_id("rating-submit").click()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with sqlite3.connect(product.data_dir / "yingda.db") as database:
            if database.execute("SELECT score FROM conversations WHERE score IS NOT NULL").fetchall() == [(5,)]:
                break
        time.sleep(0.2)
    else:
        raise AssertionError("the rating was not stored")


def test_the_unknown_is_kept_for_teaching(page, product):
    page.get_by_test_id("launcher").click()
    say(page, "帮我写一首关于秋天的诗")
    with sqlite3.connect(product.data_dir / "yingda.db") as database:
        kept = [text for (text,) in database.execute("SELECT text FROM unanswered")]
    assert "帮我写一首关于秋天的诗" in kept


def test_markup_is_shown_as_text(page, product):
    page.get_by_test_id("launcher").click()
    say(page, "<img src=x onerror=alert(1)><b>粗体</b>")
    assert "<img src=x onerror=alert(1)><b>粗体</b>" in page.get_by_test_id("message-customer").last.inner_text()


def test_a_killed_worker_loses_nothing(page, product):
    """Both workers die in the middle of a conversation; the next message is answered, once."""
    page.get_by_test_id("launcher").click()
    say(page, "你好")
    workers = product.worker_pids()
    assert len(workers) == 2
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    page.get_by_test_id("input").fill("满多少包邮？")
    page.get_by_test_id("send").click()
    before = page.get_by_test_id("message-bot").count()
    expect(page.get_by_test_id("message-bot").nth(before)).to_be_visible(timeout=180_000)
    page.wait_for_timeout(1000)
    answers = [text for text in page.get_by_test_id("message-bot").all_inner_texts() if "59" in text]
    assert len(answers) == 1
