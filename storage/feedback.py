"""What customers think of the answers: thumbs on a message, one to five for a conversation."""

from collections.abc import Callable

from sqlalchemy.engine import Connection

from storage import conversations, messages, teaching
from storage.errors import NotRatable
from storage.messages import Message
from storage.tables import conversations as conversation_rows
from storage.tables import messages as message_rows

UP, DOWN = "up", "down"
SCORES = range(1, 6)


def rate_message(
    conn: Connection,
    *,
    conversation_id: str,
    participant_id: str,
    message_id: str,
    value: str,
    mask: Callable[[str], str],
    now: float,
) -> Message:
    """Set the thumb of one answer and return the message; a thumb down puts the question in the teach queue.

    The thumb may be turned; turned up again, a question that only the thumb had queued leaves the queue. A question
    that a person has dismissed or taught stays so unless the thumb changes.

    :raises storage.errors.UnknownConversation: when the conversation is not this participant's.
    :raises storage.errors.UnknownMessage: when the conversation has no such message.
    :raises storage.errors.NotRatable: when the message is not an answer from knowledge.
    :raises ValueError: when the value is neither "up" nor "down".
    """
    if value not in (UP, DOWN):
        raise ValueError(f"value {value!r}: expected {UP!r} or {DOWN!r}")
    conversations.lock(conn, conversation_id=conversation_id, participant_id=participant_id)
    answer = messages.find(conn, conversation_id=conversation_id, message_id=message_id)
    if not answer.ratable:
        raise NotRatable(message_id)
    if answer.rating == value:
        return answer
    conn.execute(message_rows.update().where(message_rows.c.id == message_id).values(rating=value))
    if answer.reply_to is not None:
        _follow(conn, answer, value, mask, now)
    return messages.find(conn, conversation_id=conversation_id, message_id=message_id)


def rate_conversation(
    conn: Connection, *, conversation_id: str, participant_id: str, score: int, comment: str | None
) -> None:
    """Set the conversation's score (1 to 5) and comment; rating again replaces both.

    :raises storage.errors.UnknownConversation: when the conversation is not this participant's.
    :raises ValueError: when the score is out of range.
    """
    if score not in SCORES:
        raise ValueError(f"score {score!r}: expected a whole number from {SCORES[0]} to {SCORES[-1]}")
    conversations.lock(conn, conversation_id=conversation_id, participant_id=participant_id)
    conn.execute(
        conversation_rows.update()
        .where(conversation_rows.c.id == conversation_id)
        .values(score=score, score_comment=comment)
    )


def _follow(conn: Connection, answer: Message, value: str, mask: Callable[[str], str], now: float) -> None:
    if value == UP:
        teaching.withdraw_thumbs_down(conn, message_id=answer.reply_to)
        return
    question = messages.find(conn, conversation_id=answer.conversation_id, message_id=answer.reply_to)
    queued = teaching.queue(
        conn,
        message_id=question.id,
        conversation_id=question.conversation_id,
        masked_text=mask(question.text),
        cause=teaching.THUMBS_DOWN,
        nearest=[source["entry_id"] for source in answer.data.get("sources", ())],
        now=now,
    )
    if not queued:
        teaching.reopen_thumbs_down(conn, message_id=question.id)
