"""Importing a company's log: formats, encodings, messy rows, grouping, masking, repeatability."""

import csv
import json
import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from nlu_data.conversations import utterances
from nlu_data.log_errors import LogColumnError, LogFileError, LogNameError, StoredLogError
from nlu_data.log_groups import BUCKETS
from nlu_data.log_report import ImportReport
from nlu_data.logs import (
    UNTIMED_STEP,
    import_log,
    log_hash,
    log_names,
    log_report,
    read_conversations,
    read_pairs,
    remove_log,
)

HEADER = "conversation_id,time,sender,text,category,satisfaction,resolved,transferred,customer_id"
CHINA = timezone(timedelta(hours=8))
REFERENCE = os.environ.get("YINGDA_REFERENCE_DATA", "")


def row(conversation="a", minute=0, sender="customer", text="多久发货", **more) -> str:
    values = {"category": "物流", "satisfaction": "", "resolved": "true", "transferred": "false", "customer_id": "K1"}
    values.update(more)
    at = values.pop("time", f"2026-10-01T10:{minute:02d}:00+08:00")
    return ",".join((conversation, at, sender, text, *values.values()))


def write(path: Path, *rows: str, header: str = HEADER, encoding: str = "utf-8") -> Path:
    path.write_bytes("\n".join((header, *rows, "")).encode(encoding))
    return path


@pytest.fixture
def logs(tmp_path) -> Path:
    return tmp_path / "logs"


def test_a_conversation_arrives_whole_and_masked(tmp_path, logs):
    source = write(
        tmp_path / "log.csv",
        row(minute=0, text="多久发货，电话13812345678"),
        row(minute=1, sender="agent", text="16点前付款当天发货。", satisfaction="5"),
    )
    report = import_log(source, name="shop", directory=logs)
    (conversation,) = read_conversations(logs)
    assert conversation.id == "a"
    assert conversation.category == "物流"
    assert conversation.satisfaction == 5
    assert conversation.resolved is True and conversation.transferred is False
    assert conversation.customer == "c000001"
    assert [(m.sender, m.text) for m in conversation.messages] == [
        ("customer", "多久发货，电话〔手机号〕"),
        ("agent", "16点前付款当天发货。"),
    ]
    assert conversation.messages[0].at == datetime(2026, 10, 1, 10, 0, tzinfo=CHINA).timestamp()
    assert (report.rows, report.messages, report.conversations, report.rejected) == (2, 2, 1, {})
    assert report.masked == {"〔手机号〕": 1}
    assert report.timed is True
    assert [(p.question, p.answer) for p in read_pairs(logs)] == [("多久发货，电话〔手机号〕", "16点前付款当天发货。")]


def test_the_canonical_line_has_the_agreed_keys(tmp_path, logs):
    import_log(write(tmp_path / "log.csv", row()), name="shop", directory=logs)
    item = json.loads((logs / "shop.jsonl").read_text(encoding="utf-8"))
    assert list(item) == ["id", "category", "satisfaction", "resolved", "transferred", "customer", "messages"]
    assert list(item["messages"][0]) == ["at", "sender", "text"]
    assert sorted(path.name for path in logs.iterdir()) == [
        "shop.jsonl",
        "shop.pairs.jsonl",
        "shop.rejected.csv",
        "shop.report.json",
    ]


def test_bad_rows_are_counted_and_written_aside_masked(tmp_path, logs):
    source = write(
        tmp_path / "log.csv",
        row(),
        row(conversation="", text="没有编号 13812345678"),
        row(sender="路人"),
        row(sender="机器人", text="您好"),
        row(text="   "),
        row(text='"\u200b\u200b"'),
        row(time="昨天"),
        row(time="2026-02-30 10:00"),
        row(time="1826-02-03 10:00"),
        "a,2026-10-01 10:00,customer,只有四列",
        row(text="甲" * 10_001),
        "",
        row(minute=5, sender="agent", text="好的"),
    )
    report = import_log(source, name="shop", directory=logs)
    assert report.rejected == {
        "bad_sender": 1,
        "bad_time": 3,
        "empty_text": 2,
        "missing_conversation": 1,
        "other_sender": 1,
        "text_too_long": 1,
        "wrong_field_count": 1,
    }
    assert report.rows == 12 and report.messages == 2
    assert report.rows == report.messages + sum(report.rejected.values())
    with (logs / "shop.rejected.csv").open(encoding="utf-8", newline="") as aside:
        rejected = list(csv.DictReader(aside))
    assert [(int(item["line"]), item["reason"]) for item in rejected][:2] == [
        (3, "missing_conversation"),
        (4, "bad_sender"),
    ]
    assert "〔手机号〕" in rejected[0]["row"] and "13812345678" not in rejected[0]["row"]


def test_unreadable_single_values_are_left_out_and_the_row_kept(tmp_path, logs):
    source = write(
        tmp_path / "log.csv", row(satisfaction="很好", resolved="也许", transferred="nan"), row(satisfaction="9")
    )
    report = import_log(source, name="shop", directory=logs)
    assert report.ignored == {"satisfaction": 2, "resolved": 1}
    (conversation,) = read_conversations(logs)
    assert conversation.satisfaction is None


@pytest.mark.parametrize(
    ("encoding", "detected"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("gb18030", "gb18030"), ("gbk", "gb18030"), ("utf-16", "utf-16")],
)
def test_encodings(tmp_path, logs, encoding, detected):
    source = write(tmp_path / "log.csv", row(text="请问什么时候发货呀"), encoding=encoding)
    report = import_log(source, name="shop", directory=logs)
    assert report.encoding == detected
    (conversation,) = read_conversations(logs)
    assert conversation.messages[0].text == "请问什么时候发货呀"


def test_gb18030_is_noticed_even_when_the_chinese_comes_late(tmp_path, logs):
    latin = [row(conversation=f"n{number}", text="hello " * 40) for number in range(40)]
    source = write(tmp_path / "log.csv", *(line.replace("物流", "x") for line in latin), row(), encoding="gb18030")
    assert import_log(source, name="shop", directory=logs).encoding == "gb18030"


def test_a_broken_byte_costs_its_row_only(tmp_path, logs):
    source = write(tmp_path / "log.csv", row(), row(minute=1, text="坏XX字节"), row(minute=2, text="后面的还在"))
    source.write_bytes(source.read_bytes().replace(b"XX", b"\xff\xfe"))
    report = import_log(source, name="shop", directory=logs)
    assert report.encoding == "utf-8"
    assert report.rejected == {"undecodable": 1}
    assert [m.text for c in read_conversations(logs) for m in c.messages] == ["多久发货", "后面的还在"]


def test_an_open_quote_costs_one_row_and_a_quoted_line_break_none(tmp_path, logs):
    source = write(
        tmp_path / "log.csv",
        row(minute=0, text='"第一行\n第二行，还有逗号"'),
        row(minute=1, text='"没有关上'),
        *(row(minute=2 + number % 50, text=f"第{number}句") for number in range(60)),
        row(minute=59, text='中间有5"的屏幕'),
    )
    report = import_log(source, name="shop", directory=logs)
    assert report.rejected == {"unbalanced_quote": 1}
    texts = [m.text for c in read_conversations(logs) for m in c.messages]
    assert len(texts) == 62
    assert texts[0] == "第一行\n第二行，还有逗号"
    assert '中间有5"的屏幕' in texts


def test_null_bytes_and_semicolons(tmp_path, logs):
    source = write(tmp_path / "log.csv", row(text="有\0空字节").replace(",", ";"), header=HEADER.replace(",", ";"))
    import_log(source, name="shop", directory=logs)
    assert [m.text for c in read_conversations(logs) for m in c.messages] == ["有空字节"]


def test_tsv_with_a_header_and_quotes_as_text(tmp_path, logs):
    source = tmp_path / "log.tsv"
    source.write_text(
        '会话\t角色\t内容\n1\t客户\t他说"好\n1\t客服\t"有""引号"""\n1\t客服\t多\t一列\n', encoding="utf-8"
    )
    report = import_log(
        source, name="shop", directory=logs, columns={"conversation_id": "会话", "sender": "角色", "text": "内容"}
    )
    assert report.rejected == {"wrong_field_count": 1}
    assert [m.text for c in read_conversations(logs) for m in c.messages] == ['他说"好', '有"引号"']


def test_tsv_without_a_header_by_column_numbers_and_without_times(tmp_path, logs):
    source = tmp_path / "log.tsv"
    source.write_text("s1\tu\t0\t什么时候到\ns1\tu\t1\t明天送到您那里\ns2\tv\t0\t在吗\n", encoding="utf-8")
    columns = {"conversation_id": "0", "customer_id": "1", "sender": "2", "text": "3"}
    report = import_log(source, name="shop", directory=logs, columns=columns)
    first, second = read_conversations(logs)
    assert report.timed is False
    assert [m.at for m in first.messages] == [0.0, UNTIMED_STEP]
    assert [m.sender for m in first.messages] == ["customer", "agent"]
    assert (first.customer, second.customer) == ("c000001", "c000002")
    assert first.category == "其他"


def test_jsonl_with_bad_lines(tmp_path, logs):
    good = {"conversation_id": 7, "time": 1790820000, "sender": "customer", "text": "退款多久", "resolved": True}
    half = '{"conversation_id": 7, "time": 1790820002, "sender": "customer", "text": "半个\\ud83d"}'
    source = tmp_path / "log.jsonl"
    lines = [json.dumps(good, ensure_ascii=False), "{坏的", "[1, 2]", half, "", json.dumps({**good, "text": None})]
    source.write_text("\n".join(lines), encoding="utf-8")
    report = import_log(source, name="shop", directory=logs)
    assert report.rejected == {"bad_json": 2, "empty_text": 1, "undecodable": 1}
    (conversation,) = read_conversations(logs)
    assert conversation.id == "7" and conversation.resolved is True
    assert conversation.messages[0].at == 1790820000.0


@pytest.mark.parametrize(
    "written",
    [
        "2026-10-01T10:00:00+08:00",
        "2026-10-01T02:00:00Z",
        "2026-10-01 10:00:00",
        "2026/10/1 10:00",
        "2026年10月1日 10:00",
        "2026年10月1日 10时00分00秒",
        "1790820000",
        "1790820000000",
    ],
)
def test_times_in_many_forms_are_one_instant(tmp_path, logs, written):
    import_log(write(tmp_path / "log.csv", row(time=written)), name="shop", directory=logs)
    (conversation,) = read_conversations(logs)
    assert conversation.messages[0].at == datetime(2026, 10, 1, 10, tzinfo=CHINA).timestamp()


def test_conversations_that_are_mixed_up_are_put_together_in_order(tmp_path, logs):
    count = BUCKETS * 3
    mixed = [
        row(conversation=f"c{n}", minute=minute, text=f"第{minute}句") for minute in (0, 2, 1) for n in range(count)
    ]
    report = import_log(write(tmp_path / "mixed.csv", *mixed), name="mixed", directory=logs)
    conversations = list(read_conversations(logs))
    assert report.reopened == count and report.conversations == count
    assert [c.id for c in conversations] == [f"c{n}" for n in range(count)]
    assert all([m.text for m in c.messages] == ["第0句", "第1句", "第2句"] for c in conversations)
    sorted_rows = [
        row(conversation=f"c{n}", minute=minute, text=f"第{minute}句") for n in range(count) for minute in range(3)
    ]
    import_log(write(tmp_path / "whole.csv", *sorted_rows), name="whole", directory=tmp_path / "other")
    assert (logs / "mixed.jsonl").read_bytes() == (tmp_path / "other" / "whole.jsonl").read_bytes()


def test_importing_again_gives_the_same_files_and_leaves_nothing_else(tmp_path, logs):
    source = write(tmp_path / "log.csv", row(), row(minute=1, sender="agent", text="48小时内发货的"), row(sender="?"))
    import_log(source, name="shop", directory=logs)
    before = {path.name: path.read_bytes() for path in logs.iterdir() if "report" not in path.name}
    digest = log_hash(logs)
    report = import_log(source, name="shop", directory=logs)
    assert {path.name: path.read_bytes() for path in logs.iterdir() if "report" not in path.name} == before
    assert log_hash(logs) == digest
    assert ImportReport.read(logs / "shop.report.json") == report
    import_log(write(tmp_path / "log2.csv", row(text="别的")), name="second", directory=logs)
    assert log_hash(logs) != digest
    assert len(list(read_conversations(logs))) == 2


def test_a_failed_import_leaves_the_old_one_in_place(tmp_path, logs, monkeypatch):
    source = write(tmp_path / "log.csv", row())
    import_log(source, name="shop", directory=logs)
    before = {path.name: path.read_bytes() for path in logs.iterdir()}

    def broken(*_):
        raise OSError("disk full")

    monkeypatch.setattr("nlu_data.logs.mine_pairs", broken)
    with pytest.raises(OSError, match="disk full"):
        import_log(write(tmp_path / "log.csv", row(text="新的")), name="shop", directory=logs)
    assert {path.name: path.read_bytes() for path in logs.iterdir()} == before


def test_split_messages_stay_apart_in_the_transcript_and_are_one_utterance(tmp_path, logs):
    source = write(
        tmp_path / "log.csv",
        row(time="2026-10-01 10:00:00", text="我昨天买的耳机"),
        row(time="2026-10-01 10:00:20", text="左边没声音"),
        row(time="2026-10-01 10:01:00", sender="agent", text="请发照片"),
        row(time="2026-10-01 10:03:00", text="好"),
        row(time="2026-10-01 10:04:01", text="发了"),
    )
    import_log(source, name="shop", directory=logs)
    (conversation,) = read_conversations(logs)
    assert len(conversation.messages) == 5
    assert [u.text for u in utterances(conversation, senders=("customer",))] == [
        "我昨天买的耳机，左边没声音",
        "好",
        "发了",
    ]


def test_a_phone_number_as_conversation_id_is_not_kept(tmp_path, logs):
    source = write(tmp_path / "log.csv", row(conversation="13812345678"), row(conversation="13912345678"))
    import_log(source, name="shop", directory=logs)
    ids = [c.id for c in read_conversations(logs)]
    assert len(set(ids)) == 2 and not any("1381234" in each or "1391234" in each for each in ids)


def test_progress_ends_at_the_size_of_the_file(tmp_path, logs):
    source = write(tmp_path / "log.csv", *(row(minute=n % 60) for n in range(2500)))
    seen: list[tuple[int, int]] = []
    import_log(source, name="shop", directory=logs, progress=lambda done, total: seen.append((done, total)))
    size = source.stat().st_size
    assert seen[-1] == (size, size)
    assert len(seen) == 3 and [done for done, _ in seen] == sorted(done for done, _ in seen)


@pytest.mark.parametrize(
    ("columns", "error"),
    [
        ({"text": "内容"}, "column '内容' for text is not in the file"),
        ({"inhalt": "text"}, "unknown field 'inhalt'"),
        ({"text": "3", "sender": "role"}, "mixes names and numbers"),
        ({"text": "3"}, "leaves out conversation_id, sender"),
        ({"text": ""}, "text is empty"),
        ({"conversation_id": "0", "sender": "1", "text": "99"}, "text=99, but the first line"),
    ],
)
def test_a_wrong_mapping_is_explained(tmp_path, logs, columns, error):
    source = write(tmp_path / "log.csv", row())
    with pytest.raises(LogColumnError, match=error):
        import_log(source, name="shop", directory=logs, columns=columns)
    assert list(logs.glob("*")) == []


def test_a_file_without_the_required_columns_is_refused(tmp_path, logs):
    with pytest.raises(LogColumnError, match="it has: a, b"):
        import_log(write(tmp_path / "log.csv", "1,2", header="a,b"), name="shop", directory=logs)


def test_files_that_cannot_be_logs(tmp_path, logs):
    with pytest.raises(LogFileError, match="no such file"):
        import_log(tmp_path / "none.csv", name="shop", directory=logs)
    with pytest.raises(LogFileError, match="'.xlsx'; expected .csv, .tsv, .jsonl"):
        import_log(tmp_path / "log.xlsx", name="shop", directory=logs)
    (tmp_path / "dir.csv").mkdir()
    with pytest.raises(LogFileError):
        import_log(tmp_path / "dir.csv", name="shop", directory=logs)
    (tmp_path / "empty.csv").touch()
    with pytest.raises(LogFileError, match="empty"):
        import_log(tmp_path / "empty.csv", name="shop", directory=logs)


@pytest.mark.parametrize("name", ["", "../oops", "a/b", "a.b", "x" * 65])
def test_names_that_are_no_file_names_are_refused(tmp_path, logs, name):
    with pytest.raises(LogNameError, match="log name"):
        import_log(write(tmp_path / "log.csv", row()), name=name, directory=logs)


def test_no_log_yet_means_nothing_to_read(tmp_path):
    assert list(read_conversations(tmp_path / "none")) == []
    assert list(read_pairs(tmp_path)) == []
    assert log_hash(tmp_path) == log_hash(tmp_path / "none")


def test_a_damaged_stored_log_is_named(tmp_path):
    (tmp_path / "shop.jsonl").write_text('{"id": "a"}\n', encoding="utf-8")
    with pytest.raises(StoredLogError, match=r"shop.jsonl line 1"):
        list(read_conversations(tmp_path))


@pytest.mark.skipif(
    not REFERENCE or not (Path(REFERENCE) / "logs" / "jddc_sample.tsv").is_file(),
    reason="YINGDA_REFERENCE_DATA does not name a folder with logs/jddc_sample.tsv",
)
def test_a_real_company_log_imports_without_a_lost_row(logs):
    columns = {"conversation_id": "0", "customer_id": "1", "sender": "2", "transferred": "3", "text": "6"}
    source = Path(REFERENCE) / "logs" / "jddc_sample.tsv"
    report = import_log(source, name="reference", directory=logs, columns=columns)
    assert report.rows == report.messages == 12136
    assert report.conversations == 994
    assert report.pairs > 2000


def test_logs_are_listed_with_what_their_import_reported(tmp_path, logs):
    assert log_names(logs) == []
    report = import_log(write(tmp_path / "log.csv", row()), name="shop", directory=logs)
    import_log(write(tmp_path / "log.csv", row()), name="自营", directory=logs)
    assert log_names(logs) == ["shop", "自营"]
    assert log_report("shop", logs) == report
    (logs / "shop.report.json").write_text("{}", encoding="utf-8")
    (logs / "自营.report.json").unlink()
    assert log_report("shop", logs) is log_report("自营", logs) is log_report("../logs/shop", logs) is None


def test_a_removed_log_leaves_the_others_whole(tmp_path, logs):
    for name in ("shop", "shop-2"):
        import_log(write(tmp_path / "log.csv", row(), row(sender="?")), name=name, directory=logs)
    (logs / "shop.notes.txt").write_text("mine", encoding="utf-8")
    kept = {path.name: path.read_bytes() for path in logs.iterdir() if path.name.startswith(("shop-2", "shop.notes"))}
    assert len(kept) == 5
    remove_log("shop", logs)
    assert {path.name: path.read_bytes() for path in logs.iterdir()} == kept
    remove_log("shop-2", logs)
    assert [path.name for path in logs.iterdir()] == ["shop.notes.txt"]
    assert (tmp_path / "log.csv").exists()


@pytest.mark.parametrize("name", ["other", "../logs/shop", "shop.pairs", "", "*"])
def test_removing_what_is_not_there_removes_nothing(tmp_path, logs, name):
    import_log(write(tmp_path / "log.csv", row()), name="shop", directory=logs)
    with pytest.raises(LogNameError, match="log name"):
        remove_log(name, logs)
    assert len(list(logs.iterdir())) == 4


def test_the_message_about_an_unknown_log_says_which_there_are(tmp_path, logs):
    with pytest.raises(LogNameError, match="'other': no such log in .*logs; there is: none"):
        remove_log("other", logs)
    import_log(write(tmp_path / "log.csv", row()), name="shop", directory=logs)
    with pytest.raises(LogNameError, match="there is: shop"):
        remove_log("other", logs)
