"""What the storage functions raise about the caller's data.

    StorageError
    ├── UnknownConversation (LookupError)   no such conversation, or not this participant's
    ├── UnknownMessage (LookupError)        no such message in the conversation
    ├── UnknownHandoff (LookupError)        no such hand-off, or not in the wanted state
    ├── UnknownQuestion (LookupError)       no such row in the teach queue, or already resolved
    └── NotRatable (ValueError)             the message is not an answer that can be rated

Faults of the database itself (locked, full, unreachable) are not wrapped: the caller tries again later.
"""


class StorageError(Exception):
    """Base of everything that storage raises about its arguments."""


class UnknownConversation(StorageError, LookupError):
    """The conversation does not exist or belongs to somebody else; the two look the same on purpose."""


class UnknownMessage(StorageError, LookupError):
    """The message does not exist in this conversation."""


class UnknownHandoff(StorageError, LookupError):
    """No hand-off with this ticket is in the state that the step needs."""


class UnknownQuestion(StorageError, LookupError):
    """No open row of the teach queue has this message id."""


class NotRatable(StorageError, ValueError):
    """Only the bot's answers from knowledge carry thumbs."""
