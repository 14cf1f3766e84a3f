"""What a start needs, each step only if its result is not there yet: database, shop, logs, knowledge, model."""

import datetime as dt
import json
import os
import time
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from bot.settings import Settings
from bot.training.train import train
from storage.database import open_database, transaction
from storage.migration import migrate

#: Seed of the sample log: everybody's sample company has the same history.
SAMPLE_SEED = 20
SAMPLE_CONVERSATIONS = 600
#: Last day of the sample log. Fixed, so that the log, and what is trained from it, stays the same from day to day.
SAMPLE_ENDING = dt.date(2026, 11, 1)
SAMPLE_LOG = "sample"
#: Names the sample among the imported logs, together with its name: a company may call its own log "sample", too.
SAMPLE_SOURCE = "yingda-sample-log.csv"
#: Days for which the sample's seed date stays. Its current promotion is valid for longer than that.
SEED_DATE_DAYS = 60


def prepare(settings: Settings, *, root: Path, console: Console, today: dt.date | None = None) -> Path:
    """Bring everything up to date and return the model to serve.

    With `demo` on, the sample company is filled in; without it only the database is migrated, a sample log left
    by an earlier demo removed, and the model trained.

    :param today: the day of the start, UTC.
    :raises bot.training.train.TrainingFailed: when the model cannot be trained.
    :raises ValueError: when knowledge files or imported logs cannot be read.
    """
    started = time.perf_counter()
    migrate(settings.database)
    if settings.demo:
        _sample_company(settings, root, console, today or dt.datetime.now(dt.timezone.utc).date())
    elif remove_sample_log(settings):
        console.print("sample log: removed, YINGDA_DEMO is false")
    model, fresh = train(settings, root=root)
    console.print(f"model: {escape(model.name)} ({'trained' if fresh else 'unchanged'})")
    console.print(f"prepared in {time.perf_counter() - started:.0f} s")
    return model


def publish_knowledge(settings: Settings, directory: Path, *, seed_date: dt.date) -> str:
    """Publish the files of `directory`; entries that came from there before and are gone now are retired.

    :raises ValueError: when a file cannot be read; nothing is published then.
    """
    from retrieval.knowledge_files import read_knowledge
    from storage.knowledge import entries_from, publish, retire

    migrate(settings.database)
    drafts = read_knowledge(directory, seed_date=seed_date)
    source = f"files:{directory.resolve().name}"
    database = open_database(settings.database)
    try:
        with transaction(database) as connection:
            report = publish(connection, drafts, source=source, now=time.time())
            gone = entries_from(connection, source) - {draft.id for draft in drafts}
            retire(connection, gone, now=time.time())
    finally:
        database.dispose()
    return (
        f"knowledge: {len(report.added)} added, {len(report.changed)} changed, "
        f"{len(report.unchanged)} unchanged, {len(gone)} retired"
    )


def remove_sample_log(settings: Settings, *, imported: str | None = None) -> bool:
    """Remove the log that the demo imported, so that no company's model learns from it; return whether it was there.

    A company's own log of the same name stays: it was imported from another file.

    :param imported: name of the log that takes its place; the sample does not make way for itself.
    """
    from nlu_data.logs import log_names, log_report, remove_log

    if imported == SAMPLE_LOG or SAMPLE_LOG not in log_names(settings.logs_dir):
        return False
    report = log_report(SAMPLE_LOG, settings.logs_dir)
    if report is None or report.source != SAMPLE_SOURCE:
        return False
    remove_log(SAMPLE_LOG, settings.logs_dir)
    return True


def sample_seed_date(directory: Path, *, today: dt.date) -> dt.date:
    """Return the day that the sample's validity days count from, kept in `directory`.

    It stays the same for SEED_DATE_DAYS, so that a start changes no entry, and then moves to `today`, so that the
    sample's current promotion is never over.
    """
    path = directory / "seed-date.json"
    try:
        stored = dt.date.fromisoformat(json.loads(path.read_text(encoding="utf-8"))["seed_date"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        stored = None
    # A stored day that is still to come was written by a wrong clock.
    if stored is not None and 0 <= (today - stored).days <= SEED_DATE_DAYS:
        return stored
    directory.mkdir(parents=True, exist_ok=True)
    fresh = directory / f"{path.name}.{os.getpid()}"
    fresh.write_text(json.dumps({"seed_date": today.isoformat()}) + "\n", encoding="utf-8")
    fresh.replace(path)
    return today


def _sample_company(settings: Settings, root: Path, console: Console, today: dt.date) -> None:
    from nlu_data.logs import import_log, log_names
    from nlu_data.sample_log import write_sample_log
    from nlu_data.sample_shop import seed_shop

    shop = open_database(settings.shop_database)
    try:
        console.print(f"sample shop: {seed_shop(shop)}")
    finally:
        shop.dispose()
    sample = settings.data_dir / "sample"
    # A company's own imported logs come instead of the sample, not beside it.
    if not log_names(settings.logs_dir):
        csv = sample / SAMPLE_SOURCE
        csv.parent.mkdir(parents=True, exist_ok=True)
        write_sample_log(csv, seed=SAMPLE_SEED, conversations=SAMPLE_CONVERSATIONS, ending=SAMPLE_ENDING)
        report = import_log(csv, name=SAMPLE_LOG, directory=settings.logs_dir)
        console.print(
            f"sample log: {report.conversations} conversations, {report.messages} messages, {report.pairs} pairs"
        )
    seed_date = sample_seed_date(sample, today=today)
    console.print(publish_knowledge(settings, root / "nlu_data" / "knowledge", seed_date=seed_date))
