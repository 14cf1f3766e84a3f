"""Buttons: the payload by which Rasa takes a click as an intent with entities."""

import json


def payload(intent: str, **entities: str) -> str:
    """Return e.g. `/track_order{"order_number": "YS2611050001"}`; the gateway hands it out as a signed token only."""
    return f"/{intent}{json.dumps(entities, ensure_ascii=False)}" if entities else f"/{intent}"
