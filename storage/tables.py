"""The product's tables, in one place so that a migration can be compared with them.

Times are UTC epoch seconds (float): SQLite has no time zone type, and one number compares the same
everywhere. JSON columns hold plain JSON. Identifiers are opaque strings made by the writer.
"""

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# --- who talks -------------------------------------------------------------------------------

participants = sa.Table(
    "participants",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),  # "v_…" visitor, "c_…" customer (c_ + customer id)
    sa.Column("customer_id", sa.String(64), index=True),  # only ever set from a verified identity
    sa.Column("merged_into", sa.String(64)),  # visitor → customer after a signed login
    sa.Column("created_at", sa.Float, nullable=False),
)

conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("participant_id", sa.String(64), sa.ForeignKey("participants.id"), nullable=False, index=True),
    sa.Column("channel", sa.String(32), nullable=False),  # widget | rest
    sa.Column("owner", sa.String(16), nullable=False, server_default="bot"),  # bot | human
    sa.Column("next_seq", sa.Integer, nullable=False, server_default="1"),
    sa.Column("score", sa.Integer),  # the customer's rating of the conversation, 1–5
    sa.Column("score_comment", sa.Text),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("updated_at", sa.Float, nullable=False),
)

# --- what is said ----------------------------------------------------------------------------

messages = sa.Table(  # the full transcript that people read; one row per bubble, in order
    "messages",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("conversation_id", sa.String(64), sa.ForeignKey("conversations.id"), nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("sender", sa.String(16), nullable=False),  # customer | bot | agent | system
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("data", sa.JSON, nullable=False),  # buttons (title + payload), sources, custom
    sa.Column("reply_to", sa.String(64), index=True),  # the customer message that this answers
    sa.Column("rating", sa.String(8)),  # up | down
    sa.Column("at", sa.Float, nullable=False),
    sa.UniqueConstraint("conversation_id", "seq"),
)

inbox = sa.Table(  # accepted customer messages and what became of them
    "inbox",
    metadata,
    sa.Column("message_id", sa.String(64), sa.ForeignKey("messages.id"), primary_key=True),
    sa.Column("conversation_id", sa.String(64), nullable=False),
    sa.Column("client_message_id", sa.String(64), nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("state", sa.String(16), nullable=False, index=True),  # pending | done | withheld | failed
    sa.Column("request", sa.JSON, nullable=False),  # the TurnRequest for the worker
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("accepted_at", sa.Float, nullable=False),
    sa.Column("done_at", sa.Float),
    sa.UniqueConstraint("conversation_id", "client_message_id"),
)

insights = sa.Table(  # what the insight model and the classifier read in one customer message
    "insights",
    metadata,
    sa.Column("message_id", sa.String(64), sa.ForeignKey("messages.id"), primary_key=True),
    sa.Column("conversation_id", sa.String(64), nullable=False, index=True),
    sa.Column("intent", sa.String(64)),
    sa.Column("intent_confidence", sa.Float),
    sa.Column("sentiment", sa.String(16)),
    sa.Column("frustration", sa.Float),
    sa.Column("data", sa.JSON, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
)

profiles = sa.Table(
    "profiles",
    metadata,
    sa.Column("participant_id", sa.String(64), sa.ForeignKey("participants.id"), primary_key=True),
    sa.Column("data", sa.JSON, nullable=False),
    sa.Column("updated_at", sa.Float, nullable=False),
)

handoffs = sa.Table(
    "handoffs",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("conversation_id", sa.String(64), nullable=False, index=True),
    sa.Column("message_id", sa.String(64), nullable=False, unique=True),
    sa.Column("reason", sa.String(64), nullable=False),
    sa.Column("because", sa.Text, nullable=False),
    sa.Column("queue", sa.String(64), nullable=False),
    sa.Column("priority", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),  # waiting | accepted | closed
    sa.Column("at", sa.Float, nullable=False),
)

unanswered = sa.Table(  # the teach queue
    "unanswered",
    metadata,
    sa.Column("message_id", sa.String(64), primary_key=True),
    sa.Column("conversation_id", sa.String(64), nullable=False, index=True),
    sa.Column("text", sa.Text, nullable=False),  # masked
    sa.Column("cause", sa.String(16), nullable=False),  # unknown | thumbs_down
    sa.Column("nearest", sa.JSON, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),  # open | taught | dismissed
    sa.Column("at", sa.Float, nullable=False),
)

# --- what the engine stores ------------------------------------------------------------------

tracker_events = sa.Table(
    "tracker_events",
    metadata,
    sa.Column("conversation_id", sa.String(255), primary_key=True),
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("message_id", sa.String(64)),  # the turn that made it; null beside rasa shell
    sa.Column("type", sa.String(64), nullable=False),
    sa.Column("timestamp", sa.Float),
    sa.Column("data", sa.JSON, nullable=False),
)

turn_results = sa.Table(
    "turn_results",
    metadata,
    sa.Column("message_id", sa.String(64), primary_key=True),
    sa.Column("conversation_id", sa.String(255), nullable=False, index=True),
    sa.Column("result", sa.JSON, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
)

# --- what the bot knows ----------------------------------------------------------------------

knowledge_entries = sa.Table(
    "knowledge_entries",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),  # question | article
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("title", sa.Text, nullable=False),  # the question, or the article's title
    sa.Column("variants", sa.JSON, nullable=False),  # other ways to ask (questions)
    sa.Column("body", sa.Text, nullable=False),  # the answer, or the article in Markdown
    sa.Column("tags", sa.JSON, nullable=False),
    sa.Column("valid_from", sa.Float),
    sa.Column("valid_until", sa.Float),
    sa.Column("content_hash", sa.String(64), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("source", sa.String(255), nullable=False),  # where it was imported from, or who wrote it
    sa.Column("deleted", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("updated_at", sa.Float, nullable=False),
    sa.Column("change", sa.Integer, nullable=False, index=True),  # position in the stream of changes
)

knowledge_clock = sa.Table(  # one row; its value grows with each published change
    "knowledge_clock",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("value", sa.Integer, nullable=False),
)
