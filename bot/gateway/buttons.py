"""Button tokens: what a button does, sealed, so that a page can hand it back but neither read nor change it.

An intent payload ("/request_refund{…}") reaches the engine only out of such a token, never out of typed text.
"""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.gateway.errors import Unprocessable

_MAX_TOKEN = 4096


@dataclass(frozen=True)
class Button:
    """A pressed button: the title that the customer saw, and what it means to the engine."""

    title: str
    payload: str

    @property
    def intent_payload(self) -> str | None:
        """The payload, when it addresses the engine; None for a button that only stands for words."""
        return self.payload if self.payload.startswith("/") else None

    @property
    def words(self) -> str:
        """What the customer says by pressing it."""
        return self.title if self.intent_payload else self.payload


class Buttons:
    """Seals and opens button tokens of one installation; `clock` gives UTC epoch seconds."""

    def __init__(self, *, secret_key: str, seconds: float, clock: Callable[[], float]) -> None:
        derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"yingda buttons 1")
        self._fernet = Fernet(base64.urlsafe_b64encode(derive.derive(secret_key.encode())))
        self._seconds = int(seconds)
        self._clock = clock

    def seal(self, *, conversation_id: str, title: str, payload: str, at: float) -> str:
        """Return the token of a button that was offered at `at` (epoch seconds) in the conversation."""
        content = json.dumps({"c": conversation_id, "t": title, "p": payload}, ensure_ascii=False)
        return self._fernet.encrypt_at_time(content.encode(), int(at)).decode()

    def open(self, token: str, *, conversation_id: str) -> Button:
        """Return the button that a token stands for.

        :raises Unprocessable: button_invalid (forged, damaged), button_expired, or button_foreign (offered in another
            conversation).
        """
        remedy = "press a button of a newer message, or write"
        try:
            sealed = token.encode("ascii")
            if len(sealed) > _MAX_TOKEN:
                raise ValueError("too long")
            offered_at = self._fernet.extract_timestamp(sealed)
            content = json.loads(self._fernet.decrypt(sealed))
        except (InvalidToken, ValueError) as error:
            raise Unprocessable(
                "button_invalid", "This button is not one of ours.", key="button_token", remedy=remedy
            ) from error
        if self._clock() > offered_at + self._seconds:
            raise Unprocessable("button_expired", "This button is too old.", key="button_token", remedy=remedy)
        if content["c"] != conversation_id:
            raise Unprocessable(
                "button_foreign", "This button belongs to another conversation.", key="button_token", remedy=remedy
            )
        return Button(title=content["t"], payload=content["p"])
