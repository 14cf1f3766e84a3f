"""What the storage functions raise about the caller's data.

    StorageError
    ├── UnknownParticipant (LookupError)    no such participant
    ├── UnknownConversation (LookupError)   no such conversation, or not this participant's
    ├── UnknownMessage (LookupError)        no such message in the conversation
    ├── UnknownHandoff (LookupError)        no such hand-off, or not in the wanted state
    ├── UnknownQuestion (LookupError)       no such row in the teach queue, or already resolved
    └── NotRatable (ValueError)             the message is not an answer that can be rated

Faults of the database itself (locked, full, unreachable) are not wrapped: the caller tries again later.
"""


class StorageError(Exception):
    """Base of everything that storage raises about its arguments; `id` is the one that it is about."""

    def __init__(self, id: str, message: str) -> None:
        super().__init__(message)
        self.id = id


class UnknownParticipant(StorageError, LookupError):
    """The participant does not exist: a token outlived the database that it was issued for."""

    def __init__(self, id: str) -> None:
        super().__init__(id, f"participant {id!r} is unknown")


class UnknownConversation(StorageError, LookupError):
    """The conversation does not exist or belongs to somebody else; the two look the same on purpose."""

    def __init__(self, id: str) -> None:
        super().__init__(id, f"conversation {id!r} is unknown to this participant")


class UnknownMessage(StorageError, LookupError):
    """The message does not exist in this conversation, or was never accepted."""

    def __init__(self, id: str) -> None:
        super().__init__(id, f"message {id!r} is unknown here")


class UnknownHandoff(StorageError, LookupError):
    """No hand-off with this ticket is in the state that the step needs."""

    def __init__(self, id: str, *, state: str) -> None:
        super().__init__(id, f"hand-off {id!r}: none in state {state!r} has this ticket")


class UnknownQuestion(StorageError, LookupError):
    """No open row of the teach queue has this message id."""

    def __init__(self, id: str) -> None:
        super().__init__(id, f"question {id!r}: no open row of the teach queue has this message id")


class NotRatable(StorageError, ValueError):
    """Only the bot's answers from knowledge carry thumbs."""

    def __init__(self, id: str) -> None:
        super().__init__(id, f"message {id!r} is not an answer from knowledge and takes no rating")
