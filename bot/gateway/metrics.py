"""What Prometheus is told. Each app has its own registry, so that two apps in one process do not collide."""

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60)


class Metrics:
    """The gateway's counters; attributes are prometheus-client's own objects."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.accepted = Counter(
            "yingda_messages_accepted", "Customer messages committed to the inbox", registry=self.registry
        )
        self.duplicates = Counter(
            "yingda_messages_duplicate", "Messages sent again under a known client id", registry=self.registry
        )
        self.turns = Counter("yingda_turns", "Turns by what became of them", ["state"], registry=self.registry)
        self.replies = Counter("yingda_replies", "Published replies by kind", ["kind"], registry=self.registry)
        self.attempts_failed = Counter(
            "yingda_worker_attempts_failed", "Attempts without a result, by cause", ["cause"], registry=self.registry
        )
        self.storage_errors = Counter(
            "yingda_dispatch_errors", "Turns put off because of an unexpected error", registry=self.registry
        )
        self.turn_seconds = Histogram(
            "yingda_turn_seconds", "From acceptance to published reply", buckets=_SECONDS, registry=self.registry
        )
        self.worker_seconds = Histogram(
            "yingda_worker_seconds", "One successful worker call", buckets=_SECONDS, registry=self.registry
        )
        self.connections = Gauge("yingda_connections", "Open WebSocket connections", registry=self.registry)
        self.backlog = Gauge("yingda_inbox_pending", "Messages that are owed a turn", registry=self.registry)
        self.backlog_age = Gauge(
            "yingda_inbox_oldest_seconds", "Age of the oldest message that is owed a turn", registry=self.registry
        )

    def text(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self.registry)
