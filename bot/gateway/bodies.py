"""What every request body has in common."""

from typing import Any

from pydantic import BaseModel, Extra
from pydantic.errors import DictError


class StrictBody(BaseModel):
    """A JSON object with known names only."""

    class Config:
        extra = Extra.forbid

    @classmethod
    def validate(cls, value: Any) -> "StrictBody":
        # pydantic 1 would also take a list of pairs, an empty list included.
        if not isinstance(value, (dict, cls)):
            raise DictError()
        return super().validate(value)
