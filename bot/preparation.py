"""What a start needs, each step only if its result is not there yet: database, shop, logs, knowledge, model."""

import datetime as dt
import time
from pathlib import Path

from rich.console import Console

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


def prepare(settings: Settings, *, root: Path, console: Console) -> Path:
    """Bring everything up to date and return the model to serve.

    With `demo` on, the sample company is filled in; without it only the database is migrated and the model trained.

    :raises bot.training.train.TrainingFailed: when the model cannot be trained.
    """
    started = time.perf_counter()
    migrate(settings.database)
    if settings.demo:
        _sample_company(settings, root, console)
    model, fresh = train(settings, root=root)
    console.print(f"model: {model.name} ({'trained' if fresh else 'unchanged'})")
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


def _sample_company(settings: Settings, root: Path, console: Console) -> None:
    from nlu_data.sample_shop import seed_shop

    shop = open_database(settings.shop_database)
    try:
        console.print(f"sample shop: {seed_shop(shop)}")
    finally:
        shop.dispose()
    # A company's own imported logs come instead of the sample, not beside it.
    if not any(settings.logs_dir.glob("*.jsonl")):
        from nlu_data.logs import import_log
        from nlu_data.sample_log import write_sample_log

        csv = settings.data_dir / "sample" / "log.csv"
        csv.parent.mkdir(parents=True, exist_ok=True)
        write_sample_log(csv, seed=SAMPLE_SEED, conversations=SAMPLE_CONVERSATIONS, ending=SAMPLE_ENDING)
        report = import_log(csv, name=SAMPLE_LOG, directory=settings.logs_dir)
        console.print(
            f"sample log: {report.conversations} conversations, {report.messages} messages, {report.pairs} pairs"
        )
    # Counted from today, so that the sample's current promotion is never over.
    today = dt.datetime.now(dt.timezone.utc).date()
    console.print(publish_knowledge(settings, root / "nlu_data" / "knowledge", seed_date=today))
